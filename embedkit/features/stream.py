"""Frequencies of terms over a stream of documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from embedkit.features.packing import pack_terms, unpack_terms
from embedkit.features.python_road import TermTable

__all__ = ["Frequencies", "TermStream"]


@dataclass(frozen=True)
class Frequencies:
    """What weighting needs to know of a corpus: by column, the documents with the term; and all occurrences."""

    n_documents: int
    document_frequency: np.ndarray
    n_occurrences: float


class TermStream(TermTable):
    """Terms of all documents so far, numbered in their order."""

    def __init__(self) -> None:
        none = np.zeros(0, np.int64)
        super().__init__({}, 0, none, none)

    def add(
        self, n_documents: int, terms: Sequence[Any], document_frequency: np.ndarray, term_frequency: np.ndarray
    ) -> None:
        """Add the frequencies of different terms in more documents."""
        numbers = np.array([self.numbers.setdefault(term, len(self.numbers)) for term in terms], np.int64)
        self.n_documents += n_documents
        n_terms = len(self.numbers)
        for name, more in (("document_frequency", document_frequency), ("term_frequency", term_frequency)):
            total = np.zeros(n_terms, np.int64)
            total[: len(getattr(self, name))] = getattr(self, name)
            total[numbers] += more
            setattr(self, name, total)
        # In order, so that the next part is merged and not sorted anew.
        order = self.sort()
        self.numbers = {term: number for number, term in enumerate(self.terms(order))}
        self.document_frequency = self.document_frequency[order]
        self.term_frequency = self.term_frequency[order]

    def state(self) -> dict[str, Any]:
        """Return plain arrays that `restored` makes a stream of again."""
        terms = list(self.numbers)
        return {
            "terms": pack_terms(terms) or terms,
            "n_documents": self.n_documents,
            "document_frequency": self.document_frequency,
            "term_frequency": self.term_frequency,
        }

    @classmethod
    def restored(cls, state: dict[str, Any]) -> "TermStream":
        """Return the stream with this state."""
        terms = unpack_terms(state["terms"]) if isinstance(state["terms"], dict) else state["terms"]
        stream = cls()
        stream.numbers = {term: number for number, term in enumerate(terms)}
        stream.n_documents = state["n_documents"]
        stream.document_frequency = state["document_frequency"]
        stream.term_frequency = state["term_frequency"]
        return stream
