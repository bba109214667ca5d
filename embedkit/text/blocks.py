"""Blocks: the form in which a corpus is handed on, whatever it is read from."""

from dataclasses import dataclass

__all__ = ["BLOCK_BYTES", "Block"]

BLOCK_BYTES = 4 * 2**20
"""Usual size: what is read, checked and scanned while it stays in a processor's cache."""


@dataclass(frozen=True)
class Block:
    r"""A piece of a corpus that cuts neither a word nor a code point.

    Attributes
    ----------
    data : bytes-like
        UTF-8 without NUL. It ends with ASCII white space, and each ``\n`` ends a document. The next
        block may overwrite it.
    position : int
        How much of the corpus has been read with this block, out of the corpus's `bytes_total`.
    tokens : bool
        `data` holds words instead, each ended by a NUL, each document by one NUL more.
    """

    data: memoryview | bytes
    position: int
    tokens: bool = False
