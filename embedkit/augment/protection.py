"""Which words of a text are left alone."""

import os
import re
from collections.abc import Callable, Iterable

from embedkit.augment.casing import is_capital, is_shouted
from embedkit.errors import ParameterError
from embedkit.text.stop_words import load_stop_words

__all__ = ["Protected", "StopWords", "WordFacts", "protected_words", "stop_word_set"]

StopWords = str | os.PathLike[str] | Iterable[str] | None
"""A list's name, a file, or words."""

Protected = Iterable[str] | re.Pattern[str] | None
"""Words, or a pattern that the whole of a word matches."""

DIGIT = re.compile(r"\d")
APOSTROPHES = str.maketrans("", "", "'’")
# What is cut off English words where a text stands in tokens: did n't, it 's.
CLITICS = frozenset(["nt", "s", "ll", "re", "ve", "d", "m", "t"])
# Negations, whichever are in a list of stop words: didn't, hardly, 并没有, 从未.
NEGATION = re.compile(r".*n['’]t|hardly|barely|scarcely|.*[不没沒未无無].*")
LONGEST = 100  # characters; no lexicon has longer words, and none is worth keeping
MOST = 2**17  # words kept, some 20 MB


class WordFacts(dict[str, tuple[str, ...] | None]):
    """What may take the place of each word: its synonyms, or None where the word is left alone.

    Left alone are stop words (and, if there are any, negations and the n't, 's, 'll of texts in tokens), protected
    words, words with a digit, and words with a capital letter inside. Whether a capital at the begin came with the
    place depends on the text.

    Parameters
    ----------
    stop_words : frozenset of str
        In lower case.
    protected : frozenset of str or re.Pattern
    synonyms : callable, optional
        From a word to its synonyms. Without it no word has any.

    Examples
    --------
    >>> facts = WordFacts(frozenset({"the"}), frozenset(), {"good": ["fine"]}.get)
    >>> [facts[word] for word in ("good", "film", "The", "iPhone", "3rd")]
    [('fine',), (), None, None, None]
    """

    def __init__(
        self,
        stop_words: frozenset[str],
        protected: frozenset[str] | re.Pattern[str],
        synonyms: Callable[[str], Iterable[str] | None] | None = None,
    ) -> None:
        super().__init__()
        self.stop_words = stop_words
        self.protected = protected
        self.synonyms = synonyms

    def __missing__(self, word: str) -> tuple[str, ...] | None:
        found = self._find(word)
        if len(word) <= LONGEST:
            if len(self) >= MOST:
                self.clear()
            self[word] = found
        return found

    def _find(self, word: str) -> tuple[str, ...] | None:
        lower = word.lower()
        if lower in self.stop_words or lower.translate(APOSTROPHES) in self.stop_words:
            return None
        if self.stop_words and (lower.translate(APOSTROPHES) in CLITICS or NEGATION.fullmatch(lower[:LONGEST])):
            return None
        if isinstance(self.protected, re.Pattern):
            if self.protected.fullmatch(word):
                return None
        elif lower in self.protected:
            return None
        if DIGIT.search(word) or (word != lower and not is_capital(word) and not is_shouted(word)):
            return None
        if self.synonyms is None or len(word) > LONGEST or (len(word) == 1 and word.isascii()):
            return ()
        return tuple(one for one in self.synonyms(lower) or () if one.strip() and one.lower() != lower)


def stop_word_set(stop_words: StopWords) -> frozenset[str]:
    """Return the stop words that a parameter names, in lower case.

    Parameters
    ----------
    stop_words : None, str, path or iterable of str
        A string or a path is what `embedkit.text.stop_words.load_stop_words` takes.

    Raises
    ------
    ParameterError
        If these are no words.
    InputError
        If a file cannot be read.

    Examples
    --------
    >>> sorted(stop_word_set(["The", "a"]))
    ['a', 'the']
    """
    if isinstance(stop_words, str | os.PathLike):
        return frozenset(map(str.lower, load_stop_words(stop_words)))
    return _word_set("stop_words", stop_words)


def protected_words(protected: Protected) -> frozenset[str] | re.Pattern[str]:
    """Return the pattern of protected words, or the words in lower case.

    Raises
    ------
    ParameterError
        If it is neither a pattern of strings nor words.

    Examples
    --------
    >>> protected_words("film")
    Traceback (most recent call last):
    ...
    embedkit.errors.ParameterError: protected='film': expected several words, as in ['film'], a compiled pattern, or
    None
    """
    if isinstance(protected, re.Pattern):
        if not isinstance(protected.pattern, str):
            raise ParameterError(f"protected={protected!r}: a pattern of bytes; expected one of characters")
        return protected
    return _word_set("protected", protected)


def _word_set(name: str, words: object) -> frozenset[str]:
    if words is None:
        return frozenset()
    if isinstance(words, str | bytes) or not isinstance(words, Iterable):
        raise ParameterError(
            f"{name}={words!r}: expected several words, as in ['film'], "
            f"{'a compiled pattern' if name == 'protected' else 'the name of a list, a file'}, or None"
        )
    found = list(words)
    for word in found:
        if not isinstance(word, str):
            raise ParameterError(f"{name}: {word!r} is no word; expected strings")
    return frozenset(map(str.lower, found))
