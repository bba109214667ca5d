r"""Rows of tables, whatever file they are in: CSV, TSV, JSON Lines, fastText's labelled lines, and plain lines.

What a row means (which column is the text, which the label) is `embedkit.text.tables`' business.

========== =================================================== ==========================================
format     a row                                               columns
========== =================================================== ==========================================
csv        fields between commas; quotes, and line ends inside header, or "1", "2", ...
tsv        fields between tabs; a quote is a character         header, or "1", "2", ...
jsonl      a JSON object a line                                keys of the first object
fasttext   words, of which those with ``__label__`` are labels "label" (a list), "text"
label-text a label, a space, the text                          "label", "text"
lines      a text                                              "text"
========== =================================================== ==========================================

Lines end in ``\n`` or ``\r\n``, and nowhere else: a form feed, U+0085 or U+2028 is a character of the text. Blank
lines are left out, but for the format "lines", in which they are empty texts.
"""

import csv
import itertools
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from embedkit.checks import check_choice
from embedkit.errors import InputError, ParameterError
from embedkit.text.decoding import UTF8_BOM, explain_damage, looks_wide, refuse_foreign
from embedkit.text.file_blocks import STDIN, input_name, standard_input
from embedkit.text.files import OPENERS, open_input

__all__ = ["LABEL_PREFIX", "TABLE_FORMATS", "Layout", "Rows", "open_rows"]

TABLE_FORMATS = ("csv", "tsv", "jsonl", "fasttext", "label-text", "lines")
LABEL_PREFIX = "__label__"
ENDINGS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
}
DELIMITERS = {"csv": ",", "tsv": "\t"}
FIXED_COLUMNS = {"fasttext": ["label", "text"], "label-text": ["label", "text"], "lines": ["text"]}
LABELS = re.compile(rf"(?<!\S){LABEL_PREFIX}(\S+)\s*")
# The most that csv accepts on every system: a C long may have 32 bits.
LONGEST_FIELD = 2**31 - 1

Line = tuple[int, str]
Row = dict[str, Any]


@dataclass(frozen=True)
class Layout:
    r"""How the rows of a file are written.

    Parameters
    ----------
    format : {"csv", "tsv", "jsonl", "fasttext", "label-text", "lines"}, optional
        By default the ending tells, without that of a compression. Where it does not, the first line does:
        ``__label__``, ``{`` or a tab in it.
    encoding : str, default="utf-8"
        Any that Python knows.
    delimiter : str, optional
        Between the fields of CSV and TSV: one character, by default a comma and a tab.
    quoted : bool, optional
        Whether a field may stand in double quotes, in which delimiters and line ends belong to it. By default CSV
        has them and TSV has not, since the tab-separated files of research are written without, and a lone quote
        would swallow what follows it.
    header : bool, optional
        Whether the first row of CSV and TSV names the columns, as it does by default. Otherwise their names are
        "1", "2", ...
    """

    format: str | None = None
    encoding: str = "utf-8"
    delimiter: str | None = None
    quoted: bool | None = None
    header: bool | None = None

    def validate(self) -> None:
        """Raise ParameterError if a value cannot work."""
        if self.format is not None:
            check_choice("format", self.format, TABLE_FORMATS)
        if self.delimiter is not None and (len(self.delimiter) != 1 or self.delimiter in '\r\n"\0'):
            raise ParameterError(f"delimiter={self.delimiter!r}: expected one character, such as ';'")
        try:
            "\n".encode(self.encoding)
        except (LookupError, ValueError):
            raise ParameterError(
                f"encoding={self.encoding!r}: no encoding of that name; expected one such as 'utf-8', 'latin-1' or "
                "'gb18030'"
            ) from None


@dataclass(frozen=True)
class Rows:
    """The rows of an open file.

    Attributes
    ----------
    name : str
        Of the file, for messages.
    format : str
        Which of `TABLE_FORMATS` it is in.
    columns : list of str
        What the columns are called.
    numbered : iterator of (int, dict)
        Line, from 1, on which a row begins, and its values by column. Values are strings but in JSON.
    """

    name: str
    format: str
    columns: list[str]
    numbered: Iterator[tuple[int, Row]]


@contextmanager
def open_rows(path: str | os.PathLike[str], layout: Layout | None = None) -> Iterator[Rows]:
    r"""Open a file for reading its rows one after another.

    Parameters
    ----------
    path : str or path-like
        ``.gz``, ``.bz2`` and ``.xz`` are decompressed; ``"-"`` is standard input.
    layout : Layout, optional

    Yields
    ------
    Rows
        To be read before the block is left.

    Raises
    ------
    InputError
        If the file cannot be read, is empty or not in the encoding, if nothing tells its format, or if a row is not
        as the others: the message has its line.
    ParameterError
        If a value of `layout` cannot work.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "pets.csv"
    ...     _ = path.write_text('text,label\n"purrs, and sleeps",cat\n')
    ...     with open_rows(path) as rows:
    ...         print(rows.columns, *rows.numbered)
    ['text', 'label'] (2, {'text': 'purrs, and sleeps', 'label': 'cat'})
    """
    layout = layout or Layout()
    layout.validate()
    file = os.fspath(path)
    name = input_name(file)
    stream = standard_input() if file == STDIN else open_input(file)
    try:
        lines = _without_nul(_lines(stream, layout.encoding, name), name)
        first = next(lines, None)
        if first is None:
            raise InputError(f"{name} is empty, expected a table or lines of text")
        form = _format(file, name, layout, first[1])
        columns, numbered = _read(form, itertools.chain([first], lines), layout, name)
        yield Rows(name, form, columns, numbered)
    finally:
        if file != STDIN:
            stream.close()


def _format(file: str, name: str, layout: Layout, first: str) -> str:
    """The format that is given, or that the ending or the first line tells."""
    path = Path(file)
    ending = (path.with_suffix("") if path.suffix.lower() in OPENERS else path).suffix.lower()
    if layout.format is not None:
        return layout.format
    if ending in ENDINGS:
        return ENDINGS[ending]
    if LABELS.match(first):
        return "fasttext"
    if first.startswith("{"):
        return "jsonl"
    if "\t" in first and layout.delimiter in (None, "\t"):
        return "tsv"
    if layout.delimiter is not None:
        return "csv"
    raise InputError(
        f"cannot tell the format of {name}: neither its ending nor its first line does; "
        f"name it (--format): {', '.join(TABLE_FORMATS[:-1])} or {TABLE_FORMATS[-1]}"
    )


def _lines(stream: BinaryIO, encoding: str, name: str) -> Iterator[Line]:
    r"""Number and text of each line, with its ``\n``; a byte-order mark is taken off."""
    if "\n".encode(encoding) != b"\n":  # UTF-16 and its like: lines can be found in the text only
        yield from _wide_lines(stream, encoding, name)
        return
    with explain_damage(name):
        for number, line in enumerate(stream, start=1):
            if number == 1:
                refuse_foreign(line, name)
                if looks_wide(line[:4000]):
                    raise InputError(
                        f"{name} looks like UTF-16 or UTF-32, full of NUL; set encoding (--encoding) to 'utf-16'"
                    )
                if line.startswith(UTF8_BOM):
                    line = line.removeprefix(UTF8_BOM)
            try:
                yield number, line.decode(encoding)
            except UnicodeDecodeError as error:
                raise InputError(
                    f"{name}, line {number}: not {encoding} ({error.object[error.start]:#04x} at byte "
                    f"{error.start + 1} of the line); set encoding (--encoding) to what it is, such as "
                    "latin-1, cp1252 or gb18030"
                ) from None


def _wide_lines(stream: BinaryIO, encoding: str, name: str) -> Iterator[Line]:
    with explain_damage(name):
        data = stream.read()
    try:
        text = data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: not {encoding} ({error.reason} at byte {error.start + 1}); set encoding (--encoding) to "
            "what it is"
        ) from None
    yield from enumerate(re.findall(r"[^\n]*\n|[^\n]+", text), start=1)


def _without_nul(lines: Iterable[Line], name: str) -> Iterator[Line]:
    for number, line in lines:
        if "\0" in line:
            raise InputError(f"{name}, line {number}: a NUL (character {line.index(chr(0)) + 1}); is it a text file?")
        yield number, line


def _read(form: str, lines: Iterator[Line], layout: Layout, name: str) -> tuple[list[str], Iterator[tuple[int, Row]]]:
    """Columns and rows of a format."""
    if form in DELIMITERS:
        return _delimited(form, lines, layout, name)
    if form == "jsonl":
        return _objects(lines, name)
    parse = {"fasttext": _fasttext_row, "label-text": _label_text_row, "lines": lambda text: {"text": text}}[form]
    texts = ((number, line.rstrip("\r\n")) for number, line in lines)
    return FIXED_COLUMNS[form], (
        (number, parse(text)) for number, text in texts if form == "lines" or not _is_blank(text)
    )


def _is_blank(text: str) -> bool:
    return not text or text.isspace()


def _label_text_row(text: str) -> Row:
    label, _, rest = text.partition(" ")
    return {"label": label, "text": rest}


def _fasttext_row(text: str) -> Row:
    return {"label": LABELS.findall(text), "text": LABELS.sub("", text)}


def _delimited(
    form: str, lines: Iterator[Line], layout: Layout, name: str
) -> tuple[list[str], Iterator[tuple[int, Row]]]:
    """Rows of fields, as many in each as in the first."""
    delimiter = layout.delimiter or DELIMITERS[form]
    quoted = layout.quoted if layout.quoted is not None else form == "csv"
    fields = _quoted_fields(lines, delimiter, name) if quoted else _plain_fields(lines, delimiter)
    first = next(fields, None)
    if first is None:
        raise InputError(f"{name} holds nothing but blank lines, expected a table")
    line, values = first
    has_header = layout.header is not False
    columns = values if has_header else [str(place) for place in range(1, len(values) + 1)]

    def rows() -> Iterator[tuple[int, Row]]:
        for number, row in fields if has_header else itertools.chain([first], fields):
            if len(row) != len(columns):
                remedy = (
                    "quote a field that holds the delimiter, a quote or a line end"
                    if quoted
                    else "if its fields stand in quotes, read it as quoted (--quoted)"
                    if any(field.startswith('"') for field in row)
                    else "a text must not hold the delimiter"
                )
                raise InputError(
                    f"{name}, line {number}: {len(row)} field{'' if len(row) == 1 else 's'}, expected {len(columns)} "
                    f"as on line {line}; {remedy}"
                )
            yield number, dict(zip(columns, row, strict=True))

    return columns, rows()


def _plain_fields(lines: Iterator[Line], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in lines:
        text = line.rstrip("\r\n")
        if text:
            yield number, text.split(delimiter)


def _quoted_fields(lines: Iterator[Line], delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    # The limit, of 128 KiB, is one for the whole process: it is raised once, and no reader depends on a low one.
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_FIELD))
    # Strict, since a quote that is never closed would otherwise take the rest of the file into one field.
    reader = csv.reader((line for _, line in lines), delimiter=delimiter, strict=True)
    while True:
        begin = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise InputError(_csv_trouble(str(error), begin, reader.line_num, name)) from None
        if row is None:
            return
        if row:
            yield begin, row


def _csv_trouble(reason: str, begin: int, end: int, name: str) -> str:
    if "end of data" in reason:
        return f"{name}, line {begin}: a quote in this row is never closed; double a quote that belongs to the text"
    if "new-line character" in reason:
        return (
            f"{name}, line {end}: a carriage return inside a field that is not quoted; quote the field, or convert "
            "line ends of old Macs"
        )
    if "expected after" in reason:
        return (
            f"{name}, line {end}: text behind the closing quote of a field; double a quote that belongs to the text, "
            "or read the file as unquoted (--unquoted)"
        )
    return f"{name}, line {end}: {reason}"


def _objects(lines: Iterator[Line], name: str) -> tuple[list[str], Iterator[tuple[int, Row]]]:
    """JSON objects, of which the first names the columns."""

    def rows() -> Iterator[tuple[int, Row]]:
        for number, line in lines:
            if _is_blank(line):
                continue
            try:
                value = json.loads(line)
            except (json.JSONDecodeError, RecursionError) as error:
                where = f" (character {error.colno}: {error.msg})" if isinstance(error, json.JSONDecodeError) else ""
                raise InputError(
                    f"{name}, line {number}: not JSON{where}; expected JSON Lines, a whole object on each line"
                ) from None
            if not isinstance(value, dict):
                raise InputError(
                    f"{name}, line {number}: a JSON {_json_type(value)}, expected an object; JSON Lines have one "
                    "object on each line, and no brackets around them all"
                )
            yield number, value

    parsed = rows()
    first = next(parsed, None)
    if first is None:
        raise InputError(f"{name} holds nothing but blank lines, expected JSON Lines")
    return list(first[1]), itertools.chain([first], parsed)


def _json_type(value: object) -> str:
    kinds = {list: "array", str: "string", bool: "boolean", type(None): "null"}
    return kinds.get(type(value), "number")
