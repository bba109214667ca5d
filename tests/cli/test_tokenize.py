"""`embedkit tokenize`: lines of words that answer lines of text."""

import bz2
import gzip
import io
import lzma
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from embedkit_cli import tokenize
from embedkit_cli.progress import Progress
from embedkit_cli.text_input import TextInput

from embedkit.text.corpus import Corpus

COMMAND = [sys.executable, "-m", "embedkit"]
posix = pytest.mark.skipif(os.name != "posix", reason="signals and pipes of POSIX")
TEXT = "I didn't like it, at all!\n\n  The CAT sat on the mat. It slept.\n...\n你好，世界。\n"


@pytest.fixture
def cut(invoke, tmp_path):
    """Tokenize a text with some options, and give what goes to standard output."""

    def run(*options, text=TEXT):
        path = tmp_path / "text.txt"
        path.write_text(text, encoding="utf-8", newline="")
        result = invoke("tokenize", path, *options)
        assert result.exit_code == 0, result.output
        assert result.stderr == ""
        return result.stdout

    return run


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        (
            [],
            ["I didn't like it at all", "", "The CAT sat on the mat It slept", "", "你 好 世 界"],
        ),
        (
            ["--lowercase", "--keep-punctuation"],
            ["i didn't like it , at all !", "", "the cat sat on the mat . it slept .", ". . .", "你 好 ， 世 界 。"],
        ),
        (
            ["--tokenizer", "whitespace"],
            ["I didn't like it, at all!", "", "The CAT sat on the mat. It slept.", "...", "你好，世界。"],
        ),
        (
            ["--tokenizer", "lower|zh"],
            ["i didn't like it at all", "", "the cat sat on the mat it slept", "", "你好 世界"],
        ),
        (
            ["--tokenizer", r"regex:\w\w\w+"],
            ["didn like all", "", "The CAT sat the mat slept", "", ""],
        ),
        (
            ["--stop-words", "english"],
            ["didn't like", "", "CAT sat mat slept", "", "你 好 世 界"],
        ),
        (
            ["--sentences", "--lowercase"],
            ["i didn't like it at all", "the cat sat on the mat", "it slept", "你 好 世 界"],
        ),
        (
            ["--sentences", "--stop-words", "english", "--tokenizer", "regex:[A-z]+"],
            ["didn t like", "CAT sat mat", "slept"],
        ),
    ],
    ids=lambda value: " ".join(value) if value and value[0].startswith("-") else "",
)
def test_options_choose_the_words(cut, options, lines):
    assert cut(*options).split("\n") == [*lines, ""]


def test_a_sentence_of_stop_words_has_no_line_but_a_document_of_them_has(cut):
    options = ["--stop-words", "english"]
    assert cut(*options, text="Is it? A cat.\nIt is.\n") == "cat\n\n"
    assert cut(*options, "--sentences", text="Is it? A cat.\nIt is.\n") == "cat\n"


def test_stop_words_may_come_from_a_file(cut, tmp_path):
    path = tmp_path / "stop.txt"
    path.write_text("Cat\nslept\n")
    assert cut("--stop-words", path).splitlines()[2] == "The sat on the mat It"


def test_a_file_and_standard_output_hold_the_same_and_the_file_is_reported(invoke, cut, tmp_path):
    lines = cut("--lowercase")
    output = tmp_path / "words.txt"
    result = invoke("tokenize", tmp_path / "text.txt", "--lowercase", "-o", output)
    assert output.read_bytes().decode() == lines
    assert result.stdout == ""
    assert f"wrote 18 words in 5 lines to {output}" in result.stderr
    assert invoke("tokenize", tmp_path / "text.txt", "-o", output, "--quiet").stderr == ""


@pytest.mark.parametrize(("ending", "unpack"), [(".gz", gzip), (".bz2", bz2), (".xz", lzma)])
def test_what_ends_so_is_decompressed_and_compressed(invoke, cut, tmp_path, ending, unpack):
    lines = cut()
    packed, output = tmp_path / f"text.txt{ending}", tmp_path / f"words{ending}"
    packed.write_bytes(unpack.compress(TEXT.encode()))
    assert invoke("tokenize", packed, "-o", output, "-q").exit_code == 0
    assert unpack.decompress(output.read_bytes()).decode() == lines


def test_several_inputs_and_standard_input_follow_each_other(invoke, tmp_path):
    (tmp_path / "a.txt").write_text("one\ntwo")
    result = invoke("tokenize", tmp_path / "a.txt", "-", "-o", "-", input="three\n\nfour\n")
    assert result.stdout == "one\ntwo\nthree\n\nfour\n"


def test_lines_match_whatever_their_ends(cut):
    assert cut(text="a\r\n\r\nb\x0bc\x85d\u2028e\rf\r\nlast") == "a\n\nb c d e f\nlast\n"


def test_blocks_leave_no_trace(cut, monkeypatch):
    text = "".join(f"line {number} has words\n\n" for number in range(200))
    whole = cut(text=text)
    monkeypatch.setattr("embedkit.text.tokenized_blocks.LIST_BLOCK_BYTES", 10)
    assert cut(text=text) == whole == text


def test_white_space_inside_a_word_becomes_an_underscore(cut):
    assert cut("--tokenizer", "regex:[^,]+", text="a b, New \t York ,c\n , ,\n") == "a_b New_York c\n\n"


def test_a_terminal_is_shown_no_control_characters(invoke, monkeypatch):
    monkeypatch.setattr("embedkit_cli.tokenize.is_terminal", lambda stream: True)
    result = invoke("tokenize", "-", "--tokenizer", "whitespace", input="a\x1b[2Jb\n")
    assert result.stdout == "a\\x1b[2Jb\n"
    assert invoke("tokenize", "-", "--tokenizer", "whitespace", input="a\x1b\n", color=True).stdout == "a\\x1b\n"


class TestChinese:
    NOTICE = "the text looks Chinese, of which 'words' makes single characters: add --tokenizer zh\n"
    TEXT = "\n我们昨天看电影，大家都很高兴。\n" * 3

    @pytest.mark.parametrize("options", [[], ["--sentences"], ["--keep-punctuation", "--lowercase"]], ids=" ".join)
    def test_it_is_noticed_if_no_tokenizer_is_named(self, invoke, options):
        result = invoke("tokenize", "-", *options, input=self.TEXT)
        assert result.stderr == self.NOTICE
        assert result.stdout.split()[:4] == ["我", "们", "昨", "天"]

    def test_it_is_noticed_when_a_file_is_written_as_well(self, invoke, tmp_path):
        result = invoke("tokenize", "-", "-o", tmp_path / "words.txt", input=self.TEXT)
        assert result.stderr.startswith(self.NOTICE)

    @pytest.mark.parametrize(
        "options", [["--tokenizer", "words"], ["--tokenizer", "zh"], ["--tokenizer", "char"], ["-q"]], ids=" ".join
    )
    def test_it_is_not_if_one_is_named_or_all_is_quiet(self, invoke, options):
        assert invoke("tokenize", "-", *options, input=self.TEXT).stderr == ""

    @pytest.mark.parametrize("text", ["我们 昨天 看 电影 。\n", "We saw 电影 yesterday.\n", "", "\n\n"])
    def test_nor_in_text_with_spaces_or_in_another_language(self, invoke, text):
        assert invoke("tokenize", "-", input=text).stderr == ""

    def test_the_first_block_with_text_is_looked_at_and_no_other(self, invoke, monkeypatch):
        monkeypatch.setattr("embedkit.text.tokenized_blocks.LIST_BLOCK_BYTES", 1)
        assert invoke("tokenize", "-", input=self.TEXT).stderr == self.NOTICE
        assert invoke("tokenize", "-", input=f"An English line\n{self.TEXT}").stderr == ""

    def test_a_long_text_is_not_held(self, invoke, monkeypatch):
        heard = []
        monkeypatch.setattr(
            "embedkit.text.chinese.looks_unsegmented_chinese", lambda text: bool(heard.append(text)) or False
        )
        assert invoke("tokenize", "-", input="word " * 9999 + "\n" + "a\n" * 9999).exit_code == 0
        assert list(map(len, heard)) == [tokenize.SAMPLE]


def test_a_pipe_gets_utf_8_whatever_the_locale(command, tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("你好", encoding="utf-8")
    done = command("tokenize", path, env={**os.environ, "PYTHONIOENCODING": "ascii"}, encoding="utf-8")
    assert (done.stdout, done.stderr, done.returncode) == ("你 好\n", "", 0)


def test_bytes_that_are_no_utf_8_stop_or_are_replaced(fails, invoke, unread, tmp_path):
    assert "unread.txt is not valid UTF-8" in fails("tokenize", unread, "-o", tmp_path / "older.bin")
    assert invoke("tokenize", unread, "--encoding-errors", "replace", "--tokenizer", "whitespace").stdout == "\ufffd\n"


class TestErrors:
    """All are found out before the text is read."""

    def test_an_output_that_is_the_input(self, fails, corpus):
        assert f"--output {corpus} is also the input {corpus}" in fails("tokenize", corpus, "-o", corpus)

    def test_a_folder_that_does_not_exist(self, fails, unread, tmp_path):
        assert "nowhere does not exist" in fails("tokenize", unread, "-o", tmp_path / "nowhere" / "words.txt")

    def test_an_output_that_is_the_file_of_stop_words(self, fails, unread, tmp_path):
        path = tmp_path / "stop.txt"
        path.write_text("the\n")
        assert f"--output {path} is also --stop-words" in fails("tokenize", unread, "-o", path, "--stop-words", path)

    def test_stop_words_in_another_encoding(self, fails, unread, tmp_path):
        (tmp_path / "stop.txt").write_bytes("的\n".encode("gb18030"))
        message = fails("tokenize", unread, "--stop-words", tmp_path / "stop.txt")
        assert "if it is GB18030, convert it: iconv -f GB18030 -t UTF-8" in message
        assert "--encoding" not in message

    def test_stop_words_that_are_not_there(self, fails, unread):
        message = fails("tokenize", unread, "--stop-words", "klingon")
        assert "klingon" in message
        assert "english" in message

    def test_counts_in_the_place_of_text(self, fails, tmp_path):
        (tmp_path / "counts.npz").write_bytes(b"")
        assert "counts.npz is a file of counts" in fails("tokenize", tmp_path / "counts.npz")

    def test_a_missing_package(self, fails, unread, monkeypatch, tmp_path):
        from embedkit.text import chinese, tokenizers

        monkeypatch.setitem(sys.modules, "rjieba", None)
        for loaded in (chinese._jieba, tokenizers._named):
            loaded.cache_clear()
        assert "pip install" in fails("tokenize", unread, "--tokenizer", "zh", "-o", tmp_path / "older.bin")

    def test_a_closed_standard_output(self, fails, unread, monkeypatch):
        monkeypatch.setattr(tokenize, "sys", type("sys", (), {"stdout": None}))
        assert "standard output is closed" in fails("tokenize", unread)


@pytest.mark.parametrize("size", [20, None], ids=["known", "unknown"])
def test_progress_tells_how_far_the_text_is(monkeypatch, size):
    seen = []

    class Recording(Progress):
        def show(self, step):
            seen.append(step)

    monkeypatch.setattr(tokenize, "REFRESH", 0)
    monkeypatch.setattr("embedkit.text.tokenized_blocks.LIST_BLOCK_BYTES", 1)
    corpus = Corpus.from_documents(["two words"] * 2)
    monkeypatch.setattr(Corpus, "bytes_total", size)
    writer = tokenize.WordWriter(TextInput(["-"]), corpus, sentences=False, stop_words=frozenset())
    writer.write(io.BytesIO(), Recording(), shown=False)
    assert [step.fraction for step in seen] == ([0.5, 1.0] if size else [None, None])
    assert str(seen[0]).startswith(f"tokenizing: {'50% (10 bytes)' if size else '10 bytes'}, 2 words, ")
    assert writer.summary("words.txt") == "wrote 4 words in 2 lines to words.txt (0.0 s)"


@posix
def test_a_reader_that_leaves_early_is_no_error(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("some words in a line\n" * 50_000)
    line = f"{sys.executable} -m embedkit tokenize {path} | head -1"
    done = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=60)  # noqa: S602
    assert (done.stdout, done.stderr) == ("some words in a line\n", "")


@posix
def test_an_interruption_leaves_no_half_file(tmp_path):
    older = tmp_path / "words.txt"
    older.write_bytes(b"an older file")
    process = subprocess.Popen(
        [*COMMAND, "tokenize", "-", "-o", older], stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path
    )
    try:
        assert isinstance(process.stdin, io.BufferedWriter)
        # More than a pipe holds: when it is written, the command is reading.
        process.stdin.write(b"some words in a line\n" * 50_000)
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        assert process.stderr.read().decode().splitlines()[-1] == "Interrupted; nothing was written"
        assert process.wait(timeout=10) == 128 + signal.SIGINT
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stderr.close()
    assert [(path.name, path.read_bytes()) for path in Path(tmp_path).iterdir()] == [("words.txt", b"an older file")]


def test_it_loads_no_scikit_learn_and_no_scipy(corpus, loaded_after):
    assert not {"sklearn", "scipy", "rich", "matplotlib"} & loaded_after("tokenize", str(corpus), "--quiet")
