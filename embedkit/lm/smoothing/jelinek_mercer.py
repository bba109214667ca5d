"""Jelinek-Mercer smoothing: the weights of the orders, by EM on held-out text."""

import numpy as np

from embedkit.lm.counting import NgramCounts
from embedkit.lm.trie import BOS, Trie
from embedkit.lm.walk import context_totals, links_of, node_map

__all__ = ["MOST_WEIGHT", "estimate_weights"]

MOST_WEIGHT = 0.999
"""So that words which never follow a context keep a probability."""
ROUNDS = 200
TOLERANCE = 1e-7


def estimate_weights(counts: NgramCounts, held_out: NgramCounts) -> list[float]:
    """Weights that make held-out text most probable.

    With them, ``p(w|h) = weight c(hw) / c(h) + (1 - weight) p(w|h')`` (Chen and Goodman 1999, section 2.2). The weight
    of order 1 leaves the rest to the uniform distribution.

    An event is a word of the text in its context. The weight of order n is the share of the events whose context of
    that order occurs, and which no longer order explains, that the relative frequency of order n explains: an EM step
    of a mixture in which each order passes on what it leaves (Jelinek and Mercer 1980, section 4).

    Parameters
    ----------
    counts : NgramCounts
        Of the training text.
    held_out : NgramCounts
        Of other text, over the same words and of no higher order.

    Returns
    -------
    list of float
        For order 1, 2, ..., each at most `MOST_WEIGHT`.
    """
    frequencies, seen, times = _events(counts, held_out)
    uniform = 1.0 / (counts.trie.n_words - 1)
    weights = np.full(counts.order, 0.5)
    for _ in range(ROUNDS):
        # probability[:, n]: of the event by the orders up to n.
        probability = np.empty((len(times), counts.order + 1))
        probability[:, 0] = uniform
        for n in range(counts.order):
            share = np.where(seen[:, n], weights[n], 0.0)
            probability[:, n + 1] = share * frequencies[:, n] + (1 - share) * probability[:, n]
        reached = times.astype(np.float64)  # how much of each event is left to this order and the shorter ones
        before = weights.copy()
        for n in range(counts.order - 1, -1, -1):
            share = np.where(seen[:, n], weights[n], 0.0)
            own = reached * share * frequencies[:, n] / probability[:, n + 1]
            total = float(reached[seen[:, n]].sum())
            if total > 0:
                weights[n] = min(MOST_WEIGHT, float(own.sum()) / total)
            reached -= own
        if np.abs(weights - before).max() < TOLERANCE:
            break
    return [float(weight) for weight in weights]


def _events(counts: NgramCounts, held_out: NgramCounts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Relative frequencies by order, whether the context occurs, and how often each event comes."""
    trie, order = held_out.trie, counts.order
    links = links_of(trie)
    there = node_map(trie, counts.trie)
    totals = context_totals(counts)
    parent = np.concatenate([[0], *(trie.parents(n) for n in range(1, trie.order + 1))])
    nodes = _longest(trie)
    times = held_out.totals[nodes].astype(np.int64)
    nodes, times = nodes[times > 0], times[times > 0]
    frequencies = np.zeros((len(nodes), order))
    seen = np.zeros((len(nodes), order), bool)
    place = nodes.copy()
    level = np.searchsorted(trie.starts, place, side="right") - 1
    for n in range(trie.order, 0, -1):
        at = level == n
        contexts = there[parent[place[at]]]
        known = contexts >= 0
        total = np.where(known, totals[contexts], 0)
        own = there[place[at]]
        count = np.where(own >= 0, counts.totals[own], 0)
        seen[at, n - 1] = total > 0
        frequencies[at, n - 1] = count / np.maximum(total, 1)
        place[at] = links[place[at]]
        level[at] -= 1
    return frequencies, seen, times


def _longest(trie: Trie) -> np.ndarray:
    """N-grams that end in a word with all of its context: those of the highest order, and those that begin with <s>."""
    nodes = [np.arange(*trie.level(trie.order))] if trie.order > 1 else [np.delete(np.arange(*trie.level(1)), BOS)]
    begin, end = 1 + BOS, 2 + BOS
    for _ in range(2, trie.order):
        begin, end = int(trie.first[begin]), int(trie.first[end])
        nodes.append(np.arange(begin, end))
    return np.concatenate(nodes)
