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

    def test_all_words_are_never_more_than_there_are(self):
        # A double has no 2**53 + 3, and takes 2**53 + 4 for it.
        assert coverage([2**53 + 2, 1], [1.0]) == [2]
        assert coverage([2**53 + 2, 1], [0.0, 0.5]) == [0, 1]

    @pytest.mark.parametrize("share", [-0.1, 1.1, float("nan"), None, True])
    def test_what_is_no_share_is_refused(self, share):
        with pytest.raises(ParameterError, match=f"share {share}: expected a number from 0 to 1"):
            coverage([1], [share])

    def test_one_share_has_to_be_in_a_list(self):
        with pytest.raises(ParameterError, match=r"shares=0.5: expected several numbers"):
            coverage([1], 0.5)

    def test_a_total_below_the_counts_is_refused(self):
        with pytest.raises(ParameterError, match="total=3: the counts alone sum to 4"):
            coverage([3, 1], [0.5], total=3)

    @pytest.mark.parametrize("total", [-1, 1.5, 2**63])
    def test_what_is_no_number_of_words_is_refused(self, total):
        with pytest.raises(ParameterError, match=f"total={total}: expected a whole number from 0"):
            coverage([0], [0.5], total=total)


@given(COUNTS, st.lists(st.integers(0, 60), max_size=5))
def test_kept_words_are_those_that_occur_often_enough(counts, min_counts):
    expected = [[count for count in counts if count >= least] for least in min_counts]
    assert kept_words(counts, min_counts) == [(len(kept), sum(kept)) for kept in expected]


@pytest.mark.parametrize(
    ("min_counts", "message"),
    [
        ([1, -1], "min_count=-1: expected a whole number, 0 or more"),
        ([1.5], "min_count=1.5: expected a whole number"),
        (["a"], "min_count='a': expected a whole number"),
        (5, "min_counts=5: expected several numbers"),
        ("12", "min_counts='12': expected several numbers"),
    ],
)
def test_a_least_count_has_to_be_one(min_counts, message):
    with pytest.raises(ParameterError, match=message):
        kept_words([1], min_counts)


@pytest.mark.parametrize(
    "figure", [lambda counts: coverage(counts, [0.5]), lambda counts: kept_words(counts, [1]), zipf_exponent]
)
class TestAnyCounts:
    @pytest.mark.parametrize("counts", [[2**62] * 3, np.array([2**63], np.uint64)], ids=["int64", "uint64"])
    def test_a_sum_that_overflows_is_refused(self, figure, counts):
        with pytest.raises(ParameterError, match=r"counts sum to .*e\+1[89]: expected less than 2\*\*63"):
            figure(counts)

    @pytest.mark.parametrize("counts", [[[1, 2]], [1.5, 2.0], [3, -1], ["a"], 3, [2**64]], ids=str)
    def test_what_is_no_row_of_counts_is_refused(self, figure, counts):
        with pytest.raises(ParameterError, match="a row of whole numbers, none negative"):
            figure(counts)

    def test_rows_of_several_lengths_are_refused(self, figure):
        with pytest.raises(ParameterError, match=r"counts are no array: .*; expected whole numbers"):
            figure([[1], [1, 2]])


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


class TestZipfFrequencies:
    def test_they_sum_to_the_text_and_fall_by_its_power(self):
        found = zipf_frequencies(1.2, range(1, 51), n_words=50, total=1000)
        assert found.sum() == pytest.approx(1000)
        assert found[0] / found[9] == pytest.approx(10**1.2)

    def test_the_result_has_the_shape_of_the_ranks(self):
        assert zipf_frequencies(0, [[1, 2], [3, 4]], n_words=4, total=8).tolist() == [[2, 2], [2, 2]]
        assert zipf_frequencies(1, [], n_words=4, total=8).shape == (0,)

    @pytest.mark.parametrize(
        ("changed", "message"),
        [
            ({"exponent": -0.1}, "exponent=-0.1: expected a finite number, 0 or more"),
            ({"exponent": math.inf}, "exponent=inf: expected a finite number"),
            ({"ranks": [0, 1]}, "ranks from 0 to 1: expected whole numbers from 1 to n_words=3"),
            ({"ranks": [4]}, "ranks from 4 to 4: expected whole numbers from 1 to n_words=3"),
            ({"ranks": [1.0]}, "ranks of type float64: expected whole numbers from 1 to n_words=3"),
            ({"ranks": [[1], [1, 2]]}, "ranks are no array"),
            ({"n_words": 0}, "n_words=0: expected a whole number, 1 or more"),
            ({"total": -1}, "total=-1: expected a whole number from 0"),
            ({"total": 10**400}, "expected a whole number from 0"),
        ],
    )
    def test_what_cannot_be_is_refused(self, changed, message):
        given = {"exponent": 1.0, "ranks": [1, 2], "n_words": 3, "total": 10} | changed
        with pytest.raises(ParameterError, match=message):
            zipf_frequencies(given.pop("exponent"), given.pop("ranks"), **given)
