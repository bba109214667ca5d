"""Storage formats of word vectors, one to a file."""
