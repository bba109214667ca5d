r"""word2vec's text format (``.txt``, ``.vec``), as word2vec, fastText and gensim write it.

Layout, UTF-8::

    <n_words> <vector_size>\n
    n_words times:
        <word> <number> ... <number>\n          vector_size decimal numbers, one space before each

Read with more patience: tabs, spaces before the line end (fastText), ``\r\n`` and a byte-order mark are taken off.
"""

from collections.abc import Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from embedkit.vectors.formats.header import read_header
from embedkit.vectors.formats.source import Source
from embedkit.vectors.formats.stored import EncodingErrors, StoredVectors, check_words_fit
from embedkit.vectors.formats.text_rows import read_rows, write_rows

NAME = "word2vec-text"


def read(source: Source, *, encoding_errors: EncodingErrors = "strict", limit: int | None = None) -> StoredVectors:
    """Read words and vectors; see `embedkit.vectors.formats.registry.read`."""
    n_words, vector_size, _ = read_header(source, limit, separator_bytes=1, value_bytes=2)
    return read_rows(
        source,
        vector_size,
        n_rows=n_words,
        first_line=2,
        spaces_in_words=False,
        encoding_errors=encoding_errors,
        limit=limit,
    )


def write(out: BinaryIO, words: Sequence[str], vectors: NDArray[np.float32]) -> None:
    """Write words and vectors.

    Raises
    ------
    FormatError
        If a word is empty or holds white space or NUL.
    """
    check_words_fit(words, NAME)
    out.write(f"{len(words)} {vectors.shape[1]}\n".encode())
    write_rows(out, words, vectors)
