"""Naive twin of the weighting of counts: the formula on a dense matrix, one pair after the other."""

import math

import numpy as np


def pmi(counts, shift, smoothing, positive, context_counts=None):
    """log(P(w, c) / (P(w) P(c))) - log(shift), P(c) smoothed; zero where no pair was seen or no context is known."""
    counts = np.asarray(counts, np.float64)
    total = counts.sum()
    sums = counts.sum(axis=0) if context_counts is None else np.asarray(context_counts, np.float64)
    powers = [s**smoothing if s > 0 else 0.0 for s in sums]
    weights = np.zeros_like(counts)
    for w, c in np.ndindex(*counts.shape):
        if counts[w, c] > 0 and powers[c] > 0:
            joint, word = counts[w, c] / total, counts[w].sum() / total
            value = math.log(joint / (word * powers[c] / sum(powers))) - math.log(shift)
            weights[w, c] = max(value, 0.0) if positive else value
    return weights
