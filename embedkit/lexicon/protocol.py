"""What every lexicon answers: synonyms, antonyms, hypernyms and hyponyms of a word."""

from abc import ABC, abstractmethod
from collections.abc import Iterable

from embedkit.checks import check_choice
from embedkit.errors import ParameterError

__all__ = ["PARTS_OF_SPEECH", "Lexicon", "check_pos", "check_word", "distinct_words", "key_of", "refuse_senses"]

PARTS_OF_SPEECH = ("n", "v", "a", "r")
"""Nouns, verbs, adjectives (the satellites of WordNet, "s", among them) and adverbs."""


class Lexicon(ABC):
    """A source of related words. What a source does not know of is an empty answer, not an error.

    Subclasses define `synonyms` and `__contains__`, and whatever else they know.

    Notes
    -----
    Answers are the same in every run: a list without duplicates, in which the word itself never comes, nor its base
    form; neither counts case. Lookup takes no heed of case, nor of "_" for a space; in answers it is a space.

    Examples
    --------
    >>> class Thesaurus(Lexicon):
    ...     def __contains__(self, word):
    ...         return word == "good"
    ...     def synonyms(self, word, *, pos=None):
    ...         return ["fine", "well made"] if word in self else []
    >>> Thesaurus().synonyms("good"), Thesaurus().antonyms("good")
    (['fine', 'well made'], [])
    """

    @abstractmethod
    def __contains__(self, word: object) -> bool:
        """Whether there is an entry for `word` or its base form."""

    @abstractmethod
    def synonyms(self, word: str, *, pos: str | None = None) -> list[str]:
        """Return words of the same meaning.

        Parameters
        ----------
        word : str
        pos : {"n", "v", "a", "r"}, optional
            Only as a noun, verb, adjective or adverb. A source without parts of speech refuses it.

        Returns
        -------
        list of str
            Those of the first sense first.
        """

    def antonyms(self, word: str, *, pos: str | None = None) -> list[str]:
        """Return words of the opposite meaning.

        Parameters
        ----------
        word : str
        pos : {"n", "v", "a", "r"}, optional

        Returns
        -------
        list of str
        """
        return []

    def hypernyms(self, word: str, *, pos: str | None = None, sense: int | None = None) -> list[str]:
        """Return the chain of ever more general words, nearest first: the first of `hypernym_paths`.

        Parameters
        ----------
        word : str
        pos : {"n", "v", "a", "r"}, optional
        sense : int, optional
            Which meaning, from 1. Default: the first that has anything above it.

        Returns
        -------
        list of str
            One word for each step, up to the top.

        Raises
        ------
        ParameterError
            If the word has no such sense.
        """
        paths = self.hypernym_paths(word, pos=pos, sense=sense)
        return paths[0] if paths else []

    def hypernym_paths(self, word: str, *, pos: str | None = None, sense: int | None = None) -> list[list[str]]:
        """Return every way from a word to the top.

        Parameters
        ----------
        word : str
        pos : {"n", "v", "a", "r"}, optional
        sense : int, optional
            Which meaning, from 1. Default: all of them, one after another.

        Returns
        -------
        list of list of str
            Nearest first in each.

        Raises
        ------
        ParameterError
            If the word has no such sense.
        """
        return []

    def hyponyms(self, word: str, *, pos: str | None = None) -> list[str]:
        """Return the words one step more special.

        Parameters
        ----------
        word : str
        pos : {"n", "v", "a", "r"}, optional

        Returns
        -------
        list of str
        """
        return []


def key_of(word: str) -> str:
    """Return what words are compared by: without case, with one space for "_" and for any run of white space.

    Examples
    --------
    >>> key_of("New_York"), key_of(" new  york ")
    ('new york', 'new york')
    """
    return " ".join(word.replace("_", " ").split()).casefold()


def distinct_words(words: Iterable[str], never: Iterable[str]) -> tuple[str, ...]:
    """Return words in their order, with spaces for "_", without duplicates and without those of `never`.

    Examples
    --------
    >>> distinct_words(["full_of", "Good", "fine", "Fine", "full of"], never=["good"])
    ('full of', 'fine')
    """
    seen = {"", *map(key_of, never)}
    found = []
    for word in words:
        key = key_of(word)
        if key not in seen:
            seen.add(key)
            found.append(" ".join(word.replace("_", " ").split()))
    return tuple(found)


def check_word(word: object) -> str:
    """Return `word` if it is a string; anything else is a ParameterError."""
    if not isinstance(word, str):
        raise ParameterError(f"{word!r} is no word: expected a str, met {type(word).__name__}")
    return word


def check_pos(pos: object) -> None:
    """Raise ParameterError unless `pos` is None or one of `PARTS_OF_SPEECH`."""
    if pos is not None:
        check_choice("pos", pos, PARTS_OF_SPEECH)


def refuse_senses(lexicon: Lexicon, pos: object, sense: object = None) -> None:
    """Raise ParameterError if a part of speech or a sense is asked of a lexicon that tells neither apart."""
    for name, value in (("pos", pos), ("sense", sense)):
        if value is not None:
            what = "parts of speech" if name == "pos" else "senses"
            raise ParameterError(f"{name}={value!r}: {lexicon!r} knows no {what}; leave {name} away, or take WordNet")
