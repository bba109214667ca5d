"""Files of trained classifiers: skops archives with a header that says what they were made with.

A file is a zip archive as `skops.io.dump` writes it, with one more member, ``embedkit.json``::

    {"format_version": 1, "versions": {"embedkit": "0.1.0", "python": "3.11.9", ...}, "metadata": {...}}

Nothing in it is code. Types are made again by name, and only those on a list: scikit-learn's estimators, and the
types below.
"""

import importlib
import io
import json
import logging
import os
import platform
import warnings
import zipfile
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Any

from embedkit.classify.fasttext.model_file import MAGIC
from embedkit.classify.trees import check_trees
from embedkit.errors import FormatError, InputError, MissingDependencyError
from embedkit.text.decoding import explain_damage
from embedkit.text.files import open_input, replace_file

__all__ = ["FORMAT_VERSION", "TRUSTED", "load_model", "save_model"]

logger = logging.getLogger(__name__)

FORMAT_VERSION = 1
HEADER = "embedkit.json"
SCHEMA = "schema.json"
FASTTEXT_MAGIC = MAGIC.to_bytes(4, "little")

TRUSTED = (
    "collections.OrderedDict",
    "embedkit.classify.fasttext.estimator.FastTextClassifier",
    "embedkit.classify.nbsvm.NBSVMClassifier",
    "embedkit.classify.weighted.WeightedClassifier",
    "embedkit.features.cjk.cjk_words",  # a function that cuts text into words
    "embedkit.features.count.CountVectorizer",
    "embedkit.features.embedding.EmbeddingVectorizer",
    "embedkit.features.hashing.HashingVectorizer",
    "embedkit.features.phrases.Phrases",
    "embedkit.features.tfidf_transformer.TfidfTransformer",
    "embedkit.features.tfidf.TfidfVectorizer",
    "embedkit.neural.classifiers.fasttext.FastTextNet",
    "embedkit.neural.classifiers.hierarchical.HierarchicalAttentionClassifier",
    "embedkit.neural.classifiers.rnn.RNNClassifier",
    "embedkit.neural.classifiers.textcnn.TextCNNClassifier",
    "embedkit.neural.classifiers.transformer.TransformerClassifier",
    "embedkit.text.chinese.ChineseWords",
    "embedkit.text.cutters.ChineseCutter",
    "embedkit.text.cutters.SegmentCutter",
    "embedkit.text.cutters.SpaceCutter",
    "embedkit.text.normalization.Normalizer",
    "embedkit.text.tokenizers.Tokenizer",
    "embedkit.vectors.keyed_vectors.KeyedVectors",
    "lightgbm.basic.Booster",
    "lightgbm.sklearn.LGBMClassifier",
    "sklearn.tree._tree.Tree",  # see check_trees
    "xgboost.core.Booster",
    "xgboost.sklearn.XGBClassifier",
)
"""Types that a model file may hold beside those that skops trusts: numbers, strings, containers, arrays and
scikit-learn's estimators. Each by its full name, since the packages have functions, too, that read files."""


def save_model(model: Any, path: str | os.PathLike[str], *, metadata: dict[str, Any] | None = None) -> None:
    """Save a fitted classifier; the file appears complete or not at all.

    Parameters
    ----------
    model : estimator
        A pipeline of `text_classifier`, or any estimator that skops can store.
    path : str or path-like
        By custom with the ending .skops; compressed once more if it ends in .gz, .bz2 or .xz.
    metadata : dict, optional
        What else shall be known of the model: strings, numbers, lists and dicts.

    Raises
    ------
    InputError
        If the model holds what cannot be stored, an open file for instance, or what could not be found again when it
        is loaded, such as a lambda or a function of ``__main__``; or if the metadata is no JSON.
    MissingDependencyError
        If skops is not installed.
    OutputError
        If the file cannot be written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from embedkit.classify import load_model, save_model, text_classifier
    >>> model = text_classifier("nb").fit(["it purrs", "it barks"] * 2, ["cat", "dog"] * 2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "pets.skops"
    ...     save_model(model, path, metadata={"language": "en"})
    ...     again, metadata = load_model(path)
    >>> again.predict(["purrs"]).tolist(), metadata
    (['cat'], {'language': 'en'})
    """
    skops = _skops()
    try:
        header = json.dumps({"format_version": FORMAT_VERSION, "versions": {}, "metadata": metadata or {}})
    except (TypeError, ValueError) as error:
        raise InputError(f"metadata cannot be stored ({error}); use strings, numbers, lists and dicts") from error
    archive = io.BytesIO()
    try:
        skops.dump(model, archive, compression=zipfile.ZIP_DEFLATED, compresslevel=1)
    except Exception as error:  # skops, and the estimators it asks for their state, raise what they like
        raise InputError(
            f"this {type(model).__name__} cannot be stored ({error}); functions made on the spot cannot, nor open files"
        ) from error
    types = skops.get_untrusted_types(data=archive.getvalue())
    if any(name.startswith("re.") for name in types):
        raise InputError(
            f"this {type(model).__name__} cannot be stored: it holds a compiled pattern; name the tokenizer "
            "instead, as 'regex:PATTERN'"
        )
    if lost := _lost(types, "__main__"):
        raise InputError(
            f"this {type(model).__name__} cannot be stored: it holds {', '.join(lost)}, which no other program "
            "finds by this name; use functions and classes of a module that can be imported"
        )
    with zipfile.ZipFile(archive, "a") as members:
        schema = members.read(SCHEMA)
        header = json.dumps({**json.loads(header), "versions": _versions(schema)})
        members.writestr(HEADER, header)
    with replace_file(path) as out:
        out.write(archive.getbuffer())


def load_model(path: str | os.PathLike[str], *, trust: bool = False) -> tuple[Any, dict[str, Any]]:
    """Load what `save_model` wrote.

    A warning is logged if a package has another version than the model was saved with.

    Parameters
    ----------
    path : str or path-like
    trust : bool, default=False
        Make any type that the file names, not only those of embedkit, scikit-learn, lightgbm and xgboost that
        classifiers consist of. That can run code: only for files whose origin you know.

    Returns
    -------
    model : estimator
    metadata : dict

    Raises
    ------
    FormatError
        If the file is damaged, is no model, was written by a newer embedkit, or holds types that are not trusted.
    InputError
        If there is no such file.
    MissingDependencyError
        If skops, lightgbm or xgboost is needed and not installed.
    """
    skops = _skops()
    from skops.io.exceptions import UntrustedTypesFoundException

    with open_input(path) as file, explain_damage(str(path), FormatError):
        data = file.read()
    header = _header(data, path)
    _compare_versions(header["versions"], path)
    trusted = list(TRUSTED)
    try:
        if trust:
            foreign = sorted(set(skops.get_untrusted_types(data=data)) - set(TRUSTED))
            if lost := _lost(foreign):
                raise FormatError(
                    f"needs {', '.join(lost)}, which cannot be imported here; make it importable, or train the model "
                    "again without it"
                )
            trusted += foreign
        with warnings.catch_warnings():
            # Versions are compared above, once for the file instead of once for each estimator.
            warnings.filterwarnings("ignore", category=UserWarning, message=".*unpickle estimator")
            model = skops.loads(data, trusted=trusted)
        check_trees(model)
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from error
    except UntrustedTypesFoundException as error:
        foreign = sorted(set(skops.get_untrusted_types(data=data)) - set(TRUSTED))
        raise FormatError(
            f"{path} holds types that are not trusted: {', '.join(foreign)}; if you know where the file "
            "comes from, load it with --trust (trust=True)"
        ) from error
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            f"{path} needs the package {error.name}, which is not installed; pip install {error.name}"
        ) from error
    except Exception as error:  # anything can come of bytes that are not what they should be
        raise FormatError(f"{path} cannot be read ({_reason(error)}): the file is damaged; copy it again") from error
    return model, header["metadata"]


def _header(data: bytes, path: str | os.PathLike[str]) -> dict[str, Any]:
    """What the file says of itself, found sound and not from the future."""
    if data[:4] == FASTTEXT_MAGIC:
        raise FormatError(f"{path} is a model file of fastText; FastTextClassifier.load reads it")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as members:
            if HEADER not in members.namelist():
                raise FormatError(f"{path} is a zip archive without {HEADER}: expected a model that save_model wrote")
            header = json.loads(members.read(HEADER))
            format_version, versions, metadata = (header[key] for key in ("format_version", "versions", "metadata"))
            sound = type(format_version) is int and isinstance(versions, dict) and isinstance(metadata, dict)
    except FormatError:
        raise
    except zipfile.BadZipFile as error:
        what = "the file is damaged; copy it again" if data[:2] == b"PK" else "expected a model that save_model wrote"
        raise FormatError(f"{path} is no model file ({error}): {what}") from error
    except Exception as error:  # anything can come of bytes that are not what they should be
        raise FormatError(f"{path} cannot be read ({_reason(error)}): the file is damaged; copy it again") from error
    if not sound:
        raise FormatError(f"{path}: its {HEADER} is not what save_model writes: the file is damaged; copy it again")
    if format_version > FORMAT_VERSION:
        raise FormatError(
            f"{path} has the format version {format_version}, written by embedkit {versions.get('embedkit', '?')}; "
            f"this embedkit, {_versions()['embedkit']}, reads up to {FORMAT_VERSION}: install a newer one"
        )
    return header


def _versions(schema: bytes = b"") -> dict[str, str]:
    """Versions of what a model depends on; of the boosters only where the schema names them."""
    import embedkit

    found = {"embedkit": embedkit.__version__, "python": platform.python_version()}
    packages = {"numpy": True, "scikit-learn": True, "skops": True}
    packages |= {name: f'"{name}.'.encode() in schema for name in ("lightgbm", "xgboost")}
    for package in (name for name, used in packages.items() if used):
        found[package] = _version(package)
    return found


def _version(package: str) -> str:
    try:
        # The distribution of xgboost has two names.
        return str(importlib.import_module("xgboost").__version__) if package == "xgboost" else version(package)
    except (ImportError, PackageNotFoundError):
        return "none"


def _compare_versions(then: dict[str, Any], path: str | os.PathLike[str]) -> None:
    """Warn of packages whose version is another one; the last number of Python's does not count."""
    schema = b"".join(f'"{name}.'.encode() for name in then)
    now = _versions(schema)
    python = [".".join(str(versions.get("python", "")).split(".")[:2]) for versions in (then, now)]
    differing = [
        f"{name} {then[name]} (here {now[name]})"
        for name in now
        if name in then and then[name] != now[name] and (name != "python" or python[0] != python[1])
    ]
    if differing:
        logger.warning(
            "%s was saved with %s: predictions may differ; train it again if they matter", path, ", ".join(differing)
        )


def _lost(types: Iterable[str], *modules: str) -> list[str]:
    """Those that cannot be imported by their names, or are of these modules."""
    lost = []
    for name in types:
        module, _, attribute = name.rpartition(".")
        try:
            found = module not in modules and hasattr(importlib.import_module(module), attribute)
        except ImportError:
            found = False
        if not found:
            lost.append(name)
    return lost


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]


def _skops() -> ModuleType:
    try:
        return importlib.import_module("skops.io")
    except ImportError as error:
        raise MissingDependencyError("model files need skops, which is not installed; pip install skops") from error
