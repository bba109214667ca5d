"""The characters of Chinese and Japanese that are words of their own where `token_pattern` is None."""

import re

__all__ = ["CJK_RANGES", "cjk_words"]

# First and last code points: Han with the marks that repeat and count it, kana and bopomofo (Unicode, Blocks.txt).
# Only the word characters among them (str.isalnum) count.
CJK_RANGES = (
    (0x3005, 0x3007),  # iteration mark, closing mark, zero
    (0x3021, 0x3029),  # Hangzhou numerals
    (0x3031, 0x3035),  # vertical kana repeat marks
    (0x3038, 0x303C),  # Hangzhou numerals, vertical iteration mark
    (0x3041, 0x312F),  # kana and bopomofo
    (0x31A0, 0x31BF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),  # half-width katakana
    (0x1AFF0, 0x1B16F),
    (0x20000, 0x3FFFF),  # the ideographic planes
)

CJK_CLASS = "".join(f"{chr(first)}-{chr(last)}" for first, last in CJK_RANGES)
# \w takes nothing of the ranges that is no word character.
WORD = re.compile(rf"(?=\w)[{CJK_CLASS}]|[^\W{CJK_CLASS}]+")


def cjk_words(text: str) -> list[str]:
    """Return the runs of word characters of a text, of any length, each CJK character by itself.

    Examples
    --------
    >>> from embedkit.features.cjk import cjk_words
    >>> cjk_words("我爱NLP, 2x!")
    ['我', '爱', 'NLP', '2x']
    """
    return WORD.findall(text)
