"""Estimators that learn embeddings."""
