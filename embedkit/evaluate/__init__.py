"""Scores for word vectors: analogies and similarity."""
