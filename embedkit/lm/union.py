"""Larger tries: with the n-grams of several models, or with all shorter ends of a model's own."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from embedkit.lm.trie import UNK, Trie
from embedkit.lm.walk import links_of, lower_order, node_map

if TYPE_CHECKING:
    from embedkit.lm.model import NgramModel

__all__ = ["close_model", "log_probs_on", "own_words", "union_trie", "unknown_share"]


class _Part:
    """N-grams to unite: those of a trie without their first words.

    Parameters
    ----------
    trie : Trie
    ids : ndarray of int64, (n_words,)
        Of its words in the union.
    skip : int
        How many first words are left out.
    """

    def __init__(self, trie: Trie, ids: np.ndarray, skip: int = 0) -> None:
        self.trie, self.ids, self.skip = trie, ids, skip
        self.nodes = np.zeros(trie.n_nodes, np.int64)  # of the union, for the levels so far
        begin, end = trie.level(1 + skip)
        self.nodes[begin:end] = ids[trie.words[begin:end]] + 1

    def keys(self, n: int) -> np.ndarray:
        """Parent in the union and last word of the n-grams that have n words left."""
        level = n + self.skip
        if level > self.trie.order:
            return np.empty(0, np.int64)
        begin, end = self.trie.level(level)
        return (self.nodes[self.trie.parents(level)] << 32) + self.ids[self.trie.words[begin:end]]

    def place(self, n: int, nodes: np.ndarray) -> None:
        """Note the nodes of the n-grams that have n words left."""
        if n + self.skip <= self.trie.order:
            begin, end = self.trie.level(n + self.skip)
            self.nodes[begin:end] = nodes


def union_trie(tries: Sequence[Trie], ids: Sequence[np.ndarray], n_words: int, n_threads: int = 1) -> Trie:
    """The n-grams of all tries.

    Parameters
    ----------
    tries : sequence of Trie
    ids : sequence of ndarray of int64, (n_words,)
        Of the words of each trie in the union.
    n_words : int
        Of the union.
    n_threads : int
    """
    return _united([_Part(trie, one) for trie, one in zip(tries, ids, strict=True)], n_words, n_threads)


def close_model(model: "NgramModel", n_threads: int = 1) -> None:
    """Give a model every shorter end of its n-grams, in place, with the probability that backing off gives.

    What it answers does not change, but for the lengths of the n-grams that match: these are KenLM's then.

    Parameters
    ----------
    model : NgramModel
        Its numbers are float64.
    n_threads : int
    """
    trie = model.trie
    levels = range(3, trie.order + 1)
    if all(bool((trie.link[slice(*trie.level(n))] >= trie.starts[n - 1]).all()) for n in levels):
        return
    ids = np.arange(trie.n_words)
    closed = _united([_Part(trie, ids, skip) for skip in range(trie.order - 1)], trie.n_words, n_threads)
    own = node_map(closed, trie)[: closed.starts[closed.order]]
    backoff = np.where(own >= 0, model.log_backoff[np.maximum(own, 0)], 0.0)
    model.log_prob = log_probs_on(closed, model, ids)
    model.log_backoff = backoff
    model.trie = closed
    model.changed()


def _united(parts: Sequence[_Part], n_words: int, n_threads: int) -> Trie:
    """The trie of all parts."""
    starts, first, words = [0, 1, n_words + 1], [np.array([1])], [np.array([0]), np.arange(n_words)]
    for n in range(2, max(part.trie.order - part.skip for part in parts) + 1):
        keys = [part.keys(n) for part in parts]
        union = np.unique(np.concatenate(keys))
        begin, end = starts[-2:]
        for part, one in zip(parts, keys, strict=True):
            part.place(n, end + np.searchsorted(union, one))
        children = np.bincount((union >> 32) - begin, minlength=end - begin)
        first.append(end + np.cumsum(children) - children)
        words.append(union & 0xFFFFFFFF)
        starts.append(end + len(union))
    first.append(np.array([starts[-1]]))
    trie = Trie(
        np.array(starts, np.int64),
        np.concatenate(first).astype(np.uint32),
        np.concatenate(words).astype(np.uint32),
        np.empty(0, np.uint32),
    )
    links_of(trie, n_threads)
    return trie


def log_probs_on(trie: Trie, model: "NgramModel", ids: np.ndarray) -> np.ndarray:
    """What a model says of the n-grams of a larger trie: logarithms of probabilities, (n_nodes,) float64.

    A word that the model does not know has its share of <unk>, as `unknown_share` says.

    Parameters
    ----------
    trie : Trie
    model : NgramModel
    ids : ndarray of int64, (model.trie.n_words,)
        Of the model's words in the trie.
    """
    known, foreign = own_words(ids, trie.n_words)
    share = np.where(foreign, unknown_share(model, trie.n_words), 0.0)
    own = np.maximum(node_map(trie, model.trie, known), 0)  # 0 where the model has no such n-gram
    probs, backoffs = model.numbers(np.float64)

    def weight(nodes: np.ndarray) -> np.ndarray:
        here = own[nodes]
        inside = (here > 0) & (here < len(backoffs))
        return np.where(inside, backoffs[np.where(inside, here, 0)], 0.0)

    result = np.zeros(trie.n_nodes)
    begin, end = trie.level(1)
    result[begin:end] = probs[own[begin:end]] + share
    for n in range(2, trie.order + 1):
        begin, end = trie.level(n)
        parents = trie.parents(n)
        here = own[begin:end]
        direct = probs[here] + share[trie.words[begin:end]]
        backed_off = lower_order(trie, result, weight, n, parents) + weight(parents)
        result[begin:end] = np.where(here > 0, direct, backed_off)
    return result


def own_words(ids: np.ndarray, n_words: int) -> tuple[np.ndarray, np.ndarray]:
    """For each word of a larger vocabulary: the id in a model, <unk> for what it does not know, and whether that is so.

    Parameters
    ----------
    ids : ndarray of int64
        Of the model's words in the larger vocabulary.
    n_words : int
        Of the larger vocabulary.
    """
    known = np.full(n_words, UNK, np.int64)
    known[ids] = np.arange(len(ids))
    return known, known == UNK


def unknown_share(model: "NgramModel", n_words: int) -> float:
    """Logarithm of the share of <unk> that a word has which a model does not know: the same for each, and for <unk>."""
    return -float(np.log10(n_words - model.trie.n_words + 1))
