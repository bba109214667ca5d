r"""fastText's binary files: ``.bin``, and the quantised ``.ftz``.

Layout, little endian throughout::

    int32     793712314, then the version: 12, or 11, whose supervised models have no character n-grams
    12 int32  vector_size, window, epochs, min_count, negative, word_ngrams, loss (1 hs, 2 ns, 3 softmax, 4 one
              against all), kind of model (3 supervised), buckets, min_n, max_n, updates between two learning rates
    float64   threshold of subsampling
    3 int32   entries of the dictionary; words and labels among them
    2 int64   words of the training text; entries of the table of buckets that pruning kept, -1 if none was pruned
    entries   UTF-8, NUL, int64 count, int8 (0 word, 1 label): words first, then labels
    pairs     int32 bucket, int32 its row behind the words
    bool      whether the input matrix is quantised; then the matrix
    bool      whether the output matrix is quantised; then the matrix

    matrix:   int64 rows, int64 columns, float32 numbers
    quantised matrix: see `reading.py`

Rows of the input matrix are words, then buckets of n-grams; those of the output matrix are labels, or inner nodes of
the tree (`tree.py`).
"""

import os
import struct
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from embedkit.classify.fasttext.lines import LABEL_PREFIX
from embedkit.classify.fasttext.parameters import MOST_BUCKETS, FastTextParameters
from embedkit.classify.fasttext.reading import ModelReader
from embedkit.errors import FormatError, ParameterError
from embedkit.text.files import replace_file

__all__ = ["StoredFastText", "read_model", "write_model"]

MAGIC, VERSION = 793712314, 12
LOSS_NUMBERS = {"hs": 1, "ns": 2, "softmax": 3, "ova": 4}
SUPERVISED = 3
# What fastText writes where these settings have no meaning for a classifier.
WINDOW, RATE_UPDATES, SAMPLE = 5, 100, 1e-4
ARGUMENTS = struct.Struct("<12id")
SIZES = struct.Struct("<3i2q")
WORD, LABEL = 0, 1
MOST = 2**31 - 1
BLOCK_ROWS = 4096


@dataclass(frozen=True)
class StoredFastText:
    """What a file holds.

    Attributes
    ----------
    parameters : FastTextParameters
        The learning rate is not stored.
    words : list of str
    word_counts : ndarray of int64, (n_words,)
    labels : list of str
        Without the prefix ``__label__``.
    label_counts : ndarray of int64, (n_labels,)
    n_tokens : int
        Words of the training text.
    input_vectors : ndarray of float32, (n_words + n_buckets_there_are, vector_size)
    output_vectors : ndarray of float32, (n_labels, vector_size)
    bucket_ids : ndarray of int32, (n_buckets_there_are,)
        Bucket of each row behind the words; other buckets are rows of zeros.
    pruned : bool
        Other buckets are no part of the mean, since quantising has taken them out.
    """

    parameters: FastTextParameters
    words: list[str]
    word_counts: np.ndarray
    labels: list[str]
    label_counts: np.ndarray
    n_tokens: int
    input_vectors: np.ndarray
    output_vectors: np.ndarray
    bucket_ids: np.ndarray
    pruned: bool


def write_model(path: str | os.PathLike[str], model: StoredFastText) -> None:
    """Write a ``.bin`` file of version 12, which fastText reads.

    Raises
    ------
    ParameterError
        If the model was pruned, which only quantised files can say.
    FormatError
        If a word or label holds a NUL or a lone surrogate.
    OutputError
        If the file cannot be written.
    """
    if model.pruned:
        raise ParameterError(f"cannot write {path}: a model read from a pruned .ftz file cannot be written as .bin")
    labels = [LABEL_PREFIX + label for label in model.labels]
    for word in (*model.words, *labels):
        if "\0" in word:
            raise FormatError(f"cannot write {path}: {word!r} holds a NUL, which ends a word in this format")
        try:
            word.encode()
        except UnicodeEncodeError as error:
            raise FormatError(f"cannot write {path}: {word!r} holds a lone surrogate, which is no UTF-8") from error
    order = np.argsort(-model.label_counts, kind="stable")  # fastText expects the most frequent label first
    loss = model.parameters.loss
    output = model.output_vectors if loss == "hs" else model.output_vectors[order]
    with replace_file(path) as out:
        out.write(_head(model))
        for words, counts, kind in (
            (model.words, model.word_counts, WORD),
            ([labels[i] for i in order], model.label_counts[order], LABEL),
        ):
            out.write(b"".join(_entry(word, count, kind) for word, count in zip(words, counts.tolist(), strict=True)))
        out.write(b"\0")
        _write_input(out, model)
        out.write(b"\0" + struct.pack("<2q", *output.shape))
        _write_rows(out, output)


def _head(model: StoredFastText) -> bytes:
    own, n_words, n_labels = model.parameters, len(model.words), len(model.labels)
    buckets = own.buckets if own.has_ngrams else 0
    arguments = ARGUMENTS.pack(
        own.vector_size, WINDOW, own.epochs, own.min_count, own.negative, own.word_ngrams, LOSS_NUMBERS[own.loss],
        SUPERVISED, buckets, own.min_n, own.max_n, RATE_UPDATES, SAMPLE,
    )  # fmt: skip
    sizes = SIZES.pack(n_words + n_labels, n_words, n_labels, model.n_tokens, -1)
    return struct.pack("<2i", MAGIC, VERSION) + arguments + sizes


def _entry(word: str, count: int, kind: int) -> bytes:
    return word.encode() + b"\0" + struct.pack("<qb", count, kind)


def _write_input(out: BinaryIO, model: StoredFastText) -> None:
    """Rows of the words, and of all buckets: zeros for those that never occurred."""
    own, n_words = model.parameters, len(model.words)
    buckets = own.buckets if own.has_ngrams else 0
    out.write(struct.pack("<2q", n_words + buckets, own.vector_size))
    _write_rows(out, model.input_vectors[:n_words])
    order = np.argsort(model.bucket_ids)
    ids = model.bucket_ids[order]
    for start in range(0, buckets, BLOCK_ROWS):
        first, last = np.searchsorted(ids, (start, start + BLOCK_ROWS))
        block = np.zeros((min(BLOCK_ROWS, buckets - start), own.vector_size), "<f4")
        block[ids[first:last] - start] = model.input_vectors[n_words + order[first:last]]
        out.write(block.tobytes())


def _write_rows(out: BinaryIO, matrix: np.ndarray) -> None:
    blocks = (matrix[start : start + BLOCK_ROWS] for start in range(0, len(matrix), BLOCK_ROWS))
    out.writelines(np.ascontiguousarray(block, "<f4").tobytes() for block in blocks)


def read_model(path: str | os.PathLike[str]) -> StoredFastText:
    """Read a supervised model, quantised or not.

    Raises
    ------
    InputError
        If the file cannot be opened.
    FormatError
        If it is damaged, of another kind, or of a version other than 11 and 12.
    """
    with ModelReader(path) as source:
        magic, version = source.values("<2i", "its first 8 bytes")
        if magic != MAGIC:
            raise FormatError(f"{path} is no fastText model: it starts with {struct.pack('<i', magic)!r}")
        if version not in (11, 12):
            raise FormatError(f"{path} has version {version} of fastText's format; versions 11 and 12 can be read")
        parameters = _parameters(source, version)
        n_all, n_words, n_labels, n_tokens, n_kept = source.values(SIZES.format, "the sizes of its dictionary")
        if not (n_words >= 0 and n_labels > 0 and n_all == n_words + n_labels and -1 <= n_kept <= MOST):
            raise source.error(f"has {n_words} words and {n_labels} labels among {n_all} entries")
        words, word_counts = source.entries(n_words, WORD)
        labels, label_counts = source.entries(n_labels, LABEL)
        kept = source.array("<i4", 2 * max(n_kept, 0), "its table of buckets").reshape(-1, 2)
        quantised = source.flag("whether the input is quantised")
        if n_kept >= 0 and not quantised:
            raise source.error("is pruned, but not quantised")
        inputs = source.matrix(quantised, parameters.vector_size)
        outputs = source.matrix(source.flag("whether the output is quantised") and quantised, parameters.vector_size)
        source.check_end()
    return _assemble(source, parameters, n_tokens, (words, word_counts), (labels, label_counts), inputs, outputs,
                     kept if n_kept >= 0 else None)  # fmt: skip


def _parameters(source: ModelReader, version: int) -> FastTextParameters:
    values = source.values(ARGUMENTS.format, "its parameters")
    size, _, epochs, min_count, negative, word_ngrams, loss, kind, buckets, min_n, max_n, _, _ = values
    if kind != SUPERVISED:
        raise FormatError(
            f"{source.path} is a fastText model of word vectors, not a classifier; load the .vec file beside it "
            "with KeyedVectors.load"
        )
    losses = {number: name for name, number in LOSS_NUMBERS.items()}
    if loss not in losses or not 0 <= buckets <= MOST_BUCKETS:
        raise source.error(f"has loss {loss} and {buckets} buckets")
    if version == 11:
        min_n = max_n = 0
    parameters = FastTextParameters(
        vector_size=size,
        epochs=max(epochs, 1),
        word_ngrams=word_ngrams,
        min_count=max(min_count, 0),
        buckets=max(buckets, 1),
        loss=losses[loss],
        negative=max(negative, 1),
        min_n=min(min_n, max_n),
        max_n=max_n,
    )
    try:
        parameters.validate()
    except ParameterError as error:
        raise source.error(f"has parameters that cannot be: {error}") from error
    if parameters.has_ngrams and buckets == 0:
        raise source.error("has n-grams, but no buckets for them")
    return parameters


def _assemble(
    source: ModelReader,
    parameters: FastTextParameters,
    n_tokens: int,
    words: tuple[list[str], np.ndarray],
    labels: tuple[list[str], np.ndarray],
    inputs: np.ndarray,
    outputs: np.ndarray,
    kept: np.ndarray | None,
) -> StoredFastText:
    """Check that the parts fit, and leave out buckets whose rows are zeros."""
    n_words, n_labels = len(words[0]), len(labels[0])
    n_buckets = len(inputs) - n_words
    if n_buckets < 0 or len(outputs) != n_labels:
        raise source.error(
            f"has matrices of {len(inputs)} and {len(outputs)} rows for {n_words} words and {n_labels} labels"
        )
    if kept is None:
        if parameters.has_ngrams and n_buckets != parameters.buckets:
            raise source.error(f"has {n_buckets} rows of n-grams, but {parameters.buckets} buckets")
        filled = np.flatnonzero(inputs[n_words:].any(axis=1)) if parameters.has_ngrams else np.empty(0, np.int64)
        inputs = np.concatenate([inputs[:n_words], inputs[n_words:][filled]])
        bucket_ids = filled.astype(np.int32)
    else:
        if not np.array_equal(np.sort(kept[:, 1]), np.arange(n_buckets)):
            raise source.error("has a table of buckets that does not fit its rows")
        bucket_ids = kept[np.argsort(kept[:, 1]), 0].astype(np.int32)
        if len(bucket_ids) and not 0 <= bucket_ids.min() <= bucket_ids.max() < parameters.buckets:
            raise source.error("has a table of buckets beyond those there are")
    if len(set(words[0])) < n_words or len(set(labels[0])) < n_labels:
        raise source.error("has a word or a label twice")
    names = labels[0]
    if all(label.startswith(LABEL_PREFIX) for label in names):
        names = [label.removeprefix(LABEL_PREFIX) for label in names]
    return StoredFastText(
        parameters, words[0], words[1], names, labels[1], n_tokens, inputs, outputs.copy(), bucket_ids, kept is not None
    )
