"""`embedkit augment`: rows and their new texts, in the format of the table, complete or not at all."""

import csv
import gzip
import io
import json
import os
import signal
import subprocess
import sys

import pytest
from embedkit_cli import augment, augment_run
from lexicon.wndb import write_wordnet

from embedkit.augment import AEDA, EDA, CharacterNoise, KeyboardTypos, MixDocuments, mixing
from embedkit.lexicon import wordnet_places
from embedkit.text.tables import read_table

COMMAND = [sys.executable, "-m", "embedkit"]
posix = pytest.mark.skipif(os.name != "posix", reason="signals and pipes of POSIX")
WORDS = "good\tfine\tnice\nbad\tpoor\nfilm\tpicture\nhappy\tglad\n"
TEXTS = [
    "A good, long film! I liked it.",
    'It is a "bad" film, and a sad end',
    "happy people make good films",
    "a bad day",
]
LABELS = ["pos", "neg", "pos", "neg"]


@pytest.fixture
def words(tmp_path):
    path = tmp_path / "words.tsv"
    path.write_text(WORDS)
    return path


@pytest.fixture
def table(tmp_path):
    return write_csv(tmp_path / "train.csv")


@pytest.fixture
def make(invoke, words):
    """Augment a table with the small lexicon; give the result of the run."""

    def run(*arguments, **settings):
        lexicon = [] if "--lexicon" in arguments or "--method" in arguments else ["--lexicon", words]
        result = invoke("augment", *arguments, *lexicon, **settings)
        assert result.exit_code == 0, result.output
        return result

    return run


def write_csv(path, texts=TEXTS, labels=LABELS):
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["id", "text", "label"])
        rows.writerows((f"row {k}", text, label) for k, (text, label) in enumerate(zip(texts, labels, strict=True)))
    return path


def many(n):
    return [f"{TEXTS[k % 4]} {k // 3} times" for k in range(n)], [LABELS[k % 4] for k in range(n)]


def read_csv(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_each_row_is_followed_by_its_new_texts_with_all_else_as_it_was(make, table, tmp_path):
    out = tmp_path / "out.csv"
    result = make(table, "-o", out, "--n", 2)
    rows = read_csv(out.read_text())
    assert list(rows[0]) == ["id", "text", "label"]
    assert [row["text"] for row in rows[::3]] == TEXTS
    for k in range(4):
        group = rows[3 * k : 3 * k + 3]
        assert {(row["id"], row["label"]) for row in group} == {(f"row {k}", LABELS[k])}
        assert len({row["text"] for row in group}) == 3
    assert result.stdout == ""
    assert result.stderr.startswith(f"wrote 12 rows to {out}: 8 new texts of 4 texts (")


@pytest.mark.parametrize(
    ("options", "augmenter"),
    [
        (["--n", 3, "--seed", 5], lambda lexicon: EDA(lexicon=lexicon, n_aug=3, random_state=5)),
        (
            ["--alpha", 0.3, "--p-rd", 0.0, "--protect", "film", "--stop-words", "none"],
            lambda lexicon: EDA(
                alpha_sr=0.3, alpha_ri=0.3, alpha_rs=0.3, p_rd=0.0, lexicon=lexicon, protected=["film"], stop_words=None
            ),
        ),
        (
            ["--alpha-sr", 0.5, "--alpha-ri", 0, "--alpha-rs", 0, "--p-rd", 0],
            lambda lexicon: EDA(alpha_sr=0.5, alpha_ri=0, alpha_rs=0, p_rd=0, lexicon=lexicon),
        ),
        (["--method", "aeda"], lambda _: AEDA()),
        (["--method", "aeda", "--alpha", 0.9, "--tokenizer", "whitespace"], lambda _: AEDA(alpha=0.9)),
        (["--method", "noise", "--stop-words", "none"], lambda _: CharacterNoise(stop_words=None)),
        (["--method", "keyboard", "--alpha", 0.5], lambda _: KeyboardTypos(alpha=0.5)),
        (["--method", "mix"], lambda _: MixDocuments()),
        (["--method", "mix", "--how", "sentences", "--tokenizer", "char"], lambda _: MixDocuments(how="sentences")),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, list) else "",
)
def test_options_are_parameters_of_the_augmenters(make, table, words, options, augmenter):
    model = augmenter(str(words))
    if "--seed" not in options:
        model.set_params(random_state=1)
    if "--tokenizer" in options:
        model.set_params(tokenizer=options[options.index("--tokenizer") + 1])
    rows = read_csv(make(table, *options).stdout)
    assert [row["text"] for row in rows] == model.transform(TEXTS, LABELS)
    assert len(rows) > 6


@pytest.mark.parametrize(
    ("name", "header", "rows", "options"),
    [
        ("t.tsv", "text\tlabel\n", ['a happy "dog"\tx\n'], []),
        ("t.tsv", "text\tlabel\n", ['"a happy\tdog"\tx\n'], ["--quoted"]),
        ("t.tsv.gz", "", ["a happy dog\tx\n"], ["--text", "1", "--label", "2"]),
        ("t.csv", "text;label;note\n", ['"a happy; old dog";x;"a ""note"""\n'], ["--delimiter", ";"]),
        ("t.csv", "text,label\n", ["a happy dog,\n", '"a happy\rdog\nis old",x\n'], []),
        ("t.csv", "text,label\n", ['"a happy dog",x\n'], ["--unquoted"]),
        ("t.csv", "", ["a happy dog,x\n"], ["--text", "1", "--label", "2"]),
        ("t.jsonl", "", ['{"id": 7, "text": "a happy dog", "label": ["x", "y"], "more": {"a": null, "b": NaN}}\n'], []),
        ("t.jsonl", "", ['{"text": "a happy dog"}\n', '{"other": 1, "text": "a happy dog"}\n'], []),
        ("t.ft", "", ["__label__x __label__y a happy dog\n", "__label__x happy\n"], []),
        ("t.txt", "", ["x a happy dog\n"], ["--format", "label-text"]),
        ("t.txt", "", ["a happy dog\n", "\n", "old\n"], ["--format", "lines"]),
    ],
    ids=[
        "tsv",
        "quoted tsv",
        "tsv without header",
        "semicolons",
        "breaks in csv",
        "unquoted csv",
        "csv without header",
        "jsonl",
        "jsonl with other keys",
        "fasttext",
        "label-text",
        "lines",
    ],
)
def test_every_format_comes_back_as_itself(make, tmp_path, name, header, rows, options):
    table = tmp_path / name
    pack = gzip.compress if name.endswith(".gz") else bytes
    table.write_bytes(pack((header + "".join(rows)).encode()))
    result = make(table, *options, "--alpha-ri", 0, "--alpha-rs", 0, "--p-rd", 0)
    both = [row + (row.replace("happy", "glad") if "happy" in row else "") for row in rows]
    assert result.stdout_bytes.decode() == header + "".join(both)


def test_marks_do_not_break_rows_without_quotes(make, tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("text,label\na good old film about people,x\n")
    written = make(table, "--unquoted", "--method", "aeda", "--n", 30).stdout
    assert {line.count(",") for line in written.splitlines()} == {1}


def test_the_ending_of_the_output_names_another_format(make, fails, tmp_path):
    table = tmp_path / "t.jsonl"
    table.write_text('{"text": "a good film", "n": 1, "b": true}\n{"text": "no", "b": null}\n')
    make(table, "-o", tmp_path / "o.csv.gz", "--n", 1)
    lines = gzip.decompress((tmp_path / "o.csv.gz").read_bytes()).decode().splitlines()
    assert lines[:2] == ["text,n,b", "a good film,1,true"]
    assert lines[3:] == ["no,,"]
    make(tmp_path / "o.csv.gz", "-o", tmp_path / "o.ndjson", "--n", 1)
    assert json.loads((tmp_path / "o.ndjson").read_text().splitlines()[0]) == {
        "text": "a good film",
        "n": "1",
        "b": "true",
    }
    labelled = tmp_path / "t.ft"
    labelled.write_text("__label__x a good film\n")
    make(labelled, "-o", tmp_path / "o.tsv", "--n", 1)
    assert (tmp_path / "o.tsv").read_text().startswith("label\ttext\nx\ta good film\nx\t")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.jsonl", '{"text": "a good film"}\n{"text": "a", "other": 1}\n', "line 2: there is 'other'"),
        ("t.jsonl", '{"text": "a good film", "tags": ["a"]}\n', "line 1: 'tags' holds several values"),
        ("t.ft", "__label__x __label__y a good film\n", "line 1: 'label' holds several values"),
    ],
)
def test_what_a_format_cannot_hold_is_said(fails, tmp_path, name, content, said):
    (tmp_path / name).write_text(content)
    message = fails("augment", tmp_path / name, "-o", tmp_path / "o.csv", "--method", "aeda")
    assert said in message
    assert message.endswith("CSV cannot hold it, .jsonl can")


def test_a_row_without_text_stays_and_is_counted(make, tmp_path):
    table = write_csv(tmp_path / "t.csv", ["", "  ", "a good film", "?!"])
    result = make(table, "-o", tmp_path / "o.csv", "--n", 1, "--json")
    report = json.loads(result.stdout)
    assert {name: report[name] for name in ("rows_in", "rows_out", "new_texts", "unchanged")} == {
        "rows_in": 4,
        "rows_out": 5,
        "new_texts": 1,
        "unchanged": 3,
    }
    texts = [row["text"] for row in read_csv((tmp_path / "o.csv").read_text())]
    assert texts[:3] == ["", "  ", "a good film"]
    assert texts[4] == "?!"
    assert "3 texts with nothing that could change" in make(table, "-o", tmp_path / "o.csv", "--n", 1).stderr


def test_without_originals_only_new_texts_are_written(make, table):
    every = make(table, "--n", 2).stdout.splitlines()
    assert make(table, "--n", 2, "--no-originals").stdout.splitlines() == [
        line for k, line in enumerate(every) if k % 3 != 1
    ]


def test_json_tells_of_the_run(make, table, words, tmp_path):
    out = tmp_path / "o.csv"
    report = json.loads(make(table, "-o", out, "--json", "--quiet", "--alpha", 0.2, "--p-rd", 0.5).stdout)
    assert report["output"] == str(out)
    assert report["rows_out"] == 4 + report["new_texts"] == len(out.read_text().splitlines()) - 1
    assert report["seconds"] >= 0
    assert report["parameters"] == {
        "method": "eda",
        "n": 4,
        "balance": False,
        "tokenizer": "words",
        "alpha_sr": 0.2,
        "alpha_ri": 0.2,
        "alpha_rs": 0.2,
        "p_rd": 0.5,
        "lexicon": str(words),
        "lexicon_encoding": "utf-8",
        "stop_words": "english",
    }


@pytest.mark.parametrize("options", [[], ["--balance"], ["--method", "mix"]], ids=["n", "balance", "mix"])
def test_rows_depend_neither_on_processes_nor_on_chunks(make, tmp_path, monkeypatch, options):
    texts, labels = many(1100)
    table = write_csv(tmp_path / "t.csv", texts, [*labels[:1000], *["rare"] * 100])
    one = make(table, *options).stdout_bytes
    assert len(one.splitlines()) > 1101
    assert make(table, *options, "--threads", 2).stdout_bytes == one
    monkeypatch.setattr("embedkit.augment.workers.CHUNK", 7)
    monkeypatch.setattr(augment_run, "CHUNK", 100)
    assert make(table, *options).stdout_bytes == one


def test_balance_makes_every_class_as_large_as_the_largest(make, tmp_path):
    texts, _ = many(60)
    labels = ["most"] * 40 + ["some"] * 15 + ["few"] * 5
    table = write_csv(tmp_path / "t.csv", texts, labels)
    rows = read_csv(make(table, "--balance").stdout)
    counted = {label: [row["id"] for row in rows if row["label"] == label] for label in ("most", "some", "few")}
    assert [len(ids) for ids in counted.values()] == [40, 40, 40]
    assert len({(row["label"], row["text"]) for row in rows}) == 120
    # All texts of a class have their share.
    assert {counted["few"].count(one) for one in counted["few"]} == {8}
    assert {counted["some"].count(one) for one in counted["some"]} <= {2, 3}


def test_no_texts_are_made_for_the_largest_class(make, tmp_path, monkeypatch):
    seen = []
    real = AEDA.iter_augment

    def noted(self, texts, labels):
        return real(self, (seen.append(text) or text for text in texts), labels)

    monkeypatch.setattr(AEDA, "iter_augment", noted)
    table = write_csv(tmp_path / "t.csv", TEXTS, ["most", "most", "few", "most"])
    make(table, "--method", "aeda", "--balance")
    assert seen == ["", "", TEXTS[2], ""]


def test_texts_that_give_nothing_are_made_up_for_by_others(make, tmp_path):
    texts = [*many(8)[0], "", "", "happy people like a good film", "a bad film and a sad end"]
    table = write_csv(tmp_path / "t.csv", texts, ["most"] * 8 + ["few"] * 4)
    report = json.loads(make(table, "-o", tmp_path / "o.csv", "--balance", "--json").stdout)
    assert report["new_texts"] == 4
    assert report["short"] == {}


def test_a_class_that_stays_smaller_is_named(make, tmp_path):
    table = write_csv(tmp_path / "t.csv", [*TEXTS, "?"], ["a", "a", "a", "a", "none"])
    result = make(table, "-o", tmp_path / "o.csv", "--balance", "--json")
    assert json.loads(result.stdout)["short"] == {"none": 3}
    assert "class none has 3 texts less than the largest: no more could be made" in result.stderr


def test_chinese_words_with_a_lexicon_in_gb18030(make, fails, tmp_path):
    lexicon = tmp_path / "cilin.txt"
    lexicon.write_bytes("Ga01A01= 高兴 快乐\nBb01A01= 电影 影片\n".encode("gb18030"))
    table = tmp_path / "zh.tsv"
    table.write_bytes("text\tlabel\n我们看电影，大家都很高兴。\t1\n".encode("gb18030"))
    options = ["--encoding", "gb18030", "--tokenizer", "zh", "--stop-words", "chinese", "--lexicon", lexicon]
    only = ["--alpha-sr", 0.5, "--alpha-ri", 0, "--alpha-rs", 0, "--p-rd", 0]
    result = make(table, *options, *only, "--lexicon-encoding", "gb18030")
    assert set(result.stdout_bytes.decode().splitlines()) >= {
        "text\tlabel",
        "我们看电影，大家都很高兴。\t1",
        "我们看影片，大家都很快乐。\t1",
    }
    assert result.stderr == ""
    message = fails("augment", table, *options)
    assert "not utf-8" in message
    assert "set encoding (--lexicon-encoding) to 'gb18030'" in message


def test_chinese_without_a_tokenizer_is_noticed(make, tmp_path):
    table = tmp_path / "zh.txt"
    table.write_text("我们昨天看电影，大家都很高兴。\n" * 3)
    assert make(table, "--format", "lines").stderr == (
        "the texts look Chinese, of which 'words' makes single characters: add --tokenizer zh --stop-words chinese\n"
    )
    assert make(table, "--format", "lines", "--method", "aeda").stderr.endswith("add --tokenizer zh\n")
    assert make(table, "--format", "lines", "--tokenizer", "words").stderr == (
        "the texts look Chinese: add --stop-words chinese\n"
    )
    assert "on no keyboard" in make(table, "--format", "lines", "--method", "keyboard").stderr
    assert make(table, "--format", "lines", "--quiet").stderr == ""


def test_a_wordnet_is_the_default_lexicon(invoke, fails, tmp_path, monkeypatch):
    folder = write_wordnet(tmp_path / "dict")
    table = write_csv(tmp_path / "t.csv", ["a happy dog"], ["x"])
    monkeypatch.setenv("WNSEARCHDIR", str(folder))
    only = ["--alpha-ri", 0, "--alpha-rs", 0, "--p-rd", 0]
    texts = {row["text"] for row in read_csv(invoke("augment", table, *only).stdout)}
    assert "a glad dog" in texts
    monkeypatch.delenv("WNSEARCHDIR")
    monkeypatch.delenv("WNHOME", raising=False)
    monkeypatch.setattr(wordnet_places, "_places", lambda: iter(()))
    assert "no WordNet is installed; install one with: " in fails("augment", table, "-o", tmp_path / "o.csv")
    # It is not needed where nothing is replaced or inserted.
    assert invoke("augment", table, "--alpha-sr", 0, "--alpha-ri", 0).exit_code == 0


def test_protected_words_come_from_options_and_a_file(make, fails, table, tmp_path):
    kept = tmp_path / "kept.txt"
    kept.write_text("good\nliked # by many\n")
    options = ["--protect", "film", "--protect", "LONG", "--protect-file", kept, "--no-originals", "--n", 20]
    rows = read_csv(make(table, *options, "--alpha", 0.5).stdout)
    # The first text has no other words but stop words.
    assert {row["id"] for row in rows} == {"row 1", "row 2", "row 3"}
    missing = tmp_path / "english"
    message = fails("augment", table, "--method", "noise", "--protect-file", missing)
    assert message == f"Error: no such file: {missing}; check the path"
    kept.write_bytes("高兴\n".encode("gb18030"))
    for option in ("--protect-file", "--stop-words"):
        message = fails("augment", table, "--method", "noise", option, kept)
        assert message.startswith(f"Error: {kept}, line 1: not utf-8 (0xb8); ")
        assert f"iconv -f GB18030 -t UTF-8 {kept}" in message


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--alpha", 1.5], "1.5 is not in the range"),
        (["--alpha", -0.1], "-0.1 is not in the range"),
        (["--p-rd", 2], "2.0 is not in the range"),
        (["--alpha-sr", "x"], "'x' is not a valid float"),
        (["--n", 0], "0 is not in the range"),
        (["--method", "gpt"], "'gpt' is not one of"),
        (["--tokenizer", "mecab"], "there is no tokenizer 'mecab'"),
    ],
)
def test_a_wrong_option_is_a_usage_error(invoke, table, tmp_path, options, said):
    result = invoke("augment", table, "-o", tmp_path / "o.csv", *options)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (tmp_path / "o.csv").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--alpha", "nan"], "alpha_sr=nan: expected a number from 0 to 1"),
        (["--alpha", 0], "are all 0"),
        (["--method", "aeda", "--alpha", 0], "alpha=0.0: expected a number above 0"),
        (["--method", "noise", "--alpha-sr", 0.1], "--alpha-sr has no say with --method noise; it is for eda"),
        (["--method", "mix", "--protect", "a"], "--protect has no say with --method mix; it is for eda and noise and"),
        (["--how", "halves"], "--how has no say with --method eda; it is for mix"),
        (["--balance", "--n", 3], "--n has no say with --balance"),
        (["--label", "sentiment"], "has no column 'sentiment', it has 'id', 'text', 'label'"),
        (["--balance", "--label", "sentiment"], "has no column 'sentiment', it has 'id', 'text', 'label'"),
        (["--text", "review"], "has no column 'review', it has 'id', 'text', 'label'"),
        (["--lexicon-encoding", "klingon"], "klingon"),
        (["--lexicon", "missing.tsv"], "no such file: missing.tsv"),
        (["--encoding", "ascii", "--text", "9"], "has no column '9'"),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, list) else "",
)
def test_what_cannot_work_is_one_line_and_leaves_no_file(fails, table, words, tmp_path, options, said):
    own = "--method" in options or "--lexicon" in options
    lexicon = [] if own else ["--lexicon", words]
    assert said in fails("augment", table, "-o", tmp_path / "o.csv", *options, *lexicon)


def test_an_unlabelled_table_is_augmented_unless_the_label_is_named(make, fails, tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("text\na good film\n")
    assert make(table, "--n", 1).stdout.startswith("text\na good film\na ")
    assert "has no column 'label'" in fails("augment", table, "--label", "label", "--method", "aeda")
    assert "has no column 'label'" in fails("augment", table, "--method", "mix")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"text,label\n", "holds a header and no row, expected a text a row"),
        (b"text,label\na good film,x\nb\n", "line 3: 1 field, expected 2"),
        (b"text,label\na \xff film,x\n", "line 2: not utf-8"),
        (b"text,label\na \0 film,x\n", "line 2: a NUL"),
        (b"text,label\na good film,\n", "line 2: the label is empty"),
    ],
)
def test_a_table_that_cannot_be_read_leaves_no_file(fails, tmp_path, content, said):
    table = tmp_path / "t.csv"
    table.write_bytes(content)
    needed = ["--balance"] if b"film,\n" in content else []
    assert said in fails("augment", table, "-o", tmp_path / "o.csv", "--method", "aeda", *needed)


def test_several_labels_cannot_be_balanced_but_mixed(invoke, fails, tmp_path):
    table = tmp_path / "t.ft"
    table.write_text("__label__x __label__y a good film\n__label__x __label__y a bad one\n__label__x no way out\n")
    assert "line 1: 2 labels; --balance needs one" in fails("augment", table, "--method", "aeda", "--balance")
    assert invoke("augment", table, "--method", "mix").stdout.splitlines() == [
        "__label__x __label__y a good film",
        "__label__x __label__y a good one",
        "__label__x __label__y a bad one",
        "__label__x __label__y a bad film",
        "__label__x no way out",
    ]


def test_text_of_any_kind_is_augmented(make, tmp_path):
    texts = [
        "a \ud800 good film",
        "a \0 good film",
        "فيلم جيد جدا",
        "x" * 10_000_000 + " good film",
        "\u0378 \U000e0001",
    ]
    table = tmp_path / "t.jsonl"
    table.write_text("".join(json.dumps({"text": text, "other": "\udfff"}) + "\n" for text in texts))
    rows = [json.loads(line) for line in make(table, "--n", 1).stdout_bytes.decode().splitlines()]
    assert len(rows) == 2 * len(texts) - 1
    assert [row["text"] for row in rows[::2]] == [text.replace("\ud800", "\ufffd") for text in texts]
    assert {row["other"] for row in rows} == {"\ufffd"}


def test_null_and_numbers_are_no_text(fails, tmp_path):
    table = tmp_path / "t.jsonl"
    for value, shown in (("null", "missing"), ("7", "7")):
        table.write_text(f'{{"text": "a good film"}}\n{{"text": {value}}}\n')
        message = fails("augment", table, "-o", tmp_path / "o.jsonl", "--method", "aeda")
        assert message.endswith(f"line 2: the text is {shown}, expected a string")


def test_standard_input_goes_to_standard_output(make, fails, invoke):
    lines = "text,label\na good film,x\n"
    options = ["--format", "csv", "--n", 1]
    assert make("-", *options, input=lines).stdout.startswith("text,label\na good film,x\na ")
    assert make("-", *options, "-o", "-", input=lines).stdout.startswith("text,label\na good film,x\na ")
    for option in (["--balance"], ["--method", "mix"]):
        result = invoke("augment", "-", "--format", "csv", *option, input=lines)
        assert result.exit_code == 1
        assert f"Error: {' '.join(option)} reads the table twice, which standard input cannot be" in result.stderr
    assert "--json and the rows would mix" in fails("augment", "-", "--json")


def test_outputs_are_checked_before_the_table_is_read(fails, unread, words, tmp_path):
    assert "is also the input" in fails("augment", unread, "-o", unread)
    assert "is also --lexicon" in fails("augment", unread, "--lexicon", words, "-o", words)
    assert "does not exist" in fails("augment", unread, "-o", tmp_path / "missing" / "o.csv")
    assert "is a directory" in fails("augment", unread, "-o", tmp_path)


def test_an_older_output_stays_until_the_new_one_is_complete(invoke, tmp_path):
    older = tmp_path / "o.csv"
    older.write_text("an older file")
    table = tmp_path / "t.csv"
    table.write_text("text,label\n" + "a good film,x\n" * 600 + "broken\n")
    assert invoke("augment", table, "-o", older, "--method", "aeda").exit_code == 1
    assert older.read_text() == "an older file"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.csv", "t.csv"]


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_leaves_no_half_file(tmp_path, name):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    arguments = ["augment", pipe, "--format", "lines", "--method", "aeda", "-o", tmp_path / "o.txt"]
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        with pipe.open("w") as feed:
            feed.write("a good film\n" * 2000)
            feed.flush()
            while not list(tmp_path.glob(".o.txt.*")):
                assert process.poll() is None
            process.send_signal(getattr(signal, name))
            out, err = process.communicate(timeout=20)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 128 + getattr(signal, name)
    assert err.splitlines() == ["Interrupted; nothing was written"]
    assert out == ""
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_a_table_is_not_held_in_memory(invoke, tmp_path, monkeypatch):
    read, ahead = [], []
    rows, write = augment_run.TextTable.__iter__, augment_run.Augmentation._write

    def counted(self):
        for row in rows(self):
            read.append(row.line)
            yield row

    def checked(self, writer, encoder, row, new):
        ahead.append(read[-1] - row.line)
        write(self, writer, encoder, row, new)

    monkeypatch.setattr(augment_run.TextTable, "__iter__", counted)
    monkeypatch.setattr(augment_run.Augmentation, "_write", checked)
    texts, labels = many(3000)
    table = write_csv(tmp_path / "t.csv", texts, [*labels[:2800], *["rare"] * 200])
    for options in ([], ["--balance"]):
        ahead.clear()
        assert invoke("augment", table, "--method", "aeda", *options).exit_code == 0
        assert len(ahead) == 3000
        assert max(ahead) < 1000


@pytest.mark.parametrize("n", [3, 5])
def test_a_table_that_changes_between_its_two_readings_is_an_error(fails, table, tmp_path, monkeypatch, n):
    opened = augment_run.open_texts
    texts, labels = many(n)

    def changed(*arguments):
        write_csv(table, texts, labels)
        return opened(*arguments)

    monkeypatch.setattr(augment_run, "open_texts", changed)
    message = fails("augment", table, "-o", tmp_path / "o.csv", "--method", "mix")
    assert message.endswith("has changed while it was read; run again")


@posix
def test_a_pipe_cannot_be_read_twice(fails, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    message = fails("augment", tmp_path / "pipe", "--format", "csv", "--balance", "-o", tmp_path / "o.csv")
    assert "--balance reads the table twice, which" in message


def test_control_characters_do_not_reach_the_terminal(make, tmp_path, monkeypatch):
    table = tmp_path / "t.tsv"
    table.write_text("text\tlabel\na good \x1b[31mfilm\tx\n")
    assert "\x1b[31m" in make(table).stdout
    monkeypatch.setattr(augment_run, "is_terminal", lambda stream: True)
    shown = make(table).stdout
    assert "\x1b" not in shown
    assert "a good \\x1b[31mfilm\tx\n" in shown


def test_choices_are_those_of_the_package():
    assert augment.MIXTURES == mixing.WAYS


def test_what_was_made_is_training_data(make, table, tmp_path):
    make(table, "-o", tmp_path / "o.csv")
    texts, labels = read_table(tmp_path / "o.csv")
    assert len(texts) == len(labels) > 12
    assert set(labels) == {"pos", "neg"}


def test_a_first_row_that_looks_like_names_of_columns_is_told(make, tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("text,label\na good film,x\n")
    told = "the first row, 'text', is taken for data: add --header if it names the columns\n"
    assert make(table, "--text", "1", "--label", "2").stderr == told
    assert make(table, "--text", "1", "--label", "2", "--header").stderr == ""
    assert make(table).stderr == ""
