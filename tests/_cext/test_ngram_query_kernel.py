"""Scores of words, sentences and texts, against a search in a dictionary of n-grams."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import ngrams as reference

from embedkit._cext import ngram_query as kernel

UNK, BOS, EOS = 0, 1, 2
BLOCK = 256  # words that are looked up together
JOB = 256  # sentences to a job
THREADS = [1, 2, 3, 4]
KINDS = [np.float64, np.float32, np.uint8, np.uint16]
LENGTHS = [0, 1, 255, 256, 257, 512, 513, 700]
NOTHING = np.empty(0, np.float32)


def word_table(words, n_slots=None):
    """Words as the kernel takes them, and what filling the slots returned."""
    encoded = [word.encode() for word in words]
    offsets = np.concatenate([[0], np.cumsum([len(word) for word in encoded])]).astype(np.int64)
    data = np.frombuffer(b"".join(encoded), np.uint8)
    slots = np.zeros(n_slots or 1 << (2 * len(words)).bit_length(), np.uint32)
    return (data, offsets, slots), kernel.word_slots(data, offsets, slots)


class Case:
    """A random model in the kernel and as a dictionary; `closed` models have the ends of all of their n-grams."""

    def __init__(self, order=3, kind=np.float64, scheme="backoff", n_words=12, size=150, seed=0, closed=True):
        random = np.random.default_rng(seed)
        self.order, self.scheme, self.n_words = order, scheme, n_words
        ngrams = set()
        for _ in range(size):
            ids = np.minimum(random.zipf(1.3, order) + 1, n_words - 1) - (random.random(order) < 0.1) * 2
            gram = (*([BOS] if random.random() < 0.3 else []), *np.where(ids == BOS, UNK, ids).tolist())[:order]
            ngrams |= {gram[a:b] for a in range(order if closed else 1) for b in range(a + 1, len(gram) + 1)}
        twin = self.twin = reference.FlatTrie(ngrams, n_words, order)
        self.words = ["<unk>", "<s>", "</s>", *(f"w{i}" for i in range(3, n_words))]
        n, n_inner = len(twin.ngrams), twin.starts[order]
        if np.dtype(kind).kind == "f":
            probs, backoffs = random.normal(-2, 1, n).astype(kind), random.normal(-0.5, 0.3, n_inner).astype(kind)
            stored, tables = (probs.astype(float), backoffs.astype(float)), (NOTHING, NOTHING)
        else:
            # The table begins with the numbers of the root and of single words, whatever places they have.
            size = 2 ** (8 * np.dtype(kind).itemsize)
            probs, backoffs = (random.integers(0, size, m).astype(kind) for m in (n, n_inner))
            level = np.searchsorted(twin.starts, np.arange(n), side="right") - 1
            tables, stored = [], []
            for places in (probs, backoffs):
                exact = min(twin.starts[2], len(places))
                table = random.normal(-1, 1, exact + (order + 1) * size).astype(np.float32)
                at = exact + level[: len(places)] * size + places
                at[:exact] = np.arange(exact)
                tables.append(table)
                stored.append(table[at].astype(float))
        self.numbers = {
            gram: (stored[0][i], stored[1][i] if i < n_inner else 0.0) for i, gram in enumerate(twin.ngrams)
        }
        self.query = kernel.Query(
            np.array(twin.starts, np.int64), np.array(twin.first, np.uint32), np.array(twin.words, np.uint32),
            np.array(twin.link, np.uint32), probs, backoffs, tables[0], tables[1], scheme,
            *word_table(self.words)[0],
        )  # fmt: skip

    def expected(self, context, word):
        """Logarithm and length of the n-gram found; the context begins behind the last <s> or with it."""
        if word == BOS:
            return 0.0, 1
        h = tuple(context)[max(0, len(context) - self.order + 1) :]
        log_prob, length = reference.query(self.numbers, self.order, h, word)
        if self.scheme == "stupid-backoff":
            factor = self.numbers[()][1]
            return self.numbers[*h[len(h) + 1 - length :], word][0] + (len(h) + 1 - length) * factor, length
        if self.scheme == "additive" and length <= len(h):
            # The probability of words that did not occur behind the context, or behind none that is known.
            return self.numbers.get(h, self.numbers[()])[1], length
        return log_prob, length

    def expected_words(self, ids, context=()):
        """For each word of running text."""
        scores, context = [], list(context)
        for word in ids:
            scores.append(self.expected(context, word))
            context = [BOS] if word == BOS and self.order > 1 else [] if word == BOS else [*context, word]
        return scores

    def ids(self, n, seed=0):
        """Words of a text, <unk> among them, but neither <s> nor </s>."""
        random = np.random.default_rng(seed)
        ids = np.minimum(random.zipf(1.3, n) + 2, self.n_words - 1)
        return np.where(random.random(n) < 0.1, UNK, ids).astype(np.int32)

    def score_words(self, ids, node=0, length=0):
        log_probs, matched = np.full(len(ids), 9.0), np.full(len(ids), 99, np.uint8)
        state = self.query.score_words(np.asarray(ids, np.int32), node, length, log_probs, matched)
        return log_probs.tolist(), matched.tolist(), state

    def step_through(self, ids, node=0, length=0):
        log_probs, lengths = [], []
        for word in ids:
            log_prob, matched, node, length = self.query.step(node, length, int(word))
            log_probs.append(log_prob)
            lengths.append(matched)
        return log_probs, lengths, (node, length)

    def text(self, ids):
        """Words of ids; unknown ones are words that the model lacks."""
        return [self.words[i] if i else "unheard-of" for i in ids]


def close(numbers):
    return pytest.approx(list(numbers), rel=1e-12, abs=1e-12)


ALL = pytest.mark.parametrize(("order", "kind", "scheme", "closed"), [
    *((3, kind, scheme, True) for kind in KINDS for scheme in kernel.SCHEMES),
    *((order, np.float64, scheme, True) for order in (1, 2, 5, 16) for scheme in kernel.SCHEMES),
    *((order, kind, "backoff", False) for order in (3, 5) for kind in KINDS),
])  # fmt: skip


@ALL
def test_steps_score_as_the_dictionary(order, kind, scheme, closed):
    case = Case(order, kind, scheme, closed=closed)
    for start, context in [((0, 0), ()), (case.query.begin(), (BOS,) if order > 1 else ())]:
        ids = [*case.ids(300), BOS, *case.ids(20, seed=1), EOS, *case.ids(20, seed=2), BOS, BOS, 3]
        log_probs, lengths, _ = case.step_through(ids, *start)
        expected = case.expected_words(ids, context)
        assert log_probs == close(one[0] for one in expected)
        assert lengths == [one[1] for one in expected]
    assert max(lengths) == order or order == 16


@ALL
@pytest.mark.parametrize("n", LENGTHS)
def test_words_in_blocks_score_as_step_by_step(order, kind, scheme, closed, n):
    case = Case(order, kind, scheme, closed=closed)
    ids = case.ids(n, seed=n)
    ids[::97] = BOS
    for start in [(0, 0), case.query.begin()]:
        log_probs, lengths, state = case.score_words(ids, *start)
        one_by_one = case.step_through(ids, *start)
        assert log_probs == close(one_by_one[0])
        assert lengths == one_by_one[1]
        assert state == one_by_one[2]


@ALL
def test_a_text_in_two_parts_scores_as_in_one(order, kind, scheme, closed):
    case = Case(order, kind, scheme, closed=closed)
    ids = case.ids(300)
    whole = case.score_words(ids)
    for cut in [0, 1, 2, 3, 150, 256, 299, 300]:
        first = case.score_words(ids[:cut])
        second = case.score_words(ids[cut:], *first[2])
        assert first[0] + second[0] == close(whole[0])
        assert first[1] + second[1] == whole[1]
        assert second[2] == whole[2]


@ALL
@pytest.mark.parametrize("n", LENGTHS)
def test_texts_score_as_the_sum_of_their_words(order, kind, scheme, closed, n):
    case = Case(order, kind, scheme, closed=closed)
    ids = case.ids(n, seed=n)
    words = case.text(ids)
    for bos, eos in itertools.product([False, True], repeat=2):
        expected = case.expected_words([*ids, EOS] if eos else ids, (BOS,) if bos and order > 1 else ())
        total = sum(one[0] for one in expected)
        assert case.query.score(" ".join(words).encode(), False, bos, eos) == pytest.approx(total, rel=1e-11)
        assert case.query.score("\0".join(words).encode(), True, bos, eos) == pytest.approx(total, rel=1e-11)


@ALL
@pytest.mark.parametrize("n_sentences", [0, 1, JOB - 1, JOB, JOB + 1, 3 * JOB + 7])
def test_sentences_score_as_texts_with_every_number_of_threads(order, kind, scheme, closed, n_sentences):
    case = Case(order, kind, scheme, closed=closed)
    random = np.random.default_rng(n_sentences)
    # Empty ones, long ones, and such as end with a block.
    lengths = random.choice([0, 1, 2, 5, 8] * 9 + [BLOCK - 2, BLOCK - 1, BLOCK, 600], n_sentences)
    ends = np.cumsum(lengths + 1) - 1
    ids = case.ids(int(lengths.sum()) + n_sentences)
    ids[ends] = random.integers(-5, 12, n_sentences)  # any number stands behind a sentence
    results = []
    for n_threads in THREADS:
        totals, known = np.full(n_sentences, 9.0), np.full(n_sentences, 9.0)
        case.query.score_sentences(ids, ends.astype(np.int64), totals, known, n_threads)
        results.append((totals.tolist(), known.tolist()))
    assert all(result == results[0] for result in results)
    for i, total, known in zip(range(n_sentences), *results[0], strict=True):
        sentence = ids[ends[i] - lengths[i] : ends[i]]
        assert total == pytest.approx(case.query.score(" ".join(case.text(sentence)).encode(), False, True, True))
        log_probs, _, _ = case.score_words([*sentence, EOS], *case.query.begin())
        of_known = sum(p for p, word in zip(log_probs, [*sentence, EOS], strict=True) if word != UNK)
        assert known == pytest.approx(of_known, rel=1e-11, abs=1e-12)


@settings(max_examples=150)
@given(
    st.integers(0, 2**32), st.integers(1, 6), st.booleans(), st.sampled_from(list(kernel.SCHEMES)),
    st.lists(st.integers(0, 6), max_size=30),
)  # fmt: skip
def test_any_text_scores_as_the_dictionary(seed, order, closed, scheme, ids):
    case = Case(order, scheme=scheme, n_words=7, size=20, seed=seed, closed=closed or scheme != "backoff")
    expected = case.expected_words(ids)
    for scores in (case.score_words(ids), case.step_through(ids)):
        assert scores[0] == close(one[0] for one in expected)
        assert scores[1] == [one[1] for one in expected]


@pytest.mark.parametrize("n", [2, 3, 4, 7, 8, 9, 30])
def test_the_first_child_of_the_next_node_is_no_child_of_this_one(n):
    """Word n follows word n + 4 only; it would be the next child of n + 3, which the words below n follow."""
    n_words = n + 6
    twin = reference.FlatTrie({(n + 3, w) for w in range(n)} | {(n + 4, n)}, n_words, 2)
    probs, backoffs = -np.arange(1.0, len(twin.ngrams) + 1), np.full(twin.starts[2], -0.25)
    query = kernel.Query(
        np.array(twin.starts, np.int64), *(np.array(one, np.uint32) for one in (twin.first, twin.words, twin.link)),
        probs, backoffs, NOTHING, NOTHING, "backoff", *word_table(["<unk>", *(f"w{i}" for i in range(1, n_words))])[0],
    )  # fmt: skip
    node = 1 + n + 3
    assert query.step(node, 1, n)[:2] == (probs[1 + n] - 0.25, 1)
    assert query.step(node + 1, 1, n)[:2] == (probs[twin.place[n + 4, n]], 2)
    for word in set(range(n)) - {BOS}:
        assert query.step(node, 1, word)[:2] == (probs[twin.place[n + 3, word]], 2)
        assert query.step(node + 1, 1, word)[:2] == (probs[1 + word] - 0.25, 1)
    ids = np.array([n + 3, n, n + 4, n, n + 3, 0], np.int32)
    log_probs, matched = np.empty(6), np.empty(6, np.uint8)
    query.score_words(ids, 0, 0, log_probs, matched)
    assert matched.tolist() == [1, 1, 1, 2, 1, 2]


def test_a_state_or_a_word_that_is_not_there_is_refused():
    case = Case(order=3)
    inner = case.twin.starts[3]
    for node, word in [(inner, 0), (2**32 - 1, 0), (0, case.n_words)]:
        with pytest.raises(ValueError, match="no such state, or no such word"):
            case.query.step(node, 1, word)
    case.query.step(inner - 1, 2, case.n_words - 1)


def test_arrays_that_do_not_fit_are_refused():
    twin = reference.FlatTrie({(3, 3)}, 4, 2)
    good = [
        np.array(twin.starts, np.int64), *(np.array(one, np.uint32) for one in (twin.first, twin.words, twin.link)),
        np.zeros(6), np.zeros(5), NOTHING, NOTHING, "backoff", *word_table(["<unk>", "<s>", "</s>", "a"])[0],
    ]  # fmt: skip
    assert kernel.Query(*good).n_words == 4
    for place, message in [(1, "context"), (2, "node"), (3, "node"), (4, "node"), (5, "context")]:
        with pytest.raises(ValueError, match=message):
            kernel.Query(*good[:place], good[place][:-1], *good[place + 1 :])
    with pytest.raises(TypeError, match="int64"):
        kernel.Query(*good[:4], np.zeros(6, np.int64), *good[5:])


@pytest.mark.parametrize("n_words", [1, 2, 3, 7, 127, 1000])
def test_words_are_found_in_a_table_with_one_free_slot(n_words):
    words = ["<unk>", *(f"w{i}" for i in range(1, n_words))]
    n_slots = 1 << n_words.bit_length()  # the searches run into each other, and around the end
    (data, offsets, slots), twice = word_table(words, n_slots)
    assert twice == -1
    assert np.count_nonzero(slots) == n_words
    case = kernel.Query(
        np.array([0, 1, n_words + 1], np.int64), np.array([1, n_words + 1], np.uint32),
        np.array([0, *range(n_words)], np.uint32), np.zeros(n_words + 1, np.uint32), np.zeros(n_words + 1), np.zeros(1),
        NOTHING, NOTHING, "backoff", data, offsets, slots,
    )  # fmt: skip
    assert [case.word_id(word.encode()) for word in words] == list(range(n_words))
    assert [case.word_id(word) for word in (b"", b"w", b"w0", b"w01", b"W1", b"w1 ", b"w99999")] == [0] * 7
    assert case.word_ids(" ".join(words).encode(), False) == list(range(n_words))


@pytest.mark.parametrize("place", range(6))
def test_a_word_that_comes_a_second_time_is_named(place):
    words = ["<unk>", "<s>", "</s>", "a", "aa", "aé"]
    assert word_table(words)[1] == -1
    assert word_table([*words, words[place]])[1] == 6
    assert word_table([*words, "b", words[place], "b"])[1] == 7


@pytest.mark.parametrize("n_slots", [0, 3, 4, 12])
def test_slots_that_are_too_few_or_no_power_of_two_are_refused(n_slots):
    data, offsets = np.frombuffer(b"abcd", np.uint8), np.arange(5, dtype=np.int64)
    with pytest.raises(ValueError, match="power of two, more than the words"):
        kernel.word_slots(data, offsets, np.zeros(n_slots, np.uint32))


@settings(max_examples=200)
@given(st.text(alphabet=" \t\n\v\f\r\x1c\x1d\x1e\x1f\x00\x7fw3x4é中", max_size=40))
def test_texts_are_cut_at_ascii_white_space_and_token_lists_at_nul(text):
    case = Case()
    spaces = " \t\n\v\f\r\x1c\x1d\x1e\x1f"
    parts = "".join(" " if char in spaces else char for char in text).split(" ")
    for words, tokens in [(parts, False), (text.split("\0"), True)]:
        expected = [case.words.index(word) if word in case.words else 0 for word in words if word]
        assert case.query.word_ids(text.encode(), tokens) == expected
