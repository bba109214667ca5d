"""Coverage, and the exponent of Zipf's law, against what is planted and against plain search."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedkit.errors import ParameterError
from embedkit.text.frequencies import coverage, kept_words, zipf_exponent, zipf_frequencies

COUNTS = st.lists(st.integers(0, 50), max_size=30)


def log_likelihood(counts, exponent):
    ordered = sorted(filter(None, counts), reverse=True)
    logs = [math.log(rank) for rank in range(1, len(ordered) + 1)]
    norm = math.log(math.fsum(math.exp(-exponent * log) for log in logs))
    return -exponent * math.fsum(c * log for c, log in zip(ordered, logs, strict=True)) - sum(ordered) * norm


class TestCoverage:
    @given(COUNTS, st.floats(0, 1))
    def test_it_is_the_least_number_of_words_that_reach_the_share(self, counts, share):
        (needed,) = coverage(counts, [share])
        ordered = sorted(counts, reverse=True)
        wanted = share * sum(counts) - 1e-6
        assert sum(ordered[:needed]) >= wanted
        assert needed == 0 or sum(ordered[: needed - 1]) < wanted + 2e-6

    def test_shares_that_binary_numbers_miss_are_whole_words(self):
        assert coverage([1] * 100, [0.0, 0.07, 0.14, 0.29, 0.55, 1.0]) == [0, 7, 14, 29, 55, 100]

    def test_the_order_of_the_counts_does_not_matter(self):
        assert coverage([1, 7, 2], [0.5, 0.8, 1]) == coverage([7, 2, 1], [0.5, 0.8, 1]) == [1, 2, 3]

    def test_words_that_are_not_among_the_counts_leave_shares_out_of_reach(self):
        assert coverage([5, 3], [0.5, 0.8, 0.81], total=10) == [1, 2, None]

    @pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
    def test_what_is_no_share_is_refused(self, share):
        with pytest.raises(ParameterError, match=f"share {share}: expected a number from 0 to 1"):
            coverage([1], [share])

    def test_a_total_below_the_counts_is_refused(self):
        with pytest.raises(ParameterError, match="total=3: the counts alone sum to 4"):
            coverage([3, 1], [0.5], total=3)


@given(COUNTS, st.lists(st.integers(0, 60), max_size=5))
def test_kept_words_are_those_that_occur_often_enough(counts, min_counts):
    expected = [[count for count in counts if count >= least] for least in min_counts]
    assert kept_words(counts, min_counts) == [(len(kept), sum(kept)) for kept in expected]


class TestZipfExponent:
    @pytest.mark.parametrize("exponent", [0.5, 1.0, 1.37, 3.0])
    def test_a_planted_exponent_is_found(self, exponent):
        counts = np.round(1e12 * np.arange(1, 1001) ** -exponent).astype(int)
        np.random.default_rng(1).shuffle(counts)
        assert zipf_exponent(counts) == pytest.approx(exponent, abs=1e-6)

    def test_a_sample_has_the_exponent_that_it_was_drawn_with(self):
        shares = np.arange(1.0, 201) ** -1.1
        counts = np.random.default_rng(1).multinomial(200_000, shares / shares.sum())
        assert zipf_exponent(counts) == pytest.approx(1.1, abs=0.01)

    @given(st.lists(st.integers(1, 10**6), min_size=2, max_size=30))
    def test_no_exponent_nearby_is_likelier(self, counts):
        found = zipf_exponent(counts)
        best = log_likelihood(counts, found)
        assert found >= 0
        for other in (found * 0.99, found * 1.01, found + 0.01):
            assert log_likelihood(counts, other) <= best + 1e-9 * abs(best)

    def test_words_that_are_all_as_frequent_have_the_exponent_zero(self):
        assert zipf_exponent([5] * 100) == pytest.approx(0, abs=1e-9)

    def test_the_steepest_counts_have_a_finite_one(self):
        assert 50 < zipf_exponent([10**18, 1]) < 70

    @pytest.mark.parametrize("counts", [[], [7], [0, 7, 0], [0]])
    def test_fewer_than_two_words_have_none(self, counts):
        assert zipf_exponent(counts) is None

    @pytest.mark.parametrize("counts", [[[1, 2]], [1.5, 2.0], [3, -1], ["a"], 3], ids=str)
    def test_what_is_no_row_of_counts_is_refused(self, counts):
        with pytest.raises(ParameterError, match="a row of whole numbers, none negative"):
            zipf_exponent(counts)


def test_frequencies_of_the_law_sum_to_the_text_and_fall_by_its_power():
    found = zipf_frequencies(1.2, range(1, 51), n_words=50, total=1000)
    assert found.sum() == pytest.approx(1000)
    assert found[0] / found[9] == pytest.approx(10**1.2)
