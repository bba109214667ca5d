"""Naive twins of the co-occurrence kernels, and small encoded corpora to count."""

from collections import defaultdict
from types import SimpleNamespace

import numpy as np

from embedkit.text.vocabulary import Vocabulary


def count(ids, weights, *, left=True, right=True, begin=0, end=None):
    """Sums of weights of (word, neighbour), for occurrences from `begin` to `end`; a negative id ends a document."""
    sums = defaultdict(int)
    for place in range(begin, len(ids) if end is None else end):
        if ids[place] < 0:
            continue
        for side, wanted in ((-1, left), (1, right)):
            for distance, weight in enumerate(weights, 1):
                at = place + side * distance
                if not wanted or not 0 <= at < len(ids) or ids[at] < 0:
                    break
                sums[int(ids[place]), int(ids[at])] += weight
    return dict(sums)


def weight(distance, kind, window):
    """What a neighbour weighs."""
    return {"flat": 1.0, "harmonic": 1 / distance, "linear": (window - distance + 1) / window}[kind]


def term_document(documents):
    """Occurrences of (word, number of the document)."""
    counts = defaultdict(int)
    for number, document in enumerate(documents):
        for word in document:
            counts[word, number] += 1
    return dict(counts)


def encoded_ids(ids, n_words):
    """What counting needs of an encoded corpus."""
    words = [f"w{i}" for i in range(n_words)]
    vocabulary = Vocabulary.from_ordered(words, np.arange(n_words, 0, -1))
    return SimpleNamespace(ids=np.ascontiguousarray(ids, np.int32), vocabulary=vocabulary)


def random_corpus(n_ids, n_words, seed=0, ends=0.02, spread=3):
    """Ids of which about the first `spread` are the most frequent, in documents of about 1 / `ends` words."""
    random = np.random.default_rng(seed)
    ids = (random.pareto(0.8, n_ids) * spread).astype(np.int64) % n_words
    return encoded_ids(np.where(random.random(n_ids) < ends, -1, ids), n_words)
