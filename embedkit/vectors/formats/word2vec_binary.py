r"""word2vec's binary format (``.bin``), as word2vec and gensim write it.

Layout::

    "<n_words> <vector_size>\n"                 ASCII
    n_words times:
        word                                    UTF-8, without a space
        " "                                     one byte
        vector_size x float32                   IEEE 754, little endian, 4 bytes each
        "\n"                                    optional: word2vec writes it, gensim does not

embedkit writes the "\n". Nothing may follow the last record.
"""

from collections.abc import Sequence
from functools import partial
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from embedkit.vectors.formats.growing import GrowingMatrix
from embedkit.vectors.formats.header import read_header
from embedkit.vectors.formats.source import BLOCK_BYTES, Source
from embedkit.vectors.formats.stored import (
    EncodingErrors,
    StoredVectors,
    check_words_fit,
    decode_words,
    first_of_each,
    shown,
)

NAME = "word2vec-binary"
ENDINGS = (".bin",)
HOLDS_COUNTS = False


def read(source: Source, *, encoding_errors: EncodingErrors = "strict", limit: int | None = None) -> StoredVectors:
    """Read words and vectors; see `embedkit.vectors.formats.registry.read`."""
    n_words, vector_size, n_read = read_header(source, limit, separator_bytes=2, value_bytes=4)
    width = 4 * vector_size
    matrix = GrowingMatrix(vector_size, n_read if source.size is not None else None)
    words: list[str] = []
    block, wanted = b"", BLOCK_BYTES
    while len(words) < n_read:
        more = source.read(wanted)
        block += more
        raw, starts, end = _split_records(block, width, n_read - len(words))
        if raw:
            base, first = source.offset - len(block), len(words)
            words += decode_words(raw, encoding_errors, source, partial(_place, first, base, starts))
            if b"" in raw:
                raise source.error(f"word {first + raw.index(b'') + 1} is empty; the file is damaged or foreign")
            target = matrix.extend(len(raw)).data.cast("B")
            for row, (word, start) in enumerate(zip(raw, starts, strict=True)):
                value = start + len(word) + 1
                target[row * width : (row + 1) * width] = block[value : value + width]
            block, wanted = block[end:], BLOCK_BYTES
        elif not more:
            word = block.lstrip(b"\n").split(b" ")[0]
            raise source.error(
                f"ends at byte {source.offset} inside word {len(words) + 1} of {n_words} ({shown(word)}); it is cut "
                f"short or damaged: fetch it again"
                + (f", or load what is there with limit={len(words)}" if words else "")
            )
        else:
            wanted = max(BLOCK_BYTES, len(block))
    if n_read == n_words:
        _check_end(source, block, n_words)
    return first_of_each(words, matrix.filled(), source)


def _split_records(block: bytes, width: int, n_wanted: int) -> tuple[list[bytes], list[int], int]:
    """Words of the whole records in `block`, the offset of each, and where the first incomplete record starts."""
    words: list[bytes] = []
    starts: list[int] = []
    position, find, size = 0, block.find, len(block)
    for _ in range(n_wanted):
        start = position + 1 if block[position : position + 1] == b"\n" else position
        space = find(b" ", start)
        after = space + 1 + width
        if space < 0 or after > size:
            break
        words.append(block[start:space])
        starts.append(start)
        position = after
    return words, starts, position


def _place(first: int, base: int, starts: Sequence[int], index: int) -> tuple[str, int]:
    """Name of a word of the block, and where it starts."""
    return f"word {first + index + 1}", base + starts[index]


def _check_end(source: Source, rest: bytes, n_words: int) -> None:
    """Raise FormatError if anything but one line end follows the last record."""
    rest = (rest or source.read(2)) + source.read(1)
    if rest not in (b"", b"\n"):
        raise source.error(
            f"goes on after its {n_words} words, with {shown(rest)}; the first line is wrong or the file is damaged"
        )


def write(out: BinaryIO, words: Sequence[str], vectors: NDArray[np.float32]) -> None:
    """Write words and vectors.

    Raises
    ------
    FormatError
        If a word is empty or holds white space or NUL.
    """
    check_words_fit(words, NAME)
    n_words, vector_size = vectors.shape
    out.write(f"{n_words} {vector_size}\n".encode())
    width = 4 * vector_size
    rows = max(1, BLOCK_BYTES // width)
    for start in range(0, n_words, rows):
        data = np.ascontiguousarray(vectors[start : start + rows], dtype="<f4").tobytes()
        values = (data[at : at + width] for at in range(0, len(data), width))
        out.write(
            b"".join(b"%b %b\n" % (w.encode(), v) for w, v in zip(words[start : start + rows], values, strict=True))
        )
