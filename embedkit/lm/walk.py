"""Walks over tries: links, totals of contexts, and where the n-grams of one trie stand in another."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from embedkit._cext import ngram_trie
from embedkit.lm.trie import BOS, Trie

if TYPE_CHECKING:
    from embedkit.lm.counting import NgramCounts

__all__ = ["begins", "context_totals", "links_of", "lower_order", "node_map"]


def links_of(trie: Trie, n_threads: int = 1, room: np.ndarray | None = None) -> np.ndarray:
    """The link of each node, found where the trie has none yet: ndarray of uint32, (n_nodes,).

    Parameters
    ----------
    trie : Trie
    n_threads : int
    room : ndarray of uint32, (n_nodes,), optional
        Where to write them.
    """
    if len(trie.link) == trie.n_nodes:
        return trie.link
    link = np.empty(trie.n_nodes, np.uint32) if room is None else room
    link[: trie.starts[2]] = 0
    for n in range(1, trie.order):
        ngram_trie.link_children(trie.first, trie.words, link, *trie.level(n), n_threads)
    trie.link = link
    return link


def begins(trie: Trie) -> list[tuple[int, int]]:
    """For each order from 1 the nodes whose n-gram begins with <s>: the first, and the one behind the last."""
    ranges = [(1 + BOS, 2 + BOS)]
    for _ in range(2, trie.order + 1):
        begin, end = ranges[-1]
        ranges.append((int(trie.first[begin]), int(trie.first[end])))
    return ranges


def context_totals(counts: "NgramCounts") -> np.ndarray:
    """How often each n-gram below the highest order is followed by a word: ndarray of int64, (starts[order],).

    The empty n-gram is followed by all words but <s>.
    """
    trie = counts.trie
    sums = np.concatenate([[0], np.cumsum(counts.totals, dtype=np.int64)])
    ends = trie.first.astype(np.int64)
    totals = sums[ends[1:]] - sums[ends[:-1]]
    totals[0] -= int(counts.totals[1 + BOS])
    return totals


def node_map(trie: Trie, other: Trie, word_map: np.ndarray | None = None) -> np.ndarray:
    """Nodes of another trie that stand for the same n-grams, -1 where it has none: ndarray of int64, (n_nodes,).

    Parameters
    ----------
    trie, other : Trie
    word_map : ndarray of int64, (trie.n_words,), optional
        Id in `other` of each word, which must have one; by default the ids are the same.
    """
    words = np.arange(trie.n_words) if word_map is None else word_map
    there = np.full(trie.n_nodes, -1, np.int64)
    there[0] = 0
    there[1 : trie.starts[2]] = words + 1
    for n in range(2, min(trie.order, other.order) + 1):
        begin, end = trie.level(n)
        parents = there[trie.parents(n)]
        wanted = (parents << 32) + words[trie.words[begin:end]]
        first, stop = other.level(n)
        keys = (other.parents(n) << 32) + other.words[first:stop]
        places = np.searchsorted(keys, wanted)
        places[places == len(keys)] = 0
        found = (parents >= 0) & (keys[places] == wanted) if len(keys) else np.zeros(len(wanted), bool)
        there[begin:end] = np.where(found, places + first, -1)
    return there


def lower_order(
    trie: Trie, log_prob: np.ndarray, log_backoff: Callable[[np.ndarray], np.ndarray], n: int, parents: np.ndarray
) -> np.ndarray:
    """Logarithms of the probabilities of last words behind the context without its first word.

    Where the trie has no such n-gram, that is backed off.

    Parameters
    ----------
    trie : Trie
        With links.
    log_prob : ndarray of float64, (n_nodes,)
        Known for the orders below `n`.
    log_backoff : callable
        Gives the logarithms of the weights of nodes below order `n` - 1.
    n : int
        Of the n-grams.
    parents : ndarray of int64, (n_ngrams[n - 1],)
        Those of `Trie.parents`.

    Returns
    -------
    ndarray of float64, (n_ngrams[n - 1],)
    """
    begin, end = trie.level(n)
    target, context = trie.link[begin:end].astype(np.int64), trie.link[parents].astype(np.int64)
    result = log_prob[target].astype(np.float64)
    wanted = _levels(trie, target) - 1
    while True:
        # A context that is longer than the one of the n-gram that there is: its weight is passed.
        behind = _levels(trie, context) > wanted
        if not behind.any():
            return result
        result[behind] += log_backoff(context[behind])
        context[behind] = trie.link[context[behind]]


def _levels(trie: Trie, nodes: np.ndarray) -> np.ndarray:
    """Order of the n-gram of each node."""
    return np.searchsorted(trie.starts, nodes, side="right") - 1
