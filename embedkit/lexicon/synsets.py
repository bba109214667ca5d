"""Lexicons of synsets: sets of words that share a meaning, with relations between the sets."""

from abc import abstractmethod
from collections.abc import Hashable, Iterator, Sequence
from typing import Any, NamedTuple

from embedkit.checks import check_integer
from embedkit.errors import ParameterError
from embedkit.lexicon.protocol import Lexicon, check_pos, check_word, distinct_words, key_of

__all__ = ["Sense", "SynsetLexicon"]

# Answers kept, in all some tens of MB: more words than most corpora have, and fewer than a stream may bring.
MOST_ANSWERS = 2**17


class Sense(NamedTuple):
    """A meaning of a word.

    Attributes
    ----------
    lemma : str
        The base form by which it was found.
    synset : hashable
    handle : object
        What the source knows the sense by.
    """

    lemma: str
    synset: Any
    handle: Any


class SynsetLexicon(Lexicon):
    """Answers from synsets; the subclass finds the senses of a word and what lies around a synset.

    Answers are kept, so that a word that comes again costs next to nothing.
    """

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str, str | None], tuple[str, ...]] = {}

    # What a source provides

    @abstractmethod
    def _senses(self, word: str, pos: str | None) -> list[Sense]:
        """Senses of a word and of its base forms, the most usual first."""

    @abstractmethod
    def _lemmas(self, synset: Any) -> Sequence[str]:
        """Words of a synset."""

    @abstractmethod
    def _above(self, synset: Any) -> Sequence[Hashable]:
        """Synsets one step more general."""

    @abstractmethod
    def _below(self, synset: Any) -> Sequence[Hashable]:
        """Synsets one step more special."""

    @abstractmethod
    def _opposites(self, sense: Sense) -> Sequence[str]:
        """Antonyms of a sense."""

    # What a lexicon answers

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and bool(self._senses(word, None))

    def synonyms(self, word: str, *, pos: str | None = None) -> list[str]:
        return self._answer("synonyms", word, pos)

    def antonyms(self, word: str, *, pos: str | None = None) -> list[str]:
        return self._answer("antonyms", word, pos)

    def hyponyms(self, word: str, *, pos: str | None = None) -> list[str]:
        return self._answer("hyponyms", word, pos)

    def hypernyms(self, word: str, *, pos: str | None = None, sense: int | None = None) -> list[str]:
        return next(self._named_paths(word, pos, sense), [])

    def hypernym_paths(self, word: str, *, pos: str | None = None, sense: int | None = None) -> list[list[str]]:
        unique = dict.fromkeys(tuple(path) for path in self._named_paths(word, pos, sense))
        return [list(path) for path in unique]

    def _answer(self, relation: str, word: str, pos: str | None) -> list[str]:
        """The words of a relation, found or remembered."""
        question = relation, check_word(word), pos
        answer = self._answers.get(question)
        if answer is None:
            check_pos(pos)
            senses = self._senses(word, pos)
            never = [word, *(sense.lemma for sense in senses)]
            answer = distinct_words((other for sense in senses for other in self._related(relation, sense)), never)
            if len(self._answers) >= MOST_ANSWERS:
                self._answers.clear()
            self._answers[question] = answer
        return list(answer)

    def _related(self, relation: str, sense: Sense) -> Sequence[str]:
        if relation == "synonyms":
            return self._lemmas(sense.synset)
        if relation == "antonyms":
            return self._opposites(sense)
        return [lemma for synset in self._below(sense.synset) for lemma in self._lemmas(synset)]

    def _named_paths(self, word: str, pos: str | None, sense: int | None) -> Iterator[list[str]]:
        """Ways to the top, a word for each synset."""
        check_pos(pos)
        senses = self._senses(check_word(word), pos)
        if sense is not None:
            check_integer("sense", sense, 1)
            if sense > len(senses):
                raise ParameterError(f"sense={sense}: {word!r} has {len(senses)} senses; expected one of them")
            senses = senses[sense - 1 : sense]
        for one in senses:
            for path in self._paths(one.synset):
                named = self._names(path, [word, one.lemma])
                if named:
                    yield named

    def _paths(self, synset: Hashable) -> Iterator[list[Hashable]]:
        """Ways to the top, without the synset they begin at; none goes through a synset twice."""
        waiting: list[list[Hashable]] = [[synset]]
        while waiting:
            path = waiting.pop()
            above = [one for one in self._above(path[-1]) if one not in path]
            if not above and len(path) > 1:
                yield path[1:]
            waiting.extend([*path, one] for one in reversed(above))

    def _names(self, path: list[Hashable], never: list[str]) -> list[str]:
        """For each synset its first word that did not come before; none for a synset without such a word."""
        seen = set(map(key_of, never))
        names = []
        for synset in path:
            fresh = next((lemma for lemma in self._lemmas(synset) if key_of(lemma) not in seen), None)
            if fresh is not None:
                seen.add(key_of(fresh))
                names.append(fresh.replace("_", " "))
        return names
