"""The vocabulary: its order, and the files it is kept in."""

import gzip
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedkit.errors import FormatError, InputError, ParameterError
from embedkit.text.vocabulary import Vocabulary

words = st.text(alphabet="aAbé世😀́\uffff_-", min_size=1, max_size=4)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vocabulary.txt"


class TestOrder:
    @given(st.dictionaries(words, st.integers(0, 3)))
    def test_words_are_ordered_by_count_then_by_code_points(self, counts):
        vocabulary = Vocabulary(list(counts), list(counts.values()))
        assert vocabulary.words == sorted(counts, key=lambda word: (-counts[word], word))
        assert dict(zip(vocabulary, vocabulary.counts.tolist(), strict=True)) == counts
        assert vocabulary.total == sum(counts.values())
        assert all(vocabulary.words[i] == word for word, i in vocabulary.index.items())

    def test_it_is_a_collection_of_words(self):
        vocabulary = Vocabulary(["a", "b"], [1, 2])
        assert len(vocabulary) == 2
        assert "a" in vocabulary
        assert "c" not in vocabulary
        assert list(vocabulary) == ["b", "a"]
        assert repr(vocabulary) == "<Vocabulary of 2 words, 3 occurrences>"

    def test_equality_looks_at_words_and_counts(self):
        assert Vocabulary(["a", "b"], [1, 2]) == Vocabulary(["b", "a"], [2, 1])
        assert Vocabulary(["a", "b"], [1, 2]) != Vocabulary(["a", "b"], [1, 3])
        assert Vocabulary(["a", "b"], [1, 2]) != Vocabulary(["a", "c"], [1, 2])
        assert Vocabulary(["a"], [1]) != ["a"]

    def test_pickling_keeps_words_and_counts(self):
        vocabulary = Vocabulary(["a", "b"], [1, 2])
        assert vocabulary.index
        copy = pickle.loads(pickle.dumps(vocabulary))
        assert copy == vocabulary
        assert copy.index == vocabulary.index

    def test_pruning_keeps_the_most_frequent_words(self):
        vocabulary = Vocabulary(["a", "b", "c", "d"], [4, 3, 3, 1])
        assert vocabulary.prune(min_count=3).words == ["a", "b", "c"]
        assert vocabulary.prune(max_vocab=2).words == ["a", "b"]
        assert vocabulary.prune(min_count=4, max_vocab=2).counts.tolist() == [4]
        assert vocabulary.prune() == vocabulary

    @pytest.mark.parametrize(
        ("words", "counts", "message"),
        [
            (["a", "b"], [1], "2 words and counts of shape"),
            (["a", "b"], [1, -2], "'b' has the count -2"),
            (["a", "b", "a"], [1, 1, 2], "'a' comes twice"),
        ],
    )
    def test_what_cannot_be_a_vocabulary_is_refused(self, words, counts, message):
        with pytest.raises(ParameterError, match=message):
            Vocabulary(words, counts)


class TestFiles:
    @given(st.dictionaries(words, st.integers(0, 2**62)))
    def test_what_was_saved_is_loaded(self, tmp_path_factory, counts):
        path = tmp_path_factory.mktemp("any") / "vocabulary.txt"
        vocabulary = Vocabulary(list(counts), list(counts.values()))
        vocabulary.save(path)
        assert Vocabulary.load(path) == vocabulary

    def test_lines_are_those_of_word2vec(self, path):
        Vocabulary(["the", "naïve", "cat"], [10, 2, 3]).save(path)
        assert path.read_bytes() == "the 10\ncat 3\nnaïve 2\n".encode()

    @pytest.mark.parametrize("newline", ["\n", "\r\n"])
    def test_foreign_files_may_have_marks_tabs_empty_lines_and_another_order(self, path, newline):
        path.write_bytes(newline.join(["\ufeffcat\t3", "", " the  10 ", "dog 3"]).encode())
        assert Vocabulary.load(path) == Vocabulary(["the", "cat", "dog"], [10, 3, 3])

    def test_compression_by_ending(self, tmp_path):
        path = tmp_path / "vocabulary.txt.gz"
        Vocabulary(["a"], [1]).save(path)
        assert gzip.decompress(path.read_bytes()) == b"a 1\n"
        assert Vocabulary.load(path).words == ["a"]

    @pytest.mark.parametrize("word", ["New York", "a\u3000b", "a\n", "", "\x1f", "nul\0"])
    def test_a_word_that_lines_cannot_hold_is_named_and_the_older_file_stays(self, path, word):
        path.write_bytes(b"older")
        with pytest.raises(FormatError, match="cannot save the word") as raised:
            Vocabulary(["a", word], [2, 1]).save(path)
        assert repr(word) in str(raised.value)
        assert path.read_bytes() == b"older"
        assert list(path.parent.iterdir()) == [path]

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            (b"word", "found 'word', expected a word, a space and its count"),
            (b"7", "found '7', expected"),
            (b"New York 7", "found 'New York 7', expected"),
            (b"word -3", "count of 'word' is '-3', expected a whole number from 0"),
            (b"word 1.5", "'1.5'"),
            (b"word many", "'many'"),
            ("word ٣".encode(), "'٣'"),
            (b"word 9223372036854775808", "'9223372036854775808'"),
            (b"the 3", "'the' was on line 1 too"),
            (b"caf\xe9 3", "not UTF-8"),
            (b"nul\0 3", "a NUL byte in 'nul\\x00'"),
        ],
    )
    def test_a_bad_line_is_named(self, path, line, message):
        path.write_bytes(b"the 10\na 5\n" + line + b"\nlast 1\n")
        with pytest.raises(FormatError, match=r"vocabulary\.txt, line 3: ") as raised:
            Vocabulary.load(path)
        assert message in str(raised.value)

    def test_a_missing_file_is_named(self, path):
        with pytest.raises(InputError, match=r"no such file: .*vocabulary\.txt"):
            Vocabulary.load(path)

    def test_a_damaged_file_is_named(self, tmp_path):
        path = tmp_path / "vocabulary.gz"
        path.write_bytes(gzip.compress(b"word 1\n" * 1000)[:20])
        with pytest.raises(InputError, match=r"cannot read .*vocabulary\.gz"):
            Vocabulary.load(path)

    def test_an_empty_file_is_an_empty_vocabulary(self, path):
        path.write_bytes(b"")
        vocabulary = Vocabulary.load(path)
        assert len(vocabulary) == 0
        assert vocabulary.counts.dtype == np.int64


def test_a_count_of_thousands_of_digits_is_refused(tmp_path):
    path = tmp_path / "vocab.txt"
    path.write_text("word " + "9" * 5000)
    with pytest.raises(FormatError, match="line 1: the count of 'word'"):
        Vocabulary.load(path)
