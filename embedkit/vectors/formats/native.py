r"""embedkit's own format: a directory, by custom ``name.embedkit``, that opens in milliseconds whatever its size.

Layout::

    meta.json       {"format": "embedkit-vectors", "version": 1, "n_words": n, "vector_size": d,
                     "words_bytes": size of words.txt, "counts": whether there are counts}
    vectors.npy     float32, little endian, (n, d), C order: can be memory-mapped
    words.txt       UTF-8, one word a line; a backslash, a line feed and a carriage return in a word are
                    written \\ \n \r, half a surrogate pair \udXXX
    counts.npy      int64, little endian, (n,); only where there are counts

words.txt is read when words are first asked for. Files are replaced together, by a rename of the directory, and what
was opened before keeps showing the older files.
"""

import json
import mmap
import os
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedkit.errors import FormatError, InputError, OutputError
from embedkit.text.files import replace_directory
from embedkit.vectors.formats.stored import StoredVectors

NAME = "native"
MARK = "embedkit-vectors"
VERSION = 1
META, VECTORS, WORDS, COUNTS = "meta.json", "vectors.npy", "words.txt", "counts.npy"
ESCAPED = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}
ESCAPES = str.maketrans(ESCAPED)
ESCAPE = re.compile(r"\\(?:u(d[89a-f][0-9a-f]{2})|(.))", re.DOTALL)
PLAIN = {"\\": "\\", "n": "\n", "r": "\r"}


def is_native(path: str | os.PathLike[str]) -> bool:
    """Whether `path` is a directory that this format wrote."""
    try:
        return _read_meta(Path(path)).get("format") == MARK
    except FormatError:
        return False


def read(path: str | os.PathLike[str], *, mmap: bool = False, limit: int | None = None) -> StoredVectors:
    """Open a directory; its words are read when they are first asked for.

    Parameters
    ----------
    path : str or path-like
    mmap : bool
        Whether the matrix stays in the file, memory-mapped and read-only, or is read into memory.
    limit : int, optional
        Read only the first words.

    Raises
    ------
    FormatError
        If a file is missing, damaged, or of a later version, or `path` is a file.
    InputError
        If there is nothing at `path`.
    """
    folder = Path(path)
    if not folder.exists():
        raise InputError(f"no such file: {folder}; check the path")
    if not folder.is_dir():
        raise FormatError(f"{folder} is a file, and the native format is a directory; leave the format out")
    meta = _read_meta(folder)
    if meta.get("format") != MARK:
        raise FormatError(f'{folder / META}: expected "format": {MARK!r}, met {meta.get("format")!r}')
    if meta.get("version") != VERSION:
        raise FormatError(
            f"{folder}: version {meta.get('version')!r} of the native format; this embedkit reads version {VERSION}: "
            "use a newer embedkit"
        )
    n_words, vector_size = _size(folder, meta, "n_words"), _size(folder, meta, "vector_size")
    vectors = _read_array(folder / VECTORS, (n_words, vector_size), "<f4", mmap)
    counts = _read_array(folder / COUNTS, (n_words,), "<i8", False) if meta.get("counts") else None
    text = _open_words(folder / WORDS, _size(folder, meta, "words_bytes"))
    stop = n_words if limit is None else min(limit, n_words)
    return StoredVectors(
        partial(_decode_words, text, n_words, stop, folder / WORDS),
        vectors[:stop].astype(np.float32, copy=False),
        None if counts is None else counts[:stop].astype(np.int64, copy=False),
    )


def write(
    path: str | os.PathLike[str], words: Sequence[str], vectors: NDArray[np.float32], counts: NDArray[np.int64] | None
) -> None:
    """Write a directory, replacing an older one of this format.

    Raises
    ------
    OutputError
        If it cannot be written, or if `path` is a directory that holds anything else.
    """
    folder = Path(os.path.realpath(path))
    check_replaceable(folder)
    text = "".join([word.translate(ESCAPES) + "\n" for word in words]).encode("utf-8", "backslashreplace")
    n_words, vector_size = vectors.shape
    meta = {
        "format": MARK,
        "version": VERSION,
        "n_words": n_words,
        "vector_size": vector_size,
        "words_bytes": len(text),
        "counts": counts is not None,
    }
    with replace_directory(folder) as fresh:
        _write_array(fresh / VECTORS, np.ascontiguousarray(vectors, dtype="<f4"))
        if counts is not None:
            _write_array(fresh / COUNTS, np.ascontiguousarray(counts, dtype="<i8"))
        (fresh / WORDS).write_bytes(text)
        (fresh / META).write_text(json.dumps(meta, indent=1) + "\n", encoding="utf-8")


def check_replaceable(path: str | os.PathLike[str]) -> None:
    """Raise OutputError if `path` is a directory that holds anything but vectors of this format."""
    folder = Path(path)
    if folder.is_dir():
        others = sorted({entry.name for entry in folder.iterdir()} - {META, VECTORS, WORDS, COUNTS})
        if others or (any(folder.iterdir()) and not is_native(folder)):
            met = repr(others[0]) if others else "files of another kind"
            raise OutputError(f"cannot write {folder}: it holds {met}, which would be lost; name a new directory")


def _write_array(path: Path, array: NDArray[Any]) -> None:
    """Write a .npy file; numpy's own writer would not say why a disk refuses."""
    with path.open("wb") as out:
        np.lib.format.write_array_header_1_0(out, np.lib.format.header_data_from_array_1_0(array))
        out.write(array.data.cast("B") if array.size else b"")


def _read_meta(folder: Path) -> dict[str, Any]:
    """Contents of meta.json."""
    try:
        meta = json.loads((folder / META).read_bytes())
    except FileNotFoundError:
        raise FormatError(
            f"{folder} is a directory without {META}, expected vectors in embedkit's native format; name a file in it, "
            "or the directory that save() made"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise FormatError(f"{folder / META} cannot be read ({error}); save the vectors again") from None
    if not isinstance(meta, dict):
        raise FormatError(f"{folder / META} holds {type(meta).__name__}, expected an object; save the vectors again")
    return meta


def _size(folder: Path, meta: dict[str, Any], name: str) -> int:
    """A size that meta.json names."""
    value = meta.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise FormatError(f"{folder / META}: {name} is {value!r}, expected a whole number; save the vectors again")
    return value


def _read_array(path: Path, shape: tuple[int, ...], dtype: str, mapped: bool) -> NDArray[Any]:
    """An array whose shape and type are known beforehand."""
    try:
        array = np.load(path, mmap_mode="r" if mapped and 0 not in shape else None, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise FormatError(f"{path} cannot be read ({error}); it is missing, cut short or damaged") from None
    if not isinstance(array, np.ndarray) or array.shape != shape or array.dtype != np.dtype(dtype):
        met = f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
        raise FormatError(f"{path} holds {met}, but {META} promises {np.dtype(dtype)} {shape}; save the vectors again")
    if not array.flags.c_contiguous:
        raise FormatError(f"{path} is in Fortran order, expected C order (numpy.ascontiguousarray); save it so")
    return array


def _open_words(path: Path, size: int) -> bytes | mmap.mmap:
    """The words file, mapped: it stays the one that belongs to the matrix even if the directory is replaced."""
    try:
        with path.open("rb") as file:
            held = os.fstat(file.fileno()).st_size
            if held != size:
                raise FormatError(f"{path} holds {held} bytes, but {META} promises {size}; save the vectors again")
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
    except OSError as error:
        raise FormatError(f"{path} cannot be read ({error}); save the vectors again") from None


def _decode_words(text: bytes | mmap.mmap, n_words: int, stop: int, path: Path) -> list[str]:
    """The first `stop` words."""
    try:
        words = bytes(text).decode("utf-8").split("\n")
        if len(words) != n_words + 1 or words.pop():
            raise FormatError(f"{path} holds {len(words)} lines, but {META} promises {n_words}; save the vectors again")
        words = words[:stop]
        if b"\\" in bytes(text):
            words = [ESCAPE.sub(_unescape, word) if "\\" in word else word for word in words]
    except (UnicodeDecodeError, KeyError) as error:
        raise FormatError(f"{path} is damaged ({error}); save the vectors again") from None
    if len(set(words)) < len(words):
        raise FormatError(f"{path} holds a word more than once, expected every word once; save the vectors again")
    return words


def _unescape(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else PLAIN[match[2]]
