"""CooccurrenceMatrix: scikit-learn's conventions, the worked examples, and what is refused."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from embedkit.errors import InputError, ParameterError
from embedkit.models.cooccurrence.estimator import CooccurrenceMatrix

SENTENCES = ["I like deep learning .", "I like NLP .", "I enjoy flying ."]


def at(model, matrix, row, column):
    index = model.vocabulary_.index
    return matrix[index[row], index[column]]


def test_the_textbook_example_is_counted():
    model = CooccurrenceMatrix(window=1)
    matrix = model.fit_transform(SENTENCES)
    assert matrix.shape == (8, 8)
    assert matrix.dtype == np.float64
    assert at(model, matrix, "I", "like") == at(model, matrix, "like", "I") == 2
    assert matrix.sum() == 20


def test_documents_are_counted_by_document():
    model = CooccurrenceMatrix(by="document", dtype=np.int64)
    matrix = model.fit_transform([*SENTENCES, ""])
    assert matrix.shape == (8, 4)
    assert matrix.dtype == np.int64
    assert matrix.toarray()[model.vocabulary_.index["like"]].tolist() == [1, 1, 0, 0]


@pytest.mark.parametrize("by", ["window", "document"])
def test_fit_then_transform_is_fit_transform(by):
    model = CooccurrenceMatrix(by=by, distance="linear")
    matrix = model.fit_transform(SENTENCES)
    assert (model.fit(SENTENCES).transform(SENTENCES) != matrix).nnz == 0
    assert (model.fit_transform(iter(SENTENCES)) != matrix).nnz == 0


def test_other_documents_are_counted_over_the_words_of_the_fit():
    model = CooccurrenceMatrix(window=1).fit(["a b c"])
    matrix = model.transform(["a unknown b", "x y"])
    assert matrix.shape == (3, 3)
    assert matrix.nnz == 2
    assert at(model, matrix, "a", "b") == 1
    documents = CooccurrenceMatrix(by="document").fit(["a b c"]).transform(["x", "c c"])
    assert documents.toarray().tolist() == [[0, 0], [0, 0], [0, 2]]


def test_names_are_the_words_of_the_rows():
    model = CooccurrenceMatrix().fit(SENTENCES)
    assert model.get_feature_names_out().tolist() == model.vocabulary_.words
    assert model.vocabulary_.words[:3] == [".", "I", "like"]


def test_words_below_min_count_and_beyond_max_vocab_are_left_out_before_windows_form():
    model = CooccurrenceMatrix(window=1, min_count=2)
    assert at(model, model.fit_transform(["a x b", "a b"]), "a", "b") == 2
    assert CooccurrenceMatrix(max_vocab=3).fit_transform(SENTENCES).shape == (3, 3)


def test_texts_are_cut_as_the_tokenizer_says():
    model = CooccurrenceMatrix(tokenizer="words", lowercase=True).fit(["It's GOOD, good!"])
    assert model.vocabulary_.words == ["good", "it's"]
    assert CooccurrenceMatrix(tokenizer=list).fit(["abc"]).vocabulary_.words == ["a", "b", "c"]
    assert CooccurrenceMatrix().fit([["New York", "is"]]).vocabulary_.words == ["New York", "is"]


@pytest.mark.parametrize("by", ["window", "document"])
def test_threads_and_memory_do_not_change_the_counts(by):
    random = np.random.default_rng(0)
    documents = [" ".join(f"w{i}" for i in random.zipf(1.5, 200) if i < 50) for _ in range(100)]
    expected = CooccurrenceMatrix(by=by, distance="harmonic").fit_transform(documents)
    other = CooccurrenceMatrix(by=by, distance="harmonic", n_jobs=2, memory=200_000).fit_transform(documents)
    assert (other != expected).nnz == 0


def test_a_file_is_counted_a_line_a_document(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("\n".join(SENTENCES) + "\n")
    assert (CooccurrenceMatrix().fit_transform(path) != CooccurrenceMatrix().fit_transform(SENTENCES)).nnz == 0


def test_it_is_cloned_and_stands_in_a_pipeline():
    model = CooccurrenceMatrix(window=3, directional="left")
    assert clone(model).get_params() == model.get_params()
    total = make_pipeline(model, FunctionTransformer(lambda matrix: matrix.sum(axis=1), accept_sparse=True))
    assert total.fit_transform(SENTENCES).sum() == model.fit_transform(SENTENCES).sum()


def test_fit_stores_nothing_that_was_given():
    parameters = CooccurrenceMatrix(window=3).get_params()
    model = CooccurrenceMatrix(**parameters).fit(SENTENCES)
    assert model.get_params() == parameters
    assert set(vars(model)) - set(parameters) == {"vocabulary_"}


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"window": 0}, "window=0"),
        ({"distance": "cosine"}, "distance='cosine'"),
        ({"directional": None}, "directional=None"),
        ({"by": "word"}, "by='word': expected one of 'window', 'document'"),
        ({"dtype": np.int8}, "dtype=.*int8"),
        ({"dtype": np.int64, "distance": "linear"}, "weights that are fractions"),
        ({"min_count": -1}, "min_count=-1"),
        ({"memory": 10}, "memory=10 is too small"),
        ({"n_jobs": 0}, "n_jobs=0"),
    ],
)
def test_parameters_that_cannot_work_are_refused(setting, message):
    with pytest.raises(ParameterError, match=message):
        CooccurrenceMatrix(**setting).fit_transform(SENTENCES)


def test_what_does_not_matter_by_document_is_not_checked():
    model = CooccurrenceMatrix(by="document", window=0, distance="cosine", directional=None, dtype=np.int64)
    expected = CooccurrenceMatrix(by="document").fit_transform(SENTENCES)
    assert (model.fit_transform(SENTENCES) != expected).nnz == 0
    with pytest.raises(ParameterError, match="dtype="):
        CooccurrenceMatrix(by="document", dtype=np.int8).fit(SENTENCES)


def test_transform_needs_a_fit():
    for use in (lambda model: model.transform(SENTENCES), lambda model: model.get_feature_names_out()):
        with pytest.raises(NotFittedError):
            use(CooccurrenceMatrix())


def test_what_cannot_be_counted_is_an_input_error():
    with pytest.raises(InputError, match="no document has two words"):
        CooccurrenceMatrix().fit_transform(["a", "b"])
    with pytest.raises(InputError, match="no such file"):
        CooccurrenceMatrix().fit_transform("a text that was meant to be a document")
