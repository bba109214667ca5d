"""Cutting text into words: the names of the built-in ways, their tables, and ways of the user's own.

The work itself is done in C (`embedkit._cext.scan`); the tables it needs are taken from the running
interpreter, so that "letter", "digit" and "lower case" mean what `str` says they mean.
"""

import functools
import logging
import re
import unicodedata
from collections.abc import Callable, Iterator

import numpy as np

from embedkit._cext import scan
from embedkit.errors import InputError, ParameterError
from embedkit.text.blocks import Block
from embedkit.text.document_blocks import join_tokens

__all__ = ["TOKENIZERS", "Tokenizer", "apply_tokenizer", "case_tables", "check_tokenizer", "scan_mode", "word_classes"]

logger = logging.getLogger(__name__)

TOKENIZERS = ("whitespace", "words")
"""``"whitespace"`` is `str.split`; ``"words"`` takes runs of letters, digits (`str.isalnum`), the combining
marks that follow them, and apostrophes between them, in any script."""

Tokenizer = str | Callable[[str], list[str]]

# Planes with assigned letters, digits or marks (Unicode 16); the others are empty or for private use.
PLANES = (0, 1, 2, 3, 14)
CAPITAL_SIGMA, FINAL_SIGMA, DOTTED_I = 0x3A3, 0x3C2, 0x130


def check_tokenizer(tokenizer: Tokenizer) -> None:
    """Raise `ParameterError` unless `tokenizer` is a name in `TOKENIZERS` or a callable."""
    if not callable(tokenizer) and tokenizer not in TOKENIZERS:
        names = " or ".join(map(repr, TOKENIZERS))
        raise ParameterError(f"tokenizer={tokenizer!r}: expected {names}, or a function from a text to a list of words")


def scan_mode(tokenizer: Tokenizer) -> int:
    """The scanner's number for a tokenizer that `check_tokenizer` accepted."""
    if callable(tokenizer):
        return int(scan.TOKENS)
    return int(scan.WORDS if tokenizer == "words" else scan.WHITESPACE)


def apply_tokenizer(blocks: Iterator[Block], tokenizer: Callable[[str], list[str]]) -> Iterator[Block]:
    """Turn blocks of text into blocks of tokens, calling `tokenizer` on each line.

    Parameters
    ----------
    blocks : iterator of Block
    tokenizer : callable
        Takes a `str` without its line end, returns its words.

    Yields
    ------
    Block
        Token blocks as they were, text blocks tokenised; lines that several blocks share are joined first.

    Raises
    ------
    InputError
        If the tokenizer returns anything but a sequence of strings without NUL.
    """
    logger.info("words are cut by %r, a Python function: slower than the built-in tokenizers", tokenizer)
    begun: list[bytes] = []  # of a line that has not ended yet
    for block in blocks:
        if block.tokens:
            yield block
            continue
        lines = bytes(block.data).split(b"\n")
        if len(lines) == 1:
            begun += lines
            continue
        lines[0] = b"".join([*begun, lines[0]])
        begun = [lines.pop()]
        documents = []
        for line in lines:
            text = line.decode().removesuffix("\r")
            try:
                documents.append(join_tokens(tokenizer(text)))
            except InputError as error:
                raise InputError(f"the tokenizer, given {text[:60]!r}: {error}") from None
        yield Block(b"".join(documents), block.position, tokens=True)


@functools.cache
def word_classes() -> np.ndarray:
    """Bits `ALNUM` and `MARK` of each code point: ndarray of uint8, (0x110000,)."""
    classes = np.zeros(0x110000, np.uint8)
    for plane in PLANES:
        codes = _code_points(plane)
        text = _as_text(codes)
        for run in re.finditer(r"[^\W_]+", text):
            classes[codes[run.start() : run.end()]] = scan.ALNUM
        rest = codes[classes[codes] == 0]
        marks = [category[0] == "M" for category in map(unicodedata.category, _as_text(rest))]
        classes[rest[np.array(marks, bool)]] = scan.MARK
    return classes


@functools.cache
def case_tables() -> tuple[np.ndarray, np.ndarray]:
    """What lower-casing needs.

    Returns
    -------
    classes : ndarray of uint8, (0x110000,)
        Bits `CASED` and `IGNORABLE`, which decide on the final sigma.
    lower : ndarray of int32, (n,)
        Lower case minus code point; 0 for U+0130 and the sigma, which the kernel treats by itself.
    """
    classes = np.zeros(0x110000, np.uint8)
    lower = np.zeros(0x110000, np.int32)
    for plane in PLANES:
        codes = _code_points(plane)
        codes = codes[(codes != DOTTED_I) & (codes != CAPITAL_SIGMA)]
        lower[codes] = _as_codes(_as_text(codes).lower()).astype(np.int32) - codes.astype(np.int32)
        # A sigma behind a space and c is final just if c is cased; behind A and c, also if c is skipped.
        cased = _ends_in_final_sigma(" ", codes)
        ignorable = _ends_in_final_sigma("A", codes) & ~cased
        classes[codes[cased]] = scan.CASED
        classes[codes[ignorable]] = scan.IGNORABLE
    classes[[DOTTED_I, CAPITAL_SIGMA]] = scan.CASED
    return classes, lower[: int(lower.nonzero()[0].max()) + 1].copy()


def _code_points(plane: int) -> np.ndarray:
    """Code points of a plane, without the surrogates."""
    codes = np.arange(plane << 16, (plane + 1) << 16, dtype="<u4")
    return codes[(codes < 0xD800) | (codes > 0xDFFF)]


def _as_text(codes: np.ndarray) -> str:
    """The string of these code points."""
    return codes.astype("<u4").tobytes().decode("utf-32-le")


def _as_codes(text: str) -> np.ndarray:
    """The code points of a string."""
    return np.frombuffer(text.encode("utf-32-le"), "<u4")


def _ends_in_final_sigma(before: str, codes: np.ndarray) -> np.ndarray:
    """Whether `before` + c + capital sigma is lower-cased with a final sigma, for each c."""
    rows = np.empty((len(codes), 4), "<u4")
    rows[:] = ord(before), 0, CAPITAL_SIGMA, ord(" ")
    rows[:, 1] = codes
    return _as_codes(_as_text(rows).lower()).reshape(rows.shape)[:, 2] == FINAL_SIGMA
