"""Which words get a vector, and which vector they begin with."""

import numpy as np
import pytest

from embedkit import KeyedVectors
from embedkit.neural.layers.embedding import PADDING, UNKNOWN
from embedkit.neural.vectors import initial_vectors, number_words

WORDS, COUNTS = ["the", "cat", "dax", "wug", "fep"], np.array([9, 5, 2, 2, 1])


@pytest.mark.parametrize(
    ("min_count", "max_vocab", "expected"),
    [
        (1, None, WORDS),
        (2, None, ["the", "cat", "dax", "wug"]),
        (2, 3, ["the", "cat", "dax"]),
        (6, 3, ["the"]),
        (10, None, []),
    ],
)
def test_words_are_numbered_behind_padding_and_the_unknown_word(min_count, max_vocab, expected):
    numbers, n_words = number_words(WORDS, COUNTS, min_count, max_vocab)
    assert list(numbers) == expected
    assert list(numbers.values()) == list(range(UNKNOWN + 1, n_words))
    assert min(numbers.values(), default=2) > max(PADDING, UNKNOWN)


def test_other_words_that_have_vectors_follow():
    others = KeyedVectors(["zebra", "cat", "fep", "ant"], np.eye(4))
    numbers, n_words = number_words(WORDS, COUNTS, 2, 3, others)
    assert n_words == 5
    assert numbers == {"the": 2, "cat": 3, "dax": 4, "zebra": 5, "fep": 6, "ant": 7}


def test_words_begin_with_the_vectors_that_they_have():
    random = np.random.default_rng(4)
    vectors = KeyedVectors(["zebra", "cat", "fep", "the"], random.normal(size=(4, 3)))
    numbers, n_words = number_words(WORDS, COUNTS, 2, 3, vectors)
    found = initial_vectors(numbers, n_words, vectors, random)
    assert found.n_found == 2
    assert found.table.dtype == found.kept.dtype == np.float32
    assert found.table.shape == (5, 3)
    assert not found.table[PADDING].any()
    for word in ("the", "cat"):
        np.testing.assert_array_equal(found.table[numbers[word]], vectors[word])
    np.testing.assert_array_equal(found.kept, [vectors["zebra"], vectors["fep"]])
    assert found.table[UNKNOWN].all()
    assert found.table[numbers["dax"]].all()


@pytest.mark.parametrize("n_found", [50, 0])
def test_words_without_a_vector_are_drawn_with_the_spread_of_those_found_or_of_all(n_found):
    random = np.random.default_rng(5)
    # Those of words that do not occur spread ten times as far.
    values = np.concatenate([random.normal(0, 0.3, (50, 20)), random.normal(0, 3.0, (50, 20))])
    vectors = KeyedVectors([f"w{n}" for n in range(100)], values)
    numbers = {word: n for n, word in enumerate([f"w{n}" for n in range(n_found)] + [f"x{n}" for n in range(500)], 2)}
    found = initial_vectors(numbers, len(numbers) + 2, vectors, random)
    assert found.n_found == n_found
    drawn = found.table[2 + n_found :]
    variance = float(vectors.vectors[: n_found or 100].var())
    # Of 10,000 uniform numbers: the standard error of the variance is 0.9 % of it.
    assert drawn.var() == pytest.approx(variance, rel=0.04)
    assert drawn.mean() == pytest.approx(0.0, abs=0.04 * variance**0.5)
    assert np.abs(drawn).max() <= (3 * variance) ** 0.5 * 1.0001


def test_the_same_seed_draws_the_same_vectors():
    vectors = KeyedVectors(["cat", "dog"], [[1.0, 2.0], [-3.0, 1.0]])
    one, same, other = (
        initial_vectors({"cat": 2, "dax": 3}, 4, vectors, np.random.default_rng(seed)).table for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
