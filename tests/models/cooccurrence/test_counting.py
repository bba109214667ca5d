"""Counting: worked examples, weights, the same result whatever memory and threads, and what is refused."""

import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import cooccurrence as reference
from reference.cooccurrence import random_corpus
from reference.counted import assert_same, counted

from embedkit.errors import InputError, ParameterError
from embedkit.models.cooccurrence import counting, grouping, plan, runs
from embedkit.models.cooccurrence.counting import CountingProgress, Counts, count_cooccurrences
from embedkit.models.cooccurrence.parameters import CountingParameters, integer_weights
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import encode_corpus

SENTENCES = ["I like deep learning .", "I like NLP .", "I enjoy flying ."]
RADIUS_1 = {
    ("I", "like"): 2, ("I", "enjoy"): 1, ("like", "deep"): 1, ("like", "NLP"): 1, ("deep", "learning"): 1,
    ("enjoy", "flying"): 1, ("learning", "."): 1, ("NLP", "."): 1, ("flying", "."): 1,
}  # fmt: skip
RADIUS_2 = RADIUS_1 | {
    ("I", "deep"): 1, ("I", "NLP"): 1, ("I", "flying"): 1, ("like", "learning"): 1, ("like", "."): 1,
    ("enjoy", "."): 1, ("deep", "."): 1,
}  # fmt: skip
FOX = "the quick brown fox jumps over the lazy dog"


def encode(documents, **settings):
    return encode_corpus(Corpus.from_documents(documents), **{"min_count": 1} | settings)


@pytest.mark.parametrize(("window", "pairs"), [(1, RADIUS_1), (2, RADIUS_2)])
def test_the_textbook_example_is_counted_symmetrically(window, pairs):
    with encode(SENTENCES) as encoded, count_cooccurrences(encoded, CountingParameters(window)) as counts:
        matrix, words = counts.matrix().toarray(), encoded.vocabulary.words
    expected = pairs | {(b, a): n for (a, b), n in pairs.items()}
    assert {(words[i], words[j]): n for (i, j), n in np.ndenumerate(matrix) if n} == expected
    assert not matrix.diagonal().any()


def test_a_sliding_window_of_radius_2_meets_30_pairs():
    documents = [FOX.replace("the lazy", "The lazy")]
    with encode(documents) as encoded, count_cooccurrences(encoded, CountingParameters(2)) as counts:
        matrix = counts.matrix(np.int64)
    index, words = encoded.vocabulary.index, encoded.vocabulary.words
    assert matrix.sum() == 30
    neighbours = {word: {words[c] for c in matrix[[index[word]]].indices} for word in ("the", "quick", "brown")}
    assert neighbours == {
        "the": {"quick", "brown"},
        "quick": {"the", "brown", "fox"},
        "brown": {"the", "quick", "fox", "jumps"},
    }


def test_left_means_that_the_context_word_stands_left():
    with encode(["a b"]) as encoded:
        index = encoded.vocabulary.index
        left = count_cooccurrences(encoded, CountingParameters(1, directional="left")).matrix()
        right = count_cooccurrences(encoded, CountingParameters(1, directional="right")).matrix()
    assert left[index["b"], index["a"]] == right[index["a"], index["b"]] == 1
    assert left.nnz == right.nnz == 1


@pytest.mark.parametrize("directional", ["left", "right", "both"])
@pytest.mark.parametrize("distance", ["flat", "harmonic", "linear"])
@pytest.mark.parametrize("window", [1, 2, 4, 12, 45, 300])
def test_weights_are_those_of_the_distance(window, distance, directional):
    encoded = random_corpus(600, 25, seed=window)
    matrix = count_cooccurrences(encoded, CountingParameters(window, distance, directional)).matrix()
    weights = [reference.weight(d, distance, window) for d in range(1, window + 1)]
    expected = np.zeros((25, 25))
    sides = {"left": directional != "right", "right": directional != "left"}
    for pair, n in reference.count(encoded.ids, weights, **sides).items():
        expected[pair] = n
    np.testing.assert_allclose(matrix.toarray(), expected, rtol=1e-9)


def test_words_left_out_do_not_part_their_neighbours():
    with encode(["a x b", "a b"], min_count=2) as encoded:
        matrix = count_cooccurrences(encoded, CountingParameters(1)).matrix().toarray()
    assert matrix.tolist() == [[0, 2], [2, 0]]


@settings(deadline=None, max_examples=80)
@given(
    seed=st.integers(0, 10),
    window=st.sampled_from([1, 3, 10]),
    distance=st.sampled_from(["flat", "harmonic", "linear"]),
    directional=st.sampled_from(["left", "right", "both"]),
    n_threads=st.integers(1, 3),
    chunk=st.integers(30, 700),
    store_bytes=st.sampled_from([0, 500, 5_000, 50_000, 10**9]),
    job_pairs=st.sampled_from([1, 100, 2**20]),
    spare_pairs=st.sampled_from([0, 50, 10**4]),
    narrow_limit=st.sampled_from([1, 200, 2**32]),
)
def test_the_result_is_the_same_whatever_the_memory_the_chunks_and_the_threads(
    seed, window, distance, directional, n_threads, chunk, store_bytes, job_pairs, spare_pairs, narrow_limit
):
    encoded = random_corpus(600, 40, seed)
    expected = counted(encoded, window, distance, directional)
    make = plan.make_plan

    def forced(*arguments, **settings):
        made = make(*arguments, **settings)
        merge_pairs = 2 * made.job_pairs + spare_pairs
        return replace(made, chunk=chunk, store_bytes=store_bytes, merge_pairs=merge_pairs, n_threads=n_threads)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "JOB_PAIRS", job_pairs)
        # Sums of 32 bits hold these counts whatever the limit is; a lower one makes more jobs wide.
        patch.setattr(plan, "NARROW_LIMIT", narrow_limit)
        patch.setattr(counting, "make_plan", forced)
        patch.setattr(runs, "FILE_BYTES", 4_000)
        assert_same(counted(encoded, window, distance, directional, n_threads=n_threads), expected)


@given(st.permutations(["a b c a", "b b a", "c", "c a b d e", "e d"]))
def test_the_order_of_documents_does_not_matter(documents):
    with encode(documents) as encoded:
        shuffled = counted(encoded, 3, "harmonic")
    with encode(sorted(documents)) as encoded:
        assert_same(shuffled, counted(encoded, 3, "harmonic"))


@pytest.mark.parametrize("frequent", [0, 1])
def test_a_count_of_more_than_32_bits_is_exact(frequent):
    """Also where a frequent word follows a rare one, as it can in a vocabulary of other text."""
    n, rare = 300_000, 1 - frequent
    ids = [*([frequent] * n), -1, rare, rare]
    rows, indices, sums, unit = counted(reference.encoded_ids(ids, 2), 10, "harmonic")
    assert unit == math.lcm(*range(1, 11))
    exact = {frequent: sum(2 * (n - d) * unit // d for d in range(1, 11)), rare: 2 * unit}
    assert exact[frequent] > 2**32
    assert rows.tolist() == [1, 1]
    assert dict(zip(indices.tolist(), sums.tolist(), strict=True)) == exact


@given(st.integers(1, 200), st.integers(1, 10**12), st.sampled_from(["flat", "harmonic", "linear"]))
def test_no_sum_of_weights_can_outgrow_63_bits_and_weights_are_close(window, most, distance):
    weights, unit = integer_weights(CountingParameters(window, distance), most)
    assert 2 * most * sum(weights) < 2**63
    for d, weight in enumerate(weights, 1):
        assert abs(weight / unit - reference.weight(d, distance, window)) <= 0.5 / unit + 1e-16


@pytest.mark.parametrize("most", [1, 10**9, 10**12])
def test_no_weight_of_the_largest_window_comes_to_nothing(most):
    assert min(integer_weights(CountingParameters(10_000, "harmonic"), most)[0]) > 0


@pytest.mark.parametrize("window", range(1, 25))
def test_harmonic_weights_are_exact_for_usual_windows(window):
    weights, unit = integer_weights(CountingParameters(window, "harmonic"), 10**7)
    assert all(weight * d == unit for d, weight in enumerate(weights, 1))


def test_a_fixed_point_unit_is_the_largest_power_of_two_that_fits():
    parameters, most = CountingParameters(100, "harmonic"), 10**7
    _, unit = integer_weights(parameters, most)
    twice = sum((4 * unit + d) // (2 * d) for d in range(1, 101))
    assert unit & (unit - 1) == 0
    assert 2 * most * twice >= 2**63


def test_progress_reaches_the_end_and_tells_the_pairs():
    steps = []
    encoded = random_corpus(5_000, 50)
    with count_cooccurrences(encoded, CountingParameters(), on_progress=steps.append) as counts:
        pass
    assert steps[-1] == CountingProgress("counting", 1.0, counts.nnz, 0, steps[-1].seconds)
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)


@pytest.mark.parametrize("documents", [["one"], ["a", "b", "c", "a"], ["a a"]])
def test_no_pair_at_all_is_an_error_that_says_what_to_do(documents):
    with encode(documents) as encoded:
        if documents == ["a a"]:
            assert count_cooccurrences(encoded, CountingParameters()).matrix().toarray() == [[2]]
        else:
            with pytest.raises(InputError, match=r"no document has two words.*use documents of several words"):
                count_cooccurrences(encoded, CountingParameters())


@pytest.mark.parametrize("piece", [1, 2, 3, 100])
@pytest.mark.parametrize(
    ("ids", "expected"),
    [([-1, 0, 0, -1], True), ([0, -1, 0, 1], True), ([0, -1, 1, -1, 0, -1], False), ([-1, 2, -1, -1, 2], False)],
)
def test_pairs_are_found_across_the_pieces_that_are_looked_at(ids, expected, piece, monkeypatch):
    monkeypatch.setattr(grouping, "PIECE", piece)
    assert grouping.has_pairs(np.array(ids, np.int32)) == expected


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"window": 0}, "window=0: expected a whole number from 1"),
        ({"window": 2.5}, "window=2.5: expected a whole number"),
        ({"window": 10_001}, "window=10001: .* to 10000"),
        ({"distance": "square"}, "distance='square': expected one of 'flat', 'harmonic', 'linear'"),
        ({"directional": "up"}, "directional='up': expected one of 'left', 'right', 'both'"),
    ],
)
def test_parameters_that_cannot_work_are_refused(setting, message):
    with encode(["a b"]) as encoded, pytest.raises(ParameterError, match=message):
        count_cooccurrences(encoded, CountingParameters(**setting))


@pytest.mark.parametrize("setting", [{"n_threads": 0}, {"memory": 0}, {"memory": 1.5}])
def test_settings_that_cannot_work_are_refused(setting):
    with encode(["a b"]) as encoded, pytest.raises(ParameterError, match=next(iter(setting))):
        count_cooccurrences(encoded, CountingParameters(), **setting)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, "float32"])
def test_a_matrix_has_the_type_asked_for_and_scipys_canonical_form(dtype):
    matrix = count_cooccurrences(random_corpus(500, 20), CountingParameters()).matrix(dtype)
    assert matrix.dtype == dtype
    assert matrix.indices.dtype == matrix.indptr.dtype == np.int32
    assert matrix.has_canonical_format
    matrix.check_format()


def test_types_that_cannot_hold_the_counts_are_refused():
    counts = count_cooccurrences(random_corpus(500, 20), CountingParameters(3, "harmonic"))
    with pytest.raises(ParameterError, match="dtype int64 with weights that are fractions"):
        counts.matrix(np.int64)
    with pytest.raises(ParameterError, match="dtype='int8': expected float64"):
        counts.matrix("int8")
    assert counts.matrix(np.float32).nnz == counts.nnz


def test_released_blocks_are_gone_through_once():
    counts = count_cooccurrences(random_corpus(500, 20), CountingParameters())
    assert sum(len(block.indices) for block in counts.blocks()) == counts.nnz
    assert sum(len(block.indices) for block in counts.blocks(release=True)) == counts.nnz
    for use in (counts.blocks, counts.matrix):
        with pytest.raises(ParameterError, match="released or closed"):
            use()


def test_counts_tell_their_size():
    with count_cooccurrences(random_corpus(500, 20), CountingParameters()) as counts:
        assert isinstance(counts, Counts)
        assert repr(counts) == f"<Counts of {counts.nnz} pairs of 20 words>"


def test_counting_needs_numpy_alone():
    code = "import sys, embedkit.models.cooccurrence.counting, embedkit.models.cooccurrence.matrix_file"
    code += "; print(*[name for name in ('numpy', 'scipy', 'sklearn') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["numpy"]
