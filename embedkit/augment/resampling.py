"""Training data with new texts: rows put together in the kind of the caller's own, and how many each text gives."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from embedkit.augment.operations import pick
from embedkit.augment.workers import Stream
from embedkit.errors import InputError

__all__ = ["balanced_rows", "check_rows", "checked_text", "extended", "text_list"]

NewTexts = Callable[[Sequence[int], Sequence[int]], Iterator[list[str]]]
"""From rows, and how many texts each should give, to these texts."""


def text_list(texts: Any, name: str = "X") -> list[str]:
    """Return texts as a list.

    Parameters
    ----------
    texts : iterable of str
    name : str

    Raises
    ------
    InputError
        If it is a single string, or not one-dimensional, or one of its items is no string.

    Examples
    --------
    >>> text_list(["a film", None])
    Traceback (most recent call last):
    ...
    embedkit.errors.InputError: X: text 2 is None; expected a string: leave it out, or give "" for an empty text
    """
    if isinstance(texts, str | bytes) or not hasattr(texts, "__iter__"):
        raise InputError(f"{name}={texts!r:.60}: expected several texts; give one as [text]")
    if getattr(texts, "ndim", 1) != 1:
        raise InputError(f"{name} has the shape {texts.shape}; expected one dimension: give the column of the texts")
    return [checked_text(text, number, name) for number, text in enumerate(texts, 1)]


def checked_text(text: Any, number: int = 0, name: str = "X") -> str:
    """Return a text, the first or another of several, as str; anything but a string is an InputError."""
    if not isinstance(text, str):
        shown = f"{text!r:.60}"
        if not number:
            raise InputError(f"text={shown}: expected a string; for several texts see transform")
        raise InputError(
            f'{name}: text {number} is {shown}; expected a string: leave it out, or give "" for an empty text'
        )
    return str(text)


def check_rows(n_texts: int, y: Any) -> None:
    """Raise InputError unless there is a label for each text."""
    if y is None:
        raise InputError("y=None: expected a label for each text")
    n_labels = len(y)
    if n_labels != n_texts:
        raise InputError(f"there are {n_texts} texts and {n_labels} labels; expected a label for each text")


def balanced_rows(labels: Sequence[Any], new_texts: NewTexts, seed: int) -> list[tuple[int, list[str]]]:
    """Make as many texts of each class as it needs to be as large as the largest.

    Parameters
    ----------
    labels : sequence, (n_texts,)
    new_texts : callable
    seed : int
        Decides which texts give one more than others.

    Returns
    -------
    list of (row, new texts)
        By row. A class whose texts do not yield enough stays smaller.
    """
    rows_of: dict[Any, list[int]] = {}
    for row, label in enumerate(labels):
        rows_of.setdefault(label, []).append(row)
    most = max(map(len, rows_of.values()), default=0)
    found: dict[int, list[str]] = {}
    for rows in rows_of.values():
        needed = most - len(rows)
        if needed:
            found.update(_shared_out(rows, needed, new_texts, seed))
    return sorted(found.items())


def _shared_out(rows: list[int], needed: int, new_texts: NewTexts, seed: int) -> dict[int, list[str]]:
    """Texts that the rows give in turn until there are enough."""
    order = pick(rows, len(rows), Stream(seed, rows[0]).random)
    each = -(-needed // len(rows))
    made: dict[int, list[str]] = {}
    asking = rows
    while True:
        made.update(zip(asking, new_texts(asking, [each] * len(asking)), strict=True))
        # Those that gave all they were asked for may give more, if others could not.
        asking = [row for row in asking if len(made[row]) >= each]
        if not asking or sum(map(len, made.values())) >= needed:
            break
        each *= 2
    turns = [(turn, place) for place, row in enumerate(order) for turn in range(len(made[row]))]
    kept: dict[int, list[str]] = {}
    for turn, place in sorted(turns)[:needed]:
        kept.setdefault(order[place], []).append(made[order[place]][turn])
    return kept


def extended(values: Any, rows: Sequence[int], new: Sequence[str] | None = None) -> Any:
    """Return `values` with more at its end, in its own kind: an array, a pandas Series, or a list.

    Parameters
    ----------
    values : array, Series or sequence
    rows : sequence of int
        The rows that come again.
    new : sequence of str, optional
        What comes in their place.

    Returns
    -------
    array, Series or list
        A Series is numbered anew.

    Examples
    --------
    >>> import numpy as np
    >>> extended(["ham", "spam"], [1]), extended(np.array([3, 4]), [1])
    (['ham', 'spam', 'spam'], array([3, 4, 4]))
    """
    if hasattr(values, "iloc"):
        every = [*range(len(values)), *rows]
        result = values.iloc[every].reset_index(drop=True)
        if new is not None:
            # A category or a fixed-width string could not hold a new text.
            if type(result.dtype).__name__ == "CategoricalDtype":
                result = result.astype(object)
            result.iloc[len(values) :] = list(new)
        return result
    if isinstance(values, np.ndarray):
        if new is None:
            return np.concatenate([values, values[np.asarray(rows, np.intp)]])
        more = np.empty(len(new), object)
        more[:] = new
        return np.concatenate([values, more if values.dtype == object else more.astype(values.dtype.kind)])
    values = list(values)
    return values + (list(new) if new is not None else [values[row] for row in rows])
