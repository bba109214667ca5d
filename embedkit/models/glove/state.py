"""The state of a GloVe training: enough to go on as if it had never stopped, as one .npz file."""

import hashlib
import json
import math
import os
import zipfile
import zlib
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np

from embedkit.checks import check_integer, check_number
from embedkit.errors import FormatError, ParameterError
from embedkit.models.glove.parameters import GloVeParameters
from embedkit.text.files import open_input, replace_file
from embedkit.text.vocabulary import Vocabulary

__all__ = ["GloVeState", "load_state", "save_state"]

MARK, VERSION = "embedkit-glove-state", 1
# What zipfile, zlib, json and numpy raise at bytes that they do not understand.
NOT_UNDERSTOOD = (zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, OSError, EOFError, RuntimeError)
# These decide what is learned; epochs may grow, and `vectors` is a question of the end.
FIXED = ("vector_size", "x_max", "alpha", "learning_rate")


@dataclass
class GloVeState:
    """What training has reached after an epoch.

    Attributes
    ----------
    word_vectors, context_vectors : ndarray of float32, (n_words, vector_size)
    word_biases, context_biases : ndarray of float32, (n_words,)
    word_vectors_sums, context_vectors_sums, word_biases_sums, context_biases_sums : ndarray of float32
        AdaGrad's sums of squared steps, in the shapes of what they belong to.
    epoch : int
        Epochs trained.
    seed : int
    n_pairs : int
        Of the co-occurrence matrix.
    log_sum : float
        Of the logarithms of its counts.
    losses : list of float
    parameters : GloVeParameters
    words : str
        Digest of the vocabulary's words and counts.
    """

    word_vectors: np.ndarray
    context_vectors: np.ndarray
    word_biases: np.ndarray
    context_biases: np.ndarray
    word_vectors_sums: np.ndarray
    context_vectors_sums: np.ndarray
    word_biases_sums: np.ndarray
    context_biases_sums: np.ndarray
    epoch: int
    seed: int
    n_pairs: int
    log_sum: float
    words: str
    parameters: GloVeParameters
    losses: list[float] = field(default_factory=list)

    def check_parameters(self, parameters: GloVeParameters) -> None:
        """Raise ParameterError unless training with these can go on from here."""
        for name in FIXED:
            old, new = getattr(self.parameters, name), getattr(parameters, name)
            if old != new:
                raise ParameterError(
                    f"{name}={new!r}, but the state to resume was trained with {name}={old!r}; give the same, or "
                    "start anew"
                )
        if parameters.epochs <= self.epoch:
            raise ParameterError(
                f"the state to resume has {self.epoch} epochs, and epochs={parameters.epochs} asks for no more; "
                f"set epochs above {self.epoch}: it is the number in all"
            )

    def check_counts_of(self, vocabulary: Vocabulary, n_pairs: int) -> None:
        """Raise ParameterError unless the state was trained on as many pairs of these words."""
        if self.words != digest(vocabulary) or self.n_pairs != n_pairs:
            raise ParameterError(
                f"the state to resume belongs to another text or other settings of its counting: it has "
                f"{len(self.word_vectors):,} words and {self.n_pairs:,} pairs, here are {len(vocabulary):,} and "
                f"{n_pairs:,}; count the same text in the same way"
            )

    def check_log_sum(self, log_sum: float) -> None:
        """Raise ParameterError if pairs of the same words, and as many, count otherwise than before."""
        # Logarithms differ in their last bits between machines.
        if not math.isclose(self.log_sum, log_sum, rel_tol=1e-9):
            raise ParameterError(
                "the state to resume was trained on other counts of the same words; count with the same window, "
                "distance and direction"
            )


ARRAYS = tuple(one.name for one in fields(GloVeState) if one.type in {np.ndarray, "np.ndarray"})


def digest(vocabulary: Vocabulary) -> str:
    """Short hash of words and counts."""
    hashed = hashlib.sha256(np.ascontiguousarray(vocabulary.counts, "<i8").tobytes())
    for word in vocabulary.words:
        hashed.update(word.encode("utf-8", "surrogatepass") + b"\n")
    return hashed.hexdigest()[:32]


def save_state(path: str | os.PathLike[str], state: GloVeState) -> None:
    """Write a state, whole or not at all.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    meta = {
        "format": MARK,
        "version": VERSION,
        "epoch": state.epoch,
        "seed": state.seed,
        "n_pairs": state.n_pairs,
        "log_sum": state.log_sum,
        "words": state.words,
        "parameters": asdict(state.parameters),
        "losses": state.losses,
    }
    with replace_file(path) as out, zipfile.ZipFile(out, "w") as archive:
        archive.writestr("meta.json", json.dumps(meta))
        for name in ARRAYS:
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.ascontiguousarray(getattr(state, name), "<f4"), allow_pickle=False)


def load_state(path: str | os.PathLike[str]) -> GloVeState:
    """Read a state that `save_state` wrote.

    Raises
    ------
    InputError
        If there is no such file.
    FormatError
        If it is damaged, or something else.
    """
    with open_input(path) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                meta = json.loads(archive.read("meta.json"))
                if not isinstance(meta, dict) or meta.get("format") != MARK:
                    raise FormatError(f"{path} is no state of a GloVe training; name a file that --checkpoint wrote")
                if meta.get("version") != VERSION:
                    raise FormatError(f"{path}: version {meta.get('version')!r} of a GloVe state; use a newer embedkit")
                arrays = {name: _read(archive, name) for name in ARRAYS}
                return _state(meta, arrays)
        except FormatError:
            raise
        except NOT_UNDERSTOOD as error:
            raise FormatError(
                f"{path} is no state of a GloVe training, or is damaged ({error}); name a file that --checkpoint wrote"
            ) from error


def _read(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    with archive.open(f"{name}.npy") as member:
        return np.lib.format.read_array(member, allow_pickle=False)


def _state(meta: dict[str, Any], arrays: dict[str, np.ndarray]) -> GloVeState:
    """Put a state together, and see that its parts fit."""
    parameters = GloVeParameters(**meta["parameters"])
    parameters.validate()
    shape = arrays["word_vectors"].shape
    for name, array in arrays.items():
        expected = shape[:1] if "biases" in name else shape
        possible = np.isfinite(array).all() and not (name.endswith("_sums") and (array < 1).any())
        if array.dtype != np.float32 or array.shape != expected or not possible:
            raise ValueError(f"{name} has type {array.dtype} and shape {array.shape}, or numbers that cannot be")
    if len(shape) != 2 or shape[1] != parameters.vector_size:
        raise ValueError(f"vectors of shape {shape}, expected {parameters.vector_size} numbers each")
    epoch, losses = check_integer("epoch", meta["epoch"], 1), [check_number("loss", loss) for loss in meta["losses"]]
    if len(losses) != epoch:
        raise ValueError(f"{len(losses)} losses of {epoch} epochs")
    named: dict[str, Any] = {
        "epoch": epoch,
        "seed": check_integer("seed", meta["seed"], 0, 2**64 - 1),
        "n_pairs": check_integer("n_pairs", meta["n_pairs"], 1),
        "log_sum": check_number("log_sum", meta["log_sum"]),
        "words": str(meta["words"]),
        "losses": losses,
    }
    return GloVeState(**(named | arrays), parameters=parameters)
