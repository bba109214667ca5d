"""Spans and words of any text: they cover it, they agree, and no text is too odd or too long."""

import itertools
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from reference import word_break as naive

from embedkit.text.normalization import STEPS
from embedkit.text.tokenizers import Span, resolve_tokenizer

NAMES = ["whitespace", "words", "char", "zh", r"regex:\w+", r"regex:(\d)\.|\w"]
KEEPING = ["words+punctuation", "char+punctuation"]
ANY_TEXT = st.text(
    st.characters(exclude_categories=())
    | st.sampled_from(
        "aZ9 .',:_-\n\r\t\0\ud800\udfff\u0301\u200d\ufe0f\u202f\u3000\u2028世的。カשא١❤😀🇩\U0001f3fd\u0378"
    )
)
ODD_TEXTS = [
    "",
    " ",
    "\0",
    "\ud800\udc00 \udfffa\ud800",
    "\u0301",
    "\u200d😀",
    " \u200d😀",
    "\xa0\u0301\u200d❤b",
    "\u0378\U000e1000\U0010ffff",
    "שָׁלוֹם, (عالم) \u202ehello\u202c",
    "\r\n\n\r",
    "1\u202f000",
]

LONG_WORDS = ["a", "é", "a.", "'", "e\u0301"]


def odd_texts(test):
    """The examples of a test, each with all tokenizers."""
    for text in ODD_TEXTS:
        test = example(text)(test)
    return test


class TestAnyText:
    @pytest.mark.parametrize("name", NAMES + KEEPING + ["zh+punctuation", "zh+search"])
    @odd_texts
    @given(ANY_TEXT)
    def test_spans_cover_it(self, name, text):
        spans = resolve_tokenizer(name).spans(text)
        places = [0, *(span.end for span in spans)]
        assert [(span.start, span.end) for span in spans] == list(itertools.pairwise(places))
        assert places[-1] == len(text)
        assert all(span.start < span.end for span in spans)
        assert {span.kind for span in spans} <= {"word", "punctuation", "space"}
        assert all(isinstance(span, Span) for span in spans)

    @pytest.mark.parametrize("name", NAMES)
    @odd_texts
    @given(ANY_TEXT)
    def test_words_are_the_spans_that_are_words(self, name, text):
        tokenizer = resolve_tokenizer(name)
        words = [text[span.start : span.end] for span in tokenizer.spans(text) if span.kind == "word"]
        assert tokenizer.tokenize(text) == words

    @pytest.mark.parametrize("name", KEEPING)
    @odd_texts
    @given(ANY_TEXT)
    def test_kept_punctuation_is_all_that_is_no_space(self, name, text):
        tokenizer = resolve_tokenizer(name)
        pieces = [text[span.start : span.end] for span in tokenizer.spans(text) if span.kind != "space"]
        assert tokenizer.tokenize(text) == pieces

    @pytest.mark.parametrize("name", [*NAMES, *KEEPING, "zh+punctuation", "zh+search"])
    @odd_texts
    @given(ANY_TEXT)
    def test_no_word_has_white_space_in_it(self, name, text):
        assert all(word.split() == [word] for word in resolve_tokenizer(name).tokenize(text))

    @pytest.mark.parametrize("step", STEPS)
    @given(ANY_TEXT)
    @example(" \u200d😀\ud800")
    def test_with_a_step_the_spans_are_those_of_what_the_step_makes(self, step, text):
        tokenizer = resolve_tokenizer(f"{step}|words")
        assert tokenizer.spans(text) == resolve_tokenizer("words").spans(tokenizer.steps(text))
        assert tokenizer.tokenize(text) == resolve_tokenizer("words").tokenize(tokenizer.steps(text))

    @given(ANY_TEXT)
    def test_words_and_characters_are_those_of_the_naive_twin(self, text):
        assert resolve_tokenizer("words").tokenize(text) == naive.tokens(text)
        assert resolve_tokenizer("char+punctuation").tokenize(text) == naive.tokens(text, True, True)

    def test_every_character_is_covered(self):
        text = "".join(f"a{chr(code)}" for code in range(0, sys.maxunicode + 1, 13))
        for name in ("whitespace", "words", "zh"):
            spans = resolve_tokenizer(name).spans(text)
            assert "".join(text[span.start : span.end] for span in spans) == text


class TestKinds:
    @pytest.mark.parametrize(
        ("name", "pieces"),
        [
            ("words", ["I:w", " :s", "didn't:w", ",:p", " :s", "at:w", " :s", "5:w", "!:p", "?:p", "😀:w", "\n:s"]),
            ("whitespace", ["I:w", " :s", "didn't,:w", " :s", "at:w", " :s", "5!?😀:w", "\n:s"]),
            (
                r"regex:\w+",
                ["I:w", " :s", "didn:w", "':p", "t:w", ",:p", " :s", "at:w", " :s", "5:w", "!?😀:p", "\n:s"],
            ),
        ],
    )
    def test_words_punctuation_and_space(self, name, pieces):
        text = "I didn't, at 5!?😀\n"
        spans = resolve_tokenizer(name).spans(text)
        assert [f"{text[span.start : span.end]}:{span.kind[0]}" for span in spans] == pieces

    def test_chinese(self):
        text = "我爱北京。 OK"
        spans = resolve_tokenizer("zh").spans(text)
        assert [(text[span.start : span.end], span.kind) for span in spans] == [
            ("我", "word"),
            ("爱", "word"),
            ("北京", "word"),
            ("。", "punctuation"),
            (" ", "space"),
            ("OK", "word"),
        ]


class TestLongWords:
    @pytest.mark.parametrize("name", ["whitespace", "words", "words+punctuation", r"regex:\S+"])
    @pytest.mark.parametrize("unit", LONG_WORDS)
    def test_ten_megabytes(self, name, unit):
        text = unit * (10**7 // len(unit.encode()))
        tokens = resolve_tokenizer(name).tokenize(text)
        if unit == "'":
            assert len(tokens) == {"words": 0, "words+punctuation": len(text)}.get(name, 1)
        elif unit == "a." and name.startswith("words"):
            assert tokens == [text[:-1], "."][: len(tokens)]
        else:
            assert tokens == [text]
        if tokens and len(tokens) < 3:
            assert resolve_tokenizer(name).spans(text)[-1].end == len(text)

    @pytest.mark.parametrize("name", ["char", "zh"])
    @pytest.mark.parametrize("unit", LONG_WORDS)
    def test_many_words_without_a_space(self, name, unit):
        text = unit * (10**6 if name == "char" else 10**5)
        tokenizer = resolve_tokenizer(name)
        tokens = tokenizer.tokenize(text)
        if name == "char":
            assert len(tokens) == (0 if unit == "'" else text.count(unit))
            assert set(tokens) <= {"a", "é", "e\u0301"}
        else:
            spans = tokenizer.spans(text)
            assert tokens == [text[span.start : span.end] for span in spans if span.kind == "word"]

    @pytest.mark.parametrize(("name", "n_tokens"), [("char", 10**7), ("zh", 1)])
    def test_ten_megabytes_of_one_letter(self, name, n_tokens):
        assert len(resolve_tokenizer(name).tokenize("a" * 10**7)) == n_tokens

    def test_marks_without_end(self):
        text = "a'" + "\u0301" * 10**6 + "b"
        assert resolve_tokenizer("words").tokenize(text) == [text]
