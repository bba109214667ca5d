"""Checks of what callers hand to KeyedVectors; each returns it in the shape that the code works with."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from embedkit.errors import ParameterError

Vector = NDArray[Any] | Sequence[float]
Item = str | Vector | tuple[str | Vector, float]


def as_words(words: Iterable[str]) -> list[str]:
    """Return a list of plain strings."""
    if isinstance(words, (str, bytes)) or not isinstance(words, Iterable):
        raise ParameterError(f"words={words!r}: expected a sequence of words, met a single {type(words).__name__}")
    keys = words.tolist() if isinstance(words, np.ndarray) else list(words)
    for index, word in enumerate(keys):
        if not isinstance(word, str):
            raise ParameterError(f"word {index} is {word!r}, expected a str, met {type(word).__name__}")
    return keys


def as_array(name: str, values: ArrayLike) -> NDArray[Any]:
    """Return an array; what numpy cannot make one of is a ParameterError."""
    try:
        return np.asarray(values)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"{name}: expected real numbers in lines of equal length ({error})") from None


def as_matrix(vectors: ArrayLike, n_words: int) -> NDArray[np.float32]:
    """Return a float32 matrix in C order of `n_words` rows, the same one if it is so already."""
    array = as_array("vectors", vectors)
    if array.dtype.kind not in "fiub":
        raise ParameterError(f"vectors of type {array.dtype}, expected real numbers in lines of equal length")
    if array.ndim != 2 or len(array) != n_words or array.shape[1] < 1:
        raise ParameterError(
            f"vectors of shape {array.shape}, expected a line of one or more numbers for each of the {n_words} words"
        )
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, dtype=np.float32)


def as_counts(counts: ArrayLike | None, n_words: int) -> NDArray[np.int64] | None:
    """Return counts as int64."""
    if counts is None:
        return None
    array = as_array("counts", counts)
    if array.size == 0:
        array = array.astype(np.int64)
    if array.dtype.kind not in "iu" or array.shape != (n_words,):
        raise ParameterError(
            f"counts of type {array.dtype} and shape {array.shape}, expected a whole number for each of {n_words} words"
        )
    if array.size and array.min() < 0:
        raise ParameterError(f"counts hold {array.min()}, expected numbers of occurrences, 0 or more")
    return array.astype(np.int64)


def as_vector(vector: ArrayLike, vector_size: int) -> NDArray[np.float64]:
    """Return a query vector as float64, shape (vector_size,)."""
    array = as_array("query", vector)
    _check_query(array, (vector_size,))
    return array.astype(np.float64)


def as_queries(vectors: ArrayLike, vector_size: int) -> NDArray[np.float32]:
    """Return query vectors as float32, shape (n_queries, vector_size)."""
    array = as_array("queries", vectors)
    if array.size == 0:
        array = np.empty((0, vector_size))
    _check_query(array, (len(array) if array.ndim else 1, vector_size))
    return array.astype(np.float32)


def _check_query(array: NDArray[Any], shape: tuple[int, ...]) -> None:
    """Raise ParameterError unless `array` is of the shape and holds numbers that float32 can hold."""
    if array.dtype.kind not in "fiub" or array.shape != shape:
        raise ParameterError(
            f"a query of type {array.dtype} and shape {array.shape}, expected words or vectors of {shape[-1]} numbers"
        )
    if not (np.abs(array) <= np.finfo(np.float32).max).all():
        raise ParameterError("a query vector holds NaN, infinity or a number beyond float32; expected finite numbers")


def as_weights(weights: ArrayLike | None, n_words: int) -> NDArray[np.float64]:
    """Return a finite weight for each word, 1 by default."""
    array = np.ones(n_words) if weights is None else as_array("weights", weights)
    if array.dtype.kind not in "fiub" or array.shape != (n_words,) or not np.isfinite(array).all():
        raise ParameterError(f"weights={weights!r}: expected a finite number for each of {n_words} words")
    return array.astype(np.float64)


def as_items(given: Item | Sequence[Item] | None, sign: float) -> list[tuple[str | Vector, float]]:
    """Words and vectors with their weights; a single one counts as a list of one, None as an empty list."""
    if given is None:
        return []
    is_vector = isinstance(given, np.ndarray) and given.ndim == 1 and given.dtype.kind != "U"
    if isinstance(given, str) or is_vector or _is_weighted(given):
        return [given] if _is_weighted(given) else [(given, sign)]  # type: ignore[list-item]
    if not isinstance(given, Iterable):
        raise ParameterError(f"expected words, vectors or a list of them, met {given!r}")
    return [item if _is_weighted(item) else (item, sign) for item in given]  # type: ignore[misc]


def _is_weighted(item: object) -> bool:
    """Whether an item is a pair of a word or vector and a number."""
    return (
        isinstance(item, tuple)
        and len(item) == 2
        and isinstance(item[0], (str, np.ndarray))
        and isinstance(item[1], (int, float, np.number))
    )


def are_words(queries: object) -> bool:
    """Whether queries are words rather than vectors."""
    if isinstance(queries, np.ndarray):
        return queries.dtype.kind in "UO"
    return isinstance(queries, str) or (isinstance(queries, Sequence) and any(isinstance(q, str) for q in queries[:1]))
