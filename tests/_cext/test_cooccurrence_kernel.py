"""The counting kernels against their naive twins."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import cooccurrence as reference

from embedkit._cext import cooccurrence as kernel

END = -1
BITMAP_SIZES = [1, 2, 63, 64, 65, 127, 128, 129, 4095, 4096, 4097, 8193, 20000]
SUM_TYPES = [np.uint32, np.uint64]


def make_ids(n_words, n_ids=400, seed=0, ends=0.05):
    """Ids with documents of about 1 / `ends` words, first and last words among them."""
    random = np.random.default_rng(seed)
    ids = np.minimum(random.zipf(1.3, n_ids) - 1, n_words - 1)
    ids = np.where(random.random(n_ids) < 0.3, random.integers(0, n_words, n_ids), ids)
    return np.where(random.random(n_ids) < ends, END, ids).astype(np.int32)


def grouped(ids, n_words, begin=0, end=None):
    """Positions by word, by numpy."""
    end = len(ids) if end is None else end
    part = ids[begin:end]
    order = np.argsort(part, kind="stable")
    order = order[part[order] >= 0]
    starts = np.concatenate([[0], np.cumsum(np.bincount(part[part >= 0], minlength=n_words))])
    return (order + begin).astype(np.int32), starts.astype(np.int64)


def rows_as_dict(first_row, indptr, indices, sums):
    rows = np.repeat(np.arange(len(indptr) - 1) + first_row, np.diff(indptr))
    return {(r, c): s for r, c, s in zip(rows.tolist(), indices.tolist(), sums.tolist(), strict=True)}


def count(ids, n_words, weights, *, left=True, right=True, cuts=(), sum_type=np.uint32, begin=0, end=None):
    """Count in as many calls as there are cuts, with one workspace; also checks order and the workspace."""
    positions, starts = grouped(ids, n_words, begin, end)
    workspace = np.zeros(kernel.workspace_size(n_words), np.uint64)
    found = {}
    for first, stop in itertools.pairwise([0, *cuts, n_words]):
        room = min((stop - first) * n_words, 2 * len(weights) * len(ids))
        indptr = np.full(stop - first + 1, -7, np.int64)
        indices, sums = np.full(room + 1, -7, np.int32), np.full(room + 1, 99, sum_type)
        nnz = kernel.count_rows(
            ids, positions, starts, first, stop, np.array(weights, np.uint64), left, right,
            workspace, indptr, indices, sums,
        )  # fmt: skip
        assert indptr[0] == 0
        assert indptr[-1] == nnz
        assert (indices[nnz:] == -7).all()
        assert all((np.diff(indices[a:b]) > 0).all() for a, b in itertools.pairwise(indptr))
        found |= rows_as_dict(first, indptr, indices[:nnz], sums[:nnz])
    return found


@pytest.mark.parametrize("sum_type", SUM_TYPES)
@pytest.mark.parametrize("n_words", BITMAP_SIZES)
def test_every_size_of_the_bitmap_counts_as_the_twin(n_words, sum_type):
    ids = make_ids(n_words, seed=n_words)
    cuts = sorted({n_words // 3, n_words // 2} - {0})
    assert count(ids, n_words, [3, 2, 1], sum_type=sum_type, cuts=cuts) == reference.count(ids, [3, 2, 1])


@pytest.mark.parametrize(("left", "right"), [(True, False), (False, True), (True, True)])
@pytest.mark.parametrize("window", [1, 2, 5, 10, 15, 16, 17, 40, 63, 64, 65, 100, 500])
def test_every_window_and_side_counts_as_the_twin(window, left, right):
    ids = make_ids(30, seed=window, ends=0.01)
    weights = range(window, 0, -1)
    assert count(ids, 30, weights, left=left, right=right) == reference.count(ids, weights, left=left, right=right)


@given(st.lists(st.integers(-1, 4), max_size=40), st.integers(1, 6), st.booleans())
def test_any_documents_count_as_the_twin(ids, window, wide):
    ids = np.array(ids, np.int32)
    weights = [window - d for d in range(window)]
    if len(ids):
        assert count(ids, 5, weights, sum_type=SUM_TYPES[wide], cuts=[2]) == reference.count(ids, weights)


def test_left_is_the_transpose_of_right():
    ids = make_ids(20)
    right = count(ids, 20, [1, 1], left=False)
    assert count(ids, 20, [1, 1], right=False) == {(b, a): n for (a, b), n in right.items()}


def test_neighbours_are_found_beyond_the_positions_that_are_counted():
    ids = make_ids(10, 60)
    parts = [count(ids, 10, [2, 1], begin=a, end=b) for a, b in [(0, 20), (20, 21), (21, 60)]]
    total = {}
    for key, value in itertools.chain.from_iterable(part.items() for part in parts):
        total[key] = total.get(key, 0) + value
    assert parts[1] == reference.count(ids, [2, 1], begin=20, end=21)
    assert total == reference.count(ids, [2, 1])


def test_sums_up_to_the_largest_number_of_their_type_are_exact():
    ids = np.array([0, 0], np.int32)
    assert count(ids, 1, [2**31 - 1]) == {(0, 0): 2**32 - 2}
    assert count(ids, 1, [2**63 - 1], sum_type=np.uint64) == {(0, 0): 2**64 - 2}


@pytest.mark.parametrize("sum_type", SUM_TYPES)
@pytest.mark.parametrize("n_parts", [1, 2, 3, 7])
def test_merged_parts_are_the_sum(n_parts, sum_type):
    n_words, first, stop = 130, 5, 60
    random = np.random.default_rng(n_parts)
    shape = n_parts, stop - first, n_words
    dense = random.integers(1, 100, shape) * (random.random(shape) < 0.1)
    indptrs, indices, sums, at = [], [], [], 0
    for part in dense:
        counts = (part > 0).sum(axis=1)
        indptrs.append(at + np.concatenate([[0], np.cumsum(counts)]))
        at = indptrs[-1][-1]
        indices.append(np.nonzero(part)[1])
        sums.append(part[part > 0])
    indptr, out_indices, out_sums = np.empty(stop - first + 1, np.int64), np.empty(at, np.int32), np.empty(at, sum_type)
    workspace = np.zeros(kernel.workspace_size(n_words), np.uint64)
    nnz = kernel.merge_rows(
        n_words, np.array(indptrs, np.int64), np.concatenate(indices).astype(np.int32),
        np.concatenate(sums).astype(sum_type), workspace, indptr, out_indices, out_sums,
    )  # fmt: skip
    total = dense.sum(axis=0)
    expected = {(int(r), int(c)): int(total[r, c]) for r, c in zip(*np.nonzero(total), strict=True)}
    assert rows_as_dict(0, indptr, out_indices[:nnz], out_sums[:nnz]) == expected
    assert all((np.diff(out_indices[a:b]) > 0).all() for a, b in itertools.pairwise(indptr))


def test_a_workspace_is_left_as_it_was_found():
    ids = make_ids(200)
    positions, starts = grouped(ids, 200)
    workspace = np.zeros(kernel.workspace_size(200), np.uint64)
    out = np.empty(201, np.int64), np.empty(5000, np.int32), np.empty(5000, np.uint32)
    kernel.count_rows(ids, positions, starts, 0, 200, np.ones(3, np.uint64), True, True, workspace, *out)
    scratch = slice(200, 200 + 200 // 2 + 1)
    assert workspace[scratch].any()
    workspace[scratch] = 0
    assert not workspace.any()


def test_tally_adds_occurrences_and_returns_the_ends():
    counts = np.array([10, 0, 0], np.int64)
    assert kernel.tally(np.array([0, 2, END, 2, END], np.int32), counts) == 2
    assert counts.tolist() == [11, 0, 2]


def test_tally_refuses_an_id_beyond_the_words():
    with pytest.raises(ValueError, match="beyond"):
        kernel.tally(np.array([0, 3], np.int32), np.zeros(3, np.int64))


@given(st.lists(st.integers(-1, 5), max_size=60), st.integers(0, 60))
def test_positions_and_documents_are_grouped_in_order_by_several_threads(ids, cut):
    ids = np.array(ids, np.int32)
    cut = min(cut, len(ids))
    expected, starts = grouped(ids, 6)
    cursors = [starts[:-1].copy(), starts[:-1] + np.bincount(ids[:cut][ids[:cut] >= 0], minlength=6)]
    groups, documents = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.int32)
    for begin, end, cursor in [(cut, len(ids), cursors[1]), (0, cut, cursors[0])]:
        kernel.group_by_word(ids, begin, end, cursor.copy(), groups)
        kernel.group_by_word(ids, begin, end, cursor, documents, int((ids[:begin] < 0).sum()))
    assert groups.tolist() == expected.tolist()
    assert documents.tolist() == [int((ids[:place] < 0).sum()) for place in expected]


@pytest.mark.parametrize("dtype", [np.int64, np.float32, np.float64])
def test_runs_of_equal_entries_are_counted_within_groups(dtype):
    groups = np.array([0, 0, 3, 3, 3, 5, 5, 5], np.int32)
    starts = np.array([0, 4, 4, 6, 8], np.int64)
    indptr = np.empty(5, np.int64)
    kernel.count_runs(groups, starts, indptr)
    indices, counts = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], dtype)
    kernel.write_runs(groups, starts, indices, counts)
    assert indptr.tolist() == [0, 2, 2, 4, 5]
    assert indices.tolist() == [0, 3, 3, 5, 5]
    assert counts.tolist() == [2, 2, 1, 1, 2]
