"""Text files, directories, patterns and standard input, as blocks."""

import glob
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from embedkit._cext.scan import after_last_space
from embedkit.errors import InputError
from embedkit.text.blocks import Block
from embedkit.text.decoding import UTF8_BOM, explain_damage, refuse_foreign, valid_utf8
from embedkit.text.files import OPENERS, check_path, open_input

__all__ = ["STDIN", "FileBlocks", "expand_paths", "input_name", "standard_input"]

STDIN = "-"


class FileBlocks:
    """Reads files one after another; the end of each ends a document."""

    def __init__(self, files: list[str], encoding_errors: str) -> None:
        self.files = files
        self.encoding_errors = encoding_errors
        self.sizes = [_size(file) for file in files]
        self.bytes_total = None if None in self.sizes else sum(cast(list[int], self.sizes))

    def __str__(self) -> str:
        return input_name(self.files[0]) + (f" and {len(self.files) - 1} more" if len(self.files) > 1 else "")

    def blocks(self, size: int) -> Iterator[Block]:
        """Read blocks of about `size` bytes, more where a word is longer."""
        done = 0
        for file, file_size in zip(self.files, self.sizes, strict=True):
            name = input_name(file)
            compressed = Path(file).suffix.lower() in OPENERS and file_size is not None
            stream = standard_input() if file == STDIN else open_input(file)
            try:
                read = 0
                for data, offset in _pieces(stream, name, size):
                    text = valid_utf8(data, self.encoding_errors, name, offset)
                    # Of a compressed file only the compressed size is known beforehand.
                    read = os.lseek(stream.fileno(), 0, os.SEEK_CUR) if compressed else offset + len(data)
                    yield Block(text, done + (read if file_size is None else min(read, file_size)))
                done += read if file_size is None else file_size
            finally:
                if file != STDIN:
                    stream.close()


def expand_paths(paths: Iterable[str | os.PathLike[str]]) -> list[str]:
    """The files that paths stand for: files, all files in directories, those that match patterns, ``"-"``.

    Raises
    ------
    InputError
        If a path does not exist, a directory or a pattern has no file, or there is no path at all.
    """
    files = [file for path in paths for file in _expand(os.fspath(path))]
    if not files:
        raise InputError("no input: name at least one file, or - for standard input")
    return files


def _expand(path: str) -> list[str]:
    check_path(path)
    if path == STDIN:
        return [path]
    if _exists(path):
        files = _files_at(Path(path))
        if not files:
            raise InputError(f"the directory {path} holds no file, hidden ones aside; name one that does")
        return files
    if not glob.has_magic(path):
        raise InputError(f"no such file: {path[:200]}; check the path")
    # Path.glob knows no absolute patterns.
    found = sorted(glob.glob(path, recursive=True))  # noqa: PTH207
    files = list(dict.fromkeys(file for name in found for file in _files_at(Path(name))))
    if not files:
        raise InputError(f"no file matches {path[:200]}; check the pattern")
    return files


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:  # too long for a name, for instance
        return False


def _files_at(path: Path) -> list[str]:
    """The path itself or, for a directory, all files in it and below, in order, hidden ones left out."""
    if not path.is_dir():
        return [str(path)]
    files: list[Path] = []
    seen: set[str] = set()
    for folder, folders, names in os.walk(path, onerror=_refuse_folder, followlinks=True):
        real = os.path.realpath(folder)
        # A link may lead back to a directory above it.
        folders[:] = [] if real in seen else [name for name in folders if name[0] != "."]
        if real not in seen:
            files += [Path(folder, name) for name in names if name[0] != "."]
        seen.add(real)
    # A link that leads nowhere stays, to be an error when it is opened; pipes and devices are no corpus.
    return [str(file) for file in sorted(files) if file.is_file() or not file.exists()]


def _refuse_folder(error: OSError) -> None:
    raise InputError(f"cannot read the directory {error.filename}: {error.strerror}") from error


def _size(file: str) -> int | None:
    """Bytes of a regular file, None for a pipe or a device."""
    return Path(file).stat().st_size if file != STDIN and Path(file).is_file() else None


def input_name(file: str) -> str:
    """How messages call a file."""
    return "standard input" if file == STDIN else file


def standard_input() -> BinaryIO:
    """The bytes of standard input.

    Raises
    ------
    InputError
        If the process has none.
    """
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise InputError("there is no standard input to read; name a file instead of -")
    return cast(BinaryIO, stream)


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
            buffer = _moved(buffer, 0, filled, 2 * filled)
        view = memoryview(buffer)
        with explain_damage(name):
            got = cast(Any, stream).readinto(view[filled:])
        filled += got
        cut = searched + after_last_space(view[searched:filled])
        if cut > searched:
            yield view[:cut], offset
            last = bytes(buffer[cut - 1 : cut])
            offset += cut
            filled -= cut
            if len(buffer) > room and filled <= room // 2:
                buffer = _moved(buffer, cut, filled, room)
            else:
                buffer[:filled] = buffer[cut : cut + filled]
        searched = filled
        if not got:
            break
    if filled or last != b"\n":
        yield memoryview(bytes(buffer[:filled]) + b"\n"), offset


def _moved(buffer: bytearray, start: int, length: int, size: int) -> bytearray:
    """A buffer of `size` bytes that begins with a part of another."""
    other = bytearray(size)
    with memoryview(buffer) as view:
        other[:length] = view[start : start + length]
    return other
