"""A text as words and what stands between them, so that a word can be changed and all else stays."""

from collections.abc import Callable
from functools import partial

from embedkit._cext import segment
from embedkit.text.cutters import SegmentCutter, Span
from embedkit.text.tokenizers import Tokenizer

__all__ = ["cutter_of"]


def cutter_of(tokenizer: Tokenizer) -> Callable[[str], list[str]]:
    """Return the function that cuts a text into pieces that join to it.

    Parameters
    ----------
    tokenizer : Tokenizer
        Its steps of normalisation are not taken.

    Returns
    -------
    callable
        From a text to a list of 2n + 1 strings, for n words: the words have odd places, and the gaps before, between
        and after them even ones.

    Examples
    --------
    >>> from embedkit.text.tokenizers import resolve_tokenizer
    >>> cutter_of(resolve_tokenizer("words"))("Good, it's good!")
    ['', 'Good', ', ', "it's", ' ', 'good', '!']
    """
    cutter = tokenizer.cutter
    if isinstance(cutter, SegmentCutter):
        return partial(segment.alternate, characters=True) if cutter.characters else segment.alternate
    spans = cutter.spans
    return lambda text: _alternate(text, spans(text))


def _alternate(text: str, spans: list[Span]) -> list[str]:
    """Gaps and words in turn."""
    pieces: list[str] = []
    at = 0
    for start, end, kind in spans:
        if kind == "word":
            pieces += (text[at:start], text[start:end])
            at = end
    pieces.append(text[at:])
    return pieces
