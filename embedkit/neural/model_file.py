"""Files of neural classifiers: weights as safetensors, parameters and vocabulary as JSON in their header.

The header, under the key ``embedkit``::

    {"format_version": 1, "class": "TextCNNClassifier", "parameters": {...}, "classes": [...], "classes_dtype": "<U3",
     "vocabulary": ["the", ...], "history": [...], "best_epoch": 10, "embedkit": "0.1.0", "metadata": {...}}

Nothing in it is code.
"""

import json
import os
from typing import Any

import numpy as np

from embedkit.errors import EmbedkitError, FormatError, InputError
from embedkit.features.packing import pack_terms
from embedkit.neural.storage import read_tensors, write_tensors

__all__ = ["FORMAT_VERSION", "load_model", "save_model"]

FORMAT_VERSION = 1

# Not needed to predict, or nothing that a file should hold.
LEFT_OUT = ("embedding", "embedding_std", "callbacks", "checkpoints", "initial_weights", "device")


def save_model(model: Any, path: str | os.PathLike[str], *, metadata: dict[str, Any] | None = None) -> None:
    """Save a fitted neural classifier; the file appears complete or not at all.

    The vectors that training began with are not stored once more: the loaded classifier has ``embedding=None``, and
    the `vector_size` of its network. To fit one with ``freeze="static"`` or "multichannel" again, set its `embedding`.
    (Pickle, joblib and `embedkit.classify.save_model` keep all parameters.)

    Parameters
    ----------
    model : classifier of this room
    path : str or path-like
        By custom with the ending .safetensors; compressed if it ends in .gz, .bz2 or .xz.
    metadata : dict, optional
        What else shall be known of the model: strings, numbers, lists and dicts.

    Raises
    ------
    InputError
        If the model is not fitted, its tokenizer is a function or pattern, the metadata is no JSON, or the vocabulary
        is too large for the header of a file.
    MissingDependencyError
        If safetensors is not installed.
    OutputError
        If the file cannot be written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from embedkit.neural import FastTextNet, load_model, save_model
    >>> model = FastTextNet(random_state=1).fit(["it purrs", "it barks"] * 10, ["cat", "dog"] * 10)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "pets.safetensors"
    ...     save_model(model, path, metadata={"language": "en"})
    ...     again, metadata = load_model(path)
    >>> again.predict(["purrs"]).tolist(), metadata
    (['cat'], {'language': 'en'})
    """
    import embedkit

    if not hasattr(model, "n_iter_"):
        raise InputError(f"this {type(model).__name__} is not fitted: call fit before saving it")
    if not isinstance(model.tokenizer, str):
        raise InputError(
            f"this {type(model).__name__} cannot be stored: its tokenizer is a {type(model.tokenizer).__name__}; name "
            "it instead, for a pattern as 'regex:PATTERN'"
        )
    state = model.__getstate__()
    parameters = {name: value for name, value in model.get_params(deep=False).items() if name not in LEFT_OUT}
    parameters["vector_size"] = model.network_.words.weight.shape[1]
    if isinstance(model.class_weight, dict):
        parameters["class_weight"] = [[_plain(label), weight] for label, weight in model.class_weight.items()]
    if not isinstance(model.random_state, int | type(None)):
        parameters["random_state"] = None
    header = {
        "format_version": FORMAT_VERSION,
        "embedkit": embedkit.__version__,
        "class": type(model).__name__,
        "parameters": {name: _plain(value) for name, value in parameters.items()},
        "classes": model.classes_.tolist(),
        "classes_dtype": model.classes_.dtype.str,
        "vocabulary": list(model.vocabulary_),
        "history": model.history_,
        "best_epoch": model.best_epoch_,
        "metadata": metadata or {},
    }
    try:
        json.dumps(header)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"this {type(model).__name__} cannot be stored ({error}); parameters and metadata must be strings, "
            "numbers, lists and dicts"
        ) from error
    write_tensors(path, state["weights_"], header)


def load_model(path: str | os.PathLike[str], *, device: str = "auto") -> tuple[Any, dict[str, Any]]:
    """Load what `save_model` wrote.

    Parameters
    ----------
    path : str or path-like
    device : str, default="auto"
        Where it computes.

    Returns
    -------
    model : classifier
    metadata : dict

    Raises
    ------
    FormatError
        If the file is damaged, no model, written by a newer embedkit, or its weights do not fit its parameters.
    InputError
        If there is no such file.
    ParameterError
        If there is no such device.
    MissingDependencyError
        If safetensors is not installed.
    """
    tensors, header = read_tensors(path)
    if header is None:
        raise FormatError(
            f"{path} holds tensors but no model: expected a file that save_model wrote; weights alone go to the "
            "parameter initial_weights"
        )
    try:
        return _restored(tensors, header, device), header["metadata"]
    except EmbedkitError as error:
        raise type(error)(f"{path}: {error}") from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise FormatError(
            f"{path}: its header is not what save_model writes ({type(error).__name__}: {error}); copy it again"
        ) from error


def _restored(tensors: dict[str, np.ndarray], header: dict[str, Any], device: str) -> Any:
    from embedkit import neural

    if header["format_version"] > FORMAT_VERSION:
        raise FormatError(
            f"has the format version {header['format_version']}, written by embedkit {header.get('embedkit', '?')}; "
            f"this one reads up to {FORMAT_VERSION}: install a newer one"
        )
    name = header["class"]
    if name not in neural.CLASSIFIERS:
        raise FormatError(f"holds a {name!r}, expected one of {', '.join(neural.CLASSIFIERS)}: the file is damaged")
    parameters = {key: _tuple(value) for key, value in header["parameters"].items()}
    if isinstance(parameters.get("class_weight"), tuple):
        parameters["class_weight"] = dict(parameters["class_weight"])
    model = getattr(neural, name)(**parameters, device=device)
    state = model.__getstate__()
    state |= {
        "classes_": np.array(header["classes"], dtype=header["classes_dtype"]),
        "vocabulary_": pack_terms(header["vocabulary"]),
        "weights_": tensors,
        "history_": header["history"],
        "n_iter_": len(header["history"]),
        "best_epoch_": header["best_epoch"],
        "_told": False,
    }
    model.__setstate__(state)
    return model


def _tuple(value: Any) -> Any:
    return tuple(_tuple(one) for one in value) if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, np.generic):
        return value.item()
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
