"""Skip-gram and CBOW: parameters, training over encoded text, and the estimator."""
