"""Numbers of a model as places in small tables."""

import numpy as np

__all__ = ["quantised", "read_numbers", "table_size"]


def table_size(starts: np.ndarray, n_values: int, bits: int) -> int:
    """How many numbers the table of `quantised` has."""
    return min(int(starts[2]), n_values) + ((len(starts) - 1) << bits)


def quantised(values: np.ndarray, starts: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Replace the numbers of each level by places among 2^bits values.

    The values are the means of groups of about the same number of neighbours in order, as in Federico and Bertoldi
    (2006), How many bits are needed to store probabilities for phrase-based translation?, section 4 (binning). 0, the
    weight of contexts that no word follows, is one of the values, as are the smallest and the largest number. Where
    there are no more different numbers than values, nothing is lost. Single words keep their numbers: they are few,
    and the frequent ones, which matter most, would share a group with rarer ones.

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
        0 for levels 0 and 1.
    table : ndarray of float32, (`table_size`,)
        The numbers of levels 0 and 1; then 2^bits numbers for each level from 0.

    Examples
    --------
    >>> starts = np.array([0, 1, 3, 6])
    >>> places, table = quantised(np.array([0, -1, -2, 0, -1.5, -2.25], np.float32), starts, 8)
    >>> read_numbers(places, table, starts, 1, 3, 1).tolist(), read_numbers(places, table, starts, 3, 6, 2).tolist()
    ([-1.0, -2.0], [0.0, -1.5, -2.25])
    """
    exact = min(int(starts[2]), len(values))
    table = np.zeros(table_size(starts, len(values), bits), np.float32)
    table[:exact] = values[:exact]
    levels = table[exact:].reshape(-1, 1 << bits)
    places = np.zeros(len(values), np.uint8 if bits == 8 else np.uint16)
    for level in range(2, len(levels)):
        begin, end = min(int(starts[level]), len(values)), min(int(starts[level + 1]), len(values))
        if begin == end:
            continue
        centres = _centres(values[begin:end], 1 << bits)
        levels[level, : len(centres)] = centres
        levels[level, len(centres) :] = centres[-1]
        bounds = (centres[1:].astype(np.float64) + centres[:-1]) / 2
        places[begin:end] = np.searchsorted(bounds, values[begin:end])
    return places, table


def read_numbers(
    values: np.ndarray, table: np.ndarray, starts: np.ndarray, begin: int, end: int, level: int
) -> np.ndarray:
    """Numbers of the nodes `begin` to `end` of a level, whether they are floats or places in a table of `quantised`."""
    if values.dtype.kind == "f":
        return values[begin:end]
    if level < 2:
        return table[begin:end]
    exact = min(int(starts[2]), len(values))
    bits = 8 * values.dtype.itemsize
    return table[exact + (level << bits) : exact + ((level + 1) << bits)][values[begin:end]]


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
