"""The phrase kernels against their naive twins."""

import itertools
import math
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import phrases as naive

from embedkit._cext import phrases as kernel

END = -1
N_WORDS = 9
documents_of_ids = st.lists(st.lists(st.integers(0, N_WORDS - 1), max_size=14), max_size=6)
some_words = st.sets(st.integers(0, N_WORDS - 1), max_size=4)


def as_ids(documents):
    return np.array([i for document in documents for i in [*document, END]], np.int32)


def as_documents(ids):
    """The documents that the ids hold."""
    documents, document = [], []
    for i in ids.tolist():
        if i == END:
            documents.append(document)
            document = []
        else:
            document.append(i)
    return documents


def roles_of(connectors, rare, n_words):
    """The role of each word, and the word of each row."""
    rows = [word for word in range(n_words) if word not in connectors | rare]
    roles = np.full(n_words, kernel.RARE, np.int32)
    roles[rows] = np.arange(len(rows))
    roles[list(connectors)] = kernel.CONNECTOR
    return roles, np.array(rows, np.int32)


def count(ids, roles, rows, *, least=1, every=True, cuts=(), first=0, stop=None, parts=1):
    """Counts of pairs as tuples of words, and how many different ones there are, by the kernels."""
    stop = len(rows) if stop is None else stop
    slices = list(itertools.pairwise([0, *sorted(cuts), len(ids)]))
    tallies = np.zeros((len(slices), stop - first), np.int64)
    for cursor, (begin, end) in zip(tallies, slices, strict=True):
        kernel.group_pairs(ids, begin, end, roles, first, stop, cursor)
    totals = tallies.sum(axis=0)
    starts = np.concatenate([[0], np.cumsum(totals)])
    seconds = np.zeros(starts[-1], np.uint64)
    cursors = np.cumsum(tallies, axis=0) - tallies + starts[:-1]
    for cursor, (begin, end) in zip(cursors, slices, strict=True):
        kernel.group_pairs(ids, begin, end, roles, first, stop, cursor, seconds)
    assert np.array_equal(cursors[-1], starts[1:])
    n_rows = stop - first
    found = np.full(len(seconds) // least + 1, 77, np.uint64)
    counts, n_found = np.full(len(found), -7, np.int64), np.full(n_rows, -7, np.int64)
    edges = [n_rows * i // parts for i in range(parts + 1)]
    n_pairs = sum(
        kernel.count_rows(ids, roles, seconds, starts, begin, end, least, every, found, counts, n_found)
        for begin, end in itertools.pairwise(edges)
    )
    result = {}
    for row in range(n_rows):
        at = starts[row] // least + np.arange(n_found[row])
        second = found[at]
        last, lengths = np.empty(len(at), np.int32), np.empty(len(at), np.int64)
        kernel.measure(ids, roles, second, last, lengths)
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        words = np.empty(offsets[-1], np.int32)
        kernel.spell(ids, np.full(len(at), rows[first + row]), second, offsets, words)
        for (begin, end), last_word, number in zip(itertools.pairwise(offsets), last, counts[at], strict=True):
            pair = tuple(words[begin:end].tolist())
            assert pair[-1] == last_word
            assert pair not in result
            result[pair] = int(number)
    return result, n_pairs


def pairs_of(documents, connectors, rare):
    pairs = Counter(pair for document in documents for pair in naive.pairs_of(document, connectors))
    return {pair: n for pair, n in pairs.items() if not {pair[0], pair[-1]} & rare}


@given(documents_of_ids, some_words, some_words, st.lists(st.integers(0, 60), max_size=3), st.integers(1, 3))
def test_any_pairs_are_counted_as_by_the_twin_in_any_slices(documents, connectors, rare, cuts, parts):
    ids, rare = as_ids(documents), rare - connectors
    roles, rows = roles_of(connectors, rare, N_WORDS)
    expected = pairs_of(documents, connectors, rare)
    cuts = [cut for cut in cuts if cut <= len(ids)]
    assert count(ids, roles, rows, cuts=cuts, parts=parts) == (expected, len(expected))


@given(documents_of_ids, some_words, st.integers(0, 9), st.integers(0, 9))
def test_rows_outside_the_range_are_left_out(documents, connectors, first, stop):
    ids = as_ids(documents)
    roles, rows = roles_of(connectors, set(), N_WORDS)
    first, stop = sorted((min(first, len(rows)), min(stop, len(rows))))
    expected = pairs_of(documents, connectors, set())
    wanted = set(rows[first:stop].tolist())
    found, _ = count(ids, roles, rows, first=first, stop=stop)
    assert found == {pair: n for pair, n in expected.items() if pair[0] in wanted}


@given(documents_of_ids, some_words, st.integers(1, 4))
def test_rare_pairs_are_counted_but_not_written(documents, connectors, least):
    ids = as_ids(documents)
    roles, rows = roles_of(connectors, set(), N_WORDS)
    expected = pairs_of(documents, connectors, set())
    often = {pair: n for pair, n in expected.items() if n >= least}
    assert count(ids, roles, rows, least=least) == (often, len(expected))
    found, n_pairs = count(ids, roles, rows, least=least, every=False)
    assert found == often
    assert n_pairs <= len(expected)


@pytest.mark.parametrize("n_seconds", [30, 31, 32, 33, 63, 64, 65, 127, 128, 129, 2000, 5000])
@pytest.mark.parametrize("glued", [False, True], ids=["beside", "apart"])
def test_a_row_may_have_any_number_of_second_words(n_seconds, glued):
    # Around the sizes at which the table of a row grows; words 0 and 1 come before all others.
    draw = random.Random(n_seconds)
    documents = [[0, *([1] * (draw.randrange(3) if glued else 0)), 2 + i % n_seconds] for i in range(2 * n_seconds)]
    draw.shuffle(documents)
    connectors = {1} if glued else set()
    roles, rows = roles_of(connectors, set(), n_seconds + 2)
    expected = pairs_of(documents, connectors, set())
    assert count(as_ids(documents), roles, rows, cuts=[n_seconds]) == (expected, len(expected))


def test_second_parts_with_the_same_hash_are_different():
    # Of so many, some have the same 23 bits.
    connectors = set(range(1, 41))
    documents = [[0, 1, c, d, b] for c in connectors for d in connectors for b in range(41, 61)]
    roles, rows = roles_of(connectors, set(), 61)
    assert count(as_ids(documents), roles, rows) == ({tuple(document): 1 for document in documents}, len(documents))


def test_npmi_is_that_of_the_formula_to_the_last_bit():
    draw = random.Random(4)
    numbers = [(n, n + draw.randrange(9), n + draw.randrange(999)) for n in range(1, 500)]
    both, first, last = (np.array(column) for column in zip(*numbers, strict=True))
    scores = np.empty(len(numbers))
    kernel.npmi(both, first, last, 12345, scores)
    for (n, a, b), score in zip(numbers, scores.tolist(), strict=True):
        assert score == math.log(n / 12345 / (a / 12345 * (b / 12345))) / -math.log(n / 12345)


# Few words: phrases are met often, begin and end inside of others, and overlap.
few_documents = st.lists(st.lists(st.integers(0, 4), max_size=30), max_size=4)
phrases_of_few = st.sets(st.lists(st.integers(0, 4), min_size=2, max_size=5).map(tuple), max_size=8)


def join(ids, phrases, n_slices=1):
    """Join in place by the kernels: the ids, and how often each phrase was joined."""
    phrases = sorted(phrases)
    words = np.array([word for phrase in phrases for word in phrase], np.int32)
    offsets = np.cumsum([0, *map(len, phrases)])
    flags = np.zeros(N_WORDS + len(phrases), np.uint8)
    for phrase in phrases:
        flags[phrase[0]] |= kernel.STARTS
        flags[phrase[-1]] |= kernel.ENDS
        flags[list(phrase[1:-1])] |= kernel.JOINS
    slots = np.zeros(32, np.int32)
    kernel.index_phrases(words, offsets, slots)
    joined = np.arange(len(phrases), dtype=np.int32) + N_WORDS
    uses = np.zeros(len(phrases), np.int64)
    edges = [0]
    for i in range(1, n_slices):
        edges.append(kernel.cut_text(ids, max(edges[-1], len(ids) * i // n_slices), flags))
    end = 0
    for begin, stop in itertools.pairwise([*edges, len(ids)]):
        stop = kernel.join(ids, begin, stop, flags, words, offsets, slots, joined, uses)
        kernel.move(ids, end, begin, stop)
        end += stop - begin
    return ids[:end], dict(zip(phrases, uses.tolist(), strict=True))


@given(few_documents, phrases_of_few, st.integers(1, 6))
def test_any_phrases_are_joined_as_by_the_twin_in_any_slices(documents, phrases, n_slices):
    names = {phrase: N_WORDS + i for i, phrase in enumerate(sorted(phrases))}
    ids, uses = join(as_ids(documents), phrases, n_slices)
    expected = [naive.joined(document, names, names.__getitem__) for document in documents]
    assert as_documents(ids) == expected
    held = Counter(ids.tolist())
    assert uses == {phrase: held[name] for phrase, name in names.items()}


@given(documents_of_ids, some_words, st.booleans(), st.integers(1, 4))
def test_any_words_are_left_out_in_any_slices(documents, dropped, keep_empty, n_slices):
    ids = as_ids(documents)
    map_ = np.arange(N_WORDS, dtype=np.int32) + 100
    map_[list(dropped)] = kernel.PRUNED
    edges = [0, *(kernel.cut_document(ids, len(ids) * i // n_slices) for i in range(1, n_slices)), len(ids)]
    end = total = 0
    for begin, stop in itertools.pairwise(edges):
        assert begin == 0 or begin == len(ids) or ids[begin - 1] == END or begin < end
        stop, n_documents = kernel.remap(ids, begin, stop, map_, keep_empty)
        kernel.move(ids, end, begin, stop)
        end += stop - begin
        total += n_documents
    expected = [[word + 100 for word in document if word not in dropped] for document in documents]
    expected = [document for document in expected if document or keep_empty]
    assert as_documents(ids[:end]) == expected
    assert total == len(expected)
