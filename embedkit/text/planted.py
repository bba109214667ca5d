"""Text with planted facts: English-like sentences of a small grammar whose regularities are known.

A model that learns finds the answers to the planted questions after a few passes over a million words. The
facts and the sentences are in `embedkit.text.planted_grammar`.
"""

import itertools
import os
import random
import re
from collections.abc import Iterator
from typing import BinaryIO

from embedkit.checks import check_integer
from embedkit.text.files import replace_file
from embedkit.text.planted_grammar import CAPITALS, COMPARISONS, GENDERS, PLURALS, RELATIONS, TENSES, Relation

__all__ = ["planted_questions", "planted_sentences", "write_planted_corpus", "write_planted_questions"]

# An article before a vowel.
ARTICLE = re.compile(r"\ba(?= [aeiou])")

Question = tuple[str, str, str, str]


# Section of questions, as questions-words.txt names them: the relation, and the two roles it asks about.
SECTIONS = {
    "capital-of-country": (CAPITALS, 1, 0),
    "country-of-capital": (CAPITALS, 0, 1),
    "gender": (GENDERS, 0, 1),
    "gram1-nationality-adjective": (CAPITALS, 0, 2),
    "gram2-plural": (PLURALS, 0, 1),
    "gram3-past-tense": (TENSES, 2, 1),
    "gram4-present-participle": (TENSES, 0, 2),
    "gram5-comparative": (COMPARISONS, 0, 1),
    "gram6-superlative": (COMPARISONS, 0, 2),
}


def planted_sentences(n_words: int = 1_000_000, seed: int = 1) -> Iterator[str]:
    """Generate sentences of the planted grammar until they hold `n_words` words.

    The same seed gives the same sentences on every machine and every version of Python.

    Parameters
    ----------
    n_words : int, default 1000000
        The last sentence may pass it by a few words.
    seed : int, default 1

    Yields
    ------
    str
        Lower-case words with a space between them, without punctuation.

    Raises
    ------
    ParameterError
        If `n_words` is less than 1.

    Examples
    --------
    >>> sentences = list(planted_sentences(n_words=100, seed=1))
    >>> 100 <= sum(len(sentence.split()) for sentence in sentences) < 115
    True
    """
    check_integer("n_words", n_words, 1)
    # Of random.Random only random() is promised to give the same numbers in every version of Python.
    draw = random.Random(seed).random  # noqa: S311 - text, not secrets
    relations = [list(_plans(relation)) for relation in RELATIONS]
    written = 0
    while written < n_words:
        plans = relations[int(draw() * len(relations))]
        plan = plans[int(draw() * len(plans))]
        words = [choices[int(draw() * len(choices))] if len(choices) > 1 else choices[0] for choices in plan]
        sentence = ARTICLE.sub("an", " ".join(words))
        written += sentence.count(" ") + 1
        yield sentence


def write_planted_corpus(target: str | os.PathLike[str] | BinaryIO, n_words: int = 1_000_000, seed: int = 1) -> None:
    """Write sentences of the planted grammar, one a line.

    Parameters
    ----------
    target : path or binary file
        A file of that name is replaced when the text is complete.
    n_words : int, default 1000000
    seed : int, default 1

    Raises
    ------
    ParameterError
        If `n_words` is less than 1.
    OutputError
        If the file cannot be written.

    Examples
    --------
    >>> import io
    >>> text = io.BytesIO()
    >>> write_planted_corpus(text, n_words=1000)
    >>> text.getvalue().count(b" capital of ") > 0
    True
    """
    if isinstance(target, (str, os.PathLike)):
        with replace_file(target) as file:
            write_planted_corpus(file, n_words, seed)
        return
    target.writelines(f"{sentence}\n".encode() for sentence in planted_sentences(n_words, seed))


def planted_questions() -> dict[str, list[Question]]:
    """Return the analogy questions that the planted text answers, by section.

    Returns
    -------
    dict
        Section name to questions (a, b, c, d): a is to b as c is to d. Grammatical sections start with "gram",
        as in questions-words.txt.

    Examples
    --------
    >>> planted_questions()["gender"][0]
    ('king', 'queen', 'man', 'woman')
    """
    questions = {}
    for name, (relation, first, second) in SECTIONS.items():
        members = [words for words, _ in _families(relation)]
        questions[name] = [(x[first], x[second], y[first], y[second]) for x, y in itertools.permutations(members, 2)]
    return questions


def write_planted_questions(path: str | os.PathLike[str]) -> None:
    """Write the analogy questions in the format of questions-words.txt.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    with replace_file(path) as file:
        for name, questions in planted_questions().items():
            file.write(f": {name}\n".encode())
            file.write("".join(f"{' '.join(question)}\n" for question in questions).encode())


def _families(relation: Relation) -> Iterator[tuple[list[str], list[str]]]:
    """The members of each family by role, and the words of its own."""
    for line in relation.families.strip().splitlines():
        members, own = line.split("|")
        yield members.split(), own.split(",")


def _plans(relation: Relation) -> Iterator[list[list[str]]]:
    """Every sentence of a relation for every family: for each place the words that may stand there."""
    for members, own in _families(relation):
        family = {f"WORD{role}": [member] for role, member in enumerate(members, start=1)}
        for slot, word in zip(relation.own.split(), own, strict=True):
            family.setdefault(slot, []).append(word.strip())
        for member, (sentences, slots) in zip(members, relation.roles, strict=True):
            fillers = family | {"WORD": [member]} | {slot: values.split(", ") for slot, values in slots.items()}
            for sentence in sentences.strip().splitlines():
                yield [fillers.get(token, [token]) for token in sentence.split()]
