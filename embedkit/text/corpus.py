"""Text as a stream of documents, wherever it comes from."""

import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from embedkit.checks import check_choice
from embedkit.errors import InputError
from embedkit.text.blocks import BLOCK_BYTES, Block
from embedkit.text.decoding import ENCODING_ERRORS
from embedkit.text.document_blocks import DocumentBlocks
from embedkit.text.file_blocks import FileBlocks, expand_paths

__all__ = ["Corpus"]


class Corpus:
    r"""A stream of documents; made by `from_paths`, `from_documents` or `from_any`.

    Attributes
    ----------
    files : list of str
        What it reads; empty if the documents come from Python.
    bytes_total : int or None
        Size of all files, as they lie on disk; None where it is not known beforehand.

    Examples
    --------
    >>> corpus = Corpus.from_documents(["a cat", ["New York", "is", "big"]])
    >>> [(bytes(block.data), block.tokens) for block in corpus.blocks()]
    [(b'a cat\n', False), (b'New York\x00is\x00big\x00\x00', True)]
    """

    def __init__(self, source: FileBlocks | DocumentBlocks) -> None:
        self._source = source

    @classmethod
    def from_paths(cls, paths: Iterable[str | os.PathLike[str]], *, encoding_errors: str = "strict") -> "Corpus":
        """Text files in which a line is a document.

        Parameters
        ----------
        paths : iterable of str or path-like
            Files (``.gz``, ``.bz2`` and ``.xz`` are decompressed), directories (all files below, in
            sorted order, hidden ones left out), patterns as in `glob`, or ``"-"`` for standard input.
        encoding_errors : {"strict", "replace", "ignore"}
            What to do with bytes that are NUL or no UTF-8, as in `bytes.decode`.

        Returns
        -------
        Corpus

        Raises
        ------
        InputError
            If a path does not exist, or a directory or pattern holds no file.
        ParameterError
            If `encoding_errors` has another value.
        """
        check_choice("encoding_errors", encoding_errors, ENCODING_ERRORS)
        if isinstance(paths, str | os.PathLike):
            paths = [paths]
        return cls(FileBlocks(expand_paths(paths), encoding_errors))

    @classmethod
    def from_documents(cls, documents: Iterable[str | Sequence[str]], *, encoding_errors: str = "strict") -> "Corpus":
        """Documents that Python holds, or makes while they are read.

        Parameters
        ----------
        documents : iterable of str or of sequences of str
            A string is cut by the tokenizer, a line end in it being white space like any other; the
            words of a sequence are taken as they are, empty ones left out. Both may be mixed.
        encoding_errors : {"strict", "replace", "ignore"}
            What to do with lone surrogates, and with NUL in a string.

        Returns
        -------
        Corpus

        Raises
        ------
        InputError
            If `documents` is not an iterable of documents.
        ParameterError
            If `encoding_errors` has another value.
        """
        check_choice("encoding_errors", encoding_errors, ENCODING_ERRORS)
        return cls(DocumentBlocks(documents, encoding_errors))

    @classmethod
    def from_any(cls, source: Any, *, encoding_errors: str = "strict") -> "Corpus":
        """A corpus from whatever stands for one.

        Parameters
        ----------
        source : str, path-like, Corpus or iterable
            A path is read by `from_paths`, as is an iterable of path objects; a Corpus is returned as
            it is; any other iterable is one of documents, for `from_documents`.
        encoding_errors : {"strict", "replace", "ignore"}

        Returns
        -------
        Corpus

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
        first: Sequence[Any] = ()
        if isinstance(source, Iterator):
            first = list(itertools.islice(source, 1))
            source = itertools.chain(first, source)
        elif isinstance(source, list | tuple):
            first = source[:1]
        if first and isinstance(first[0], os.PathLike):
            return cls.from_paths(source, encoding_errors=encoding_errors)
        return cls.from_documents(source, encoding_errors=encoding_errors)

    @property
    def files(self) -> list[str]:
        """Files that are read, in order."""
        return self._source.files if isinstance(self._source, FileBlocks) else []

    @property
    def bytes_total(self) -> int | None:
        """What `Block.position` will reach, None if that is not known before the end."""
        return self._source.bytes_total

    def __str__(self) -> str:
        return str(self._source)

    def blocks(self, size: int = BLOCK_BYTES) -> Iterator[Block]:
        """Read the corpus in blocks of about `size` bytes; more where a word or a document is longer.

        Yields
        ------
        Block

        Raises
        ------
        InputError
            If a file cannot be read or is not what `encoding_errors` allows, if a document has a
            wrong type, or if the documents are an iterator that has been read before.
        """
        return self._source.blocks(size)
