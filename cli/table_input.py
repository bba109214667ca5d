"""Tables of texts and labels that a command reads: the options about them, and the notes on what was read."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.options import grouped
from embedkit_cli.output import plural, printable

from embedkit.errors import InputError

if TYPE_CHECKING:
    from embedkit.text.table_rows import Layout
    from embedkit.text.tables import Document, LabelledTexts

__all__ = ["TABLE_FORMATS", "TableInput", "class_counts", "describe_texts", "header_hint", "table_options"]

# Written out here, since their home imports numpy; a test holds them equal.
TABLE_FORMATS = ("csv", "tsv", "jsonl", "fasttext", "label-text", "lines")
MOST_CLASSES = 8  # named in a note

reading = grouped("Input")


@dataclass(frozen=True)
class TableInput:
    """Which columns of a table are read, and how it is written."""

    text: str = "text"
    label: str = "label"
    table_format: str | None = None
    header: bool | None = None
    delimiter: str | None = None
    quoted: bool | None = None
    encoding: str = "utf-8"

    @property
    def layout(self) -> "Layout":
        """What the reader wants to know of the file."""
        from embedkit.text.table_rows import Layout

        delimiter = {"tab": "\t", "\\t": "\t"}.get(self.delimiter or "", self.delimiter)
        return Layout(self.table_format, self.encoding, delimiter, self.quoted, self.header)

    def read(self, path: str) -> "LabelledTexts":
        """Read all texts and labels."""
        from embedkit.text.tables import read_table

        return read_table(path, text=self.text, label=self.label, layout=self.layout)

    def stream(self, path: str) -> "Iterator[Document]":
        """Read texts one after another, without labels."""
        from embedkit.text.tables import iter_table

        return iter_table(path, text=self.text, label=None, layout=self.layout)


def table_options(*, label: bool = True) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add the options about tables, which arrive as one `TableInput` named ``table``."""

    def add(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def command(**options: Any) -> None:
            given = {field.name: options.pop(field.name) for field in fields(TableInput) if field.name in options}
            function(table=TableInput(**given), **options)

        decorated: Callable[..., None] = command
        for option in reversed(_options(label)):
            decorated = option(decorated)
        return decorated

    return add


def _options(label: bool) -> list[Callable[[Callable[..., None]], Callable[..., None]]]:
    what = "texts and labels" if label else "texts"
    options = [
        reading("--text", metavar="COLUMN", default="text", help="Column of the texts: its name, or its number from 1.")
    ]
    if label:
        options.append(reading("--label", metavar="COLUMN", default="label", help="Column of the labels."))
    return [
        *options,
        reading(
            "--format",
            "table_format",
            type=click.Choice(TABLE_FORMATS),
            metavar="FORMAT",
            help=f"Format of the {what}, when the ending does not tell: {', '.join(TABLE_FORMATS[:-1])} or "
            f"{TABLE_FORMATS[-1]}.",
        ),
        reading(
            "--header/--no-header",
            default=None,
            help="Whether the first row names the columns.  [default: unless all columns are given by number]",
        ),
        reading("--delimiter", metavar="CHAR", help="Between fields.  [default: comma for CSV, tab for TSV]"),
        reading(
            "--quoted/--unquoted",
            default=None,
            help="Whether fields may stand in double quotes.  [default: in CSV, not in TSV]",
        ),
        reading("--encoding", metavar="NAME", default="utf-8", help="Such as latin-1 or gb18030."),
    ]


def class_counts(labels: Sequence[Any]) -> dict[str, int]:
    """How many documents each label has, by label."""
    flat = (label for one in labels for label in (one if isinstance(one, list) else [one]))
    return dict(sorted(Counter(flat).items()))


@contextmanager
def header_hint(table: TableInput, labels: Sequence[Any]) -> Iterator[None]:
    """Say of an error about the label of the first row, if no other has it, that the row may be a header."""
    try:
        yield
    except InputError as error:
        by_number = table.header is None and table.text.isdigit() and table.label.isdigit()
        if by_number and f"class {labels[0]!r}" in str(error) and labels.count(labels[0]) == 1:
            raise InputError(f"{error}; if the first row names the columns, add --header") from error
        raise


def describe_texts(what: str, texts: Sequence[str], labels: Sequence[Any]) -> str:
    """Say how many documents there are, of which classes, and how many are empty."""
    counts = sorted(class_counts(labels).items(), key=lambda item: -item[1])
    shown = ", ".join(f"{printable(label)} {count:,}" for label, count in counts[:MOST_CLASSES])
    rest = f" and {len(counts) - MOST_CLASSES} more" if len(counts) > MOST_CLASSES else ""
    empty = sum(1 for text in texts if not text.strip())
    note = f"; {plural(empty, 'document')} without any text" if empty else ""
    classes = f"{len(counts):,} class{'' if len(counts) == 1 else 'es'}"
    return f"{what}: {plural(len(texts), 'document')} of {classes} ({shown}{rest}){note}"
