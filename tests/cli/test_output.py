"""Figures in plain words, and tables off a terminal."""

import json

import pytest
from embedkit_cli import output


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (987, "987"),
        (999.6, "1.00k"),
        (1000, "1.00k"),
        (12_345, "12.3k"),
        (99_960, "100k"),
        (999_400, "999k"),
        (999_600, "1.00M"),
        (1_234_567, "1.23M"),
        (25_000_038, "25.0M"),
        (4_560_000_000, "4.56G"),
    ],
)
def test_counts_fit_five_characters(number, text):
    assert output.count_text(number) == text
    assert len(text) <= 5


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (3.21, "3.2 s"),
        (9.96, "10 s"),
        (59.6, "1:00"),
        (125, "2:05"),
        (3599.7, "1:00:00"),
        (3725, "1:02:05"),
    ],
)
def test_durations_read_like_a_clock(seconds, text):
    assert output.duration_text(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"), [(17, "17 bytes"), (1500, "1.5 kB"), (161e6, "161.0 MB"), (4.2e9, "4.2 GB")]
)
def test_bytes_have_decimal_units(number, text):
    assert output.bytes_text(number) == text


def test_a_table_off_a_terminal_is_rows_of_tabs(capsys):
    output.print_table(("word", "similarity"), [("cat", 0.5), ("dog", None), ("ox", 3)], title="ignored")
    assert capsys.readouterr().out == "cat\t0.5000\ndog\t-\nox\t3\n"


def test_tabs_and_line_ends_inside_a_word_do_not_break_a_row(capsys):
    output.print_table(("word", "similarity"), [("a\tb\nc", 0.5)])
    assert capsys.readouterr().out == "a\\tb\\nc\t0.5000\n"


def test_words_of_every_script_stay_as_they_are():
    assert output.printable("Straße 日本語 עברית") == "Straße 日本語 עברית"


def test_json_is_plain_utf8_without_nan(capsys):
    output.print_json({"word": "é", "score": 0.5})
    assert json.loads(capsys.readouterr().out) == {"word": "é", "score": 0.5}
    with pytest.raises(ValueError):
        output.print_json({"score": float("nan")})
