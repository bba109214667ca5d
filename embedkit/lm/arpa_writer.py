"""Models as ARPA files, and counts as lines."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from embedkit._cext import arpa
from embedkit.errors import FormatError
from embedkit.text.files import replace_file
from embedkit.threads import check_threads

if TYPE_CHECKING:
    from embedkit.lm.counting import NgramCounts
    from embedkit.lm.model import NgramModel

__all__ = ["save_arpa", "save_counts"]

CHUNK = 2**16
"""N-grams that a thread writes at a time: some megabytes."""

Format = Callable[[int, int, int, np.ndarray], tuple[int, int]]


def save_arpa(
    model: "NgramModel",
    path: str | os.PathLike[str],
    *,
    n_threads: int = 1,
    on_progress: Callable[[float], None] | None = None,
) -> None:
    r"""Write a model as an ARPA file, which KenLM and SRILM read.

    A header ``\data\`` with the number of n-grams of each order; then, order by order, lines of a logarithm to base
    10, a tab, the n-gram and, below the highest order, a tab and the logarithm of the back-off weight; ``\end\``.
    Numbers have 7 decimals. The file appears complete or not at all, compressed if `path` ends in ``.gz``, ``.bz2`` or
    ``.xz``.

    Parameters
    ----------
    model : NgramModel
    path : str or path-like
    n_threads : int
    on_progress : callable, optional
        Called with the share that is written.

    Raises
    ------
    FormatError
        If a word is empty or holds white space, or if the model does not back off as ARPA models do.
    OutputError
        If the file cannot be written.
    """
    n_threads = check_threads(n_threads)
    check_writes_arpa(model)
    trie, table = model.trie, model.word_table

    def lines(level: int, begin: int, end: int, out: np.ndarray) -> tuple[int, int]:
        done: tuple[int, int] = arpa.format_ngrams(
            trie.starts,
            trie.first,
            trie.words,
            model.log_prob,
            model.log_backoff,
            model.prob_table,
            model.backoff_table,
            table.data,
            table.offsets,
            level,
            begin,
            end,
            out,
        )
        return done

    with replace_file(path) as out, ThreadPoolExecutor(n_threads) as pool:
        sizes = "".join(f"ngram {n}={size}\n" for n, size in enumerate(trie.n_ngrams, 1))
        out.write(f"\\data\\\n{sizes}".encode())
        for n in range(1, trie.order + 1):
            out.write(f"\n\\{n}-grams:\n".encode())
            for node in _write(out, pool, lines, n, *trie.level(n), n_threads):
                if on_progress is not None:
                    on_progress(node / trie.n_nodes)
        out.write(b"\n\\end\\\n")


def check_writes_arpa(model: "NgramModel") -> None:
    """Raise FormatError if an ARPA file could not hold a model."""
    if model.scheme != "backoff":
        raise FormatError(
            f"{model.facts.get('smoothing', model.scheme)} does not back off by weights as ARPA models do; save it in "
            "the native format (.lm), or choose another smoothing"
        )
    check_words(model.words)


def check_words(words: list[str]) -> None:
    """Raise FormatError for a word that a line of text cannot hold."""
    for word in words:
        if word.split() != [word] or "\0" in word:
            raise FormatError(
                f"cannot write the word {word!r}: n-grams are lines of words with spaces between them; replace it in "
                "the text, by an underscore for instance, or use the native format (.lm)"
            )


def save_counts(counts: "NgramCounts", path: str | os.PathLike[str], *, n_threads: int = 1) -> None:
    """Write lines of an n-gram, a tab and its count, order by order, as SRILM's ``ngram-count -write`` does.

    Raises
    ------
    FormatError
        If a word is empty or holds white space.
    OutputError
        If the file cannot be written.
    """
    from embedkit.lm.model import WordTable

    n_threads = check_threads(n_threads)
    check_words(counts.words)
    trie, table = counts.trie, WordTable.from_words(counts.words)

    def lines(level: int, begin: int, end: int, out: np.ndarray) -> tuple[int, int]:
        done: tuple[int, int] = arpa.format_counts(
            trie.starts, trie.first, trie.words, counts.totals, table.data, table.offsets, level, begin, end, out
        )
        return done

    with replace_file(path) as out, ThreadPoolExecutor(n_threads) as pool:
        for n in range(1, trie.order + 1):
            for _ in _write(out, pool, lines, n, *trie.level(n), n_threads):
                pass


def _write(
    out: BinaryIO, pool: ThreadPoolExecutor, lines: Format, level: int, begin: int, end: int, n_threads: int
) -> Iterator[int]:
    """Let threads format chunks of nodes, and write them in order; yields how far that is."""
    waiting: deque[Future[list[memoryview]]] = deque()
    chunks = iter(range(begin, end, CHUNK))
    for start in chunks:
        waiting.append(pool.submit(_format, lines, level, start, min(end, start + CHUNK)))
        if len(waiting) > 2 * n_threads:
            out.writelines(waiting.popleft().result())
            yield start
    while waiting:
        out.writelines(waiting.popleft().result())
    yield end


def _format(lines: Format, level: int, begin: int, end: int) -> list[memoryview]:
    """Lines of a chunk, in as many pieces as it takes."""
    pieces = []
    room = (end - begin) * (40 + 8 * level)
    while begin < end:
        buffer = np.empty(room, np.uint8)
        node, n_bytes = lines(level, begin, end, buffer)
        pieces.append(buffer.data[:n_bytes])
        # A line that does not fit alone needs a larger buffer.
        room = room if node > begin else 2 * room
        begin = node
    return pieces
