"""Which format a file has: by its content when it is read, by its ending when it is written."""

import os
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from embedkit.checks import check_choice, check_integer
from embedkit.errors import FormatError, ParameterError
from embedkit.text.decoding import ENCODING_ERRORS
from embedkit.text.files import check_path, replace_file
from embedkit.vectors.formats import glove, native, word2vec_binary, word2vec_text
from embedkit.vectors.formats.foreign import refuse_foreign
from embedkit.vectors.formats.header import parse_header
from embedkit.vectors.formats.source import COMPRESSED, Source
from embedkit.vectors.formats.stored import EncodingErrors, StoredVectors, logger
from embedkit.vectors.formats.text_rows import numbers_at_end

FILE_FORMATS: dict[str, ModuleType] = {module.NAME: module for module in (word2vec_binary, word2vec_text, glove)}
FORMATS = (*FILE_FORMATS, native.NAME)
ENDINGS = {
    ".bin": word2vec_binary.NAME,
    ".txt": word2vec_text.NAME,
    ".vec": word2vec_text.NAME,
    ".embedkit": native.NAME,
}
CONTROL = bytes({*range(32)} - set(b"\t\n\v\f\r"))


def choose_format(path: str | os.PathLike[str], format: str | None = None) -> str:  # noqa: A002
    """Name the format in which `path` is to be written.

    Parameters
    ----------
    path : str or path-like
        Ends in .bin (word2vec-binary), .txt or .vec (word2vec-text), each of them with .gz, .bz2 or .xz behind if it is
        to be compressed; or in .embedkit or a slash (native). A directory that exists is native, too.
    format : str, optional
        One of FORMATS: overrules the ending.

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        If the ending or `format` is unknown, or the path empty.

    Examples
    --------
    >>> choose_format("vectors.txt.gz"), choose_format("vectors.embedkit"), choose_format("vectors.txt", "glove")
    ('word2vec-text', 'native', 'glove')
    """
    check_path(path, ParameterError)
    if format is not None:
        check_choice("format", format, FORMATS)
        return format
    name = os.fspath(path)
    if name.endswith(("/", os.sep)) or Path(name).is_dir():
        return native.NAME
    suffixes = [suffix.lower() for suffix in Path(name).suffixes]
    compressed = suffixes[-1:] and suffixes[-1] in COMPRESSED
    ending = "".join(suffixes[-2:-1] if compressed else suffixes[-1:])
    if ending not in ENDINGS or (compressed and ENDINGS[ending] == native.NAME):
        met = (
            f"the ending {''.join(suffixes[-2:] if compressed else suffixes[-1:])}"
            if suffixes
            else "a name without ending"
        )
        raise ParameterError(
            f"{name}: no format is known for {met}; expected .bin, .txt or .vec (with .gz, .bz2 or .xz behind, if you "
            f"like) or .embedkit, or name the format: {', '.join(FORMATS)}"
        )
    return ENDINGS[ending]


def recognise(path: str | os.PathLike[str]) -> str:
    """Name the format of a file by its content.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    str
        One of FORMATS.

    Raises
    ------
    FormatError
        If it is a file of another kind: a fastText model, a pickle, an archive, and so on.
    InputError
        If there is no such file.
    """
    check_path(path)
    if Path(path).is_dir():
        return native.NAME
    with Source(path) as source:
        return _recognise(source)


def read(
    path: str | os.PathLike[str],
    *,
    format: str | None = None,  # noqa: A002
    mmap: bool = False,
    encoding_errors: EncodingErrors = "strict",
    limit: int | None = None,
) -> StoredVectors:
    """Read a file of any format.

    Parameters
    ----------
    path : str or path-like
        Decompressed if it ends in .gz, .bz2 or .xz.
    format : str, optional
        One of FORMATS; default: told by the content.
    mmap : bool
        Leave the matrix in the file (native format only; others are read, and that is logged).
    encoding_errors : "strict", "replace" or "ignore"
        What to do about words that are not UTF-8. Where two words become one, the first wins.
    limit : int, optional
        Read only the first `limit` words.

    Raises
    ------
    FormatError
        If the file is damaged, foreign, or not of the format.
    InputError
        If there is no such file.
    ParameterError
        If a parameter is not one of those above.
    """
    check_path(path)
    check_choice("encoding_errors", encoding_errors, ENCODING_ERRORS)
    if limit is not None:
        check_integer("limit", limit, 1)
    if format is not None:
        check_choice("format", format, FORMATS)
    if Path(path).is_dir() or format == native.NAME:
        if format not in (None, native.NAME):
            raise ParameterError(f"format={format!r}: {os.fspath(path)} is a directory, which only native vectors are")
        return native.read(path, mmap=mmap, limit=limit)
    with Source(path) as source:
        refuse_foreign(source)
        name = format or _recognise(source)
        if mmap:
            logger.warning(
                "%s is read into memory: only the native format can be memory-mapped, and this is %s", path, name
            )
        stored: StoredVectors = FILE_FORMATS[name].read(source, encoding_errors=encoding_errors, limit=limit)
        return stored


def write(
    path: str | os.PathLike[str],
    words: Sequence[str],
    vectors: NDArray[np.float32],
    counts: NDArray[np.int64] | None,
    *,
    format: str | None = None,  # noqa: A002
) -> list[str]:
    """Write a file that appears complete or not at all.

    Returns
    -------
    list of str
        What the format could not hold, a sentence each.

    Raises
    ------
    FormatError
        If a word does not fit the format, or if there are no words.
    OutputError
        If the file cannot be written.
    ParameterError
        If the format is unknown.
    """
    name = choose_format(path, format)
    if len(words) == 0 and name != native.NAME:
        raise FormatError(
            f"cannot write {os.fspath(path)}: the format {name} holds at least one word, and there is none"
        )
    if name == native.NAME:
        native.write(path, words, vectors, counts)
        return []
    with replace_file(path) as out:
        FILE_FORMATS[name].write(out, words, vectors)
    if counts is None:
        return []
    lost = f"the format {name} holds no counts of words: they are not in {os.fspath(path)}"
    return [f"{lost}; the native format (.embedkit) keeps them"]


def _recognise(source: Source) -> str:
    """Name the format of an opened file."""
    refuse_foreign(source)
    header = parse_header(source)
    if header is None:
        source.look_ahead_to(b"\n")
        if glove.row_size(source.head):
            return glove.NAME
        raise source.error(
            f"starts with {source.opening}, expected word vectors: a first line of two numbers (word2vec) or a "
            "word and its numbers (GloVe); the file is foreign or damaged"
        )
    _, vector_size, end = header
    source.look_ahead_to(b" ", end)
    rows = source.head[end:]
    has_control = len(rows.translate(None, CONTROL)) < len(rows)
    # A text file may hold a control character, by damage or in a word, and a small binary file may hold none.
    if has_control or source.path.suffix.lower() == ".bin":
        row, line_end, _ = rows.partition(b"\n")
        return word2vec_text.NAME if line_end and numbers_at_end(row) >= vector_size else word2vec_binary.NAME
    return word2vec_text.NAME
