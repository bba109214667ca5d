"""What the counts of words say of a text: coverage, and the exponent of Zipf's law."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from embedkit.errors import ParameterError

__all__ = ["coverage", "kept_words", "zipf_exponent", "zipf_frequencies"]

STEPS = 100
"""Bound on the search for the exponent; Newton's method needs about five."""


def coverage(counts: ArrayLike, shares: Sequence[float], total: int | None = None) -> list[int | None]:
    """How many of the most frequent words make up given shares of a text.

    Parameters
    ----------
    counts : array-like of int, (n_words,)
        Occurrences of each word, in any order.
    shares : sequence of float
        Each from 0 to 1.
    total : int, optional
        Words of the whole text; the sum of `counts` if None.

    Returns
    -------
    list of int or None
        For each share the least number of words; None where all of them make up less.

    Raises
    ------
    ParameterError
        If counts are negative or no row of numbers, a share is not between 0 and 1, or `total` is less than the sum
        of the counts.

    Examples
    --------
    >>> coverage([5, 3, 1, 1], [0.5, 0.8, 0.9, 1])
    [1, 2, 3, 4]
    >>> coverage([5, 3], [0.5, 0.9], total=10)
    [1, None]
    """
    ordered = _ordered(counts)
    reached = np.cumsum(ordered)
    found = int(reached[-1]) if len(reached) else 0
    if total is None:
        total = found
    elif total < found:
        raise ParameterError(f"total={total!r}: the counts alone sum to {found}; give the words of the whole text")
    needed = []
    for share in shares:
        if not 0 <= share <= 1:
            raise ParameterError(f"share {share!r}: expected a number from 0 to 1")
        # A share of whole words: 0.9 * 10 is to be 9 of them, whatever 0.9 is in binary.
        wanted = int(np.ceil(round(share * total, 6)))
        needed.append(None if wanted > found else int(np.searchsorted(reached, wanted)) + (wanted > 0))
    return needed


def kept_words(counts: ArrayLike, min_counts: Sequence[int]) -> list[tuple[int, int]]:
    """How many words occur at least so often, and how many occurrences they have together.

    Parameters
    ----------
    counts : array-like of int, (n_words,)
        Occurrences of each word, in any order.
    min_counts : sequence of int

    Returns
    -------
    list of (int, int)
        For each threshold the number of words, and the sum of their counts.

    Raises
    ------
    ParameterError
        If counts are negative or no row of numbers.

    Examples
    --------
    >>> kept_words([5, 3, 1, 1], [1, 2, 10])
    [(4, 10), (2, 8), (0, 0)]
    """
    ordered = _ordered(counts)
    kept = [int(np.count_nonzero(ordered >= minimum)) for minimum in min_counts]
    return [(number, int(ordered[:number].sum())) for number in kept]


def zipf_exponent(counts: ArrayLike) -> float | None:
    r"""The exponent s of Zipf's law, by which the word of rank r has a frequency proportional to r**-s.

    It is the one of maximum likelihood for as many ranks as there are words: a line through the logarithms, fitted by
    least squares, would let the many words that occur once outweigh the text (Clauset, Shalizi and Newman 2009,
    "Power-law distributions in empirical data", SIAM Review 51, appendix A). With H(s) the sum of r**-s over the
    ranks, the log-likelihood of the counts c is ``-s * sum(c * log r) - sum(c) * log H(s)``. Its derivative is zero
    where the mean of log r under the law is that of the text, and the former falls with s.

    Parameters
    ----------
    counts : array-like of int, (n_words,)
        Occurrences of each word, in any order; words that do not occur are left out.

    Returns
    -------
    float or None
        None if fewer than two words occur, of which any exponent is as likely as another.

    Raises
    ------
    ParameterError
        If counts are negative or no row of numbers.

    Notes
    -----
    Words are ranked by the same counts that the law is fitted to, which makes the rare ones look more regular than they
    are (Piantadosi 2014, "Zipf's word frequency law in natural language: a critical review and future directions").

    Examples
    --------
    >>> round(zipf_exponent([1000, 500, 333, 250, 200]), 3)
    1.0
    >>> zipf_exponent([7]) is None
    True
    """
    ordered = _ordered(counts)
    ordered = ordered[ordered > 0]
    if len(ordered) < 2:
        return None
    logs = np.log(np.arange(1, len(ordered) + 1))
    target = float(ordered @ logs) / float(ordered.sum())
    low, high = 0.0, 1.0
    while _mean_and_variance(logs, high)[0] > target:
        low, high = high, 2 * high
    exponent = high if low else 1.0
    for _ in range(STEPS):
        mean, variance = _mean_and_variance(logs, exponent)
        low, high = (exponent, high) if mean > target else (low, exponent)
        # A step of Newton's that leaves the bracket is one of bisection instead.
        guess = exponent + (mean - target) / variance if variance else low
        following = guess if low < guess < high else (low + high) / 2
        if abs(following - exponent) <= 1e-12 * max(1.0, exponent):
            return following
        exponent = following
    return exponent


def zipf_frequencies(exponent: float, ranks: ArrayLike, *, n_words: int, total: int) -> np.ndarray:
    """How often the words of some ranks occur by Zipf's law.

    Parameters
    ----------
    exponent : float
    ranks : array-like of int
        From 1.
    n_words : int
        Ranks that there are.
    total : int
        Words of the text.

    Returns
    -------
    ndarray of float

    Examples
    --------
    >>> zipf_frequencies(1.0, [1, 2, 3], n_words=3, total=110).tolist()
    [60.0, 30.0, 20.0]
    """
    share = np.arange(1.0, n_words + 1) ** -exponent
    return total / share.sum() * np.asarray(ranks, dtype=np.float64) ** -exponent


def _ordered(counts: ArrayLike) -> np.ndarray:
    """The counts, the largest first."""
    given = np.asarray(counts)
    if given.ndim != 1 or (given.size and (given.dtype.kind not in "iu" or given.min() < 0)):
        raise ParameterError(
            f"counts of shape {given.shape} and type {given.dtype}: expected a row of whole numbers, none negative"
        )
    return np.sort(given.astype(np.int64))[::-1]


def _mean_and_variance(logs: np.ndarray, exponent: float) -> tuple[float, float]:
    """Of the logarithm of the rank, under the law."""
    weights = np.exp(-exponent * logs)
    weights /= weights.sum()
    mean = float(weights @ logs)
    return mean, float(weights @ (logs - mean) ** 2)
