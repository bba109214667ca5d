"""Word vectors: the mapping from word to vector, its files, and the questions one asks of it."""
