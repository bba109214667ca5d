"""What can be wrong with the bytes of a text: damaged compression, other encodings, NUL, invalid UTF-8."""

import contextlib
import lzma
import re
import zlib
from collections.abc import Iterator

from embedkit._cext.scan import first_invalid
from embedkit.errors import EmbedkitError, InputError

__all__ = [
    "ENCODING_ERRORS",
    "UTF8_BOM",
    "explain_damage",
    "looks_wide",
    "refuse_foreign",
    "replace_surrogates",
    "to_utf8",
    "valid_utf8",
]

ENCODING_ERRORS = ("strict", "replace", "ignore")
UTF8_BOM = b"\xef\xbb\xbf"
# UTF-32 first: its little-endian mark begins with that of UTF-16.
FOREIGN_BOMS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
COMPRESSED = {b"\x1f\x8b": ("gzip", ".gz"), b"BZh": ("bzip2", ".bz2"), b"\xfd7zX": ("xz", ".xz")}
GUESSED_FROM = 2**16
LONE_SURROGATES = re.compile("[\ud800-\udfff]")


@contextlib.contextmanager
def explain_damage(name: str, kind: type[EmbedkitError] = InputError) -> Iterator[None]:
    """Turn what reading and decompressing raise into an error of `kind` that names the file."""
    try:
        yield
    except (EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).rstrip(".")
        raise kind(f"cannot read {name}: {reason}; the file may be truncated or damaged") from error


def refuse_foreign(start: bytes, name: str) -> None:
    """Raise `InputError` if the first bytes of a file are those of UTF-16, UTF-32 or a compressed file."""
    for mark, encoding in FOREIGN_BOMS.items():
        if start.startswith(mark):
            raise InputError(f"{name} is {encoding}, expected UTF-8; {_iconv(encoding, name)}")
    for magic, (kind, ending) in COMPRESSED.items():
        if start.startswith(magic):
            raise InputError(
                f"{name} is compressed by {kind}, expected text; end its name in {ending}, or decompress it"
            )


def looks_wide(start: bytes) -> bool:
    """Whether text begins as UTF-16 or UTF-32 does: many NUL, but none at one place of every four."""
    return 0 < len(start) <= 4 * start.count(0) and any(not start[place::4].count(0) for place in range(4))


def valid_utf8(data: memoryview, encoding_errors: str, name: str, offset: int) -> memoryview | bytes:
    """The same bytes if they are UTF-8 without NUL, else an error or a repaired copy.

    Parameters
    ----------
    data : memoryview of bytes
    encoding_errors : {"strict", "replace", "ignore"}
        As in `bytes.decode`; a NUL counts as invalid.
    name : str
        Of the file, for messages.
    offset : int
        Of `data` in the file, in bytes after decompression.

    Raises
    ------
    InputError
        If `encoding_errors` is "strict" and a byte is invalid, or if the text is UTF-16.
    """
    at = first_invalid(data)
    if at < 0:
        return data
    block = bytes(data)
    if offset <= len(UTF8_BOM) and looks_wide(block):
        raise InputError(f"{name} looks like UTF-16 or UTF-32, full of NUL; {_iconv('UTF-16', name)}")
    if encoding_errors == "strict":
        remedy = "set encoding_errors (--encoding-errors) to 'replace' or 'ignore' to go on all the same"
        if block[at] == 0:
            raise InputError(f"{name} has a NUL byte at offset {offset + at}: is it a text file? If it is, {remedy}")
        likely = _likely_encoding(block)
        otherwise = f", or {remedy}" if likely == "LATIN1" else ""
        raise InputError(
            f"{name} is not valid UTF-8: byte 0x{block[at]:02x} at offset {offset + at}; "
            f"if it is text, convert it (iconv -f {likely} -t UTF-8, for instance){otherwise}"
        )
    text = block.decode(errors=encoding_errors)
    return text.replace("\0", _replacement(encoding_errors)).encode()


def _likely_encoding(data: bytes) -> str:
    """A guess for bytes that are not UTF-8: what makes frequent Chinese characters of them, or Latin-1."""
    for encoding in ("gb18030", "big5"):
        text = data[:GUESSED_FROM].decode(encoding, errors="ignore")
        if sum(map(text.count, "的是不在有了，。")) * 25 >= len(text):
            return encoding.upper()
    return "LATIN1"


def to_utf8(text: str, encoding_errors: str) -> bytes:
    """Encode a string, treating lone surrogates and NUL as `encoding_errors` says.

    Raises
    ------
    InputError
        If `encoding_errors` is "strict" and there is one; names its position.
    """
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        if encoding_errors == "strict":
            found = f"U+{ord(text[error.start]):04X} at character {error.start}"
            raise InputError(f"a lone surrogate ({found}) is no text; set encoding_errors to 'replace'") from None
        data = replace_surrogates(text, encoding_errors).encode()
    if b"\0" in data:
        if encoding_errors == "strict":
            raise InputError(f"a NUL (character {text.index(chr(0))}) is no text; set encoding_errors to 'replace'")
        data = data.replace(b"\0", _replacement(encoding_errors).encode())
    return data


def replace_surrogates(text: str, encoding_errors: str) -> str:
    """Put U+FFFD, or nothing for "ignore", in the place of lone surrogates."""
    return LONE_SURROGATES.sub(_replacement(encoding_errors), text)


def _replacement(encoding_errors: str) -> str:
    return "\ufffd" if encoding_errors == "replace" else ""


def _iconv(encoding: str, name: str) -> str:
    return f"convert it first: iconv -f {encoding} -t UTF-8 {name} > utf8.txt"
