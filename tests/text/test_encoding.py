"""From corpus to ids: the naive twin's result whatever the threads, blocks and memory; and what is refused."""

import functools
import os
import random
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import scan as naive

from embedkit.errors import InputError, OutputError, ParameterError
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import DOCUMENT_END, encode_corpus
from embedkit.text.vocabulary import Vocabulary

options = st.fixed_dictionaries(
    {
        "tokenizer": st.sampled_from(["whitespace", "words", "words+punctuation", "char", "char+punctuation"]),
        "lowercase": st.booleans(),
        "min_count": st.integers(1, 3),
        "max_vocab": st.none() | st.integers(1, 5),
        "keep_empty": st.booleans(),
    }
)


@pytest.fixture(scope="module")
def documents():
    """A few thousand lines over words of many scripts, some lines empty."""
    generator = random.Random(7)
    words = ["".join(generator.choices(naive.ODD, k=generator.randint(1, 30))) for _ in range(3000)]
    weights = [1 / (rank + 1) for rank in range(len(words))]
    return [" ".join(generator.choices(words, weights, k=generator.randint(0, 30))) for _ in range(3000)]


@pytest.fixture(scope="module")
def expected(documents):
    """What the naive twin makes of the documents, which takes it seconds, by tokenizer."""
    return functools.cache(lambda tokenizer: naive.encode(documents, tokenizer=tokenizer, min_count=2))


@pytest.fixture(scope="module")
def text_file(documents, tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "text.txt"
    path.write_bytes("".join(document + "\n" for document in documents).encode())
    return path


def check(encoded, expected):
    words, counts, ids = expected
    assert encoded.vocabulary.words == words
    assert encoded.vocabulary.counts.tolist() == counts
    assert encoded.ids.dtype == np.int32
    assert encoded.ids.tolist() == ids
    assert encoded.n_documents == ids.count(DOCUMENT_END)


class TestResult:
    @settings(max_examples=60, deadline=None)
    @given(
        lines=st.lists(st.text(alphabet=naive.ODD, max_size=30), max_size=10), chosen=options, size=st.integers(1, 99)
    )
    def test_any_text_is_encoded_as_by_the_naive_twin(self, tmp_path_factory, lines, chosen, size):
        lines = ["word word word", *lines]
        path = tmp_path_factory.mktemp("any") / "text.txt"
        path.write_bytes("".join(line + "\n" for line in lines).encode())
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("embedkit.text.encoding.BLOCK_BYTES", size)
            check(encode_corpus(Corpus.from_paths([path]), **chosen), naive.encode(lines, **chosen))

    @pytest.mark.parametrize("n_threads", [1, 2, 3, 4, 100])
    @pytest.mark.parametrize("size", [5_000, 40_000, 1 << 20])
    @pytest.mark.parametrize("tokenizer", ["whitespace", "words", "char+punctuation"])
    def test_threads_and_blocks_do_not_matter(self, text_file, expected, monkeypatch, n_threads, size, tokenizer):
        monkeypatch.setattr("embedkit.text.encoding.BLOCK_BYTES", size)
        encoded = encode_corpus(Corpus.from_paths([text_file]), tokenizer=tokenizer, n_threads=n_threads, min_count=2)
        check(encoded, expected(tokenizer))

    def test_files_strings_and_token_lists_give_the_same(self, text_file, documents):
        expected = naive.encode(documents, min_count=3)
        check(encode_corpus(Corpus.from_paths([text_file]), min_count=3), expected)
        check(encode_corpus(Corpus.from_documents(documents), min_count=3, n_threads=2), expected)
        tokens = [document.split() for document in documents]
        check(encode_corpus(Corpus.from_documents(tokens), min_count=3, n_threads=2), expected)

    def test_figures_of_the_corpus(self, text_file, documents):
        encoded = encode_corpus(Corpus.from_paths([text_file]), min_count=50)
        assert encoded.n_words == sum(len(document.split()) for document in documents)
        assert encoded.n_bytes == text_file.stat().st_size
        assert encoded.seconds > 0

    def test_documents_with_no_word_left_are_dropped_or_kept(self):
        corpus = Corpus.from_documents(["", "a a", "rare", "", "a"])
        assert encode_corpus(corpus, min_count=2).ids.tolist() == [0, 0, -1, 0, -1]
        kept = encode_corpus(corpus, min_count=2, keep_empty=True)
        assert kept.ids.tolist() == [-1, 0, 0, -1, -1, -1, 0, -1]
        assert kept.n_documents == 5

    def test_a_long_line_and_a_long_word(self, tmp_path):
        path = tmp_path / "text.txt"
        path.write_bytes(b"many words " * 1_000_000 + b"w" * 100_000 + b" w")
        encoded = encode_corpus(Corpus.from_paths([path]), min_count=1, n_threads=2)
        assert encoded.vocabulary.words == ["many", "words", "w", "w" * 100_000]
        assert encoded.n_documents == 1
        assert len(encoded.ids) == 2_000_003

    def test_min_count_0_keeps_all_words(self):
        assert encode_corpus(Corpus.from_documents(["a b"]), min_count=0).vocabulary.words == ["a", "b"]


class TestGivenVocabulary:
    GIVEN = Vocabulary(["b", "new york", "a", "absent", "rare"], [9, 8, 7, 6, 1])

    def test_its_words_and_counts_stand_and_others_are_dropped(self):
        corpus = Corpus.from_documents(["a x b", "x", ["new york", "b", "y"]])
        encoded = encode_corpus(corpus, vocabulary=self.GIVEN, n_threads=2)
        assert encoded.vocabulary == Vocabulary(["b", "new york", "a", "absent"], [9, 8, 7, 6])
        assert encoded.ids.tolist() == [2, 0, -1, 1, 0, -1]
        assert encoded.n_words == 7

    def test_its_own_counts_prune_it(self):
        corpus = Corpus.from_documents(["rare a b"])
        assert encode_corpus(corpus, vocabulary=self.GIVEN, min_count=1).ids.tolist() == [4, 2, 0, -1]
        assert encode_corpus(corpus, vocabulary=self.GIVEN, max_vocab=1).ids.tolist() == [0, -1]

    def test_a_corpus_of_other_words_is_refused(self):
        with pytest.raises(InputError, match=r"no word of the documents is in the vocabulary: .*'x'.*'b'.*tokenizer"):
            encode_corpus(Corpus.from_documents(["x y x"]), vocabulary=self.GIVEN)

    def test_one_that_min_count_empties_is_refused(self):
        with pytest.raises(
            InputError, match=r"no word of the vocabulary has a count of 10: .*'b', has 9; .*--min-count"
        ):
            encode_corpus(Corpus.from_documents(["a"]), vocabulary=self.GIVEN, min_count=10)

    @pytest.mark.parametrize("memory", [0, 1000])
    @pytest.mark.parametrize("documents", [[], [""], ["x"], ["x", "", ["y"]]])
    def test_documents_without_any_of_its_words_are_no_error_if_empty_ones_are_kept(self, documents, memory):
        corpus = Corpus.from_documents(documents)
        with encode_corpus(corpus, vocabulary=self.GIVEN, keep_empty=True, memory=memory) as encoded:
            assert encoded.ids.tolist() == [DOCUMENT_END] * len(documents)
            assert encoded.n_documents == len(documents)

    def test_an_empty_one_is_refused(self):
        with pytest.raises(InputError, match="the vocabulary has no words"):
            encode_corpus(Corpus.from_documents(["a"]), vocabulary=Vocabulary([], []))


class TestMemory:
    @pytest.fixture(autouse=True)
    def own_folder(self, tmp_path, monkeypatch):
        """Where temporary files go; Linux keeps even an unlinked one visible among the open files."""
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        self.folder = tmp_path

    def open_files(self):
        descriptors = Path("/proc/self/fd")
        if not descriptors.is_dir():
            return list(self.folder.iterdir())
        return [link for link in descriptors.iterdir() if os.path.realpath(link).startswith(str(self.folder))]

    @pytest.mark.parametrize("memory", [0, 1000, 100_000])
    def test_a_file_instead_of_memory_gives_the_same_ids(self, text_file, documents, monkeypatch, memory):
        monkeypatch.setattr("embedkit.text.encoding.BLOCK_BYTES", 10_000)
        with encode_corpus(Corpus.from_paths([text_file]), memory=memory, n_threads=2, min_count=2) as encoded:
            assert isinstance(encoded.ids, np.memmap)
            assert {link.stat().st_size for link in self.open_files()} == {encoded.ids.nbytes}
            check(encoded, naive.encode(documents, min_count=2))
        assert not self.open_files()
        assert len(encoded.ids) == 0

    def test_enough_memory_needs_no_file(self, text_file):
        with encode_corpus(Corpus.from_paths([text_file])) as encoded:
            assert type(encoded.ids) is np.ndarray
            assert encoded.ids.base is None
            assert not self.open_files()

    @pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
    def test_the_file_goes_when_a_callback_raises(self, text_file, error):
        def interrupt(progress):
            assert self.open_files()
            raise error

        with pytest.raises(error) as raised:
            encode_corpus(Corpus.from_paths([text_file]), memory=0, on_progress=interrupt)
        assert not self.open_files()
        del raised  # kept all frames alive so far, and what they hold

    def test_the_file_goes_when_no_word_is_left(self, text_file):
        with pytest.raises(InputError, match="min_count") as raised:
            encode_corpus(Corpus.from_paths([text_file]), memory=0, min_count=10**9)
        assert not self.open_files()
        del raised

    @pytest.mark.parametrize("buffering", [0, -1])
    def test_a_full_disk_is_explained(self, text_file, monkeypatch, buffering):
        full = Path("/dev/full")
        if not full.exists():
            pytest.skip("needs /dev/full")
        monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: full.open("wb", buffering=buffering))
        with pytest.raises(OutputError, match=r"temporary directory .*No space left.*TMPDIR.*more memory"):
            encode_corpus(Corpus.from_paths([text_file]), memory=0)


class TestProgress:
    def test_it_is_told_after_each_block(self, text_file, documents, monkeypatch):
        monkeypatch.setattr("embedkit.text.encoding.BLOCK_BYTES", 20_000)
        told = []
        encoded = encode_corpus(Corpus.from_paths([text_file]), min_count=1, on_progress=told.append)
        size = text_file.stat().st_size
        assert len(told) >= size // 20_000
        assert {progress.bytes_total for progress in told} == {size}
        for name in ("bytes_done", "words", "vocabulary", "seconds"):
            values = [getattr(progress, name) for progress in told]
            assert values == sorted(values)
            assert values[0] > 0
        assert told[-1].bytes_done == size
        assert told[-1].words == encoded.n_words
        assert told[-1].vocabulary == len(encoded.vocabulary)


class TestRefused:
    @pytest.mark.parametrize("data", [b"", b"\n", b" \t\r\n\n", b"\xef\xbb\xbf"])
    def test_a_file_without_words_is_named(self, tmp_path, data):
        path = tmp_path / "empty.txt"
        path.write_bytes(data)
        with pytest.raises(InputError, match=r"no words in .*empty\.txt"):
            encode_corpus(Corpus.from_paths([path]))

    @pytest.mark.parametrize("documents", [[], [""], [[]], ["", ["", ""], "\n"]])
    @pytest.mark.parametrize("keep_empty", [False, True])
    def test_documents_without_words(self, documents, keep_empty):
        with pytest.raises(InputError, match="no words in the documents"):
            encode_corpus(Corpus.from_documents(documents), keep_empty=keep_empty)

    def test_punctuation_holds_no_words(self):
        with pytest.raises(InputError, match="no words"):
            encode_corpus(Corpus.from_documents(["?!... --- ''"]), tokenizer="words")

    def test_the_highest_count_is_told_if_no_word_reaches_min_count(self):
        with pytest.raises(
            InputError, match=r"occurs 5 times: .*'b', has 3; set min_count \(--min-count\) to 3 or less"
        ):
            encode_corpus(Corpus.from_documents(["a b c b b a"]))

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("min_count", -1),
            ("min_count", 1.5),
            ("min_count", True),
            ("min_count", None),
            ("max_vocab", 0),
            ("max_vocab", "10"),
            ("n_threads", 0),
            ("n_threads", -1),
            ("memory", -1),
            ("tokenizer", "letters"),
        ],
    )
    def test_a_wrong_parameter_is_named(self, name, value):
        with pytest.raises(ParameterError, match=f"{name}={value!r}"):
            encode_corpus(Corpus.from_documents(["a"]), **{name: value})


@pytest.mark.parametrize("n_threads", [1, 3])
def test_words_outside_the_vocabulary_can_be_kept(n_threads):
    documents = ["a b a", "c", "b d"]
    with encode_corpus(
        Corpus.from_documents(documents), min_count=2, keep_unknown=True, n_threads=n_threads
    ) as encoded:
        assert encoded.vocabulary.words == ["a", "b"]
        assert encoded.ids.tolist() == [0, 1, 0, -1, 2, -1, 1, 2, -1]
    known = Vocabulary(["z"], [1])
    with encode_corpus(Corpus.from_documents(documents), min_count=0, vocabulary=known, keep_unknown=True) as encoded:
        assert encoded.ids.tolist() == [1, 1, 1, -1, 1, -1, 1, 1, -1]
