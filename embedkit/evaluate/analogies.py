"""Analogy questions: a is to b as c is to what?"""

import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from embedkit.checks import check_choice
from embedkit.errors import InputError
from embedkit.evaluate.inputs import Lexicon, numbered_lines
from embedkit.vectors.search import cos_mul, unit_rows

if TYPE_CHECKING:
    from embedkit.vectors.keyed_vectors import KeyedVectors

__all__ = ["METHODS", "AnalogyScores", "SectionScore", "evaluate_analogies", "read_questions"]

Question = tuple[str, str, str, str]
Sections = Mapping[str, Iterable[Sequence[str]]] | Iterable[tuple[str, Iterable[Sequence[str]]]]

# Scores held at a time: 16 MB of float32 stay near the processor and leave BLAS enough to chew on.
BATCH_SCORES = 1 << 22


@dataclass(frozen=True)
class SectionScore:
    """How many questions of a section were answered, and how well.

    Attributes
    ----------
    name : str
    correct : int
        Questions answered with the expected word.
    total : int
        Questions answered at all.
    skipped : int
        Questions left out because one of their words is not in the vocabulary.
    """

    name: str
    correct: int
    total: int
    skipped: int

    @property
    def accuracy(self) -> float:
        """Share of the answered questions that are correct, 0 to 1; NaN if none was answered."""
        return self.correct / self.total if self.total else math.nan

    def as_dict(self) -> dict[str, Any]:
        """The figures for JSON; an accuracy that does not exist is None."""
        return {
            "name": self.name,
            "accuracy": self.accuracy if self.total else None,
            "correct": self.correct,
            "total": self.total,
            "skipped": self.skipped,
        }


@dataclass(frozen=True)
class AnalogyScores:
    """Scores on a set of analogy questions, by section and together.

    Attributes
    ----------
    sections : tuple of SectionScore
        In the order of the questions.
    method : str
        "add" or "mul".
    restrict_vocab : int or None
        How many of the most frequent words counted; None for all.
    """

    sections: tuple[SectionScore, ...]
    method: str
    restrict_vocab: int | None

    @property
    def semantic(self) -> SectionScore:
        """The sections about the world: those whose name does not start with "gram"."""
        return _together("semantic", (s for s in self.sections if not s.name.startswith("gram")))

    @property
    def syntactic(self) -> SectionScore:
        """The sections about grammar: those whose name starts with "gram"."""
        return _together("syntactic", (s for s in self.sections if s.name.startswith("gram")))

    @property
    def total(self) -> SectionScore:
        """All sections; every question weighs the same."""
        return _together("total", self.sections)

    def as_dict(self) -> dict[str, Any]:
        """The figures for JSON."""
        return {
            "method": self.method,
            "restrict_vocab": self.restrict_vocab,
            "total": self.total.as_dict(),
            "semantic": self.semantic.as_dict(),
            "syntactic": self.syntactic.as_dict(),
            "sections": [section.as_dict() for section in self.sections],
        }


def evaluate_analogies(
    keyed_vectors: "KeyedVectors",
    questions: str | os.PathLike[str] | Sections,
    *,
    restrict_vocab: int | None = 30_000,
    method: str = "add",
    case_insensitive: bool = True,
) -> AnalogyScores:
    """Answer analogy questions and count the right answers, as word2vec's `compute-accuracy` does.

    The answer to "a is to b as c is to what?" is the word, other than a, b and c, that is nearest to
    b - a + c. Only the most frequent words count, both in questions and as answers: a question with
    another word is skipped.

    Parameters
    ----------
    keyed_vectors : KeyedVectors
        Words by descending frequency.
    questions : path, mapping or iterable
        A file in the format of questions-words.txt: lines of four words, under section headers that start
        with a colon. Or sections as ``{name: questions}`` or ``(name, questions)`` pairs, a question being
        four words.
    restrict_vocab : int or None, default 30000
        How many of the most frequent words count; None for all.
    method : {"add", "mul"}, default "add"
        "add" is 3CosAdd, the cosine with b - a + c over unit vectors. "mul" is 3CosMul, the product of the
        cosines with b and c over the cosine with a, each shifted to the range 0 to 1.
    case_insensitive : bool, default True
        Fold case; of spellings that differ only in case the most frequent one is used.

    Returns
    -------
    AnalogyScores

    Raises
    ------
    InputError
        If the file cannot be read, a line is neither a header nor four words, or there is no question.
    ParameterError
        If `method` is unknown or `restrict_vocab` is less than 1.

    References
    ----------
    Mikolov, Chen, Corrado and Dean (2013), "Efficient Estimation of Word Representations in Vector Space",
    section 4 (the questions and 3CosAdd). Levy and Goldberg (2014), "Linguistic Regularities in Sparse and
    Explicit Word Representations", equation 4 (3CosMul).

    Examples
    --------
    >>> import numpy as np
    >>> from embedkit import KeyedVectors
    >>> words = ["man", "woman", "king", "queen"]
    >>> vectors = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 1], [0, 1, 1]], dtype=np.float32)
    >>> sections = {"family": [("man", "woman", "king", "queen"), ("king", "queen", "man", "girl")]}
    >>> evaluate_analogies(KeyedVectors(words, vectors), sections).total
    SectionScore(name='total', correct=1, total=1, skipped=1)
    """
    check_choice("method", method, tuple(METHODS))
    lexicon = Lexicon(keyed_vectors.index_to_key, restrict_vocab, case_insensitive)
    sections = _read_sections(questions)

    triples: list[list[int]] = []  # positions of a, b and c
    barred: list[list[int]] = []  # positions that are no answer: every spelling of a, b and c
    accepted: list[list[int]] = []  # positions that are the right answer: every spelling of d
    section_of: list[int] = []
    for number, (_, entries) in enumerate(sections):
        for question in entries:
            a, b, c, d = map(lexicon.spellings, question)
            if a and b and c and d:
                triples.append([a[0], b[0], c[0]])
                barred.append(a + b + c)
                accepted.append(d)
                section_of.append(number)

    answers = _solve(keyed_vectors.vectors[:restrict_vocab], triples, barred, METHODS[method])
    right = [answer in expected for answer, expected in zip(answers, accepted, strict=True)]
    totals = np.bincount(section_of, minlength=len(sections)).tolist()
    corrects = np.bincount(section_of, weights=right, minlength=len(sections)).astype(int).tolist()
    scores = (
        SectionScore(name, correct, total, skipped=len(entries) - total)
        for (name, entries), correct, total in zip(sections, corrects, totals, strict=True)
    )
    return AnalogyScores(tuple(scores), method, restrict_vocab)


def read_questions(path: str | os.PathLike[str]) -> Iterator[tuple[str, list[Question]]]:
    """Yield the name and the questions of each section of a file like questions-words.txt.

    Raises
    ------
    InputError
        If the file cannot be read, or a line is neither a section header nor four words.
    """
    name: str | None = None
    entries: list[Question] = []
    for number, line in numbered_lines(path):
        if line.startswith(":"):
            if name is not None:
                yield name, entries
            name, entries = line[1:].strip(), []
            continue
        if name is None:
            raise InputError(
                f"{path}, line {number}: expected a section header such as ': family' before the first question, "
                f"found {line[:80]!r}"
            )
        entries.append(_four_words(line.split(), f"{path}, line {number}"))
    if name is not None:
        yield name, entries


def _read_sections(questions: str | os.PathLike[str] | Sections) -> list[tuple[str, list[Question]]]:
    """All sections, from wherever they come; at least one question."""
    if isinstance(questions, (str, os.PathLike)):
        sections = list(read_questions(questions))
        if not any(entries for _, entries in sections):
            raise InputError(f"{questions} holds no question; expected lines of four words under ': section' headers")
        return sections
    pairs = questions.items() if isinstance(questions, Mapping) else questions
    sections = [(name, [_four_words(entry, f"section {name!r}") for entry in entries]) for name, entries in pairs]
    if not any(entries for _, entries in sections):
        raise InputError("no question was given; expected sections of four words each")
    return sections


def _four_words(words: Sequence[str], where: str) -> Question:
    """The question, if it is one."""
    if isinstance(words, str) or len(words) != 4:
        found = f"{len(words)} ({' '.join(words)[:80]!r})" if not isinstance(words, str) else repr(words[:80])
        raise InputError(f"{where}: expected the four words of a question, found {found}")
    a, b, c, d = words
    return a, b, c, d


def _solve(
    vectors: np.ndarray,
    triples: Sequence[Sequence[int]],
    barred: Sequence[Sequence[int]],
    score: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> list[int]:
    """The position of the best answer to each question; -1 where every word is barred."""
    unit = unit_rows(vectors)
    answers: list[int] = []
    size = max(1, BATCH_SCORES // max(1, len(unit)))
    for start in range(0, len(triples), size):
        scores = score(unit, np.array(triples[start : start + size]))
        for row, positions in zip(scores, barred[start : start + size], strict=True):
            row[positions] = -np.inf
        best = scores.argmax(axis=1)
        answered = scores[np.arange(len(best)), best] > -np.inf
        answers.extend(np.where(answered, best, -1).tolist())
    return answers


def _cos_add(unit: np.ndarray, triples: np.ndarray) -> np.ndarray:
    """3CosAdd of every word for each (a, b, c), up to a factor that does not change the order."""
    a, b, c = triples.T
    return (unit[b] - unit[a] + unit[c]) @ unit.T


def _cos_mul(unit: np.ndarray, triples: np.ndarray) -> np.ndarray:
    """3CosMul of every word for each (a, b, c)."""
    words, places = np.unique(triples, return_inverse=True)
    cosines = unit[words] @ unit.T
    a, b, c = places.reshape(triples.shape).T
    return cos_mul([cosines[b], cosines[c]], [cosines[a]])


METHODS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {"add": _cos_add, "mul": _cos_mul}


def _together(name: str, sections: Iterable[SectionScore]) -> SectionScore:
    """The sum of several sections."""
    counts = [(s.correct, s.total, s.skipped) for s in sections]
    correct, total, skipped = map(sum, zip(*counts, strict=True)) if counts else (0, 0, 0)
    return SectionScore(name, correct, total, skipped)
