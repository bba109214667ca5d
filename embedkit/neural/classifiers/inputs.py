"""What comes in, and what is shown of it: texts, labels, and the words that attention weighs."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from embedkit.classify.labels import check_classes, check_labels
from embedkit.errors import InputError
from embedkit.neural.texts import NumberedTexts
from embedkit.text.corpus import Corpus

__all__ = ["Texts", "listed_texts", "numbered_labels", "units_of_text"]

Texts = Iterable[str | Sequence[str]]


def listed_texts(X: Texts) -> list[str | Sequence[str]]:
    """Texts as a list; what `list` would make one of, a single text for instance, is refused."""
    Corpus.from_documents(X)
    return list(X)


def numbered_labels(X: Sequence[Any], y: Any) -> tuple[np.ndarray, np.ndarray]:
    """The classes, and the number of the class of each text."""
    labels = check_labels(y)
    if len(labels) != len(X):
        raise InputError(f"{len(X)} texts and {len(labels)} labels in y: expected one label for each text")
    classes, numbers = np.unique(labels, return_inverse=True)
    check_classes(classes)
    return classes, numbers.astype(np.int64)


def units_of_text(texts: NumberedTexts, words: Sequence[str], row: int) -> list[Any]:
    """The words of a text, or its sentences."""
    sentences = [row] if texts.first is None else range(texts.first[row], texts.first[row + 1])
    units = [
        [words[number] for number in texts.ids[texts.start[sentence] : texts.start[sentence + 1]]]
        for sentence in sentences
    ]
    return units[0] if texts.first is None else units
