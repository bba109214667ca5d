"""The native file of a language model, which is mapped rather than read.

Layout: 16 bytes of magic and version; 8 bytes with the length of a JSON text, little-endian; the JSON text, in which
`arrays` names each array's type, shape and offset; then the arrays, each at a multiple of 64 bytes from the begin of
the file, little-endian; at last 16 bytes that mark the end. A file that is not whole is noticed by its size, or by the
mark. What is in the arrays is trusted: to check all of it, it would have to be read.
"""

import json
import logging
import math
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from embedkit.errors import FormatError, InputError, ParameterError
from embedkit.lm.model import NO_TABLE, NgramModel, WordTable
from embedkit.lm.quantisation import quantised, table_size
from embedkit.lm.trie import MOST_ORDER, Trie
from embedkit.text.files import check_path, replace_file

__all__ = ["MAGIC", "is_native", "load_native", "native_size", "save_native"]

logger = logging.getLogger(__name__)

MAGIC = b"EMBEDKIT-LM\n"
END = b"\nEMBEDKIT-LM-END"
VERSION = 1
ALIGNMENT = 64
MOST_HEADER = 2**24
QUANTIZE = (None, 8, 16)


def save_native(model: NgramModel, path: str | os.PathLike[str], *, quantize: int | None = None) -> None:
    """Write a model as a native file; it appears complete or not at all.

    Parameters
    ----------
    model : NgramModel
    path : str or path-like
    quantize : {None, 8, 16}
        Bits of each logarithm: None keeps float32, 8 and 16 a place among so many values of an order.

    Raises
    ------
    OutputError
        If the file cannot be written.
    ParameterError
        If `quantize` has another value, or the numbers of an additive model are to be quantised.
    """
    _check_quantize(model, quantize)
    header, arrays = _contents(model, None if quantize is None else int(quantize))
    if not isinstance(model.facts.get("tokenizer", ""), str):
        logger.warning(
            "the tokenizer is a function or a pattern, which %s cannot hold: give the model, when it is loaded, lists "
            "of words",
            path,
        )
    with replace_file(path) as out:
        out.write(header)
        place = len(header)
        for array in arrays:
            gap = -place % ALIGNMENT
            out.write(b"\0" * gap)
            data = np.ascontiguousarray(array)
            out.write(data.data.cast("B") if data.size else b"")
            place += gap + data.nbytes
        out.write(END)


def native_size(model: NgramModel, *, quantize: int | None = None) -> int:
    """Bytes that the native file of a model will have."""
    _check_quantize(model, quantize)
    _, shapes = _header(model, None if quantize is None else int(quantize))
    return int(shapes[-1]["offset"] + _n_bytes(shapes[-1])) + len(END)


def is_native(path: str | os.PathLike[str]) -> bool:
    """Whether a file begins as native models do; never a pipe, of which nothing is read."""
    try:
        if not Path(path).is_file():
            return False
        with Path(path).open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def load_native(path: str | os.PathLike[str]) -> NgramModel:
    """Open a native file; its arrays are mapped, and shared with other processes that map them.

    Raises
    ------
    FormatError
        If the file is damaged, cut short, or of a version this program does not know.
    InputError
        If the file is missing.
    """
    check_path(path)
    path = Path(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(24)
            if len(head) < 24 or not head.startswith(MAGIC):
                raise FormatError(f"{path} is no language model in the native format")
            version, length = int.from_bytes(head[12:16], "little"), int.from_bytes(head[16:24], "little")
            if version != VERSION:
                raise FormatError(
                    f"{path} has version {version} of the native format, this program reads version {VERSION}; convert "
                    "it again from an ARPA file"
                )
            text = file.read(min(length, MOST_HEADER))
    except FileNotFoundError:
        raise InputError(f"no such file: {path}; check the path") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    try:
        header = json.loads(text)
        entries = {entry["name"]: entry for entry in header["arrays"]}
        needed = max(entry["offset"] + _n_bytes(entry) for entry in entries.values()) + len(END)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FormatError(f"{path} is damaged: its header cannot be read; copy or make it again") from error
    if size < needed:
        raise FormatError(f"{path} is cut short: {size} bytes, expected {needed}; copy or make it again")
    whole = np.memmap(path, np.uint8, "r")
    if whole[needed - len(END) : needed].tobytes() != END:
        raise FormatError(f"{path} has no end mark: it was not written or copied whole; copy or make it again")

    def array(name: str) -> np.ndarray:
        entry = entries[name]
        part = whole[entry["offset"] : entry["offset"] + _n_bytes(entry)]
        mapped = np.asarray(part).view(np.dtype(entry["dtype"])).reshape(entry["shape"])
        return mapped if sys.byteorder == "little" else mapped.astype(mapped.dtype.newbyteorder("="))

    try:
        trie = Trie(np.array(array("starts")), array("first"), array("words"), array("link"))
        table = WordTable(array("data"), array("offsets"), array("slots"))
        model = NgramModel(
            table,
            trie,
            array("log_prob"),
            array("log_backoff"),
            prob_table=array("prob_table"),
            backoff_table=array("backoff_table"),
            scheme=header["scheme"],
            facts=header["facts"],
        )
        _check(model)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise FormatError(f"{path} is damaged: {error}; copy or make it again") from error
    return model


def _check(model: NgramModel) -> None:
    """Raise ValueError unless the arrays fit together, as far as that is known without reading them."""
    starts = model.trie.starts
    if not 3 <= len(starts) <= MOST_ORDER + 2 or (np.diff(starts) < 0).any() or starts[0] != 0 or starts[1] != 1:
        raise ValueError("its levels are not in order")
    slots = len(model.word_table.slots)
    if len(model.word_table) != model.trie.n_words or slots <= len(model.word_table) or slots & (slots - 1):
        raise ValueError("its words and its table of words differ")
    if model.trie.first[0] != 1 or model.trie.first[-1] != starts[-1]:
        raise ValueError("its n-grams are not in order")
    if model.word_table.offsets[0] != 0 or model.word_table.offsets[-1] != len(model.word_table.data):
        raise ValueError("its words are not in order")
    for numbers, table in ((model.log_prob, model.prob_table), (model.log_backoff, model.backoff_table)):
        if numbers.dtype.kind == "u" and len(table) != table_size(starts, len(numbers), 8 * numbers.dtype.itemsize):
            raise ValueError("its tables of numbers have the wrong size")
    model.query  # noqa: B018  (made here, where what does not fit is an error of the file)


def _n_bytes(entry: dict[str, Any]) -> int:
    return math.prod(entry["shape"]) * np.dtype(entry["dtype"]).itemsize


def _check_quantize(model: NgramModel, quantize: int | None) -> None:
    if quantize is not None and (isinstance(quantize, float) or quantize not in QUANTIZE):
        raise ParameterError(f"quantize={quantize!r}: expected 8 or 16 bits, or None for float32")
    if quantize is not None and model.scheme != "backoff":
        raise ParameterError(f"quantize={quantize}: only models that back off by weights can be quantised")


def _layout(model: NgramModel, quantize: int | None) -> list[tuple[str, str, tuple[int, ...]]]:
    """Name, type and shape of each array."""
    trie, table = model.trie, model.word_table
    kind = {None: "<f4", 8: "|u1", 16: "<u2"}[quantize]
    sizes = [table_size(trie.starts, len(numbers), quantize) if quantize else 0
             for numbers in (model.log_prob, model.log_backoff)]  # fmt: skip
    return [
        ("starts", "<i8", trie.starts.shape),
        ("data", "|u1", table.data.shape),
        ("offsets", "<i8", table.offsets.shape),
        ("slots", "<u4", table.slots.shape),
        ("first", "<u4", trie.first.shape),
        ("words", "<u4", trie.words.shape),
        ("link", "<u4", trie.link.shape),
        ("log_prob", kind, model.log_prob.shape),
        ("log_backoff", kind, model.log_backoff.shape),
        ("prob_table", "<f4", (sizes[0],)),
        ("backoff_table", "<f4", (sizes[1],)),
    ]


def _header(model: NgramModel, quantize: int | None) -> tuple[bytes, list[dict[str, Any]]]:
    """The bytes before the arrays, and where each array will be."""
    entries: list[dict[str, Any]] = [
        {"name": name, "dtype": dtype, "shape": list(shape)} for name, dtype, shape in _layout(model, quantize)
    ]
    facts = {name: value for name, value in model.facts.items() if _is_json(value)}
    length = 0
    while True:
        # Offsets are part of the text whose length they depend on.
        place = 24 + length
        for entry in entries:
            entry["offset"] = place + -place % ALIGNMENT
            place = entry["offset"] + _n_bytes(entry)
        text = json.dumps(
            {"order": model.trie.order, "n_ngrams": model.trie.n_ngrams, "scheme": model.scheme, "facts": facts,
             "arrays": entries}
        ).encode()  # fmt: skip
        if len(text) <= length:
            text = text.ljust(length)
            return MAGIC + VERSION.to_bytes(4, "little") + len(text).to_bytes(8, "little") + text, entries
        length = len(text) + 64


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


def _contents(model: NgramModel, quantize: int | None) -> tuple[bytes, list[np.ndarray]]:
    """The bytes before the arrays, and the arrays."""
    header, entries = _header(model, quantize)
    trie, table = model.trie, model.word_table
    if quantize is None:
        numbers = [*model.numbers(np.float32), NO_TABLE, NO_TABLE]
    else:
        log_prob, log_backoff = model.numbers(np.float32)
        prob, prob_table = quantised(log_prob, trie.starts, quantize)
        backoff, backoff_table = quantised(log_backoff, trie.starts, quantize)
        numbers = [prob, backoff, prob_table, backoff_table]
    arrays = [
        trie.starts, table.data, table.offsets, table.slots, trie.first, trie.words, trie.link, *numbers,
    ]  # fmt: skip
    return header, [
        np.asarray(array).astype(entry["dtype"], copy=False) for array, entry in zip(arrays, entries, strict=True)
    ]
