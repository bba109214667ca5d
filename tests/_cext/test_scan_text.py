"""UTF-8, white space, words and lower case of the scanner, each against what Python's str says."""

import itertools
import sys

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from reference import scan as naive

from embedkit._cext import scan, segment
from embedkit.text.character_tables import case_tables

TOKENIZERS = ["words", "words+punctuation", "char", "char+punctuation"]
EVERY_CHARACTER = [chr(code) for code in range(1, sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]

# Runs of ASCII of the lengths at which sixteen bytes are taken at once, and what makes that stop.
RUN = st.sampled_from([15, 16, 17, 31, 32, 33, 48]).flatmap(
    lambda size: st.text("abcXYZ019   .':,;\n-", min_size=size, max_size=size)
)
ODD = st.text(alphabet=naive.ODD + "\n", max_size=12)
TEXT = ODD | st.lists(RUN | ODD | st.sampled_from(" _é\u0301-\r\n"), max_size=8).map("".join)


def python_first_invalid(data: bytes) -> int:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        data = data[: error.start]
        return data.find(0) if 0 in data else error.start
    return data.find(0)


def scanned_words(
    text: str,
    mode: int,
    lowercase: bool = False,
    punctuation: bool = False,
    n_threads: int = 1,
    block: int | None = None,
) -> list[str]:
    """The words of a text, in order, through ids that give them back; blocks end at ASCII white space."""
    classes, lower = case_tables() if lowercase else (np.empty(0, np.uint8), np.empty(0, np.int32))
    scanner = scan.Scanner(n_threads, mode, lowercase, classes, lower, small_block=0, punctuation=punctuation)
    data, taken = text.encode() + b"\n", []
    while data:
        end = scan.after_last_space(data[:block]) or len(data)
        taken.append(np.empty(scanner.scan(data[:end]), np.int32))
        scanner.take(taken[-1])
        data = data[end:]
    ids = np.concatenate(taken)
    scanner.merge()
    words, _ = scanner.select(1)
    n_ids, _ = scanner.finish(ids)
    return [words[i] for i in ids[:n_ids] if i >= 0]


class TestValidity:
    @given(
        st.lists(
            st.sampled_from([b"plain ascii, ", b"a", b"\xe4\xb8\x96", b"\xc3\xa9", b"\xf0\x9f\x98\x80", b" "])
            | st.binary(max_size=3)
        ).map(b"".join)
    )
    @example(b"")
    @example(b"\x00")
    @example(b"x" * 40 + b"\xe4\xb8")
    @example(b"x" * 31 + b"\x00" + b"\xff")
    def test_first_invalid_is_where_python_stops(self, data):
        assert scan.first_invalid(data) == python_first_invalid(data)

    def test_every_lead_and_second_byte(self):
        for tail in (b"", b"\x80", b"\x80\x80", b"\x80\x80\x80", b"\xbf\xbf", b"\x80A", b"\x80\x80A", b"\xc0\x80"):
            for lead in range(256):
                for second in (0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF):
                    data = bytes([lead, second]) + tail
                    assert scan.first_invalid(data) == python_first_invalid(data), data

    def test_a_nul_is_found_at_every_place(self):
        for length in (1, 15, 16, 17, 40):
            for at in range(length):
                data = b"\x01" * at + b"\0" + b"\x80" * (length - at - 1)
                assert scan.first_invalid(data) == at

    def test_every_character_is_valid(self):
        assert scan.first_invalid("".join(EVERY_CHARACTER).encode()) == -1

    @given(st.text(alphabet=naive.ASCII_SPACE + "\nab\x85\u3000").map(str.encode))
    def test_after_last_space_knows_ascii_white_space_only(self, data):
        text = data.decode("latin-1")
        expected = max((i + 1 for i, char in enumerate(text) if char in naive.ASCII_SPACE + "\n"), default=0)
        assert scan.after_last_space(data) == expected


class TestEveryCharacter:
    def test_white_space_is_that_of_split(self):
        text = "".join(f"a{char}b " for char in EVERY_CHARACTER)
        assert scanned_words(text, scan.WHITESPACE) == text.split()

    @pytest.mark.parametrize("mode", [scan.WORDS, scan.CHARACTERS])
    @pytest.mark.parametrize("punctuation", [False, True])
    def test_words_and_characters_are_those_of_single_texts(self, mode, punctuation):
        text = "".join(f"a{char}b {char}a " for char in EVERY_CHARACTER)
        expected = segment.tokens(text, mode == scan.CHARACTERS, punctuation)
        assert scanned_words(text, mode, punctuation=punctuation) == expected

    def test_lower_case_is_that_of_str(self):
        text = " ".join(EVERY_CHARACTER)
        assert scanned_words(text, scan.WHITESPACE, lowercase=True) == [word.lower() for word in text.split()]

    @pytest.mark.parametrize("around", ["A{}Σ", "{}Σ", "Σ{}", "AΣ{}", "AΣ{}A", "AΣ{}.", "A{}.Σ"])
    def test_the_final_sigma_looks_at_its_neighbours_as_str_does(self, around):
        text = " ".join(around.format(char) for char in EVERY_CHARACTER if ord(char) < 0x20000 or ord(char) > 0xE0000)
        assert scanned_words(text, scan.WHITESPACE, lowercase=True) == [word.lower() for word in text.split()]


class TestRandomText:
    @given(st.text(alphabet=naive.ODD + "\n", max_size=200), st.booleans())
    @example("x" * 62 + "\u3000y" + "z" * 63 + "\u2028", False)
    @example("x" * 63 + "\xa0y", False)
    def test_whitespace(self, text, lowercase):
        assert scanned_words(text, scan.WHITESPACE, lowercase) == naive.tokenize(text, "whitespace", lowercase)

    @given(TEXT, st.sampled_from(TOKENIZERS), st.booleans(), st.sampled_from([1, 3]), st.none() | st.integers(1, 50))
    @example("don't 'tis rock'n'roll o’clock x' y''z é'é a'\u0301", "words", False, 1, None)
    @example("x" * 15 + "'" + "y" * 16 + "'" * 2 + "z" * 20, "words", False, 1, None)
    @example("x \u200d😀", "words", False, 1, 2)
    @example("x \u200d❤", "char+punctuation", False, 1, None)
    @example("x\xa0\u200d😀", "char", False, 1, None)
    def test_words_and_characters(self, text, tokenizer, lowercase, n_threads, block):
        mode = scan.CHARACTERS if tokenizer.startswith("char") else scan.WORDS
        words = scanned_words(text, mode, lowercase, tokenizer.endswith("punctuation"), n_threads, block)
        assert words == naive.tokenize(text, tokenizer, lowercase)

    @given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), st.sampled_from(TOKENIZERS))
    def test_random_characters(self, text, tokenizer):
        mode = scan.CHARACTERS if tokenizer.startswith("char") else scan.WORDS
        words = scanned_words(text, mode, punctuation=tokenizer.endswith("punctuation"))
        assert words == naive.tokenize(text, tokenizer, False)

    @pytest.mark.parametrize("before", ["x", "-", "é", "x-"])
    def test_words_do_not_depend_on_their_place(self, before):
        for length in range(70):
            text = (before * 70)[:length] + "\u0301y'y " + "z" * length + "'z'" + " " * length + "'é\u0301’é-"
            assert scanned_words(text, scan.WORDS) == naive.tokenize(text, "words", False)
            assert scanned_words(text.upper(), scan.WORDS, True) == naive.tokenize(text.upper(), "words", True)

    @pytest.mark.parametrize("punctuation", [False, True])
    @pytest.mark.parametrize("mark", [*"'.:,;_-\"\r\n\t", "é", "世", "\u0301", "\u200d", "’", "א", "__", ".'", "\xa0"])
    def test_a_mark_at_each_place_of_sixteen_bytes(self, mark, punctuation):
        # Behind a word and a space the bytes are read sixteen at a time.
        for before, after in itertools.product(("b", "7", " ", "é"), ("b", "7", " ", "_", "é")):
            for at in range(41):
                text = "a " + before * at + mark + after * 40
                expected = segment.tokens(text, False, punctuation)
                assert scanned_words(text, scan.WORDS, punctuation=punctuation) == expected, text

    def test_line_ends_stay_where_they_were(self):
        for line_end, before in itertools.product(("\n", "\r\n", ".\n", ", \n"), range(40)):
            text = "a " * (before // 2) + "b" * (before % 2) + line_end
            data = (text * 3).encode()
            for mode in (scan.WORDS, scan.CHARACTERS):
                scanner = scan.Scanner(1, mode, False, np.empty(0, np.uint8), np.empty(0, np.int32))
                ids = np.empty(scanner.scan(data), np.int32)
                scanner.take(ids)
                n_words = len(segment.tokens(text, mode == scan.CHARACTERS))
                places = np.flatnonzero(ids == scan.DOCUMENT_END)
                assert places.tolist() == [n_words, 2 * n_words + 1, 3 * n_words + 2]

    @pytest.mark.parametrize("form", ["{:07}", "prefix--{:06}", "prefix--{:030}"])
    def test_words_whose_hashes_meet_are_still_told_apart(self, form):
        # Of 300,000 hashes of 32 bits, some ten pairs are equal.
        words = [form.format(number) for number in range(300_000)]
        assert scanned_words(" ".join(words), scan.WHITESPACE) == words

    @pytest.mark.parametrize("length", [1, 7, 8, 9, 15, 16, 17, 23, 24, 25, 63, 64, 65, 1000])
    def test_words_that_differ_in_one_byte_are_two(self, length):
        words = ["a" * length] + ["a" * at + "b" + "a" * (length - at - 1) for at in range(length)]
        assert scanned_words(" ".join(words * 2), scan.WHITESPACE) == words * 2

    def test_words_that_are_prefixes_of_each_other_are_not_confused(self):
        words = ["x" * length for length in range(1, 200)]
        assert scanned_words(" ".join(words), scan.WHITESPACE) == words
