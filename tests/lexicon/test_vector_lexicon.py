"""Synonyms from vectors: mutual nearest neighbours of about the same frequency."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedkit.errors import ParameterError
from embedkit.lexicon import VectorLexicon
from embedkit.vectors.keyed_vectors import KeyedVectors


def turned(*degrees):
    """Unit vectors in the plane."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


@pytest.fixture
def vectors():
    # "hub" is next to the others of its side; they are next to each other.
    return KeyedVectors(["a", "b", "hub", "c", "far"], turned(0, 2, 30, 50, 180), counts=[100, 90, 50, 9, 1])


def free(vectors, n=10, **settings):
    """A lexicon without limits but those that are given."""
    return VectorLexicon(vectors, n, **{"min_similarity": -1, "frequency_ratio": None, "mutual": False} | settings)


def test_nearest_come_first(vectors):
    assert free(vectors).synonyms("a") == ["b", "hub", "c", "far"]
    assert free(vectors, 2).synonyms("a") == ["b", "hub"]


def test_of_mutual_neighbours_each_is_near_to_the_other(vectors):
    assert free(vectors, 1).synonyms("hub") == ["c"]
    assert free(vectors, 1).synonyms("far") == ["c"]
    assert free(vectors, 1, mutual=True).synonyms("far") == []
    assert free(vectors, 1, mutual=True).synonyms("hub") == ["c"]
    assert free(vectors, 1, mutual=True).synonyms("a") == ["b"]


def test_the_least_similarity_is_kept(vectors):
    assert free(vectors, min_similarity=np.cos(np.radians(31))).synonyms("a") == ["b", "hub"]


def test_frequencies_are_within_the_ratio(vectors):
    assert free(vectors, frequency_ratio=2).synonyms("a") == ["b", "hub"]
    assert free(vectors, frequency_ratio=1.5).synonyms("a") == ["b"]
    assert free(vectors, frequency_ratio=1.5).synonyms("c") == []
    assert free(vectors, frequency_ratio=9).synonyms("far") == ["c"]
    assert free(vectors, frequency_ratio=8.9).synonyms("far") == []


def test_without_counts_the_rank_stands_for_the_frequency():
    lexicon = free(KeyedVectors(["w1", "w2", "w3", "w4"], turned(0, 1, 2.5, 3.5)), frequency_ratio=2)
    assert lexicon.synonyms("w1") == ["w2"]
    assert lexicon.synonyms("w2") == ["w1", "w3", "w4"]
    assert lexicon.synonyms("w4") == ["w3", "w2"]


def test_a_word_that_never_came_counts_as_one_that_came_once():
    lexicon = free(KeyedVectors(["a", "b", "c"], turned(0, 1, 3), counts=[5, 0, 0]), frequency_ratio=5)
    assert lexicon.synonyms("b") == ["a", "c"]


def test_words_are_found_as_they_are_then_in_lower_case():
    lexicon = free(KeyedVectors(["us", "US", "new_york", "york"], turned(0, 1, 40, 41)), 1)
    assert lexicon.synonyms("york") == ["new york"]
    assert lexicon.synonyms("York") == ["new york"]
    assert lexicon.synonyms("New York") == ["york"]
    # The same word in another case is no synonym.
    assert lexicon.synonyms("US") == []
    assert "New York" in lexicon
    assert "boston" not in lexicon
    assert 5 not in lexicon


def test_unknown_words_have_none(vectors):
    lexicon = VectorLexicon(vectors)
    assert lexicon.synonyms("zebra") == lexicon.synonyms("") == []
    assert lexicon.antonyms("a") == lexicon.hypernyms("a") == lexicon.hypernym_paths("a") == lexicon.hyponyms("a") == []


@given(data=st.data(), mutual=st.booleans(), n=st.integers(1, 8))
def test_precomputed_answers_are_those_of_single_questions_and_of_a_naive_search(data, mutual, n):
    size = data.draw(st.integers(1, 12))
    matrix = np.random.default_rng(data.draw(st.integers(0, 99))).normal(size=(size, 3)).astype(np.float32)
    keys = [f"w{i}" for i in range(size)]
    vectors = KeyedVectors(keys, matrix, counts=range(1, size + 1))
    settings = {"mutual": mutual, "min_similarity": 0.1, "frequency_ratio": 3}
    single, some, every = (VectorLexicon(vectors, n, **settings) for _ in range(3))
    some.precompute(["w0", "w3", "zebra", "w0"])
    every.precompute()
    for row, word in enumerate(keys):
        near = {one: [other for other, _ in vectors.most_similar(one, topn=n)] for one in keys}
        expected = [
            other
            for other in near[word]
            if vectors.similarity(word, other) >= 0.1
            and (not mutual or word in near[other])
            and max(row + 1, keys.index(other) + 1) <= 3 * min(row + 1, keys.index(other) + 1)
        ]
        assert single.synonyms(word) == some.synonyms(word) == every.synonyms(word) == expected


@pytest.mark.parametrize("mutual", [True, False])
def test_after_precomputing_nothing_is_searched(vectors, monkeypatch, mutual):
    lexicon = VectorLexicon(vectors, 3, mutual=mutual)
    lexicon.precompute(["a", "hub"])
    monkeypatch.setattr(KeyedVectors, "nearest", None)
    assert lexicon.synonyms("a") == ["b", "hub"]


def test_precomputing_takes_one_search_for_the_words_and_one_for_their_neighbours(vectors, monkeypatch):
    asked = []
    nearest = KeyedVectors.nearest
    monkeypatch.setattr(KeyedVectors, "nearest", lambda self, q, k: asked.append(list(q)) or nearest(self, q, k))
    VectorLexicon(vectors, 2).precompute(["a", "b", "a"])
    assert asked == [["a", "b"], ["hub"]]


def test_a_pickle_keeps_what_was_found(vectors):
    lexicon = VectorLexicon(vectors, 3)
    lexicon.precompute()
    assert pickle.loads(pickle.dumps(lexicon)).synonyms("a") == lexicon.synonyms("a")


@pytest.mark.parametrize(
    "settings",
    [
        {"n": 0},
        {"n": 2.5},
        {"min_similarity": -2},
        {"min_similarity": float("nan")},
        {"mutual": "yes"},
        {"frequency_ratio": 0.5},
        {"frequency_ratio": "low"},
    ],
    ids=str,
)
def test_parameters_that_cannot_work(vectors, settings):
    with pytest.raises(ParameterError, match=next(iter(settings))):
        VectorLexicon(vectors, **settings)


def test_other_things_than_vectors_and_words_are_refused(vectors):
    with pytest.raises(ParameterError, match="expected KeyedVectors"):
        VectorLexicon({"a": [1, 2]})
    lexicon = VectorLexicon(vectors)
    with pytest.raises(ParameterError, match="expected a sequence of words"):
        lexicon.precompute("a")
    for ask in (lexicon.synonyms, lexicon.antonyms, lexicon.hyponyms, lexicon.hypernyms):
        with pytest.raises(ParameterError, match="knows no parts of speech"):
            ask("a", pos="n")
    with pytest.raises(ParameterError, match="5 is no word"):
        lexicon.synonyms(5)
