"""Rows of a table as they were read, and written again with other texts in them."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from embedkit_cli.table_input import TableInput

from embedkit.errors import InputError
from embedkit.text.decoding import replace_surrogates
from embedkit.text.files import OPENERS
from embedkit.text.table_rows import DELIMITERS, ENDINGS, LABEL_PREFIX, open_rows
from embedkit.text.tables import find_column

if TYPE_CHECKING:
    from embedkit.text.table_rows import Rows

__all__ = ["RowEncoder", "TextRow", "TextTable", "open_texts"]


class TextRow(NamedTuple):
    """A row: the line on which it begins, all its values by column, and its text."""

    line: int
    values: dict[str, Any]
    text: str


@dataclass(frozen=True)
class TextTable:
    """An open table, of which one column holds texts."""

    rows: "Rows"
    text_column: str
    has_header: bool

    def __iter__(self) -> Iterator[TextRow]:
        for line, values in self.rows.numbered:
            text = values.get(self.text_column)
            if not isinstance(text, str):
                shown = "missing" if text is None else f"{text!r:.60}"
                raise InputError(f"{self.rows.name}, line {line}: the text is {shown}, expected a string")
            yield TextRow(line, values, replace_surrogates(text, "replace"))


@contextmanager
def open_texts(path: str, table: TableInput, label: str | None) -> Iterator[TextTable]:
    """Open a table for reading; a column of labels has to be there if it is named."""
    layout = table.layout
    if layout.header is None:
        asked = [column for column in (table.text, label) if column is not None]
        layout = replace(layout, header=not all(column.isascii() and column.isdigit() for column in asked))
    with open_rows(path, layout) as rows:
        if label is not None:
            find_column(rows, label)
        yield TextTable(rows, find_column(rows, table.text), layout.header is not False)


class RowEncoder:
    """Turns rows into the bytes of a file.

    It is one that the reader's options fit, if it is in the format of what is read: delimiter, quotes and header are
    the same. The ending of `output` may name another format, which then is written as it usually is.

    Parameters
    ----------
    source : TextTable
    table : TableInput
    output : str or None
    """

    def __init__(self, source: TextTable, table: TableInput, output: str | None) -> None:
        self.source = source
        read = source.rows.format
        self.format = _format_of_ending(output) or read
        same = self.format == read
        self.header = source.has_header and self.format in DELIMITERS
        delimiter, quoted = DELIMITERS.get(self.format, ""), self.format == "csv"
        if same:
            delimiter = table.layout.delimiter or delimiter
            quoted = quoted if table.quoted is None else table.quoted
        self.delimiter = delimiter
        # What a line cannot hold, where nothing is quoted.
        self.breaks = re.compile(f"[{re.escape(delimiter)}\r\n]")
        self.buffer = io.StringIO()
        # With both in its line ends, the writer quotes a field that holds a carriage return.
        self.fields = csv.writer(self.buffer, delimiter=delimiter, lineterminator="\r\n") if quoted else None

    def begin(self) -> str:
        """What stands before the rows."""
        return self._joined(self.source.rows.columns) if self.header else ""

    def encode(self, row: TextRow, texts: Iterable[str]) -> str:
        """Lines of one row with each of these texts in it."""
        return "".join([self._line(row, {**row.values, self.source.text_column: text}) for text in texts])

    def _line(self, row: TextRow, values: dict[str, Any]) -> str:
        if self.format == "jsonl":
            return json.dumps(values, ensure_ascii=False) + "\n"
        if self.format in DELIMITERS:
            return self._joined(self._cells(row, values))
        text = values["text"]
        if self.format == "fasttext":
            text = " ".join([*(LABEL_PREFIX + label for label in values["label"]), text])
        elif self.format == "label-text":
            text = f"{values['label']} {text}"
        return self.breaks.sub(" ", text) + "\n"

    def _cells(self, row: TextRow, values: dict[str, Any]) -> list[str]:
        """Fields of a row, which came from JSON Lines perhaps."""
        columns = self.source.rows.columns
        if values.keys() - set(columns):
            other = next(name for name in values if name not in columns)
            raise self._trouble(row, f"there is {other!r}, which the first object has not")
        cells = []
        for column in columns:
            value = values.get(column)
            if isinstance(value, list) and len(value) == 1 and self.source.rows.format == "fasttext":
                value = value[0]
            if isinstance(value, list | dict):
                raise self._trouble(row, f"{column!r} holds several values")
            cells.append(value if isinstance(value, str) else "" if value is None else json.dumps(value))
        return cells

    def _trouble(self, row: TextRow, what: str) -> InputError:
        name = self.format.upper()
        return InputError(f"{self.source.rows.name}, line {row.line}: {what}; {name} cannot hold it, .jsonl can")

    def _joined(self, cells: list[str]) -> str:
        if self.fields is None:
            return self.delimiter.join([self.breaks.sub(" ", cell) for cell in cells]) + "\n"
        self.buffer.seek(0)
        self.buffer.truncate()
        self.fields.writerow(cells)
        return self.buffer.getvalue()[:-2] + "\n"


def _format_of_ending(output: str | None) -> str | None:
    if output is None:
        return None
    path = Path(output)
    return ENDINGS.get((path.with_suffix("") if path.suffix.lower() in OPENERS else path).suffix.lower())
