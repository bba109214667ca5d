"""Text of lexicon files in whatever encoding, and what to try where the encoding is another one."""

import codecs
import logging
import os

from embedkit.errors import InputError, ParameterError
from embedkit.text.decoding import explain_damage, looks_wide
from embedkit.text.files import open_input

__all__ = ["check_encoding", "read_text"]

logger = logging.getLogger(__name__)

# Tried in this order on bytes that are not in the encoding that was named. Both refuse nearly all that is not theirs.
LIKELY = ("utf-8", "gb18030")


def read_text(path: str | os.PathLike[str], encoding: str = "utf-8") -> str:
    r"""Read a whole file; ``.gz``, ``.bz2`` and ``.xz`` are decompressed, a byte-order mark is taken off.

    Parameters
    ----------
    path : str or path-like
    encoding : str, default "utf-8"
        Any that Python knows. A warning is logged if the file is UTF-8 all the same.

    Returns
    -------
    str

    Raises
    ------
    InputError
        If the file cannot be read, is empty, or not in the encoding; the message has line and byte, and names the
        encoding it is likely to be in.
    ParameterError
        If there is no encoding of that name.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "words.tsv"
    ...     _ = path.write_text("高兴\t快乐\n", encoding="gb18030")
    ...     read_text(path, "gb18030")
    '高兴\t快乐\n'
    """
    check_encoding(encoding)
    name = os.fspath(path)
    with open_input(path) as file, explain_damage(name):
        data = file.read()
    if not data.strip():
        raise InputError(f"{name} is empty, expected words and those related to them")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        met = f"{data[error.start]:#04x} at byte {error.start}" if error.start < len(data) else "it ends too early"
        raise InputError(f"{name}, line {line}: not {encoding} ({met}); {_advice(data)}") from None
    if not data.isascii() and codecs.lookup(encoding).name not in ("utf-8", "utf-8-sig") and _decodes(data, "utf-8"):
        logger.warning("%s is valid UTF-8, but is read as %s; set encoding (--encoding) to 'utf-8'?", name, encoding)
    return text.removeprefix("\ufeff")


def check_encoding(encoding: str) -> None:
    """Raise ParameterError unless Python knows an encoding of that name that makes text of bytes."""
    try:
        "\n".encode(encoding)
    except (LookupError, TypeError, ValueError):
        raise ParameterError(
            f"encoding={encoding!r}: no encoding of that name; expected one such as 'utf-8', 'latin-1' or 'gb18030'"
        ) from None


def _advice(data: bytes) -> str:
    """What to do about bytes that are not in the encoding that was named."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or looks_wide(data[:4000]):
        return "it looks like UTF-16: set encoding (--encoding) to 'utf-16'"
    for encoding in LIKELY:
        if _decodes(data, encoding):
            return f"all of it is valid {encoding}: set encoding (--encoding) to {encoding!r}"
    return "set encoding (--encoding) to what it is, such as 'latin-1', 'cp1252' or 'big5'"


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
