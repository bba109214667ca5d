r"""GloVe's text format: word2vec's without the first line.

Layout, UTF-8::

    to the end of the file:
        <word> <number> ... <number>\n          as many numbers on every line

The published files hold words with spaces in them (``. . .``): of a longer line the last fields are the numbers and
all before them is the word, as long as no field in the midst of it is a number. embedkit writes no such words, since
other readers fail on them.
"""

from collections.abc import Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from embedkit.vectors.formats.source import Source
from embedkit.vectors.formats.stored import EncodingErrors, StoredVectors, check_words_fit
from embedkit.vectors.formats.text_rows import numbers_at_end, read_rows, write_rows

NAME = "glove"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def row_size(head: bytes) -> int:
    """Numbers on the first line of a file; 0 if that is no line of this format."""
    line = head.removeprefix(BYTE_ORDER_MARK).partition(b"\n")[0]
    return min(numbers_at_end(line), len(line.split()) - 1) if line.strip() else 0


def read(source: Source, *, encoding_errors: EncodingErrors = "strict", limit: int | None = None) -> StoredVectors:
    """Read words and vectors; see `embedkit.vectors.formats.registry.read`."""
    source.look_ahead_to(b"\n")
    vector_size = row_size(source.head)
    if vector_size == 0:
        raise source.error(
            f"starts with {source.opening}, expected a word and its numbers; the file is foreign or damaged"
        )
    if source.head.startswith(BYTE_ORDER_MARK):
        source.skip(len(BYTE_ORDER_MARK))
    return read_rows(
        source,
        vector_size,
        n_rows=None,
        first_line=1,
        spaces_in_words=True,
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
    write_rows(out, words, vectors)
