"""What commands print: tables for people, tab-separated lines for pipes, JSON for programs, figures in plain words."""

import json
import logging
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

import click

__all__ = [
    "bytes_text",
    "count_text",
    "duration_text",
    "is_terminal",
    "note",
    "plural",
    "print_json",
    "print_table",
    "printable",
    "warnings_silenced",
]

Cell = str | int | float | None
Row = Sequence[Cell]


def print_json(value: Any) -> None:
    """Print one JSON object on standard output, in ASCII where that is not UTF-8."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    ascii_only = encoding.lower().replace("-", "") != "utf8"
    click.echo(json.dumps(value, ensure_ascii=ascii_only, indent=2, allow_nan=False))


def print_table(
    columns: Sequence[str], rows: Iterable[Row | None], *, title: str | None = None, drawn: bool | None = None
) -> None:
    """Print a table on a terminal, tab-separated lines elsewhere.

    Numbers are set to the right; floats show four decimals, and what is None shows as a dash. A row that is None is a
    rule. Off a terminal there is no title, header or rule: every line is a row, unless it is to be `drawn`.
    """
    rows = list(rows)
    if not (is_terminal(sys.stdout) if drawn is None else drawn):
        for row in rows:
            if row is not None:
                click.echo("\t".join(map(_cell, row)))
        return

    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_header=any(columns), show_edge=False)
    for place, name in enumerate(columns):
        numeric = any(row is not None and isinstance(row[place], int | float) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        if row is None:
            table.add_section()
        else:
            table.add_row(*(Text(_cell(cell)) for cell in row))
    console = Console()
    if title is not None:
        console.print(Text(title, "bold"), soft_wrap=True)
    console.print(table)
    console.print()


def is_terminal(stream: TextIO | None) -> bool:
    """Whether someone looks at `stream`, which is None if it was closed before the start."""
    return stream is not None and stream.isatty()


def note(text: str) -> None:
    """Say something on standard error that is neither a result nor an error."""
    click.echo(text, err=True)


@contextmanager
def warnings_silenced(quiet: bool = True) -> Iterator[None]:
    """Keep back what the package logs as a warning, if `quiet`."""
    logger = logging.getLogger("embedkit")
    before = logger.level
    logger.setLevel(logging.ERROR if quiet else before)
    try:
        yield
    finally:
        logger.setLevel(before)


def printable(word: str) -> str:
    """Write control characters as escapes: a word comes from a file, and a terminal obeys what it is shown."""
    return word if word.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in word)


def _cell(cell: Cell) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:.4f}"
    return printable(str(cell))


def plural(number: int, noun: str) -> str:
    """Write a count in full with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def count_text(number: float) -> str:
    """Write a count in at most five characters: ``987``, ``12.3k``, ``1.23M``, ``4.56G``."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size * 0.9995:
            value = number / size
            return f"{value:.{2 if value < 9.995 else 1 if value < 99.95 else 0}f}{unit}"
    return f"{number:.0f}"


def bytes_text(number: float) -> str:
    """Write a number of bytes with a decimal unit."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number:.0f} bytes"


def duration_text(seconds: float) -> str:
    """Write a duration as ``3.2 s``, ``2:05`` or ``1:02:05``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{rest:02}"
    return f"{minutes}:{rest:02}" if minutes else f"{rest} s"
