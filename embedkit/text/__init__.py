"""Corpus streams, tokenisers, vocabulary, and the encoding of text as ids."""
