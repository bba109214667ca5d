"""What scikit-learn does at the edges, and clear errors where it fails."""

import warnings

import numpy as np
import pytest
from scipy.sparse import csc_matrix, csr_matrix
from sklearn.feature_extraction import text as sk

from embedkit import features as ours
from embedkit.errors import InputError

DOCUMENTS = ["the red fox", "a red red hen", "the hen and the fox", "foxes"]


def both(name, **parameters):
    """Ours and scikit-learn's."""
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
    with pytest.raises(InputError, match="damaged CS[RC] matrix"):
        ours.TfidfTransformer(use_idf=use_idf).fit(damaged)
    transformer = ours.TfidfTransformer(use_idf=use_idf).fit(good)
    with pytest.raises(InputError, match="damaged CS[RC] matrix"):
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
