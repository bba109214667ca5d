"""Text to matrices: counts, TF-IDF, hashing and pooled word vectors, as scikit-learn transformers."""
