"""Smoothing methods of n-gram language models, a method a file."""
