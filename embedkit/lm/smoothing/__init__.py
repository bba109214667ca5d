"""Smoothing methods of n-gram language models: what each takes off the counts of an order."""
