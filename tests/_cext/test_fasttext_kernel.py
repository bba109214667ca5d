"""The kernels of the fastText classifier against their naive twins, for every instruction set compiled in."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import fasttext as reference

from embedkit._cext import fasttext as kernel
from embedkit._cext import sampling
from embedkit.classify.fasttext.tree import LabelTree
from embedkit.models.matrices import padded_matrix

WORDS = ["a", "the", "naïve", "東京", "😀", "x" * 300, "__label__new", "été", "b"]
every_instruction_set = pytest.mark.usefixtures("instruction_set")


def pointers(lists, dtype=np.int32):
    """Where each list begins, and all numbers."""
    start = np.cumsum([0, *map(len, lists)], dtype=np.int64)
    return start, np.array([number for one in lists for number in one], dtype)


def make_lines(n_lines=60, n_rows=50, n_labels=5, several=False, longest=20, seed=0):
    """Rows and labels of lines; some lines are empty, some have no label."""
    random = np.random.default_rng(seed)
    lines = [(random.zipf(1.3, random.integers(0, longest + 1)) % n_rows).tolist() for _ in range(n_lines)]
    labels = [
        sorted(random.choice(n_labels, random.integers(0, min(4, n_labels)) if several else 1, replace=False).tolist())
        for _ in range(n_lines)
    ]
    return lines, labels


def make_model(labels, n_rows, n_labels, size, loss, seed=0):
    random = np.random.default_rng(seed)
    inputs, outputs = padded_matrix(n_rows, size), padded_matrix(n_labels, size)
    inputs[:, :size] = random.normal(0, 0.5, (n_rows, size))
    outputs[:, :size] = random.normal(0, 0.5, (n_labels, size))
    counts = np.bincount([label for some in labels for label in some], minlength=n_labels) + 1
    noise = sampling.alias_table(counts**0.5) if loss == "ns" else None
    tree = LabelTree.over(counts)
    return inputs, outputs, noise, (tree.start, tree.node, tree.bit) if loss == "hs" else None


def train(lines, labels, weights, model, loss, *, calls=1, n_threads=1, negative=5, seed=3, rate=0.3):
    order = np.random.default_rng(seed).permutation(len(lines))
    slope = rate / (2 * len(lines))
    total = np.zeros(2)
    cuts = np.linspace(0, len(lines), calls + 1).astype(int)
    for begin, stop in itertools.pairwise(cuts):
        total += kernel.train_range(
            order, begin, stop, pointers(lines), pointers(labels), weights, *model, loss=kernel.LOSSES[loss],
            negative=negative, rate=rate, slope=slope, seed=seed, n_threads=n_threads,
        )  # fmt: skip
    return total, order, slope


def assert_equals_twin(loss, size=10, n_labels=5, n_rows=50, negative=5, several=False, weighted=False, **lines_of):
    lines, labels = make_lines(n_rows=n_rows, n_labels=n_labels, several=several, **lines_of)
    weights = np.ones(len(lines), np.float32)
    if weighted:
        weights = np.random.default_rng(1).integers(0, 4, len(lines)).astype(np.float32) / 2
    model = make_model(labels, n_rows, n_labels, size, loss)
    inputs, outputs = model[0][:, :size].astype(float), model[1][:, :size].astype(float)
    total, order, slope = train(lines, labels, weights, model, loss, negative=negative)
    expected = reference.train(
        lines, labels, order, weights, inputs, outputs, loss=loss, noise=model[2], paths=model[3], negative=negative,
        rate=0.3, slope=slope, seed=3,
    )  # fmt: skip
    np.testing.assert_allclose(model[0][:, :size], inputs, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(model[1][:, :size], outputs, rtol=1e-5, atol=1e-5)
    assert not model[0][:, size:].any()
    assert not model[1][:, size:].any()
    np.testing.assert_allclose(total, expected, rtol=1e-6)


LOSSES = list(kernel.LOSSES)


@every_instruction_set
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("size", [1, 3, 4, 5, 8, 15, 16, 17, 31, 32, 33, 47, 64, 100])
def test_every_vector_size_trains_as_the_twin(size, loss):
    assert_equals_twin(loss, size)


@every_instruction_set
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("n_labels", [2, 3, 7, 8, 15, 16, 17, 33, 100])
def test_every_number_of_labels_trains_as_the_twin(n_labels, loss):
    assert_equals_twin(loss, n_labels=n_labels)


@every_instruction_set
@pytest.mark.parametrize("loss", LOSSES)
def test_several_labels_and_none_train_as_the_twin(loss):
    assert_equals_twin(loss, n_labels=6, several=True)


@every_instruction_set
@pytest.mark.parametrize("loss", LOSSES)
def test_weights_and_weight_zero_train_as_the_twin(loss):
    assert_equals_twin(loss, weighted=True)


@pytest.mark.parametrize("negative", [1, 2, 20])
def test_every_number_of_negatives_trains_as_the_twin(negative):
    assert_equals_twin("ns", negative=negative)


@every_instruction_set
@pytest.mark.parametrize("longest", [1, 2, 5, 9, 13, 200])
def test_lines_of_every_length_train_as_the_twin(longest):
    assert_equals_twin("softmax", longest=longest)


@every_instruction_set
@pytest.mark.parametrize("loss", LOSSES)
def test_one_thread_gives_the_same_bytes_however_the_order_is_cut(loss):
    lines, labels = make_lines(n_lines=300)
    weights = np.ones(300, np.float32)
    whole, cut = make_model(labels, 50, 5, 20, loss), make_model(labels, 50, 5, 20, loss)
    train(lines, labels, weights, whole, loss)
    train(lines, labels, weights, cut, loss, calls=7)
    assert whole[0].tobytes() == cut[0].tobytes()
    assert whole[1].tobytes() == cut[1].tobytes()


@pytest.mark.parametrize("n_threads", [2, 3, 4])
def test_more_threads_see_the_same_lines(n_threads):
    lines, labels = make_lines(n_lines=500)
    weights = np.ones(500, np.float32)
    for loss in LOSSES:
        alone, *_ = train(lines, labels, weights, make_model(labels, 50, 5, 20, loss), loss)
        together, *_ = train(lines, labels, weights, make_model(labels, 50, 5, 20, loss), loss, n_threads=n_threads)
        assert together[1] == alone[1]
        assert together[0] == pytest.approx(alone[0], rel=0.1)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_step_is_the_gradient_of_its_loss(loss):
    """Central differences of the loss of one line, at the values before the step."""
    size, rate, epsilon = 4, 1e-3, 1e-5
    rows, label = [3, 1, 3, 0], 2
    model = make_model([[label]], 5, 4, size, loss)
    inputs, outputs = model[0][:, :size].astype(float), model[1][:, :size].astype(float)
    numbers, targets = reference.outputs_of(loss, 0, [label], 4, *model[2:], 3, 3)

    def loss_at(R, T):
        x = T[numbers] @ R[rows].mean(axis=0)
        if loss == "softmax":
            return reference.softmax_loss(x, label)
        return sum(map(reference.logistic_loss, x, targets))

    def slope(matrix, of_loss):
        result = np.zeros_like(matrix)
        for index in np.ndindex(*matrix.shape):
            up, down = matrix.copy(), matrix.copy()
            up[index] += epsilon
            down[index] -= epsilon
            result[index] = (of_loss(up) - of_loss(down)) / (2 * epsilon)
        return result

    # Each row of a line takes the gradient of its own vector: a row that occurs twice takes it twice.
    of_inputs = rate * slope(inputs, lambda R: loss_at(R, outputs))
    of_outputs = rate * slope(outputs, lambda T: loss_at(inputs, T))
    kernel.train_range(
        np.zeros(1, np.int64), 0, 1, pointers([rows]), pointers([[label]]), np.ones(1, np.float32), *model,
        loss=kernel.LOSSES[loss], negative=3, rate=rate, slope=0.0, seed=3, n_threads=1,
    )  # fmt: skip
    # The logistic losses go label by label, so that a label drawn twice differs by the square of the rate.
    np.testing.assert_allclose(inputs - model[0][:, :size], of_inputs, atol=2e-6)
    np.testing.assert_allclose(outputs - model[1][:, :size], of_outputs, atol=2e-6)


@every_instruction_set
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none_reach_the_loss_and_large_ones_do_not_break_it(broken, loss):
    lines, labels = make_lines()
    weights = np.ones(len(lines), np.float32)
    huge = make_model(labels, 50, 5, 8, loss)
    huge[0][:, :8] *= 1000
    assert np.isfinite(train(lines, labels, weights, huge, loss, rate=1e-9)[0][0])
    model = make_model(labels, 50, 5, 8, loss)
    model[0][:, 0] = broken
    assert not np.isfinite(train(lines, labels, weights, model, loss)[0][0])


def test_first_vectors_are_uniform_and_belong_to_their_row():
    matrix, longer = padded_matrix(2000, 10), padded_matrix(3000, 10)
    kernel.fill_uniform(matrix, 10, 5, 1)
    kernel.fill_uniform(longer, 10, 5, 3)
    assert np.array_equal(matrix, longer[:2000])
    values = matrix[:, :10]
    assert values.min() == pytest.approx(-0.1, abs=1e-4)
    assert values.max() == pytest.approx(0.1, abs=1e-4)
    assert values.std() == pytest.approx(0.2 / np.sqrt(12), rel=0.02)
    assert not matrix[:, 10:].any()


def lines_by_kernel(lines, vocabulary, word_ngrams, min_n, max_n, buckets, n_threads=1):
    """Features of each line, through a numbering of all words, known and unknown."""
    words = sorted({word for line in lines for word in line} | {"</s>"})
    number = {word: i for i, word in enumerate(words)}
    rows = [vocabulary.get(word, -2 if word.startswith("__label__") else -1) for word in words]
    ids = [i for line in lines for i in [*(number[word] for word in line), -1]]
    encoded = [word.encode() for word in words]
    hashes = kernel.hash_words(encoded)
    encoded[number["</s>"]] = b""
    start, feature = kernel.line_features(
        np.array(ids, np.int32), np.flatnonzero(np.array(ids) == -1), np.array(rows, np.int32), hashes,
        number["</s>"], *kernel.char_ngrams(encoded, min_n, max_n, buckets), word_ngrams=word_ngrams,
        first_bucket=len(vocabulary), buckets=buckets, n_threads=n_threads,
    )  # fmt: skip
    return [feature[a:b].tolist() for a, b in itertools.pairwise(start)]


@pytest.mark.parametrize(("min_n", "max_n"), [(0, 0), (1, 3), (2, 2), (3, 6)])
@pytest.mark.parametrize("word_ngrams", [1, 2, 3, 5])
def test_features_are_those_of_the_twin(word_ngrams, min_n, max_n):
    random = np.random.default_rng(0)
    lines = [random.choice(WORDS, random.integers(0, 9)).tolist() for _ in range(40)]
    vocabulary = {word: row for row, word in enumerate(["</s>", *WORDS[:4]])}
    expected = [reference.features(line, vocabulary, word_ngrams, min_n, max_n, 1009) for line in lines]
    for n_threads in (1, 3):
        assert lines_by_kernel(lines, vocabulary, word_ngrams, min_n, max_n, 1009, n_threads) == expected


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.integers(0, 4), st.integers(0, 4))
def test_hashes_of_any_text_are_those_of_the_twin(word, min_n, more):
    encoded = [word.encode()]
    assert kernel.hash_words(encoded).tolist() == [reference.hash_word(word)]
    _, bucket = kernel.char_ngrams(encoded, min_n, min_n + more, 10_007)
    assert bucket.tolist() == reference.char_buckets(word, min_n, min_n + more, 10_007)


@pytest.mark.parametrize("size", [1, 7, 16, 100])
def test_means_of_rows_count_unknown_rows_as_zeros(size):
    vectors = padded_matrix(20, size)[:, :size]
    vectors[:] = np.random.default_rng(0).normal(size=vectors.shape)
    lines = [[1, 2, -1], [], [5, 5, 6, 7], [-1]]
    means = kernel.mean_rows(pointers(lines)[1], pointers(lines)[0], vectors, 2)
    expected = [(vectors[1] + vectors[2]) / 3, np.zeros(size), (2 * vectors[5] + vectors[6] + vectors[7]) / 4]
    np.testing.assert_allclose(means, [*expected, np.zeros(size)], atol=1e-6)


def test_counts_and_new_numbers_of_features():
    feature = np.array([3, 1, 3, 0], np.int32)
    assert kernel.count_features(feature, 5).tolist() == [1, 1, 0, 2, 0]
    kernel.renumber(feature, np.array([9, 8, 7, 6, 5], np.int32), 2)
    assert feature.tolist() == [6, 8, 6, 9]
