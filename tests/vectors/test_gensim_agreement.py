"""KeyedVectors held against gensim's, which users of the field know: the same answers to 1e-5."""

import warnings

import numpy as np
import pytest

from embedkit.vectors.keyed_vectors import KeyedVectors

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from gensim.models import KeyedVectors as GensimVectors

WORDS = [f"w{index}" for index in range(400)]
MATRIX = (np.random.default_rng(5).standard_normal((400, 24)) * 3).astype(np.float32)


@pytest.fixture(scope="module")
def ours() -> KeyedVectors:
    return KeyedVectors(WORDS, MATRIX)


@pytest.fixture(scope="module")
def theirs() -> GensimVectors:
    vectors = GensimVectors(24)
    vectors.add_vectors(WORDS, MATRIX)
    return vectors


def assert_same_ranking(ours, theirs):
    assert [word for word, _ in ours] == [word for word, _ in theirs]
    np.testing.assert_allclose([s for _, s in ours], [s for _, s in theirs], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("positive", "negative"),
    [
        (["w1"], []),
        (["w1", "w2"], ["w3"]),
        ([], ["w3"]),
        (["w1", "w1"], ["w3"]),
        ([("w1", 0.3), "w2"], [("w3", -2.0)]),
        ([("w1", 0.3)], [("w3", 0.7)]),
        ([MATRIX[7], "w2"], []),
        ([MATRIX[7], "w2"], [MATRIX[8], "w9"]),
        ([(MATRIX[7], 0.2), "w2"], []),
    ],
)
@pytest.mark.parametrize("restrict_vocab", [None, 50])
def test_most_similar(ours, theirs, positive, negative, restrict_vocab):
    assert_same_ranking(
        ours.most_similar(positive, negative, topn=20, restrict_vocab=restrict_vocab),
        theirs.most_similar(positive, negative, topn=20, restrict_vocab=restrict_vocab),
    )


@pytest.mark.parametrize(("positive", "negative"), [(["w1"], []), (["w1", "w2"], ["w3"]), (["w1"], ["w3", "w4"])])
@pytest.mark.parametrize("restrict_vocab", [400, 50])
def test_3cosmul(ours, theirs, positive, negative, restrict_vocab):
    # gensim 4.4 takes restrict_vocab here and does not heed it.
    everything = theirs.most_similar_cosmul(positive, negative, topn=400)
    restricted = [pair for pair in everything if pair[0] in WORDS[:restrict_vocab]]
    found = ours.most_similar(positive, negative, topn=20, method="mul", restrict_vocab=restrict_vocab)
    assert_same_ranking(found, restricted[:20])


def test_similar_by_vector(ours, theirs):
    query = np.random.default_rng(6).standard_normal(24)
    assert_same_ranking(ours.similar_by_vector(query), theirs.similar_by_vector(query.astype(np.float32)))


def test_nearest_is_most_similar_for_many(ours, theirs):
    indices, similarities = ours.nearest(WORDS[:30], k=7)
    for row, word in enumerate(WORDS[:30]):
        found = [(WORDS[index], score) for index, score in zip(indices[row], similarities[row], strict=True)]
        assert_same_ranking(found, theirs.most_similar(word, topn=7))


def test_similarity_and_its_relatives(ours, theirs):
    assert ours.similarity("w1", "w2") == pytest.approx(theirs.similarity("w1", "w2"), abs=1e-6)
    assert ours.n_similarity(["w1", "w2"], ["w3", "w4", "w5"]) == pytest.approx(
        float(theirs.n_similarity(["w1", "w2"], ["w3", "w4", "w5"])), abs=1e-6
    )
    np.testing.assert_allclose(ours.distances("w1"), theirs.distances("w1"), atol=1e-6)
    np.testing.assert_allclose(ours.distances("w1", ["w5", "w2"]), theirs.distances("w1", ["w5", "w2"]), atol=1e-6)
    np.testing.assert_allclose(ours.distances(MATRIX[3]), theirs.distances(MATRIX[3]), atol=1e-6)


@pytest.mark.parametrize("word", ["w2", "w77", "w399", "w1"])
def test_rank(ours, theirs, word):
    assert ours.rank("w1", word) == theirs.rank("w1", word)


@pytest.mark.parametrize("start", range(0, 40, 4))
def test_doesnt_match(ours, theirs, start):
    words = WORDS[start : start + 4]
    assert ours.doesnt_match(words) == theirs.doesnt_match(words)


@pytest.mark.parametrize("pre_normalize", [True, False])
@pytest.mark.parametrize("post_normalize", [True, False])
@pytest.mark.parametrize("weights", [None, [1.0, 2.0, -0.5]])
def test_mean_vector(ours, theirs, pre_normalize, post_normalize, weights):
    settings = {"weights": weights, "pre_normalize": pre_normalize, "post_normalize": post_normalize}
    expected = theirs.get_mean_vector(["w1", "w2", "w3"], **settings)
    np.testing.assert_allclose(ours.mean_vector(["w1", "w2", "w3"], **settings), expected, atol=1e-6)


def test_normalized(ours, theirs):
    np.testing.assert_allclose(ours.normalized().vectors, theirs.get_normed_vectors(), atol=1e-6)
