"""Numbers of a model as places in small tables."""

import numpy as np

__all__ = ["quantised"]


def quantised(values: np.ndarray, starts: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Replace the numbers of each level by places among 2^bits values.

    The values are the means of groups of about the same number of neighbours in order, as in Federico and Bertoldi
    (2006), How many bits are needed to store probabilities for phrase-based translation?, section 4 (binning). 0, the
    weight of contexts that no word follows, is one of the values, as is the largest number. Where there are no more
    different numbers than values, nothing is lost.

    Parameters
    ----------
    values : ndarray of float32, (n_values,)
        Of the nodes of all levels, or of the first ones.
    starts : ndarray of int64, (order + 2,)
    bits : int
        8 or 16.

    Returns
    -------
    places : ndarray of uint8 or uint16, (n_values,)
    table : ndarray of float32, (order + 1, 2^bits)

    Examples
    --------
    >>> places, table = quantised(np.array([0, 0, -1.5, -2.25], np.float32), np.array([0, 1, 4]), 8)
    >>> table[1][places[1:]].tolist()
    [0.0, -1.5, -2.25]
    """
    n_levels = len(starts) - 1
    table = np.zeros((n_levels, 1 << bits), np.float32)
    places = np.zeros(len(values), np.uint8 if bits == 8 else np.uint16)
    for level in range(n_levels):
        begin, end = min(int(starts[level]), len(values)), min(int(starts[level + 1]), len(values))
        if begin == end:
            continue
        centres = _centres(values[begin:end], 1 << bits)
        table[level, : len(centres)] = centres
        table[level, len(centres) :] = centres[-1]
        bounds = (centres[1:].astype(np.float64) + centres[:-1]) / 2
        places[begin:end] = np.searchsorted(bounds, values[begin:end])
    return places, table


def _centres(values: np.ndarray, most: int) -> np.ndarray:
    """At most so many values that stand for all of them, ascending."""
    ordered = np.sort(values)
    distinct = ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])]
    if len(distinct) <= most:
        return distinct
    exact = np.unique(np.array([0.0, ordered[-1], ordered[0]], np.float32))
    rest = ordered[~np.isin(ordered, exact)]
    cuts = np.arange(most - len(exact) + 1) * len(rest) // (most - len(exact))
    sums = np.concatenate([[0.0], np.cumsum(rest, dtype=np.float64)])
    sizes = np.diff(cuts)
    means = (np.diff(sums[cuts])[sizes > 0] / sizes[sizes > 0]).astype(np.float32)
    return np.unique(np.concatenate([exact, means]))
