"""The shortest decimal digits that read back to the same float32.

A float32 needs 6 to 9 significant digits. ``x`` is rounded to 6, 7, 8 and 9 of them in turn, and the first that
reads back to ``x`` wins. That is done for whole arrays: with ``m`` the digits as a whole number, the decimal
``m / 10**k`` is one exact operation on float64 as long as ``10**k`` is exact, which is ``abs(k) <= 22`` (Clinger 1990,
How to read floating point numbers accurately, section 3). What is written is the float64 with ``%.9g``, which drops
the zeros behind. Readers that parse to float64 first and readers that parse to float32 at once agree on it: none of the
decimals of 7 or 8 digits within the bounds below is so close to the middle between two float32 that its float64 is
that very middle (all were tried), and one of 9 digits that is nearest to a float32 is far from the middle.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# Within these bounds 10**k is exact, and the digits of a float32 are 9 at most.
SMALLEST, LARGEST = 1e-12, 1e22
POWERS = 10.0 ** np.arange(23)


def shortest_decimals(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the float64 whose ``%.9g`` is the shortest text for each float32.

    Parameters
    ----------
    values : ndarray of float32

    Returns
    -------
    ndarray of float64, the same shape

    Examples
    --------
    >>> shortest_decimals(np.array([0.1, 2 / 3], dtype=np.float32)).tolist()
    [0.1, 0.6666667]
    """
    exact = values.astype(np.float64)
    size = np.abs(exact)
    easy = (size >= SMALLEST) & (size < LARGEST)
    exponent = np.floor(np.log10(np.where(easy, size, 1.0))).astype(np.intp)
    result = np.zeros_like(exact)
    found = exact == 0
    for digits in (9, 8, 7, 6):
        power = digits - 1 - exponent
        scale = POWERS[np.abs(power)]
        decimal = np.where(power >= 0, np.rint(exact * scale) / scale, np.rint(exact / scale) * scale)
        good = easy & (decimal.astype(np.float32) == values)
        np.copyto(result, decimal, where=good)
        found |= good
    np.copyto(result, exact, where=exact == 0)
    for index in np.argwhere(~found):
        # The very large and the very small are rare in vectors, so one by one.
        result[tuple(index)] = float(str(values[tuple(index)]))
    return result


def format_rows(words: Sequence[str], vectors: NDArray[np.float32]) -> str:
    r"""Return the lines ``word number number ...\n``.

    Examples
    --------
    >>> format_rows(["one", "two"], np.array([[0.5, -0.1], [2, 1e-9]], dtype=np.float32))
    'one 0.5 -0.1\ntwo 2 1e-09\n'
    """
    line = "%s" + " %.9g" * vectors.shape[1] + "\n"
    rows = shortest_decimals(np.ascontiguousarray(vectors)).tolist()
    return "".join([line % (word, *row) for word, row in zip(words, rows, strict=True)])
