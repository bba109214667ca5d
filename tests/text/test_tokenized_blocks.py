"""Tokenizers over whole corpora: lines, documents, steps, functions, and Chinese text that is cut at its spaces."""

import gzip
import logging
import re

import pytest
from reference import scan as naive

from embedkit.errors import InputError
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import encode_corpus
from embedkit.text.tokenizers import TOKENIZERS, resolve_tokenizer
from embedkit.text.vocabulary import Vocabulary

CHINESE = "我爱吃苹果，也爱吃香蕉。"


def words_of(text, **options):
    """The words of a text, in order."""
    encoded = encode_corpus(Corpus.from_documents([text]), min_count=1, **options)
    return [encoded.vocabulary.words[i] for i in encoded.ids if i >= 0]


def documents_of(corpus, **options):
    """The words of each document of a corpus."""
    encoded = encode_corpus(corpus, min_count=1, keep_empty=True, **options)
    documents = [[]]
    for i in encoded.ids.tolist():
        if i >= 0:
            documents[-1].append(encoded.vocabulary.words[i])
        else:
            documents.append([])
    return documents[:-1]


@pytest.fixture(params=[1, 5, 1000])
def block_size(request, monkeypatch):
    """Bytes that are read at once."""
    monkeypatch.setattr("embedkit.text.encoding.BLOCK_BYTES", request.param)
    return request.param


LINES = [
    "<p>Caf&eacute; at https://example.org/a?b=1, isn't it?</p>",
    "",
    "ＡＢＣ１２3 ﬁn\u3000x\u202fy  don't",
    "<br/>",
    "中国 科学院。汉字 😀 " + "long " * 300,
    "last\t3.14",
]
STEPPED = [
    "html|urls|words",
    "nfkc|whitespace",
    "lower|digits|char+punctuation",
    "accents|casefold|words+punctuation",
    r"html|regex:\w\w+",
    "nfkc|zh",
    "spaces|whitespace",
]


class TestSteps:
    @pytest.mark.parametrize("line_end", ["\n", "\r\n"])
    @pytest.mark.parametrize("tokenizer", [*STEPPED, *TOKENIZERS])
    @pytest.mark.parametrize("n_threads", [1, 2])
    def test_files_are_cut_line_by_line(self, tmp_path, block_size, line_end, tokenizer, n_threads):
        path = tmp_path / "text.txt"
        path.write_bytes(line_end.join(LINES).encode())
        expected = [resolve_tokenizer(tokenizer).tokenize(line) for line in LINES]
        assert documents_of(Corpus.from_paths([path]), tokenizer=tokenizer, n_threads=n_threads) == expected

    @pytest.mark.parametrize("tokenizer", [*STEPPED, *TOKENIZERS])
    def test_several_files_are_apart_and_compressed_ones_too(self, tmp_path, block_size, tokenizer):
        paths = [tmp_path / "a.txt", tmp_path / "b.txt.gz"]
        paths[0].write_bytes(b"no line end")
        paths[1].write_bytes(gzip.compress(b"at all\n<b>\n"))
        expected = [resolve_tokenizer(tokenizer).tokenize(line) for line in ("no line end", "at all", "<b>")]
        assert documents_of(Corpus.from_paths(paths), tokenizer=tokenizer) == expected

    @pytest.mark.parametrize("tokenizer", [*STEPPED, *TOKENIZERS])
    def test_documents_may_have_line_ends_and_be_token_lists(self, block_size, tokenizer):
        documents = ["<a\nhref='x'>ＡＢ</a>\r\nb", ["<b>", "ＡＢ"], "", [], "c\n"]
        cut = resolve_tokenizer(tokenizer).tokenize
        expected = [cut("<a href='x'>ＡＢ</a>\r b"), ["<b>", "ＡＢ"], [], [], cut("c ")]
        assert documents_of(Corpus.from_documents(documents), tokenizer=tokenizer) == expected

    def test_an_entity_that_is_a_line_end_ends_no_document(self):
        corpus = Corpus.from_documents(["a&#10;b", "c&NewLine;d"])
        assert documents_of(corpus, tokenizer="html|words") == [["a", "b"], ["c", "d"]]

    def test_the_size_of_the_text_is_what_was_read(self):
        documents = ["<b>a</b> b", "c"]
        for tokenizer in ("whitespace", "words", "html|words", "zh", str.split):
            encoded = encode_corpus(Corpus.from_documents(documents), tokenizer=tokenizer, min_count=1)
            assert encoded.n_bytes == len("".join(f"{document}\n" for document in documents))


class TestWords:
    @pytest.mark.parametrize("tokenizer", [*TOKENIZERS, "words+punctuation", "char+punctuation", r"regex:\S\w*"])
    def test_lower_case_is_that_of_each_word(self, tokenizer):
        text = "ÉTÉ İSTANBUL ΟΔΟΣ ΣΟΦΟΣ ẞ DŽ ΑΣ.Β Σ ǅ KÅ ΑΣ'Σ Σ\u0301 A.Σ 北京ΑΣ AΣ_Σ"
        words = resolve_tokenizer(tokenizer).tokenize(text)
        assert words_of(text, tokenizer=tokenizer) == words
        assert words_of(text, tokenizer=tokenizer, lowercase=True) == [word.lower() for word in words]

    def test_tokens_are_lower_cased_too(self):
        corpus = Corpus.from_documents([["New York", "ΟΔΟΣ", "İ"]])
        vocabulary = encode_corpus(corpus, min_count=1, lowercase=True).vocabulary
        assert sorted(vocabulary) == sorted(["new york", "οδος", "i̇"])

    def test_whitespace_keeps_punctuation(self):
        assert words_of("Don't  stop,\u3000it's\x1f\x85x\xa0y") == ["Don't", "stop,", "it's", "x", "y"]

    @pytest.mark.parametrize("tokenizer", ["words", "words+punctuation", "char", "char+punctuation"])
    @pytest.mark.parametrize("lowercase", [False, True])
    def test_the_scanner_cuts_as_the_naive_twin(self, tokenizer, lowercase):
        for text in LINES:
            if expected := naive.tokenize(text, tokenizer, lowercase):
                assert words_of(text, tokenizer=tokenizer, lowercase=lowercase) == expected

    def test_bag_of_words(self):
        words = ["John", "likes", "to", "watch", "movies", "also", "football", "games", "Mary", "too"]
        texts = ["John likes to watch movies. Mary likes too", "John also likes to watch football games."]
        vocabulary = Vocabulary(words, [1] * len(words))
        first, second = documents_of(Corpus.from_documents(texts), tokenizer="words", vocabulary=vocabulary)
        assert [first.count(word) for word in words] == [1, 2, 1, 1, 1, 0, 0, 0, 1, 1]
        assert [second.count(word) for word in words] == [1, 1, 1, 1, 0, 1, 1, 1, 0, 0]
        assert len(first) == 8
        assert len(second) == 7


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

    @pytest.mark.parametrize("tokenizer", [str.lower, len, lambda line: [line, 1]])
    def test_a_wrong_answer_is_named_for_a_single_text_too(self, tokenizer):
        with pytest.raises(InputError, match="the tokenizer, given 'A b'"):
            resolve_tokenizer(tokenizer).spans("A b")

    def test_a_pattern_sees_each_line_whole(self, tmp_path, block_size):
        path = tmp_path / "text.txt"
        path.write_bytes(b"a b\r\nc d\n\n" + b"e" * 50)
        assert documents_of(Corpus.from_paths([path]), tokenizer=re.compile("^.*$")) == [
            ["a b"],
            ["c d"],
            [],
            ["e" * 50],
        ]


class TestNotice:
    """Chinese text that is cut at its spaces is noticed, once."""

    @pytest.fixture
    def notices(self, caplog):
        def of(corpus, **options):
            caplog.clear()
            with caplog.at_level(logging.WARNING, "embedkit"):
                encode_corpus(corpus, min_count=1, **options)
            return [record.message for record in caplog.records]

        return of

    @pytest.mark.parametrize(
        ("tokenizer", "taken"),
        [("whitespace", "whole sentences"), ("nfkc|whitespace", "whole sentences"), ("words", "single characters")],
    )
    def test_it_says_what_to_pass(self, notices, block_size, tokenizer, taken):
        (message,) = notices(Corpus.from_documents([CHINESE] * 100), tokenizer=tokenizer)
        assert "looks Chinese" in message
        assert taken in message
        assert "tokenizer='zh'" in message
        assert "--tokenizer zh" in message
        assert "'char'" in message

    def test_once_for_each_way_of_cutting(self, notices, tmp_path, block_size):
        path = tmp_path / "text.txt"
        path.write_bytes((CHINESE + "\n").encode() * 100)
        corpus = Corpus.from_paths([path])
        assert len(notices(corpus)) == 1
        assert len(notices(corpus, n_threads=2)) == 0
        assert len(notices(corpus, tokenizer="words")) == 1

    def test_token_lists_before_the_text_do_not_hide_it(self, notices):
        assert len(notices(Corpus.from_documents([["a"], CHINESE]))) == 1

    @pytest.mark.parametrize(
        "document",
        [
            "我 爱 吃 苹果 ， 也 爱 吃 香蕉 。",
            "Plain English, with 汉字 here and there.",
            "吾輩は猫である。名前はまだ無い。",
            ["我爱吃苹果", "也爱吃香蕉"],
        ],
    )
    def test_other_text_is_not_noticed(self, notices, document):
        assert notices(Corpus.from_documents([document] * 10)) == []

    @pytest.mark.parametrize("tokenizer", ["zh", "char", "regex:.", list])
    def test_other_tokenizers_know_what_they_do(self, notices, tokenizer):
        assert notices(Corpus.from_documents([CHINESE]), tokenizer=tokenizer) == []
