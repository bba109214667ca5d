"""`--phrases` and its companions: what they join, say and refuse, in every command that prepares a text."""

import json
from dataclasses import fields

import pytest
from embedkit_cli.main import main
from embedkit_cli.phrase_options import PHRASE_OPTIONS, PHRASE_SCORINGS, PhraseOptions

from embedkit.text.phrases import ENGLISH_CONNECTOR_WORDS, SCORINGS, PhraseSettings, PhraseTable
from embedkit.text.vocabulary import Vocabulary
from embedkit.vectors.keyed_vectors import KeyedVectors

SMALL = ["--vector-size", "8", "--epochs", "1", "--threads", "1"]
# Low, since the texts are small.
LENIENT = ["--phrase-threshold", "3"]


@pytest.fixture
def phrase_corpus(tmp_path, text):
    """The small corpus, among it words that always stand together."""
    lines = text.splitlines()
    phrases = ["new york times", "bank of america", "san francisco"]
    path = tmp_path / "phrases.txt"
    path.write_text("".join(f"{line} {phrases[i % 3]} {line}\n" for i, line in enumerate(lines[:600])))
    return path


@pytest.fixture
def report(invoke, phrase_corpus, tmp_path):
    """Train on the corpus with these options, and give the report."""

    def run(*options):
        result = invoke("train-w2v", phrase_corpus, "-o", tmp_path / "v.bin", *SMALL, *options, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return run


def test_phrases_become_words_with_vectors(report, tmp_path):
    found = report("--phrases", "1", *LENIENT, "--save-phrases", tmp_path / "phrases.tsv")
    vectors = KeyedVectors.load(tmp_path / "v.bin")
    assert "san_francisco" in vectors
    assert "san" not in vectors
    assert "new_york_times" not in vectors
    assert found["vocabulary"] == len(vectors)
    assert found["phrases"]["joined"] >= 600
    names = PhraseTable.load(tmp_path / "phrases.tsv").scores
    assert found["phrases"]["found"] == len(names)
    assert {word for word in vectors.index_to_key if "_" in word} <= names.keys()
    assert "san_francisco" in found["phrases"]["examples"]
    assert set(found["seconds"]) == {"vocabulary", "phrases", "training"}


def test_passes_join_longer_phrases(report, tmp_path):
    report("--phrases", "2", *LENIENT)
    assert "new_york_times" in KeyedVectors.load(tmp_path / "v.bin")


def test_the_option_alone_is_one_pass(report):
    assert report(*LENIENT, "--phrases")["parameters"]["phrases"] == 1


def test_without_the_option_nothing_is_joined(report, tmp_path):
    found = report()
    assert found["phrases"] is None
    assert not [name for name in found["parameters"] if "phrase" in name]
    assert "san" in KeyedVectors.load(tmp_path / "v.bin")


def test_every_option_reaches_the_search(report, tmp_path):
    path = tmp_path / "phrases.tsv"
    options = ["--phrase-scoring", "npmi", "--phrase-threshold", "0.4", "--phrase-connectors", "of,the"]
    options += ["--phrase-min-count", "150", "--phrase-delimiter", "~", "--save-phrases", path]
    parameters = report("--phrases", "1", *options)["parameters"]
    assert parameters["phrase_scoring"] == "npmi"
    assert parameters["phrase_threshold"] == 0.4
    assert parameters["phrase_connectors"] == ["of", "the"]
    table = PhraseTable.load(path)
    assert "bank~of~america" in table.scores
    assert table.delimiter == "~"
    assert all(0.4 < phrase.score <= 1 and phrase.count >= 150 for phrase in table)


def test_english_connectors_are_named_by_one_word(report, tmp_path):
    assert (
        "the" in report("--phrases", "1", *LENIENT, "--phrase-connectors", "english")["parameters"]["phrase_connectors"]
    )
    assert "bank_of_america" in KeyedVectors.load(tmp_path / "v.bin")


@pytest.mark.parametrize(
    ("connectors", "expected"),
    [(" of , the ,", {"of", "the"}), ("English", ENGLISH_CONNECTOR_WORDS), (" ENGLISH ", ENGLISH_CONNECTOR_WORDS)],
)
def test_connectors_are_taken_whatever_the_spaces_and_the_case_of_the_name(connectors, expected):
    assert PhraseOptions(1, connectors=connectors).settings().connector_words == expected


def test_rare_words_are_dropped_after_joining(invoke, tmp_path):
    path = tmp_path / "rare.txt"
    path.write_text("".join(f"left rare{i} right\n" for i in range(200)))
    result = invoke("train-w2v", path, "-o", tmp_path / "v.bin", *SMALL, "--phrases", "3", "--phrase-threshold", "0.1")
    assert result.exit_code == 0, result.output
    assert sorted(KeyedVectors.load(tmp_path / "v.bin").index_to_key) == ["left", "right"]


def test_a_vocabulary_that_was_saved_with_phrases_is_read_with_them(report, tmp_path):
    first = report("--phrases", "2", *LENIENT, "--save-vocab", tmp_path / "vocab.txt")
    again = report("--phrases", "2", *LENIENT, "--read-vocab", tmp_path / "vocab.txt")
    assert again["vocabulary"] == first["vocabulary"]
    assert "new_york_times" in Vocabulary.load(tmp_path / "vocab.txt")


def test_people_are_told_what_was_joined(invoke, phrase_corpus, tmp_path):
    result = invoke("train-w2v", phrase_corpus, "-o", tmp_path / "v.bin", *SMALL, "--phrases", "1", *LENIENT)
    lines = result.stderr.splitlines()
    assert lines[0].startswith("joined ")
    assert "san_francisco" in lines[0]
    assert lines[1].startswith("read ")


def test_people_are_told_that_no_phrase_was_found(invoke, phrase_corpus, tmp_path):
    options = ["--phrases", "1", "--phrase-threshold", "1e9"]
    result = invoke("train-w2v", phrase_corpus, "-o", tmp_path / "v.bin", *SMALL, *options)
    assert result.exit_code == 0
    assert "no phrase scores above 1e+09: lower --phrase-threshold" in result.stderr


def test_options_without_effect_are_named(invoke, phrase_corpus, tmp_path):
    result = invoke("train-w2v", phrase_corpus, "-o", tmp_path / "v.bin", *SMALL, "--phrase-scoring", "npmi")
    assert result.exit_code == 0
    assert "--phrase-scoring has no effect without --phrases" in result.stderr


@pytest.mark.parametrize(
    ("command", "output"), [("train-svd", "v.bin"), ("train-glove", "v.bin"), ("cooccur", "counts.npz")]
)
def test_other_commands_join_phrases_too(invoke, phrase_corpus, tmp_path, command, output):
    few = ["--vector-size", "4"] if command != "cooccur" else []
    options = [*few, *LENIENT, "--save-vocab", tmp_path / "vocab.txt", "--phrases", "2"]
    result = invoke(command, phrase_corpus, "-o", tmp_path / output, *options)
    assert result.exit_code == 0, result.output
    assert "joined " in result.stderr
    words = Vocabulary.load(tmp_path / "vocab.txt")
    assert "new_york_times" in words


def test_counts_of_words_in_documents_keep_all_documents(invoke, phrase_corpus, tmp_path):
    options = ["--by", "document", "--phrases", "1", *LENIENT, "--min-count", "150", "--json"]
    result = invoke("cooccur", phrase_corpus, "-o", tmp_path / "c.npz", *options)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["documents"] == 600


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--phrases", "1", "--phrase-threshold", "nan"], "--phrase-threshold nan: expected"),
        (["--phrases", "1", "--phrase-threshold", "0"], "--phrase-threshold 0.0: expected"),
        (["--phrases", "1", "--phrase-scoring", "npmi", "--phrase-threshold", "2"], "--phrase-threshold 2.0: expected"),
        (["--phrases", "1", "--phrase-min-count", "0"], "--phrase-min-count 0: expected"),
        (["--phrases", "1", "--phrase-delimiter", ""], "--phrase-delimiter '': expected"),
        (["--phrases", "1", "--phrase-delimiter", " "], "--phrase-delimiter ' ': expected"),
        (["--phrases", "1000"], "--phrases 1000: expected"),
        (["--save-phrases", "phrases.tsv"], "--save-phrases was given without --phrases"),
    ],
)
def test_what_cannot_work_is_refused_before_the_text_is_read(fails, unread, tmp_path, options, message):
    assert message in fails("train-w2v", unread, "-o", tmp_path / "v.bin", *options)


def test_the_phrases_may_not_replace_the_text(fails, unread, tmp_path):
    message = fails("train-w2v", unread, "-o", tmp_path / "v.bin", "--phrases", "1", "--save-phrases", unread)
    assert "--save-phrases" in message
    assert "also the input" in message


@pytest.mark.parametrize("passes", ["x", "1.5", "corpus.txt", "-"])
def test_a_number_of_passes_that_is_none_is_a_usage_error(invoke, corpus, tmp_path, passes):
    result = invoke("train-w2v", corpus, "-o", tmp_path / "v.bin", f"--phrases={passes}")
    assert result.exit_code == 2
    assert f"{passes!r} is not a number of passes" in result.stderr


def test_scorings_are_those_of_the_package():
    assert PHRASE_SCORINGS == SCORINGS


def test_the_defaults_are_those_of_the_settings():
    given = main.get_command(None, "train-w2v").make_context("train-w2v", ["corpus.txt", "-o", "v.bin"]).params
    ours, theirs = PhraseOptions(), PhraseSettings()
    for name in ("threshold", "scoring", "min_count", "delimiter"):
        assert given[f"phrase_{name}"] == getattr(ours, name) == getattr(theirs, name)
    assert given["phrases"] == ours.passes == 0
    assert given["phrase_connectors"] is ours.connectors is None
    assert len(PHRASE_OPTIONS) == len(fields(PhraseOptions)) - 1


def test_a_phrase_of_words_that_the_file_cannot_hold_is_refused(fails, phrase_corpus, tmp_path):
    options = ["--tokenizer", r"regex:[a-z]+(?: of)?", "--phrases", "1", *LENIENT, "--save-phrases", tmp_path / "p.tsv"]
    message = fails("train-w2v", phrase_corpus, "-o", tmp_path / "native.embedkit", *SMALL, *options)
    assert "bank of" in message
