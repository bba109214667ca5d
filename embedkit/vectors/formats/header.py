"""The first line of word2vec's formats: how many words, how many numbers each; held against the size of the file."""

import re

from embedkit.vectors.formats.source import Source

HEADER = re.compile(rb"(?:\xef\xbb\xbf)?[ \t]*([+-]?\d+)[ \t]+([+-]?\d+)[ \t\r]*(?:\n|\Z)")
MOST_DIGITS = 18


def parse_header(source: Source) -> tuple[int, int, int] | None:
    """Words, numbers each, and bytes of a first line of two whole numbers; None if the file has no such line."""
    match = HEADER.match(source.head)
    if match is None:
        return None
    if max(len(match[1]), len(match[2])) > MOST_DIGITS:
        raise source.error(f"the first line promises sizes beyond reason: {match[0][:80]!r}; the file is damaged")
    return int(match[1]), int(match[2]), match.end()


def read_header(source: Source, limit: int | None, *, separator_bytes: int, value_bytes: int) -> tuple[int, int, int]:
    """Read the header and hold what it promises against what the file holds, before any memory is taken.

    Parameters
    ----------
    source : Source
    limit : int or None
    separator_bytes, value_bytes : int
        The fewest bytes that a record takes beyond its numbers, and for each number.

    Returns
    -------
    n_words, vector_size, n_read : int
        `n_read` is the number of words to read, `n_words` unless `limit` is smaller.
    """
    header = parse_header(source)
    if header is None:
        raise source.error(
            f'expected a first line "n_words vector_size", met {source.opening}; the file is foreign or damaged, '
            'or has no header (format="glove")'
        )
    n_words, vector_size, end = header
    if n_words < 1 or vector_size < 1:
        raise source.error(
            f"the first line promises {n_words} words of {vector_size} numbers, expected at least one of each; "
            "write the file again"
        )
    source.skip(end)
    n_read = n_words if limit is None else min(limit, n_words)
    if source.size is not None:
        held, record = source.size - end, separator_bytes + value_bytes * vector_size
        if n_read * record > held:
            raise source.error(
                f"the first line promises {n_words} x {vector_size} numbers, at least {n_read * record} bytes"
                f"{'' if n_read == n_words else f' for {n_read} words'}, but the file holds {held} after it; "
                "it is cut short or damaged: fetch it again, or load its first words with a smaller limit"
            )
    return n_words, vector_size, n_read
