"""What the running interpreter says of characters, as tables for the kernels.

So "letter", "digit" and "lower case" mean what `str` says they mean.
"""

import functools
import re

import numpy as np

from embedkit._cext import scan

__all__ = ["case_tables", "word_classes"]

# Planes with assigned letters, digits or cased letters (Unicode 16); the others are empty or for private use.
PLANES = (0, 1, 2, 3, 14)
CAPITAL_SIGMA, FINAL_SIGMA, DOTTED_I = 0x3A3, 0x3C2, 0x130


@functools.cache
def word_classes() -> np.ndarray:
    """Bit `ALNUM` of each code point, as `str.isalnum` has it: ndarray of uint8, (0x110000,)."""
    classes = np.zeros(0x110000, np.uint8)
    for plane in PLANES:
        codes = _code_points(plane)
        text = _as_text(codes)
        for run in re.finditer(r"[^\W_]+", text):
            classes[codes[run.start() : run.end()]] = scan.ALNUM
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
