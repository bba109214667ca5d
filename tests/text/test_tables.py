"""Tables of texts and labels: every format, and every way in which a file can be wrong."""

import bz2
import csv
import gzip
import io
import json
import lzma

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedkit.errors import InputError, ParameterError
from embedkit.text.table_rows import Layout, open_rows
from embedkit.text.tables import iter_table, read_table

PETS = (["it purrs", "it barks"], ["cat", "dog"])


@pytest.fixture
def written(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize(
    ("name", "content", "settings"),
    [
        ("a.csv", "text,label\nit purrs,cat\nit barks,dog\n", {}),
        ("a.csv", '"text","label"\n"it purrs","cat"\n"it barks","dog"\n', {}),
        ("a.csv", "id,label,text\n1,cat,it purrs\n2,dog,it barks", {}),
        ("a.csv", "\ufefftext,label\r\nit purrs,cat\r\n\r\nit barks,dog\r\n", {}),
        ("a.csv", "text;label\nit purrs;cat\nit barks;dog\n", {"layout": Layout(delimiter=";")}),
        ("a.csv", "cat,it purrs\ndog,it barks\n", {"text": 2, "label": 1}),
        ("a.csv", "cat,it purrs\ndog,it barks\n", {"text": "2", "label": "1", "layout": Layout(header=False)}),
        ("a.csv", "l,t\ncat,it purrs\ndog,it barks\n", {"text": 2, "label": 1, "layout": Layout(header=True)}),
        ("a.csv", "l,t\ncat,it purrs\ndog,it barks\n", {"text": "t", "label": "1"}),
        ("a.tsv", "text\tlabel\nit purrs\tcat\nit barks\tdog\n", {}),
        ("a.tab", "text\tlabel\r\nit purrs\t cat \r\nit barks\tdog\r\n", {}),
        ("a.txt", "it purrs\tcat\nit barks\tdog\n", {"text": 1, "label": 2}),
        ("a.jsonl", '{"text": "it purrs", "label": "cat"}\n\n{"label": "dog", "text": "it barks", "x": 1}\n', {}),
        ("a.ndjson", '{"text": "it purrs", "label": ["cat"]}\n{"label": "dog", "text": "it barks"}\n', {}),
        ("a", '{"text": "it purrs", "label": "cat"}\r\n{"label": "dog", "text": "it barks"}\r\n', {}),
        ("a.txt", "__label__cat it purrs\n\n__label__dog  it barks\n", {}),
        ("a.txt", "cat it purrs\ndog it barks\n", {"layout": Layout(format="label-text")}),
        ("a.txt", "cat it purrs\r\ndog it barks\r\n", {"layout": Layout(format="label-text")}),
        ("a.data", "text|label\nit purrs|cat\nit barks|dog\n", {"layout": Layout(delimiter="|")}),
    ],
)
def test_each_format_gives_the_same_texts_and_labels(written, name, content, settings):
    assert read_table(written(name, content), **settings) == PETS


@pytest.mark.parametrize(("ending", "compress"), [(".gz", gzip), (".bz2", bz2), (".xz", lzma)])
def test_compressed_files_are_read_by_the_ending_below(written, ending, compress):
    data = compress.compress(b"text,label\nit purrs,cat\nit barks,dog\n")
    assert read_table(written(f"a.csv{ending}", data)) == PETS


def test_standard_input_is_read_and_left_open(monkeypatch):
    for encoding in ("utf-8", "utf-16"):
        raw = io.BytesIO("it purrs\tcat\nit barks\tdog\n".encode(encoding))
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(raw))
        assert read_table("-", text=1, label=2, layout=Layout(encoding=encoding)) == PETS
        assert not raw.closed


@pytest.mark.parametrize("encoding", ["latin-1", "gb18030", "utf-16", "utf-16-le", "utf-32", "utf-8-sig", "cp1252"])
def test_encodings(written, encoding):
    text = "它叫 é" if encoding.startswith(("utf", "gb")) else "il fut à l'été"
    path = written("a.csv", f"text,label\n{text},cat\n".encode(encoding))
    assert read_table(path, layout=Layout(encoding=encoding)) == ([text], ["cat"])


def test_only_line_feeds_end_a_line(written):
    odd = "a\x85b\u2028c\x0cd\x1ce"
    assert read_table(written("a.tsv", f"{odd}\tcat\n"), text=1, label=2).texts == [odd]
    assert read_table(written("b.csv", f"text,label\n{odd},cat\n")).texts == [odd]
    path = written("c.txt", "0 a\x85b\n".encode("latin-1"))
    assert read_table(path, layout=Layout("label-text", encoding="latin-1")) == (["a\x85b"], ["0"])


def test_quoted_fields_hold_delimiters_quotes_and_line_ends(written):
    path = written("a.csv", 'text,label\n"a, ""b""\nc",cat\nd,dog\n')
    assert [document[:3] for document in iter_table(path)] == [(2, 'a, "b"\nc', "cat"), (4, "d", "dog")]


def test_quotes_of_a_tsv_are_text_unless_it_is_read_as_quoted(written):
    path = written("a.tsv", 'text\tlabel\n"so it said\tcat\n"it" said\tdog\n')
    assert read_table(path).texts == ['"so it said', '"it" said']
    path = written("b.tsv", 'text\tlabel\n"a\tb\nc"\tcat\n')
    assert read_table(path, layout=Layout(quoted=True)) == (["a\tb\nc"], ["cat"])
    with pytest.raises(InputError, match=r"line 2: 1 field, expected 2 .*in quotes, read it as quoted"):
        read_table(written("c.tsv", 'text\tlabel\n"a\nb"\tcat\n'))


def test_a_field_may_be_longer_than_the_limit_of_csv(written):
    csv.field_size_limit(131072)
    text = "word " * 100_000
    assert read_table(written("a.csv", f"text,label\n{text},cat\n")).texts == [text]


@given(st.lists(st.tuples(st.text(), st.sampled_from("ab")), min_size=1), st.sampled_from(",;\t|"))
def test_what_csv_writes_is_read_back(tmp_path_factory, documents, delimiter):
    documents = [(text.encode(errors="replace").decode().replace("\0", ""), label) for text, label in documents]
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerows([("text", "label"), *documents])
    texts, labels = read_table(path, layout=Layout(delimiter=delimiter))
    assert list(zip(texts, labels, strict=True)) == documents


def test_several_labels_of_a_document(written):
    path = written("a.txt", "__label__a __label__b x y\n__label__c z\n")
    assert read_table(path) == (["x y", "z"], [["a", "b"], ["c"]])
    path = written("a.jsonl", '{"text": "x y", "label": ["a", "b"]}\n{"text": "z", "label": "c"}\n')
    assert read_table(path) == (["x y", "z"], [["a", "b"], ["c"]])


def test_fasttext_labels_may_stand_anywhere_but_are_whole_words(written):
    path = written("a.txt", "__label__a x __label__b y\nx__label__c __label__d __label__ z\n")
    assert read_table(path) == (["x y", "x__label__c __label__ z"], [["a", "b"], ["d"]])


def test_labels_of_json_may_be_numbers_and_truth_values(written):
    rows = [{"text": "x", "label": value} for value in (1, -2, 1.5, True, False, " a ")]
    path = written("a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert read_table(path).labels == ["1", "-2", "1.5", "true", "false", "a"]


def test_a_lone_surrogate_of_json_is_replaced(written):
    path = written("a.jsonl", r'{"text": "a\ud83d", "label": "\ud83d\ude00"}' + "\n")
    assert read_table(path) == (["a\ufffd"], ["\U0001f600"])


def test_plain_lines_keep_empty_ones_and_need_no_label(written):
    path = written("a.txt", "x y\n\nz")
    documents = list(iter_table(path, label=None, layout=Layout(format="lines")))
    assert [(document.line, document.text, document.label) for document in documents] == [
        (1, "x y", None),
        (2, "", None),
        (3, "z", None),
    ]


@pytest.mark.parametrize(
    ("name", "line", "text"),
    [
        ("lines", "\t x  y \r\n", "\t x  y "),
        ("label-text", "a  x \r\n", " x "),
        ("fasttext", "__label__a x  y \n", "x  y "),
        ("tsv", " x \ta\r\n", " x "),
        ("csv", " x ,a\n", " x "),
    ],
)
def test_space_in_a_text_is_kept(written, name, line, text):
    columns = {"text": 1} if name in ("tsv", "csv") else {}
    path = written("a.txt", line)
    assert [document.text for document in iter_table(path, label=None, layout=Layout(name), **columns)] == [text]


def test_an_empty_text_is_a_text(written):
    assert read_table(written("a.csv", "text,label\n,cat\n")) == ([""], ["cat"])


def test_other_columns_come_along(written):
    path = written("a.csv", "id,text,label\n7,x,cat\n")
    assert next(iter_table(path, label=None)).row == {"id": "7", "text": "x", "label": "cat"}


def test_columns_are_known_before_the_rows_are_read(written):
    with open_rows(written("a.csv", "id,text\n1,x\n2\n")) as rows:
        assert (rows.format, rows.columns) == ("csv", ["id", "text"])
        assert next(rows.numbered) == (2, {"id": "1", "text": "x"})


WRONG = {
    "unknown column": ("a.csv", "txt,label\nx,a\n", {}, r"a\.csv has no column 'text', it has 'txt', 'label'"),
    "unknown number": ("a.csv", "x,a\n", {"text": 3, "label": 2}, r"no column 3, it has '1', '2'"),
    "column nought": ("a.csv", "x,a\n", {"text": 0, "label": 2}, r"no column 0"),
    "unknown key": ("a.jsonl", '{"t": "x", "label": "a"}\n', {}, r"no column 'text', it has 't', 'label'"),
    "double column": ("a.csv", "text,text,label\nx,y,a\n", {}, "2 columns 'text'"),
    "double column by number": (
        "a.csv",
        "t,t,label\nx,y,a\n",
        {"text": 2, "layout": Layout(header=True)},
        "2 columns 't'",
    ),
    "missing key": ("a.jsonl", '{"text": "x", "label": "a"}\n{"text": "y"}\n', {}, r"line 2: no 'label' .* 'text'"),
    "ragged": ("a.csv", "text,label\nx,a\n\ny, z,b\n", {}, r"a\.csv, line 4: 3 fields, expected 2 as on line 1; quote"),
    "short": ("a.tsv", "text\tlabel\nx\n", {}, r"line 2: 1 field, expected 2"),
    "ragged after a long row": ("a.csv", 'text,label\n"x\ny\nz",a\nx\n', {}, r"line 5: 1 field,"),
    "empty label": ("a.csv", "text,label\nx,a\ny, \n", {}, r"line 3: the label is empty"),
    "NaN label": ("a.csv", "text,label\nx,NaN\n", {}, r"line 2: the label is NaN"),
    "null label": ("a.jsonl", '{"text": "x", "label": null}\n', {}, r"line 1: the label is missing \(null\)"),
    "NaN in JSON": ("a.jsonl", '{"text": "x", "label": NaN}\n', {}, r"line 1: the label is nan"),
    "no labels in JSON": ("a.jsonl", '{"text": "x", "label": []}\n', {}, r"line 1: no label"),
    "object as label": ("a.jsonl", '{"text": "x", "label": {}}\n', {}, r"line 1: the label is \{\}"),
    "no fastText label": ("a.txt", "__label__a x\ny\n", {}, r"line 2: no label"),
    "number as text": ("a.jsonl", '{"text": 5, "label": "a"}\n', {}, r"line 1: the text is 5, expected a string"),
    "null as text": ("a.jsonl", '{"text": null, "label": "a"}\n', {}, r"line 1: the text is missing \(null\)"),
    "bad JSON": ("a.jsonl", '{"text": "x", "label": "a"}\n{"text"}\n', {}, r"line 2: not JSON \(character 8"),
    "JSON array": ("a.json", '[{"text": "x", "label": "a"}]\n', {}, r"line 1: a JSON array.*JSON Lines"),
    "indented JSON": ("a.json", '{\n"text": "x"}\n', {}, r"line 1: not JSON.*whole object on each line"),
    "nested JSON": ("a.json", "[" * 200_000, {}, r"line 1: not JSON"),
    "NUL": ("a.csv", "text,label\nx\0,a\n", {}, r"line 2: a NUL \(character 2\)"),
    "UTF-16": ("a.csv", "text,label\nx,a\n".encode("utf-16"), {}, "is UTF-16"),
    "UTF-16 without a mark": ("a.csv", "text,label\nx,a\n".encode("utf-16-le"), {}, "looks like UTF-16"),
    "Latin-1": ("a.csv", b"text,label\nx,a\n caf\xe9,b\n", {}, r"line 3: not utf-8 \(0xe9 at byte 5.*latin-1"),
    "wrong wide encoding": (
        "a.csv",
        b"text,label\nx,a\n\n",
        {"layout": Layout(encoding="utf-16-le")},
        "not utf-16-le|empty|no column",
    ),
    "gzip without its ending": ("a.csv", gzip.compress(b"text,label\n"), {}, r"compressed by gzip"),
    "truncated gzip": ("a.csv.gz", gzip.compress(b"text,label\nx,a\n" * 99)[:-9], {}, "truncated or damaged"),
    "empty": ("a.csv", "", {}, r"a\.csv is empty"),
    "blank": ("a.csv", "\n\n", {}, "nothing but blank lines"),
    "blank JSON": ("a.jsonl", "\n \n", {}, "nothing but blank lines"),
    "only a mark": ("a.csv", "\ufeff", {}, "nothing but blank lines"),
    "header alone": ("a.csv", "text,label\n", {}, "a header and no row"),
    "unclosed quote": ("a.csv", 'text,label\nx,a\n"y,b\nz,c\n', {}, r"line 3: a quote in this row is never closed"),
    "text behind a quote": ("a.csv", 'text,label\n"x" y,a\n', {}, r"line 2: text behind the closing quote"),
    "line ends of old Macs": ("a.csv", "text,label\rx,a\ry,b", {}, r"line 1: a carriage return"),
    "no telling ending": ("a.txt", "0 How far is it ?\n", {}, r"cannot tell the format.*label-text"),
    "no labels in lines": ("a.txt", "x\n", {"layout": Layout(format="lines")}, "no column 'label', it has 'text'"),
}


@pytest.mark.parametrize(("name", "content", "settings", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named_with_its_place(written, name, content, settings, message):
    with pytest.raises(InputError, match=message):
        read_table(written(name, content), **settings)


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_table(tmp_path / "nowhere.csv")
    with pytest.raises(InputError, match="is a directory"):
        read_table(tmp_path)


@pytest.mark.parametrize(
    ("layout", "message"),
    [
        (Layout(format="xlsx"), "format='xlsx'"),
        (Layout(delimiter="||"), "delimiter='||'"),
        (Layout(delimiter='"'), "one character"),
        (Layout(delimiter=""), "one character"),
        (Layout(encoding="klingon"), "encoding='klingon'"),
        (Layout(encoding="hex"), "encoding='hex'"),
        (Layout(encoding="a\0b"), "no encoding of that name"),
    ],
)
def test_a_layout_that_cannot_work(written, layout, message):
    with pytest.raises(ParameterError) as caught:
        read_table(written("a.csv", "text,label\nx,a\n"), layout=layout)
    assert message in str(caught.value)


def test_a_wide_table_lists_the_first_columns(written):
    path = written("a.csv", ",".join(f"c{place}" for place in range(30)) + "\n")
    with pytest.raises(InputError, match="'c19' and 10 more"):
        read_table(path)


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "columns", "layout", "n_documents", "n_classes"),
    [
        ("imdb.train.tsv.gz", (4, 1), Layout(), 25_000, 2),
        ("sst2.train.tsv", (1, 2), Layout(), 6_920, 2),
        ("trec.train.txt", ("text", "label"), Layout("label-text", encoding="latin-1"), 5_452, 6),
        ("trec.test.txt", ("text", "label"), Layout("label-text"), 500, 6),
        ("thucnews.train.txt", (1, 2), Layout(), 33_590, 10),
    ],
)
def test_research_files_are_read_whole(data_dir, name, columns, layout, n_documents, n_classes):
    text, label = columns
    texts, labels = read_table(data_dir / "classify" / name, text=text, label=label, layout=layout)
    assert len(texts) == len(labels) == n_documents
    assert len(set(labels)) == n_classes
