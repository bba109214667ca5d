"""Documents from Python as a corpus: strings, token lists, both, generators, arrays."""

from collections import UserList

import numpy as np
import pytest

from embedkit.errors import InputError, ParameterError
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import encode_corpus


def documents_of(corpus, size=1 << 20, **options):
    """The documents of a corpus as lists of words."""
    found, words = [[]], encode_corpus(corpus, min_count=1, keep_empty=True, **options)
    for i in words.ids.tolist():
        if i < 0:
            found.append([])
        else:
            found[-1].append(words.vocabulary.words[i])
    return found[:-1]


class Column:
    """What a pandas Series looks like from here."""

    def __init__(self, values):
        self.values = values

    def __iter__(self):
        return iter(self.values)


class Table(Column):
    """What a pandas DataFrame looks like."""

    columns = ("text",)


MIXED = ["a b", ["New York", "b"], [], "", "c\nd\r\ne", ("x", "", "y"), np.array(["p", "q"]), UserList(["r"]), "last"]
MIXED_WORDS = [["a", "b"], ["New York", "b"], [], [], ["c", "d", "e"], ["x", "y"], ["p", "q"], ["r"], ["last"]]


def test_strings_and_token_lists_may_be_mixed():
    assert documents_of(Corpus.from_documents(MIXED)) == MIXED_WORDS


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_blocks_of_any_size_hold_the_same_documents(size):
    blocks = list(Corpus.from_documents(MIXED).blocks(size))
    text = b"".join(block.data for block in blocks)
    assert text == b"a b\nNew York\0b\0\0\0\nc d\r e\nx\0y\0\0p\0q\0\0r\0\0last\n"
    assert [block.position for block in blocks] == list(np.cumsum([len(block.data) for block in blocks]))


@pytest.mark.parametrize("kind", [list, tuple, iter, Column, lambda texts: np.array(texts, object), np.array])
def test_any_iterable_of_strings_will_do(kind):
    texts = ["a b", "c", "d e f"]
    assert documents_of(Corpus.from_any(kind(texts))) == [["a", "b"], ["c"], ["d", "e", "f"]]


def test_a_line_end_within_a_string_is_white_space():
    corpus = Corpus.from_documents(["a\nb", "c"])
    assert encode_corpus(corpus, min_count=1).ids.tolist() == [0, 1, -1, 2, -1]


def test_a_generator_is_read_once_and_says_so():
    read = []

    def texts():
        for text in ["a b", "b c"]:
            read.append(text)
            yield text

    corpus = Corpus.from_any(texts())
    assert documents_of(corpus) == [["a", "b"], ["b", "c"]]
    assert read == ["a b", "b c"]
    with pytest.raises(InputError, match="read already; pass a list"):
        documents_of(corpus)


def test_a_list_is_read_again():
    corpus = Corpus.from_documents(["a b"])
    assert documents_of(corpus) == documents_of(corpus) == [["a", "b"]]


def test_a_corpus_is_passed_on():
    corpus = Corpus.from_documents(["a"])
    assert Corpus.from_any(corpus) is corpus
    assert corpus.files == []
    assert corpus.bytes_total is None


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"bytes", r"documents\[2\]: an object of type bytes, expected a string .*decode"),
        (3.5, r"documents\[2\]: an object of type float \(3.5\), expected a string or a list"),
        (float("nan"), r"float \(nan\).*missing values"),
        (None, r"NoneType.*missing values"),
        ({"a": 1}, r"documents\[2\]: an object of type dict"),
        ({"a", "b"}, r"documents\[2\]: an object of type set"),
        ((word for word in "ab"), r"documents\[2\]: an object of type generator"),
        (["a", 7], r"documents\[2\]: token 1: an object of type int \(7\), expected a string"),
        (["a", b"x"], r"documents\[2\]: token 1: an object of type bytes.*decode"),
        (np.array([1, 2]), r"documents\[2\]: token 0: an object of type int64"),
        (["a", "x\0y"], r"documents\[2\]: token 1: 'x\\x00y' holds a NUL"),
        (["a", "x\ud800"], r"documents\[2\]: token 1: 'x\\ud800' holds a lone surrogate"),
        ("ab\ud800", r"documents\[2\]: a lone surrogate \(U\+D800 at character 2\)"),
        ("abc\0", r"documents\[2\]: a NUL \(character 3\)"),
    ],
)
def test_a_wrong_document_is_named(document, message):
    with pytest.raises(InputError, match=message):
        documents_of(Corpus.from_documents(["a", "b", document, "c"]))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b"some bytes", "type bytes, expected a list.*decode"),
        ({"a": "b"}, "type dict, expected a list"),
        (42, r"type int \(42\), expected a list"),
        (None, "type NoneType"),
        (Table(["a"]), "type Table, expected a list.*one column"),
    ],
)
def test_what_holds_no_documents_is_refused(source, message):
    with pytest.raises(InputError, match=message):
        Corpus.from_any(source)


def test_a_single_string_is_no_list_of_documents():
    with pytest.raises(InputError, match=r"pass a single text in a list"):
        Corpus.from_documents("one text")


@pytest.mark.parametrize(("encoding_errors", "kept"), [("replace", "\ufffd"), ("ignore", "")])
def test_lone_surrogates_and_nul_as_encoding_errors_says(encoding_errors, kept):
    documents = ["a\ud800b \udfff", "c\0d", ["e\udc80", "\ud834"]]
    corpus = Corpus.from_documents(documents, encoding_errors=encoding_errors)
    expected = [[f"a{kept}b", kept], [f"c{kept}d"], [f"e{kept}", kept]]
    assert documents_of(corpus) == [[word for word in document if word] for document in expected]


def test_a_nul_in_a_token_is_an_error_always():
    with pytest.raises(InputError, match="holds a NUL"):
        documents_of(Corpus.from_documents([["a\0b"]], encoding_errors="ignore"))


def test_other_ways_to_handle_errors_are_refused():
    with pytest.raises(ParameterError, match="encoding_errors='loose'"):
        Corpus.from_documents(["a"], encoding_errors="loose")


def test_an_array_of_two_dimensions_is_refused():
    with pytest.raises(InputError, match=r"shape \(2, 1\), expected one dimension"):
        Corpus.from_documents(np.array([["a b"], ["c d"]]))
