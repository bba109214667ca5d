"""Bad input: one line that says what is wrong, exit code 1, the older output untouched, and nothing left behind."""

import gzip
import json
import os
import struct
from pathlib import Path

import pytest

from embedkit.models.word2vec import training as word2vec_training
from embedkit.text.vocabulary import Vocabulary
from embedkit.vectors.keyed_vectors import KeyedVectors

FAST = ["--vector-size", "4", "--epochs", "1", "--threads", "1"]


@pytest.fixture
def train_fails(fails, tmp_path):
    """Train onto an older file, which must fail."""

    def run(*arguments: object) -> str:
        return fails("train-w2v", "-o", tmp_path / "older.bin", *FAST, *arguments)

    return run


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


class TestText:
    def test_missing_input(self, train_fails, tmp_path):
        assert "nowhere.txt" in train_fails(tmp_path / "nowhere.txt")

    def test_a_glob_that_matches_nothing(self, train_fails, tmp_path):
        assert "*.none" in train_fails(tmp_path / "*.none")

    def test_empty_input(self, train_fails, tmp_path):
        assert "empty.txt" in train_fails(written(tmp_path / "empty.txt", b""))

    def test_empty_folder(self, train_fails, tmp_path):
        (tmp_path / "folder").mkdir()
        assert "folder" in train_fails(tmp_path / "folder")

    def test_invalid_utf8_names_file_and_offset(self, train_fails, tmp_path):
        message = train_fails(written(tmp_path / "latin.txt", b"good words\n" * 10 + b"caf\xe9 more\n"))
        assert "latin.txt" in message
        assert "113" in message
        assert "--encoding-errors" in message or "encoding_errors" in message

    def test_utf16_is_refused_with_a_hint(self, train_fails, tmp_path):
        message = train_fails(written(tmp_path / "wide.txt", "some words\n".encode("utf-16")))
        assert "UTF-16" in message

    def test_no_word_reaches_min_count(self, train_fails, tmp_path):
        message = train_fails(written(tmp_path / "few.txt", b"a b c a b a\n"))
        assert "3" in message
        assert "min_count" in message or "--min-count" in message

    def test_a_damaged_gzip_file(self, train_fails, corpus):
        whole = gzip.compress(corpus.read_bytes())
        path = written(corpus.with_name("cut.txt.gz"), whole[: len(whole) // 2])
        assert "cut.txt.gz" in train_fails(path)

    def test_an_unreadable_file(self, train_fails, corpus):
        if os.geteuid() == 0:
            pytest.skip("root may read everything")
        corpus.chmod(0)
        assert "corpus.txt" in train_fails(corpus)

    def test_a_vocabulary_of_one_word_trains_or_says_why_not(self, invoke, tmp_path):
        path = written(tmp_path / "one.txt", b"word word word\n" * 20)
        result = invoke("train-w2v", path, "-o", tmp_path / "v.bin", *FAST)
        assert result.exit_code == 0 or "nothing to learn from" in result.stderr
        result = invoke("train-w2v", path, "-o", tmp_path / "v.bin", *FAST, "--sample", 0)
        assert result.exit_code == 0, result.output

    @pytest.mark.parametrize(
        ("data", "words"),
        [(b"word " * 10_000_000, 10_000_000), (b"w" * 100_000 + b" other words here\n" * 20, 61)],
        ids=["a line of 50 MB", "a word of 100,000 bytes"],
    )
    def test_long_lines_and_words_train(self, invoke, tmp_path, data, words):
        path = written(tmp_path / "odd.txt", data)
        options = ["--min-count", 1, "--sample", 0, "--json"]
        result = invoke("train-w2v", path, "-o", tmp_path / "v.bin", *FAST, *options)
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["words"] == words
        assert len(KeyedVectors.load(tmp_path / "v.bin")) == len(set(data.split()))

    def test_a_nul_byte_is_named(self, train_fails, tmp_path):
        message = train_fails(written(tmp_path / "nul.txt", b"nul \0 byte words\n" * 20))
        assert "nul.txt has a NUL byte at offset 4" in message


class TestParameters:
    @pytest.mark.parametrize(
        ("options", "name"),
        [
            (["--vector-size", "-5"], "vector_size"),
            (["--vector-size", "0"], "vector_size"),
            (["--window", "0"], "window"),
            (["--negative", "-1"], "negative"),
            (["--negative", "0"], "negative"),
            (["--epochs", "0"], "epochs"),
            (["--sample", "-1"], "sample"),
            (["--sample", "nan"], "sample"),
            (["--lr", "0"], "learning_rate"),
            (["--lr", "nan"], "learning_rate"),
            (["--min-lr", "1"], "min_learning_rate"),
            (["--min-count", "-1"], "min_count"),
            (["--max-vocab", "0"], "max_vocab"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else value,
    )
    def test_impossible_values_are_refused_before_the_text_is_read(self, fails, unread, tmp_path, options, name):
        assert name in fails("train-w2v", unread, "-o", tmp_path / "older.bin", *options)

    @pytest.mark.parametrize(
        "options",
        [
            ["--threads", "0"],
            ["--vector-size", "many"],
            ["--memory", "lots"],
            ["--arch", "transformer"],
            ["--format", "x"],
        ],
        ids=" ".join,
    )
    def test_what_cannot_be_parsed_is_a_usage_error(self, invoke, corpus, tmp_path, options):
        result = invoke("train-w2v", corpus, "-o", tmp_path / "v.bin", *options)
        assert result.exit_code == 2
        assert options[0] in result.stderr

    def test_output_is_required(self, invoke, corpus):
        result = invoke("train-w2v", corpus)
        assert result.exit_code == 2
        assert "--output" in result.stderr

    def test_output_vectors_of_a_tree_are_refused(self, train_fails, corpus, tmp_path):
        assert "--loss hs" in train_fails(corpus, "--loss", "hs", "--save-output-vectors", tmp_path / "out.bin")


class TestOutputs:
    """All of these are found out before the text is read."""

    @pytest.mark.parametrize("option", ["--output", "--save-vocab", "--save-output-vectors"])
    def test_a_folder_that_does_not_exist(self, fails, unread, tmp_path, option):
        others = [] if option == "--output" else ["-o", tmp_path / "v.bin"]
        message = fails("train-w2v", unread, *others, option, tmp_path / "nowhere" / "v.bin")
        assert "nowhere" in message
        assert "cannot write" in message

    def test_a_folder_that_does_not_exist_for_the_native_format(self, fails, unread, tmp_path):
        assert "nowhere" in fails("train-w2v", unread, "-o", tmp_path / "nowhere" / "v.embedkit")

    @pytest.mark.parametrize("option", ["--output", "--save-vocab", "--save-output-vectors"])
    def test_a_folder_where_a_file_should_go(self, fails, unread, tmp_path, option):
        (tmp_path / "folder.bin").mkdir()
        (tmp_path / "folder.bin" / "letter.txt").write_text("precious")
        others = [] if option == "--output" else ["-o", tmp_path / "v.bin"]
        assert "folder.bin" in fails("train-w2v", unread, *others, option, tmp_path / "folder.bin")

    def test_a_folder_without_the_right_to_write(self, fails, unread, tmp_path):
        if os.geteuid() == 0:
            pytest.skip("root may write everywhere")
        (tmp_path / "locked").mkdir(mode=0o500)
        assert "no right" in fails("train-w2v", unread, "-o", tmp_path / "locked" / "v.bin")

    def test_an_ending_that_names_no_format(self, fails, unread, tmp_path):
        message = fails("train-w2v", unread, "-o", tmp_path / "vectors.xyz")
        assert "vectors.xyz" in message
        assert "format" in message

    def test_a_file_where_the_native_directory_should_go(self, fails, unread, tmp_path):
        assert "older.bin" in fails("train-w2v", unread, "-o", tmp_path / "older.bin", "--format", "native")

    def test_a_folder_that_holds_something_else_is_not_replaced(self, fails, unread, tmp_path):
        (tmp_path / "letters").mkdir()
        (tmp_path / "letters" / "dear.txt").write_text("precious")
        assert "letters" in fails("train-w2v", unread, "-o", tmp_path / "letters", "--format", "native")

    def test_two_outputs_of_one_name(self, fails, unread, tmp_path):
        message = fails("train-w2v", unread, "-o", tmp_path / "v.bin", "--save-vocab", tmp_path / "." / "v.bin")
        assert "--save-vocab" in message
        assert "--output" in message

    def test_an_output_that_is_the_input(self, fails, corpus):
        text = corpus.read_text()
        assert "input" in fails("train-w2v", corpus, "-o", corpus)
        assert corpus.read_text() == text

    def test_a_link_to_the_input_is_the_input(self, fails, corpus):
        link = corpus.with_name("link.txt")
        link.symlink_to(corpus)
        assert "input" in fails("train-w2v", corpus, "-o", link)

    def test_an_output_that_is_the_vocabulary_to_read(self, fails, unread, tmp_path):
        path = written(tmp_path / "vocab.txt", b"precious 9\n")
        message = fails("train-w2v", unread, "-o", tmp_path / "v.bin", "--read-vocab", path, "--save-vocab", path)
        assert "--save-vocab" in message
        assert "--read-vocab" in message
        assert path.read_bytes() == b"precious 9\n"

    @pytest.mark.parametrize("option", ["--save-vocab", "--save-output-vectors"])
    def test_an_output_that_is_the_start(self, fails, unread, trained, tmp_path, option):
        path = written(tmp_path / "start.bin", trained.read_bytes())
        message = fails("train-w2v", unread, "-o", tmp_path / "v.bin", "--init", path, option, path)
        assert option in message
        assert "--init" in message
        assert path.read_bytes() == trained.read_bytes()

    def test_an_output_among_the_files_of_an_input_folder(self, fails, corpus):
        assert "input" in fails("train-w2v", corpus.parent, "-o", corpus)


class TestVectorFiles:
    @pytest.fixture(params=["neighbors", "info", "convert", "--init"])
    def reading_fails(self, request, fails, corpus, tmp_path):
        """Every command that reads vectors says the same."""
        arguments = {
            "neighbors": lambda path: ("neighbors", path, "cat"),
            "info": lambda path: ("info", path),
            "convert": lambda path: ("convert", path, tmp_path / "older.bin"),
            "--init": lambda path: ("train-w2v", corpus, "-o", tmp_path / "older.bin", "--init", path),
        }[request.param]
        return lambda path: fails(*arguments(path))

    def test_missing(self, reading_fails, tmp_path):
        assert "nowhere.bin" in reading_fails(tmp_path / "nowhere.bin")

    def test_empty(self, reading_fails, tmp_path):
        assert "empty.bin" in reading_fails(written(tmp_path / "empty.bin", b""))

    def test_truncated(self, reading_fails, trained, tmp_path):
        assert "cut.bin" in reading_fails(written(tmp_path / "cut.bin", trained.read_bytes()[:-20]))

    def test_a_header_that_promises_more_than_the_file_holds(self, reading_fails, tmp_path):
        path = written(tmp_path / "big.bin", b"3000000000 300\n" + b"word " + struct.pack("300f", *range(300)))
        assert "big.bin" in reading_fails(path)

    def test_foreign(self, reading_fails, tmp_path):
        assert "image.bin" in reading_fails(written(tmp_path / "image.bin", b"\x89PNG\r\n\x1a\n" + bytes(range(256))))

    def test_a_pickle_is_named_and_refused(self, reading_fails, tmp_path):
        assert "pickle" in reading_fails(written(tmp_path / "model.bin", b"\x80\x04\x95" + bytes(100)))


def test_init_of_another_size(fails, corpus, trained, tmp_path):
    message = fails("train-w2v", corpus, "-o", tmp_path / "older.bin", "--init", trained, "--vector-size", 50)
    assert "16" in message
    assert "50" in message
    assert "--vector-size 16" in message


def test_a_vocabulary_file_that_is_none(fails, corpus, tmp_path):
    path = written(tmp_path / "vocab.txt", b"no count here at all\n")
    assert "vocab.txt" in fails("train-w2v", corpus, "-o", tmp_path / "older.bin", "--read-vocab", path)


def test_a_missing_vocabulary_file(fails, corpus, tmp_path):
    path = tmp_path / "nowhere.txt"
    assert "nowhere.txt" in fails("train-w2v", corpus, "-o", tmp_path / "older.bin", "--read-vocab", path)


def test_too_large_a_model_is_one_line(train_fails, corpus):
    message = train_fails(corpus, "--vector-size", 10**12)
    assert "memory" in message or "vector_size" in message


def test_a_word_that_the_format_cannot_hold_is_found_before_training(train_fails, corpus, monkeypatch):
    monkeypatch.setattr(Vocabulary, "load", lambda path: Vocabulary(["cat", "dog", "a\0b"], [9, 8, 7]))
    monkeypatch.setattr(word2vec_training, "train", None)
    assert "does not fit the format word2vec-binary" in train_fails(corpus, "--read-vocab", "vocab.txt")


def test_a_start_that_shares_no_word_with_the_text_is_refused(fails, corpus, tmp_path):
    path = written(tmp_path / "other.txt", b"2 4\nCat 1 2 3 4\nDog 1 2 3 4\n")
    message = fails("train-w2v", corpus, "-o", tmp_path / "older.bin", *FAST, "--init", path, "--quiet")
    assert "other.txt" in message


@pytest.mark.parametrize(
    ("arguments", "remedy"), [(["neighbors", "v.bin", "cat"], "--limit"), (["info", "v.bin"], "--limit")]
)
def test_too_little_memory_for_vectors_names_the_option_that_helps(invoke, monkeypatch, arguments, remedy):
    def full(*arguments, **settings):
        raise MemoryError

    monkeypatch.setattr(KeyedVectors, "load", full)
    result = invoke(*arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: not enough memory")
    assert remedy in result.stderr
    assert "--vector-size" not in result.stderr
