"""Parameters, progress and failures of training below the estimator."""

import math

import numpy as np
import pytest

from embedkit._cext import processor
from embedkit.errors import InputError, ParameterError, TrainingError
from embedkit.models.word2vec.parameters import Word2VecParameters
from embedkit.models.word2vec.training import initial_vectors, train
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import encode_corpus
from embedkit.vectors.keyed_vectors import KeyedVectors


def encoded(documents, min_count=1):
    return encode_corpus(Corpus.from_documents(documents), min_count=min_count)


@pytest.fixture
def corpus():
    return encoded(["one two three four five six seven eight"] * 30)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"vector_size": 0}, "vector_size=0: expected a whole number from 1 to"),
        ({"vector_size": -5}, "vector_size=-5: expected a whole number from 1 to"),
        ({"vector_size": 10.5}, "vector_size=10.5: expected a whole number"),
        ({"vector_size": True}, "vector_size=True: expected a whole number"),
        ({"window": 0}, "window=0: expected a whole number from 1 to 10000"),
        ({"window": 10_001}, "window=10001: expected a whole number from 1 to 10000"),
        ({"negative": -1}, "negative=-1: expected a whole number from 0"),
        ({"negative": 0}, "negative is 0 with loss='ns'.*use negative=5, or loss='hs'"),
        ({"epochs": 0}, "epochs=0: expected a whole number, 1 or more"),
        ({"sample": -1e-3}, "sample=-0.001: expected a finite number, 0 or more"),
        ({"sample": math.nan}, "sample=nan"),
        ({"learning_rate": 0}, "learning_rate=0: expected a finite number above 0"),
        ({"learning_rate": "fast"}, "learning_rate='fast': expected a finite number above 0"),
        ({"min_learning_rate": 0.5}, r"min_learning_rate=0.5 is above learning_rate=0.025"),
        ({"ns_exponent": math.inf}, "ns_exponent=inf: expected a finite number"),
        ({"sample": 10**400}, "sample=1000"),
        ({"vector_size": 10**20}, "vector_size=100000000000000000000: expected a whole number from 1 to 1000000"),
        ({"shrink_windows": "no"}, "shrink_windows='no': expected True or False"),
        ({"cbow_mean": 1}, "cbow_mean=1: expected True or False"),
        ({"architecture": np.array(["cbow", "cbow"])}, "expected one of 'skipgram', 'cbow'"),
        ({"architecture": "glove"}, "architecture='glove': expected one of 'skipgram', 'cbow'"),
        ({"loss": "softmax"}, "loss='softmax': expected one of 'ns', 'hs'"),
    ],
)
def test_a_parameter_that_cannot_work_is_named_with_what_was_expected(settings, message):
    with pytest.raises(ParameterError, match=message):
        Word2VecParameters(**settings).validate()


def test_hierarchical_softmax_needs_no_negatives():
    Word2VecParameters(loss="hs", negative=0).validate()


def test_learning_rates_default_to_the_customs_of_the_field():
    assert (Word2VecParameters().start_rate, Word2VecParameters().end_rate) == (0.025, 0.0001)
    assert Word2VecParameters(architecture="cbow").start_rate == 0.05
    assert Word2VecParameters(learning_rate=1e-5).end_rate == 1e-5


def test_progress_runs_from_nothing_to_the_whole(corpus):
    seen = []
    parameters = Word2VecParameters(vector_size=4, epochs=3)
    trained = train(corpus, parameters, on_progress=seen.append)
    assert [report.epoch for report in seen] == sorted(report.epoch for report in seen)
    assert seen[-1].fraction == 1.0
    assert seen[-1].words == 3 * corpus.n_words
    assert seen[-1].learning_rate == pytest.approx(parameters.end_rate)
    assert seen[-1].loss == trained.losses[-1]
    assert trained.words_per_second == pytest.approx(3 * corpus.n_words / trained.seconds)


def test_the_first_loss_is_that_of_guessing(corpus):
    slow = {"vector_size": 8, "epochs": 1, "learning_rate": 1e-9, "sample": 0}
    assert train(corpus, Word2VecParameters(**slow)).losses[0] == pytest.approx(6 * math.log(2), rel=0.15)
    assert train(corpus, Word2VecParameters(loss="hs", **slow)).losses[0] == pytest.approx(3 * math.log(2))


def test_matrices_come_back_contiguous_in_every_size(corpus):
    for size in (1, 15, 16, 17, 100):
        trained = train(corpus, Word2VecParameters(vector_size=size, epochs=1))
        assert trained.vectors.shape == trained.output_vectors.shape == (8, size)
        assert trained.vectors.flags.c_contiguous
        assert trained.output_vectors.any(axis=1).all()


def test_compaction_keeps_every_row_of_a_large_matrix():
    words = [f"w{i}" for i in range(10_000)]
    corpus = encoded([words])
    known = KeyedVectors(words, np.repeat(np.arange(10_000, dtype=np.float32)[:, None], 3, axis=1))
    initial, found = initial_vectors(known, corpus.vocabulary.words, 3)
    assert found == 10_000
    trained = train(corpus, Word2VecParameters(vector_size=3, epochs=1, learning_rate=1e-12), initial=initial)
    np.testing.assert_allclose(trained.vectors, initial, rtol=1e-6)


@pytest.mark.parametrize("loss", ["ns", "hs"])
def test_a_learning_rate_that_diverges_stops_and_says_so(loss):
    corpus = encoded([["a", "b", "c", "d"] * 50] * 50)
    with pytest.raises(TrainingError, match="use a learning rate below 1e"):
        train(corpus, Word2VecParameters(vector_size=8, loss=loss, learning_rate=1e30, sample=0))


def test_documents_of_one_word_leave_nothing_to_learn():
    with pytest.raises(InputError, match=r"no document has two words of the vocabulary \(2 words\)"):
        train(encoded(["alone"] * 20 + ["lonely"] * 20), Word2VecParameters(vector_size=4))


def test_one_word_has_no_huffman_tree():
    with pytest.raises(InputError, match="the vocabulary has one word, 'echo'"):
        train(encoded(["echo echo echo"]), Word2VecParameters(vector_size=4, loss="hs"))


def test_one_word_trains_with_negative_sampling_and_does_not_hang():
    trained = train(encoded(["echo echo echo"] * 9), Word2VecParameters(vector_size=4, sample=0))
    assert np.isfinite(trained.vectors).all()


def test_an_exponent_too_far_from_zero_is_named():
    corpus = encoded([["often"] * 1000 + ["rare"]])
    with pytest.raises(ParameterError, match="ns_exponent=-500"):
        train(corpus, Word2VecParameters(vector_size=4, ns_exponent=-500.0))


def test_an_interrupt_passes_through(corpus):
    def interrupt(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(corpus, Word2VecParameters(vector_size=4), on_progress=interrupt)


def test_an_epoch_in_which_subsampling_leaves_no_pair_has_no_loss_and_stops_nothing():
    for seed in range(1, 10):
        parameters = Word2VecParameters(vector_size=4, epochs=20, sample=0.003)
        trained = train(encoded(["a b c d"] * 8), parameters, seed=seed)
        assert len(trained.losses) == 20
        if any(math.isnan(loss) for loss in trained.losses):
            return
    pytest.fail("no epoch was without pairs: the corpus is too large for this test")


def test_a_large_corpus_with_few_pairs_trains():
    corpus = encoded(["alone"] * 530_000 + ["two words"] * 3)
    assert np.isfinite(train(corpus, Word2VecParameters(vector_size=2, epochs=2, sample=0)).vectors).all()


@pytest.mark.parametrize("n_threads", [0, 1025, 3_000_000_000])
def test_a_number_of_threads_beyond_any_machine_is_refused(corpus, n_threads):
    with pytest.raises(ParameterError, match=f"n_threads={n_threads}: expected a whole number from 1 to 1024"):
        train(corpus, Word2VecParameters(vector_size=4), n_threads=n_threads)


def test_no_more_threads_are_started_than_there_is_work(corpus):
    trained = train(corpus, Word2VecParameters(vector_size=4), n_threads=1024)
    assert trained.vectors.tobytes() == train(corpus, Word2VecParameters(vector_size=4)).vectors.tobytes()


def test_the_instruction_set_can_be_forced_by_the_environment(corpus, monkeypatch):
    before = processor.instruction_set()
    try:
        for name in processor.instruction_sets():
            monkeypatch.setenv("EMBEDKIT_SIMD", name)
            train(corpus, Word2VecParameters(vector_size=4, epochs=1))
            assert processor.instruction_set() == name
        monkeypatch.setenv("EMBEDKIT_SIMD", "sse9")
        with pytest.raises(ParameterError, match="EMBEDKIT_SIMD='sse9': expected one of 'baseline'"):
            train(corpus, Word2VecParameters(vector_size=4, epochs=1))
    finally:
        processor.use_instruction_set(before)


def test_infinite_initial_vectors_are_refused(corpus):
    with pytest.raises(ParameterError, match="hold an infinite number"):
        train(corpus, Word2VecParameters(vector_size=4), initial=np.full((8, 4), np.inf, np.float32))


def test_short_vectors_do_not_keep_their_padding_in_memory(corpus):
    vectors = train(corpus, Word2VecParameters(vector_size=2, epochs=1)).vectors
    assert vectors.base is None or vectors.base.nbytes == vectors.nbytes


def test_subsampling_that_never_leaves_a_pair_is_named():
    with pytest.raises(InputError, match=r"use sample=0, which keeps every word \(it was 1e-09\)"):
        train(encoded(["a b", "b a"]), Word2VecParameters(vector_size=4, sample=1e-9))
