"""Documents that Python holds or makes, as blocks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from embedkit.errors import InputError
from embedkit.text.blocks import Block
from embedkit.text.decoding import replace_surrogates, to_utf8

__all__ = ["DocumentBlocks", "join_tokens"]

BYTES = bytes | bytearray | memoryview


class DocumentBlocks:
    """Reads strings and token lists, mixed as they come.

    Raises
    ------
    InputError
        If `documents` is not an iterable of documents.
    """

    bytes_total = None

    def __init__(self, documents: Iterable[str | Sequence[str]], encoding_errors: str) -> None:
        wrong = isinstance(documents, str | BYTES | Mapping) or hasattr(documents, "columns")
        if wrong or not isinstance(documents, Iterable):
            raise InputError(
                f"documents: {_kind(documents)}, expected a list of texts or token lists{_hint(documents)}"
            )
        if isinstance(documents, np.ndarray) and documents.ndim != 1:
            raise InputError(
                f"documents: an array of shape {documents.shape}, expected one dimension; pass one column of it"
            )
        self.documents = documents
        self.encoding_errors = encoding_errors
        self.once = isinstance(documents, Iterator)
        self.used = False

    def __str__(self) -> str:
        return "the documents"

    def blocks(self, size: int) -> Iterator[Block]:
        """Join documents of a kind to blocks of at least `size` bytes."""
        if self.once and self.used:
            raise InputError("the documents are an iterator that has been read already; pass a list to read them again")
        self.used = True
        parts: list[bytes] = []
        held = done = 0
        held_tokens = False
        for number, document in enumerate(self.documents):
            tokens = not isinstance(document, str)
            if parts and (held >= size or tokens != held_tokens):
                done += held
                yield Block(b"".join(parts), done, held_tokens)
                parts, held = [], 0
            held_tokens = tokens
            try:
                parts.append(self._encoded(document))
            except InputError as error:
                raise InputError(f"documents[{number}]: {error}") from None
            held += len(parts[-1])
        if parts:
            yield Block(b"".join(parts), done + held, held_tokens)

    def _encoded(self, document: str | Sequence[str]) -> bytes:
        if not isinstance(document, str):
            return join_tokens(document, self.encoding_errors)
        # Only the end of the string ends the document.
        return to_utf8(document, self.encoding_errors).replace(b"\n", b" ") + b"\n"


def join_tokens(tokens: Any, encoding_errors: str = "strict") -> bytes:
    """The words of a document, each ended by a NUL, and a NUL for the end of the document.

    Raises
    ------
    InputError
        If `tokens` is not a sequence of strings, if one holds a NUL, or a lone surrogate that
        `encoding_errors` does not allow.
    """
    if not isinstance(tokens, Sequence | np.ndarray) or isinstance(tokens, str | BYTES):
        raise InputError(f"{_kind(tokens)}, expected a string or a list of strings{_hint(tokens)}")
    try:
        text = "\0".join(tokens)
    except TypeError:
        at = next(i for i, token in enumerate(tokens) if not isinstance(token, str))
        raise InputError(f"token {at}: {_kind(tokens[at])}, expected a string{_hint(tokens[at])}") from None
    if len(tokens) and text.count("\0") != len(tokens) - 1:
        at = next(i for i, token in enumerate(tokens) if "\0" in token)
        raise InputError(f"token {at}: {tokens[at]!r} holds a NUL, which separates words here; take it out")
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        if encoding_errors == "strict":
            at = text.count("\0", 0, error.start)
            raise InputError(f"token {at}: {tokens[at]!r} holds a lone surrogate, which is no text") from None
        data = replace_surrogates(text, encoding_errors).encode()
    if data[:1] == b"\0" or data[-1:] == b"\0" or b"\0\0" in data:
        data = b"\0".join(filter(None, data.split(b"\0")))
    return data + b"\0\0" if data else b"\0"


def _kind(value: object) -> str:
    """What a message calls a value."""
    shown = f" ({value})" if value is None or isinstance(value, int | float) else ""
    return f"an object of type {type(value).__name__}{shown}"


def _hint(value: object) -> str:
    """What to do about a value of a wrong type, to go behind the message."""
    if isinstance(value, str):
        return "; pass a single text in a list: [text]"
    if isinstance(value, BYTES):
        return "; decode it first: value.decode('utf-8')"
    if value is None or isinstance(value, float):
        return "; drop missing values first"
    if hasattr(value, "columns"):
        return "; pass one column of it"
    return ""
