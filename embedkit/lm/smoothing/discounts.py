"""Discounts from counts of counts: absolute discounting, Kneser-Ney and its modification, Good-Turing and Katz."""

import logging
from collections.abc import Callable, Sequence

import numpy as np

from embedkit.errors import InputError
from embedkit.lm.smoothing.rule import Rule

__all__ = ["KATZ_CUTOFF", "absolute", "katz", "modified", "with_fallback"]

logger = logging.getLogger(__name__)

KATZ_CUTOFF = 5
"""Counts above it are trusted (Katz 1987)."""
ABSOLUTE_FALLBACK = 0.5
MODIFIED_FALLBACK = (0.5, 1.0, 1.5)
"""As lmplz's ``--discount_fallback`` has them."""


def absolute(tallies: np.ndarray) -> np.ndarray | None:
    """One discount for all counts: ``n1 / (n1 + 2 n2)`` (Ney, Essen and Kneser 1994; Chen and Goodman 1999, 2.5).

    Parameters
    ----------
    tallies : ndarray of int64, (3 or more,)
        How many n-grams have the count 0, 1, 2, ...

    Returns
    -------
    ndarray of float64, (2,), or None
        Taken off a count of 0, and of 1 or more; None if no n-gram has the count 1, or none the count 2.

    Examples
    --------
    >>> absolute(np.array([0, 6, 2])).tolist()
    [0.0, 0.6]
    """
    once, twice = float(tallies[1]), float(tallies[2])
    if once == 0 or twice == 0:
        return None
    return np.array([0.0, once / (once + 2 * twice)])


def modified(tallies: np.ndarray) -> np.ndarray | None:
    """Discounts for the counts 1, 2, and 3 or more (Chen and Goodman 1999, section 3, equation 26).

    With Y = n1 / (n1 + 2 n2), they are ``c - (c + 1) Y n[c + 1] / n[c]``.

    Parameters
    ----------
    tallies : ndarray of int64, (5 or more,)
        How many n-grams have the count 0, 1, 2, ...

    Returns
    -------
    ndarray of float64, (4,), or None
        Taken off a count of 0, 1, 2, and 3 or more; None if one is not defined, or is no part of its count.

    Examples
    --------
    >>> modified(np.array([0, 50, 20, 10, 6])).round(4).tolist()
    [0.0, 0.5556, 1.1667, 1.6667]
    """
    n = tallies.astype(np.float64)
    if not n[1:4].all():
        return None
    share = n[1] / (n[1] + 2 * n[2])
    discounts = np.array([0.0, *(c - (c + 1) * share * n[c + 1] / n[c] for c in (1, 2, 3))])
    return discounts if all(0 <= discounts[c] <= c for c in (1, 2, 3)) else None


def katz(tallies: np.ndarray, cutoff: int = KATZ_CUTOFF) -> np.ndarray | None:
    """Good-Turing's discounts for counts up to a cutoff, none above (Katz 1987; Chen and Goodman 1999, section 2.3).

    The count r becomes ``r d_r`` with ``d_r = (r* / r - a) / (1 - a)``, where ``r* = (r + 1) n[r + 1] / n[r]`` is
    Good-Turing's estimate and ``a = (cutoff + 1) n[cutoff + 1] / n[1]``, so that the counts up to the cutoff together
    give up the mass of the n-grams that occur once. Behind a context whose counts are all above the cutoff nothing is
    taken off; there the words that did not occur share one count more.

    Parameters
    ----------
    tallies : ndarray of int64, (cutoff + 2 or more,)
        How many n-grams have the count 0, 1, 2, ...
    cutoff : int

    Returns
    -------
    ndarray of float64, (cutoff + 2,), or None
        Taken off a count of 0, 1, ..., cutoff, and of more; None if a ratio is not defined or not between 0 and 1.
    """
    n = tallies.astype(np.float64)
    if not n[1 : cutoff + 1].all():
        return None
    r = np.arange(1, cutoff + 1)
    common = (cutoff + 1) * n[cutoff + 1] / n[1]
    if common >= 1:
        return None
    ratios = ((r + 1) * n[2 : cutoff + 2] / (n[1 : cutoff + 1] * r) - common) / (1 - common)
    if not ((ratios > 0) & (ratios < 1)).all():
        return None
    return np.array([0.0, *(r * (1 - ratios)), 0.0])


def with_fallback(
    method: str, estimate: Callable[[np.ndarray], np.ndarray | None], n: int, tallies: np.ndarray, *, allowed: bool
) -> Rule:
    """The rule of an order, from its counts of counts or, where these do not serve, with fixed discounts.

    Raises
    ------
    InputError
        If a fallback is needed and not allowed.
    """
    discounts = estimate(tallies)
    if discounts is not None:
        return Rule(discounts)
    found = ", ".join(f"{int(tallies[c])} n-grams of count {c}" for c in range(1, 5))
    if not allowed:
        raise InputError(
            f"{method}: the discounts of order {n} cannot be estimated ({found}); train on more text, lower the order, "
            "or allow fixed discounts (leave --no-discount-fallback away; discount_fallback=True)"
        )
    if estimate is katz:
        for cutoff in range(KATZ_CUTOFF - 1, 1, -1):
            discounts = katz(tallies, cutoff)
            if discounts is not None:
                logger.warning("%s: order %d has %s; only counts up to %d are discounted", method, n, found, cutoff)
                return Rule(discounts)
    fallback: Sequence[float] = MODIFIED_FALLBACK if estimate is modified else (ABSOLUTE_FALLBACK,)
    text = ", ".join(f"{discount:g}" for discount in fallback)
    logger.warning("%s: the discounts of order %d cannot be estimated (%s); using %s", method, n, found, text)
    return Rule(np.array([0.0, *fallback]))
