"""Files of language models: which format a name or a content stands for."""

import os
from collections.abc import Callable
from pathlib import Path

from embedkit.errors import FormatError, OutputError, ParameterError
from embedkit.lm.arpa_reader import load_arpa
from embedkit.lm.arpa_writer import save_arpa
from embedkit.lm.model import NgramModel
from embedkit.lm.native import is_native, load_native, save_native
from embedkit.lm.queries import NgramQueries
from embedkit.text.files import OPENERS, check_path

__all__ = ["is_arpa_name", "load_model", "save_model"]


def is_arpa_name(path: str | os.PathLike[str]) -> bool:
    """Whether a name ends as those of ARPA files do: ``.arpa``, or that and an ending of compression."""
    name = Path(path)
    if name.suffix.lower() in OPENERS:
        name = name.with_suffix("")
    return name.suffix.lower() == ".arpa"


def save_model(
    model: NgramQueries,
    path: str | os.PathLike[str],
    *,
    quantize: int | None = None,
    n_threads: int = 1,
    on_progress: Callable[[float], None] | None = None,
) -> None:
    r"""Write a model: ARPA or native, as the ending says.

    Raises
    ------
    FormatError
        If the format cannot hold the model.
    OutputError
        If the file cannot be written.
    ParameterError
        If `quantize` is given for an ARPA file.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from embedkit.lm import NgramLanguageModel
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name) / "model.arpa"
    >>> save_model(NgramLanguageModel(order=2, smoothing="witten-bell").fit(["a b", "a c"]).model_, path)
    >>> path.read_text().splitlines()[:3]
    ['\\data\\', 'ngram 1=6', 'ngram 2=5']
    >>> load_model(path).n_ngrams
    [6, 5]
    >>> folder.cleanup()
    """
    check_path(path, OutputError)
    if not is_arpa_name(path):
        check_native_name(path)
        save_native(model._model(), path, quantize=quantize)
        return
    if quantize is not None:
        raise ParameterError(
            f"quantize={quantize}: an ARPA file is text and has no such numbers; end the name of {path} in .lm"
        )
    save_arpa(model._model(), path, n_threads=n_threads, on_progress=on_progress)


def check_native_name(path: str | os.PathLike[str]) -> None:
    """Raise FormatError for a name that is not that of a native file; a device has any."""
    ending = Path(path).suffix.lower()
    if ending != ".lm" and ending not in OPENERS and (Path(path).is_file() or not Path(path).exists()):
        raise FormatError(f"{path}: expected a name that ends in .lm, or in .arpa or .arpa.gz for an ARPA file")
    if ending in OPENERS:
        raise FormatError(
            f"{path}: a native model is mapped, and cannot be compressed; end the name in .lm, or in .arpa.gz for a "
            "compressed ARPA file"
        )


def load_model(
    path: str | os.PathLike[str], *, n_threads: int = 1, on_progress: Callable[[float], None] | None = None
) -> NgramModel:
    """Open a model, native or ARPA, as its content says.

    Raises
    ------
    FormatError
        If the file is damaged or neither.
    InputError
        If it is missing.
    """
    if is_native(path):
        return load_native(path)
    return load_arpa(path, n_threads=n_threads, on_progress=on_progress)
