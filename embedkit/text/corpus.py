"""Text as a stream of documents, in blocks of valid UTF-8: from files, standard input, or Python."""

import glob
import itertools
import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from embedkit._cext.scan import after_last_space
from embedkit.errors import InputError
from embedkit.text.decoding import (
    UTF8_BOM,
    check_encoding_errors,
    explain_damage,
    refuse_foreign,
    replace_surrogates,
    to_utf8,
    valid_utf8,
)
from embedkit.text.files import OPENERS, open_input

__all__ = ["BLOCK_BYTES", "Block", "Corpus", "join_tokens"]

BLOCK_BYTES = 2 * 2**20
"""A block of this size is read, checked and scanned while it stays in a processor's cache."""

STDIN = "-"


@dataclass(frozen=True)
class Block:
    """A piece of a corpus that cuts neither a word nor a code point.

    Attributes
    ----------
    data : bytes-like
        UTF-8 without NUL. Text ends with ASCII white space, and each ``\\n`` ends a document. It is
        valid until the next block is asked for, which may overwrite it.
    position : int
        How much of the corpus has been read with this block, out of `Corpus.bytes_total`.
    tokens : bool
        `data` holds words instead, each ended by a NUL, each document by one NUL more.
    """

    data: memoryview | bytes
    position: int
    tokens: bool = False


class Corpus(ABC):
    """A stream of documents; made by `from_paths`, `from_documents` or `from_any`.

    Examples
    --------
    >>> corpus = Corpus.from_documents(["a cat", ["New York", "is", "big"]])
    >>> [(bytes(block.data), block.tokens) for block in corpus.blocks()]
    [(b'a cat\\n', False), (b'New York\\x00is\\x00big\\x00\\x00', True)]
    """

    bytes_total: int | None = None
    """What `Block.position` will reach; None if that is not known before the end."""

    @abstractmethod
    def blocks(self, size: int = BLOCK_BYTES) -> Iterator[Block]:
        """Read the corpus in blocks of about `size` bytes; more where a word or a document is longer.

        Raises
        ------
        InputError
            If a file cannot be read or is not what `encoding_errors` allows, if a document has a
            wrong type, or if the corpus is an iterator that has been read before.
        """

    @classmethod
    def from_paths(cls, paths: Iterable[str | os.PathLike[str]], *, encoding_errors: str = "strict") -> "Corpus":
        """Text files in which a line is a document.

        Parameters
        ----------
        paths : iterable of str or path-like
            Files (``.gz``, ``.bz2`` and ``.xz`` are decompressed), directories (all files below, in
            sorted order, but for hidden ones), glob patterns, or ``"-"`` for standard input.
        encoding_errors : {"strict", "replace", "ignore"}
            What to do with bytes that are NUL or no UTF-8, as in `bytes.decode`.

        Raises
        ------
        InputError
            If a path does not exist, or a directory or pattern holds no file.
        ParameterError
            If `encoding_errors` has another value.
        """
        check_encoding_errors(encoding_errors)
        files = [file for path in paths for file in _expand(os.fspath(path))]
        if not files:
            raise InputError("no input files: name at least one file, or - for standard input")
        return _FileCorpus(files, encoding_errors)

    @classmethod
    def from_documents(cls, documents: Iterable[str | Sequence[str]], *, encoding_errors: str = "strict") -> "Corpus":
        """Documents that Python holds, or makes while they are read.

        Parameters
        ----------
        documents : iterable of str or of sequences of str
            A string is cut by the tokenizer, its line ends being white space like any other; the
            words of a sequence are taken as they are, empty ones left out. Both may be mixed.
        encoding_errors : {"strict", "replace", "ignore"}
            What to do with lone surrogates and NUL in strings.

        Raises
        ------
        InputError
            If `documents` is not an iterable of documents.
        ParameterError
            If `encoding_errors` has another value.
        """
        check_encoding_errors(encoding_errors)
        if isinstance(documents, str | bytes | bytearray | memoryview | Mapping) or hasattr(documents, "columns"):
            raise InputError(f"documents is {_kind(documents)}, expected a list of texts{_remedy(documents)}")
        if not isinstance(documents, Iterable):
            raise InputError(f"documents is {_kind(documents)}, expected a list of texts or of token lists")
        return _DocumentCorpus(documents, encoding_errors)

    @classmethod
    def from_any(cls, source: Any, *, encoding_errors: str = "strict") -> "Corpus":
        """A corpus from whatever stands for one.

        Parameters
        ----------
        source : str, path-like, Corpus or iterable
            A path is read by `from_paths`, as is an iterable of path objects; a Corpus is returned as
            it is; any other iterable is one of documents, for `from_documents`.
        encoding_errors : {"strict", "replace", "ignore"}

        Raises
        ------
        InputError, ParameterError
            As `from_paths` and `from_documents` do.
        """
        if isinstance(source, Corpus):
            return source
        if isinstance(source, str):
            try:
                return cls.from_paths([source], encoding_errors=encoding_errors)
            except InputError as error:
                raise InputError(f"{error} (a single text has to be passed in a list: [text])") from None
        if isinstance(source, os.PathLike):
            return cls.from_paths([source], encoding_errors=encoding_errors)
        if isinstance(source, Iterator):
            first = list(itertools.islice(source, 1))
            source = itertools.chain(first, source)
        else:
            first = list(source[:1]) if isinstance(source, list | tuple) else []
        if first and isinstance(first[0], os.PathLike):
            return cls.from_paths(source, encoding_errors=encoding_errors)
        return cls.from_documents(source, encoding_errors=encoding_errors)


class _FileCorpus(Corpus):
    """Lines of files."""

    def __init__(self, files: list[str], encoding_errors: str) -> None:
        self.files = files
        self.encoding_errors = encoding_errors
        self.sizes = [_size(file) for file in files]
        self.bytes_total = None if None in self.sizes else sum(cast(list[int], self.sizes))

    def __str__(self) -> str:
        return self.files[0] if len(self.files) == 1 else f"{self.files[0]} and {len(self.files) - 1} more"

    def blocks(self, size: int = BLOCK_BYTES) -> Iterator[Block]:
        done = 0
        for file, file_size in zip(self.files, self.sizes, strict=True):
            name = "standard input" if file == STDIN else file
            compressed = Path(file).suffix.lower() in OPENERS and file_size is not None
            stream = _stdin() if file == STDIN else open_input(file)
            try:
                read = 0
                for data, offset in _pieces(stream, name, size):
                    text = valid_utf8(data, self.encoding_errors, name, offset)
                    # Of a compressed file only the size of the compressed bytes is known beforehand.
                    read = os.lseek(stream.fileno(), 0, os.SEEK_CUR) if compressed else offset + len(data)
                    yield Block(text, done + read)
                done += read if file_size is None else file_size
            finally:
                if file != STDIN:
                    stream.close()


class _DocumentCorpus(Corpus):
    """Strings and token lists."""

    def __init__(self, documents: Iterable[str | Sequence[str]], encoding_errors: str) -> None:
        self.documents = documents
        self.encoding_errors = encoding_errors
        self.once = isinstance(documents, Iterator)
        self.used = False

    def __str__(self) -> str:
        return "the documents"

    def blocks(self, size: int = BLOCK_BYTES) -> Iterator[Block]:
        if self.once and self.used:
            raise InputError("the documents are an iterator that has been read already; pass a list to read them again")
        self.used = True
        parts: list[bytes] = []
        held = done = 0
        kind = False  # of the parts held: tokens or text
        for number, document in enumerate(self.documents):
            tokens = not isinstance(document, str)
            if parts and (held >= size or tokens != kind):
                done += held
                yield Block(b"".join(parts), done, kind)
                parts, held = [], 0
            kind = tokens
            try:
                parts.append(join_tokens(document, self.encoding_errors) if tokens else self._line(cast(str, document)))
            except InputError as error:
                raise InputError(f"documents[{number}]: {error}") from None
            held += len(parts[-1])
        if parts:
            yield Block(b"".join(parts), done + held, kind)

    def _line(self, document: str) -> bytes:
        return to_utf8(document, self.encoding_errors).replace(b"\n", b" ") + b"\n"


def join_tokens(tokens: Any, encoding_errors: str = "strict") -> bytes:
    """The words of a document, each ended by a NUL, and a NUL for the end of the document.

    Raises
    ------
    InputError
        If `tokens` is not a sequence of strings, if one holds a NUL, or a lone surrogate that
        `encoding_errors` does not allow.
    """
    if not isinstance(tokens, Sequence | np.ndarray) or isinstance(tokens, str | bytes | bytearray | memoryview):
        raise InputError(f"found {_kind(tokens)}, expected a string or a list of strings{_remedy(tokens)}")
    try:
        text = "\0".join(tokens)
    except TypeError:
        at = next(i for i, token in enumerate(tokens) if not isinstance(token, str))
        raise InputError(f"token {at} is {_kind(tokens[at])}, expected a string{_remedy(tokens[at])}") from None
    if len(tokens) and text.count("\0") != len(tokens) - 1:
        at = next(i for i, token in enumerate(tokens) if "\0" in token)
        raise InputError(f"token {at} ({tokens[at]!r}) holds a NUL, which ends a word here; take it out")
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        if encoding_errors == "strict":
            at = text.count("\0", 0, error.start)
            raise InputError(f"token {at} ({tokens[at]!r}) holds a lone surrogate, which is no text") from None
        data = replace_surrogates(text, encoding_errors).encode()
    if data[:1] == b"\0" or data[-1:] == b"\0" or b"\0\0" in data:
        data = b"\0".join(filter(None, data.split(b"\0")))
    return data + b"\0\0" if data else b"\0"


def _pieces(stream: BinaryIO, name: str, size: int) -> Iterator[tuple[memoryview, int]]:
    """The bytes of a file, cut after white space, and the offset of each piece.

    The byte-order mark is left out; a line end is added where the last line has none. One buffer is
    used again and again; it doubles while no white space is in it, so that a long word costs linear time.
    """
    with explain_damage(name):
        start = stream.read(len(UTF8_BOM) + 1)
    refuse_foreign(start, name)
    text = start.removeprefix(UTF8_BOM)
    offset = len(start) - len(text)  # of the buffer in the file
    room = max(size, 2 * len(start))
    buffer = bytearray(room)
    buffer[: len(text)] = text
    filled, searched = len(text), 0
    last = b"\n"
    while True:
        if filled == len(buffer):
            buffer = _resized(buffer, 0, filled, 2 * filled)
        view = memoryview(buffer)
        with explain_damage(name):
            got = cast(Any, stream).readinto(view[filled:])
        filled += got
        cut = searched + after_last_space(view[searched:filled])
        if cut > searched:
            yield view[:cut], offset
            last = buffer[cut - 1 : cut]
            offset += cut
            filled -= cut
            if len(buffer) > room and filled <= room // 2:
                buffer = _resized(buffer, cut, filled, room)
            else:
                buffer[:filled] = buffer[cut : cut + filled]
        searched = filled
        if not got:
            break
    if filled or last != b"\n":
        yield memoryview(bytes(buffer[:filled]) + b"\n"), offset


def _resized(buffer: bytearray, start: int, length: int, size: int) -> bytearray:
    """A buffer of `size` bytes that begins with a part of another."""
    other = bytearray(size)
    with memoryview(buffer) as view:
        other[:length] = view[start : start + length]
    return other


def _stdin() -> BinaryIO:
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise InputError("there is no standard input to read; name a file instead of -")
    return cast(BinaryIO, stream)


def _expand(path: str) -> list[str]:
    """The files that a path stands for."""
    if path == STDIN:
        return [path]
    if os.path.isdir(path):
        files = _files_below(Path(path))
        if not files:
            raise InputError(f"the directory {path} holds no file but hidden ones; name one that does")
        return files
    if os.path.exists(path):
        return [path]
    if not glob.has_magic(path):
        raise InputError(f"no such file: {path[:200]!r}; check the path")
    found = sorted(glob.glob(path, recursive=True))
    files = [file for name in found for file in (_files_below(Path(name)) if os.path.isdir(name) else [name])]
    if not files:
        raise InputError(f"no file matches {path[:200]!r}; check the pattern")
    return list(dict.fromkeys(files))


def _files_below(folder: Path) -> list[str]:
    """All files in a directory and those within, in order, but for hidden ones."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [str(path) for path in paths if not any(part[0] == "." for part in path.relative_to(folder).parts)]


def _size(file: str) -> int | None:
    """Bytes of a regular file, None for a pipe or a device."""
    return os.path.getsize(file) if file != STDIN and os.path.isfile(file) else None


def _kind(value: object) -> str:
    """What a message calls a value."""
    return f"a {type(value).__name__}" + (f" ({value})" if isinstance(value, int | float) else "")


def _remedy(value: object) -> str:
    """What to do about a value of a wrong type, to go behind the message."""
    if isinstance(value, str):
        return "; pass a single text in a list: [text]"
    if isinstance(value, bytes | bytearray | memoryview):
        return "; decode it first: value.decode('utf-8')"
    if isinstance(value, float):
        return "; drop missing values first"
    if hasattr(value, "columns"):
        return "; pass one column of it"
    return ""
