"""Training the matrices of a fastText classifier over lines that are numbers already; no scikit-learn needed."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from embedkit._cext import fasttext as kernel
from embedkit._cext import sampling
from embedkit.classify.fasttext.parameters import FastTextParameters
from embedkit.classify.fasttext.tree import LabelTree
from embedkit.errors import TrainingError
from embedkit.models.matrices import padded_matrix, row_blocks
from embedkit.threads import check_threads, use_forced_instruction_set

__all__ = ["EpochReport", "TrainedFastText", "train"]

# Numbers of input rows that one call into the kernel reads: about a tenth of a second, short for an interrupt.
NUMBERS_A_CALL = 2e8
# Labels are drawn as noise by their counts to this power, fastText's choice.
NOISE_EXPONENT = 0.5


@dataclass(frozen=True)
class EpochReport:
    """One finished epoch."""

    epoch: int  # from 1
    loss: float  # mean over the lines, in nats


@dataclass
class TrainedFastText:
    """What training leaves behind.

    Attributes
    ----------
    input_vectors : ndarray of float32, (n_rows, vector_size)
    output_vectors : ndarray of float32, (n_labels, vector_size)
    losses : list of float
        Mean loss of each epoch over the lines, by their weights, in nats.
    """

    input_vectors: np.ndarray
    output_vectors: np.ndarray
    losses: list[float] = field(default_factory=list)


def train(
    lines: tuple[np.ndarray, np.ndarray],
    labels: tuple[np.ndarray, np.ndarray],
    weights: np.ndarray,
    label_counts: np.ndarray,
    n_rows: int,
    parameters: FastTextParameters,
    *,
    n_threads: int = 1,
    seed: int = 1,
    initial: tuple[np.ndarray, np.ndarray] | None = None,
    on_epoch: Callable[[EpochReport], bool | None] | None = None,
) -> TrainedFastText:
    """Train by stochastic gradient descent, over the lines in another random order in each epoch.

    Parameters
    ----------
    lines : tuple of ndarray of int64, (n_lines + 1,), and of int32
        Where the rows of each line begin, and the rows.
    labels : tuple of ndarray of int64, (n_lines + 1,), and of int32
        The same for labels, ascending within a line.
    weights : ndarray of float32, (n_lines,)
        By which the gradient of each line is multiplied.
    label_counts : ndarray of int64, (n_labels,)
    n_rows : int
        Rows of the input matrix.
    parameters : FastTextParameters
    n_threads : int, default=1
        One thread and one seed give the same bytes on one instruction set.
    seed : int, default=1
    initial : tuple of ndarray of int64, (n,), and of float32, (n, vector_size), optional
        Input rows to begin with, by number; the others begin at random.
    on_epoch : callable, optional
        Called after each epoch with an `EpochReport`; a true result stops the training.

    Returns
    -------
    TrainedFastText

    Raises
    ------
    TrainingError
        If the numbers overflow, which is named with the learning rate.

    References
    ----------
    Joulin, Grave, Bojanowski and Mikolov (2016), Bag of tricks for efficient text classification, section 2.
    """
    check_threads(n_threads)
    use_forced_instruction_set()
    size, n_lines = parameters.vector_size, len(weights)
    inputs, outputs = padded_matrix(n_rows, size), padded_matrix(len(label_counts), size)
    first_seed, *epoch_seeds = np.random.SeedSequence(seed).generate_state(parameters.epochs + 1, np.uint64).tolist()
    kernel.fill_uniform(inputs, size, first_seed, n_threads)
    if initial is not None:
        inputs[initial[0], :size] = initial[1]
    tree = LabelTree.over(label_counts) if parameters.loss == "hs" else None
    noise = None
    if parameters.loss == "ns":
        noise = sampling.alias_table(np.maximum(label_counts, 1).astype(np.float64) ** NOISE_EXPONENT)
    numbers_a_line = inputs.shape[1] * (len(lines[1]) + 1) / n_lines
    lines_a_call = max(n_threads, int(NUMBERS_A_CALL / numbers_a_line))

    slope = parameters.learning_rate / (parameters.epochs * n_lines)
    losses: list[float] = []
    for epoch, epoch_seed in enumerate(epoch_seeds):
        order = np.random.default_rng(epoch_seed).permutation(n_lines)
        rate = parameters.learning_rate * (1 - epoch / parameters.epochs)
        loss = trained = 0.0
        for begin in range(0, n_lines, lines_a_call):
            more_loss, more_trained = kernel.train_range(
                order,
                begin,
                min(begin + lines_a_call, n_lines),
                lines,
                labels,
                weights,
                inputs,
                outputs,
                noise,
                (tree.start, tree.node, tree.bit) if tree is not None else None,
                loss=kernel.LOSSES[parameters.loss],
                negative=parameters.negative,
                rate=rate,
                slope=slope,
                seed=epoch_seed,
                n_threads=n_threads,
            )
            loss, trained = loss + more_loss, trained + more_trained
            if not math.isfinite(loss):
                raise _diverged(f"the loss left the range of numbers in epoch {epoch + 1}", parameters)
        losses.append(loss / trained if trained else math.nan)
        if on_epoch is not None and on_epoch(EpochReport(epoch + 1, losses[-1])):
            break
    for matrix in (inputs, outputs):
        if not all(np.isfinite(matrix[block]).all() for block in row_blocks(len(matrix))):
            raise _diverged("some vectors left the range of numbers during training", parameters)
    return TrainedFastText(_without_padding(inputs, size), _without_padding(outputs, size), losses)


def _without_padding(matrix: np.ndarray, size: int) -> np.ndarray:
    """The columns that count: a view where the padding is small, since copying a large matrix takes its time."""
    columns = matrix[:, :size]
    return columns if 4 * matrix.shape[1] <= 5 * size else columns.copy()


def _diverged(what: str, parameters: FastTextParameters) -> TrainingError:
    return TrainingError(
        f"{what}: learning_rate={parameters.learning_rate:g} is too high; use a lower one, such as "
        f"{min(0.1, parameters.learning_rate / 10):g} (sample weights multiply it)"
    )
