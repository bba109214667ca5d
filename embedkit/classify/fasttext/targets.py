"""What y says: one label for each line, or several."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.multiclass import check_classification_targets

from embedkit.classify.labels import check_classes, check_labels
from embedkit.errors import InputError

__all__ = ["Targets", "label_sets", "read_targets"]

COLLECTIONS = (list, tuple, set, frozenset, np.ndarray)


@dataclass(frozen=True)
class Targets:
    """Labels as numbers.

    Attributes
    ----------
    classes : ndarray, (n_classes,)
        Distinct labels, ascending.
    start : ndarray of int64, (n_lines + 1,)
        Where the labels of each line begin.
    label : ndarray of int32, (start[-1],)
        Positions in `classes`, ascending within a line.
    form : {"single", "indicator", "lists"}
        One label for each line; a matrix of zeros and ones; lists of labels.
    """

    classes: np.ndarray
    start: np.ndarray
    label: np.ndarray
    form: str

    @property
    def counts(self) -> np.ndarray:
        """How many lines have each label: ndarray of int64, (n_classes,)."""
        return np.bincount(self.label, minlength=len(self.classes)).astype(np.int64)

    def __len__(self) -> int:
        return len(self.start) - 1


def read_targets(y: Any) -> Targets:
    """Number the labels.

    Parameters
    ----------
    y : array-like, (n_lines,), or sequence of collections, or matrix of zeros and ones, (n_lines, n_classes)

    Raises
    ------
    InputError
        If a label is missing, labels are no classes or cannot be ordered, or there are fewer than two.
    """
    if y is None or isinstance(y, str | bytes) or not (issparse(y) or hasattr(y, "__len__")):
        raise InputError(f"y is {type(y).__name__}, expected labels, one for each text: it requires y to be passed")
    if _is_matrix(y):
        return _from_matrix(y)
    if any(isinstance(labels, COLLECTIONS) for labels in y):
        return _from_sets(label_sets(y))
    column = check_labels(y)
    try:
        check_classification_targets(column)
    except ValueError as error:
        raise InputError(f"y cannot be classes: {error}") from error
    classes, label = np.unique(column, return_inverse=True)
    check_classes(classes)
    return Targets(classes, np.arange(len(column) + 1), label.astype(np.int32), "single")


def label_sets(y: Any) -> list[set[Any]]:
    """The labels of each line, from a sequence of collections of labels.

    Raises
    ------
    InputError
        If something else is among them, or a label is missing.
    """
    sets = []
    for i, labels in enumerate(y):
        if not isinstance(labels, COLLECTIONS):
            raise InputError(f"y[{i}] is {labels!r}, but others are lists of labels: give each text a list")
        known = check_labels(labels).tolist() if len(labels) else []
        sets.append(set(known))
    return sets


def _is_matrix(y: Any) -> bool:
    """Whether `y` is a matrix; lists of lists are one if they are its rows of zeros and ones."""
    if issparse(y) or hasattr(y, "columns") or (isinstance(y, np.ndarray) and y.dtype != object):
        return len(y.shape) == 2
    rows = list(y)
    if not all(isinstance(row, list | tuple | np.ndarray) for row in rows):
        return False
    widths = {len(row) for row in rows}
    cells = {cell for row in rows for cell in np.ravel(np.asarray(row, object)).tolist()}
    return len(widths) == 1 and widths.pop() > 1 and cells == {0, 1}


def _from_matrix(y: Any) -> Targets:
    matrix = y.toarray() if issparse(y) else np.asarray(y)
    if not np.isin(matrix, (0, 1)).all():
        raise InputError(
            f"y is a matrix of shape {matrix.shape} that holds other values than 0 and 1; expected one label for "
            "each text, lists of labels, or a matrix of zeros and ones"
        )
    if matrix.shape[1] < 2:
        raise InputError(f"y is a matrix of {matrix.shape[1]} column; expected two classes or more, or a 1-D array")
    lines, label = np.nonzero(matrix)
    start = np.searchsorted(lines, np.arange(len(matrix) + 1)).astype(np.int64)
    return Targets(np.arange(matrix.shape[1]), start, label.astype(np.int32), "indicator")


def _from_sets(sets: Sequence[set[Any]]) -> Targets:
    try:
        ordered = sorted(set().union(*sets))
    except TypeError as error:
        raise InputError(f"the labels of y cannot be ordered: {error}; use labels of one type") from error
    check_classes(ordered)
    number = {label: i for i, label in enumerate(ordered)}
    lists = [sorted(number[label] for label in labels) for labels in sets]
    start = np.cumsum([0, *map(len, lists)], dtype=np.int64)
    return Targets(np.array(ordered), start, np.array([i for labels in lists for i in labels], np.int32), "lists")
