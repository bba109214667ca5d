"""Training GloVe on counts: what the estimator and the command line share. Nothing here needs scikit-learn."""

import math
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from embedkit._cext import glove as kernel
from embedkit.checks import check_integer
from embedkit.errors import ParameterError, TrainingError
from embedkit.models.cooccurrence.counts import Counts
from embedkit.models.glove.model import GloVeModel, stride_of
from embedkit.models.glove.pairs import TiledPairs
from embedkit.models.glove.parameters import GloVeParameters
from embedkit.models.glove.state import GloVeState, digest
from embedkit.text.vocabulary import Vocabulary
from embedkit.threads import check_threads, share_work, use_forced_instruction_set

__all__ = ["EpochReport", "GloVeProgress", "TrainedGloVe", "train"]

LARGEST_SEED = 2**64 - 1
# A thread takes so many tiles of a round at a time: a millisecond of work or so.
TILES_AT_A_TIME = 2


@dataclass(frozen=True)
class GloVeProgress:
    """Where training stands."""

    epoch: int  # from 1
    epochs: int
    fraction: float  # of the whole training, epochs of a resumed state included
    pairs: int  # trained in this run, all epochs together
    loss: float  # mean over the pairs of this epoch so far
    seconds: float


class EpochReport:
    """One finished epoch.

    Attributes
    ----------
    epoch : int
        From 1.
    loss : float
    vocabulary : Vocabulary
    """

    def __init__(self, training: "_Training", epoch: int) -> None:
        self.epoch = epoch
        self.loss = training.losses[-1]
        self.vocabulary = training.vocabulary
        self._training = training

    @property
    def vectors(self) -> np.ndarray:
        """Vectors as `GloVeParameters.vectors` wants them, (n_words, vector_size) float32, made anew each time.

        Raises
        ------
        ParameterError
            If the next epoch has begun: the report is for the callback that it is given to.
        """
        self._check_current()
        return self._training.model.vectors(self._training.parameters.vectors)

    def state(self) -> GloVeState:
        """Copy all that is needed to go on from here.

        Raises
        ------
        ParameterError
            As for `vectors`.
        """
        self._check_current()
        return self._training.state()

    def _check_current(self) -> None:
        if self.epoch != self._training.epoch:
            raise ParameterError(
                f"the report of epoch {self.epoch} was asked in epoch {self._training.epoch}, when its vectors were "
                "gone; ask within the callback, and keep the answer"
            )


@dataclass
class TrainedGloVe:
    """What training leaves behind.

    Attributes
    ----------
    vectors : ndarray of float32, (n_words, vector_size)
        Word vectors plus context vectors, or either, as the parameters say.
    model : GloVeModel
        Gives vectors, context vectors and biases: ``model.vectors("context")``, ``model.biases("word")``.
    losses : list of float
        Mean of f(x) (w.c + b + b' - log x)^2 over all pairs in each epoch, each pair before its step; those of a
        resumed state come first.
    epochs : int
        In all; fewer than asked for if a callback stopped.
    seconds : float
        Spent training, without the tiling of the pairs.
    pairs_per_second : float
    """

    vectors: np.ndarray
    model: GloVeModel
    losses: list[float] = field(default_factory=list)
    epochs: int = 0
    seconds: float = 0.0
    pairs_per_second: float = 0.0


def train(
    counts: Counts,
    vocabulary: Vocabulary,
    parameters: GloVeParameters,
    *,
    n_threads: int = 1,
    seed: int = 1,
    memory: int = 4 * 2**30,
    resume: GloVeState | None = None,
    on_progress: Callable[[GloVeProgress], None] | None = None,
    on_epoch: Callable[[EpochReport], bool | None] | None = None,
) -> TrainedGloVe:
    """Train a GloVe model.

    Parameters
    ----------
    counts : Counts
        From `count_cooccurrences`, whose blocks are released on the way, or `MatrixCounts` of a matrix.
    vocabulary : Vocabulary
        Of the counts.
    parameters : GloVeParameters
    n_threads : int, default=1
        They have no say in the result: one seed gives the same bytes on one kind of processor.
    seed : int, default=1
        From 0 to 2**64 - 1. A resumed state brings its own.
    memory : int, default=4 GiB
        Bytes of pairs, 8 each, above which they live in a memory-mapped temporary file.
    resume : GloVeState, optional
        Go on from here, exactly as if training had not stopped.
    on_progress : callable, optional
        Called with a `GloVeProgress` several times a second.
    on_epoch : callable, optional
        Called with an `EpochReport` after every epoch; a true result stops the training.

    Returns
    -------
    TrainedGloVe

    Raises
    ------
    ParameterError
        If a parameter cannot work, counts and vocabulary are of different sizes, or they do not fit the state to
        resume.
    TrainingError
        If the numbers overflow.
    OutputError
        If the temporary file has no room.

    References
    ----------
    Pennington, Socher and Manning (2014), GloVe: Global vectors for word representation, sections 3 and 4.2.
    Duchi, Hazan and Singer (2011), Adaptive subgradient methods for online learning and stochastic optimization.
    Gemulla, Nijkamp, Haas and Sismanis (2011), Large-scale matrix factorization with distributed stochastic gradient
    descent, section 4: strata of tiles that share no row.

    Examples
    --------
    >>> from embedkit.models.cooccurrence.counting import count_cooccurrences
    >>> from embedkit.models.cooccurrence.parameters import CountingParameters
    >>> from embedkit.text.corpus import Corpus
    >>> from embedkit.text.encoding import encode_corpus
    >>> corpus = Corpus.from_documents(["the cat sat on the mat", "the dog sat on the rug"] * 50)
    >>> counting = CountingParameters(window=10, distance="harmonic")
    >>> with encode_corpus(corpus, min_count=1) as encoded, count_cooccurrences(encoded, counting) as counts:
    ...     trained = train(counts, encoded.vocabulary, GloVeParameters(vector_size=8, epochs=3))
    >>> trained.vectors.shape
    (7, 8)
    >>> trained.losses[2] < trained.losses[0]
    True
    """
    parameters.validate()
    check_threads(n_threads)
    check_integer("seed", seed, 0, LARGEST_SEED)
    use_forced_instruction_set()
    if counts.n_words != len(vocabulary):
        raise ParameterError(
            f"counts of {counts.n_words} words and a vocabulary of {len(vocabulary)}: expected those of one text"
        )
    if resume is not None:
        resume.check_parameters(parameters)
        resume.check_counts_of(vocabulary, counts.nnz)
        seed = resume.seed
    row_bytes = 2 * stride_of(parameters.vector_size) * 4
    with (
        TiledPairs(counts, row_bytes=row_bytes, seed=seed, n_threads=n_threads, memory=memory) as pairs,
        ThreadPoolExecutor(n_threads) as pool,
    ):
        training = _Training(pairs, vocabulary, parameters, pool, n_threads, seed, resume)
        first = training.epoch
        started = time.perf_counter()
        while training.epoch < parameters.epochs:
            training.run_epoch(on_progress, started, first)
            if on_epoch is not None and on_epoch(EpochReport(training, training.epoch)):
                break
        seconds = time.perf_counter() - started
    model, losses, trained_pairs = training.model, training.losses, (training.epoch - first) * training.n_pairs
    vectors = model.vectors(parameters.vectors)
    return TrainedGloVe(vectors, model, losses, len(losses), seconds, trained_pairs / max(seconds, 1e-9))


class _Training:
    """A model, the pairs that it learns from, and how far it is."""

    def __init__(
        self,
        pairs: TiledPairs,
        vocabulary: Vocabulary,
        parameters: GloVeParameters,
        pool: Executor,
        n_threads: int,
        seed: int,
        resume: GloVeState | None,
    ) -> None:
        self.pairs, self.vocabulary, self.parameters = pairs, vocabulary, parameters
        self.pool, self.n_threads, self.seed = pool, n_threads, seed
        self.n_pairs, self.log_sum = len(pairs.pairs), pairs.log_sum()
        self.model = GloVeModel(pairs.n_words, parameters.vector_size, pairs.n_blocks)
        self.epoch, self.losses = 0, list[float]()
        if resume is None:
            self.model.initialise(seed)
        else:
            resume.check_log_sum(self.log_sum)
            self.model.restore(resume)
            self.epoch, self.losses = resume.epoch, list(resume.losses)

    def run_epoch(self, on_progress: Callable[[GloVeProgress], None] | None, started: float, first: int) -> None:
        """Train on all pairs once; `first` is the epoch that this run began with."""
        epoch, epochs, n_blocks = self.epoch + 1, self.parameters.epochs, self.pairs.n_blocks
        loss_sum, measured = 0.0, 0
        shifts = np.random.default_rng([self.seed, epoch]).permutation(n_blocks)
        for done, shift in enumerate(shifts.tolist(), 1):
            loss_sum += self._run_round(shift)
            measured += self.pairs.pairs_of_round(shift)
            self._check_finite("the loss", math.isfinite(loss_sum), epoch)
            if on_progress is not None:
                seconds, trained = time.perf_counter() - started, (self.epoch - first) * self.n_pairs + measured
                fraction, mean = (self.epoch + done / n_blocks) / epochs, loss_sum / max(measured, 1)
                on_progress(GloVeProgress(epoch, epochs, fraction, trained, mean, seconds))
        # The loss of a pair is measured before its step, so that the last steps could still overflow.
        self._check_finite("a vector", self.model.is_finite(), epoch)
        self.epoch = epoch
        self.losses.append(loss_sum / self.n_pairs)

    def _run_round(self, shift: int) -> float:
        """Train on tiles that share no row, and return the sum of their losses."""
        n_blocks = self.pairs.n_blocks
        losses = np.zeros(n_blocks)

        def train_some(first: int) -> None:
            kernel.train_tiles(
                self.pairs.pairs,
                self.pairs.starts,
                self.model.block_rows,
                shift,
                first,
                min(first + TILES_AT_A_TIME, n_blocks),
                self.model.words,
                self.model.contexts,
                losses,
                x_max=self.parameters.x_max,
                alpha=self.parameters.alpha,
                learning_rate=self.parameters.learning_rate,
            )

        share_work(self.pool, self.n_threads, train_some, range(0, n_blocks, TILES_AT_A_TIME))
        return float(losses.sum())

    def state(self) -> GloVeState:
        """Copy all that is needed to go on from here."""
        return GloVeState(
            **self.model.arrays(),
            epoch=self.epoch,
            seed=self.seed,
            n_pairs=self.n_pairs,
            log_sum=self.log_sum,
            words=digest(self.vocabulary),
            parameters=self.parameters,
            losses=list(self.losses),
        )

    def _check_finite(self, what: str, finite: bool, epoch: int) -> None:
        if not finite:
            raise TrainingError(
                f"{what} left the range of numbers in epoch {epoch} at learning rate "
                f"{self.parameters.learning_rate:g}; use a lower learning rate, the usual one is 0.05"
            )
