"""The planted text: the same everywhere, about as long as asked for, and its facts can be learned."""

import hashlib
import io
import itertools
from collections import Counter

import pytest

from embedkit.errors import OutputError, ParameterError
from embedkit.text.planted import (
    planted_questions,
    planted_sentences,
    write_planted_corpus,
    write_planted_questions,
)
from embedkit.text.planted_grammar import RELATIONS


def corpus_bytes(n_words, seed):
    text = io.BytesIO()
    write_planted_corpus(text, n_words=n_words, seed=seed)
    return text.getvalue()


def test_the_text_is_the_same_on_every_machine_and_python():
    # Changes only with the grammar; a difference between machines would show here.
    digest = hashlib.sha256(corpus_bytes(20_000, seed=1)).hexdigest()
    assert digest == "f774c3789ce7996b50437e392a4b872b53508c7b2f5f0c51e2304ae3ac955591"


def test_a_seed_gives_the_same_text_again_and_another_seed_another():
    assert corpus_bytes(5_000, seed=7) == corpus_bytes(5_000, seed=7)
    assert corpus_bytes(5_000, seed=7) != corpus_bytes(5_000, seed=8)


@pytest.mark.parametrize("n_words", [1, 10, 12_345])
def test_the_text_is_as_long_as_asked_for_to_the_end_of_a_sentence(n_words):
    lengths = [len(sentence.split(" ")) for sentence in planted_sentences(n_words)]
    assert sum(lengths[:-1]) < n_words <= sum(lengths)


def test_sentences_are_lower_case_words_without_an_open_slot():
    for sentence in planted_sentences(50_000):
        words = sentence.split(" ")
        assert all(word.isascii() and word.isalpha() and word.islower() for word in words), sentence
        assert 3 <= len(words) <= 15
        assert not any(a == "a" and b[0] in "aeiou" for a, b in itertools.pairwise(words)), sentence


def test_every_word_of_a_question_is_frequent():
    counts = Counter(word for sentence in planted_sentences(200_000) for word in sentence.split())
    asked = {word for questions in planted_questions().values() for question in questions for word in question}
    assert min(counts[word] for word in asked) >= 50


def test_no_word_belongs_to_two_families():
    lines = [line for relation in RELATIONS for line in relation.families.strip().splitlines()]
    members = Counter(word for line in lines for word in line.split("|")[0].split())
    own = Counter(word.strip() for line in lines for word in line.split("|")[1].split(","))
    assert max(members.values()) == 1
    assert max(own.values()) == 1
    assert not members.keys() & own.keys()


def test_questions_ask_about_each_pair_of_families_both_ways_round():
    questions = planted_questions()
    assert ("france", "paris", "italy", "rome") in questions["country-of-capital"]
    assert ("italy", "rome", "france", "paris") in questions["country-of-capital"]
    assert ("king", "queen", "man", "woman") in questions["gender"]
    assert ("mouse", "mice", "dog", "dogs") in questions["gram2-plural"]
    assert ("swimming", "swam", "walking", "walked") in questions["gram3-past-tense"]
    assert len(questions["country-of-capital"]) == 22 * 21
    for section in questions.values():
        assert len(set(section)) == len(section)
        assert all(len(set(question)) == 4 for question in section)


def test_the_files_are_complete_or_not_there(tmp_path):
    write_planted_corpus(tmp_path / "corpus.txt", n_words=1000, seed=3)
    assert (tmp_path / "corpus.txt").read_bytes() == corpus_bytes(1000, seed=3)
    with pytest.raises(OutputError):
        write_planted_corpus(tmp_path / "nowhere" / "corpus.txt", n_words=1000)
    with pytest.raises(ParameterError, match="n_words=0: expected a whole number, 1 or more"):
        write_planted_corpus(tmp_path / "empty.txt", n_words=0)
    assert [path.name for path in tmp_path.iterdir()] == ["corpus.txt"]


def test_the_questions_are_written_as_questions_words_txt_has_them(tmp_path):
    path = tmp_path / "questions.txt"
    write_planted_questions(path)
    sections = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(": "):
            questions = sections.setdefault(line[2:], [])
        else:
            questions.append(tuple(line.split(" ")))
    assert sections == planted_questions()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_skip_gram_learns_the_facts(tmp_path, seed):
    from gensim.models import Word2Vec

    from embedkit.evaluate import evaluate_analogies

    path = tmp_path / "corpus.txt"
    write_planted_corpus(path, n_words=500_000, seed=seed)
    model = Word2Vec(corpus_file=str(path), sg=1, vector_size=50, epochs=3, workers=2, seed=seed)
    scores = evaluate_analogies(model.wv, planted_questions())
    assert scores.total.skipped == 0
    assert scores.total.accuracy > 0.8
