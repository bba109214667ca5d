"""The term kernel against its naive twin: every analyzer, case, n-gram range, thread count and batch size."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import terms as twin

from embedkit.errors import InputError
from embedkit.features import counting
from embedkit.features.counting import Analysis

ASCII = "abcXYZ019_ \t\n.,'!-"
ODD = [*ASCII, *"İΣσςéÉ\u0301ǅß中文のカ카𝔸𠀀😀Ⅷ²٣ﬁ’", "\0", "\ud800", "\udfff", "\u00a0", "\u3000", "\u2028", "\u00ad"]
# Around the 16 bytes of a copied word, the 64 of a block, and white space at their edges.
LENGTHS = (0, 1, 2, 3, 15, 16, 17, 33, 62, 63, 64, 65, 127, 128, 129, 400)


def analyses():
    ranges = st.tuples(st.integers(1, 6), st.integers(0, 4)).map(lambda pair: (pair[0], sum(pair)))
    return st.builds(
        lambda analyzer, ngram_range, lowercase, shortest, split_cjk, stop_words: Analysis(
            analyzer, ngram_range, lowercase, 1 if split_cjk else shortest, split_cjk, frozenset(stop_words)
        ),
        st.sampled_from(["word", "char", "char_wb"]),
        ranges,
        st.booleans(),
        st.integers(1, 3),
        st.booleans(),
        st.lists(st.sampled_from(["ab", "a", "XY", "é", "中", "a\0"]), max_size=2),
    )


def documents(seed, n=25):
    rng = random.Random(seed)
    alphabets = [ASCII, ODD, "ab ", "Aa\n"]
    return ["".join(rng.choices(rng.choice(alphabets), k=rng.choice(LENGTHS))) for _ in range(n)]


def assert_same(ours, theirs):
    for name, a, b in zip(("data", "indices", "indptr"), ours, theirs, strict=True):
        assert a.dtype == b.dtype, name
        np.testing.assert_array_equal(a, b, err_msg=name)


def assert_counts_agree(texts, analysis, n_threads, seed=0):
    ours, theirs = counting.count_terms(texts, analysis, n_threads), twin.count_terms(texts, analysis, n_threads)
    order, twins_order = ours.sort(), theirs.sort()
    terms = ours.terms(order)
    assert terms == theirs.terms(twins_order)
    assert ours.n_documents == len(texts)
    np.testing.assert_array_equal(ours.document_frequency[order], theirs.document_frequency[twins_order])
    np.testing.assert_array_equal(ours.term_frequency[order], theirs.term_frequency[twins_order])
    kept = np.random.default_rng(seed).random(len(order)) < 0.6
    chosen = ours.sort(kept)
    names = ours.terms(chosen)
    assert names == sorted(names)
    assert set(names) == set(ours.terms(np.flatnonzero(kept)))
    vocabulary = {name: column for column, name in enumerate(names)}
    columns = np.full(len(order), -1, np.int32)
    columns[chosen] = np.arange(len(chosen))
    twins_columns = np.array([vocabulary.get(term, -1) for term in theirs.numbers], np.int32)
    assert_same(ours.matrix(columns, len(names), np.float32), theirs.matrix(twins_columns, len(names), np.float32))
    return vocabulary


@settings(max_examples=150)
@given(analyses(), st.integers(0, 10**6), st.integers(1, 3), st.sampled_from([1, 100, 1 << 18]))
def test_counts_are_those_of_the_twin(analysis, seed, n_threads, batch):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "BATCH", batch)
        texts = documents(seed)
        vocabulary = assert_counts_agree(texts, analysis, n_threads, seed)
        # Terms that no text can have take a column and stay empty.
        for odd in ("no  way", " x", "x ", "", "a b c d e f g h i j k l", "a\0b", "a\nb", "\n", "x" * 70):
            vocabulary.setdefault(odd, len(vocabulary))
        new = [*documents(seed + 1, 8), *texts[:3]]
        known = counting.KnownTerms(vocabulary, analysis)
        ours = counting.count_known(new, known, len(vocabulary), n_threads, np.int64)
        assert_same(ours, twin.count_known(new, analysis, twin.KnownTerms(vocabulary, analysis), n_threads, np.int64))


@settings(max_examples=60)
@given(
    analyses(),
    st.integers(0, 10**6),
    st.integers(1, 3),
    st.sampled_from([1, 2, 255, 256, 257, 2**20, 2**31 - 1]),
    st.booleans(),
)
def test_hashed_terms_are_those_of_the_twin(analysis, seed, n_threads, n_features, alternate_sign):
    texts = [text.replace("\ud800", "").replace("\udfff", "") for text in documents(seed)]
    arguments = texts, analysis, n_features, alternate_sign, n_threads, np.float64
    assert_same(counting.hash_terms(*arguments), twin.hash_terms(*arguments))


@settings(max_examples=100)
@given(st.lists(st.text(st.characters(codec=None)), max_size=6), analyses())
def test_any_unicode(texts, analysis):
    assert_counts_agree(texts, analysis, 2)


@pytest.mark.parametrize("n_words", [1, 23, 24, 25, 255, 256, 257, 511, 512, 513, 70_000])
def test_rows_are_sorted_at_every_length(n_words):
    words = [f"w{number:06d}" for number in range(n_words)]
    random.Random(0).shuffle(words)
    assert_counts_agree([" ".join(words), " ".join(reversed(words))], Analysis(), 1)


def test_no_documents_at_all():
    counts = counting.count_terms([], Analysis(), 2)
    assert counts.n_documents == 0
    assert counts.terms(counts.sort()) == []
    data, indices, indptr = counts.matrix(np.zeros(0, np.int32), 0, np.float64)
    assert (len(data), len(indices), indptr.tolist()) == (0, 0, [0])


def test_what_is_no_string_is_named_with_its_place():
    with pytest.raises(InputError, match="document 1 is of type int, expected a string: 3"):
        counting.count_terms(["a", 3], Analysis(), 1)


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int32, np.int64, np.float16, np.float32, np.float64, bool])
def test_every_type_of_value(dtype):
    texts = ["aa bb aa", "cc aa"]
    counts = counting.count_terms(texts, Analysis(), 1)
    order = counts.sort()
    columns = np.empty(3, np.int32)
    columns[order] = np.arange(3)
    data, _, _ = counts.matrix(columns, 3, dtype)
    assert data.dtype == dtype
    assert data.tolist() == np.array([2, 1, 1, 1]).astype(dtype).tolist()


def test_an_iterator_is_read_once_and_in_order():
    texts = [f"word{number} other" for number in range(5000)]
    analysis = Analysis(ngram_range=(1, 2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "BATCH", 300)
        hashed = counting.hash_terms(iter(texts), analysis, 2**10, False, 3, np.int64)
    assert_same(hashed, twin.hash_terms(texts, analysis, 2**10, False, 3, np.int64))


@pytest.mark.parametrize("ngram_range", [(0, 1), (2, 1), (1, 61)])
def test_ranges_that_the_kernel_has_no_room_for_are_refused(ngram_range):
    with pytest.raises(ValueError, match="expected a range within 1 to 60"):
        counting.count_terms(["a b"], Analysis(ngram_range=ngram_range), 1)
