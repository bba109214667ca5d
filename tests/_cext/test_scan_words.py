"""Counting, ordering and encoding against the naive twin: any text, any blocks, any number of threads."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import scan as naive

from embedkit._cext import scan

NO_CLASSES, NO_LOWER = np.empty(0, np.uint8), np.empty(0, np.int32)

words_of_all_lengths = st.text(alphabet="ab", min_size=1, max_size=4) | st.text(
    alphabet="cd世", min_size=14, max_size=20
)
texts = st.lists(st.lists(words_of_all_lengths, max_size=8).map(" ".join), max_size=12)


def encoded(blocks, n_threads, min_count=1, max_vocab=None, keep_empty=False, words=None, tokens=False):
    """Words, counts and ids by the scanner, with threads woken for the smallest block."""
    scanner = scan.Scanner(n_threads, scan.WHITESPACE, False, NO_CLASSES, NO_LOWER, small_block=0)
    parts = []
    for block in blocks:
        parts.append(np.empty(scanner.scan(block, tokens), np.int32))
        scanner.take(parts[-1])
    ids = np.concatenate(parts) if parts else np.empty(0, np.int32)
    scanner.merge()
    if words is None:
        words, counts = scanner.select(min_count, max_vocab)
        counts = counts.tolist()
    else:
        scanner.assign(words)
        counts = None
    n_ids, n_documents = scanner.finish(ids, keep_empty)
    assert n_documents == int((ids[:n_ids] == -1).sum())
    return words, counts, ids[:n_ids].tolist()


def cut(text: bytes, places: list[int]) -> list[bytes]:
    """Blocks that end behind white space near these places."""
    ends = sorted({scan.after_last_space(text[: place % (len(text) + 1)]) for place in places} | {len(text)})
    return [text[begin:end] for begin, end in zip([0, *ends], ends, strict=False) if end > begin]


@settings(max_examples=200)
@given(
    texts,
    st.lists(st.integers(0, 10_000), max_size=5),
    st.integers(1, 4),
    st.integers(1, 3),
    st.none() | st.integers(1, 4),
    st.booleans(),
)
def test_any_blocks_and_threads_give_what_the_naive_twin_gives(
    documents, places, n_threads, min_count, max_vocab, keep_empty
):
    text = "".join(document + "\n" for document in documents).encode()
    expected = naive.encode(documents, min_count=min_count, max_vocab=max_vocab, keep_empty=keep_empty)
    assert encoded(cut(text, places), n_threads, min_count, max_vocab, keep_empty) == expected


@given(st.lists(st.lists(st.text(alphabet="a b\n\u3000世", min_size=1, max_size=4), max_size=5)), st.integers(1, 4))
def test_tokens_are_taken_as_they_are(documents, n_threads):
    block = "".join("".join(f"{token}\0" for token in document) + "\0" for document in documents).encode()
    expected = naive.encode(documents, keep_empty=True)
    assert encoded([block] if block else [], n_threads, keep_empty=True, tokens=True) == expected


@given(texts, st.integers(1, 4))
def test_given_words_keep_their_order_and_others_are_dropped(documents, n_threads):
    words = ["nowhere", "b", "a", "ab", "cd世" * 6]
    text = "".join(document + "\n" for document in documents).encode()
    _, _, ids = naive.encode(documents, words=words)
    assert encoded([text] if text else [], n_threads, words=words)[2] == ids


@pytest.mark.parametrize("n_threads", [1, 2, 3, 4, 16])
def test_many_words_grow_the_tables(n_threads):
    generator = np.random.default_rng(1)
    numbers = generator.zipf(1.2, 60_000) % 50_000
    documents = [" ".join(f"word{n}" * (1 + n % 5) for n in part) for part in np.split(numbers, 600)]
    text = "".join(document + "\n" for document in documents).encode()
    expected = naive.encode(documents, min_count=2)
    assert encoded(cut(text, [100_000, 200_000, 300_000]), n_threads, min_count=2) == expected


def test_equal_counts_are_ordered_by_code_points():
    words = ["z", "a", "aa", "é", "abcdefgh", "abcdefghi", "abcdefgh" * 3, "abcdefgh" * 2, "世", "😀", "\uffff", "A"]
    assert encoded([" ".join(words).encode() + b"\n"], 2)[0] == sorted(words)


def test_the_most_frequent_word_is_told_whatever_is_kept():
    scanner = scan.Scanner(2, scan.WHITESPACE, False, NO_CLASSES, NO_LOWER, small_block=0)
    scanner.take(np.empty(scanner.scan(b"a b b a b\n"), np.int32))
    assert scanner.n_words == 5
    assert scanner.merge() == ("b", 3)
    words, counts = scanner.select(4)
    assert (words, counts.tolist()) == ([], [])


def test_a_block_that_cuts_a_word_is_refused():
    scanner = scan.Scanner(1, scan.WHITESPACE, False, NO_CLASSES, NO_LOWER)
    for block, tokens in [(b"", False), (b"a b", False), (b"a\0", False), (b"a b\n", True)]:
        with pytest.raises(ValueError, match="separator"):
            scanner.scan(block, tokens)


def test_arrays_of_a_wrong_length_are_refused():
    scanner = scan.Scanner(1, scan.WHITESPACE, False, NO_CLASSES, NO_LOWER)
    n_ids = scanner.scan(b"a b\n")
    with pytest.raises(ValueError, match="room for 2 ids, expected room for 3"):
        scanner.take(np.empty(n_ids - 1, np.int32))
    scanner.take(np.empty(n_ids, np.int32))
    with pytest.raises(ValueError, match="expected room for 0"):
        scanner.take(np.empty(n_ids, np.int32))
    scanner.merge()
    scanner.select(1)
    with pytest.raises(ValueError, match="expected the 3"):
        scanner.finish(np.empty(n_ids + 1, np.int32))


@pytest.mark.parametrize("n_threads", [0, 17, -1])
def test_an_impossible_number_of_threads_is_refused(n_threads):
    with pytest.raises(ValueError, match=f"n_threads={n_threads}"):
        scan.Scanner(n_threads, scan.WHITESPACE, False, NO_CLASSES, NO_LOWER)


@pytest.mark.skipif(sys.platform != "linux", reason="sets a limit that only Linux keeps")
@pytest.mark.parametrize(
    "blocks",
    [
        "[b'a ' * 50_000_000 + b'\\n']",
        "(b''.join(b'%d_%d ' % (i, k) for k in range(9999)) for i in range(9999))",
    ],
    ids=["for the ids of a block", "for distinct words"],
)
def test_a_lack_of_memory_is_a_memory_error(blocks):
    program = f"""
import resource
import numpy as np
from embedkit._cext import scan
scanner = scan.Scanner(1, scan.WHITESPACE, False, np.empty(0, np.uint8), np.empty(0, np.int32))
blocks = {blocks}
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 100_000_000,) * 2)
try:
    for block in blocks:
        scanner.scan(block)
except MemoryError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    message = "no memory left for the words of the corpus; each thread counts in a table of its own\n"
    assert (done.returncode, done.stdout) == (0, message), done.stderr
