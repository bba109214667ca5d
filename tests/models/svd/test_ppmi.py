"""Weights of counts against the formula on a dense matrix, and PPMI as a transformer."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from reference import ppmi as reference
from scipy import sparse
from sklearn.base import clone
from sklearn.decomposition import TruncatedSVD
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags

from embedkit.errors import InputError, ParameterError
from embedkit.models.svd import weighting
from embedkit.models.svd.ppmi import PPMI
from embedkit.models.svd.weighting import weigh

COUNTS = hnp.arrays(np.int64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.integers(0, 5))
SHIFTS = st.sampled_from([0.5, 1.0, 2.0, 5.0])
SMOOTHINGS = st.sampled_from([0.0, 0.5, 0.75, 1.0, 1.3])


def matrix_of_counts(n_rows=120, n_columns=90, seed=0):
    random = np.random.default_rng(seed)
    return sparse.csr_array(random.poisson(np.outer(2 / np.arange(1, n_rows + 1), 5 / np.arange(1, n_columns + 1))))


@settings(max_examples=150, deadline=None)
@given(counts=COUNTS, shift=SHIFTS, smoothing=SMOOTHINGS, positive=st.booleans())
def test_information_equals_the_formula(counts, shift, smoothing, positive):
    expected = reference.pmi(counts, shift, smoothing, positive)
    given_counts = sparse.csr_array(counts)
    name = "ppmi" if positive else "pmi"
    weights = weigh(given_counts, name, shift=shift, context_smoothing=smoothing, dtype=np.float64)
    np.testing.assert_allclose(weights.toarray(), expected, atol=1e-11)
    assert np.abs(weights.data).min(initial=1) > 1e-12
    transformed = PPMI(shift=shift, context_smoothing=smoothing, positive=positive).fit_transform(given_counts)
    np.testing.assert_allclose(transformed.toarray(), expected, atol=1e-11)


@pytest.mark.parametrize("nonzeros", [1, 2, 7, 100, 10**6])
def test_blocks_of_rows_fit_together(nonzeros, monkeypatch):
    counts = matrix_of_counts()
    expected = reference.pmi(counts.toarray(), 1, 0.75, True)
    monkeypatch.setattr(weighting, "NONZEROS", nonzeros)
    weights = weigh(counts)
    assert weights.dtype == np.float32
    assert weights.has_canonical_format
    np.testing.assert_allclose(weights.toarray(), expected, rtol=1e-6)
    # Memory of the pairs that fell out is not held.
    assert len(weights.data) == weights.indptr[-1] == np.count_nonzero(expected)


def test_by_hand_with_a_total_of_twelve():
    weights = weigh([[0, 8], [2, 2]], "pmi", context_smoothing=1, dtype=np.float64).toarray()
    np.testing.assert_allclose(weights, [[0, np.log(1.2)], [np.log(3), np.log(0.6)]])


def test_smoothing_weighs_rare_contexts_less():
    counts = matrix_of_counts()
    rare = np.argsort(counts.sum(axis=0))[:30]
    plain, smooth = (weigh(counts, "pmi", context_smoothing=power)[:, rare] for power in (1.0, 0.75))
    assert smooth.sum() < plain.sum()


def test_the_logarithm_and_the_counts_keep_their_places():
    counts = matrix_of_counts()
    np.testing.assert_allclose(weigh(counts, "log").toarray(), np.log1p(counts.toarray()), rtol=1e-6)
    np.testing.assert_array_equal(weigh(counts, "count").toarray(), counts.toarray())
    assert weigh(counts, "count", dtype=np.float64).dtype == np.float64


@pytest.mark.parametrize("name", weighting.WEIGHTINGS)
def test_input_is_not_changed_and_stored_zeros_are_no_pairs(name):
    counts = matrix_of_counts().astype(float)
    counts.data[::3] = 0
    before = counts.copy()
    weights = weigh(counts, name)
    np.testing.assert_array_equal(counts.data, before.data)
    assert not np.shares_memory(weights.data, counts.data)
    assert not np.shares_memory(weights.indices, counts.indices)
    clean = before.copy()
    clean.eliminate_zeros()
    np.testing.assert_allclose(weights.toarray(), weigh(clean, name).toarray())
    assert (weights.data != 0).all()


@pytest.mark.parametrize("name", weighting.WEIGHTINGS)
def test_counts_without_any_pair_stay_without(name):
    assert weigh(sparse.csr_array((4, 3)), name).nnz == 0


@pytest.mark.parametrize("number", [-1, -0.5, np.nan, np.inf])
def test_what_is_no_count_is_an_error_that_says_so(number):
    counts = matrix_of_counts().astype(float)
    counts.data[3] = number
    with pytest.raises(InputError, match="matrix of counts holds"):
        weigh(counts)
    with pytest.raises(ValueError, match=r"NaN|infinity|holds -"):
        PPMI().fit(counts)


@pytest.mark.parametrize(
    "settings",
    [
        {"shift": 0}, {"shift": -1}, {"shift": np.nan}, {"shift": "1"}, {"context_smoothing": -0.1},
        {"context_smoothing": np.inf}, {"context_smoothing": None},
    ],
)  # fmt: skip
def test_parameters_out_of_range_are_errors_that_name_them(settings):
    (name,) = settings
    with pytest.raises(ParameterError, match=name):
        weigh(matrix_of_counts(), **settings)
    with pytest.raises(ParameterError, match=name):
        PPMI(**settings).fit(matrix_of_counts())
    with pytest.raises(ParameterError, match="'ppmi', 'pmi', 'log', 'count'"):
        weigh(matrix_of_counts(), "tfidf")
    with pytest.raises(ParameterError, match="positive"):
        PPMI(positive=1).fit(matrix_of_counts())


def test_transform_weighs_other_rows_by_the_contexts_of_fit():
    counts = matrix_of_counts().toarray()
    seen, new = counts[:100].copy(), counts[100:].copy()
    seen[:, 4] = 0
    new[0, 4] = 3
    model = PPMI().fit(sparse.csr_array(seen))
    assert model.context_distribution_.sum() == pytest.approx(1)
    assert model.context_distribution_[4] == 0
    expected = reference.pmi(new, 1, 0.75, True, context_counts=seen.sum(axis=0))
    np.testing.assert_allclose(model.transform(sparse.csr_array(new)).toarray(), expected, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint8, np.float32, np.float64, bool])
@pytest.mark.parametrize("kind", ["csr", "csc", "coo"])
def test_every_sparse_format_and_type_is_taken(kind, dtype):
    counts = matrix_of_counts()
    counts.data = counts.data.astype(dtype)
    expected = reference.pmi(counts.toarray(), 1, 0.75, True)
    for make in (getattr(sparse, f"{kind}_array"), getattr(sparse, f"{kind}_matrix")):
        given_counts = make(counts)
        before = given_counts.copy()
        weights = PPMI().fit_transform(given_counts)
        np.testing.assert_allclose(weights.toarray(), expected, atol=1e-6)
        assert isinstance(weights, sparse.csr_array if kind + "_array" == make.__name__ else sparse.csr_matrix)
        assert weights.dtype == (np.float32 if dtype == np.float32 else np.float64)
        assert abs(given_counts - before).sum() == 0
    for dense in (counts.toarray(), counts.toarray().tolist()):
        np.testing.assert_allclose(PPMI().fit_transform(dense).toarray(), expected, atol=1e-6)


def test_it_stands_in_a_pipeline_and_follows_the_conventions():
    counts = matrix_of_counts()
    model = PPMI(shift=2)
    with pytest.raises(NotFittedError):
        model.transform(counts)
    vectors = make_pipeline(model, TruncatedSVD(5, random_state=0)).fit_transform(counts)
    assert vectors.shape == (120, 5)
    assert clone(model).get_params() == {"shift": 2, "context_smoothing": 0.75, "positive": True}
    assert list(model.fit(counts).get_feature_names_out()[:2]) == ["x0", "x1"]
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.transform(counts).data, model.transform(counts).data)
    with pytest.raises(ValueError, match="features"):
        model.transform(counts[:, :5])
    assert get_tags(model).input_tags.sparse
    assert get_tags(model).input_tags.positive_only
