"""Estimators with scikit-learn's interface, one for each network."""
