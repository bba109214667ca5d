"""Rows of packed n-grams and the trie made of them, against tuples of tokens in Python."""

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import ngrams as reference

from embedkit._cext import ngrams as kernel

END = kernel.EOS + 1
THREADS = [1, 2, 3, 4]
# (order, n_words) of rows of 1 to 8 words of 64 bits: words filled to the last bit, by a half, and by a token.
LAYOUTS = [
    (1, 3), (1, 2**31), (2, 3), (2, 2**31), (2, 2**32 - 1), (3, 5), (3, 2**21 - 1), (3, 2**21), (3, 2**31),
    (5, 4095), (5, 4096), (5, 2**31), (6, 2**21 - 1), (7, 511), (7, 2**31), (8, 1000), (8, 2**31), (9, 2**20),
    (9, 2**31), (16, 15), (16, 16), (16, 255), (16, 256), (16, 2**16), (16, 2**31),
]  # fmt: skip
WIDTHS = {1, 2, 3, 4, 5, 6, 8}


def expected_width(order, n_words):
    bits = len(f"{n_words:b}")
    return -(-order // min(order, 64 // bits))


def make_stream(n, n_words, seed=0, skewed=False):
    """Tokens of sentences, which end at END; the largest token is among them."""
    random = np.random.default_rng(seed)
    if skewed:
        tokens = np.minimum(random.zipf(1.3, n).astype(np.float64), n_words).astype(np.uint32)
    else:
        tokens = random.integers(1, n_words + 1, n, dtype=np.uint64).astype(np.uint32)
    tokens[random.random(n) < 0.1] = END
    tokens[random.random(n) < 0.05] = n_words
    return tokens


def rows_of(stream, begin, end, order):
    """The n-gram at each token from `begin` to `end`, 0 where it is short."""
    stream = stream.tolist()
    rows = []
    for i in range(begin, end):
        row = stream[i : i + order]
        if END in row:
            row = row[: row.index(END) + 1]
        rows.append((*row, *[0] * (order - len(row))))
    return rows


def packed(stream, order, n_words, begin=0, end=None, n_threads=1):
    end = len(stream) if end is None else end
    keys = np.full((end - begin, kernel.row_width(order, n_words)), 2**64 - 1, np.uint64)
    kernel.pack(stream, begin, end, order, n_words, keys, n_threads)
    return keys


def unpacked(keys, order, n_words):
    """Tokens of rows, highest bits first."""
    bits = len(f"{n_words:b}")
    per = min(order, 64 // bits)
    columns = [
        (keys[:, place // per] >> np.uint64(bits * (per - 1 - place % per))) & np.uint64(2**bits - 1)
        for place in range(order)
    ]
    return list(zip(*(column.tolist() for column in columns), strict=True)) if len(keys) else []


def in_order(keys, order, n_words, n_threads=1):
    keys, spare = keys.copy(), np.full_like(keys, 7)
    return spare if kernel.sort(keys, spare, order, n_words, n_threads) else keys


def runs_of(stream, order, n_words, cuts):
    """Sorted different rows of the parts of a stream, and their counts."""
    runs = []
    for begin, end in itertools.pairwise([0, *cuts, len(stream)]):
        keys = in_order(packed(stream, order, n_words, begin, end), order, n_words)
        counts = np.full(end - begin, 99, np.uint64)
        n = kernel.unique(keys, counts, order, n_words)
        runs.append((keys[:n], counts[:n]))
    return runs


def test_the_layouts_cover_every_width():
    assert {kernel.row_width(*layout) for layout in LAYOUTS} == WIDTHS


@pytest.mark.parametrize(("order", "n_words"), LAYOUTS)
def test_a_row_has_as_many_words_as_its_tokens_need(order, n_words):
    assert kernel.row_width(order, n_words) == expected_width(order, n_words)


@pytest.mark.parametrize(("order", "n_words"), [(0, 5), (17, 5), (3, 2**32)])
def test_an_order_or_a_vocabulary_beyond_the_limits_is_refused(order, n_words):
    with pytest.raises(ValueError, match="expected"):
        kernel.row_width(order, n_words)


@given(
    st.lists(st.lists(st.integers(-1, 6), max_size=9), max_size=4),
    st.lists(st.sampled_from([-1, 0, 3, 4, 2**31 - 1]), min_size=7, max_size=7),
)
def test_streams_have_begin_and_end_around_each_sentence_with_a_word(parts, new_ids):
    ids = list(itertools.chain.from_iterable(parts))
    expected, sentence = [], []
    for number in ids:
        if number >= 0:
            sentence += [new_ids[number] + 1] * (new_ids[number] >= 0)
        elif sentence:
            expected += [kernel.BOS + 1, *sentence, END]
            sentence = []
    expected += [kernel.BOS + 1, *sentence] if sentence else []
    found, going_on = [], False
    for part in parts:
        stream = np.zeros(2 * len(part) + 1, np.uint32)
        n, going_on = kernel.stream_tokens(np.array(part, np.int32), np.array(new_ids, np.int32), stream, going_on)
        found += stream[:n].tolist()
    assert found == expected
    assert going_on == bool(sentence)


@pytest.mark.parametrize("n_threads", THREADS)
@pytest.mark.parametrize(("order", "n_words"), LAYOUTS)
def test_rows_are_the_n_grams_up_to_the_end_of_the_sentence(order, n_words, n_threads):
    stream = make_stream(200, n_words, seed=order)
    for begin, end in [(0, 200), (0, 0), (3, 4), (50, 200), (0, 150)]:
        keys = packed(stream, order, n_words, begin, end, n_threads)
        assert unpacked(keys, order, n_words) == rows_of(stream, begin, end, order)


def test_rows_of_several_jobs_are_those_of_one():
    n = 3 * 2**16 + 5
    stream = make_stream(n, 1000)
    expected = packed(stream, 5, 1000)
    for n_threads in THREADS[1:]:
        assert np.array_equal(packed(stream, 5, 1000, n_threads=n_threads), expected)
    sample = slice(2**16 - 20, 2**16 + 20)
    assert unpacked(expected[sample], 5, 1000) == rows_of(stream, sample.start, sample.stop, 5)


def test_keys_of_another_shape_are_refused():
    stream, wrong = make_stream(10, 5), np.empty((9, 1), np.uint64)
    with pytest.raises(ValueError, match="shape"):
        kernel.pack(stream, 0, 10, 3, 5, wrong, 1)
    with pytest.raises(ValueError, match="shape"):
        kernel.sort(np.empty((9, 2), np.uint64), np.empty((9, 2), np.uint64), 3, 5, 1)
    with pytest.raises(ValueError, match="shape"):
        kernel.sort(wrong, np.empty((8, 1), np.uint64), 3, 5, 1)
    with pytest.raises(ValueError, match="shape"):
        kernel.merge([np.empty((3, 2), np.uint64)], [np.ones(3, np.uint64)], wrong, np.empty(9, np.uint64), 3, 5)
    with pytest.raises(ValueError, match="room"):
        kernel.merge([wrong], [np.ones(9, np.uint64)], np.empty((8, 1), np.uint64), np.empty(8, np.uint64), 3, 5)


@pytest.mark.parametrize("n_threads", THREADS)
@pytest.mark.parametrize(("order", "n_words"), LAYOUTS)
@pytest.mark.parametrize("skewed", [False, True])
def test_rows_are_sorted_as_tuples(order, n_words, skewed, n_threads):
    for n in [0, 1, 2, 3, 5, 300]:
        stream = make_stream(n, n_words, seed=n, skewed=skewed)
        keys = in_order(packed(stream, order, n_words), order, n_words, n_threads)
        assert unpacked(keys, order, n_words) == sorted(rows_of(stream, 0, n, order))


@given(st.lists(st.integers(1, 7), max_size=60), st.integers(1, 16), st.integers(1, 4))
def test_any_stream_is_sorted_as_tuples(tokens, order, n_threads):
    stream = np.array(tokens, np.uint32)
    keys = in_order(packed(stream, order, 7), order, 7, n_threads) if len(stream) else np.empty((0, 1), np.uint64)
    assert unpacked(keys, order, 7) == sorted(rows_of(stream, 0, len(stream), order))


@pytest.mark.parametrize(("order", "n_words"), LAYOUTS)
@pytest.mark.parametrize("n", [0, 1, 2, 300])
def test_each_different_row_is_kept_once_with_its_count(order, n_words, n):
    stream = make_stream(n, n_words, skewed=True)
    ((keys, counts),) = runs_of(stream, order, n_words, [])
    expected = sorted(Counter(rows_of(stream, 0, n, order)).items())
    assert list(zip(unpacked(keys, order, n_words), counts.tolist(), strict=True)) == expected


@pytest.mark.parametrize(("order", "n_words"), LAYOUTS)
@pytest.mark.parametrize("cuts", [[], [0], [150], [0, 0, 300], [1, 2, 2, 100, 250], list(range(0, 300, 20))])
def test_merged_runs_are_the_rows_of_all_of_them(order, n_words, cuts):
    stream = make_stream(300, n_words, skewed=True, seed=1)
    runs = runs_of(stream, order, n_words, cuts)
    room = sum(len(counts) for _, counts in runs)
    out, totals = np.empty((room, kernel.row_width(order, n_words)), np.uint64), np.empty(room, np.uint64)
    n = kernel.merge([run[0] for run in runs], [run[1] for run in runs], out, totals, order, n_words)
    # An n-gram at a cut goes on beyond it.
    expected = sorted(Counter(rows_of(stream, 0, 300, order)).items())
    assert list(zip(unpacked(out[:n], order, n_words), totals[:n].tolist(), strict=True)) == expected


def test_merging_nothing_gives_nothing_and_large_counts_add_up():
    empty = np.empty((0, 1), np.uint64), np.empty(0, np.uint64)
    assert kernel.merge([], [], *empty, 3, 5) == 0
    assert kernel.merge([empty[0]] * 2, [empty[1]] * 2, *empty, 3, 5) == 0
    row, count = np.array([[5]], np.uint64), np.array([2**40 + 1], np.uint64)
    out, totals = np.empty((3, 1), np.uint64), np.empty(3, np.uint64)
    assert kernel.merge([row] * 3, [count] * 3, out, totals, 3, 5) == 1
    assert totals[0] == 3 * (2**40 + 1)


@pytest.mark.parametrize(("order", "n_words"), [(1, 5), (3, 5), (5, 2**31), (16, 256)])
def test_rows_are_found_by_their_first_token(order, n_words):
    stream = make_stream(200, n_words, skewed=True)
    keys = in_order(packed(stream, order, n_words), order, n_words)
    firsts = [row[0] for row in unpacked(keys, order, n_words)]
    assert [kernel.first_token(keys, row, order, n_words) for row in range(200)] == firsts
    for begin, end in [(0, 200), (0, 0), (200, 200), (17, 120)]:
        for token in [0, 1, 2, 3, 4, n_words // 2, n_words, n_words + 1]:
            found = kernel.first_row(keys, begin, end, token, order, n_words)
            assert found == begin + sum(first < token for first in firsts[begin:end])


def trie_of(keys, counts, parts, order, n_words, n_threads):
    """Count and write the nodes as counting does; what is never written is 99."""
    parts = np.array(parts, np.int64)
    n_nodes = kernel.count_nodes(keys, parts, order, n_words, n_threads)
    sizes = n_nodes.sum(axis=0)
    sizes[0], sizes[1] = 1, n_words
    starts = np.concatenate([[0], np.cumsum(sizes)])
    cursors = (starts[:-1] + np.cumsum(n_nodes, axis=0) - n_nodes).astype(np.uint32)
    first = np.full(starts[order] + 1, 99, np.uint32)
    words, totals = np.full(starts[-1], 99, np.uint32), np.full(starts[-1], 99, np.uint64)
    kernel.fill_nodes(keys, counts, parts, cursors, order, n_words, words, first, totals, n_threads)
    return n_nodes, starts, words, first, totals


def parts_of(keys, n_parts, order, n_words):
    """Cuts between first tokens, some of the parts without a row."""
    tokens = np.linspace(0, n_words + 1, n_parts + 1).astype(int).tolist()
    bounds = [kernel.first_row(keys, 0, len(keys), token, order, n_words) for token in tokens]
    return list(itertools.pairwise(bounds))


def check_trie(rows, order, n_words, found):
    """Compare with the twin; `rows` counts rows of tokens."""
    grams = Counter()
    for row, count in rows.items():
        ids = tuple(token - 1 for token in row if token)
        for n in range(1, len(ids) + 1):
            grams[ids[:n]] += count
    twin = reference.FlatTrie(grams, n_words, order)
    _, starts, words, first, totals = found
    assert starts.tolist() == twin.starts
    # The root, and words that do not occur, are the caller's.
    written = [node for node, ngram in enumerate(twin.ngrams) if ngram in grams]
    assert totals[written].tolist() == [grams[twin.ngrams[node]] for node in written]
    assert words[written].tolist() == [twin.words[node] for node in written]
    inner = [node for node in written if node < twin.starts[order]]
    assert first[inner].tolist() == [twin.first[node] for node in inner]
    others = np.setdiff1d(np.arange(len(words)), written)
    assert (words[others] == 99).all()


@pytest.mark.parametrize("n_threads", THREADS)
@pytest.mark.parametrize("n_parts", [1, 2, 5, 30])
@pytest.mark.parametrize(("order", "n_words"), [(1, 9), (2, 40), (3, 5), (5, 4096), (9, 4096), (16, 16), (16, 300)])
def test_sorted_rows_become_the_trie_of_their_n_grams(order, n_words, n_parts, n_threads):
    for n in [1, 2, 500]:
        stream = make_stream(n, n_words, seed=n, skewed=True)
        keys = in_order(packed(stream, order, n_words), order, n_words)
        rows = Counter(rows_of(stream, 0, n, order))
        parts = parts_of(keys, n_parts, order, n_words)
        found = trie_of(keys, None, parts, order, n_words, n_threads)
        check_trie(rows, order, n_words, found)
        single = trie_of(keys, None, [(0, n)], order, n_words, 1)
        assert np.array_equal(found[0].sum(axis=0), single[0][0])
        counts = np.arange(1, n + 1, dtype=np.uint64)
        weighted = Counter()
        for row, count in zip(unpacked(keys, order, n_words), counts.tolist(), strict=True):
            weighted[row] += count
        check_trie(weighted, order, n_words, trie_of(keys, counts, parts, order, n_words, n_threads))


def test_rows_between_the_parts_are_passed_over():
    order, n_words = 3, 20
    stream = make_stream(300, n_words)
    keys = in_order(packed(stream, order, n_words), order, n_words)
    middle = kernel.first_row(keys, 0, 300, 10, order, n_words)
    # What stands there may look like the row that follows.
    gap = np.repeat(keys[middle : middle + 1], 40, axis=0)
    spread = np.concatenate([keys[:middle], gap, keys[middle:], gap])
    found = trie_of(spread, None, [(0, middle), (middle + 40, 340)], order, n_words, 2)
    check_trie(Counter(rows_of(stream, 0, 300, order)), order, n_words, found)


def test_no_rows_make_no_nodes():
    keys = np.empty((0, 1), np.uint64)
    assert kernel.count_nodes(keys, np.array([[0, 0]], np.int64), 3, 5, 2).tolist() == [[0, 0, 0, 0]]
    kernel.fill_nodes(keys, None, np.array([[0, 0]], np.int64), np.zeros((1, 4), np.uint32), 3, 5,
                      np.zeros(6, np.uint32), np.zeros(7, np.uint32), np.zeros(6, np.uint64), 2)  # fmt: skip
