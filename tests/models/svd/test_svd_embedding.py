"""SVDEmbedding and the training below it: what the vectors are, and what users of scikit-learn expect."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from reference import ppmi as reference
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from embedkit import KeyedVectors
from embedkit.errors import InputError, ParameterError
from embedkit.models.svd.embedding import train
from embedkit.models.svd.estimator import SVDEmbedding
from embedkit.models.svd.parameters import SVDParameters

ANIMALS = ["the cat chased the mouse", "a dog chased the cat", "the mouse fled from a dog"]
WEATHER = ["rain fell on grey hills", "snow fell on white hills", "wind and rain on grey water"]
TEXTS = (ANIMALS + WEATHER) * 10
LABELS = (["animals"] * 3 + ["weather"] * 3) * 10
EXAMPLE = ["I like deep learning .", "I like NLP .", "I enjoy flying ."]


def small(**settings):
    return SVDEmbedding(**{"vector_size": 6, "min_count": 1, "window": 2} | settings)


@pytest.fixture(scope="module")
def fitted():
    return small().fit(TEXTS)


def counts_of(texts, words, window):
    """Co-occurrence counts, both sides, one pair after the other."""
    index = {word: i for i, word in enumerate(words)}
    counts = np.zeros((len(words), len(words)))
    for text in texts:
        ids = [index[word] for word in text.split()]
        for i, centre in enumerate(ids):
            for context in ids[max(i - window, 0) : i] + ids[i + 1 : i + 1 + window]:
                counts[centre, context] += 1
    return counts


def test_words_of_one_topic_end_up_together(fitted):
    vectors = fitted.keyed_vectors_
    assert vectors.similarity("cat", "mouse") > vectors.similarity("cat", "hills") + 0.3


@pytest.mark.parametrize("power", [0, 0.5, 1])
def test_vectors_are_singular_vectors_times_a_power_of_the_values(power):
    model = small(eigenvalue_power=power, vector_size=5).fit(EXAMPLE)
    counts = counts_of(EXAMPLE, model.vocabulary_.words, 2)
    U, s, Vt = np.linalg.svd(reference.pmi(counts, 1, 0.75, True))
    np.testing.assert_allclose(model.singular_values_, s[:5], rtol=1e-6)
    np.testing.assert_allclose(np.abs(model.keyed_vectors_.vectors), np.abs(U * s**power)[:, :5], atol=1e-5)
    np.testing.assert_allclose(np.abs(model.context_vectors_), np.abs(Vt.T * s**power)[:, :5], atol=1e-5)
    assert model.residuals_.max() < 1e-5
    assert model.keyed_vectors_.vectors.dtype == model.context_vectors_.dtype == np.float32


def test_the_vectors_are_those_of_words_or_contexts_or_their_sum(fitted):
    words = fitted.keyed_vectors_.vectors
    context, both = (small(vectors=which).fit(TEXTS).keyed_vectors_.vectors for which in ("context", "sum"))
    np.testing.assert_array_equal(context, fitted.context_vectors_)
    np.testing.assert_array_equal(both, words + context)
    assert not np.allclose(words, context, atol=1e-3)


def test_all_dimensions_with_power_one_half_give_the_weights_back():
    words = sorted(set(" ".join(EXAMPLE).split()))
    model = small(vector_size=len(words)).fit(EXAMPLE)
    weights = reference.pmi(counts_of(EXAMPLE, model.vocabulary_.words, 2), 1, 0.75, True)
    np.testing.assert_allclose(model.keyed_vectors_.vectors @ model.context_vectors_.T, weights, atol=1e-5)


def test_the_worked_example_of_singular_values():
    counts = [[0, 5, 8, 1, 0], [5, 0, 7, 0, 1], [8, 7, 0, 2, 1], [1, 0, 2, 0, 6], [0, 1, 1, 6, 0]]
    trained = train(sparse.csr_array(counts), SVDParameters(vector_size=5, weighting="count"))
    np.testing.assert_allclose(trained.singular_values, [13.9755, 8.6282, 6.6035, 5.5190, 4.2629], atol=5e-5)


def test_the_worked_example_of_dot_and_cosine():
    vectors = KeyedVectors(["x", "y"], np.array([[3, 1, 2], [3, 0, 2]], np.float32))
    assert vectors["x"] @ vectors["y"] == 13
    assert vectors.similarity("x", "y") == pytest.approx(0.9636, abs=5e-5)


def test_parameters_reach_the_counts_and_the_weights():
    base = small().fit(TEXTS).singular_values_
    for settings in (
        {"window": 4}, {"distance": "harmonic"}, {"distance": "linear"}, {"directional": "left"}, {"weighting": "log"},
        {"weighting": "count"}, {"shift": 2}, {"context_smoothing": 1.0}, {"max_vocab": 10},
    ):  # fmt: skip
        assert not np.allclose(small(**settings).fit(TEXTS).singular_values_, base), settings
    positive, signed = (small(shift=5, weighting=name).fit(TEXTS).singular_values_ for name in ("ppmi", "pmi"))
    assert not np.allclose(positive, signed)


def test_left_and_right_contexts_are_each_others_transposes():
    left, right = (small(directional=side, context_smoothing=1.0).fit(TEXTS) for side in ("left", "right"))
    np.testing.assert_allclose(left.singular_values_, right.singular_values_, rtol=1e-5)


def test_the_same_bytes_each_time_and_from_documents_in_any_order(fitted):
    again, reordered = small().fit(TEXTS), small().fit(TEXTS[::-1])
    assert again.keyed_vectors_.vectors.tobytes() == fitted.keyed_vectors_.vectors.tobytes()
    assert reordered.keyed_vectors_.vectors.tobytes() == fitted.keyed_vectors_.vectors.tobytes()


def test_threads_and_a_small_memory_change_nothing(fitted):
    other = small(n_jobs=2, memory=64 * 2**20).fit(TEXTS)
    np.testing.assert_allclose(other.keyed_vectors_.vectors, fitted.keyed_vectors_.vectors, atol=1e-5)


def test_a_vector_larger_than_the_vocabulary_is_an_error_that_says_how_many_words_there_are():
    with pytest.raises(ParameterError, match=r"vector_size=300, but there are only 18 words: use vector_size=18"):
        small(vector_size=300).fit(TEXTS)


def test_documents_of_one_word_are_an_error():
    with pytest.raises(InputError):
        small(vector_size=1).fit(["one", "two", "one"])


def test_no_weight_above_zero_is_an_error_that_names_the_shift():
    with pytest.raises(InputError, match=r"no pair of words has a weight.*shift=1e\+09"):
        small(shift=1e9).fit(TEXTS)


@pytest.mark.parametrize(
    "settings",
    [
        {"vector_size": 0}, {"window": 0}, {"distance": "cosine"}, {"directional": "up"}, {"weighting": "tfidf"},
        {"shift": 0}, {"context_smoothing": -1}, {"eigenvalue_power": -0.5}, {"tol": 0}, {"lowercase": 1},
        {"n_jobs": 0}, {"min_count": -1},
    ],
)  # fmt: skip
def test_parameters_that_cannot_work_are_errors_that_name_them(settings):
    with pytest.raises(ParameterError, match=next(iter(settings))):
        small(**settings).fit(TEXTS)


def test_transform_is_the_mean_of_the_known_words(fitted):
    vectors = fitted.keyed_vectors_
    transformed = fitted.transform(["cat dog cat", "nothing is known here"])
    np.testing.assert_allclose(transformed[0], (2 * vectors["cat"] + vectors["dog"]) / 3, rtol=1e-5)
    assert not transformed[1].any()


def test_it_follows_the_conventions_of_scikit_learn(fitted):
    assert make_pipeline(small(), LogisticRegression()).fit(TEXTS, LABELS).score(TEXTS, LABELS) == 1.0
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    with pytest.raises(NotFittedError):
        copy.transform(TEXTS)
    assert list(fitted.get_feature_names_out()[:2]) == ["svdembedding0", "svdembedding1"]
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.transform(TEXTS), fitted.transform(TEXTS))


def test_progress_of_training_is_passed_on_and_counts_are_left_as_they_are():
    counts = sparse.random_array((900, 900), density=0.02, rng=0, format="csr", dtype=np.float32)
    before = counts.copy()
    seen = []
    trained = train(counts, SVDParameters(vector_size=20), seed=1, on_progress=seen.append)
    assert seen[-1].fraction == 1.0
    assert trained.vectors.shape == trained.context_vectors.shape == (900, 20)
    assert 0 < trained.nnz <= counts.nnz
    assert abs(counts - before).sum() == 0


def test_training_below_the_estimator_needs_no_scikit_learn():
    script = "import embedkit.models.svd.embedding, sys; print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
