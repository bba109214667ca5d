"""WordNet, from its own files: English synonyms, antonyms, hypernyms and hyponyms."""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from embedkit.errors import InputError
from embedkit.lexicon.morphology import base_forms
from embedkit.lexicon.protocol import PARTS_OF_SPEECH
from embedkit.lexicon.synsets import Sense, SynsetLexicon
from embedkit.lexicon.wordnet_files import SUFFIXES, Synset, WordNetFiles
from embedkit.lexicon.wordnet_places import find_wordnet

__all__ = ["WordNet"]

# Synsets kept: more than half of all, some tens of MB.
MOST_SYNSETS = 2**16
Key = tuple[str, int]  # part of speech and offset


class WordNet(SynsetLexicon):
    r"""The relations of a WordNet in the WNDB format, which Princeton's WordNet and others come in.

    Parameters
    ----------
    path : str or path-like, optional
        A directory with index.noun, data.noun and so on, or a zip archive of one, as nltk downloads it. Default:
        where ``$WNSEARCHDIR`` or ``$WNHOME`` say, where packages of the system put it (Debian's wordnet-base), or
        among nltk's data.

    Raises
    ------
    InputError
        If there is no WordNet; the message has the command that installs one. If a file is damaged, which is found
        when the damaged part is read; the message has the file and the byte.

    Notes
    -----
    Opening takes milliseconds, since files are mapped and words found by bisection. Nothing but what was asked for is
    ever read.

    A word stands for its own senses and for those of its base forms, which are found as WordNet's ``morphy`` does:
    "mice" is asked as "mouse", "better" as "better", "good" and "well". Senses of a part of speech come in the order
    of their use. Which part of speech comes first is told by the number of senses that came in annotated texts: "run"
    is a verb before it is a noun.

    References
    ----------
    Fellbaum (1998), WordNet: An electronic lexical database.

    Examples
    --------
    A WordNet of two nouns:

    >>> import pathlib, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> for suffix in ("noun", "verb", "adj", "adv"):
    ...     for kind in ("index", "data"):
    ...         _ = pathlib.Path(folder.name, f"{kind}.{suffix}").write_text("  1 a licence\n")
    >>> _ = pathlib.Path(folder.name, "data.noun").write_text(
    ...     "00000000 03 n 01 thing 0 000 | what there is\n"
    ...     "00000045 03 n 02 gizmo 0 gadget 0 001 @ 00000000 n 0000 | a device\n")
    >>> _ = pathlib.Path(folder.name, "index.noun").write_text(
    ...     "gadget n 1 1 @ 1 0 00000045\ngizmo n 1 1 @ 1 0 00000045\nthing n 1 0 1 0 00000000\n")
    >>> wordnet = WordNet(folder.name)
    >>> wordnet.synonyms("Gadgets"), wordnet.hypernyms("gizmo")
    (['gizmo'], ['thing'])
    >>> folder.cleanup()
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        super().__init__()
        self._files = WordNetFiles(find_wordnet() if path is None else path)
        self._exceptions: dict[str, Mapping[str, tuple[str, ...]]] = {}
        self._synsets: dict[Key, Synset] = {}

    def __repr__(self) -> str:
        return f"<WordNet: {self._files.path}>"

    def __getstate__(self) -> dict[str, Any]:
        return {"files": self._files}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__init__()
        self._files = state["files"]
        self._exceptions = {}
        self._synsets = {}

    def _senses(self, word: str, pos: str | None) -> list[Sense]:
        for lemma in _spellings(word):
            found = [sense for senses in self._senses_by_pos(lemma, pos) for sense in senses]
            if found:
                return found
        return []

    def _senses_by_pos(self, lemma: str, pos: str | None) -> Iterator[list[Sense]]:
        """Senses of a word for each part of speech, that with most senses in annotated texts first."""
        ranked: list[tuple[int, list[Sense]]] = []
        for part in PARTS_OF_SPEECH if pos is None else (pos,):
            senses: dict[Key, Sense] = {}
            most = 0
            for form in base_forms(lemma, part, self._irregular(part)):
                entry = self._files.entry(form, part)
                if entry is not None:
                    most = max(most, entry.n_tagged)
                    for offset in entry.offsets:
                        senses.setdefault((part, offset), Sense(form, (part, offset), None))
            ranked.append((most, list(senses.values())))
        for _, found in sorted(ranked, key=lambda one: -one[0]):
            yield found

    def _lemmas(self, synset: Key) -> Sequence[str]:
        return self._synset(synset).words

    def _above(self, synset: Key) -> list[Key]:
        return self._related_synsets(synset, ("@", "@i"))

    def _below(self, synset: Key) -> list[Key]:
        return self._related_synsets(synset, ("~", "~i"))

    def _opposites(self, sense: Sense) -> list[str]:
        part, offset = sense.synset
        synset = self._synset((part, offset))
        numbers = [number for number, word in enumerate(synset.words, 1) if word.lower() == sense.lemma]
        if not numbers:
            raise InputError(
                f"{self._files.path}: index.{SUFFIXES[part]} has {sense.lemma!r} at byte {offset} of "
                f"data.{SUFFIXES[part]}, where the words are {', '.join(synset.words)}; the two files do not belong "
                "together, install WordNet again"
            )
        found: list[str] = []
        for pointer in synset.pointers:
            if pointer.symbol == "!" and pointer.source in (0, *numbers):
                words = self._synset((pointer.pos, pointer.offset)).words
                found.extend(words[pointer.target - 1 : pointer.target] if pointer.target else words)
        return found

    def _related_synsets(self, synset: Key, symbols: tuple[str, ...]) -> list[Key]:
        pointers = self._synset(synset).pointers
        return [(pointer.pos, pointer.offset) for pointer in pointers if pointer.symbol in symbols]

    def _synset(self, key: Key) -> Synset:
        synset = self._synsets.get(key)
        if synset is None:
            if len(self._synsets) >= MOST_SYNSETS:
                self._synsets.clear()
            synset = self._synsets[key] = self._files.synset(*key)
        return synset

    def _irregular(self, pos: str) -> Mapping[str, tuple[str, ...]]:
        if pos not in self._exceptions:
            self._exceptions[pos] = self._files.exceptions(pos)
        return self._exceptions[pos]


def _spellings(word: str) -> Iterator[str]:
    """A word as an index spells it, then as it might: "ice-cream" is there as "ice_cream", "u.s.a." as "usa"."""
    lemma = "_".join(word.replace("_", " ").split()).lower()
    others = (
        lemma.replace("-", "_"),
        lemma.replace("_", "-"),
        lemma.replace("_", "").replace("-", ""),
        lemma.replace(".", ""),
    )
    return (spelling for spelling in dict.fromkeys((lemma, *others)) if spelling)
