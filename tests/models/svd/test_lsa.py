"""LSA against scikit-learn's TF-IDF and truncated SVD, and against the formulas."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.decomposition import TruncatedSVD
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from embedkit.errors import InputError, ParameterError
from embedkit.models.svd.lsa import LSA

TEXTS = [
    "human machine interface for computer applications", "a survey of user opinion of computer response time",
    "the user interface management system", "system and human system engineering testing",
    "relation of user perceived response time to error measurement", "the generation of random binary trees",
    "the intersection graph of paths in trees", "graph minors widths of trees and well quasi ordering",
    "graph minors a survey", "",
]  # fmt: skip
NEW = ["human computer interaction", "trees of graph minors graph", "nothing known", ""]


def small(**settings):
    return LSA(**{"vector_size": 3, "min_count": 1} | settings)


def counts_by_scikit_learn(texts, model):
    """Documents by words, in the order of the model's vocabulary."""
    return CountVectorizer(token_pattern=r"\S+", vocabulary=model.vocabulary_.words).fit_transform(texts)  # noqa: S106


def weights(texts, model, weighting):
    """Dense weights by other means, (n_documents, n_words)."""
    learnt, counts = counts_by_scikit_learn(TEXTS, model), counts_by_scikit_learn(texts, model)
    if weighting == "tfidf":
        return TfidfTransformer().fit(learnt).transform(counts).toarray()
    if weighting == "count":
        return counts.toarray().astype(float)
    share = learnt.toarray() / learnt.toarray().sum(axis=0)
    logs = np.log(np.where(share > 0, share, 1))
    return np.log(1 + counts.toarray()) * (1 + (share * logs).sum(axis=0) / np.log(len(TEXTS)))


@pytest.mark.parametrize("weighting", ["tfidf", "log-entropy", "count"])
def test_words_documents_and_new_documents_have_the_places_of_the_dense_decomposition(weighting):
    model = small(weighting=weighting)
    documents = model.fit_transform(TEXTS)
    D, s, Tt = np.linalg.svd(weights(TEXTS, model, weighting), full_matrices=False)
    signs = np.sign((model.components_ * Tt[:3]).sum(axis=1))
    np.testing.assert_allclose(model.singular_values_, s[:3], rtol=1e-5)
    np.testing.assert_allclose(model.components_, Tt[:3] * signs[:, None], atol=1e-5)
    np.testing.assert_allclose(model.keyed_vectors_.vectors, (Tt[:3].T * s[:3]) * signs, atol=1e-5)
    np.testing.assert_allclose(documents, D[:, :3] * s[:3] * signs, atol=1e-5)
    folded = weights(NEW, model, weighting) @ Tt[:3].T * signs
    np.testing.assert_allclose(model.transform(NEW), folded, atol=1e-5)
    assert not model.transform(NEW)[2:].any()
    assert documents.dtype == np.float32


def test_document_vectors_are_those_of_scikit_learn_up_to_sign():
    model = small().fit(TEXTS)
    pipeline = make_pipeline(TfidfTransformer(), TruncatedSVD(3, algorithm="arpack"))
    expected = pipeline.fit_transform(counts_by_scikit_learn(TEXTS, model).astype(float))
    np.testing.assert_allclose(np.abs(model.transform(TEXTS)), np.abs(expected), atol=1e-5)


def test_the_worked_example_of_terms_and_documents():
    model = small(weighting="count").fit(["I like deep learning .", "I like NLP .", "I enjoy flying ."])
    term_document = np.array([[1, 1, 1], [1, 1, 0], [0, 0, 1], [1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]])
    np.testing.assert_allclose(model.singular_values_, np.linalg.svd(term_document, compute_uv=False), rtol=1e-6)


def test_texts_on_one_subject_come_together_without_a_word_in_common():
    texts = ["ships sail seas", "boats sail seas", "boats cross oceans", "ships cross oceans"] * 3
    other = ["trains run rails", "engines run rails", "engines pull wagons", "trains pull wagons"] * 3
    model = small(vector_size=2).fit(texts + other)
    ships, oceans, rails = model.transform(["ships", "oceans", "rails"])
    cosine = lambda a, b: a @ b / np.linalg.norm(a) / np.linalg.norm(b)  # noqa: E731
    assert cosine(ships, oceans) > 0.99
    assert abs(cosine(ships, rails)) < 0.01


def test_a_word_in_every_document_alike_has_no_entropy_weight():
    model = small(vector_size=2, weighting="log-entropy").fit(["a b c", "a d", "a e f"])
    assert model.word_weights_[model.vocabulary_.index["a"]] == pytest.approx(0, abs=1e-12)
    assert model.word_weights_[model.vocabulary_.index["d"]] == 1


@pytest.mark.parametrize("weighting", ["tfidf", "log-entropy", "count"])
def test_one_document_is_enough_for_one_dimension(weighting):
    model = small(vector_size=1, weighting=weighting).fit(["to be or not to be"])
    assert np.isfinite(model.keyed_vectors_.vectors).all()
    assert np.linalg.norm(model.transform(["to be"])) > 0


def test_more_dimensions_than_words_or_documents_are_an_error_that_says_how_many_there_are():
    with pytest.raises(
        ParameterError, match=r"vector_size=11, but there are .* words in 10 documents: use vector_size=10"
    ):
        small(vector_size=11).fit(TEXTS)


@pytest.mark.parametrize(
    "settings", [{"vector_size": 0}, {"weighting": "bm25"}, {"tol": 0}, {"lowercase": "no"}, {"n_jobs": 0}]
)
def test_parameters_that_cannot_work_are_errors_that_name_them(settings):
    with pytest.raises(ParameterError, match=next(iter(settings))):
        small(**settings).fit(TEXTS)


def test_a_corpus_without_words_is_an_error():
    with pytest.raises(InputError):
        small().fit(["", ""])


def test_it_follows_the_conventions_of_scikit_learn():
    labels = [0] * 5 + [1] * 4
    model = small(n_jobs=2)
    with pytest.raises(NotFittedError):
        model.transform(TEXTS)
    assert make_pipeline(model, LogisticRegression(C=100)).fit(TEXTS[:9], labels).score(TEXTS[:9], labels) > 0.8
    assert clone(model).get_params() == model.get_params()
    model.fit(TEXTS)
    assert list(model.get_feature_names_out()) == ["lsa0", "lsa1", "lsa2"]
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.transform(NEW), model.transform(NEW))
