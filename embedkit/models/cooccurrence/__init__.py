"""Counts of words beside words, and of words in documents: counting, the file, and the estimator."""
