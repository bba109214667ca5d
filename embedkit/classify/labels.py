"""Labels, checked before a classifier meets them."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from embedkit.errors import InputError

__all__ = ["check_classes", "check_labels", "unseen_labels"]

SHOWN = 5


def check_classes(classes: Sequence[Any] | np.ndarray, learner: str = "a classifier") -> None:
    """Raise InputError unless there are two classes or more.

    Examples
    --------
    >>> check_classes(["ham"])
    Traceback (most recent call last):
    ...
    embedkit.errors.InputError: a classifier got one class only, 'ham'; expected 2 classes or more: add documents of
    another class
    """
    if len(classes) < 2:
        found = f"one class only, {_shown(classes)}" if len(classes) else "no class"
        raise InputError(f"{learner} got {found}; expected 2 classes or more: add documents of another class")


def check_labels(labels: Iterable[Any]) -> np.ndarray:
    """Labels as an array, found to hold one usable label for each document.

    Parameters
    ----------
    labels : iterable of str, int or bool
        Of one kind: strings and numbers do not sort together. Whole numbers given as floats are taken.

    Returns
    -------
    ndarray, (n_documents,)

    Raises
    ------
    InputError
        If a label is missing (None, NaN or an empty string; the message says where), if strings and numbers are
        mixed, or if there are none.

    Examples
    --------
    >>> check_labels(["ham", "spam"]).tolist()
    ['ham', 'spam']
    >>> check_labels(["ham", None])
    Traceback (most recent call last):
    ...
    embedkit.errors.InputError: the label of document 2 is missing (None): give every document a label, or leave it out
    """
    labels = list(labels)
    if not labels:
        raise InputError("there are no labels; give one for each document")
    for position, label in enumerate(labels, 1):
        if _is_missing(label):
            raise InputError(
                f"the label of document {position} is missing ({label!r}): give every document a label, or leave it out"
            )
    kinds = {isinstance(label, str) for label in labels}
    if len(kinds) > 1:
        other = next(label for label in labels if isinstance(label, str) != isinstance(labels[0], str))
        raise InputError(
            f"the labels {labels[0]!r} and {other!r} are of two kinds, text and number: give all as text, by str(label)"
        )
    return np.asarray(labels)


def unseen_labels(labels: Iterable[Any], classes: Iterable[Any]) -> list[Any]:
    """Labels that are not among the classes a model knows, each once, sorted.

    Examples
    --------
    >>> unseen_labels(["ham", "spam", "eggs"], ["ham", "spam"])
    ['eggs']
    """
    known = set(classes)
    return sorted({label for label in labels if label not in known})


def _is_missing(label: Any) -> bool:
    """Whether a label is None, NaN, pandas' own mark of what is missing, or white space."""
    if isinstance(label, str):
        return not label.strip()
    return label is None or type(label).__name__ in ("NAType", "NaTType") or bool(label != label)


def _shown(labels: Iterable[Any]) -> str:
    """The first few of them, as they would be typed."""
    plain = [label.item() if isinstance(label, np.generic) else label for label in labels]
    more = f" and {len(plain) - SHOWN} more" if len(plain) > SHOWN else ""
    return ", ".join(map(repr, plain[:SHOWN])) + more
