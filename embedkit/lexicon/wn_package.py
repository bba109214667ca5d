"""WordNets of many languages, from the database of the package `wn`."""

import logging
import warnings
from collections.abc import Iterator, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any

from embedkit.errors import InputError, MissingDependencyError
from embedkit.lexicon.morphology import base_forms
from embedkit.lexicon.protocol import PARTS_OF_SPEECH
from embedkit.lexicon.synsets import Sense, SynsetLexicon

__all__ = ["WnLexicon"]

logger = logging.getLogger(__name__)

SATELLITE = "s"


class WnLexicon(SynsetLexicon):
    """The relations of a WordNet that the package `wn` has downloaded.

    Parameters
    ----------
    name : str
        Lexicon and version as `wn` calls them: "omw-cmn:1.4" is the Chinese Open Wordnet, "oewn:2024" an English one.

    Raises
    ------
    InputError
        If `wn` has no lexicon of that name; the message has the command that downloads it.
    MissingDependencyError
        If `wn` is not installed.

    Notes
    -----
    WordNets without hypernyms of their own, as those of the Open Multilingual Wordnet, take them from the English one
    they are aligned with, "omw-en:1.4", if that is downloaded too. English words are brought to their base forms by
    rules, and irregular forms are found if the lexicon lists them. Nouns come before verbs, adjectives and adverbs.

    References
    ----------
    Bond and Foster (2013), Linking and extending an Open Multilingual Wordnet.

    Examples
    --------
    After ``python -m wn download omw-cmn:1.4 omw-en:1.4``:

    >>> WnLexicon("omw-cmn:1.4").synonyms("快乐")  # doctest: +SKIP
    ['高兴', '愉快', '欢乐']
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self._wordnet = _open(name)
        self._english = all(lexicon.language.startswith("en") for lexicon in self._wordnet.lexicons())

    def __repr__(self) -> str:
        return f"<WnLexicon: {self.name}>"

    def __reduce__(self) -> tuple[type["WnLexicon"], tuple[str]]:
        # A connection to the database cannot travel to another process, but one can be made there.
        return type(self), (self.name,)

    def _senses(self, word: str, pos: str | None) -> list[Sense]:
        lemma = " ".join(word.replace("_", " ").split())
        if not lemma:
            return []
        found: dict[Any, Sense] = {}
        for part in PARTS_OF_SPEECH if pos is None else (pos,):
            for form in self._forms(lemma, part):
                for label in (part, SATELLITE) if part == "a" else (part,):
                    for sense in self._wordnet.senses(form, pos=label):
                        synset = sense.synset()
                        found.setdefault(synset, Sense(sense.word().lemma(), synset, sense))
        return list(found.values())

    def _forms(self, lemma: str, pos: str) -> Iterator[str]:
        yield lemma
        if self._english:
            for form in base_forms("_".join(lemma.lower().split()), pos, {}):
                yield form.replace("_", " ")

    def _lemmas(self, synset: Any) -> Sequence[str]:
        return [str(lemma) for lemma in synset.lemmas()]

    def _above(self, synset: Any) -> Sequence[Any]:
        return list(synset.hypernyms())

    def _below(self, synset: Any) -> Sequence[Any]:
        return list(synset.hyponyms())

    def _opposites(self, sense: Sense) -> Sequence[str]:
        return [str(other.word().lemma()) for other in sense.handle.get_related("antonym")]


def _open(name: str) -> Any:
    """The WordNet of a name, as `wn` opens it; what that warns of is logged."""
    wn = _wn()
    if not name:
        raise InputError("wn: names no lexicon; expected one such as wn:omw-cmn:1.4")
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            wordnet = wn.Wordnet(lexicon=name)
            if not wordnet.lexicons():
                raise wn.Error("no lexicon of that name")
    except wn.Error as error:
        reason = str(error).rstrip(".")
        raise InputError(
            f"wn cannot open the lexicon {name!r} ({reason}); download it with: python -m wn download {name}"
        ) from error
    for warning in caught:
        logger.warning("%s: %s; python -m wn download them for relations between synsets", name, warning.message)
    return wordnet


def _wn() -> ModuleType:
    try:
        return import_module("wn")
    except ImportError as error:
        raise MissingDependencyError(
            "WordNets of other languages need wn, which is not installed: pip install wn"
        ) from error
