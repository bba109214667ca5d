"""From the rows of a table to rows with new texts, some thousand at a time."""

import sys
import time
from array import array
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from embedkit_cli.augment_rows import RowEncoder, TextRow, TextTable, open_texts
from embedkit_cli.output import count_text, duration_text, is_terminal, plural, printable
from embedkit_cli.progress import Progress, Step, time_left
from embedkit_cli.table_input import TableInput

from embedkit.errors import InputError
from embedkit.text.chinese import looks_unsegmented_chinese
from embedkit.text.decoding import explain_damage, replace_surrogates
from embedkit.text.file_blocks import STDIN
from embedkit.text.files import open_input
from embedkit.text.tables import iter_table

if TYPE_CHECKING:
    from embedkit.augment import Augmenter

__all__ = ["Augmentation"]

REFRESH = 0.2
"""Seconds between two states of the progress bar."""
# First texts that are rather the name of their column.
COLUMN_NAMES = ("text", "sentence", "title", "review", "comment", "content", "document")
SAMPLE = 2**14
"""Characters to look at for the language of the texts."""
CHUNK = 2**20
"""Characters written, or bytes read, at a time."""


class AugmenterOf(Protocol):
    """What makes an augmenter that gives up to `n` new texts of each text, by a number of processes."""

    def __call__(self, n: int, threads: int) -> "Augmenter":
        """Return it."""


@dataclass
class Counts:
    """What a run met and made."""

    texts: int = 0
    new: int = 0
    unchanged: int = 0
    rows: int = 0
    seconds: float = 0.0


class Classes:
    """The class of each row, and how many new texts bring a class up to the largest.

    What is held of a row is the number of its class.
    """

    def __init__(self) -> None:
        self.numbers: dict[tuple[str, ...], int] = {}
        self.of_row = array("l")
        self.sizes: list[int] = []
        self.last_line = 0

    @classmethod
    def read(cls, path: str, table: TableInput, *, single: bool, progress: Progress) -> "Classes":
        """Read the labels of a table; with `single`, no row may have several."""
        found = cls()
        started = shown = time.monotonic()
        for document in iter_table(path, text=table.text, label=table.label, layout=table.layout):
            labels = document.label if isinstance(document.label, list) else [document.label or ""]
            if single and len(labels) != 1:
                raise InputError(
                    f"{path}, line {document.line}: {len(labels)} labels; --balance needs one label for each text"
                )
            found.add(tuple(labels), document.line)
            now = time.monotonic()
            if now - shown >= REFRESH:
                shown = now
                progress.show(Step("reading labels", None, f"{count_text(len(found.of_row))} rows", now - started))
        return found

    def add(self, label: tuple[str, ...], line: int) -> None:
        """Note the class of the next row."""
        number = self.numbers.setdefault(label, len(self.sizes))
        if number == len(self.sizes):
            self.sizes.append(0)
        self.sizes[number] += 1
        self.of_row.append(number)
        self.last_line = line

    @property
    def missing(self) -> list[int]:
        """How many texts each class has less than the largest."""
        most = max(self.sizes, default=0)
        return [most - size for size in self.sizes]

    def most_for_a_text(self) -> int:
        """How many new texts to ask of each text, so that others make up for those that give none."""
        each = max((-(-n // size) for n, size in zip(self.missing, self.sizes, strict=True)), default=0)
        return each + each // 4 + 1


@dataclass
class Balance:
    """Which new texts are taken, so that each class gets what it lacks, and all of its texts have their share."""

    classes: Classes
    missing: list[int] = field(init=False)
    met: list[int] = field(init=False)
    taken: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.missing = self.classes.missing
        self.met = [0] * len(self.missing)
        self.taken = [0] * len(self.missing)

    def wants(self, row: int) -> bool:
        """Whether new texts are made of a row."""
        return self.missing[self.classes.of_row[row]] > 0

    def take(self, row: int, new: list[str]) -> list[str]:
        """The texts to keep, of all that were made of a row."""
        number = self.classes.of_row[row]
        self.met[number] += 1
        due = self.met[number] * self.missing[number] // self.classes.sizes[number]
        kept = new[: due - self.taken[number]]
        self.taken[number] += len(kept)
        return kept

    def short(self) -> dict[str, int]:
        """Classes that stay smaller than the largest, and by how many texts."""
        lacking = zip(self.classes.numbers, self.missing, self.taken, strict=True)
        return {label[0]: n - taken for label, n, taken in lacking if n > taken}


@dataclass
class Augmentation:
    """A run over a table.

    Attributes
    ----------
    augmenter : callable
        Makes what makes new texts.
    n : int
        New texts of each text, at most; without a say where classes are balanced.
    label : str or None
        A column that has to be there.
    grouped : bool
        Whether new texts depend on the labels, which are read before.
    originals : bool
        Whether the texts themselves are written as well.
    threads : int
        Processes.
    notice : str or None
        What to say if the texts are Chinese.
    counts : Counts
        What was met and made.
    short : dict of str to int
        Classes that did not become as large as the largest, and how many texts they lack.
    """

    path: str
    table: TableInput
    augmenter: AugmenterOf
    n: int
    label: str | None
    grouped: bool
    balance: bool
    originals: bool
    threads: int
    notice: str | None
    counts: Counts = field(default_factory=Counts)
    short: dict[str, int] = field(default_factory=dict)

    def run(self, out: BinaryIO, output: str | None, progress: Progress, say: Callable[[str], None]) -> None:
        """Read, make and write all rows."""
        started = time.monotonic()
        classes = None
        if self.grouped:
            self._check_read_twice()
            classes = Classes.read(self.path, self.table, single=self.balance, progress=progress)
        lines = classes.last_line if classes is not None else _count_lines(self.path)
        balance = Balance(classes) if classes is not None and self.balance else None
        n = self.n if balance is None else balance.classes.most_for_a_text()
        augmenter = self.augmenter(n, self.threads)
        with open_texts(self.path, self.table, self.label) as source:
            encoder = RowEncoder(source, self.table, output)
            shown = is_terminal(sys.stdout) and output is None
            writer = _Writer(out, shown)
            writer.write(encoder.begin())
            last_shown = 0.0
            for position, row, new in self._new_texts(source, augmenter, classes, balance, say):
                kept = new if balance is None else balance.take(position, new)
                self._write(writer, encoder, row, kept)
                now = time.monotonic()
                if not last_shown:
                    last_shown = now  # what came before says little of the time that is left
                elif now - last_shown >= REFRESH:
                    last_shown = now
                    progress.show(self._step(row.line / lines if lines else None, now - started))
            if not self.counts.texts:
                raise InputError(f"{source.rows.name} holds a header and no row, expected a text a row")
            writer.flush()
        self.short = {} if balance is None else balance.short()
        self.counts.seconds = time.monotonic() - started

    def _check_read_twice(self) -> None:
        if self.path == STDIN or (Path(self.path).exists() and not Path(self.path).is_file()):
            option = "--balance" if self.balance else "--method mix"
            what = "standard input" if self.path == STDIN else self.path
            raise InputError(f"{option} reads the table twice, which {what} cannot be; save it as a file first")

    def _new_texts(
        self,
        source: TextTable,
        augmenter: "Augmenter",
        classes: Classes | None,
        balance: Balance | None,
        say: Callable[[str], None],
    ) -> Iterator[tuple[int, TextRow, list[str]]]:
        """Each row with the new texts that were made of it."""
        waiting: deque[TextRow] = deque()
        sample: list[str] = []
        left = SAMPLE if self.notice else 0

        def read() -> Iterator[str]:
            nonlocal left
            position = -1
            for position, row in enumerate(source):
                if classes is not None and position >= len(classes.of_row):
                    raise InputError(f"{source.rows.name} has changed while it was read; run again")
                waiting.append(row)
                if position == 0 and self.table.header is None and row.text.strip().lower() in COLUMN_NAMES:
                    say(f"the first row, {row.text.strip()!r}, is taken for data: add --header if it names the columns")
                if left > 0:
                    sample.append(row.text[:left])
                    left -= len(row.text) + 1
                # An empty text keeps the place of one of which no new ones are wanted.
                yield row.text if balance is None or balance.wants(position) else ""
            if classes is not None and position + 1 < len(classes.of_row):
                raise InputError(f"{source.rows.name} has changed while it was read; run again")

        labels = None if classes is None else classes.of_row
        for position, group in augmenter.iter_augment(read(), labels):
            if sample:
                if self.notice and looks_unsegmented_chinese("\n".join(sample)):
                    say(self.notice)
                sample.clear()
                left = 0
            if balance is None or balance.wants(position):
                self.counts.unchanged += len(group) == 1
            yield position, waiting.popleft(), group[1:]

    def _write(self, writer: "_Writer", encoder: RowEncoder, row: TextRow, new: list[str]) -> None:
        self.counts.texts += 1
        self.counts.new += len(new)
        self.counts.rows += len(new) + self.originals
        writer.write(encoder.encode(row, [row.text, *new] if self.originals else new))

    def _step(self, fraction: float | None, seconds: float) -> Step:
        counts = self.counts
        fraction = None if fraction is None else min(fraction, 1.0)
        left = "" if fraction is None else time_left(fraction, seconds)
        rate = count_text(counts.texts / max(seconds, 1e-9))
        share = plural(counts.texts, "text") if fraction is None else None
        return Step("augmenting", fraction, f"{count_text(counts.new)} new texts, {rate} texts/s{left}", seconds, share)

    def summary(self, output: str) -> str:
        """What was written."""
        counts = self.counts
        rate = f", {count_text(counts.texts / counts.seconds)} texts/s" if counts.texts >= 1e4 else ""
        made = f"{plural(counts.new, 'new text')} of {plural(counts.texts, 'text')}"
        lines = [f"wrote {plural(counts.rows, 'row')} to {output}: {made} ({duration_text(counts.seconds)}{rate})"]
        if counts.unchanged:
            lines.append(f"{plural(counts.unchanged, 'text')} with nothing that could change")
        for label, n in self.short.items():
            lines.append(
                f"class {printable(label)} has {plural(n, 'text')} less than the largest: no more could be made"
            )
        return "\n".join(lines)

    def facts(self) -> dict[str, Any]:
        """What was read and written, for JSON."""
        counts = self.counts
        return {
            "rows_in": counts.texts,
            "rows_out": counts.rows,
            "new_texts": counts.new,
            "unchanged": counts.unchanged,
            **({"short": self.short} if self.balance else {}),
            "seconds": round(counts.seconds, 3),
            "threads": self.threads,
        }


class _Writer:
    """Writes lines as UTF-8, some at a time; for a terminal if they are `shown`."""

    def __init__(self, out: BinaryIO, shown: bool) -> None:
        self.out = out
        self.shown = shown
        self.lines: list[str] = []
        self.size = 0

    def write(self, lines: str) -> None:
        if self.shown:
            lines = "\n".join("\t".join(map(printable, line.split("\t"))) for line in lines.split("\n"))
        self.lines.append(lines)
        self.size += len(lines)
        if self.size >= CHUNK:
            self.flush()

    def flush(self) -> None:
        text = "".join(self.lines)
        self.lines.clear()
        self.size = 0
        try:
            data = text.encode()
        except UnicodeEncodeError:  # JSON may hold lone surrogates
            data = replace_surrogates(text, "replace").encode()
        self.out.write(data)
        self.out.flush()


def _count_lines(path: str) -> int:
    """Lines of a file, to tell how far the reading is; 0 where it can be read once only."""
    if path == STDIN or not Path(path).is_file():
        return 0
    lines = 0
    with open_input(path) as file, explain_damage(path):
        while block := file.read(CHUNK):
            lines += block.count(b"\n")
    return lines + 1
