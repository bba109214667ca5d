"""A vocabulary as two arrays, so that pickle and skops need not visit each of a million strings."""

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["PackedVocabulary", "pack_terms", "unpack_terms"]


def pack_terms(terms: Sequence[Any]) -> dict[str, np.ndarray] | None:
    """Return the UTF-8 of all terms and their lengths in characters, or None if some are no strings.

    Lone surrogates are kept.
    """
    if not all(isinstance(term, str) for term in terms):
        return None
    text = "".join(terms).encode("utf-8", "surrogatepass")
    lengths = np.fromiter(map(len, terms), np.int32, len(terms))
    return {"text": np.frombuffer(text, np.uint8), "lengths": lengths}


def unpack_terms(packed: dict[str, np.ndarray]) -> list[str]:
    """Return the terms that were packed, in their order."""
    text = packed["text"].tobytes().decode("utf-8", "surrogatepass")
    ends = np.cumsum(packed["lengths"], dtype=np.int64).tolist()
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]


class PackedVocabulary:
    """Packs `vocabulary_` where the estimator's state is taken, and leaves out what can be made again from it."""

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = dict(super().__getstate__())  # type: ignore[call-overload]
        state.pop("_known", None)
        vocabulary = state.get("vocabulary_")
        if vocabulary and sorted(vocabulary.values()) == list(range(len(vocabulary))):
            packed = pack_terms(sorted(vocabulary, key=vocabulary.__getitem__))
            if packed is not None:
                state["vocabulary_"] = None
                state["_packed_vocabulary"] = packed
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        packed = state.pop("_packed_vocabulary", None)
        if packed is not None:
            state["vocabulary_"] = {term: column for column, term in enumerate(unpack_terms(packed))}
        super().__setstate__(state)  # type: ignore[misc]
