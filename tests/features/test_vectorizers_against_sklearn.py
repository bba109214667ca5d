"""The vectorizers give scikit-learn's results: over a grid of parameters, and for any Unicode."""

import gzip
import itertools
import re
import warnings

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction import text as sk

from embedkit import features as ours

DOCUMENTS = [
    "The quick brown fox, don't jump over the LAZY dog; the dog!",
    "the dog's dinner: a fox",
    "",
    "Straße ΟΔΥΣΣΕΥΣ İstanbul naïve café ﬁne Ⅷ ℠ x_1 _ ٣٤",
    "我爱自然语言处理。カタカナ と ひらがな 한국어",
    "tabs\t\tand\n\nlines \x1c\x1d end\u3000\u3000x",
    "👩‍👩‍👧 emoji \x00 NUL\x00inside e\u0301 combining",
    b"bytes caf\xc3\xa9 fox",
    "one two three four five six seven eight nine ten eleven two two",
]
NEW = ["a brown dog and an unseen word", "", "İ 我爱 café ten two two", "\x00"]


def split_on_spaces(text):
    return text.split()


def shout(text):
    return text.upper()


def letters(document):
    return [document[:1], document[-1:], document]


COMMON = {
    "default": {},
    "not lower-cased": {"lowercase": False},
    "bigrams": {"ngram_range": (2, 2)},
    "one to three": {"ngram_range": (1, 3)},
    "nothing too": {"ngram_range": (0, 2)},
    "longer than any text": {"ngram_range": (3, 70), "analyzer": "char"},
    "char": {"analyzer": "char"},
    "char 2 to 4": {"analyzer": "char", "ngram_range": (2, 4)},
    "char_wb": {"analyzer": "char_wb", "ngram_range": (3, 5)},
    "char_wb long": {"analyzer": "char_wb", "ngram_range": (5, 8), "lowercase": False},
    "english": {"stop_words": "english", "ngram_range": (1, 2)},
    "own stop words": {"stop_words": ["fox", "the", "two"], "ngram_range": (1, 2)},
    "ascii accents": {"strip_accents": "ascii"},
    "unicode accents": {"strip_accents": "unicode", "analyzer": "char", "ngram_range": (1, 2)},
    "accents kept in case": {"strip_accents": "unicode", "lowercase": False},
    "own accents": {"strip_accents": shout},
    "preprocessor": {"preprocessor": shout, "ngram_range": (1, 2)},
    "tokenizer": {"tokenizer": split_on_spaces, "token_pattern": None, "ngram_range": (1, 2)},
    "analyzer": {"analyzer": letters},
    "short words": {"token_pattern": r"(?u)\b\w+\b"},
    "other pattern": {"token_pattern": r"[a-z]+"},
    "group": {"token_pattern": r"(\w)\w+"},
    "binary": {"binary": True, "ngram_range": (1, 2)},
    "float32": {"dtype": np.float32},
    "latin-1": {"encoding": "latin-1"},
}
LEARNED = {
    "min_df": {"min_df": 2},
    "min_df share": {"min_df": 0.2},
    "max_df": {"max_df": 1},
    "max_df share": {"max_df": 0.2, "analyzer": "char"},
    "max_features": {"max_features": 7},
    "max_features of many": {"max_features": 40, "analyzer": "char", "ngram_range": (1, 3), "max_df": 0.5},
    "max_features binary": {"max_features": 9, "binary": True, "min_df": 1},
    "max_features float32": {"max_features": 30, "dtype": np.float32, "analyzer": "char", "ngram_range": (2, 3)},
    "list": {"vocabulary": ["the", "fox", "missing", "dog"]},
    "set": {"vocabulary": {"the", "fox", "missing", "dog"}},
    "dict": {"vocabulary": {"the": 2, "fox": 0, "missing dog": 1}, "ngram_range": (1, 2)},
    "array": {"vocabulary": np.array(["the", "fox"])},
    "characters": {"vocabulary": ["fo", "o", "\x00", "我"], "analyzer": "char", "ngram_range": (1, 3)},
    "for a tokenizer": {"vocabulary": ["the", "fox"], "tokenizer": split_on_spaces, "token_pattern": None},
}
COUNTS = {
    "bool": {"dtype": bool},
    "bool max_features": {"dtype": bool, "max_features": 6},
    "uint8": {"dtype": np.uint8, "max_features": 6},
    "int32": {"dtype": "int32"},
}
TFIDF = {
    "no idf": {"use_idf": False},
    "unsmoothed": {"smooth_idf": False},
    "sublinear": {"sublinear_tf": True, "ngram_range": (1, 2)},
    "l1": {"norm": "l1"},
    "no norm": {"norm": None},
    "float32, no norm": {"norm": None, "dtype": np.float32, "sublinear_tf": True},
    "integers": {"dtype": int, "max_features": 8},
}
HASHING = {
    "few columns": {"n_features": 5},
    "one column": {"n_features": 1, "norm": None},
    "unsigned": {"alternate_sign": False, "n_features": 17},
    "l1": {"norm": "l1", "n_features": 17},
    "counts": {"norm": None, "dtype": int, "n_features": 17},
    "binary integers": {"binary": True, "dtype": int, "n_features": 3},
    "many columns": {"n_features": 2**31 - 2},
}


def assert_same_matrix(mine, theirs):
    theirs.sort_indices()
    assert type(mine) is type(theirs)
    assert mine.shape == theirs.shape
    assert mine.dtype == theirs.dtype
    assert mine.indices.dtype == theirs.indices.dtype
    assert mine.indptr.dtype == theirs.indptr.dtype
    assert mine.has_sorted_indices
    np.testing.assert_array_equal(mine.indptr, theirs.indptr)
    np.testing.assert_array_equal(mine.indices, theirs.indices)
    if mine.dtype == np.float32:
        np.testing.assert_array_max_ulp(mine.data, theirs.data, 1)
    elif mine.dtype == np.float64:
        np.testing.assert_allclose(mine.data, theirs.data, rtol=1e-12)
    else:
        np.testing.assert_array_equal(mine.data, theirs.data)


def assert_same_results(name, parameters, documents, new, n_jobs):
    """Fit and transform both, and compare all that can be asked for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        mine, theirs = getattr(ours, name)(**parameters, n_jobs=n_jobs), getattr(sk, name)(**parameters)
        try:
            expected = theirs.fit_transform(documents)
        except UnicodeEncodeError:  # of a lone surrogate, which ours hash; see test_vectorizers_edges
            assert name == "HashingVectorizer"
            mine.fit_transform(documents)
            return
        except ValueError as error:
            message = str(error) if "empty vocabulary" in str(error) or "pruning" in str(error) else ""
            with pytest.raises(ValueError, match=re.escape(message)):
                mine.fit_transform(documents)
            return
        assert_same_matrix(mine.fit_transform(documents), expected)
        found = mine.transform(new)
        assert_same_matrix(found, theirs.transform(new))
        assert_same_matrix(getattr(ours, name)(**parameters, n_jobs=n_jobs).fit(documents).transform(new), found)
        if name == "HashingVectorizer":
            return
        assert mine.vocabulary_ == theirs.vocabulary_
        assert mine.fixed_vocabulary_ == theirs.fixed_vocabulary_
        names, expected_names = mine.get_feature_names_out(), theirs.get_feature_names_out()
        assert names.dtype == expected_names.dtype
        assert names.tolist() == expected_names.tolist()
        rows = (mine.inverse_transform(found), theirs.inverse_transform(found)) if new else ([], [])
        for row, expected_row in zip(*rows, strict=True):
            assert row.dtype == expected_row.dtype
            assert row.tolist() == expected_row.tolist()
        if name == "TfidfVectorizer" and theirs.use_idf:
            assert mine.idf_.dtype == theirs.idf_.dtype
            np.testing.assert_allclose(mine.idf_, theirs.idf_, rtol=1e-12 if mine.idf_.dtype == np.float64 else 1e-6)


GRID = [
    *(("CountVectorizer", key, value) for key, value in (COMMON | LEARNED | COUNTS).items()),
    *(("TfidfVectorizer", key, value) for key, value in (COMMON | LEARNED | TFIDF).items()),
    *(("HashingVectorizer", key, {"n_features": 101} | value) for key, value in (COMMON | HASHING).items()),
]


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize(("name", "parameters"), [pytest.param(n, p, id=f"{n}-{k}") for n, k, p in GRID])
def test_results_are_those_of_scikit_learn(name, parameters, n_jobs):
    assert_same_results(name, parameters, DOCUMENTS, NEW, n_jobs)


def test_results_are_those_of_scikit_learn_for_many_documents():
    random = np.random.default_rng(0)
    words = np.array([f"w{i}" for i in range(3000)] + ["é", "Ünder", "中文"])
    documents = [" ".join(words[(random.pareto(0.7, n) * 5).astype(int) % len(words)]) for n in [200] * 1500]
    for parameters in ({"ngram_range": (1, 2), "min_df": 2}, {"max_features": 500}, {"max_df": 0.01, "binary": True}):
        assert_same_results("TfidfVectorizer", parameters, documents, documents[:7], 2)


def test_the_same_terms_are_kept_among_those_that_are_equally_frequent():
    words = [f"{chr(97 + i % 26)}{i}" for i in range(900)]
    documents = [" ".join(words[i::3] * (i + 1)) for i in range(3)]
    for limit in (1, 10, 299, 300, 301, 450, 899, 900, 901):
        for dtype in (np.int64, np.float32, np.float64, np.int32):
            parameters = {"max_features": limit, "dtype": dtype}
            assert_same_results("CountVectorizer", parameters, documents, documents, 1)


LONE = st.characters(categories=["Cs"])
TEXT = st.text(
    st.one_of(st.characters(), LONE, st.sampled_from("ab AB\n\t \u3000İΣσςǅ中文かカ́ͅ_-'\0\x1c\x85ß😀한٣²")), max_size=16
)
CHOICES = {
    "analyzer": st.sampled_from(["word", "char", "char_wb"]),
    "ngram_range": st.sampled_from([(1, 1), (1, 2), (2, 3), (3, 5)]),
    "lowercase": st.booleans(),
    "binary": st.booleans(),
    "strip_accents": st.sampled_from([None, None, "ascii", "unicode"]),
    "token_pattern": st.sampled_from([r"(?u)\b\w\w+\b", r"(?u)\b\w+\b"]),
    "min_df": st.sampled_from([1, 1, 2, 0.5]),
    "max_features": st.sampled_from([None, None, 3]),
    "stop_words": st.sampled_from([None, ["ab", "中文"]]),
}


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXT, max_size=5), st.lists(TEXT, max_size=3), st.fixed_dictionaries(CHOICES), st.sampled_from([1, 2]))
@example(["ΑΣ ΑΣ' ΣΑ Σ", "İİ x", "\ud800ab \udc00"], ["ας"], {"analyzer": "char_wb", "ngram_range": (1, 2)}, 2)
def test_any_unicode_is_counted_as_by_scikit_learn(documents, new, parameters, n_jobs):
    assert_same_results("CountVectorizer", parameters, documents, new, n_jobs)


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=5), st.fixed_dictionaries(CHOICES), st.sampled_from([1, 7, 2**20]))
def test_any_unicode_is_hashed_as_by_scikit_learn(documents, parameters, n_features):
    for name in ("min_df", "max_features"):
        del parameters[name]
    parameters["n_features"] = n_features
    assert_same_results("HashingVectorizer", parameters, documents, documents, 1)


@settings(max_examples=150, deadline=None)
@given(TEXT, st.fixed_dictionaries(CHOICES))
def test_any_unicode_is_analysed_as_by_scikit_learn(text, parameters):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        mine, theirs = ours.CountVectorizer(**parameters), sk.CountVectorizer(**parameters)
        assert mine.build_analyzer()(text) == theirs.build_analyzer()(text)
        assert mine.build_tokenizer()(text) == theirs.build_tokenizer()(text)
        assert mine.build_preprocessor()(text) == theirs.build_preprocessor()(text)
        assert mine.get_stop_words() == theirs.get_stop_words()


@pytest.mark.parametrize("parameters", [pytest.param(value, id=key) for key, value in COMMON.items()])
@pytest.mark.parametrize("name", ["CountVectorizer", "HashingVectorizer"])
def test_analyzers_give_scikit_learns_terms_in_its_order(name, parameters):
    mine, theirs = (getattr(module, name)(**parameters).build_analyzer() for module in (ours, sk))
    for document in (*DOCUMENTS, *NEW):
        assert list(mine(document)) == list(theirs(document))


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("file", "name", "parameters"),
    [
        ("imdb.train.tsv.gz", "TfidfVectorizer", {"ngram_range": (1, 2), "min_df": 2}),
        ("imdb.train.tsv.gz", "CountVectorizer", {"analyzer": "char_wb", "ngram_range": (3, 4), "max_features": 5000}),
        ("imdb.train.tsv.gz", "HashingVectorizer", {"ngram_range": (1, 2), "stop_words": "english"}),
        ("thucnews.dev.txt", "TfidfVectorizer", {"analyzer": "char", "ngram_range": (1, 2), "sublinear_tf": True}),
    ],
)
def test_results_for_real_texts_are_those_of_scikit_learn(data_dir, file, name, parameters):
    opened = gzip.open if file.endswith(".gz") else open
    with opened(data_dir / "classify" / file, "rt", encoding="utf-8") as lines:
        texts = list(itertools.islice(lines, 1500))
    assert_same_results(name, parameters, texts, texts[:50], 2)
