"""Training GloVe: what is learned, what is reproducible, how it resumes and how it fails."""

import contextlib
import errno
import itertools
import json
import os
import zipfile

import numpy as np
import pytest
from reference import glove as reference
from scipy.sparse import csr_array

from embedkit._cext import glove as kernel
from embedkit.errors import FormatError, InputError, OutputError, ParameterError, TrainingError
from embedkit.models.cooccurrence.counting import count_cooccurrences
from embedkit.models.cooccurrence.matrix_counts import MatrixCounts
from embedkit.models.cooccurrence.parameters import CountingParameters
from embedkit.models.glove import pairs as pairs_module
from embedkit.models.glove.model import GloVeModel, stride_of
from embedkit.models.glove.pairs import TiledPairs, blocks_of_words
from embedkit.models.glove.parameters import GloVeParameters
from embedkit.models.glove.state import load_state, save_state
from embedkit.models.glove.training import train
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import encode_corpus
from embedkit.text.planted import planted_sentences
from embedkit.vectors.keyed_vectors import KeyedVectors

COUNTING = CountingParameters(window=5, distance="harmonic")


@pytest.fixture(scope="module")
def encoded():
    with encode_corpus(Corpus.from_documents(planted_sentences(n_words=30_000)), min_count=2) as encoded:
        yield encoded


def run(encoded, *, counting=COUNTING, n_threads=1, seed=1, **settings):
    names = GloVeParameters.__dataclass_fields__
    parameters = GloVeParameters(**{"vector_size": 12, "epochs": 4} | {k: v for k, v in settings.items() if k in names})
    others = {key: value for key, value in settings.items() if key not in names}
    with count_cooccurrences(encoded, counting) as counts:
        return train(counts, encoded.vocabulary, parameters, n_threads=n_threads, seed=seed, **others)


def kept_states(encoded, **settings):
    """States after each epoch, and the result."""
    states = []
    result = run(encoded, on_epoch=lambda report: states.append(report.state()), **settings)
    return states, result


def assert_same(first, second):
    for name, array in first.model.arrays().items():
        assert array.tobytes() == second.model.arrays()[name].tobytes(), name
    assert first.losses == second.losses
    assert first.vectors.tobytes() == second.vectors.tobytes()


def test_the_loss_of_every_epoch_is_below_that_of_the_one_before(encoded):
    losses = run(encoded, epochs=8).losses
    assert len(losses) == 8
    assert (np.diff(losses) < 0).all()


def test_a_training_is_that_of_the_twin(encoded):
    seed, size = 5, 6
    parameters = GloVeParameters(vector_size=size, epochs=2, x_max=4.0)
    with count_cooccurrences(encoded, COUNTING) as counts:
        n_words, matrix = counts.n_words, counts.matrix(np.float32)
    settings = {"row_bytes": 2 * stride_of(size) * 4, "seed": seed, "n_threads": 1, "memory": 2**30}
    with TiledPairs(MatrixCounts(matrix), **settings) as tiled:
        n_blocks = tiled.n_blocks
        tiles = [tiled.pairs[first:stop].tolist() for first, stop in itertools.pairwise(tiled.starts)]
    assert n_blocks > 1
    model = GloVeModel(n_words, size, n_blocks)
    model.initialise(seed)
    twin = reference.Model(
        model.vectors("word"), model.vectors("context"), model.biases("word"), model.biases("context")
    )
    losses = []
    for epoch in (1, 2):
        loss = 0.0
        for shift in np.random.default_rng([seed, epoch]).permutation(n_blocks):
            for a in range(n_blocks):
                pairs = [
                    (row * n_blocks + a, column * n_blocks + (a + shift) % n_blocks, np.exp(log_count))
                    for row, column, log_count in tiles[shift * n_blocks + a]
                ]
                loss += twin.train(pairs, 4.0, 0.75, 0.05)
        losses.append(loss / matrix.nnz)
    trained = train(MatrixCounts(matrix), encoded.vocabulary, parameters, seed=seed)
    np.testing.assert_allclose(trained.losses, losses, rtol=1e-4)
    np.testing.assert_allclose(trained.vectors, twin.values[0] + twin.values[1], atol=1e-3)
    np.testing.assert_allclose(trained.model.biases("context"), twin.values[3], atol=1e-3)


def test_models_begin_with_small_numbers_on_either_side_of_zero_whatever_the_blocks():
    model, other = GloVeModel(500, 20, 1), GloVeModel(500, 20, 7)
    model.initialise(1)
    other.initialise(1)
    for name, array in model.arrays().items():
        np.testing.assert_array_equal(array, other.arrays()[name])
        if name.endswith("_sums"):
            assert (array == 1).all()
        else:
            assert np.abs(array).max() <= 0.5 / 20
            # Five standard errors of the mean of uniform numbers.
            assert abs(array.mean()) < 5 * (1 / 20) / np.sqrt(12 * array.size)
            assert array.std() == pytest.approx(1 / 20 / np.sqrt(12), rel=0.1)


def test_pairs_are_shuffled_within_tiles(encoded):
    def rows(seed):
        with (
            count_cooccurrences(encoded, COUNTING) as counts,
            TiledPairs(counts, row_bytes=128, seed=seed, n_threads=1, memory=2**30) as tiled,
        ):
            return tiled.pairs[: tiled.starts[1]]["row"].tolist()

    assert rows(1) != sorted(rows(1))
    assert rows(1) != rows(2)
    assert sorted(rows(1)) == sorted(rows(2))


def test_counts_and_vocabulary_of_different_sizes_are_refused(encoded):
    with pytest.raises(ParameterError, match=r"counts of 2 words and a vocabulary of \d+: expected those of one text"):
        train(MatrixCounts(csr_array(np.ones((2, 2)))), encoded.vocabulary, GloVeParameters())


def test_a_report_answers_within_its_callback_alone(encoded):
    reports = []
    run(encoded, epochs=2, on_epoch=reports.append)
    assert (reports[1].state().epoch, len(reports[1].state().losses)) == (2, 2)
    with pytest.raises(ParameterError, match="the report of epoch 1 was asked in epoch 2"):
        reports[0].state()
    with pytest.raises(ParameterError, match="keep the answer"):
        _ = reports[0].vectors


@pytest.mark.parametrize("seed", [-1, 2**64, 2**70])
def test_a_seed_of_more_than_64_bits_is_refused(encoded, seed):
    with pytest.raises(ParameterError, match="seed="):
        run(encoded, seed=seed)


def test_an_overflow_in_the_last_steps_is_found(encoded, monkeypatch):
    monkeypatch.setattr(GloVeModel, "is_finite", lambda model: False)
    with pytest.raises(TrainingError, match=r"a vector left the range of numbers in epoch 1 at learning rate 0\.05"):
        run(encoded)


def test_finite_models_are_told_from_others():
    model = GloVeModel(5000, 3, 2)
    model.initialise(1)
    assert model.is_finite()
    model.contexts[4999, 2] = np.inf
    assert not model.is_finite()


def test_log_counts_come_out_of_vectors_and_biases():
    corpus = Corpus.from_documents(["a b c d a c", "b a d c", "d d a b"] * 40)
    with encode_corpus(corpus, min_count=1) as small:
        result = run(small, vector_size=8, epochs=400, x_max=1.0)
        with count_cooccurrences(small, COUNTING) as counts:
            matrix = counts.matrix().toarray()
    fitted = result.model.vectors("word") @ result.model.vectors("context").T
    fitted += result.model.biases("word")[:, None] + result.model.biases("context")
    np.testing.assert_allclose(fitted[matrix > 0], np.log(matrix[matrix > 0]), atol=0.01)


def test_planted_facts_become_neighbours(encoded):
    result = run(encoded, vector_size=30, epochs=40)
    vectors = KeyedVectors(encoded.vocabulary.words, result.vectors)
    assert vectors.similarity("paris", "london") > vectors.similarity("paris", "walked") + 0.2


@pytest.mark.parametrize("n_threads", [2, 3, 8])
def test_any_number_of_threads_gives_the_same_bytes(encoded, n_threads):
    assert_same(run(encoded), run(encoded, n_threads=n_threads))


def test_the_seed_decides(encoded):
    assert_same(run(encoded, seed=3), run(encoded, seed=3))
    assert run(encoded, seed=3).vectors.tobytes() != run(encoded, seed=4).vectors.tobytes()


def test_pairs_in_a_file_are_trained_as_those_in_memory(encoded):
    assert_same(run(encoded), run(encoded, memory=1000))


def test_a_matrix_is_trained_as_the_counts_it_was_made_of(encoded):
    with count_cooccurrences(encoded, COUNTING) as counts:
        matrix = counts.matrix(np.float32)
    trained = train(MatrixCounts(matrix), encoded.vocabulary, GloVeParameters(vector_size=12, epochs=4))
    assert_same(run(encoded), trained)


def test_the_vectors_are_the_sum_or_either(encoded):
    word, context, both = (run(encoded, vectors=which).vectors for which in ("word", "context", "sum"))
    np.testing.assert_array_equal(both, word + context)
    assert not np.array_equal(word, context)


@pytest.mark.parametrize("stop", [1, 3])
def test_a_resumed_training_ends_where_an_uninterrupted_one_does(encoded, tmp_path, stop):
    states, whole = kept_states(encoded)
    save_state(tmp_path / "state.npz", states[stop - 1])
    assert_same(whole, run(encoded, resume=load_state(tmp_path / "state.npz"), seed=99, n_threads=2))


def test_a_callback_stops_the_training_and_sees_the_vectors(encoded):
    seen = []

    def after(report):
        seen.append((report.epoch, report.loss, report.vectors, len(report.vocabulary)))
        return report.epoch == 2

    result = run(encoded, on_epoch=after)
    assert [one[0] for one in seen] == [1, 2]
    assert [one[1] for one in seen] == result.losses
    assert result.epochs == 2
    np.testing.assert_array_equal(seen[1][2], result.vectors)


def test_progress_reaches_the_end_and_counts_every_pair(encoded):
    steps = []
    with count_cooccurrences(encoded, COUNTING) as counts:
        n_pairs = counts.nnz
    run(encoded, epochs=2, on_progress=steps.append)
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)
    assert (steps[-1].fraction, steps[-1].pairs, steps[-1].epoch) == (1.0, 2 * n_pairs, 2)


@pytest.mark.parametrize("learning_rate", [1e20, 1e38])
def test_a_learning_rate_that_overflows_is_named_with_the_epoch(encoded, learning_rate):
    with pytest.raises(TrainingError, match=r"epoch 1 at learning rate 1e\+(20|38); use a lower"):
        run(encoded, learning_rate=learning_rate)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"x_max": 0}, "x_max=0: expected a finite number above 0"),
        ({"x_max": float("nan")}, "x_max=nan"),
        ({"alpha": 1.5}, "alpha=1.5: expected a number from 0"),
        ({"alpha": -1}, "alpha=-1: expected a finite number, 0 or more"),
        ({"vector_size": 0}, "vector_size=0"),
        ({"epochs": 0}, "epochs=0"),
        ({"learning_rate": 0}, "learning_rate=0"),
        ({"vectors": "both"}, "vectors='both': expected one of 'sum', 'word', 'context'"),
    ],
)
def test_a_parameter_that_cannot_work_is_named(encoded, wrong, message):
    with pytest.raises(ParameterError, match=message):
        run(encoded, **wrong)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vector_size": 13}, "vector_size=13, but the state to resume was trained with vector_size=12"),
        ({"learning_rate": 0.1}, "learning_rate=0.1, but"),
        ({"epochs": 2}, "has 2 epochs, and epochs=2 asks for no more"),
        ({"counting": CountingParameters(window=2)}, "belongs to another text or other settings"),
        ({"counting": CountingParameters(window=5, distance="linear")}, "other counts of the same words"),
    ],
)
def test_a_state_that_does_not_fit_is_refused(encoded, change, message):
    states, _ = kept_states(encoded, epochs=2)
    with pytest.raises(ParameterError, match=message):
        run(encoded, **{"resume": states[1], "epochs": 3} | change)


def test_the_state_of_another_text_is_refused(encoded):
    states, _ = kept_states(encoded, epochs=2)
    with (
        encode_corpus(Corpus.from_documents(["a b c d"] * 9), min_count=1) as other,
        pytest.raises(ParameterError, match="belongs to another text"),
    ):
        run(other, resume=states[0])


def test_a_file_that_is_no_state_is_named(encoded, tmp_path):
    states, _ = kept_states(encoded, epochs=1)
    path = tmp_path / "state.npz"
    save_state(path, states[0])
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) // 2], whole[:-30], b"", b"some text", whole[:3000] + b"xx" + whole[3002:]):
        path.write_bytes(damaged)
        with pytest.raises(FormatError, match=r"state\.npz is no state of a GloVe training, or is damaged"):
            load_state(path)
    random = np.random.default_rng(1)
    for place in random.integers(0, len(whole), 300):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << random.integers(8)
        path.write_bytes(flipped)
        # What the checksums do not cover, such as dates, may change.
        with contextlib.suppress(FormatError):
            load_state(path)
    np.savez(path, a=np.zeros(3))
    with pytest.raises(FormatError, match="name a file that --checkpoint wrote"):
        load_state(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("meta.json", '{"format": "embedkit-glove-state", "version": 2}')
    with pytest.raises(FormatError, match="version 2 of a GloVe state"):
        load_state(path)
    with pytest.raises(InputError, match="no such file"):
        load_state(tmp_path / "missing.npz")


@pytest.mark.parametrize(
    "change",
    [
        {"epoch": "x"},
        {"epoch": 1.5},
        {"epoch": -5},
        {"epoch": 2},
        {"seed": -1},
        {"seed": 2**64},
        {"losses": 3},
        {"losses": ["x"]},
        {"losses": []},
        {"n_pairs": None},
        {"log_sum": "much"},
        {"parameters": {"vector_size": 12, "size": 3}},
        {"parameters": {"vector_size": 13}},
        {"parameters": {"vector_size": 12, "alpha": 7}},
        None,
    ],
)
def test_a_state_whose_facts_cannot_be_is_named(encoded, tmp_path, change):
    states, _ = kept_states(encoded, epochs=1)
    save_state(tmp_path / "state.npz", states[0])
    with zipfile.ZipFile(tmp_path / "state.npz") as old, zipfile.ZipFile(tmp_path / "new.npz", "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "meta.json":
                content = b"[]" if change is None else json.dumps(json.loads(content) | change).encode()
            new.writestr(name, content)
    with pytest.raises(FormatError, match=r"new\.npz is no state of a GloVe training"):
        load_state(tmp_path / "new.npz")


@pytest.mark.parametrize(
    ("name", "value"), [("word_vectors", np.nan), ("context_biases", np.inf), ("word_vectors_sums", 0.5)]
)
def test_a_state_with_numbers_that_cannot_be_is_refused(encoded, tmp_path, name, value):
    states, _ = kept_states(encoded, epochs=1)
    getattr(states[0], name)[3] = value
    save_state(tmp_path / "state.npz", states[0])
    with pytest.raises(FormatError, match="numbers that cannot be"):
        load_state(tmp_path / "state.npz")


def test_a_state_whose_arrays_do_not_fit_is_refused(encoded, tmp_path):
    states, _ = kept_states(encoded, epochs=1)
    states[0].context_biases = states[0].context_biases[:-1]
    save_state(tmp_path / "state.npz", states[0])
    with pytest.raises(FormatError, match="context_biases has type float32 and shape"):
        load_state(tmp_path / "state.npz")


def test_a_full_disk_is_an_error_that_says_how_much_is_needed(encoded, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pairs_module, "_reserve", full)
    with pytest.raises(OutputError, match=r"cannot reserve [\d,]+ bytes for pairs in the temporary directory"):
        run(encoded, memory=1000)


@pytest.mark.parametrize("fallocate", [True, False])
def test_room_for_pairs_is_taken_on_the_disk(tmp_path, monkeypatch, fallocate):
    if not fallocate:
        monkeypatch.delattr(os, "posix_fallocate", raising=False)
    with (tmp_path / "room").open("w+b") as file:
        pairs_module._reserve(file, 3_000_001)
        assert (tmp_path / "room").stat().st_size == 3_000_001


def test_blocks_fit_the_cache_the_pairs_and_sixteen_bits():
    assert blocks_of_words(106_330, 61_000_000, 896) == 64
    assert blocks_of_words(10, 20, 896) == 1
    assert blocks_of_words(5000, 100_000, 896) == 9
    assert blocks_of_words(40, 10**9, 896) == 40
    many = blocks_of_words(3_000_000, 10_000, 896)
    assert -(-3_000_000 // many) <= kernel.MOST_ROWS
