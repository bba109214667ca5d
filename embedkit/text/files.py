"""Opening inputs by their ending, and outputs that appear complete or not at all."""

import bz2
import contextlib
import errno
import gzip
import lzma
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from embedkit.errors import EmbedkitError, InputError, OutputError

__all__ = ["check_path", "check_writable", "open_input", "replace_directory", "replace_file"]

# What the system says where room would help.
NO_ROOM = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


def check_path(path: str | os.PathLike[str], error: type[EmbedkitError] = InputError) -> None:
    """Raise `error` if `path` is empty, which Python would take for the current directory, or cannot be a name."""
    if not os.fspath(path):
        raise error("the path is empty; is a shell variable unset?")
    try:
        possible = b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:  # a lone surrogate that stands for no byte
        possible = False
    if not possible:
        raise error(f"{os.fspath(path)!r:.200} cannot be the name of a file; check the path")


def open_input(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a file for reading bytes, decompressing ``.gz``, ``.bz2`` and ``.xz``.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    binary file

    Raises
    ------
    InputError
        If the file is missing, is a directory or may not be read.
    """
    check_path(path)
    path = Path(path)
    try:
        if path.is_dir():
            raise InputError(f"{path} is a directory, expected a file")
        return cast(BinaryIO, OPENERS.get(path.suffix.lower(), open)(path, "rb"))
    except FileNotFoundError:
        raise InputError(f"no such file: {path}; check the path") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def check_writable(path: str | os.PathLike[str]) -> None:
    """Find out before the work starts whether `path` can be written.

    A temporary file is made beside the output and taken away again, which notices missing
    directories, missing rights and read-only file systems alike.

    Raises
    ------
    OutputError
        If the output could not be written.
    """
    path = _target(path)
    if path.is_dir() and not os.access(path, os.W_OK):
        raise OutputError(f"cannot write {path}: no right to write there; choose another output")
    if _is_special(path):
        return
    with _explained(path):
        fresh = _beside(path)
        os.close(_create(fresh))
        fresh.unlink()


@contextlib.contextmanager
def replace_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Write a file that replaces an older one only when it is complete.

    The bytes go to a temporary name in the same directory, compressed if `path` ends in ``.gz``,
    ``.bz2`` or ``.xz``; leaving the block without an exception renames it to `path`. A device or a
    pipe is written as it is, since a rename would replace it.

    Raises
    ------
    OutputError
        If the file cannot be written, a full disk included. Nothing is left behind then.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name) / "greeting.txt"
    >>> with replace_file(path) as out:
    ...     _ = out.write(b"hello")
    >>> path.read_bytes()
    b'hello'
    >>> folder.cleanup()
    """
    path = _target(path)
    if path.is_dir():
        raise OutputError(f"cannot write {path}: it is a directory; name a file")
    if _is_special(path):
        with _explained(path), path.open("wb") as device:
            yield device
        return
    with _explained(path):
        fresh = _beside(path)
        handle = _create(fresh)
        try:
            with os.fdopen(handle, "wb") as raw:
                with _compressed(raw, path) as out:
                    yield out
                raw.flush()
                os.fsync(raw.fileno())
            fresh.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                fresh.unlink()
            raise


@contextlib.contextmanager
def replace_directory(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Fill a directory that replaces an older one only when it is complete.

    Yields the temporary directory, made beside `path`. An existing directory is moved aside for the
    rename and removed afterwards; an existing file is an error.

    Raises
    ------
    OutputError
        If the directory cannot be written. Nothing is left behind then.
    """
    path = _target(path)
    if path.exists() and not path.is_dir():
        raise OutputError(f"cannot write the directory {path}: a file of that name exists; remove it or choose another")
    with _explained(path):
        fresh = _beside(path)
        fresh.mkdir()
        try:
            yield fresh
            older = _beside(path)
            try:
                if path.exists():
                    path.replace(older)
                fresh.replace(path)
            except BaseException:
                if older.exists() and not path.exists():
                    older.replace(path)
                raise
            shutil.rmtree(older, ignore_errors=True)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise


def _target(path: str | os.PathLike[str]) -> Path:
    """What is to be written: the file behind a link, but a pipe by the name it was given, since it has no other."""
    check_path(path, OutputError)
    path = Path(path)
    with _explained(path):
        return path if _is_special(path) else path.resolve()


def _is_special(path: Path) -> bool:
    """Whether `path` is a device, a pipe or a socket."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _beside(path: Path) -> Path:
    """A new hidden name in the directory of `path`, from which a rename is one step."""
    return path.with_name(f".{path.name[:40]}.{secrets.token_hex(8)}.partial")


def _create(path: Path) -> int:
    """Create a file with the rights that the user's umask gives; `tempfile` would make it private."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)


@contextlib.contextmanager
def _compressed(raw: BinaryIO, path: Path) -> Iterator[BinaryIO]:
    """Compress what is written to `raw` as the ending of `path` says."""
    ending = path.suffix.lower()
    if ending == ".gz":
        # Neither a time nor a name: the same content gives the same bytes.
        with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
            yield cast(BinaryIO, packed)
    elif ending in OPENERS:
        with OPENERS[ending](raw, "wb") as packed:
            yield packed
    else:
        yield raw


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what the operating system says into an error that tells what to do."""
    try:
        yield
    except OutputError:
        raise
    except FileNotFoundError:
        raise OutputError(f"cannot write {path}: {path.parent} does not exist; make it first") from None
    except NotADirectoryError:
        raise OutputError(f"cannot write {path}: {path.parent} is not a directory") from None
    except PermissionError:
        raise OutputError(f"cannot write {path}: no right to write in {path.parent}; choose another output") from None
    except OSError as error:
        remedy = "free some room or choose another output" if error.errno in NO_ROOM else "choose another output"
        raise OutputError(f"cannot write {path}: {error.strerror or error}; {remedy}") from error
