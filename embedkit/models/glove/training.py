"""Training GloVe on counts: what the estimator and the command line share. Nothing here needs scikit-learn."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from embedkit._cext import glove as kernel
from embedkit.checks import check_integer
from embedkit.errors import TrainingError
from embedkit.models.cooccurrence.counts import Counts
from embedkit.models.glove.model import GloVeModel, stride_of
from embedkit.models.glove.pairs import TiledPairs
from embedkit.models.glove.parameters import GloVeParameters
from embedkit.models.glove.state import GloVeState, digest
from embedkit.models.threads import check_threads, use_forced_instruction_set
from embedkit.text.vocabulary import Vocabulary

__all__ = ["EpochReport", "GloVeProgress", "TrainedGloVe", "train"]

REMEDY = "use a lower learning rate, the usual one is 0.05"


@dataclass(frozen=True)
class GloVeProgress:
    """Where training stands."""

    epoch: int  # from 1
    epochs: int
    fraction: float  # of the whole training, epochs of a resumed state included
    pairs: int  # trained in this run, all epochs together
    loss: float  # mean over the pairs of this epoch so far
    seconds: float


@dataclass(frozen=True)
class EpochReport:
    """One finished epoch."""

    epoch: int  # from 1
    loss: float
    vocabulary: Vocabulary
    state: Callable[[], GloVeState]  # makes a copy of all that is learned
    _vectors: Callable[[], np.ndarray]

    @property
    def vectors(self) -> np.ndarray:
        """Vectors as `GloVeParameters.vectors` wants them, (n_words, vector_size) float32; made anew each time."""
        return self._vectors()


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
        They have no say in the result: one seed gives the same bytes on one instruction set.
    seed : int, default=1
        Not negative. A resumed state brings its own.
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
        If a parameter cannot work, or does not fit the state to resume.
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
    check_integer("seed", seed, 0)
    use_forced_instruction_set()
    n_pairs, size = counts.nnz, parameters.vector_size
    first_epoch, losses = 1, []
    if resume is not None:
        resume.check(vocabulary, n_pairs, parameters)
        first_epoch, losses, seed = resume.epoch + 1, list(resume.losses), resume.seed
    row_bytes = 2 * stride_of(size) * 4
    with TiledPairs(counts, row_bytes=row_bytes, seed=seed, n_threads=n_threads, memory=memory) as tiled:
        log_sum = tiled.log_sum()
        model = GloVeModel(len(vocabulary), size, tiled.n_blocks)
        if resume is None:
            model.initialise(seed)
        else:
            resume.check_counts(log_sum)
            model.restore(resume)
        words = digest(vocabulary)
        started = time.perf_counter()
        trained_pairs = 0
        for epoch in range(first_epoch, parameters.epochs + 1):
            loss_sum, measured = 0.0, 0
            shifts = np.random.default_rng([seed, epoch]).permutation(tiled.n_blocks)
            for done, shift in enumerate(shifts.tolist(), 1):
                loss_sum += kernel.train_round(
                    tiled.pairs,
                    tiled.starts,
                    model.block_rows,
                    shift,
                    model.words,
                    model.contexts,
                    x_max=parameters.x_max,
                    alpha=parameters.alpha,
                    learning_rate=parameters.learning_rate,
                    n_threads=n_threads,
                )
                measured += tiled.pairs_of_round(shift)
                if not math.isfinite(loss_sum):
                    raise TrainingError(
                        f"the loss left the range of numbers in epoch {epoch} at learning rate "
                        f"{parameters.learning_rate:g}; {REMEDY}"
                    )
                if on_progress is not None:
                    fraction = (epoch - 1 + done / tiled.n_blocks) / parameters.epochs
                    mean = loss_sum / max(measured, 1)
                    seconds = time.perf_counter() - started
                    on_progress(
                        GloVeProgress(epoch, parameters.epochs, fraction, trained_pairs + measured, mean, seconds)
                    )
            trained_pairs += n_pairs
            losses.append(loss_sum / n_pairs)

            def state(epoch: int = epoch) -> GloVeState:
                return GloVeState(
                    **model.arrays(),
                    epoch=epoch,
                    seed=seed,
                    n_pairs=n_pairs,
                    log_sum=log_sum,
                    words=words,
                    parameters=parameters,
                    losses=list(losses),
                )

            report = EpochReport(epoch, losses[-1], vocabulary, state, lambda: model.vectors(parameters.vectors))
            if on_epoch is not None and on_epoch(report):
                break
        seconds = time.perf_counter() - started
    vectors = model.vectors(parameters.vectors)
    if not np.isfinite(vectors).all():
        raise TrainingError("some vectors left the range of numbers in the last steps; " + REMEDY)
    return TrainedGloVe(vectors, model, losses, len(losses), seconds, trained_pairs / max(seconds, 1e-9))
