"""What a smoothing method says about the n-grams of one order."""

from dataclasses import dataclass

import numpy as np

from embedkit._cext import ngram_trie

__all__ = ["Rule", "relative", "weighted", "witten_bell"]


@dataclass(frozen=True, eq=False)
class Rule:
    """How the counts of an order become discounted relative frequencies.

    Attributes
    ----------
    discounts : ndarray of float64, (n,)
        Taken off a count of 0, 1, ...; the last one off all larger ones.
    kind : int
        `WEIGHT`, `WITTEN_BELL` or `RELATIVE` of the kernel.
    weight : float
        What the relative frequencies are multiplied by.
    """

    discounts: np.ndarray
    kind: int = ngram_trie.WEIGHT
    weight: float = 1.0

    def root(self, counts: np.ndarray) -> tuple[np.ndarray, float]:
        """Discounted relative frequencies of words, and the mass that is left.

        Parameters
        ----------
        counts : ndarray of uint64, (n_words,)
        """
        total = float(counts.sum())
        if total == 0:
            return np.zeros(len(counts)), 1.0
        seen = float(np.count_nonzero(counts))
        scale = total / (total + seen) if self.kind == ngram_trie.WITTEN_BELL else self.weight
        off = self.discounts[np.minimum(counts, len(self.discounts) - 1).astype(np.int64)]
        off[counts == 0] = 0.0
        shares, mass = scale * (counts - off) / total, (1.0 - scale) + scale * float(off.sum()) / total
        if mass <= 0 and self.kind == ngram_trie.WEIGHT:
            mass = 1.0 / (total + 1.0)
            shares *= 1.0 - mass
        return shares, mass


def weighted(weight: float) -> Rule:
    """Relative frequencies times a weight, nothing taken off."""
    return Rule(np.zeros(1), weight=weight)


def relative() -> Rule:
    """Relative frequencies, for stupid back-off (Brants et al. 2007, section 4), which leaves nothing to others."""
    return Rule(np.zeros(1), kind=ngram_trie.RELATIVE)


def witten_bell() -> Rule:
    """Witten and Bell (1991), method C: a context with T different followers in n places leaves T / (n + T) to others.

    Chen and Goodman (1999), section 2.4. Interpolated: ``p(w|h) = (c(hw) + T(h) p(w|h')) / (c(h) + T(h))``; backed
    off: ``c(hw) / (c(h) + T(h))`` for followers, and the rest of the mass in proportion to ``p(w|h')`` for others.
    """
    return Rule(np.zeros(1), kind=ngram_trie.WITTEN_BELL)
