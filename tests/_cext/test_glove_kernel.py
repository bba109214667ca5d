"""The GloVe kernel against its naive twin, for every instruction set compiled in."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from reference import glove as reference
from scipy.sparse import csr_array

from embedkit._cext import glove as kernel
from embedkit.models.glove.model import GloVeModel
from embedkit.threads import share_work

SETTINGS = {"x_max": 8.0, "alpha": 0.75, "learning_rate": 0.05}


def make_matrix(n_words, n_pairs, seed=0):
    random = np.random.default_rng(seed)
    matrix = np.zeros(n_words**2, np.float32)
    places = random.choice(n_words**2, n_pairs, replace=False)
    matrix[places] = random.gamma(0.7, 6.0, n_pairs) + 0.05
    return matrix.reshape(n_words, n_words)


def tiled(matrix, n_blocks, n_threads=1, cuts=(0,)):
    """Pairs and starts, from rows handed over in pieces that begin at `cuts`."""
    sizes = np.zeros(n_blocks**2, np.int64)
    stops = [*cuts[1:], len(matrix)]
    pieces = [(first, csr_array(matrix[first:stop])) for first, stop in zip(cuts, stops, strict=True)]
    pieces = [(first, x.indptr.astype(np.int64), x.indices.astype(np.int32), x.data) for first, x in pieces]
    for first, indptr, indices, _ in pieces:
        kernel.count_tiles(first, indptr, indices, n_blocks, sizes, n_threads)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    pairs, ends = np.zeros(starts[-1], kernel.PAIR), starts[:-1].copy()
    for first, indptr, indices, counts in pieces:
        kernel.fill_tiles(first, indptr, indices, counts, n_blocks, ends, pairs, n_threads)
    assert (ends == starts[1:]).all()
    return pairs, starts


def pairs_in_order(pairs, starts, n_blocks, shifts):
    """(i, j, x) as one thread meets them."""
    order = []
    for shift in shifts:
        for a in range(n_blocks):
            tile, b = shift * n_blocks + a, (a + shift) % n_blocks
            for row, column, log_count in pairs[starts[tile] : starts[tile + 1]].tolist():
                order.append((row * n_blocks + a, column * n_blocks + b, np.exp(log_count)))
    return order


def make_model(n_words, vector_size, n_blocks, seed=0):
    """A model with vectors large enough to matter, and its twin."""
    random = np.random.default_rng(seed)
    model = GloVeModel(n_words, vector_size, n_blocks)
    model.initialise(seed)
    for matrix, bias in ((model.words, model.stride - 2), (model.contexts, model.stride - 1)):
        matrix[:, :vector_size] = random.normal(0, 0.5, (n_words, vector_size))
        matrix[:, bias] = random.normal(0, 0.5, n_words)
    values = [model.vectors("word"), model.vectors("context"), model.biases("word"), model.biases("context")]
    return model, reference.Model(*values)


def train(model, pairs, starts, shifts, n_threads=1, at_a_time=2):
    n_blocks = len(model.block_rows)
    losses = np.full((len(shifts), n_blocks), np.nan)
    with ThreadPoolExecutor(n_threads) as pool:
        for shift, loss in zip(shifts, losses, strict=True):

            def some(first, shift=shift, loss=loss):
                stop = min(first + at_a_time, n_blocks)
                args = (model.block_rows, shift, first, stop, model.words, model.contexts, loss)
                kernel.train_tiles(pairs, starts, *args, **SETTINGS)

            share_work(pool, n_threads, some, range(0, n_blocks, at_a_time))
    return losses.sum()


def assert_equal_models(model, twin):
    names = ("word_vectors", "context_vectors", "word_biases", "context_biases")
    arrays = model.arrays()
    for name, values, sums in zip(names, twin.values, twin.sums, strict=True):
        np.testing.assert_allclose(arrays[name], values, rtol=2e-3, atol=2e-4, err_msg=name)
        np.testing.assert_allclose(arrays[f"{name}_sums"], sums, rtol=2e-3, atol=2e-4, err_msg=name)


# Rows of 1, 2 and more registers of 16, of 8 and of 4; sizes at which the two biases fall on either side of one.
@pytest.mark.parametrize("vector_size", [1, 2, 5, 6, 7, 13, 14, 15, 29, 30, 31, 46, 61, 62, 63, 78, 100, 126, 127])
def test_vectors_of_every_size_learn_what_the_twin_learns(instruction_set, vector_size):
    pairs, starts = tiled(make_matrix(12, 90), 3)
    model, twin = make_model(12, vector_size, 3)
    loss = train(model, pairs, starts, [0, 2, 1])
    expected = twin.train(pairs_in_order(pairs, starts, 3, [0, 2, 1]), **SETTINGS)
    assert loss == pytest.approx(expected, rel=1e-4)
    assert_equal_models(model, twin)


# Below and above the batch in which weights are computed, and the distance at which rows are asked for.
@pytest.mark.parametrize("n_pairs", [0, 1, 7, 8, 9, 63, 64, 65, 127, 128, 129, 200])
def test_tiles_of_every_size_learn_what_the_twin_learns(instruction_set, n_pairs):
    pairs, starts = tiled(make_matrix(15, n_pairs), 1)
    model, twin = make_model(15, 10, 1)
    loss = train(model, pairs, starts, [0])
    assert loss == pytest.approx(twin.train(pairs_in_order(pairs, starts, 1, [0]), **SETTINGS), rel=1e-4)
    assert_equal_models(model, twin)


@pytest.mark.parametrize("n_threads", [1, 2, 3, 8])
def test_threads_have_no_say_in_the_result(instruction_set, n_threads):
    pairs, starts = tiled(make_matrix(40, 900), 7)
    alone, _ = make_model(40, 20, 7)
    together, _ = make_model(40, 20, 7)
    shifts = [3, 0, 6, 1, 2, 5, 4] * 3
    assert train(alone, pairs, starts, shifts) == train(together, pairs, starts, shifts, n_threads)
    assert alone.words.tobytes() == together.words.tobytes()
    assert alone.contexts.tobytes() == together.contexts.tobytes()


def test_the_twin_follows_the_gradient_of_the_cost():
    matrix = make_matrix(6, 20)
    pairs = [(i, j, matrix[i, j]) for i, j in zip(*np.nonzero(matrix), strict=True)]
    random = np.random.default_rng(3)
    values = [random.normal(0, 0.5, shape) for shape in ((6, 4), (6, 4), 6, 6)]
    for pair in pairs[:5]:
        twin, rate, epsilon = reference.Model(*values), 1e-3, 1e-6
        twin.train([pair], 8.0, 0.75, rate)
        for which, value in enumerate(values):
            for place in np.ndindex(value.shape):
                ends = []
                for sign in (1, -1):
                    moved = [np.array(one) for one in values]
                    moved[which][place] += sign * epsilon
                    ends.append(reference.cost([pair], *moved, 8.0, 0.75))
                gradient = (ends[0] - ends[1]) / (2 * epsilon)
                own_rate = rate if which < 2 else 1.0
                assert twin.values[which][place] - value[place] == pytest.approx(-own_rate * gradient, abs=1e-8)


def test_one_pair_moves_as_in_the_program_of_the_authors(instruction_set):
    # Stanford's glove 0.2 on one record (1, 2, 5.0), -vector-size 4 -x-max 10 -seed 1, printed before and after.
    model = GloVeModel(2, 4, 1)
    model.initialise(0)
    model.words[0, :4], model.words[0, model.stride - 2] = [0.085047, -0.026404, 0.070775, 0.07461], 0.979756 - 0.876844
    context = [0.104049, 0.033928, 0.054324, -0.089599]
    model.contexts[1, :4], model.contexts[1, model.stride - 1] = context, 0.903587 - 0.876844
    pairs, starts = tiled(np.array([[0, 5.0], [0, 0]], np.float32), 1)
    settings = {"x_max": 10.0, "alpha": 0.75, "learning_rate": 0.05}
    losses = np.zeros(1)
    kernel.train_tiles(pairs, starts, model.block_rows, 0, 0, 1, model.words, model.contexts, losses, **settings)
    arrays = model.arrays()
    close = {"rtol": 0, "atol": 4e-6}
    np.testing.assert_allclose(arrays["word_vectors"][0], [0.089609, -0.024917, 0.073157, 0.070682], **close)
    np.testing.assert_allclose(arrays["context_vectors"][1], [0.107777, 0.03277, 0.057427, -0.086328], **close)
    np.testing.assert_allclose([arrays["word_biases"][0], arrays["context_biases"][1]], [0.979756, 0.903587], **close)
    np.testing.assert_allclose(arrays["word_vectors_sums"][0], [1.000021, 1.000002, 1.000006, 1.000015], **close)
    np.testing.assert_allclose(arrays["context_vectors_sums"][1], [1.000014, 1.000001, 1.00001, 1.000011], **close)
    np.testing.assert_allclose([arrays["word_biases_sums"][0], arrays["context_biases_sums"][1]], 1.768856, **close)


@pytest.mark.parametrize("n_blocks", [1, 2, 3, 7, 12, 13])
@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("cuts", [(0,), (0, 1, 5, 5, 12)])
def test_every_pair_lands_in_its_tile(n_blocks, n_threads, cuts):
    matrix = make_matrix(13, 70)
    pairs, starts = tiled(matrix, n_blocks, n_threads, cuts)
    expected = reference.tiles(matrix, n_blocks)
    for a in range(n_blocks):
        for b in range(n_blocks):
            tile = (b - a) % n_blocks * n_blocks + a
            found = sorted(
                (row, column, np.exp(log_count))
                for row, column, log_count in pairs[starts[tile] : starts[tile + 1]].tolist()
            )
            np.testing.assert_allclose(found, expected.get((a, b), []), rtol=1e-6)


def test_shuffling_keeps_the_pairs_of_each_tile_and_depends_on_the_seed_alone():
    pairs, starts = tiled(make_matrix(40, 1200), 3)
    shuffled = [pairs.copy() for _ in range(3)]
    for one, seed, n_threads in zip(shuffled, (1, 1, 2), (1, 4, 1), strict=True):
        kernel.shuffle_tiles(one, starts, seed, n_threads)
    assert shuffled[0].tobytes() == shuffled[1].tobytes()
    assert shuffled[0].tobytes() != shuffled[2].tobytes()
    for first, stop in itertools.pairwise(starts):
        assert sorted(shuffled[0][first:stop].tolist()) == sorted(pairs[first:stop].tolist())
        assert shuffled[0][first:stop].tolist() != pairs[first:stop].tolist()


def test_every_order_of_a_tile_is_as_likely():
    pairs = np.zeros(3, kernel.PAIR)
    pairs["row"] = range(3)
    seen = {}
    for seed in range(6000):
        one = pairs.copy()
        kernel.shuffle_tiles(one, np.array([0, 3]), seed, 1)
        order = tuple(one["row"].tolist())
        seen[order] = seen.get(order, 0) + 1
    assert len(seen) == 6
    # Six standard deviations of a binomial count.
    assert max(abs(count - 1000) for count in seen.values()) < 6 * np.sqrt(6000 * 5 / 36)
