"""N-grams as lines of text, and back, against formatting and parsing in Python."""

import math
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reference import ngrams as reference

from embedkit._cext import arpa as kernel
from embedkit._cext.ngram_query import word_slots

THREADS = [1, 2, 3, 4]
JOB = 2**13  # lines to a job
NUMBERS = 96  # bytes that are kept free for the numbers of a line
NOTHING = np.empty(0, np.float32)
WORDS = ["<unk>", "<s>", "</s>", "a", "ab", "é", "中文", "x" * 300, "\\", "-1.5"]


class Case:
    """A trie of some n-grams with numbers, as the kernel takes them."""

    def __init__(self, ngrams, words=WORDS, seed=0):
        order = max(map(len, ngrams))
        self.words, self.order = words, order
        self.twin = reference.FlatTrie(ngrams, len(words), order)
        random = np.random.default_rng(seed)
        n = len(self.twin.ngrams)
        self.probs, self.backoffs = -random.random(n) * 8, random.normal(0, 1, self.twin.starts[order])
        self.totals = random.integers(0, 3, n).astype(np.uint64)
        encoded = [word.encode() for word in words]
        offsets = np.concatenate([[0], np.cumsum([len(word) for word in encoded])]).astype(np.int64)
        data = np.frombuffer(b"".join(encoded), np.uint8)
        slots = np.zeros(1 << (2 * len(words)).bit_length(), np.uint32)
        assert word_slots(data, offsets, slots) == -1
        self.table = data, offsets, slots
        self.trie = (
            np.array(self.twin.starts, np.int64), np.array(self.twin.first, np.uint32),
            np.array(self.twin.words, np.uint32),
        )  # fmt: skip

    def text_of(self, node):
        return " ".join(self.words[i] for i in self.twin.ngrams[node])

    def format(self, level, begin, end, room):
        """Lines of the nodes, in as many pieces as the room takes, and where each piece ends."""
        pieces, stops = [], []
        while begin < end:
            out = np.full(room + 100, 255, np.uint8)
            node, n = kernel.format_ngrams(
                *self.trie, self.probs, self.backoffs, NOTHING, NOTHING, *self.table[:2], level, begin, end, out[:room]
            )
            assert n <= room
            assert (out[room:] == 255).all()
            pieces.append(out[:n].tobytes().decode())
            stops.append(node)
            if node == begin:
                break
            begin = node
        return pieces, stops


def some_ngrams(n_words, order, size, seed=0):
    random = np.random.default_rng(seed)
    grams = [tuple(random.integers(0, n_words, random.integers(1, order + 1)).tolist()) for _ in range(size)]
    return {gram[:n] for gram in grams for n in range(1, len(gram) + 1)} | {tuple([0] * n) for n in range(1, order + 1)}


def expected_lines(case, level, nodes):
    text = []
    for node in nodes:
        line = f"{reference.arpa_number(case.probs[node])}\t{case.text_of(node)}"
        text.append(line + (f"\t{reference.arpa_number(case.backoffs[node])}\n" if level < case.order else "\n"))
    return "".join(text)


@pytest.mark.parametrize("order", [1, 2, 3, 5, 16])
@pytest.mark.parametrize("room", [10_000, 50_000])
def test_lines_are_logarithm_n_gram_and_weight_in_pieces_of_any_size(order, room):
    case = Case(some_ngrams(len(WORDS), order, 200))
    for level in range(1, order + 1):
        begin, end = case.twin.starts[level : level + 2]
        pieces, stops = case.format(level, begin, end, room)
        assert "".join(pieces) == expected_lines(case, level, range(begin, end))
        assert stops[-1] == end
        middle = (begin + end) // 2
        assert "".join(case.format(level, middle, end, room)[0]) == expected_lines(case, level, range(middle, end))


def test_a_line_that_does_not_fit_is_not_begun():
    case = Case({(7,), (7, 7), (7, 7, 3)})
    node = case.twin.place[7, 7, 3]
    length = 300 + 1 + 300 + 1 + 1 + NUMBERS
    assert case.format(3, node, node + 1, length - 1) == ([""], [node])
    assert case.format(3, node, node + 1, length)[1] == [node + 1]
    assert case.format(3, node, node, length) == ([], [])


def test_beginnings_longer_than_the_buffer_for_them_are_written_whole():
    words = ["<unk>", "<s>", "</s>", *("y" * n for n in (1, 84, 85, 127, 128, 255, 256, 257, 511, 5000))]
    case = Case({(a, b, c)[:n] for n in (1, 2, 3) for a in range(3, 13) for b in range(3, 13) for c in (3, 12)}, words)
    begin, end = case.twin.starts[3:5]
    assert "".join(case.format(3, begin, end, 20_000)[0]) == expected_lines(case, 3, range(begin, end))


@pytest.mark.parametrize("kind", [np.float32, np.uint8, np.uint16])
def test_numbers_of_every_kind_are_written(kind):
    case = Case(some_ngrams(len(WORDS), 3, 100))
    if kind is np.float32:
        columns = [(numbers.astype(kind), NOTHING) for numbers in (case.probs, case.backoffs)]
        case.probs, case.backoffs = (numbers.astype(float) for numbers, _ in columns)
    else:
        # Single words have their numbers at the begin of the table, other n-grams a place behind it.
        columns = []
        for numbers in (case.probs, case.backoffs):
            random, exact, size = np.random.default_rng(0), case.twin.starts[2], 2 ** (8 * np.dtype(kind).itemsize)
            table = -random.random(exact + 4 * size).astype(np.float32)
            places = random.integers(0, size, len(numbers))
            level = np.searchsorted(case.twin.starts, np.arange(len(numbers)), side="right") - 1
            numbers[:] = np.where(
                level < 2, table[np.arange(len(numbers)) % exact], table[exact + level * size + places]
            )
            columns.append((places.astype(kind), table))
    (probs, prob_table), (backoffs, backoff_table) = columns
    for level in (1, 2, 3):
        begin, end = case.twin.starts[level : level + 2]
        out = np.empty(200_000, np.uint8)
        node, n = kernel.format_ngrams(
            *case.trie, probs, backoffs, prob_table, backoff_table, *case.table[:2], level, begin, end, out
        )
        assert node == end
        assert out[:n].tobytes().decode() == expected_lines(case, level, range(begin, end))


def test_counts_are_written_where_there_are_some():
    case = Case(some_ngrams(len(WORDS), 3, 100))
    for level in (1, 2, 3):
        begin, end = case.twin.starts[level : level + 2]
        text, node = "", begin
        while node < end:
            out = np.empty(3000, np.uint8)
            node, n = kernel.format_counts(*case.trie, case.totals, *case.table[:2], level, node, end, out)
            text += out[:n].tobytes().decode()
        counted = [i for i in range(begin, end) if case.totals[i]]
        assert text == "".join(f"{case.text_of(i)}\t{case.totals[i]}\n" for i in counted)
        assert 0 < len(counted) < end - begin


@pytest.mark.parametrize("count", [1, 9, 10, 2**32, 2**64 - 1])
def test_counts_are_written_in_full(count):
    case = Case({(3,)})
    totals, out = np.full(len(case.totals), count, np.uint64), np.empty(200, np.uint8)
    node, n = kernel.format_counts(*case.trie, totals, *case.table[:2], 1, 4, 5, out)
    assert (node, out[:n].tobytes()) == (5, f"a\t{count}\n".encode())


def formatted(number):
    """A number as the kernel writes it."""
    case = Case({(3,)})
    case.probs[4] = number
    return "".join(case.format(1, 4, 5, 200)[0]).split("\t")[0]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (-1e-9, "0"), (4.9e-8, "0"), (-4.9e-8, "0"), (-5.1e-8, "-0.0000001"), (-1.0, "-1"),
        (-0.5, "-0.5"), (-1.25, "-1.25"), (-99.0, "-99"), (-100.0, "-100"), (-0.1234567, "-0.1234567"),
        (-0.12345674, "-0.1234567"), (-0.12345676, "-0.1234568"), (-0.99999996, "-1"), (-9.99999994, "-9.9999999"),
        (0.30103, "0.30103"), (-12.0000001, "-12.0000001"), (-999999999.0, "-999999999"), (-1e9, "-99"),
        (-math.inf, "-99"), (math.inf, "-99"), (math.nan, "-99"), (-1e300, "-99"),
    ],
)  # fmt: skip
def test_numbers_have_7_decimals_without_zeros_at_the_end(number, text):
    assert formatted(number) == text


@given(st.floats(-200, 200))
def test_any_number_is_rounded_to_7_decimals(number):
    nearest = Decimal(number).quantize(Decimal("1e-7"), ROUND_HALF_UP)
    text = formatted(number)
    found = Decimal(text)
    # Half-way cases may go either way.
    assert abs(found - nearest) <= Decimal("1e-7") * (abs(Decimal(number) - nearest) > Decimal("4.999e-8"))
    assert "." not in text or not text.endswith(("0", "."))


def parse(case, text, level, n_threads=1):
    """Results and what is wrong, for lines of a level above which the trie of the case is known."""
    data = np.frombuffer(text.encode(), np.uint8)
    starts = np.zeros(text.count("\n") + 1, np.int64)
    n = kernel.line_starts(data, len(starts) - 1, starts)
    out = [np.zeros(n, kind) for kind in (np.uint32, np.uint32, np.float64, np.float64)]
    first = case.trie[1]
    wrong = kernel.parse_ngrams(data, starts[: n + 1], level, first, case.trie[2], *case.table, *out, n_threads)
    return [column.tolist() for column in out], wrong


@pytest.mark.parametrize("n_threads", THREADS)
def test_lines_that_are_written_are_read_as_the_same_n_grams_and_numbers(n_threads):
    case = Case(some_ngrams(len(WORDS), 4, 300))
    for level in range(2, 5):
        begin, end = case.twin.starts[level : level + 2]
        text = "".join(case.format(level, begin, end, 100_000)[0])
        (parents, words, probs, backoffs), wrong = parse(case, text, level, n_threads)
        assert wrong == (-1, 0)
        grams = case.twin.ngrams[begin:end]
        assert parents == [case.twin.place[gram[:-1]] for gram in grams]
        assert words == [gram[-1] for gram in grams]
        assert probs == [float(reference.arpa_number(p)) for p in case.probs[begin:end]]
        assert probs == pytest.approx(case.probs[begin:end].tolist(), abs=0.5000001e-7)
        weights = case.backoffs[begin:end] if level < 4 else [0.0] * (end - begin)
        assert backoffs == [float(reference.arpa_number(weight)) for weight in weights]


def test_lines_of_several_jobs_are_read_in_any_order():
    words = ["<unk>", "<s>", "</s>", *(f"w{i}" for i in range(200))]
    n = 2 * JOB + 3
    pairs = [divmod(i, 203) for i in np.random.default_rng(0).permutation(203 * 203)[:n].tolist()]
    case = Case({(0, 0)}, words)
    text = "".join(f"-{i}.5 {words[a]}\t{words[b]}\n" for i, (a, b) in enumerate(pairs))
    for n_threads in THREADS:
        (parents, last, probs, backoffs), wrong = parse(case, text, 2, n_threads)
        assert wrong == (-1, 0)
        assert (parents, last) == ([a + 1 for a, _ in pairs], [b for _, b in pairs])
        assert probs == [-i - 0.5 for i in range(n)]
        assert not any(backoffs)
    # The first wrong line is named, whichever thread met it.
    lines = text.splitlines(keepends=True)
    lines[JOB + 5], lines[n - 1] = "-1\tw1 w2 w3 w4\n", "-1\tw1\n"
    for n_threads in THREADS:
        assert parse(case, "".join(lines), 2, n_threads)[1] == (JOB + 5, kernel.NUMBER)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("-1\ta ab", 0), ("-1\ta ab\t-0.5", 0), ("  -1  a   ab  -0.5  ", 0), ("-1\ta ab\r", 0), ("-1\ta ab\t0\r", 0),
        ("0\ta <unk>", 0), ("-0\t<unk> a", 0), ("-inf\ta ab", 0), ("-1\ta ab\t3", 0), ("-1 -1.5 \\ -1.5", 0),
        ("", None), ("x\ta ab", kernel.NUMBER), ("-1-\ta ab", kernel.NUMBER), ("nan\ta ab", kernel.NUMBER),
        ("inf\ta ab", kernel.NUMBER), ("-1\ta ab\tx", kernel.NUMBER), ("-1\ta ab\tinf", kernel.NUMBER),
        ("\ta ab", kernel.NUMBER), ("1\ta ab", kernel.POSITIVE), ("1e-9\ta ab", kernel.POSITIVE),
        ("-1", kernel.FIELDS), ("-1\ta", kernel.FIELDS), ("-1\ta ab\t-0.5\t-0.5", kernel.FIELDS),
        ("-1\ta b", kernel.WORD), ("-1\t<UNK> a", kernel.WORD), ("-1\ta <unk", kernel.WORD),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_line_is_told_apart(line, status):
    case = Case({(3, 4)})
    if status is None:
        assert kernel.line_starts(np.frombuffer(b"\n", np.uint8), 5, np.zeros(6, np.int64)) == 0
        return
    good = "-1\tab ab\n"
    assert parse(case, good + line + "\n" + good, 2)[1] == ((1, status) if status else (-1, 0))


def test_an_n_gram_whose_context_is_missing_is_told_apart():
    case = Case({(3, 4), (3, 4, 3)})
    assert parse(case, "-1\ta ab a\n-1\ta ab ab\n", 3)[1] == (-1, 0)
    assert parse(case, "-1\ta ab a\n-1\tab a a\n", 3)[1] == (1, kernel.CONTEXT)
    assert parse(case, "-1\ta a a\n", 3)[1] == (0, kernel.CONTEXT)


def test_no_lines_are_no_error():
    case = Case({(3, 4)})
    assert parse(case, "", 2) == ([[], [], [], []], (-1, 0))


DIGITS = st.text("0123456789", max_size=22)


@settings(max_examples=400)
@given(st.builds("".join, st.tuples(
    st.sampled_from(["-", "-", "+", ""]), DIGITS, st.sampled_from([".", ".", ""]), DIGITS,
    st.sampled_from(["", "", "", "e-5", "E3", "e", "e+", "x", "."]),
)))  # fmt: skip
@example("-0.1234567890123456789")
@example("-123456789012345")
@example("-.9628923976818157")
@example("-.79399471869497867")
@example("-.153415225537531914")
@example("-.9898176358171163335")
@example("-1234567890123456")
@example("-.5")
@example("-5.")
@example("-.")
@example("-")
@example("-1e400")
def test_numbers_are_read_as_python_reads_them(text):
    if not text:
        return
    case = Case({(3, 4)})
    try:
        expected = float(text)
    except ValueError:
        expected = math.nan
    (_, _, _, backoffs), wrong = parse(case, f"-1\ta ab\t{text}\n", 2)
    if expected == -math.inf:
        expected = -99.0
    if math.isfinite(expected):
        # More than 15 digits do not fit a float64; what is read is within some units of the last place.
        assert (backoffs, wrong) == (pytest.approx([expected], rel=1e-14, abs=1e-300), (-1, 0))
    else:
        assert wrong == (0, kernel.NUMBER)


@settings(max_examples=200)
@given(st.lists(st.sampled_from(["-1\ta", "a b", " \t\r", "", "\\end\\", " \\x", "é"]), max_size=8), st.booleans(),
       st.integers(0, 9))  # fmt: skip
def test_lines_are_found_up_to_a_blank_one_or_a_backslash(lines, ended, most):
    text = ("\n".join(lines) + "\n" * ended).encode()
    expected, at = [0], 0
    for line in text.split(b"\n")[:-1]:
        if len(expected) > most or not line.strip(b" \t\r") or line.strip(b" \t\r").startswith(b"\\"):
            break
        at += len(line) + 1
        expected.append(at)
    starts = np.full(most + 1, 99, np.int64)
    n = kernel.line_starts(np.frombuffer(text, np.uint8), most, starts)
    assert starts[: n + 1].tolist() == expected
