"""`embedkit vocab`: words and their counts, how far they go, and the plot."""

import json
import os
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from embedkit.text.frequencies import zipf_exponent
from embedkit.text.vocabulary import Vocabulary

TEXT = "the cat and the dog and the bird\n\nthe end.\n"
COUNTS = [("the", 4), ("and", 2), ("bird", 1), ("cat", 1), ("dog", 1), ("end.", 1)]


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.txt"
    path.write_text(TEXT)
    return path


@pytest.fixture
def shown(invoke, monkeypatch):
    """Run the command as on a terminal, and give what is seen."""

    def run(*arguments):
        monkeypatch.setattr("embedkit_cli.vocab.is_terminal", lambda stream: True)
        monkeypatch.setattr("embedkit_cli.output.is_terminal", lambda stream: True)
        result = invoke("vocab", *arguments, "--quiet", env={"COLUMNS": "100"})
        assert result.exit_code == 0, result.output
        return result.stdout

    return run


def rows_of(result):
    assert result.exit_code == 0, result.output
    return [(word, int(count)) for word, count in (line.split("\t") for line in result.stdout.splitlines())]


class TestIntoAPipe:
    @pytest.mark.parametrize(
        ("options", "rows"),
        [
            ([], COUNTS),
            (["--top", "2"], COUNTS[:2]),
            (["--top", "0"], []),
            (["--min-count", "2"], COUNTS[:2]),
            (["--max-vocab", "3"], COUNTS[:3]),
            (["--max-vocab", "3", "--top", "1"], COUNTS[:1]),
            (["--tokenizer", "words", "--min-count", "1"], [*COUNTS[:5], ("end", 1)]),
            (["--tokenizer", "regex:[a-z]{4}"], [("bird", 1)]),
        ],
        ids=lambda value: " ".join(value) if value and isinstance(value[0], str) else "",
    )
    def test_a_line_is_a_word_and_its_count(self, invoke, small, options, rows):
        assert rows_of(invoke("vocab", small, *options)) == rows

    def test_more_words_than_a_terminal_would_be_shown_all_come(self, invoke, corpus, tmp_path):
        (tmp_path / "many.txt").write_text(" ".join(map(str, range(500))))
        assert len(rows_of(invoke("vocab", tmp_path / "many.txt"))) == 500

    def test_the_counts_are_those_of_the_text_whatever_the_threads_and_the_memory(self, invoke, corpus, text):
        expected = sorted(Counter(text.split()).items(), key=lambda item: (-item[1], item[0]))
        assert rows_of(invoke("vocab", corpus, "--threads", "1")) == expected
        assert rows_of(invoke("vocab", corpus, "--threads", "3", "--memory", "1kB")) == expected

    def test_lower_case_and_standard_input(self, invoke):
        assert rows_of(invoke("vocab", "-", "--lowercase", input="The THE the İ")) == [("the", 3), ("i̇", 1)]

    @pytest.mark.parametrize("options", [[], ["--top", "2"], ["--max-vocab", "2"]], ids=" ".join)
    def test_stop_words_are_left_out_before_words_are_counted_off(self, invoke, options):
        result = invoke("vocab", "-", "--stop-words", "english", *options, input="The the the cat, cat cat dog and\n")
        assert rows_of(result) == [("cat", 2), ("cat,", 1), ("dog", 1)][: 2 if options else None]

    def test_stop_words_may_come_from_a_file(self, invoke, small, tmp_path):
        (tmp_path / "stop.txt").write_text("The\nend.\n")
        assert rows_of(invoke("vocab", small, "--stop-words", tmp_path / "stop.txt")) == COUNTS[1:5]

    def test_totals_are_said_beside_it(self, invoke, small):
        result = invoke("vocab", small)
        assert "read 10 words in 2 documents" in result.stderr
        assert "vocabulary of 6 words" in result.stderr
        assert invoke("vocab", small, "--quiet").stderr == ""


class TestJson:
    def test_it_holds_every_figure(self, invoke, small):
        report = json.loads(invoke("vocab", small, "--json", "--top", "3").stdout)
        assert report["words"] == 10
        assert report["distinct"] == 6
        assert report["documents"] == 2
        assert report["once"] == 4
        assert report["zipf_exponent"] == pytest.approx(zipf_exponent([4, 2, 1, 1, 1, 1]))
        assert report["kept"] == {"words": 6, "share": 1.0}
        assert [(row["share"], row["words"]) for row in report["coverage"]] == [
            (0.5, 2),
            (0.8, 4),
            (0.9, 5),
            (0.95, 6),
            (0.99, 6),
        ]
        assert [(row["min_count"], row["words"], row["share"]) for row in report["min_counts"]] == [
            (1, 6, 1.0),
            (2, 2, 0.6),
            (5, 0, 0.0),
            (10, 0, 0.0),
            (100, 0, 0.0),
        ]
        assert [tuple(row.values()) for row in report["top"]] == [
            ("the", 4, 0.4, 0.4),
            ("and", 2, 0.2, 0.6),
            ("bird", 1, 0.1, 0.7),
        ]

    @pytest.mark.parametrize(
        ("option", "value", "words", "share", "rows"),
        [("min_count", 2, 2, 0.6, slice(2)), ("stop_words", "english", 4, 0.4, slice(2, None))],
    )
    def test_tables_are_about_the_whole_text_and_the_rest_about_the_words_that_are_kept(
        self, invoke, small, option, value, words, share, rows
    ):
        whole = json.loads(invoke("vocab", small, "--json").stdout)
        kept = json.loads(invoke("vocab", small, "--json", f"--{option.replace('_', '-')}", value).stdout)
        assert kept.pop("kept") == {"words": words, "share": share}
        told = [{name: row[name] for name in ("word", "count", "share")} for row in whole["top"][rows]]
        assert [{name: row[name] for name in ("word", "count", "share")} for row in kept["top"]] == told
        assert kept["top"][-1]["cumulative"] == pytest.approx(share)
        assert kept["parameters"] == whole["parameters"] | {option: value}
        for report in (whole, kept):
            report.pop("top")
            report.pop("parameters")
        whole.pop("kept")
        assert kept == whole

    def test_words_that_occur_once_do_not_hang_on_the_thresholds_that_are_shown(self, invoke, small, monkeypatch):
        monkeypatch.setattr("embedkit_cli.vocab.MIN_COUNTS", (1, 5))
        assert json.loads(invoke("vocab", small, "--json").stdout)["once"] == 4

    def test_a_text_of_one_word_has_no_exponent(self, invoke):
        report = json.loads(invoke("vocab", "-", "--json", input="a a a").stdout)
        assert (report["zipf_exponent"], report["distinct"], report["once"]) == (None, 1, 0)


class TestOnATerminal:
    def test_figures_are_shown_in_tables(self, shown, small):
        text = shown(small, "--top", "2")
        lines = [line.rstrip() for line in text.splitlines()]
        assert "words                    10" in lines
        assert "words that occur once    4 (66.7% of the distinct ones)" in lines
        assert "  80%       4" in lines
        assert "        2       2        60.00%" in lines
        assert "    4   40.00%   40.00%   the" in lines
        assert "    2   20.00%   60.00%   and" in lines
        assert "bird" not in text
        assert "kept" not in text

    def test_what_is_kept_is_said_if_it_is_not_all(self, shown, small):
        assert "2 words, 60.00% of the text" in shown(small, "--min-count", "2")

    def test_without_words_to_show_and_without_an_exponent(self, shown, tmp_path):
        (tmp_path / "one.txt").write_text("a a a")
        text = shown(tmp_path / "one.txt", "--top", "0")
        assert "Most frequent words\n" not in text
        assert [line.split()[-1] for line in text.splitlines() if "Zipf" in line] == ["-"]


class TestOutputs:
    def test_a_saved_vocabulary_is_what_training_reads(self, invoke, corpus, tmp_path):
        path = tmp_path / "vocab.txt"
        result = invoke("vocab", corpus, "-o", path, "--max-vocab", "15")
        assert result.exit_code == 0, result.output
        assert f"wrote 15 words to {path}" in result.stderr
        saved = Vocabulary.load(path)
        assert list(zip(saved.words, saved.counts.tolist(), strict=True)) == rows_of(result)
        options = ["--read-vocab", path, "--epochs", "1", "--json"]
        trained = invoke("train-w2v", corpus, "-o", tmp_path / "v.bin", *options)
        assert json.loads(trained.stdout)["vocabulary"] == 15

    def test_a_saved_vocabulary_has_no_stop_words(self, invoke, small, tmp_path):
        path = tmp_path / "vocab.txt"
        assert invoke("vocab", small, "-o", path, "--stop-words", "english").exit_code == 0
        assert Vocabulary.load(path).words == ["bird", "cat", "dog", "end."]

    def test_a_plot_is_drawn_of_all_words(self, invoke, corpus, tmp_path, monkeypatch):
        from embedkit.viz import zipf

        drawn = []
        draw = zipf.plot_zipf
        monkeypatch.setattr(
            zipf, "plot_zipf", lambda counts, **settings: (drawn.append(counts), draw(counts, **settings))
        )
        path = tmp_path / "zipf.png"
        result = invoke("vocab", corpus, "--plot", path, "--max-vocab", "3")
        assert result.exit_code == 0, result.output
        assert path.read_bytes().startswith(b"\x89PNG")
        assert len(drawn[0]) == 20
        assert np.sum(drawn[0]) == 18_000
        assert f"drew the counts by rank to {path}" in result.stderr

    def test_an_interruption_names_the_outputs_that_are_complete(self, invoke, corpus, tmp_path, monkeypatch):
        from embedkit.viz import figures

        def interrupt(path, draw):
            raise KeyboardInterrupt

        monkeypatch.setattr(figures, "save_figure", interrupt)
        path = tmp_path / "vocab.txt"
        result = invoke("vocab", corpus, "-o", path, "--plot", tmp_path / "zipf.png")
        assert result.exit_code == 130
        assert f"Interrupted; complete by then: {path}" in result.stderr


class TestErrors:
    def test_a_text_without_words(self, fails, tmp_path):
        (tmp_path / "empty.txt").write_text("\n \n")
        assert "no words in" in fails("vocab", tmp_path / "empty.txt")

    def test_a_least_count_that_no_word_has(self, fails, small, tmp_path):
        message = fails("vocab", small, "--min-count", "5", "-o", tmp_path / "older.bin")
        assert "no word occurs 5 times: the most frequent, 'the', has 4; set --min-count to 4 or less" in message

    def test_an_output_that_is_the_input(self, fails, small):
        assert "is also the input" in fails("vocab", small, "-o", small)

    def test_an_output_that_is_the_file_of_stop_words(self, fails, small, tmp_path):
        path = tmp_path / "stop.txt"
        path.write_text("the\n")
        assert f"--output {path} is also --stop-words" in fails("vocab", small, "-o", path, "--stop-words", path)

    def test_a_list_of_stop_words_is_no_file_of_that_name(self, invoke, small, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "english").write_text("an older file")
        result = invoke("vocab", small, "-o", "english", "--stop-words", "english")
        assert rows_of(result) == COUNTS[2:]

    def test_a_text_of_stop_words(self, fails, tmp_path):
        (tmp_path / "stop.txt").write_text("The the and\n")
        message = fails("vocab", tmp_path / "stop.txt", "--stop-words", "english", "-o", tmp_path / "older.bin")
        assert "every word of the text is a stop word, and none is left" in message

    def test_a_least_count_that_only_stop_words_have(self, fails, small):
        message = fails("vocab", small, "--min-count", "3", "--stop-words", "english")
        assert "no word occurs 3 times: the most frequent, 'bird', has 1; set --min-count to 1 or less" in message

    def test_two_outputs_of_one_name(self, fails, unread, tmp_path):
        path = tmp_path / "zipf.png"
        assert "is also --output" in fails("vocab", unread, "-o", path, "--plot", path)

    def test_an_ending_that_names_no_format_of_figures(self, fails, unread, tmp_path):
        assert ".png, .svg or .pdf" in fails("vocab", unread, "--plot", tmp_path / "zipf.jpg")

    def test_no_matplotlib(self, fails, unread, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        assert "pip install matplotlib" in fails("vocab", unread, "--plot", tmp_path / "zipf.png")

    def test_words_that_the_file_cannot_hold(self, fails, tmp_path):
        (tmp_path / "text.txt").write_text("New York")
        message = fails("vocab", tmp_path / "text.txt", "--tokenizer", "regex:[^,]+", "-o", tmp_path / "older.bin")
        assert "'New York'" in message
        assert "underscore" in message

    @pytest.mark.parametrize(
        "option", [["--min-count", "0"], ["--max-vocab", "0"], ["--top", "-1"], ["--threads", "0"]]
    )
    def test_impossible_values_are_usage_errors(self, invoke, small, option):
        result = invoke("vocab", small, *option)
        assert result.exit_code == 2
        assert option[0] in result.stderr


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_a_reader_that_leaves_early_is_no_error(tmp_path):
    path = tmp_path / "many.txt"
    path.write_text(" ".join(map(str, range(100_000))))
    line = f"{sys.executable} -m embedkit vocab {path} -q | head -1"
    done = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=60)  # noqa: S602
    assert (done.stdout, done.stderr) == ("0\t1\n", "")


def test_it_loads_no_scikit_learn_and_no_matplotlib(corpus, loaded_after):
    assert not {"sklearn", "matplotlib", "rich", "scipy"} & loaded_after("vocab", str(corpus), "--quiet")
