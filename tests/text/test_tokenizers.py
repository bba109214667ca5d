"""Tokenizers: what they make of lines, the built-in ones and those of the user."""

import logging

import pytest

from embedkit.errors import InputError, ParameterError
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import encode_corpus
from embedkit.text.tokenizers import TOKENIZERS, check_tokenizer


def words_of(text, **options):
    """The words of a text, in order."""
    encoded = encode_corpus(Corpus.from_documents([text]), min_count=1, **options)
    return [encoded.vocabulary.words[i] for i in encoded.ids if i >= 0]


class TestBuiltIn:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("Don't stop, it's 5 o’clock!", ["Don't", "stop", "it's", "5", "o’clock"]),
            ("'quoted' dogs' rock'n'roll", ["quoted", "dogs", "rock'n'roll"]),
            ("snake_case-and x2 3.14", ["snake", "case", "and", "x2", "3", "14"]),
            ("Ünïcode naïve e\u0301te\u0301", ["Ünïcode", "naïve", "e\u0301te\u0301"]),
            ("हिन्दी में", ["हिन्दी", "में"]),
            ("Привет, мир", ["Привет", "мир"]),
            ("你好，世界。", ["你好", "世界"]),
            ("a\u0301\u0301 \u0301b", ["a\u0301\u0301", "b"]),
        ],
    )
    def test_words_are_letters_digits_marks_and_inner_apostrophes(self, text, words):
        assert words_of(text, tokenizer="words") == words

    def test_whitespace_keeps_punctuation(self):
        assert words_of("Don't  stop,\u3000it's\x1f\x85x\xa0y") == ["Don't", "stop,", "it's", "x", "y"]

    @pytest.mark.parametrize("tokenizer", TOKENIZERS)
    def test_lower_case_is_that_of_each_word(self, tokenizer):
        text = "ÉTÉ İSTANBUL ΟΔΟΣ ΣΟΦΟΣ ẞ DŽ ΑΣ.Β Σ ǅ KÅ"
        expected = [word.lower() for word in words_of(text, tokenizer=tokenizer)]
        assert words_of(text, tokenizer=tokenizer, lowercase=True) == expected

    def test_tokens_are_lower_cased_too(self):
        corpus = Corpus.from_documents([["New York", "ΟΔΟΣ", "İ"]])
        vocabulary = encode_corpus(corpus, min_count=1, lowercase=True).vocabulary
        assert sorted(vocabulary) == sorted(["new york", "οδος", "i̇"])

    @pytest.mark.parametrize("tokenizer", ["word", None, 3, ""])
    def test_an_unknown_one_is_refused(self, tokenizer):
        with pytest.raises(ParameterError, match=r"tokenizer=.*'whitespace' or 'words', or a function"):
            check_tokenizer(tokenizer)


class TestFunction:
    def test_it_sees_each_line_whole_whatever_the_blocks(self, tmp_path, monkeypatch):
        lines = ["one, two", "", "three\u3000four, five", "x" * 100, "last"]
        path = tmp_path / "text.txt"
        path.write_bytes("\r\n".join(lines).encode())
        for size in (1, 5, 1000):
            monkeypatch.setattr("embedkit.text.encoding.BLOCK_BYTES", size)
            seen = []

            def tokenizer(line, seen=seen):
                seen.append(line)
                return line.split(",")

            encoded = encode_corpus(Corpus.from_paths([path]), tokenizer=tokenizer, min_count=1, keep_empty=True)
            assert seen == lines
            assert sorted(encoded.vocabulary) == sorted(["one", " two", "three\u3000four", " five", "x" * 100, "last"])
            assert encoded.n_documents == 5

    def test_token_lists_pass_it_by(self):
        documents = ["AbC", ["AbC"], "d"]
        encoded = encode_corpus(Corpus.from_documents(documents), tokenizer=list, min_count=1, lowercase=True)
        assert encoded.vocabulary.words == ["a", "abc", "b", "c", "d"]
        assert encoded.ids.tolist() == [0, 2, 3, -1, 1, -1, 4, -1]

    def test_it_is_said_that_it_is_slower(self, caplog):
        with caplog.at_level(logging.INFO, "embedkit"):
            words_of("a b", tokenizer=str.split)
        assert ["slower" in record.message for record in caplog.records] == [True]

    @pytest.mark.parametrize(
        ("tokenizer", "message"),
        [
            (str.lower, "the tokenizer, given 'A b': an object of type str, expected"),
            (len, r"an object of type int \(3\)"),
            (lambda line: [line, 1], r"token 1: an object of type int"),
            (lambda line: ["\0"], "holds a NUL"),
        ],
    )
    def test_a_wrong_answer_is_named(self, tokenizer, message):
        with pytest.raises(InputError, match=message):
            words_of("A b", tokenizer=tokenizer)

    def test_its_own_errors_pass(self):
        with pytest.raises(ZeroDivisionError):
            words_of("a", tokenizer=lambda line: 1 / 0)
