"""Truncated SVD of sparse matrices, and what it makes of counts: PPMI, SVD embeddings, LSA."""
