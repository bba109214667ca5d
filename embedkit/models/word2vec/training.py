"""Training word2vec models over encoded text: what the estimator and the command line share.

Nothing here needs scikit-learn. The corpus is trained in short ranges, each one call into the kernel, so
that progress is reported, and an interrupt answered, within a fraction of a second. (A call is no shorter than
1024 words a thread: a window of thousands together with hundreds of negatives takes longer.)
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from embedkit._cext import huffman, sampling
from embedkit._cext import word2vec as kernel
from embedkit.checks import check_integer
from embedkit.errors import InputError, ParameterError, TrainingError
from embedkit.models.matrices import padded_matrix, row_blocks, unpadded
from embedkit.models.word2vec.parameters import Word2VecParameters
from embedkit.text.encoding import EncodedCorpus
from embedkit.text.vocabulary import Vocabulary
from embedkit.threads import check_threads, use_forced_instruction_set
from embedkit.vectors.keyed_vectors import KeyedVectors

__all__ = ["EpochReport", "TrainedWord2Vec", "TrainingProgress", "initial_vectors", "train"]

# How long one call into the kernel should take: short for an interrupt, long beside the cost of a call.
SECONDS_A_CALL = 0.1


@dataclass(frozen=True)
class TrainingProgress:
    """Where training stands."""

    epoch: int  # from 1
    epochs: int
    fraction: float  # of the whole training
    words: int  # raw words of the corpus trained so far, all epochs together
    loss: float  # mean over the pairs of this epoch so far; not a number before the first
    learning_rate: float
    seconds: float


@dataclass(frozen=True)
class EpochReport:
    """One finished epoch."""

    epoch: int  # from 1
    loss: float
    vectors: np.ndarray  # (n_words, vector_size) float32, the matrix in training: copy it to keep it
    vocabulary: Vocabulary


@dataclass
class TrainedWord2Vec:
    """What training leaves behind.

    Attributes
    ----------
    vectors : ndarray of shape (n_words, vector_size), float32
        Vectors of the words in the vocabulary's order.
    output_vectors : ndarray of shape (n_words or n_words - 1, vector_size), float32
        Vectors of the words as targets (negative sampling), or of the inner nodes of the Huffman tree.
    losses : list of float
        Mean loss of each epoch, in nats; NaN for an epoch in which no two words shared a window.
    epochs : int
        Epochs trained; fewer than asked for if a callback stopped.
    seconds : float
        Time spent training.
    words_per_second : float
        Raw words of the corpus times epochs, over seconds.
    """

    vectors: np.ndarray
    output_vectors: np.ndarray
    losses: list[float] = field(default_factory=list)
    epochs: int = 0
    seconds: float = 0.0
    words_per_second: float = 0.0


def train(
    encoded: EncodedCorpus,
    parameters: Word2VecParameters,
    *,
    n_threads: int = 1,
    seed: int = 1,
    initial: np.ndarray | None = None,
    on_progress: Callable[[TrainingProgress], None] | None = None,
    on_epoch: Callable[[EpochReport], bool | None] | None = None,
) -> TrainedWord2Vec:
    """Train a word2vec model.

    Parameters
    ----------
    encoded : EncodedCorpus
        The corpus as word ids, with its vocabulary.
    parameters : Word2VecParameters
    n_threads : int, default=1
        One thread and one seed give the same bytes on one instruction set. More threads train on the
        same examples, but their updates interleave differently each time.
    seed : int, default=1
        Not negative.
    initial : ndarray of shape (n_words, vector_size), optional
        Vectors to begin with. Rows that hold a NaN begin at random.
    on_progress : callable, optional
        Called with a `TrainingProgress` several times a second.
    on_epoch : callable, optional
        Called with an `EpochReport` after every epoch; a true result stops the training.

    Returns
    -------
    TrainedWord2Vec

    Raises
    ------
    ParameterError
        If a parameter cannot work.
    InputError
        If the corpus has no pair of words to learn from.
    TrainingError
        If the numbers overflow.

    References
    ----------
    Mikolov, Chen, Corrado and Dean (2013), Efficient estimation of word representations in vector space.
    Mikolov, Sutskever, Chen, Corrado and Dean (2013), Distributed representations of words and phrases and
    their compositionality, sections 2.1 (hierarchical softmax), 2.2 (negative sampling) and 2.3 (subsampling).

    Examples
    --------
    >>> from embedkit.models.word2vec.parameters import Word2VecParameters
    >>> from embedkit.text.corpus import Corpus
    >>> from embedkit.text.encoding import encode_corpus
    >>> corpus = Corpus.from_documents(["the cat sat on the mat", "the dog sat on the rug"] * 50)
    >>> with encode_corpus(corpus, min_count=1) as encoded:
    ...     trained = train(encoded, Word2VecParameters(vector_size=8, epochs=2))
    >>> trained.vectors.shape
    (7, 8)
    >>> len(trained.losses)
    2
    """
    parameters.validate()
    check_threads(n_threads)
    use_forced_instruction_set()
    check_integer("seed", seed, 0)
    n_words, size = len(encoded.vocabulary), parameters.vector_size
    if parameters.loss == "hs" and n_words < 2:
        raise InputError(
            f"the vocabulary has one word, {encoded.vocabulary.words[0]!r}: hierarchical softmax has no tree over it; "
            "lower min_count, or use negative sampling"
        )
    counts = np.ascontiguousarray(encoded.vocabulary.counts, np.int64)
    if parameters.loss == "ns":
        noise, paths, n_outputs = sampling.alias_table(_noise_weights(counts, parameters.ns_exponent)), None, n_words
    else:
        noise, paths, n_outputs = None, huffman.huffman_paths(counts), n_words - 1
    inputs, outputs = padded_matrix(n_words, size), padded_matrix(n_outputs, size)
    _initialise(inputs[:, :size], seed, initial)
    keep = sampling.keep_thresholds(counts, parameters.sample)

    n_ids = len(encoded.ids)
    n_jobs = -(-n_ids // kernel.JOB_POSITIONS)
    n_threads = min(n_threads, n_jobs)
    done_before = 0.0
    losses: list[float] = []
    pairs = 0
    started = time.perf_counter()
    for epoch in range(1, parameters.epochs + 1):
        loss_sum, measured = 0.0, 0
        epoch_seed = int(np.random.SeedSequence([seed, epoch]).generate_state(1, np.uint64)[0])
        first, jobs_a_call = 0, n_threads
        while first < n_jobs:
            jobs = min(jobs_a_call, n_jobs - first)
            called = time.perf_counter()
            loss, n_measured, n_pairs, _ = kernel.train_range(
                encoded.ids,
                first,
                jobs,
                inputs,
                outputs,
                keep,
                noise,
                paths,
                cbow=parameters.architecture == "cbow",
                window=parameters.window,
                shrink=parameters.shrink_windows,
                mean=parameters.cbow_mean,
                negative=parameters.negative if parameters.loss == "ns" else 0,
                start_rate=parameters.start_rate,
                end_rate=parameters.end_rate,
                done=done_before,
                total=float(n_ids) * parameters.epochs,
                seed=epoch_seed,
                n_threads=n_threads,
            )
            now = time.perf_counter()
            loss_sum, measured, pairs = loss_sum + loss, measured + n_measured, pairs + n_pairs
            first += jobs
            fraction = (epoch - 1 + first / n_jobs) / parameters.epochs
            rate = parameters.start_rate + fraction * (parameters.end_rate - parameters.start_rate)
            if not math.isfinite(loss_sum):
                raise TrainingError(
                    f"the loss left the range of numbers in epoch {epoch} at learning rate {rate:.4g}; "
                    + _remedy(parameters)
                )
            if on_progress is not None:
                mean = loss_sum / measured if measured else math.nan
                words = round(fraction * parameters.epochs * encoded.n_words)
                on_progress(TrainingProgress(epoch, parameters.epochs, fraction, words, mean, rate, now - started))
            jobs_a_call = _next_size(jobs, now - called, n_threads)
        losses.append(loss_sum / measured if measured else math.nan)
        done_before += n_ids
        if pairs == 0 and not _has_neighbours(encoded.ids):
            raise InputError(
                f"no document has two words of the vocabulary ({n_words} words), so there is nothing to learn from; "
                "use documents of several words, or a lower min_count"
            )
        if on_epoch is not None and on_epoch(EpochReport(epoch, losses[-1], inputs[:, :size], encoded.vocabulary)):
            break
    if pairs == 0:
        raise InputError(
            "subsampling never left two words in one window, so there was nothing to learn from; "
            f"use sample=0, which keeps every word (it was {parameters.sample:g}), or more text"
        )
    seconds = time.perf_counter() - started
    vectors, output_vectors = unpadded(inputs, size), unpadded(outputs, size)
    _check_finite(vectors, parameters)
    speed = encoded.n_words * len(losses) / seconds
    return TrainedWord2Vec(vectors, output_vectors, losses, len(losses), seconds, speed)


def check_vector_size(known: KeyedVectors, vector_size: int) -> None:
    """Raise ParameterError unless vectors to begin with have the size that is trained."""
    if known.vector_size != vector_size:
        raise ParameterError(
            f"the initial vectors have size {known.vector_size}, but vector_size={vector_size}; "
            f"use vector_size={known.vector_size}"
        )


def initial_vectors(known: KeyedVectors, words: Sequence[str], vector_size: int) -> tuple[np.ndarray, int]:
    """Vectors to begin with, for `train`.

    Parameters
    ----------
    known : KeyedVectors
    words : sequence of str
        The vocabulary that is trained.
    vector_size : int

    Returns
    -------
    initial : ndarray of float32, (n_words, vector_size)
        NaN for words that `known` lacks.
    n_found : int
        How many it has.

    Raises
    ------
    ParameterError
        If the vectors have another size.
    """
    check_vector_size(known, vector_size)
    initial = np.full((len(words), vector_size), np.nan, np.float32)
    found = [(row, known.key_to_index[word]) for row, word in enumerate(words) if word in known]
    rows, places = np.array(found, np.intp).reshape(-1, 2).T
    initial[rows] = known.vectors[places]
    return initial, len(found)


def _has_neighbours(ids: np.ndarray) -> bool:
    """Whether any document has two words."""
    known = ids >= 0
    return bool((known[1:] & known[:-1]).any())


def _noise_weights(counts: np.ndarray, exponent: float) -> np.ndarray:
    """Unnormalised noise distribution, scaled so that the largest is 1."""
    with np.errstate(over="ignore"):
        weights = (np.maximum(counts, 1) / max(int(counts.max()), 1)) ** float(exponent)
    if not np.isfinite(weights).all():
        raise ParameterError(f"ns_exponent={exponent!r} is too far from 0 for these counts; the usual value is 0.75")
    return np.ascontiguousarray(weights / weights.max())


def _initialise(inputs: np.ndarray, seed: int, initial: np.ndarray | None) -> None:
    """Fill with word2vec's uniform numbers in (-0.5, 0.5) / vector_size, and with what is given."""
    n_words, size = inputs.shape
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 0])))
    for block in row_blocks(n_words):
        rows = inputs[block]
        rows[:] = random.random(rows.shape, np.float32)
        rows -= np.float32(0.5)
        rows /= np.float32(size)
    if initial is None:
        return
    if initial.shape != inputs.shape:
        raise ParameterError(
            f"initial vectors have shape {initial.shape}, expected (n_words, vector_size) {inputs.shape}"
        )
    if np.isinf(initial).any():
        raise ParameterError("the initial vectors hold an infinite number; expected finite ones, or NaN for random")
    known = ~np.isnan(initial).any(axis=1)
    inputs[known] = initial[known]


def _next_size(jobs: int, seconds: float, n_threads: int) -> int:
    """How many jobs the next call takes, for about SECONDS_A_CALL; grows at most fourfold at a time."""
    target = jobs * SECONDS_A_CALL / max(seconds, 1e-9)
    return max(n_threads, int(min(target, 4 * jobs)))


def _check_finite(vectors: np.ndarray, parameters: Word2VecParameters) -> None:
    if not all(np.isfinite(vectors[block]).all() for block in row_blocks(len(vectors))):
        raise TrainingError("some vectors left the range of numbers during training; " + _remedy(parameters))


def _remedy(parameters: Word2VecParameters) -> str:
    return f"use a learning rate below {parameters.start_rate:g}, the usual one is {parameters.usual_rate:g}"
