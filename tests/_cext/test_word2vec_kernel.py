"""The training kernel against its naive twin, for every instruction set compiled in."""

import itertools

import numpy as np
import pytest
from reference import word2vec as reference

from embedkit._cext import huffman, processor, sampling
from embedkit._cext import word2vec as kernel
from embedkit.models.matrices import padded_matrix

pytestmark = pytest.mark.usefixtures("instruction_set")
NO_SUBSAMPLING = 0.0


def make_corpus(n_words=30, n_documents=40, longest=25, seed=0):
    """Ids with documents of 0 to `longest` words, frequent words first, no end mark after the last."""
    random = np.random.default_rng(seed)
    ids = []
    for _ in range(n_documents):
        length = random.integers(0, longest + 1)
        ids += [*(random.zipf(1.4, length) - 1) % n_words, reference.DOCUMENT_END]
    counts = np.maximum(np.bincount([i for i in ids if i >= 0], minlength=n_words), 1)
    return np.array(ids[:-1], np.int32), counts.astype(np.int64)


def make_model(counts, vector_size, loss, sample=NO_SUBSAMPLING, seed=0):
    random = np.random.default_rng(seed)
    inputs = padded_matrix(len(counts), vector_size)
    outputs = padded_matrix(len(counts), vector_size)
    inputs[:, :vector_size] = random.normal(0, 0.4, (len(counts), vector_size))
    outputs[:, :vector_size] = random.normal(0, 0.4, (len(counts), vector_size))
    noise = sampling.alias_table(counts**0.75) if loss == "ns" else None
    paths = huffman.huffman_paths(counts) if loss == "hs" else None
    return inputs, outputs, sampling.keep_thresholds(counts, sample), noise, paths


def train(
    ids, model, *, n_threads=1, calls=1, cbow=False, window=3, shrink=True, mean=True, negative=5, seed=7, rate=0.1
):
    """One epoch in `calls` calls of the kernel."""
    n_jobs = -(-len(ids) // kernel.JOB_POSITIONS)
    cuts = np.linspace(0, n_jobs, calls + 1).astype(int)
    total = [0.0, 0, 0, 0]
    for first, stop in itertools.pairwise(cuts):
        result = kernel.train_range(
            ids, first, stop - first, *model, cbow=cbow, window=window, shrink=shrink, mean=mean,
            negative=negative if model[3] is not None else 0, start_rate=rate, end_rate=rate / 5, done=0.0,
            total=2.0 * len(ids), seed=seed, n_threads=n_threads,
        )  # fmt: skip
        total = [a + b for a, b in zip(total, result, strict=True)]
    return total


def rate_of(ids, rate):
    """The learning rate of `train`: that of a position's job."""
    job = kernel.JOB_POSITIONS
    return lambda position: rate - 0.8 * rate * (position // job * job) / (2 * len(ids))


def assert_equals_twin(ids, counts, vector_size, loss, sample=NO_SUBSAMPLING, rate=0.1, **settings):
    model = make_model(counts, vector_size, loss, sample)
    inputs, outputs = model[0][:, :vector_size].astype(float), model[1][:, :vector_size].astype(float)
    settings = {"cbow": False, "window": 3, "shrink": True, "mean": True, "negative": 5, "seed": 7} | settings
    expected = reference.train(ids, inputs, outputs, *model[2:], rate_at=rate_of(ids, rate), **settings)
    measured = train(ids, model, rate=rate, **settings)
    np.testing.assert_allclose(model[0][:, :vector_size], inputs, rtol=2e-4, atol=2e-5)
    np.testing.assert_allclose(model[1][:, :vector_size], outputs, rtol=2e-4, atol=2e-5)
    assert not model[0][:, vector_size:].any()
    assert not model[1][:, vector_size:].any()
    assert measured[1:] == [expected[1], *expected[1:]]
    assert measured[0] == pytest.approx(expected[0], rel=1e-5)


@pytest.mark.parametrize("loss", ["ns", "hs"])
@pytest.mark.parametrize("cbow", [False, True])
@pytest.mark.parametrize("vector_size", [1, 3, 4, 5, 8, 15, 16, 17, 31, 32, 33, 64, 100])
def test_every_vector_size_trains_as_the_twin(vector_size, cbow, loss):
    assert_equals_twin(*make_corpus(), vector_size, loss, cbow=cbow)


@pytest.mark.parametrize("negative", range(1, 26))
def test_every_number_of_negatives_trains_as_the_twin(negative):
    assert_equals_twin(*make_corpus(n_words=200), 17, "ns", negative=negative)


@pytest.mark.parametrize("loss", ["ns", "hs"])
@pytest.mark.parametrize("window", [1, 2, 5, 6, 7, 13, 40])
def test_every_window_trains_as_the_twin(window, loss):
    assert_equals_twin(*make_corpus(n_words=150, longest=60), 9, loss, rate=0.01, window=window, negative=14)


@pytest.mark.parametrize("n_words", [2, 3, 5, 400])
def test_hierarchical_softmax_with_short_and_long_paths_trains_as_the_twin(n_words):
    assert_equals_twin(*make_corpus(n_words, n_documents=80), 10, "hs", window=8)


@pytest.mark.parametrize("cbow", [False, True])
@pytest.mark.parametrize("n_words", [1, 2])
def test_a_vocabulary_of_one_or_two_words_trains_as_the_twin(n_words, cbow):
    assert_equals_twin(*make_corpus(n_words), 6, "ns", cbow=cbow)


@pytest.mark.parametrize("settings", [{"shrink": False}, {"cbow": True, "mean": False}])
@pytest.mark.parametrize("loss", ["ns", "hs"])
def test_full_windows_and_summed_contexts_train_as_the_twin(loss, settings):
    assert_equals_twin(*make_corpus(), 12, loss, **settings)


@pytest.mark.parametrize("sample", [0.01, 0.001])
def test_subsampling_trains_as_the_twin(sample):
    assert_equals_twin(*make_corpus(n_documents=150), 12, "ns", sample=sample)


@pytest.mark.parametrize("longest", [5, 3000])
def test_windows_are_not_cut_where_jobs_meet(longest):
    ids, counts = make_corpus(n_words=50, n_documents=4 if longest > 5 else 900, longest=longest, seed=3)
    assert len(ids) > 2 * kernel.JOB_POSITIONS
    assert_equals_twin(ids, counts, 5, "ns", sample=0.05)


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_corpora_around_a_whole_number_of_jobs_train_as_the_twin(extra):
    ids = np.tile(np.arange(16, dtype=np.int32), 2 * kernel.JOB_POSITIONS // 16 + 1)[: 2 * kernel.JOB_POSITIONS + extra]
    assert_equals_twin(ids, np.full(16, 100, np.int64), 4, "ns")


@pytest.mark.parametrize("loss", ["ns", "hs"])
def test_one_thread_gives_the_same_bytes_however_the_corpus_is_cut(loss):
    ids, counts = make_corpus(n_words=80, n_documents=600)
    whole, cut = make_model(counts, 20, loss, 0.01), make_model(counts, 20, loss, 0.01)
    train(ids, whole)
    train(ids, cut, calls=5)
    assert whole[0].tobytes() == cut[0].tobytes()
    assert whole[1].tobytes() == cut[1].tobytes()


@pytest.mark.parametrize("n_threads", [1, 2, 3, 4])
def test_any_number_of_threads_sees_the_same_examples(n_threads):
    ids, counts = make_corpus(n_words=80, n_documents=600)
    for loss, cbow in itertools.product(["ns", "hs"], [False, True]):
        alone = train(ids, make_model(counts, 20, loss, 0.01), cbow=cbow)
        together = train(ids, make_model(counts, 20, loss, 0.01), cbow=cbow, n_threads=n_threads)
        assert together[1:] == alone[1:]
        assert together[0] == pytest.approx(alone[0], rel=0.05)


@pytest.mark.parametrize("loss", ["ns", "hs"])
def test_a_step_is_the_gradient_of_its_loss(loss):
    """Central differences of the window's loss, at the values before the step."""
    ids, size, rate, epsilon = np.array([3, 1], np.int32), 4, 0.1, 1e-5
    counts = np.array([9, 7, 5, 3, 2], np.int64)
    model = make_model(counts, size, loss)
    inputs, outputs = model[0][:, :size].astype(float), model[1][:, :size].astype(float)
    # Two words, window 1: the first step has centre 3 and context 1. Its own change is isolated by undoing the second.
    (_, draw, centre, context), _ = reference.windows(ids, model[2], 1, False, 7)
    rows, labels, weights = reference.targets(centre, draw, 7, model[3], 5, model[4])

    def loss_at(R, T):
        return reference.pair_loss(R[context[0]], T[rows], labels, weights)

    def slope(matrix, of_loss):
        result = np.zeros_like(matrix)
        for index in np.ndindex(*matrix.shape):
            up, down = matrix.copy(), matrix.copy()
            up[index] += epsilon
            down[index] -= epsilon
            result[index] = (of_loss(up) - of_loss(down)) / (2 * epsilon)
        return result

    alone = np.array([3, 1, -1], np.int32)
    stepped_in, stepped_out = inputs.copy(), outputs.copy()
    stepped_in -= rate * slope(inputs, lambda R: loss_at(R, outputs))
    stepped_out -= rate * slope(outputs, lambda T: loss_at(inputs, T))
    second = reference.draw_at(reference.draw_at(7, 0), 1)
    rows_2, labels_2, weights_2 = reference.targets(1, second, 7, model[3], 5, model[4])
    h, T = stepped_in[3].copy(), stepped_out[rows_2].copy()
    g = rate * weights_2 * (labels_2 - 1 / (1 + np.exp(-(T @ h))))
    stepped_in[3] += g @ T
    stepped_out[rows_2] += np.outer(g, h)
    kernel.train_range(
        alone, 0, 1, *model, cbow=False, window=1, shrink=False, mean=True, negative=5 if loss == "ns" else 0,
        start_rate=rate, end_rate=rate, done=0.0, total=1.0, seed=7, n_threads=1,
    )  # fmt: skip
    np.testing.assert_allclose(model[0][:, :size], stepped_in, atol=1e-6)
    np.testing.assert_allclose(model[1][:, :size], stepped_out, atol=1e-6)


def test_the_loss_of_a_large_corpus_is_measured_on_a_sample_of_one_in_sixteen():
    ids = np.tile(np.arange(64, dtype=np.int32), 17000)
    counts = np.full(64, 17000, np.int64)
    loss, measured, pairs, centres = train(ids, make_model(counts, 4, "ns"), window=1)
    assert centres == len(ids)
    assert pairs == 2 * len(ids) - 2
    assert measured / pairs == pytest.approx(1 / 16, rel=0.02)
    assert 0 < loss / measured < 6 * np.log(2)


def test_extreme_logits_saturate_and_numbers_that_are_none_reach_the_loss():
    ids, counts = make_corpus(n_words=4)
    huge = make_model(counts, 4, "ns")
    huge[0][:], huge[1][:] = 100.0, -100.0
    assert np.isfinite(train(ids, huge)[0])
    broken = make_model(counts, 4, "ns")
    broken[0][0] = np.nan
    assert np.isnan(train(ids, broken)[0])


def test_sliding_window_of_radius_two_gives_the_pairs_of_the_worked_example():
    sentence = ["the", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog"]
    words = sorted(set(sentence), key=sentence.index)
    ids = np.array([words.index(word) for word in sentence], np.int32)
    counts = np.bincount(ids).astype(np.int64)
    pairs = [
        (words[centre], words[word])
        for _, _, centre, context in reference.windows(ids, sampling.keep_thresholds(counts, 0.0), 2, False, 1)
        for word in context
    ]
    assert len(pairs) == 30
    assert sorted(pairs[:9]) == sorted([
        ("the", "quick"), ("the", "brown"),
        ("quick", "the"), ("quick", "brown"), ("quick", "fox"),
        ("brown", "the"), ("brown", "quick"), ("brown", "fox"), ("brown", "jumps"),
    ])  # fmt: skip
    assert train(ids, make_model(counts, 4, "ns"), window=2, shrink=False)[1] == 30


def test_an_unknown_instruction_set_is_an_error_that_names_those_there_are():
    with pytest.raises(ValueError, match="'mmx' is not available here, expected one of baseline"):
        processor.use_instruction_set("mmx")
