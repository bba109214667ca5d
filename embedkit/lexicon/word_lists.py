r"""Lexicons from lists of words: TSV and JSON files, and dictionaries.

========= ==================================================================================================
TSV       a word, a tab, its synonyms with tabs between them; or all of them with commas between
JSON      ``{"word": ["synonym", ...]}`` or ``{"word": {"synonyms": [...], "antonyms": [...]}}``
========= ==================================================================================================

A list says of its words what is in it and no more: that "fine" is a synonym of "good" does not make "good" one of
"fine". A word that comes again gets more synonyms.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from embedkit.errors import InputError
from embedkit.lexicon.protocol import Lexicon, check_word, distinct_words, key_of, refuse_senses
from embedkit.lexicon.reading import read_text
from embedkit.text.decoding import replace_surrogates

__all__ = ["WordLists"]

RELATIONS = ("synonyms", "antonyms", "hypernyms", "hyponyms")
COMMAS = re.compile("[,，、]")

Entry = tuple[str, Mapping[str, Iterable[str]]]


class WordLists(Lexicon):
    """Words and lists of those related to them.

    Parameters
    ----------
    entries : mapping
        From each word to a list of its synonyms, or to a mapping from "synonyms", "antonyms", "hypernyms" and
        "hyponyms" to lists. Hypernyms are a chain, nearest first; it goes on with those of its last word.
    name : str, optional
        What messages call it.

    Raises
    ------
    InputError
        If an entry is anything else; the message has the word.

    Notes
    -----
    Lists know neither parts of speech nor senses: to name one is a ParameterError.

    Examples
    --------
    >>> pets = WordLists({"happy": ["glad", "merry"], "cat": {"hypernyms": ["pet"]}, "pet": {"hypernyms": ["animal"]}})
    >>> pets.synonyms("Happy"), pets.hypernyms("cat"), "dog" in pets
    (['glad', 'merry'], ['pet', 'animal'], False)
    """

    def __init__(self, entries: Mapping[str, Any], *, name: str = "word lists") -> None:
        self._take((_checked(word, value, name) for word, value in entries.items()), name)

    def _take(self, entries: Iterable[Entry], name: str) -> None:
        """Gather the lists of each word by relation."""
        self.name = name
        self._lists: dict[str, dict[str, tuple[str, ...]]] = {}
        gathered: dict[str, dict[str, list[str]]] = {}
        for word, lists in entries:
            entry = gathered.setdefault(key_of(word), {})
            for relation, others in lists.items():
                entry.setdefault(relation, []).extend(others)
        for key, entry in gathered.items():
            self._lists[key] = {relation: distinct_words(others, [key]) for relation, others in entry.items()}

    @classmethod
    def read_tsv(cls, path: str | os.PathLike[str], *, encoding: str = "utf-8") -> Self:
        r"""Read lines of a word and its synonyms.

        Parameters
        ----------
        path : str or path-like
            Fields have tabs between them. In a line without a tab they have commas (also "，" and "、"), and so may
            the synonyms if there is a single tab.
        encoding : str, default "utf-8"

        Returns
        -------
        WordLists

        Raises
        ------
        InputError
            If the file cannot be read, is not in the encoding, or a line holds a single word; the message has the
            line.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "words.tsv"
        ...     _ = path.write_text("good\tfine\tgreat\nbig, large\n")
        ...     lexicon = WordLists.read_tsv(path)
        >>> lexicon.synonyms("good"), lexicon.synonyms("big")
        (['fine', 'great'], ['large'])
        """
        return cls._of(_tsv_entries(read_text(path, encoding), os.fspath(path)), path)

    @classmethod
    def read_json(cls, path: str | os.PathLike[str], *, encoding: str = "utf-8") -> Self:
        """Read one JSON object of what the constructor takes.

        Parameters
        ----------
        path : str or path-like
        encoding : str, default "utf-8"

        Returns
        -------
        WordLists

        Raises
        ------
        InputError
            If the file cannot be read, is not in the encoding, is no JSON, or an entry is neither a list nor an object
            of lists; the message has the line or the word.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "words.json"
        ...     _ = path.write_text('{"good": {"synonyms": ["fine"], "antonyms": ["bad"]}}')
        ...     WordLists.read_json(path).antonyms("good")
        ['bad']
        """
        name = os.fspath(path)
        try:
            entries = json.loads(read_text(path, encoding), object_pairs_hook=_Pairs)
        except json.JSONDecodeError as error:
            raise InputError(f"{name}, line {error.lineno}: no JSON ({error.msg}); expected one object") from None
        except RecursionError:
            raise InputError(f"{name}: nested too deeply; expected lists of words, or objects of such lists") from None
        if not isinstance(entries, _Pairs):
            raise InputError(f'{name}: expected one JSON object such as {{"good": ["fine", "great"]}}')
        return cls._of((_checked(word, value, name) for word, value in entries), path)

    @classmethod
    def _of(cls, entries: Iterable[Entry], path: str | os.PathLike[str]) -> Self:
        lexicon = cls.__new__(cls)
        lexicon._take(entries, os.fspath(path))
        return lexicon

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.name}>"

    def __len__(self) -> int:
        """How many words have an entry."""
        return len(self._lists)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and key_of(word) in self._lists

    def synonyms(self, word: str, *, pos: str | None = None) -> list[str]:
        return self._list("synonyms", word, pos)

    def antonyms(self, word: str, *, pos: str | None = None) -> list[str]:
        return self._list("antonyms", word, pos)

    def hyponyms(self, word: str, *, pos: str | None = None) -> list[str]:
        return self._list("hyponyms", word, pos)

    def hypernym_paths(self, word: str, *, pos: str | None = None, sense: int | None = None) -> list[list[str]]:
        refuse_senses(self, pos, sense)
        chain = self._list("hypernyms", word, None)
        met = {key_of(word), *map(key_of, chain)}
        while chain:
            more = [one for one in self._list("hypernyms", chain[-1], None) if key_of(one) not in met]
            if not more:
                return [chain]
            chain += more
            met.update(map(key_of, more))
        return []

    def _list(self, relation: str, word: str, pos: str | None) -> list[str]:
        refuse_senses(self, pos)
        return list(self._lists.get(key_of(check_word(word)), {}).get(relation, ()))


class _Pairs(list[tuple[str, Any]]):
    """A JSON object: its pairs, since a name that comes again would take the place of the first in a dict."""


def _checked(word: object, value: object, name: str) -> Entry:
    """An entry whose lists are known to hold words."""
    if not isinstance(word, str) or not key_of(word):
        raise InputError(f"{name}: the word {word!r} is none; expected a string that is not empty")
    lists: dict[str, Any] = {"synonyms": value}
    if isinstance(value, _Pairs | Mapping):
        lists = dict(value)
    unknown = [relation for relation in lists if relation not in RELATIONS]
    if unknown:
        raise InputError(f"{name}: {word!r} has {unknown[0]!r}, expected {', '.join(map(repr, RELATIONS))}")
    for relation, others in lists.items():
        if not isinstance(others, list | tuple | set | frozenset) or not all(isinstance(one, str) for one in others):
            met = repr(others)[:60]
            raise InputError(f"{name}: the {relation} of {word!r} are {met}, expected a list of words")
    # Sets have another order in every run.
    ordered = {key: sorted(other) if isinstance(other, set | frozenset) else other for key, other in lists.items()}
    return _clean(word), {relation: [_clean(one) for one in others] for relation, others in ordered.items()}


def _clean(word: str) -> str:
    return replace_surrogates(word, "replace")


def _tsv_entries(text: str, name: str) -> Iterator[Entry]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.isspace() or not line:
            continue
        word, *others = line.split("\t") if "\t" in line else COMMAS.split(line)
        if "\t" in line and len(others) == 1:
            others = COMMAS.split(others[0])
        if not key_of(word) or not any(map(key_of, others)):
            raise InputError(
                f"{name}, line {number}: {line.strip()[:60]!r} is no word with synonyms; expected them with tabs "
                "between, or with commas"
            )
        yield word, {"synonyms": others}
