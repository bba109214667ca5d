"""A vocabulary as one array of bytes, which any file of arrays can hold."""

from collections.abc import Iterable

import numpy as np

__all__ = ["pack_words", "unpack_words"]


def pack_words(words: Iterable[str]) -> np.ndarray:
    """UTF-8 of the words, a NUL behind each: ndarray of uint8. No word holds a NUL."""
    return np.frombuffer("".join(word + "\0" for word in words).encode(), np.uint8)


def unpack_words(packed: np.ndarray) -> list[str]:
    """The words again."""
    return packed.tobytes().decode().split("\0")[:-1]
