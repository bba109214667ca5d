"""Words and characters by UAX #29: the official cases, the naive twin, and what Unicode says of each character."""

import itertools
import unicodedata
from pathlib import Path

import numpy as np
import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st
from reference import word_break as naive

from embedkit._cext import segment

# Three of each class or all that there are; first of those that are no letters, the ones with most neighbours in rules.
OF_CLASS = {
    "Other": "!-世の@\t\0☎❤😀\u00a0\u0e01",
    "CR": "\r",
    "LF": "\n",
    "Newline": "\x0b\x0c\x85\u2028\u2029",
    "Extend": "\u0301\u0323\ufe0f\u0903\U0001f3fd\uff9e",
    "ZWJ": "\u200d",
    "Format": "\xad\u200e\ufeff\u180e",
    "Regional_Indicator": "🇩🇪🇨",
    "Katakana": "カー〳",
    "Hebrew_Letter": "אבﬠ",
    "ALetter": "aZéßΣ한ª\u02c2ⓂℹⅣ\U00010400",
    "Single_Quote": "'",
    "Double_Quote": '"',
    "MidNumLet": ".’․＇",
    "MidLetter": ":·״",
    "MidNum": ",;٬",
    "Numeric": "09٣५\U0001d7d8",
    "ExtendNumLet": "_‿＿\u202f",
    "WSegSpace": " \u3000\u2003",
}
EVERY_CLASS = "".join(OF_CLASS.values())
ANY = st.sampled_from(EVERY_CLASS)
RARE = st.sampled_from('-_\t\r\n"é\u0301\u200d世א\u202f❤😀')
TEXT = st.lists(st.text("ab9 .',:;", max_size=4) | ANY, max_size=30).map("".join)
RANDOM = st.text(st.characters(exclude_categories=()), max_size=40)
PLAIN = st.sampled_from([15, 16, 17, 31, 32, 33, 48]).flatmap(
    lambda size: st.text("abcdeXYZ0189   .':,;\n-", min_size=size, max_size=size)
)
LONG = st.lists(PLAIN | RARE | TEXT, max_size=6).map("".join)
FLAGS = st.booleans()


def pieces(text: str, **options: bool) -> list[str]:
    """The segments of a text."""
    ends, _ = segment.spans(text, **options)
    return [text[start:end] for start, end in itertools.pairwise([0, *ends.tolist()])]


def official_cases():
    """Lists of segments."""
    for line in (Path(__file__).parent / "word_break_test.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            yield ["".join(chr(int(code, 16)) for code in part.split()) for part in line.strip("/ ").split("/")]


class TestOfficialCases:
    def test_all_of_them_are_there(self):
        assert sum(1 for _ in official_cases()) == 1823

    def test_the_kernel(self):
        wrong = [case for case in official_cases() if pieces("".join(case), tailored=False) != case]
        assert wrong == []

    def test_the_naive_twin(self):
        wrong = [case for case in official_cases() if naive.segments("".join(case), tailored=False) != case]
        assert wrong == []


class TestAgainstTheTwin:
    def test_the_alphabet_has_all_classes(self):
        for name, characters in OF_CLASS.items():
            assert {naive.properties(char, tailored=False)[0] for char in characters} == {name}

    @given(TEXT | RANDOM, FLAGS, FLAGS)
    @example(" \u200d😀", False, True)
    @example(" \u200d😀", False, False)
    @example("\u200d❤", False, True)
    @example("a\u202fb", False, True)
    @example("☎\u0301\ufe0f☝\U0001f3fd", False, True)
    def test_spans(self, text, characters, tailored):
        ends, kinds = segment.spans(text, characters=characters, tailored=tailored)
        expected = naive.segments(text, characters, tailored)
        assert ends.tolist() == list(itertools.accumulate(map(len, expected)))
        assert kinds.tolist() == [naive.kind(piece, tailored) for piece in expected]
        assert ends.dtype == np.int64

    @given(TEXT | RANDOM | LONG, FLAGS, FLAGS)
    @example("\ud800a\udfff", True, True)
    def test_tokens(self, text, characters, punctuation):
        assert segment.tokens(text, characters, punctuation) == naive.tokens(text, characters, punctuation)

    @pytest.mark.parametrize("size", [1, 2, 3])
    def test_every_sequence_of_a_few_classes(self, size):
        # One of each class, and the three that are in no class of their own: a picture, an emoji, Chinese.
        some = [characters[0] for characters in OF_CLASS.values()] if size > 2 else EVERY_CLASS
        for sequence in itertools.product([*some, *"❤😀世"], repeat=size):
            text = "".join(sequence)
            assert pieces(text, tailored=False) == naive.segments(text, tailored=False), sequence


@given(RANDOM | TEXT)
def test_no_word_has_white_space_in_it(text):
    for characters in (False, True):
        for word in segment.tokens(text, characters, True):
            assert len(word.split()) == 1
            assert word.split() == [word]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I can't pay $3.50, or 1,000.", ["I", "can't", "pay", "3.50", "or", "1,000"]),
        ("the U.S. of a.m. e.g.", ["the", "U.S", "of", "a.m", "e.g"]),
        ("snake_case x2 k:v 10:30 a,b 1;2", ["snake_case", "x2", "k:v", "10", "30", "a", "b", "1;2"]),
        ("你好，世界", ["你", "好", "世", "界"]),
        ("カタカナとかな", ["カタカナ", "と", "か", "な"]),
        ("한국어 텍스트", ["한국어", "텍스트"]),
        ("צה\"ל ג'ירפה", ['צה"ל', "ג'ירפה"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("😀👍🏽👩‍👩‍👧🇩🇪🇨🇳☎️ ☎ ☝🏽", ["😀", "👍🏽", "👩‍👩‍👧", "🇩🇪", "🇨🇳", "☎️", "☝🏽"]),
        ("1\u202f000\xa0km", ["1", "000", "km"]),
        ("a\u0301\u0301 \u0301b", ["a\u0301\u0301", "b"]),
    ],
)
def test_words_of_some_languages(text, words):
    assert segment.tokens(text) == words


def test_punctuation_and_symbols_are_kept_if_wanted():
    assert segment.tokens("(a) $5 -- ☎…", False, True) == ["(", "a", ")", "$", "5", "-", "-", "☎", "…"]
    assert segment.tokens("e\u0301-,世\r\n\u0301", True, True) == ["e\u0301", "-", ",", "世"]
    assert segment.tokens("e\u0301-,世\r\n\u0301", True, False) == ["e\u0301", "世"]


KERNELS = [segment.tokens, segment.spans, segment.pieces, segment.alternate]


class OwnMethods(str):
    """A string that would say otherwise of itself, if it were asked."""

    __slots__ = ()

    def __len__(self):
        raise AssertionError("the length was asked of the object")

    def encode(self, *arguments):
        raise AssertionError("the bytes were asked of the object")


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("text", ["a b c", "世 \ud800b", ""], ids=ascii)
def test_methods_of_a_subclass_of_str_are_not_called(kernel, text):
    np.testing.assert_equal(kernel(OwnMethods(text)), kernel(text))


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("value", [b"a b", None, 5, ["a"]], ids=repr)
def test_what_is_no_string_is_a_type_error(kernel, value):
    with pytest.raises(TypeError, match=f"^expected a string, not {type(value).__name__}$"):
        kernel(value)


LATER = pytest.mark.skipif(
    tuple(map(int, unicodedata.unidata_version.split("."))) > (15, 1, 0),
    reason="this interpreter knows characters that the tables do not know yet",
)


@LATER
class TestProperties:
    """Against the package regex, of a later Unicode: characters that were assigned before, and what changed since."""

    ASSIGNED = "".join(char for char in map(chr, range(0x110000)) if unicodedata.category(char) != "Cn")
    # Numbers of Arabic, Syriac and Kaithi signs that enclose digits, since 15.1; the rest since 16 and 17.
    BECAME_NUMERIC = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u0890\u0891\u08e2\u19da\U000110bd\U000110cd"
    BECAME_LETTERS = "\xb8\u070f"
    BECAME_OTHER = "\ufe10\ufe14"

    def has(self, name: str) -> set[str]:
        """The characters with a property."""
        return set(regex.findall(rf"\p{{{name}}}", self.ASSIGNED))

    def flagged(self, flag: int) -> set[str]:
        """The characters with a flag in the tables."""
        return {char for char in self.ASSIGNED if segment.flags(ord(char)) & flag}

    def test_word_break_classes(self):
        changed = dict.fromkeys(self.BECAME_NUMERIC, "Numeric") | dict.fromkeys(self.BECAME_LETTERS, "ALetter")
        changed |= dict.fromkeys(self.BECAME_OTHER, "Other")
        for index, name in enumerate(naive.CLASSES):
            ours = {char for char in self.ASSIGNED if segment.flags(ord(char)) & 31 == index} - changed.keys()
            assert ours == self.has(f"Word_Break={name}") - changed.keys(), name

    def test_pictographs(self):
        ours, theirs = self.flagged(naive.PICTOGRAPH), self.has("Extended_Pictographic")
        assert theirs <= ours
        assert not (ours - theirs) & self.has("Emoji"), "what lost the property was no emoji"

    def test_words_are_letters_numbers_and_emoji(self):
        attached = {char for char in self.ASSIGNED if naive.properties(char, True)[0] in naive.ATTACHED}
        letters = self.has("L") | self.has("N") | self.has("Emoji_Presentation")
        assert (letters - attached) <= self.flagged(naive.WORD)
        assert not attached & self.flagged(naive.WORD)
        classes = {naive.properties(char, True)[0] for char in self.flagged(naive.WORD) - letters}
        assert classes <= {"ALetter", "Hebrew_Letter", "Katakana", "Numeric"}, (
            "letters to the standard, if to no one else"
        )

    def test_white_space(self):
        assert self.flagged(naive.SPACE) == self.has("White_Space") | set("\x1c\x1d\x1e\x1f")
        assert self.flagged(naive.SPACE) == {char for char in self.ASSIGNED if char.isspace()}
