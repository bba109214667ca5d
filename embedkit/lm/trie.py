"""The flat trie of n-grams that counts and models share."""

from dataclasses import dataclass

import numpy as np

from embedkit._cext import ngrams

__all__ = ["BOS", "EOS", "LOG_ZERO", "MOST_ORDER", "SYMBOLS", "UNK", "Trie"]

UNK: int = ngrams.UNK
BOS: int = ngrams.BOS
EOS: int = ngrams.EOS
SYMBOLS = ("<unk>", "<s>", "</s>")
"""The words of the ids 0, 1 and 2: the unknown word, and the begin and end of a sentence."""
MOST_ORDER: int = ngrams.MOST_ORDER
LOG_ZERO = -99.0
"""The field's logarithm of 0, in files that have no infinity."""


@dataclass(eq=False)
class Trie:
    """N-grams as nodes of a trie, level by level.

    Node 0 is the empty n-gram, node 1 + i the word i; the nodes of level n are the n-grams of order n, in the order of
    their words.

    Attributes
    ----------
    starts : ndarray of int64, (order + 2,)
        First node of each level, and the number of all nodes.
    first : ndarray of uint32, (starts[order] + 1,)
        The children of node u, its n-grams with a word more, are the nodes ``first[u]`` to ``first[u + 1]``.
    words : ndarray of uint32, (n_nodes,)
        Last word of each n-gram; ascending among the children of a node.
    link : ndarray of uint32, (n_nodes,) or (0,)
        The n-gram without its first word or, where that is missing, the longest shorter end of it; empty where nothing
        has needed it yet.
    """

    starts: np.ndarray
    first: np.ndarray
    words: np.ndarray
    link: np.ndarray

    @property
    def order(self) -> int:
        """Length of the longest n-grams."""
        return len(self.starts) - 2

    @property
    def n_words(self) -> int:
        """Words of the vocabulary, <unk>, <s> and </s> included."""
        return int(self.starts[2] - 1)

    @property
    def n_nodes(self) -> int:
        """All nodes, the empty n-gram among them."""
        return int(self.starts[-1])

    @property
    def n_ngrams(self) -> list[int]:
        """Number of n-grams of order 1, 2, ..."""
        return [int(n) for n in np.diff(self.starts[1:])]

    def level(self, n: int) -> tuple[int, int]:
        """First node of the n-grams of order `n`, and the one behind their last."""
        return int(self.starts[n]), int(self.starts[n + 1])

    def parents(self, n: int) -> np.ndarray:
        """The n-gram without its last word, of each n-gram of order `n`: (n_ngrams[n - 1],) int64."""
        begin, end = self.level(n - 1)
        ends = self.first[begin : end + 1].astype(np.int64)
        return np.repeat(np.arange(begin, end), ends[1:] - ends[:-1])

    def find(self, ids: list[int]) -> int:
        """Node of an n-gram of word ids, or -1."""
        node = 0
        for word in ids:
            if node >= self.starts[self.order]:
                return -1
            begin, end = int(self.first[node]), int(self.first[node + 1])
            place = begin + int(np.searchsorted(self.words[begin:end], word))
            if place == end or self.words[place] != word:
                return -1
            node = place
        return node
