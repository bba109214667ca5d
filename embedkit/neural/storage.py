"""Files of tensors with a header of JSON: safetensors, which hold no code."""

import json
import os
from importlib import import_module
from typing import Any

import numpy as np

from embedkit.errors import FormatError, InputError, MissingDependencyError
from embedkit.text.decoding import explain_damage
from embedkit.text.files import open_input, replace_file

__all__ = ["read_tensors", "write_tensors"]

HEADER = "embedkit"


def write_tensors(path: str | os.PathLike[str], tensors: dict[str, np.ndarray], header: dict[str, Any]) -> None:
    """Write tensors and what is to be known of them; the file appears complete or not at all.

    Parameters
    ----------
    path : str or path-like
    tensors : dict of str to ndarray
    header : dict
        What JSON can hold.

    Raises
    ------
    InputError
        If the header is too large.
    OutputError
        If the file cannot be written.
    MissingDependencyError
        If safetensors is not installed.
    """
    save = _safetensors().save
    arrays = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    try:
        data = save(arrays, {HEADER: json.dumps(header, ensure_ascii=False)})
    except Exception as error:
        if "header too large" not in str(error).lower().replace("headertoolarge", "header too large"):
            raise
        raise InputError(
            f"cannot write {os.fspath(path)}: its vocabulary is larger than the header of a safetensors file may "
            "be, 100 MB; train with unseen_vectors=False, or fewer words in the embedding"
        ) from error
    with replace_file(path) as out:
        out.write(data)


def read_tensors(path: str | os.PathLike[str]) -> tuple[dict[str, np.ndarray], dict[str, Any] | None]:
    """Read tensors, and the header; None if the file has none of ours.

    Raises
    ------
    InputError
        If there is no such file.
    FormatError
        If it is damaged, or is no safetensors file.
    MissingDependencyError
        If safetensors is not installed.
    """
    load = _safetensors().load
    with open_input(path) as file, explain_damage(str(path), FormatError):
        data = file.read()
    try:
        tensors = load(data)
        size = int.from_bytes(data[:8], "little")
        written = json.loads(data[8 : 8 + size]).get("__metadata__", {}).get(HEADER)
        header = None if written is None else json.loads(written)
    except Exception as error:  # anything can come of bytes that are not what they should be
        raise FormatError(
            f"{path} is no sound safetensors file ({type(error).__name__}: {error}); copy it again, or take another"
        ) from error
    return tensors, header


def _safetensors() -> Any:
    try:
        return import_module("safetensors.numpy")
    except ImportError as error:
        raise MissingDependencyError(
            "files of neural models need safetensors, which is not installed; pip install safetensors"
        ) from error
