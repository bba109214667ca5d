"""Parameters that all neural classifiers share."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from embedkit.checks import check_choice, check_flag, check_integer, check_number
from embedkit.errors import ParameterError
from embedkit.neural.layers.embedding import FREEZE
from embedkit.neural.training.schedules import SCHEDULES
from embedkit.text.tokenizers import TokenizerLike, check_tokenizer
from embedkit.vectors.keyed_vectors import KeyedVectors

__all__ = ["MONITORS", "OPTIMIZERS", "SHARED_PARAMETERS", "NeuralParameters", "check_share"]

OPTIMIZERS = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "adadelta": torch.optim.Adadelta,
    "sgd": torch.optim.SGD,
}
# These have a kernel that takes one pass over the numbers, six times as fast on a processor.
FUSED = ("adam", "adamw", "sgd")

MONITORS = {"valid_loss": True, "valid_acc": False}
"""What is watched to stop early, and whether less of it is better."""

SHARED_PARAMETERS = """
    Other Parameters
    ----------------
    embedding : KeyedVectors or path, optional
        Word vectors to begin with. Words without one begin at random, with the spread of the others; if None, all do.
    embedding_std : float, optional
        Multiply those vectors by one factor, so that their numbers have this standard deviation; 0.1 suits trained
        vectors of several hundred dimensions, whose numbers are larger.
    freeze : {"non-static", "static", "multichannel"}, default="non-static"
        Whether word vectors are trained, stay as given, or both side by side (Kim 2014, section 3.3).
    vector_size : int, optional
        Of the word vectors; if None that of `embedding`, or 100.
    unseen_vectors : bool, default=True
        Let words of `embedding` that the training texts lack keep their vectors, for texts to come.
    tokenizer : str, re.Pattern or callable, default="words"
        How a text becomes words (see `embedkit.text.tokenizers`). Lists of words are taken as they are.
    lowercase : bool, default=True
        Of the words, after the text is cut.
    min_count : int, default=2
        Words that occur less often in the training texts are unknown ones, which teaches what to make of those.
    max_vocab : int, optional
        Train the vectors of so many words only, the most frequent ones.
    max_length : int or None, default=512
        Words of a text that are read, from its beginning. That texts are cut is logged once; None cuts none.
    encoding_errors : {"strict", "replace", "ignore"}, default="strict"
        What happens at lone surrogates and NUL.
    embedding_dropout, word_dropout : float, default=0.0
        Share of the numbers of word vectors that become 0, and of words that become unknown, in training.
    weight_decay : float, default=0.0
        L2 penalty; "adamw" decouples it from the gradient (Loshchilov and Hutter 2019).
    max_norm : float, optional
        Longest vector of weights of a class (Kim 2014, section 3.1: 3).
    label_smoothing : float, default=0.0
        Share of the truth that is spread over all classes.
    mixup, r_drop, adversarial : float, default=0.0
        Regularisers, off at 0; `embedkit.neural.training.objective.Objective` has formulas and sources.
    class_weight : dict, "balanced" or None, default=None
        As scikit-learn's.
    optimizer : {"adam", "adamw", "adadelta", "sgd"}, default="adam"
    learning_rate : float, default=0.001
    schedule : {"constant", "linear", "cosine", "inverse-sqrt"}, default="constant"
        What becomes of the learning rate.
    warmup : float, default=0.0
        Share of all steps in which the learning rate rises.
    clip_norm : float or None, default=5.0
        Longest gradient of all parameters together.
    batch_size : int, default=50
    epochs : int, default=10
        Passes over the texts, the most if `patience` is set.
    bucketing : bool, default=True
        Put texts of similar length into a batch.
    patience : int, optional
        Stop after so many epochs without a better `monitor`, and go back to the best epoch.
    monitor : {"valid_loss", "valid_acc"}, default="valid_loss"
    validation_fraction : float, optional
        Share of the texts that is not learned from, but watched; if None 0.1 with `patience`, and else 0. `X_val` of
        `fit` goes before it.
    checkpoints : path, optional
        Folder in which skorch's `Checkpoint` writes the weights of the best epoch so far, as safetensors.
    initial_weights : path, optional
        A safetensors file of weights, a checkpoint for instance, to begin with.
    device : str, default="auto"
        "cpu", "cuda", "cuda:1", "mps"; "auto" is a CUDA device if there is one.
    mixed_precision : bool, default=False
        Compute in bfloat16 where that is precise enough; pays on a GPU.
    compile : bool, default=False
        Let `torch.compile` make kernels of the network; pays on a GPU and for long training.
    n_jobs : int, optional
        Threads; if None as many as torch is set to.
    random_state : int, RandomState instance or None, default=None
        Seed of everything random. The same seed and number of threads give the same model on a processor.
    callbacks : list of skorch callbacks, optional
    verbose : int, default=0
        1 prints skorch's table of epochs.

    Attributes
    ----------
    classes_ : ndarray, (n_classes,)
        Labels, ascending; the columns of probabilities.
    vocabulary_ : dict
        From word to number; 0 is padding and 1 stands for unknown words.
    network_ : embedkit.neural.networks.base.TextNetwork
        A torch module.
    net_ : skorch.NeuralNetClassifier
        The loop that trained it, over an `embedkit.neural.batches.TextDataset`; a loaded model has none.
    history_ : list of dict
        For each epoch train_loss (with all regularisers), gradient_norm, learning_rate, seconds, and with a validation
        set valid_loss (plain cross-entropy, every text counting the same) and valid_acc.
    n_iter_ : int
        Epochs that were trained.
    best_epoch_ : int
        The one whose weights it has: with `patience` the best one, else the last.
    n_parameters_ : int
        Numbers that training changes.
"""


@dataclass(kw_only=True, eq=False, repr=False)
class NeuralParameters:
    """The parameters of every neural classifier, with their defaults; `SHARED_PARAMETERS` says what they are."""

    embedding: KeyedVectors | str | os.PathLike[str] | None = None
    embedding_std: float | None = None
    freeze: str = "non-static"
    vector_size: int | None = None
    unseen_vectors: bool = True
    tokenizer: TokenizerLike = "words"
    lowercase: bool = True
    min_count: int = 2
    max_vocab: int | None = None
    max_length: int | None = 512
    encoding_errors: str = "strict"
    dropout: float = 0.5
    embedding_dropout: float = 0.0
    word_dropout: float = 0.0
    weight_decay: float = 0.0
    max_norm: float | None = None
    label_smoothing: float = 0.0
    mixup: float = 0.0
    r_drop: float = 0.0
    adversarial: float = 0.0
    class_weight: dict[Any, float] | str | None = None
    optimizer: str = "adam"
    learning_rate: float = 0.001
    schedule: str = "constant"
    warmup: float = 0.0
    clip_norm: float | None = 5.0
    batch_size: int = 50
    epochs: int = 10
    bucketing: bool = True
    patience: int | None = None
    monitor: str = "valid_loss"
    validation_fraction: float | None = None
    checkpoints: str | os.PathLike[str] | None = None
    initial_weights: str | os.PathLike[str] | None = None
    device: str = "auto"
    mixed_precision: bool = False
    compile: bool = False
    n_jobs: int | None = None
    random_state: int | np.random.RandomState | None = None
    callbacks: Sequence[Any] | None = None
    verbose: int = 0

    def _check_parameters(self) -> None:
        """Raise ParameterError for a parameter that cannot work; subclasses check their own besides."""
        check_tokenizer(self.tokenizer)
        choices: dict[str, Sequence[str]] = {
            "freeze": FREEZE,
            "optimizer": tuple(OPTIMIZERS),
            "schedule": SCHEDULES,
            "monitor": tuple(MONITORS),
        }
        for name, among in choices.items():
            check_choice(name, getattr(self, name), among)
        for name in ("unseen_vectors", "lowercase", "bucketing", "mixed_precision", "compile"):
            check_flag(name, getattr(self, name))
        for name in ("min_count", "batch_size", "epochs"):
            check_integer(name, getattr(self, name), 1)
        for name in ("vector_size", "max_vocab", "max_length", "patience"):
            if getattr(self, name) is not None:
                check_integer(name, getattr(self, name), 1)
        for name in ("weight_decay", "mixup", "r_drop", "adversarial"):
            check_number(name, getattr(self, name), 0.0)
        for name in ("learning_rate", "clip_norm", "max_norm", "embedding_std"):
            if name == "learning_rate" or getattr(self, name) is not None:
                check_number(name, getattr(self, name), 0.0, strict=True)
        for name in ("dropout", "embedding_dropout", "word_dropout", "label_smoothing", "warmup"):
            check_share(name, getattr(self, name))
        if self.validation_fraction is not None:
            check_share("validation_fraction", self.validation_fraction)
        check_integer("verbose", self.verbose, 0)
        if self.callbacks is not None and not isinstance(self.callbacks, list | tuple):
            raise ParameterError(f"callbacks={self.callbacks!r}: expected a list of skorch callbacks")
        for name in ("checkpoints", "initial_weights"):
            if not isinstance(getattr(self, name), str | os.PathLike | None):
                raise ParameterError(f"{name}={getattr(self, name)!r}: expected a path")
        if self.embedding is None and self.freeze != "non-static":
            raise ParameterError(
                f"freeze={self.freeze!r} without an embedding: vectors that begin at random must be trained; give "
                "KeyedVectors, or freeze='non-static'"
            )


def check_share(name: str, value: Any) -> None:
    """Raise ParameterError unless `value` is a number from 0 to below 1."""
    real = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not real or not 0.0 <= value < 1.0:
        raise ParameterError(f"{name}={value!r}: expected a share, from 0 to below 1")
