"""Lines of a word and its numbers: what word2vec's text format and GloVe's have in common."""

import re
import warnings
from collections.abc import Iterator, Sequence
from functools import partial
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from embedkit.vectors.formats.growing import GrowingMatrix
from embedkit.vectors.formats.shortest import format_rows
from embedkit.vectors.formats.source import Source
from embedkit.vectors.formats.stored import EncodingErrors, StoredVectors, decode_words, first_of_each, logger, shown

WRITTEN_VALUES = 2**16
WHITE_SPACE = re.compile(rb"[\t\v\f\r]")


def read_rows(
    source: Source,
    vector_size: int,
    *,
    n_rows: int | None,
    first_line: int,
    spaces_in_words: bool,
    encoding_errors: EncodingErrors,
    limit: int | None,
) -> StoredVectors:
    """Read the lines from where `source` stands.

    Parameters
    ----------
    source : Source
    vector_size : int
    n_rows : int or None
        Lines that a header promised.
    first_line : int
        Number of the first of them in the file, from 1.
    spaces_in_words : bool
        Whether a line with more fields is a word that holds spaces (GloVe) or an error (word2vec).
    encoding_errors : "strict", "replace" or "ignore"
    limit : int or None
        Lines to read at most.
    """
    wanted = min((n for n in (n_rows, limit) if n is not None), default=0)
    matrix = GrowingMatrix(vector_size, wanted if n_rows is not None and source.size is not None else None)
    parser = _RowParser(source, vector_size, spaces_in_words)
    words: list[str] = []
    line_number, empty_line = first_line, None
    for offset, raw_lines in _line_blocks(source):
        lines = [line.rstrip(b" \t\r") for line in raw_lines]
        if limit is not None:
            lines = lines[: limit - len(words)]
        rows = lines
        if b"" in lines:
            empty = lines.index(b"")
            empty_line = empty_line or line_number + empty
            rows = lines[:empty]
        if empty_line is not None and any(lines[len(rows) :]):
            raise source.error(f"line {empty_line} is empty, expected a word and {vector_size} numbers")
        if n_rows is not None and len(words) + len(rows) > n_rows:
            raise source.error(
                f"goes on at line {first_line + n_rows} after the {n_rows} words that its first line promises; "
                "correct the first line"
            )
        if rows:
            raw, numbers = parser.parse(rows, line_number)
            words += decode_words(raw, encoding_errors, source, partial(_place, line_number, offset, raw_lines))
            matrix.extend(len(rows))[:] = numbers
        line_number += len(lines)
        if len(words) == limit:
            break
    if n_rows is not None and len(words) < wanted:
        raise source.error(
            f"ends after {len(words)} of the {n_rows} words that its first line promises; it is cut short: fetch it "
            f"again{f', or load what is there with limit={len(words)}' if words else ''}"
        )
    return first_of_each(words, matrix.filled(), source)


def write_rows(out: BinaryIO, words: Sequence[str], vectors: NDArray[np.float32]) -> None:
    """Write a line for each word, with the shortest digits that read back to the same float32."""
    rows = max(1, WRITTEN_VALUES // vectors.shape[1])
    blocks = (slice(start, start + rows) for start in range(0, len(words), rows))
    out.writelines(format_rows(words[block], vectors[block]).encode() for block in blocks)


def numbers_at_end(line: bytes) -> int:
    """Fields at the end of a line that are numbers."""
    fields = line.split()
    return next((count for count, field in enumerate(reversed(fields)) if not _is_number(field)), len(fields))


def _line_blocks(source: Source) -> Iterator[tuple[int, list[bytes]]]:
    """Offset of the first line, and lines without their ends, a block at a time."""
    parts: list[bytes] = []
    offset = source.offset
    while block := source.read():
        end = block.rfind(b"\n") + 1
        parts.append(block[:end] if end else block)
        if end:
            yield offset, b"".join(parts).split(b"\n")[:-1]
            parts = [block[end:]]
            offset = source.offset - len(parts[0])
    if last := b"".join(parts):
        logger.warning("%s does not end in a line end; its last line may be cut short", source.path)
        yield offset, [last]


class _RowParser:
    """Takes lines apart: words as bytes, and their numbers."""

    def __init__(self, source: Source, vector_size: int, spaces_in_words: bool) -> None:
        self.source = source
        self.vector_size = vector_size
        self.spaces_in_words = spaces_in_words

    def parse(self, lines: list[bytes], line_number: int) -> tuple[list[bytes], NDArray[np.float32]]:
        """Words and numbers (n_lines, vector_size); the first line has `line_number`."""
        words: list[bytes] = []
        numbers: list[bytes] = []
        for index, line in enumerate(lines):
            if line.count(b" ") == self.vector_size:
                word, _, rest = line.partition(b" ")
            else:
                word, fields = self._split(line, line_number + index)
                rest = b" ".join(fields)
            words.append(word)
            numbers.append(rest)
        values = _parse_numbers(b" ".join(numbers), len(lines) * self.vector_size)
        if values is None or b"" in words or WHITE_SPACE.search(b"".join(words)):
            rows = [self._split(line, line_number + index) for index, line in enumerate(lines)]
            words = [word for word, _ in rows]
            values = np.array([[float(field) for field in fields] for _, fields in rows], dtype=np.float64)
            with np.errstate(over="ignore"):
                values = values.astype(np.float32)
        return words, values.reshape(len(lines), self.vector_size)

    def _split(self, line: bytes, line_number: int) -> tuple[bytes, list[bytes]]:
        """Take one line apart with every check."""
        size = self.vector_size
        if line[:1] in (b" ", b"\t"):
            raise self.source.error(f"line {line_number} starts with white space, expected a word and {size} numbers")
        word, *fields = line.split()
        spare = len(fields) - size
        if spare > 0 and self.spaces_in_words and not any(map(_is_number, fields[:spare])):
            word, *fields = line.rsplit(maxsplit=size)
        if len(fields) != size:
            raise self.source.error(
                f"line {line_number}: {len(fields)} fields after the word {shown(word)}, expected {size} numbers; "
                "the file is damaged, or a word holds white space"
            )
        for position, field in enumerate(fields, start=1):
            if not _is_number(field):
                raise self.source.error(
                    f"line {line_number}: field {position} after the word {shown(word)} is {shown(field)}, "
                    "expected a number"
                )
        return word, fields


def _parse_numbers(text: bytes, count: int) -> NDArray[np.float32] | None:
    """Parse `count` numbers that single spaces separate; None if the text is anything else."""
    # numpy takes any white space between numbers: without empty fields, no line can lack what another has too many.
    if b"  " in text or text[:1] == b" ":
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            values = np.fromstring(text, dtype=np.float32, sep=" ")
        except ValueError:
            return None
    return values if values.size == count else None


def _is_number(field: bytes) -> bool:
    """Whether a field is a decimal number, NaN or infinity."""
    try:
        float(field)
    except ValueError:
        return False
    return b"_" not in field


def _place(first_line: int, offset: int, lines: list[bytes], index: int) -> tuple[str, int]:
    """Name of a line of the block, and where it starts."""
    return f"line {first_line + index}", offset + sum(len(line) + 1 for line in lines[:index])
