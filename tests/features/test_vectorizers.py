"""The vectorizers as estimators: what they refuse, what they warn and log, and how they are stored and combined."""

import copy
import io
import logging
import pickle
import warnings

import numpy as np
import pandas
import pytest
import sklearn
import skops.io
from scipy.sparse import csc_array, csr_array, csr_matrix, issparse
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction import text as sk
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils import get_tags

from embedkit import features as ours
from embedkit.errors import InputError, ParameterError
from embedkit.features.packing import pack_terms, unpack_terms

DOCUMENTS = ["the red fox", "a red red hen", "the hen and the fox", "foxes"]
VECTORIZERS = ("CountVectorizer", "TfidfVectorizer", "HashingVectorizer")
LEARNERS = VECTORIZERS[:2]


def pair(name, **parameters):
    """Ours and scikit-learn's."""
    return getattr(ours, name)(**parameters), getattr(sk, name)(**parameters)


def commas(text):
    return text.split(",")


@pytest.mark.parametrize("name", [*VECTORIZERS, "TfidfTransformer"])
def test_parameters_are_scikit_learns_and_ours_come_behind(name):
    mine, theirs = pair(name)
    expected = theirs.get_params()
    assert {key: mine.get_params()[key] for key in expected} == expected
    extra = set(mine.get_params()) - set(expected)
    assert extra == {"n_jobs"} | ({"weighting", "k1", "b"} if "Tfidf" in name else set())
    names = list(getattr(ours, name).__init__.__annotations__)
    assert set(names[: len(expected)]) == set(expected)


@pytest.mark.parametrize("name", [*VECTORIZERS, "TfidfTransformer"])
def test_every_public_name_of_scikit_learns_class_is_there(name):
    mine, theirs = pair(name)
    public = {key for key in dir(theirs) if not key.startswith("_")}
    assert not public - set(dir(mine))


@pytest.mark.parametrize("name", [*VECTORIZERS, "TfidfTransformer"])
def test_tags_are_scikit_learns(name):
    mine, theirs = map(get_tags, pair(name))
    assert mine.input_tags == theirs.input_tags
    assert mine.transformer_tags == theirs.transformer_tags
    assert mine.requires_fit == (name != "HashingVectorizer")  # older versions have no such tag on theirs
    assert mine.target_tags == theirs.target_tags


WRONG = {
    "input": ["contents", None],
    "encoding": [None],
    "decode_error": ["loud"],
    "strip_accents": ["utf", 1],
    "lowercase": [1, "yes"],
    "preprocessor": ["lower"],
    "tokenizer": ["split"],
    "stop_words": ["german", {"the"}, 3],
    "token_pattern": [3],
    "ngram_range": [(2, 1), [1, 2], (1,), 3],
    "analyzer": ["words", None],
    "max_df": [0, 1.5, -1, -0.1, "a"],
    "min_df": [0, 1.5, -1],
    "max_features": [0, 1.5],
    "vocabulary": [3, [], {}, ["a", "a"], {"a": 0, "b": 0}, {"a": 0, "b": 2}],
    "binary": ["yes", 1],
    "norm": ["max", "l3"],
    "use_idf": ["yes"],
    "smooth_idf": ["yes"],
    "sublinear_tf": ["yes"],
    "n_features": [0, -1, 2**31, 1.5],
    "alternate_sign": ["yes"],
}
REFUSALS = [
    (name, key, value)
    for name in VECTORIZERS
    for key, values in WRONG.items()
    for value in values
    if key in getattr(sk, name)().get_params()
]


@pytest.mark.parametrize(("name", "key", "value"), REFUSALS)
def test_what_scikit_learn_refuses_is_refused_by_name(name, key, value):
    mine, theirs = pair(name, **{key: value})
    with pytest.raises(ValueError):
        theirs.fit_transform(DOCUMENTS)
    with pytest.raises(ParameterError, match=key):
        mine.fit_transform(DOCUMENTS)


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"n_jobs": 0}, "n_jobs"),
        ({"n_jobs": 1.5}, "n_jobs"),
        ({"weighting": "tf"}, "weighting"),
        ({"weighting": "bm25", "sublinear_tf": True}, "sublinear_tf"),
        ({"k1": -1}, "k1"),
        ({"b": 1.1}, "b=1.1"),
        ({"b": "half"}, "b='half'"),
    ],
)
def test_wrong_values_of_our_parameters_are_named(parameters, error):
    for documents, estimator in ((DOCUMENTS, ours.TfidfVectorizer), ([[1, 2]], ours.TfidfTransformer)):
        with pytest.raises(ParameterError, match=error):
            estimator(**parameters).fit(documents)


@pytest.mark.parametrize("name", VECTORIZERS)
@pytest.mark.parametrize("method", ["fit", "fit_transform", "transform", "partial_fit"])
def test_one_string_is_no_collection_of_documents(name, method):
    vectorizer = getattr(ours, name)()
    if method == "transform":
        vectorizer.fit(DOCUMENTS)
    with pytest.raises(InputError, match="one string"):
        getattr(vectorizer, method)("a document")


@pytest.mark.parametrize("name", VECTORIZERS)
@pytest.mark.parametrize("document", [None, 3, ["a"], np.nan])
def test_a_document_that_is_no_text_is_an_error_that_shows_it(name, document):
    with pytest.raises(InputError, match="NaN" if document is np.nan else f"document 1 .*{type(document).__name__}"):
        getattr(ours, name)().fit_transform(["a text", document])


@pytest.mark.parametrize("name", LEARNERS)
@pytest.mark.parametrize(
    ("documents", "parameters"),
    [
        ([], {}),
        ([""], {}),
        (["the and of"], {"stop_words": "english"}),
        (["aa bb"], {"min_df": 2, "max_df": 5}),
        (DOCUMENTS, {"max_df": 0.0, "min_df": 0.0}),
    ],
)
def test_no_terms_is_scikit_learns_message(name, documents, parameters):
    mine, theirs = pair(name, **parameters)
    with pytest.raises(ValueError) as expected:
        theirs.fit(documents)
    with pytest.raises(ValueError) as found:
        mine.fit(documents)
    assert str(found.value) == str(expected.value)


@pytest.mark.parametrize("name", LEARNERS)
def test_bounds_that_no_term_can_meet_are_named(name):
    mine, theirs = pair(name, min_df=3, max_df=2)
    with pytest.raises(ValueError):
        theirs.fit(DOCUMENTS)
    with pytest.raises(ParameterError, match=r"max_df=2 .*min_df=3"):
        mine.fit(DOCUMENTS)


@pytest.mark.parametrize("name", LEARNERS)
def test_what_is_not_fitted_says_so(name):
    for call in (
        lambda v: v.transform(DOCUMENTS),
        lambda v: v.get_feature_names_out(),
        lambda v: v.inverse_transform([[1]]),
        lambda v: v.top_terms([[1]]),
    ):
        with pytest.raises(NotFittedError):
            call(getattr(ours, name)())
    with pytest.raises(NotFittedError):
        _ = ours.TfidfVectorizer().idf_
    with pytest.raises(NotFittedError):
        ours.TfidfVectorizer(vocabulary=["red"]).transform(DOCUMENTS)
    with pytest.raises(NotFittedError):
        ours.TfidfTransformer(use_idf=False).transform([[1]])


@pytest.mark.parametrize("name", VECTORIZERS)
def test_bytes_files_and_file_names_are_read(name, tmp_path):
    texts = ["café red", "naïve red"]
    paths = []
    for number, text in enumerate(texts):
        path = tmp_path / f"{number}.txt"
        path.write_bytes(text.encode("latin-1"))
        paths.append(path)
    expected = getattr(ours, name)().fit_transform(texts)
    bytes_ = [path.read_bytes() for path in paths]
    for kind, documents in (
        ("content", bytes_),
        ("filename", paths),
        ("filename", [str(path) for path in paths]),
        ("file", [io.BytesIO(data) for data in bytes_]),
        ("file", [io.StringIO(text) for text in texts]),
    ):
        vectorizer = getattr(ours, name)(input=kind, encoding="latin-1")
        assert abs(vectorizer.fit_transform(documents) - expected).max() == 0
    assert getattr(ours, name)(decode_error="ignore").decode(bytes_[0]) == "caf red"
    with pytest.raises(UnicodeDecodeError):
        getattr(ours, name)().fit_transform(bytes_)
    with pytest.raises(FileNotFoundError):
        getattr(ours, name)(input="filename").fit_transform([str(tmp_path / "none")])


@pytest.mark.parametrize("name", VECTORIZERS)
def test_generators_and_arrays_of_strings_are_documents(name):
    expected = getattr(ours, name)().fit_transform(DOCUMENTS)
    for documents in (iter(DOCUMENTS), np.array(DOCUMENTS), np.array(DOCUMENTS, object), tuple(DOCUMENTS)):
        assert abs(getattr(ours, name)().fit_transform(documents) - expected).max() == 0


def test_no_documents_give_an_empty_matrix():
    assert ours.CountVectorizer().fit(DOCUMENTS).transform([]).shape == (0, 6)
    assert ours.HashingVectorizer(n_features=5).transform([]).shape == (0, 5)
    assert ours.HashingVectorizer(n_features=5, analyzer=str.split).transform([]).shape == (0, 5)


WARNED = [
    {"tokenizer": str.split},
    {"analyzer": str.split, "preprocessor": str.lower},
    {"analyzer": str.split, "ngram_range": (1, 2)},
    {"analyzer": "char", "stop_words": ["a"]},
    {"analyzer": "char", "tokenizer": str.split, "token_pattern": None},
    {"analyzer": "char", "token_pattern": "x"},
    {"stop_words": ["don't", "The"]},
]
SILENT = [
    {"tokenizer": str.split, "token_pattern": None},
    {"analyzer": "char", "token_pattern": None},
    {"analyzer": str.split, "lowercase": False},
    {"stop_words": "english"},
    {"stop_words": ["the"]},
]


@pytest.mark.parametrize("name", VECTORIZERS)
@pytest.mark.parametrize("parameters", WARNED + SILENT)
def test_warnings_come_where_scikit_learn_warns(name, parameters):
    kinds = []
    for vectorizer in pair(name, **parameters):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            vectorizer.fit_transform(DOCUMENTS)
        kinds.append([warning.category for warning in caught])
    assert kinds[0] == kinds[1]
    assert bool(kinds[0]) == (parameters in WARNED)


def test_stop_words_that_do_not_fit_are_shown():
    with pytest.warns(UserWarning, match=r"\['don'\]"):
        ours.CountVectorizer(stop_words=["don't"]).build_analyzer()


def test_weights_that_are_no_floats_are_warned_of():
    with pytest.warns(UserWarning, match="dtype"):
        assert ours.TfidfVectorizer(dtype=int).fit_transform(DOCUMENTS).dtype == np.float64


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"analyzer": str.split}, "analyzer"),
        ({"tokenizer": str.split, "token_pattern": None}, "tokenizer"),
        ({"preprocessor": str.upper}, "preprocessor"),
        ({"strip_accents": str.upper}, "strip_accents"),
        ({"token_pattern": "[a-z]+"}, "token_pattern"),
        ({"ngram_range": (0, 1)}, "ngram_range"),
    ],
)
@pytest.mark.parametrize("name", VECTORIZERS)
def test_python_at_each_document_is_logged_once(name, parameters, named, caplog):
    with caplog.at_level(logging.INFO, "embedkit"):
        getattr(ours, name)(**parameters).fit_transform(DOCUMENTS)
    assert [named in record.getMessage() for record in caplog.records] == [True]


@pytest.mark.parametrize("name", VECTORIZERS)
def test_the_kernels_road_is_not_logged(name, caplog):
    with caplog.at_level(logging.INFO, "embedkit"):
        for parameters in ({}, {"strip_accents": "unicode"}, {"analyzer": "char_wb"}, {"token_pattern": None}):
            getattr(ours, name)(**parameters).fit_transform(DOCUMENTS)
    assert not caplog.records


ODD = ["\ud800x \udc00y", "a\x00 \x00", "我 e\u0301 😀", " ", ""]


def test_packed_terms_come_back():
    assert unpack_terms(pack_terms(ODD)) == ODD
    assert unpack_terms(pack_terms([])) == []
    assert pack_terms(["a", 1]) is None


def through_skops(estimator):
    data = skops.io.dumps(estimator)
    return skops.io.loads(data, trusted=skops.io.get_untrusted_types(data=data))


@pytest.mark.parametrize("store", [lambda v: pickle.loads(pickle.dumps(v)), copy.deepcopy, copy.copy, through_skops])
@pytest.mark.parametrize("name", VECTORIZERS)
def test_a_stored_vectorizer_gives_the_same(store, name):
    parameters = {"analyzer": "char", "ngram_range": (1, 2)}
    vectorizer = getattr(ours, name)(**parameters).fit([*ODD, *DOCUMENTS[:2]])
    new = [*DOCUMENTS, ODD[1], ODD[2]]
    expected = vectorizer.transform(new)
    again = store(vectorizer)
    assert vars(again).keys() >= vars(getattr(ours, name)()).keys()
    assert abs(again.transform(new) - expected).max() == 0
    assert repr(again) == repr(vectorizer)
    if name != "HashingVectorizer":
        assert again.vocabulary_ == vectorizer.vocabulary_
        assert all(type(column) is int for column in again.vocabulary_.values())
    assert abs(vectorizer.transform(new) - expected).max() == 0


@pytest.mark.parametrize("store", [lambda v: pickle.loads(pickle.dumps(v)), copy.deepcopy])
def test_terms_that_are_no_strings_are_stored_too(store):
    vectorizer = ours.CountVectorizer(analyzer=tuple).fit([[(1, 2), (0, 3)], [(1, 2)]])
    again = store(vectorizer)
    assert again.vocabulary_ == {(0, 3): 0, (1, 2): 1}
    assert again.transform([[(1, 2)]]).toarray().tolist() == [[0, 1]]


def test_a_clone_knows_nothing():
    vectorizer = ours.TfidfVectorizer(min_df=2).fit(DOCUMENTS)
    assert clone(vectorizer).get_params() == vectorizer.get_params()
    assert not hasattr(clone(vectorizer), "vocabulary_")


def test_the_vocabulary_may_be_replaced():
    vectorizer = ours.CountVectorizer().fit(DOCUMENTS)
    assert vectorizer.transform(["hen"]).shape == (1, 6)
    vectorizer.vocabulary_ = {"hen": 0, "fox": 1}
    assert vectorizer.transform(["hen"]).toarray().tolist() == [[1, 0]]
    vectorizer.vocabulary_["red"] = 2
    assert vectorizer.transform(["red"]).toarray().tolist() == [[0, 0, 1]]
    vectorizer.set_params(ngram_range=(2, 2)).vocabulary_ = {"red hen": 0}
    assert vectorizer.transform(["red hen"]).toarray().tolist() == [[1]]


def test_fit_forgets_what_was_learned_before():
    vectorizer = ours.TfidfVectorizer().fit(DOCUMENTS)
    vectorizer.transform(DOCUMENTS)
    again = vectorizer.fit(["other words", "other"]).transform(["other words"])
    assert abs(again - ours.TfidfVectorizer().fit(["other words", "other"]).transform(["other words"])).max() == 0


def test_idf_can_be_set_as_in_scikit_learn():
    for vectorizer in pair("TfidfVectorizer", vocabulary=["red", "fox"], norm=None):
        vectorizer.idf_ = np.array([2.0, 3.0])
        assert vectorizer.transform(["red fox fox"]).toarray().tolist() == [[2.0, 6.0]]
        with pytest.raises(ValueError):
            vectorizer.idf_ = np.array([2.0])
        assert vectorizer.idf_.tolist() == [2.0, 3.0]
    for vectorizer in pair("TfidfVectorizer"):
        vectorizer.idf_ = np.array([2.0])
        with pytest.raises(NotFittedError):
            vectorizer.transform(DOCUMENTS)
        vectorizer.fit(DOCUMENTS).idf_ = np.arange(6.0)
        assert vectorizer.idf_.tolist() == list(range(6))
    for vectorizer in pair("TfidfVectorizer", use_idf=False):
        with pytest.raises(ValueError):
            vectorizer.fit(DOCUMENTS).idf_ = np.arange(6.0)
        with pytest.raises(AttributeError):
            _ = vectorizer.idf_


COUNTS = np.array([[3, 0, 1], [2, 0, 0], [0, 0, 0], [4, 1, 2]])


@pytest.mark.parametrize("dtype", [np.int64, np.float32, np.float64, bool])
@pytest.mark.parametrize("make", [np.asarray, csr_matrix, csr_array, csc_array, np.ndarray.tolist])
@pytest.mark.parametrize(
    "parameters", [{}, {"norm": "l1"}, {"norm": None, "sublinear_tf": True}, {"use_idf": False}, {"smooth_idf": False}]
)
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_the_transformer_gives_scikit_learns_weights(make, dtype, parameters):
    X = make(COUNTS.astype(dtype))
    before = copy.deepcopy(X)
    mine, theirs = (transformer.fit(X) for transformer in pair("TfidfTransformer", **parameters))
    found, expected = mine.transform(X), theirs.transform(X)
    assert type(found) is type(expected)
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found.toarray(), expected.toarray(), rtol=1e-12 if found.dtype == np.float64 else 2e-7)
    assert mine.n_features_in_ == theirs.n_features_in_
    assert hasattr(mine, "idf_") == hasattr(theirs, "idf_")
    if hasattr(mine, "idf_"):
        assert mine.idf_.dtype == theirs.idf_.dtype
        np.testing.assert_allclose(mine.idf_, theirs.idf_, rtol=1e-12 if mine.idf_.dtype == np.float64 else 1e-6)
    assert mine.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()
    dense = [x.toarray() if issparse(x) else np.asarray(x) for x in (X, before)]
    np.testing.assert_array_equal(*dense)


def test_the_transformer_refuses_what_scikit_learns_refuses():
    for transformer in pair("TfidfTransformer"):
        transformer.fit(COUNTS)
        for X in ([[1, 2]], [[np.nan, 1, 2]], [1, 2]):
            with pytest.raises(ValueError):
                transformer.transform(X)


def test_the_transformer_names_the_columns_of_a_frame():
    frame = pandas.DataFrame(COUNTS, columns=list("abc"))
    for transformer in pair("TfidfTransformer"):
        assert transformer.fit(frame).get_feature_names_out().tolist() == ["a", "b", "c"]
        assert transformer.feature_names_in_.tolist() == ["a", "b", "c"]


def test_a_matrix_may_be_overwritten_only_where_it_is_allowed():
    transformer = ours.TfidfTransformer().fit(COUNTS)
    X = csr_matrix(COUNTS, dtype=np.float64)
    transformer.transform(X)
    assert X.toarray().tolist() == COUNTS.tolist()
    assert transformer.transform(X, copy=False).toarray().tolist() == X.toarray().tolist()


@pytest.mark.skipif("sparse_interface" not in sklearn.get_config(), reason="an option of newer versions")
def test_sparse_arrays_are_given_where_scikit_learn_is_set_to():
    with sklearn.config_context(sparse_interface="sparray"):
        for name in VECTORIZERS:
            mine, theirs = (vectorizer.fit_transform(DOCUMENTS) for vectorizer in pair(name))
            assert type(mine) is type(theirs) is csr_array
        assert type(ours.TfidfTransformer().fit_transform(COUNTS)) is csr_array


def test_vectorizers_work_in_pipelines_unions_and_searches():
    labels = [0, 1, 0, 1] * 3
    results = []
    for module in (ours, sk):
        union = FeatureUnion(
            [("words", module.CountVectorizer()), ("characters", module.TfidfVectorizer(analyzer="char_wb"))]
        )
        pipeline = Pipeline(
            [("features", union), ("weights", module.TfidfTransformer()), ("classifier", LogisticRegression())]
        )
        grid = {"features__words__ngram_range": [(1, 1), (1, 2)], "weights__use_idf": [True, False]}
        search = GridSearchCV(pipeline, grid, cv=3).fit(DOCUMENTS * 3, labels)
        results.append((search.best_params_, search.cv_results_["mean_test_score"].tolist()))
        names = search.best_estimator_[:-1].get_feature_names_out()
        results[-1] += (names.tolist(),)
    assert results[0] == results[1]


def test_vectorizers_work_on_columns_of_a_frame():
    frame = pandas.DataFrame({"title": DOCUMENTS, "body": DOCUMENTS[::-1]})
    names = []
    for module in (ours, sk):
        columns = ColumnTransformer([("t", module.CountVectorizer(), "title"), ("b", module.TfidfVectorizer(), "body")])
        columns.fit(frame)
        names.append(columns.get_feature_names_out().tolist())
    assert names[0] == names[1]


@pytest.mark.parametrize("name", [*VECTORIZERS, "TfidfTransformer"])
def test_output_of_frames_can_be_set_no_more_than_in_scikit_learn(name):
    mine, theirs = (hasattr(estimator, "set_output") for estimator in pair(name))
    assert mine == theirs
    with sklearn.config_context(transform_output="pandas"):
        X = COUNTS if name == "TfidfTransformer" else DOCUMENTS
        assert issparse(getattr(ours, name)().fit_transform(X))


def test_metadata_can_be_routed_past_a_vectorizer():
    for vectorizer in pair("CountVectorizer"):
        assert "raw_documents" not in str(vectorizer.get_metadata_routing())


def test_a_tokenizer_that_gives_no_strings_is_scikit_learns_case_too():
    mine, theirs = pair("CountVectorizer", tokenizer=lambda text: [len(w) for w in text.split()], token_pattern=None)
    assert (mine.fit_transform(DOCUMENTS) != theirs.fit_transform(DOCUMENTS)).nnz == 0
    assert mine.vocabulary_ == theirs.vocabulary_


def test_an_analyzer_is_a_function_that_can_be_stored():
    analyze = ours.CountVectorizer(tokenizer=commas, token_pattern=None, ngram_range=(1, 2)).build_analyzer()
    assert pickle.loads(pickle.dumps(analyze))("A,b") == ["a", "b", "a b"]


def test_a_stored_zero_is_no_term_of_a_row():
    X = csr_matrix(([2, 0, 1], [0, 1, 4], [0, 3]), shape=(1, 6))
    mine, theirs = (vectorizer.fit(DOCUMENTS).inverse_transform(X) for vectorizer in pair("CountVectorizer"))
    assert [row.tolist() for row in mine] == [row.tolist() for row in theirs] == [["and", "red"]]
