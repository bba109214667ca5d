"""ARPA files as models."""

import logging
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from embedkit._cext import arpa
from embedkit.errors import FormatError
from embedkit.lm.model import NgramModel, WordTable
from embedkit.lm.trie import LOG_ZERO, MOST_ORDER, SYMBOLS, Trie
from embedkit.lm.union import close_model
from embedkit.lm.walk import links_of
from embedkit.text.decoding import UTF8_BOM, explain_damage
from embedkit.text.files import open_input
from embedkit.threads import check_threads

__all__ = ["load_arpa"]

logger = logging.getLogger(__name__)

BLOCK = 2**24
"""Bytes that are read at a time."""
MISSING = -100.0
"""Logarithm of the probability of unknown words where the file has none, as KenLM has it."""
UNREAL = 1e15
"""More n-grams than any file has."""
LONGEST_LINE = 2**28
"""Bytes of a line at most: what has no line ends is no ARPA file."""
MOST_LINES = 2**22
"""Lines that are parsed at a time."""
COLUMNS = (np.uint32, np.uint32, np.float64, np.float64)
"""Types of the parents, the last words, the probabilities and the back-off weights of n-grams."""


class _Lines:
    """Lines of a file, and where one is."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.file = file
        self.name = name
        self.number = 0
        self.block = b""
        self.at = 0
        self.ended = False

    def fill(self) -> bool:
        """Read more; whether there was more."""
        if len(self.block) - self.at > LONGEST_LINE:
            raise self.error(f"a line of more than {LONGEST_LINE:,} bytes; is this an ARPA file?")
        with explain_damage(self.name, FormatError):
            more = self.file.read(BLOCK)
        if not more and not self.ended:
            self.ended = True
            # The last line may lack its end.
            more = b"\n" if self.at < len(self.block) and not self.block.endswith(b"\n") else b""
        self.block = self.block[self.at :] + more
        self.at = 0
        return bool(more)

    def next(self) -> str | None:
        """The next line without its end, None behind the last."""
        while True:
            end = self.block.find(b"\n", self.at)
            if end >= 0:
                break
            if not self.fill():
                return None
        line = self.block[self.at : end]
        self.at = end + 1
        self.number += 1
        if self.number == 1:
            line = line.removeprefix(UTF8_BOM)
        try:
            return line.decode().strip(" \t\r")
        except UnicodeDecodeError as error:
            raise self.error(f"not UTF-8 ({error.reason}); convert the file (iconv -t UTF-8)") from None

    def filled(self) -> str | None:
        """The next line that is not blank."""
        line = self.next()
        while line == "":
            line = self.next()
        return line

    def error(self, text: str) -> FormatError:
        return FormatError(f"{self.name}, line {self.number}: {text}")


def load_arpa(
    path: str | os.PathLike[str], *, n_threads: int = 1, on_progress: Callable[[float], None] | None = None
) -> NgramModel:
    """Read an ARPA file, as KenLM, SRILM and embedkit write them.

    Parameters
    ----------
    path : str or path-like
        Decompressed if it ends in ``.gz``, ``.bz2`` or ``.xz``.
    n_threads : int
    on_progress : callable, optional
        Called with the share of the n-grams that is read.

    Returns
    -------
    NgramModel
        With numbers in float64. Where an n-gram lacks its shorter end, that is added with the probability that backing
        off gives, as KenLM does. Where the file has no <unk>, unknown words get -100; where it has no <s> or </s>, -99.

    Raises
    ------
    FormatError
        If the file is no ARPA file, is damaged, has another number of n-grams than it says, a probability above 1, or
        an n-gram without its context. Names the line.
    InputError
        If the file is missing.
    """
    n_threads = check_threads(n_threads)
    with open_input(path) as file:
        lines = _Lines(file, str(path))
        sizes = _header(lines)
        builder = _unigrams(lines, sizes[0])
        for n, size in enumerate(sizes[1:], 2):
            before = sum(sizes[: n - 1])

            def report(done: int, before: int = before) -> None:
                if on_progress is not None:
                    on_progress((before + done) / sum(sizes))

            _section(lines, n, len(sizes))
            builder.add(_ngrams(lines, n, size, builder, n_threads, report))
        if lines.filled() != "\\end\\":
            raise lines.error("expected \\end\\; the file may be truncated, or have more n-grams than its header says")
    model = builder.model(n_threads)
    close_model(model, n_threads)
    return model


def _header(lines: _Lines) -> list[int]:
    r"""Sizes of the orders, as the lines behind ``\data\`` give them."""
    first = lines.filled()
    while first is not None and not first.startswith("\\"):
        first = lines.filled()  # some programs write remarks before the header
        if lines.number > 1000:
            break
    if first != "\\data\\":
        raise lines.error("no header \\data\\; is this an ARPA file?")
    sizes: list[int] = []
    while line := lines.next():
        match = re.fullmatch(r"ngram\s+(\d{1,9})\s*=\s*(\d{1,18})", line)
        if match is None or int(match[1]) != len(sizes) + 1 or int(match[2]) > UNREAL:
            raise lines.error(f"found {line[:60]!r}, expected 'ngram {len(sizes) + 1}=' and a number of n-grams")
        sizes.append(int(match[2]))
    if not sizes:
        raise lines.error("the header names no n-grams; expected 'ngram 1=' and their number")
    if len(sizes) > MOST_ORDER:
        raise lines.error(f"n-grams up to order {len(sizes)}, expected at most {MOST_ORDER}")
    _section(lines, 1, len(sizes))
    return sizes


def _section(lines: _Lines, n: int, order: int) -> None:
    """Read the headline of an order."""
    line = lines.filled()
    if line is None:
        raise lines.error(f"the file ends before its {n}-grams; it may be truncated")
    if line != f"\\{n}-grams:":
        raise lines.error(
            f"found {line[:60]!r}, expected '\\{n}-grams:'; are there more n-grams than the header says, or is one of "
            f"the {order} orders missing?"
        )


@dataclass
class _Section:
    """N-grams of an order, in the order of the trie."""

    parents: np.ndarray
    words: np.ndarray
    probs: np.ndarray
    backoffs: np.ndarray


class _Builder:
    """The trie of the orders so far."""

    def __init__(self, table: WordTable, probs: np.ndarray, backoffs: np.ndarray) -> None:
        self.table = table
        n = len(table)
        self.starts = [0, 1, n + 1]
        self.words = np.concatenate([[0], np.arange(n)]).astype(np.uint32)
        self.first = np.array([1], np.uint32)
        self.probs = [np.zeros(1), probs]
        self.backoffs = [np.zeros(1), backoffs]

    def add(self, section: _Section) -> None:
        """Add an order."""
        begin, end = self.starts[-2:]
        children = np.bincount(section.parents - np.uint32(begin), minlength=end - begin)
        self.first = np.concatenate([self.first, (end + np.cumsum(children) - children).astype(np.uint32)])
        self.words = np.concatenate([self.words, section.words])
        self.probs.append(section.probs)
        self.backoffs.append(section.backoffs)
        self.starts.append(end + len(section.words))

    def model(self, n_threads: int) -> NgramModel:
        """The model of all orders that have n-grams."""
        while len(self.starts) > 3 and self.starts[-1] == self.starts[-2]:
            self.starts.pop()
        order = len(self.starts) - 2
        first = np.append(self.first[: self.starts[order]], np.uint32(self.starts[-1]))
        trie = Trie(np.array(self.starts, np.int64), first, self.words, np.empty(0, np.uint32))
        links_of(trie, n_threads)
        backoffs = np.concatenate(self.backoffs[:order])
        return NgramModel(self.table, trie, np.concatenate(self.probs), backoffs, facts={"order": order})


def _unigrams(lines: _Lines, size: int) -> _Builder:
    """Read the words."""
    words: list[str] = []
    numbers: list[tuple[float, float]] = []
    for _ in range(size):
        line = lines.next()
        if not line or (line.startswith("\\") and "\t" not in line):
            raise lines.error(f"{len(words)} 1-grams, but the header says {size}")
        fields = re.split(r"[ \t]+", line)
        if len(fields) not in (2, 3):
            raise lines.error(f"found {line[:60]!r}, expected a logarithm, a word and perhaps a back-off weight")
        words.append(fields[1])
        numbers.append((_number(lines, fields[0]), _number(lines, fields[2]) if len(fields) == 3 else 0.0))
        if numbers[-1][0] > 0:
            raise lines.error(f"the logarithm {fields[0]} is above 0, a probability above 1")
    if not words:
        raise lines.error("no 1-grams; a model has some")
    table = np.array(numbers)
    order = []
    for symbol in SYMBOLS:
        if symbol == "<unk>" and symbol not in words and "<UNK>" in words:
            symbol = "<UNK>"  # other programs spell it so; its id is what counts
        if symbol not in words:
            if symbol != "<unk>":
                logger.warning("%s has no %s; it gets the probability 0", lines.name, symbol)
            words.append(symbol)
            table = np.concatenate([table, [[MISSING if symbol == "<unk>" else LOG_ZERO, 0.0]]])
        order.append(words.index(symbol))
    special = set(order)
    order += [i for i in range(len(words)) if i not in special]
    try:
        word_table = WordTable.from_words([words[i] for i in order])
    except FormatError as error:
        raise FormatError(f"{lines.name}: {error}") from None
    return _Builder(word_table, table[order, 0].copy(), table[order, 1].copy())


def _number(lines: _Lines, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if number == float("-inf"):
        return LOG_ZERO
    if not abs(number) < float("inf"):
        raise lines.error(f"found {text[:60]!r}, expected a number")
    return number


def _ngrams(
    lines: _Lines, n: int, size: int, builder: _Builder, n_threads: int, report: Callable[[int], None]
) -> _Section:
    """Read the n-grams of an order."""
    parts: list[_Section] = []
    first_line, done = lines.number + 1, 0
    while done < size:
        report(done)
        starts = np.empty(min(size - done, MOST_LINES) + 1, np.int64)
        text = np.frombuffer(lines.block, np.uint8)[lines.at :]
        found = arpa.line_starts(text, len(starts) - 1, starts)
        if found == 0:
            if lines.block.find(b"\n", lines.at) < 0 and lines.fill():
                continue
            raise lines.error(f"{done} {n}-grams, but the header says {size}; the file may be truncated")
        parts.append(_parsed(lines, text, starts[: found + 1], n, builder, n_threads))
        lines.at += int(starts[found])
        lines.number += found
        done += found
    if not parts:
        return _Section(*(np.empty(0, kind) for kind in COLUMNS))
    names = ("parents", "words", "probs", "backoffs")
    section = _Section(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
    keys = section.parents.astype(np.uint64) << np.uint64(32) | section.words
    if bool((keys[1:] > keys[:-1]).all()):
        return section
    order = np.argsort(keys, kind="stable")
    twice = np.flatnonzero(np.diff(keys[order]) == 0)
    if len(twice):
        earlier, later = (first_line + int(order[twice[0] + place]) for place in (0, 1))
        raise FormatError(f"{lines.name}, line {later}: this {n}-gram was on line {earlier} too; keep one of them")
    return _Section(*(getattr(section, name)[order] for name in names))


def _parsed(lines: _Lines, text: np.ndarray, starts: np.ndarray, n: int, builder: _Builder, n_threads: int) -> _Section:
    """N-grams of some lines."""
    columns = [np.empty(len(starts) - 1, kind) for kind in COLUMNS]
    table = builder.table
    wrong, status = arpa.parse_ngrams(
        text,
        starts,
        n,
        np.append(builder.first, np.uint32(builder.starts[-1])),
        builder.words,
        table.data,
        table.offsets,
        table.slots,
        columns[0],
        columns[1],
        columns[2],
        columns[3],
        n_threads,
    )
    if wrong >= 0:
        lines.number += wrong + 1
        raise lines.error(_complaint(status, text[starts[wrong] : starts[wrong + 1]].tobytes(), n))
    return _Section(*columns)


def _complaint(status: int, line: bytes, n: int) -> str:
    """What is wrong with a line of an n-gram."""
    shown = repr(line.decode(errors="replace").strip()[:80])
    if status == arpa.NUMBER:
        return f"found {shown}, expected to see a number there: a logarithm, {n} words, and perhaps a back-off weight"
    if status == arpa.POSITIVE:
        return f"found {shown}: the logarithm is above 0, a probability above 1"
    if status == arpa.FIELDS:
        return f"found {shown}, expected a logarithm, {n} words and perhaps a back-off weight"
    if status == arpa.WORD:
        return f"found {shown}, with a word that is not among the 1-grams"
    return f"found {shown}, whose context, its first {n - 1} words, is not among the {n - 1}-grams"
