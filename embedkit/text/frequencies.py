"""What the counts of words say of a text: coverage, and the exponent of Zipf's law."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from embedkit.checks import check_integer, check_number
from embedkit.errors import ParameterError

__all__ = ["coverage", "kept_words", "zipf_exponent", "zipf_frequencies"]

MOST_GUESSES = 100
"""Bound on the search for the exponent; Newton's method needs about five."""

MOST_WORDS = 2**63 - 1
"""Of a text: what int64 holds."""


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
        If counts are negative, sum up to 2**63 or more, or are no row of whole numbers, a share is not between 0 and
        1, or `total` is less than the sum of the counts.

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
    elif (total := check_integer("total", total, 0, MOST_WORDS)) < found:
        raise ParameterError(f"total={total!r}: the counts alone sum to {found}; give the words of the whole text")
    needed = []
    for share in _several("shares", shares):
        if isinstance(share, bool) or not isinstance(share, int | float | np.number) or not 0 <= share <= 1:
            raise ParameterError(f"share {share!r}: expected a number from 0 to 1")
        # A share of whole words: 0.9 * 10 is to be 9 of them, whatever 0.9 is in binary. Above 2**53 a double may be
        # more than all words.
        wanted = min(int(np.ceil(round(float(share) * total, 6))), total)
        needed.append(None if wanted > found else int(np.searchsorted(reached, wanted)) + (wanted > 0))
    return needed


def kept_words(counts: ArrayLike, min_counts: Sequence[int]) -> list[tuple[int, int]]:
    """How many words occur at least so often, and how many occurrences they have together.

    Parameters
    ----------
    counts : array-like of int, (n_words,)
        Occurrences of each word, in any order.
    min_counts : sequence of int
        Each 0 or more.

    Returns
    -------
    list of (int, int)
        For each threshold the number of words, and the sum of their counts.

    Raises
    ------
    ParameterError
        If counts are negative, sum up to 2**63 or more, or are no row of whole numbers, or a threshold is negative or
        no whole number.

    Examples
    --------
    >>> kept_words([5, 3, 1, 1], [1, 2, 10])
    [(4, 10), (2, 8), (0, 0)]
    """
    ordered = _ordered(counts)
    thresholds = [check_integer("min_count", minimum, 0) for minimum in _several("min_counts", min_counts)]
    kept = [int(np.count_nonzero(ordered >= minimum)) for minimum in thresholds]
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
        If counts are negative, sum up to 2**63 or more, or are no row of whole numbers.

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
    for _ in range(MOST_GUESSES):
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
        0 or more.
    ranks : array-like of int
        From 1 to `n_words`.
    n_words : int
        Ranks that there are, one or more.
    total : int
        Words of the text.

    Returns
    -------
    ndarray of float64
        In the shape of `ranks`.

    Raises
    ------
    ParameterError
        If the exponent is negative or not finite, a rank is none of those that there are, or `n_words` or `total` is
        no such number.

    Examples
    --------
    >>> zipf_frequencies(1.0, [1, 2, 3], n_words=3, total=110).tolist()
    [60.0, 30.0, 20.0]
    """
    exponent = check_number("exponent", exponent, 0)
    n_words = check_integer("n_words", n_words, 1)
    total = check_integer("total", total, 0, MOST_WORDS)
    given = _array("ranks", ranks)
    whole = given.dtype.kind in "iu"
    if given.size and not (whole and given.min() >= 1 and given.max() <= n_words):
        said = f"from {given.min()} to {given.max()}" if whole else f"of type {given.dtype}"
        raise ParameterError(f"ranks {said}: expected whole numbers from 1 to n_words={n_words}")
    share = np.arange(1.0, n_words + 1) ** -exponent
    return total / share.sum() * given.astype(np.float64) ** -exponent


def _ordered(counts: ArrayLike) -> np.ndarray:
    """The counts, the largest first."""
    given = _array("counts", counts)
    if given.ndim != 1 or (given.size and (given.dtype.kind not in "iu" or given.min() < 0)):
        raise ParameterError(
            f"counts of shape {given.shape} and type {given.dtype}: expected a row of whole numbers, none negative"
        )
    if given.sum(dtype=np.float64) >= MOST_WORDS:
        raise ParameterError(f"counts sum to {given.sum(dtype=np.float64):.3g}: expected less than 2**63")
    return np.sort(given.astype(np.int64))[::-1]


def _array(name: str, values: ArrayLike) -> np.ndarray:
    """The values as an array."""
    try:
        return np.asarray(values)
    except ValueError as error:  # rows of several lengths
        raise ParameterError(f"{name} are no array: {error}; expected whole numbers") from None


def _several(name: str, values: Any) -> Iterable[Any]:
    """The same values, if they are several and not one."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise ParameterError(f"{name}={values!r}: expected several numbers")
    return values


def _mean_and_variance(logs: np.ndarray, exponent: float) -> tuple[float, float]:
    """Of the logarithm of the rank, under the law."""
    weights = np.exp(-exponent * logs)
    weights /= weights.sum()
    mean = float(weights @ logs)
    return mean, float(weights @ (logs - mean) ** 2)
