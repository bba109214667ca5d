"""Classifiers on the command line: the options that choose one, and files of trained ones."""

import ast
import logging
import re
import textwrap
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import wraps
from typing import Any

import click
from embedkit_cli.options import SEED, THREADS, grouped
from embedkit_cli.progress import Progress
from embedkit_cli.tokenizer_options import tokenizer_options

from embedkit.errors import EmbedkitError, FormatError, InputError, ParameterError

__all__ = [
    "FEATURES",
    "MODELS",
    "NEEDS_VECTORS",
    "NEURAL_MODELS",
    "USE_VECTORS",
    "ModelSettings",
    "library_calls",
    "load_classifier",
    "parse_parameters",
    "set_parameters",
    "settings_options",
    "trust_option",
]

logger = logging.getLogger(__name__)

# Written out here, since their home imports scikit-learn; a test holds them equal.
MODELS = (
    "logreg",
    "svm",
    "nb",
    "nbsvm",
    "ridge",
    "random-forest",
    "adaboost",
    "lightgbm",
    "xgboost",
    "fasttext",
    "embedding",
)
NEURAL_MODELS = ("textcnn", "rnn", "gru", "lstm", "bilstm-attention", "transformer", "han", "fasttext-net")
FEATURES = ("words", "characters")
SAMPLED = 100  # texts that are looked at to tell whether they are Chinese
# Classifiers of bags of words have no use for word vectors; networks begin with them.
USE_VECTORS = ("embedding", "fasttext", *NEURAL_MODELS)
NEEDS_VECTORS = "embedding needs word vectors: give a file of them with --vectors"
FASTTEXT_MAGIC = (793712314).to_bytes(4, "little")  # of the files that fastText writes

option = grouped("Model")

trust_option = click.option(
    "--trust",
    is_flag=True,
    help="Load a model file with types beyond those known to be safe; only if you know who made it.",
)


@dataclass(frozen=True)
class ModelSettings:
    """What all classifiers of a run share."""

    features: str = "words"
    tokenizer: str | None = None
    balance: bool = False
    vectors: str | None = None
    seed: int = 1
    threads: int = 1

    def notice_chinese(self, texts: Sequence[str], progress: Progress) -> None:
        """Say what could be passed for Chinese texts if nothing was."""
        from embedkit.text.chinese import looks_unsegmented_chinese

        if (
            self.tokenizer is None
            and self.features == "words"
            and looks_unsegmented_chinese("\n".join(texts[:SAMPLED]))
        ):
            progress.note(
                "the texts look Chinese: each character is taken for a word; --tokenizer zh finds words, and "
                "--features characters takes n-grams over punctuation too"
            )

    def arguments(self, name: str) -> dict[str, Any]:
        """Arguments of `text_classifier`, or `neural_classifier`, for one of them."""
        if name == "embedding" and self.vectors is None:
            raise ParameterError(NEEDS_VECTORS)
        arguments: dict[str, Any] = {
            # Word vectors belong to words.
            "features": "words" if name == "embedding" else self.features,
            "tokenizer": self.tokenizer,
            "class_weight": "balanced" if self.balance else None,
            "random_state": self.seed,
            "n_jobs": self.threads,
        }
        if name in USE_VECTORS and self.vectors is not None:
            from embedkit.vectors.keyed_vectors import KeyedVectors

            arguments["keyed_vectors"] = vectors = KeyedVectors.load(self.vectors)
            if name == "fasttext":
                arguments["classifier__vector_size"] = vectors.vector_size
        return arguments


def settings_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options of all classifiers, which arrive as one `ModelSettings` named ``settings``."""

    @option(
        "--features",
        type=click.Choice(FEATURES),
        default="words",
        help="What n-grams are made of; characters suit Chinese and Japanese, and misspelt text.",
    )
    @tokenizer_options(option, default=None, show_default="runs of letters and digits", also=("fasttext",))
    @option("--balance", is_flag=True, help="Let each class count the same, however many documents it has.")
    @option(
        "--vectors",
        "--embedding",
        "vectors",
        metavar="FILE",
        type=click.Path(),
        help="Word vectors: embedding needs them, fasttext and networks begin with them.",
    )
    @option("--seed", **SEED, help="Seed of everything random.")
    @option("--threads", **THREADS, help="Threads.")
    @wraps(function)
    def command(**options: Any) -> None:
        settings = ModelSettings(**{field.name: options.pop(field.name) for field in fields(ModelSettings)})
        function(settings=settings, **options)

    return command


def parse_parameters(pairs: tuple[str, ...]) -> dict[str, Any]:
    """Read NAME=VALUE, where a value is a Python literal or else a string.

    Raises
    ------
    ParameterError
        If there is no ``=``.
    """
    parameters = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise ParameterError(f"--set {pair}: expected NAME=VALUE, such as classifier__C=1.0")
        try:
            parameters[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            parameters[name] = value
    return parameters


def set_parameters(model: Any, parameters: dict[str, Any]) -> None:
    """Set parameters of the steps of a pipeline.

    Raises
    ------
    ParameterError
        If there is no parameter of a name; the message has those that it may have been meant for.
    """
    for name, value in parameters.items():
        try:
            model.set_params(**{name: value})
        except ValueError as error:
            if not str(error).startswith("Invalid parameter"):
                raise
            last = name.rpartition("__")[2]
            known = sorted(one for one in model.get_params() if "__" in one)
            meant = [one for one in known if one.endswith(f"__{last}")]
            step = name.partition("__")[0]
            others = [one for one in known if one.startswith(f"{step}__")] or known
            remedy = (
                f"parameters of a step are written {' or '.join(meant)}"
                if meant
                else f"expected one of {', '.join(others)}"
            )
            raise ParameterError(f"--set {name}: no parameter {name!r}; {remedy}") from error


def load_classifier(path: str, *, trust: bool) -> tuple[Any, dict[str, Any]]:
    """Read a model file of ours, or one of fastText's, and its metadata.

    Raises
    ------
    InputError
        If there is no such file, or what it holds does not predict labels of texts.
    FormatError
        If it is damaged, newer than this version, or holds types that are not trusted.
    """
    from embedkit.text.decoding import explain_damage
    from embedkit.text.files import open_input

    with open_input(path) as file, explain_damage(path, FormatError):
        head = file.read(64)
    if head.startswith(FASTTEXT_MAGIC):
        from embedkit.classify.fasttext.estimator import FastTextClassifier

        return FastTextClassifier.load(path), {"model": "fasttext"}
    if head[8:9] == b"{":  # as safetensors files do, behind the length of their header
        from embedkit.neural import load_model as load_network

        return load_network(path)
    if not head.startswith(b"PK"):  # as skops files do, being zip archives
        found = "; it looks like word vectors" if re.match(rb"\d+ \d+ *\r?\n", head) else ""
        raise FormatError(f"{path} is no model file: expected a file that embedkit classify train wrote{found}")
    from embedkit.classify.model_file import load_model

    model, metadata = load_model(path, trust=trust)
    _check_classifies_texts(model, path)
    return model, metadata


def _check_classifies_texts(model: Any, path: str) -> None:
    """Ask for one answer: a file may hold any estimator, and one of numbers would fail later, quoting the texts."""
    expected = "expected a classifier of texts, such as a pipeline that begins with a vectorizer"
    what = f"{path} holds {type(model).__name__}"
    if not (hasattr(model, "predict") and hasattr(model, "classes_")):
        raise InputError(f"{what}, which predicts no labels; {expected}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.predict(["a text"])
    except (EmbedkitError, MemoryError, OSError):
        raise
    except Exception as error:  # of whatever package the model is
        raise InputError(f"{what}, which cannot predict a text ({_in_one_line(error)}); {expected}") from error


@contextmanager
def library_calls(progress: Progress, remedy: str | None = None) -> Iterator[None]:
    """Turn what libraries below warn of into notes, each once, and what they raise into errors in one line.

    `remedy` stands behind their messages, which know nothing of the command line.

    BLAS works on one thread: products here are small, and its threads spin while they wait, which makes logistic
    regression ten times slower on a machine that is busy.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with warnings.catch_warnings(record=True) as caught, threadpool_limits(1, user_api="blas"):
        warnings.simplefilter("default")
        try:
            yield
        except (EmbedkitError, MemoryError, OSError):
            raise
        except Exception as error:  # ValueError by custom, but a parameter of the wrong type comes out as anything
            logger.debug("a library failed", exc_info=True)
            raise InputError("; ".join(filter(None, (_in_one_line(error), remedy)))) from error
        finally:
            for text in dict.fromkeys(str(one.message) for one in caught):
                progress.note(f"Warning: {text}")


def _in_one_line(error: Exception) -> str:
    """The message, which may have many lines, or quote whole arrays; with the type where that says what is wrong."""
    lines = [line for line in str(error).splitlines() if not line.startswith("array=")]
    text = textwrap.shorten(" ".join(lines).rstrip(" :."), 600, placeholder=" ...")
    return text if text and isinstance(error, ValueError) else f"{type(error).__name__}: {text}".rstrip(" :")
