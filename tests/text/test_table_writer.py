"""Tables that are written are read back."""

import io

import pytest

from embedkit.errors import OutputError
from embedkit.text.table_rows import Layout
from embedkit.text.table_writer import TableWriter, output_format
from embedkit.text.tables import iter_table, read_table

ODD = ["plain", 'a "quote", and, commas', "two\nlines", "one\rtwo", "它叫 é\u2028", "", " space "]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_any_text_is_read_back(tmp_path, form):
    path = tmp_path / f"a.{form}"
    with path.open("wb") as out:
        writer = TableWriter(out, form, ["text", "label"])
        for text in ODD:
            writer.write([text, "a"])
    assert read_table(path).texts == ODD


def test_tsv_has_no_quotes_and_a_break_becomes_a_space(tmp_path):
    path = tmp_path / "a.tsv"
    with path.open("wb") as out:
        writer = TableWriter(out, "tsv", ["1", "2"], header=False)
        writer.write(['a "b"\tc\nd', None])
        writer.write([0.5, "x"])
    assert path.read_bytes() == b'a "b" c d\t\n0.5\tx\n'
    assert [document.text for document in iter_table(path, text=1, label=None)] == ['a "b" c d', "0.5"]


def test_json_keeps_types_and_has_no_header():
    out = io.BytesIO()
    TableWriter(out, "jsonl", ["label", "p"]).write(["é", None])
    assert out.getvalue() == '{"label": "é", "p": null}\n'.encode()


def test_a_lone_surrogate_does_not_stop_the_writing(tmp_path):
    out = io.BytesIO()
    TableWriter(out, "tsv", ["a"]).write(["\ud800"])
    assert out.getvalue() == b"a\n?\n"


@pytest.mark.parametrize(
    ("name", "form"), [("a.csv", "csv"), ("a.b.tsv.gz", "tsv"), ("A.JSONL", "jsonl"), ("a.csv.xz", "csv")]
)
def test_the_ending_names_the_format(name, form):
    assert output_format(name) == form


@pytest.mark.parametrize("name", ["answers", "answers.txt", "answers.gz", "csv", "-"])
def test_other_endings_are_refused(name):
    with pytest.raises(OutputError, match=r"expected \.csv, \.tsv or \.jsonl"):
        output_format(name)


def test_a_layout_reads_what_a_table_without_header_holds(tmp_path):
    path = tmp_path / "a.csv"
    with path.open("wb") as out:
        TableWriter(out, "csv", ["t", "l"], header=False).write(["x", "a"])
    assert read_table(path, text="1", label="2", layout=Layout(header=False)) == (["x"], ["a"])
