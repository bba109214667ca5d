r"""Rows into tables: CSV with quotes where they are needed, TSV without, JSON Lines."""

import csv
import io
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from embedkit.errors import OutputError
from embedkit.text.files import OPENERS

__all__ = ["WRITABLE_FORMATS", "TableWriter", "output_format"]

WRITABLE_FORMATS = ("csv", "tsv", "jsonl")
BREAKS = re.compile(r"[\t\r\n]")


def output_format(path: str | os.PathLike[str]) -> str:
    """Return the format that the ending of an output names, without that of a compression.

    Raises
    ------
    OutputError
        If it names none.

    Examples
    --------
    >>> output_format("answers.tsv.gz")
    'tsv'
    """
    path = Path(path)
    ending = (path.with_suffix("") if path.suffix.lower() in OPENERS else path).suffix.lower().removeprefix(".")
    if ending not in WRITABLE_FORMATS:
        raise OutputError(
            f"cannot write {path}: its ending names no format of tables; expected .csv, .tsv or .jsonl, or one of them "
            "with .gz, .bz2 or .xz"
        )
    return ending


class TableWriter:
    r"""Writes rows of one table.

    Parameters
    ----------
    out : binary file
        It gets UTF-8 with plain line feeds.
    format : {"csv", "tsv", "jsonl"}
        A tab or line end in a value becomes a space in TSV, which has no quotes.
    columns : sequence of str
    header : bool, default=True
        Whether CSV and TSV begin with the names of the columns.

    Examples
    --------
    >>> import io
    >>> out = io.BytesIO()
    >>> TableWriter(out, "csv", ["text", "label"]).write(["purrs, and sleeps", "cat"])
    >>> out.getvalue()
    b'text,label\n"purrs, and sleeps",cat\n'
    """

    def __init__(self, out: BinaryIO, format: str, columns: Sequence[str], *, header: bool = True) -> None:  # noqa: A002
        self._out = out
        self._format = format
        self._columns = columns
        if header and format != "jsonl":
            self.write(columns)

    def write(self, values: Sequence[Any]) -> None:
        """Write a row: a value for each column; None is an empty field, and null in JSON."""
        if self._format == "jsonl":
            line = json.dumps(dict(zip(self._columns, values, strict=True)), ensure_ascii=False, allow_nan=False) + "\n"
        elif self._format == "csv":
            buffer = io.StringIO()
            # It quotes the characters of its line end, so that a lone carriage return is quoted only if it is one.
            csv.writer(buffer, lineterminator="\r\n").writerow(values)
            line = buffer.getvalue().removesuffix("\r\n") + "\n"
        else:
            line = "\t".join(BREAKS.sub(" ", "" if value is None else str(value)) for value in values) + "\n"
        self._out.write(line.encode(errors="replace"))
