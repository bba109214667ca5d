"""Links, counts of contexts, probabilities and removal of nodes, against tuples and dictionaries in Python."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import ngrams as reference

from embedkit._cext import ngram_trie as kernel

THREADS = [1, 2, 3, 4]
STEP = 2**15  # nodes to a job
UNSET = 2**32 - 1


def random_ngrams(n_words, order, size, seed=0, closed=True, skewed=True):
    """N-grams of ids with all of their beginnings and, if closed, all of their ends."""
    random = np.random.default_rng(seed)
    found = set()
    while len(found) < size:
        ids = random.zipf(1.3, order + 3) - 1 if skewed else random.integers(0, n_words, order + 3)
        gram = tuple(int(min(i, n_words - 1)) for i in ids[: random.integers(1, order + 1)])
        found |= {gram[a:b] for a in range(len(gram) if closed else 1) for b in range(a + 1, len(gram) + 1)}
    return found


def arrays_of(twin):
    return np.array(twin.first, np.uint32), np.array(twin.words, np.uint32), np.array(twin.link, np.uint32)


def linked(twin, n_threads=1):
    """The links that the kernel finds, level by level."""
    first, words, _ = arrays_of(twin)
    link = np.full(len(words), UNSET, np.uint32)
    link[: twin.starts[2]] = 0
    for begin, end in zip(twin.starts[1:-2], twin.starts[2:-1], strict=True):
        kernel.link_children(first, words, link, begin, end, n_threads)
    return link.tolist()


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize(("n_words", "order", "size"), [
    (1, 1, 1), (1, 4, 4), (2, 2, 5), (3, 3, 20), (8, 4, 60), (9, 5, 200), (40, 3, 500), (500, 3, 3000), (6, 16, 900),
])  # fmt: skip
def test_links_lead_to_the_longest_shorter_end_there_is(n_words, order, size, closed):
    possible = sum(n_words**n for n in range(1, order + 1))
    twin = reference.FlatTrie(random_ngrams(n_words, order, min(size, possible), size, closed), n_words, order)
    for n_threads in THREADS:
        assert linked(twin, n_threads) == twin.link


@settings(max_examples=200)
@given(st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=6), max_size=12))
def test_links_of_any_n_grams_with_their_beginnings(grams):
    ngrams = {tuple(gram[:n]) for gram in grams for n in range(1, len(gram) + 1)}
    order = max(map(len, ngrams), default=1)
    twin = reference.FlatTrie(ngrams, 6, order)
    assert linked(twin) == twin.link


@pytest.mark.parametrize("n", range(1, 40))
def test_links_among_children_of_every_number(n):
    """Each word's followers are every n-th word: the search among children jumps over any distance."""
    ngrams = {(0, w) for w in range(200)} | {(v, w) for v in range(1, 40) for w in range(v, 200, v)}
    ngrams |= {(n, v, w) for v in range(n, 40, n) for w in range(0, 200, n)}
    twin = reference.FlatTrie(ngrams, 200, 3)
    assert linked(twin) == twin.link


@pytest.mark.parametrize("n_words", [STEP - 1, STEP, STEP + 1, 2 * STEP + 3])
def test_links_of_several_jobs_are_those_of_one(n_words):
    random = np.random.default_rng(n_words)
    pairs = {(a, b) for a, b in random.integers(0, n_words, (n_words, 2)).tolist()}
    pairs |= {(n_words - 1, 0), (0, n_words - 1)}
    third = random.integers(0, n_words, len(pairs)).tolist()
    ngrams = pairs | {(*pair, word) for pair, word in zip(pairs, third, strict=True)}
    twin = reference.FlatTrie(ngrams, n_words, 3)
    for n_threads in [1, 2, 4]:
        assert linked(twin, n_threads) == twin.link


@pytest.mark.parametrize(("begin", "end"), [(-1, 3), (3, 2), (0, 5), (4, 99)])
def test_nodes_without_a_place_for_children_are_refused(begin, end):
    twin = reference.FlatTrie({(0, 1)}, 3, 2)
    first, words, link = arrays_of(twin)
    with pytest.raises(ValueError, match="no children in a table of 5"):
        kernel.link_children(first, words, link, begin, end, 1)
    values, rule = np.zeros(len(words)), kernel.WEIGHT
    with pytest.raises(ValueError, match="no children"):
        kernel.estimate_children(first, link, None, values, values, begin, end, np.zeros(1), rule, 1.0, True, 1)


@pytest.mark.parametrize("n_threads", THREADS)
@pytest.mark.parametrize("n", [0, 1, 3, 5, 1000, 50_000])
def test_links_are_counted_on_top_of_what_is_there(n, n_threads):
    random = np.random.default_rng(n)
    link = np.minimum(random.zipf(1.2, n + 7), 30).astype(np.uint32)
    counts = np.arange(40, dtype=np.uint64)
    kernel.count_links(link, 3, n + 3, counts, n_threads)
    tally = Counter(link[3 : n + 3].tolist())
    assert counts.tolist() == [i + tally[i] for i in range(40)]


def test_tallies_count_small_counts_and_pass_over_large_ones():
    counts = np.array([9, 0, 1, 1, 2, 3, 4, 2**63, 2**64 - 1, 1], np.uint64)
    tallies = np.array([0, 10, 0, 0], np.int64)
    kernel.tally(counts, 1, 9, tallies)
    assert tallies.tolist() == [1, 12, 1, 1]
    kernel.tally(counts, 4, 4, tallies)
    assert tallies.tolist() == [1, 12, 1, 1]


def estimated(twin, counts, lower, keep, discount, rule, weight, interpolated, level, n_threads=1):
    """What the kernel makes of the children of a level: probabilities and back-off weights, by node."""
    first, _, link = arrays_of(twin)
    begin, stop = twin.starts[level], twin.starts[level + 1]
    values = lower.copy()
    values[stop : twin.starts[level + 2]] = counts[stop : twin.starts[level + 2]].view(np.float64)
    backoff = np.full(len(first) - 1, 7.0)
    flags = None if keep is None else keep.astype(np.uint8)
    kernel.estimate_children(
        first, link, flags, values, backoff, begin, stop, np.array(discount), rule, weight, interpolated, n_threads
    )
    assert (backoff[:begin] == 7).all()
    assert (values[:stop] == lower[:stop]).all()
    return values[stop : twin.starts[level + 2]], backoff[begin:stop]


def estimate_twin(twin, counts, lower, keep, discount, rule, weight, interpolated, level):
    """The same by the formulas, one context after another."""
    begin, stop = twin.starts[level], twin.starts[level + 1]
    probabilities, weights = {}, []
    for h in range(begin, stop):
        children = range(twin.first[h], twin.first[h + 1])
        total = sum(int(counts[c]) for c in children)
        if not total:
            weights.append(1.0)
            probabilities |= dict.fromkeys(children, None)
            continue
        scale = total / (total + len(children)) if rule == kernel.WITTEN_BELL else weight
        off = {c: discount[min(int(counts[c]), len(discount) - 1)] for c in children}
        whole = keep is None or all(keep[c] for c in children)
        if rule == kernel.WEIGHT and weight == 1.0 and whole and not any(off.values()):
            scale = total / (total + 1)  # one count more, for words that are no children
        share = {c: scale * (int(counts[c]) - off[c]) / total for c in children}
        kept = {c: s for c, s in share.items() if keep is None or keep[c]}
        left = 1 - math.fsum(kept.values())
        shorter = {c: lower[twin.link[c]] for c in children}
        if interpolated:
            weights.append(left)
            probabilities |= {c: kept.get(c, 0.0) + left * shorter[c] for c in children}
            continue
        room = 1 - math.fsum(shorter[c] for c in kept)
        if room > 1e-12:
            weights.append(left / room)
            probabilities |= {c: kept.get(c, left / room * shorter[c]) for c in children}
        else:
            weights.append(1.0)
            probabilities |= {c: s / (1 - left) for c, s in kept.items()}
    return probabilities, weights


@pytest.mark.parametrize("interpolated", [True, False])
@pytest.mark.parametrize("pruned", [False, True])
@pytest.mark.parametrize(
    ("rule", "weight", "discount"),
    [
        (kernel.WEIGHT, 1.0, [0.0]),
        (kernel.WEIGHT, 0.7, [0.0]),
        (kernel.WEIGHT, 0.1, [0.0]),
        (kernel.WEIGHT, 1.0, [0.0, 0.5]),
        (kernel.WEIGHT, 1.0, [0.0, 0.5, 1.0, 1.5]),
        (kernel.WEIGHT, 1.0, [0.0, 0.9, 0.8, 0.3, 0.2, 0.1, 0.0]),
        (kernel.WEIGHT, 0.7, [0.0, 0.5, 1.0]),
        (kernel.RELATIVE, 1.0, [0.0]),
        (kernel.WITTEN_BELL, 1.0, [0.0]),
        (kernel.WITTEN_BELL, 1.0, [0.0, 0.5, 1.0]),
    ],
)
@pytest.mark.parametrize(("n_words", "order", "size"), [(2, 2, 6), (5, 3, 60), (40, 3, 900)])
def test_children_get_what_the_formula_says(n_words, order, size, rule, weight, discount, pruned, interpolated):
    twin = reference.FlatTrie(random_ngrams(n_words, order, size, size), n_words, order)
    random = np.random.default_rng(size)
    counts = random.zipf(1.5, len(twin.words)).astype(np.uint64)
    lower = np.zeros(len(twin.words))
    words = random.random(n_words)
    lower[1 : n_words + 1] = words / words.sum()
    keep = random.random(len(twin.words)) < 0.6 if pruned else None
    for level in range(1, order):
        if level == 2:
            # Any distribution will do for the level above.
            lower[twin.starts[2] : twin.starts[3]] = random.random(twin.starts[3] - twin.starts[2]) * 0.01
        case = twin, counts, lower, keep, discount, rule, weight, interpolated, level
        found, backoff = estimated(*case)
        probabilities, weights = estimate_twin(*case)
        stop = twin.starts[level + 1]
        assert found.tolist() == pytest.approx([probabilities[stop + i] for i in range(len(found))], abs=1e-12)
        assert backoff.tolist() == pytest.approx(weights, rel=1e-9, abs=1e-12)


def test_contexts_of_count_0_pass_on_everything_and_those_without_children_too():
    # Word 1 has children of count 0, which occur only behind <s>; word 2 has none.
    twin = reference.FlatTrie({(0, 0), (1, 0), (1, 2)}, 3, 2)
    counts = np.array([0, 0, 0, 0, 3, 0, 0], np.uint64)
    lower = np.array([0, 0.5, 0.25, 0.25, 0, 0, 0])
    for interpolated in (True, False):
        _, backoff = estimated(twin, counts, lower, None, [0.0, 0.5], kernel.WEIGHT, 1.0, interpolated, 1)
        assert backoff[1:].tolist() == [1.0, 1.0]


def test_children_that_take_all_words_share_what_they_have():
    # Nothing is left to back off to: the discounted shares 0.5 and 1.5 of 3 become a quarter and three.
    twin = reference.FlatTrie({(0, 0), (0, 1)}, 2, 2)
    counts = np.array([0, 0, 0, 1, 2], np.uint64)
    lower = np.array([0, 0.5, 0.5, 0, 0])
    found, backoff = estimated(twin, counts, lower, None, [0.0, 0.5], kernel.WEIGHT, 1.0, False, 1)
    assert found.tolist() == pytest.approx([0.25, 0.75])
    assert backoff[0] == 1


def test_children_that_take_all_words_and_lose_all_of_their_counts_get_what_the_shorter_context_gives():
    twin = reference.FlatTrie({(0, 0), (0, 1)}, 2, 2)
    counts = np.array([0, 0, 0, 1, 1], np.uint64)
    lower = np.array([0, 0.25, 0.75, 0, 0])
    found, _ = estimated(twin, counts, lower, None, [0.0, 1.0], kernel.WEIGHT, 1.0, False, 1)
    assert found.tolist() == pytest.approx([0.25, 0.75])


@pytest.mark.parametrize("interpolated", [True, False])
@pytest.mark.parametrize("rule", [kernel.WEIGHT, kernel.WITTEN_BELL])
def test_probabilities_are_the_same_bits_for_every_number_of_threads(rule, interpolated):
    n_words = 2 * STEP + 3
    random = np.random.default_rng(0)
    pairs = set(map(tuple, random.integers(0, n_words, (2 * n_words, 2)).tolist()))
    twin = reference.FlatTrie(pairs, n_words, 2)
    counts = random.zipf(1.5, len(twin.words)).astype(np.uint64)
    lower = np.zeros(len(twin.words))
    lower[1 : n_words + 1] = 1 / n_words
    keep = random.random(len(twin.words)) < 0.6
    case = twin, counts, lower, keep, [0.0, 0.5, 0.9], rule, 0.9, interpolated, 1
    expected = estimated(*case)
    for n_threads in THREADS[1:]:
        for one, other in zip(estimated(*case, n_threads), expected, strict=True):
            assert np.array_equal(one, other)


@pytest.mark.parametrize("n_threads", THREADS)
def test_logarithms_are_to_base_10_and_that_of_0_is_minus_infinity(n_threads):
    values = np.array([5.0, 1.0, 0.1, 1e-300, 0.0, 0.3, 7.0])
    kernel.to_log10(values, 1, 6, n_threads)
    assert values.tolist() == [5.0, 0.0, -1.0, -300.0, -math.inf, math.log10(0.3), 7.0]


@settings(max_examples=200)
@given(st.integers(0, 2**32), st.integers(1, 4), st.booleans(), st.floats(0, 1))
def test_what_is_left_after_removal_is_the_trie_of_the_n_grams_kept(seed, order, closed, share):
    random = np.random.default_rng(seed)
    ngrams = random_ngrams(5, order, int(random.integers(1, 1 + min(60, 5**order))), seed, closed, skewed=False)
    twin = reference.FlatTrie(ngrams, 5, order)
    dropped = {gram for gram in ngrams if len(gram) > 1 and random.random() < share}
    kept = {gram for gram in ngrams if not any(gram[:n] in dropped for n in range(2, len(gram) + 1))}
    keep = np.array([len(gram) < 2 or gram in kept for gram in twin.ngrams], np.uint8)
    first, words, link = arrays_of(twin)
    new_ids = np.full(len(words), 99, np.uint32)
    n = kernel.compress(first, words, link, keep, np.array(twin.starts, np.int64), new_ids)
    expected = reference.FlatTrie(kept, 5, order)
    inner = expected.starts[order]
    assert n == len(expected.ngrams)
    assert words[:n].tolist() == expected.words
    assert link[:n].tolist() == expected.link
    assert first[: inner + 1].tolist() == expected.first
    assert new_ids.tolist() == (np.cumsum(keep) - keep).tolist()
