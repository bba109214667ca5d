"""What scikit-learn does at the edges, and clear errors where it fails."""

import warnings

import numpy as np
import pytest
from scipy.sparse import csc_matrix, csr_matrix
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction import text as sk

from embedkit import features as ours
from embedkit.errors import InputError, ParameterError

DOCUMENTS = ["the red fox", "a red red hen", "the hen and the fox", "foxes"]


def both(name, **parameters):
    """Ours and scikit-learn's."""
    if name == "HashingVectorizer":
        parameters = {"n_features": 64, **parameters}
    return getattr(ours, name)(**parameters), getattr(sk, name)(**parameters)


@pytest.mark.parametrize("idf", [[1.0, 2.0], [1.0, 2.0, 3.0, 4.0], 1.0, [[1.0, 2.0, 3.0]]])
def test_idf_has_to_fit_the_matrix(idf):
    transformer = ours.TfidfTransformer()
    transformer.idf_ = np.array(idf)
    with pytest.raises(InputError, match=r"X has 3 features, but TfidfTransformer is expecting"):
        transformer.transform(csr_matrix([[1.0, 2.0, 3.0]]))


def test_idf_has_to_fit_a_vocabulary_that_was_replaced():
    vectorizer = ours.TfidfVectorizer().fit(DOCUMENTS)
    vectorizer.vocabulary_ = {"red": 0, "fox": 1}
    with pytest.raises(InputError, match="X has 2 features"):
        vectorizer.transform(DOCUMENTS)


@pytest.mark.parametrize("use_idf", [True, False])
def test_what_was_learned_counts_and_not_what_use_idf_was_set_to_since(use_idf):
    counts = csr_matrix([[1.0, 0.0, 3.0], [1.0, 1.0, 1.0]])
    found, expected = (
        t.fit(counts).set_params(use_idf=not use_idf).transform(counts).toarray()
        for t in both("TfidfTransformer", use_idf=use_idf)
    )
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("make", [csr_matrix, csc_matrix])
@pytest.mark.parametrize("index", [9, -1])
@pytest.mark.parametrize("use_idf", [True, False])
def test_a_matrix_that_points_outside_its_shape_is_refused(make, index, use_idf):
    good = make([[1.0, 2.0, 3.0], [1.0, 0.0, 0.0]])
    damaged = good.copy()
    damaged.indices[1] = index
    with pytest.raises(InputError, match=r"damaged CS[RC] matrix"):
        ours.TfidfTransformer(use_idf=use_idf).fit(damaged)
    transformer = ours.TfidfTransformer(use_idf=use_idf).fit(good)
    with pytest.raises(InputError, match=r"damaged CS[RC] matrix"):
        transformer.transform(damaged)


@pytest.mark.parametrize("name", ["CountVectorizer", "TfidfVectorizer", "HashingVectorizer"])
@pytest.mark.parametrize("stop_words", [["the", 1], [None, "the"], [("a",), "fox"], ["don't", 1]])
def test_stop_words_that_are_no_strings_do_nothing(name, stop_words):
    results = []
    for vectorizer in both(name, stop_words=stop_words):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            results.append(vectorizer.fit_transform(DOCUMENTS).toarray())
    np.testing.assert_allclose(*results)


NUMBERS = [bool, int, "B", "b", "H", "h", "I", "l", "f", "d", "g", "F", "D", None]
HASHED = [
    {"n_features": 5, "analyzer": analyzer, **more}
    for analyzer in ("char", list)
    for more in ({}, {"norm": None}, {"norm": "l1", "binary": True}, {"alternate_sign": False})
]


@pytest.mark.filterwarnings("ignore:.*dtype")
@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("CountVectorizer", {}),
        ("CountVectorizer", {"analyzer": str.split, "binary": True}),
        ("CountVectorizer", {"max_features": 3}),
        ("TfidfVectorizer", {}),
        ("TfidfVectorizer", {"norm": None, "analyzer": "char"}),
        ("TfidfVectorizer", {"sublinear_tf": True, "vocabulary": ["red", "fox"]}),
        *(("HashingVectorizer", parameters) for parameters in HASHED),
    ],
)
def test_every_type_of_numbers_gives_what_it_gives_in_scikit_learn(name, parameters, dtype):
    # Letters occur more than 127 times, and cancel out where signs alternate.
    documents = [*DOCUMENTS, "x" * 400 + "y" * 400, "abcdefghijklmnopqrstuvwxyz" * 100]
    mine, theirs = both(name, dtype=dtype, **parameters)
    try:
        expected = theirs.fit_transform(documents)
    except (ValueError, OverflowError):
        with pytest.raises(ParameterError, match="dtype="):
            mine.fit_transform(documents)
        return
    expected.sort_indices()
    for found in (mine.fit_transform(documents), mine.transform(documents)):
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found.indices, expected.indices)
        np.testing.assert_allclose(found.data, expected.data, rtol=1e-6)


@pytest.mark.parametrize("name", ["CountVectorizer", "TfidfVectorizer", "HashingVectorizer"])
@pytest.mark.filterwarnings("ignore:.*dtype")
@pytest.mark.parametrize("dtype", [np.float16, object, "U5", "M8[s]", ">f8", ">i4", "number", 3])
def test_types_that_sparse_matrices_have_not_are_named(name, dtype):
    mine, theirs = both(name, dtype=dtype)
    with pytest.raises((ValueError, TypeError)):
        theirs.fit_transform(DOCUMENTS)
    with pytest.raises(ParameterError, match="dtype="):
        mine.fit_transform(DOCUMENTS)


def test_counts_of_bool_have_the_length_that_bm25_divides_by():
    with pytest.warns(UserWarning, match="dtype"):
        found = ours.TfidfVectorizer(weighting="bm25", dtype=bool).fit_transform(DOCUMENTS)
    expected = ours.TfidfVectorizer(weighting="bm25", binary=True).fit_transform(DOCUMENTS)
    np.testing.assert_allclose(found.toarray(), expected.toarray())


@pytest.mark.parametrize("name", ["CountVectorizer", "TfidfVectorizer", "HashingVectorizer"])
@pytest.mark.parametrize("analyzer", ["word", "char", "char_wb"])
@pytest.mark.parametrize("ngram_range", [(0, 1), (-1, 1), (0, 0), (-1, 0), (0, 2), (-2, 2)])
def test_ranges_of_n_grams_below_one_are_as_in_scikit_learn(name, analyzer, ngram_range):
    found, expected = (
        v.fit_transform([*DOCUMENTS, ""]).toarray() for v in both(name, analyzer=analyzer, ngram_range=ngram_range)
    )
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("name", ["CountVectorizer", "TfidfVectorizer"])
@pytest.mark.parametrize("lowercase", [True, False])
@pytest.mark.parametrize("vocabulary", [["Red", "fox"], {"reD": 0}, {"RED", "fox"}, [("A", "b")], ["red"], {"é ß": 0}])
def test_upper_case_terms_that_no_text_can_have_are_warned_of(name, lowercase, vocabulary):
    kinds = []
    for vectorizer in both(name, vocabulary=vocabulary, lowercase=lowercase):
        for method in (vectorizer.fit, vectorizer.fit_transform, vectorizer.transform):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                method(DOCUMENTS)
            kinds.append([(warning.category, "pper" in str(warning.message)) for warning in caught])
    assert kinds[:3] == kinds[3:]


def test_the_warning_of_upper_case_points_at_the_caller():
    for method in ("fit", "fit_transform", "partial_fit"):
        with pytest.warns(UserWarning, match="'Red'") as caught:
            getattr(ours.CountVectorizer(vocabulary=["Red"]), method)(DOCUMENTS)
        assert caught[0].filename == __file__


@pytest.mark.parametrize("name", ["max_features", "min_df", "max_df"])
def test_true_is_the_number_one_as_in_scikit_learn(name):
    found, expected = (v.fit_transform(DOCUMENTS).toarray() for v in both("CountVectorizer", **{name: True}))
    np.testing.assert_array_equal(found, expected)
    for vectorizer in both("CountVectorizer", **{name: False}):
        with pytest.raises(ValueError, match=name):
            vectorizer.fit(DOCUMENTS)


@pytest.mark.parametrize("analyzer", ["word", list])
def test_true_is_one_hashed_column_as_in_scikit_learn(analyzer):
    parameters = {"n_features": True, "analyzer": analyzer, "norm": None}
    found, expected = (v.fit_transform(DOCUMENTS).toarray() for v in both("HashingVectorizer", **parameters))
    np.testing.assert_array_equal(found, expected)
    with pytest.raises(ParameterError, match="n_features=False"):
        ours.HashingVectorizer(n_features=False).fit(DOCUMENTS)


@pytest.mark.parametrize("idf", [3.0, [[1.0, 2.0], [3.0, 4.0]]])
def test_an_idf_that_is_no_row_of_numbers_is_refused_even_without_a_vocabulary(idf):
    vectorizer = ours.TfidfVectorizer()
    with pytest.raises(ParameterError, match="idf_ of shape"):
        vectorizer.idf_ = idf
    assert not hasattr(vectorizer, "_tfidf")


@pytest.mark.parametrize("make", [np.array, csr_matrix, csc_matrix])
def test_a_matrix_with_more_columns_than_terms_is_an_error_that_says_so(make):
    mine, theirs = (v.fit(["fox hen", "red"]) for v in both("CountVectorizer"))
    wide = make([[0, 1, 0, 0], [1, 0, 0, 2]])
    with pytest.raises(InputError, match="X has 4 columns, and the vocabulary has 3 terms"):
        mine.top_terms(wide)
    with pytest.raises(IndexError):
        theirs.inverse_transform(wide)
    with pytest.raises(InputError, match="X has 4 columns, and the vocabulary has 3 terms"):
        mine.inverse_transform(wide)
    # scikit-learn does not mind columns without an entry, nor too few.
    for harmless in (make([[0, 1, 0, 0]]), make([[0, 1]])):
        assert [row.tolist() for row in mine.inverse_transform(harmless)] == [["hen"]]
        assert [row.tolist() for row in theirs.inverse_transform(harmless)] == [["hen"]]
    assert mine.top_terms(make([[0, 1]])) == [[("hen", 1)]]


def test_terms_of_a_damaged_matrix_are_refused():
    vectorizer = ours.CountVectorizer().fit(["fox hen", "red"])
    damaged = csr_matrix([[0, 1, 2]])
    damaged.indices[0] = -2
    for method in (vectorizer.top_terms, vectorizer.inverse_transform):
        with pytest.raises(InputError, match="damaged"):
            method(damaged)


@pytest.mark.parametrize("term", ["a\ud800b", "\udfff", "é我😀\udc80"])
def test_lone_surrogates_are_hashed_as_bytes_on_either_road(term):
    parameters = {"n_features": 1 << 18, "token_pattern": r"\S+", "lowercase": False}
    by_python = ours.HashingVectorizer(**parameters).transform([term])
    words = ours.HashingVectorizer(n_features=1 << 18, analyzer=lambda text: [text]).transform([term])
    expected = FeatureHasher(1 << 18, input_type="string").transform([[term.encode("utf-8", "surrogatepass")]])
    with pytest.raises(UnicodeEncodeError):
        sk.HashingVectorizer(**parameters).transform([term])
    assert abs(by_python - expected).max() == 0
    assert abs(words - expected).max() == 0


@pytest.mark.parametrize("text", ["x\ud800y\udfff", "é我😀\udc80"])
def test_the_kernel_hashes_lone_surrogates_as_those_bytes(text):
    found = ours.HashingVectorizer(n_features=1 << 18, analyzer="char", lowercase=False, norm=None).transform([text])
    letters = [letter.encode("utf-8", "surrogatepass") for letter in text]
    expected = FeatureHasher(1 << 18, input_type="string").transform([letters])
    assert abs(found - expected).max() == 0
