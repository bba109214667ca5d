r"""Tables of texts and their labels: which column is what, and what a label may be."""

import math
import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from embedkit.errors import InputError
from embedkit.text.decoding import replace_surrogates
from embedkit.text.file_blocks import input_name
from embedkit.text.table_rows import Layout, Rows, open_rows

__all__ = ["Document", "Label", "LabelledTexts", "find_column", "iter_table", "read_table"]

Label = str | list[str]

MOST_SHOWN = 20  # columns, in a message


class Document(NamedTuple):
    """A text of a table.

    Attributes
    ----------
    line : int
        On which its row begins, from 1.
    text : str
    label : str, list of str or None
        A list where the file can hold several (fastText's format, an array in JSON); None if it was not asked for.
    row : dict
        All values of the row by column.
    """

    line: int
    text: str
    label: Label | None
    row: dict[str, Any]


class LabelledTexts(NamedTuple):
    """Texts and their labels.

    Attributes
    ----------
    texts : list of str
    labels : list of str or list of list of str
        Lists if a document has another number of labels than one.
    """

    texts: list[str]
    labels: list[str] | list[list[str]]

    @property
    def has_label_sets(self) -> bool:
        """Whether labels are lists."""
        return any(isinstance(one, list) for one in self.labels)


def iter_table(
    path: str | os.PathLike[str],
    *,
    text: str | int = "text",
    label: str | int | None = "label",
    layout: Layout | None = None,
) -> Iterator[Document]:
    r"""Read texts and labels one after another.

    Parameters
    ----------
    path : str or path-like
        CSV, TSV, JSON Lines, fastText's labelled lines, "label text" lines or plain lines; ``.gz``, ``.bz2`` and
        ``.xz`` are decompressed, and ``"-"`` is standard input.
    text, label : str or int
        Columns by name, or by number from 1. None for `label` leaves the labels unread. Space around a label is
        taken off, numbers and truth values of JSON become strings as JSON writes them. A lone surrogate, which only
        JSON can hold, becomes U+FFFD.
    layout : Layout, optional
        Format, encoding, delimiter, quotes and header, as far as the file does not tell. If it does not say whether
        there is a header, there is one unless all columns are given by number.

    Yields
    ------
    Document

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column (the message lists those it has), or if a row is ragged, its label
        missing (empty, null or NaN) or its text no string: the message has the line.
    ParameterError
        If a value of `layout` cannot work.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "pets.txt"
    ...     _ = path.write_text("__label__cat __label__tame it purrs\n__label__dog it barks\n")
    ...     for document in iter_table(path):
    ...         print(document.line, document.label, document.text)
    1 ['cat', 'tame'] it purrs
    2 ['dog'] it barks
    """
    layout = layout or Layout()
    if layout.header is None:
        asked = [column for column in (text, label) if column is not None]
        layout = replace(layout, header=not all(map(_is_number, asked)))
    with open_rows(path, layout) as rows:
        text_column = find_column(rows, text)
        label_column = None if label is None else find_column(rows, label)
        for line, row in rows.numbered:
            where = f"{rows.name}, line {line}"
            value = None if label_column is None else _label(_value(row, label_column, where), where)
            yield Document(line, _text(_value(row, text_column, where), where), value, row)


def read_table(
    path: str | os.PathLike[str],
    *,
    text: str | int = "text",
    label: str | int = "label",
    layout: Layout | None = None,
) -> LabelledTexts:
    r"""Read all texts and labels of a table.

    Parameters
    ----------
    path, text, label, layout
        As for `iter_table`.

    Returns
    -------
    LabelledTexts
        A tuple of texts and labels. Labels are strings if each document has one, lists of strings otherwise.

    Raises
    ------
    InputError
        As `iter_table` does, and if there is no row.
    ParameterError
        If a value of `layout` cannot work.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "pets.csv"
    ...     _ = path.write_text('text,label\n"purrs, and sleeps",cat\nbarks,dog\n')
    ...     texts, labels = read_table(path)
    >>> texts, labels
    (['purrs, and sleeps', 'barks'], ['cat', 'dog'])
    """
    texts: list[str] = []
    labels: list[Any] = []
    for document in iter_table(path, text=text, label=label, layout=layout):
        texts.append(document.text)
        labels.append(document.label)
    if not texts:
        raise InputError(f"{input_name(os.fspath(path))} holds a header and no row, expected a document a row")
    if any(isinstance(one, list) for one in labels):
        several = [one if isinstance(one, list) else [one] for one in labels]
        labels = [one[0] for one in several] if all(len(one) == 1 for one in several) else several
    return LabelledTexts(texts, labels)


def find_column(rows: Rows, column: str | int) -> str:
    """Return the name of a column that is given by its name, or by its number from 1.

    Raises
    ------
    InputError
        If there is no such column, or several of that name.
    """
    names = rows.columns
    number = int(column) if _is_number(column) and column not in names else 0
    name = names[number - 1] if 1 <= number <= len(names) else str(column)
    if names.count(name) > 1:
        raise InputError(f"{rows.name} has {names.count(name)} columns {name!r}; rename all but one of them")
    if name in names:
        return name
    shown = ", ".join(repr(one[:60]) for one in names[:MOST_SHOWN])
    rest = f" and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else ""
    remedy = "; if its first line is no header, give columns by number, from 1" if rows.format in ("csv", "tsv") else ""
    raise InputError(f"{rows.name} has no column {column!r}, it has {shown}{rest}{remedy}")


def _is_number(column: str | int) -> bool:
    return isinstance(column, int) or (column.isascii() and column.isdigit())


def _value(row: dict[str, Any], column: str, where: str) -> Any:
    if column not in row:
        raise InputError(f"{where}: no {column!r} in the object; it has {', '.join(map(repr, row))}")
    return row[column]


def _text(value: Any, where: str) -> str:
    if isinstance(value, str):
        return replace_surrogates(value, "replace")
    raise InputError(f"{where}: the text is {_shown(value)}, expected a string")


def _label(value: Any, where: str) -> Label:
    if isinstance(value, list):
        if not value:
            raise InputError(f"{where}: no label; every document of training and evaluation needs one")
        return [_single_label(one, where) for one in value]
    return _single_label(value, where)


def _single_label(value: Any, where: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
        label = replace_surrogates(str(value).strip(), "replace")
        # What pandas and its like write for a value that is missing.
        if label and label.lower() != "nan":
            return label
        raise InputError(f"{where}: the label is {label or 'empty'}; leave the row out, or give it a label")
    raise InputError(f"{where}: the label is {_shown(value)}, expected a string or a number")


def _shown(value: Any) -> str:
    return "missing (null)" if value is None else f"{value!r}"[:60]
