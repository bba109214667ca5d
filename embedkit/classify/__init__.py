"""Text classifiers: scikit-learn estimators, ready pipelines, and model files."""
