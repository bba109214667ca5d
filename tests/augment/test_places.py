"""Spacing, punctuation and case stay as they were: examples worked by hand."""

import pytest

from embedkit._cext.augment import gap_without_word
from embedkit.augment import EDA
from embedkit.augment.pieces import cutter_of
from embedkit.text.tokenizers import resolve_tokenizer

NONE = {"alpha_sr": 0, "alpha_ri": 0, "alpha_rs": 0, "p_rd": 0}


def all_new(text, lexicon=None, **settings):
    """Whatever one operation can make of a text."""
    eda = EDA(lexicon=lexicon or {}, n_aug=60, **(NONE | settings))
    return set(eda.augment(text)[1:])


def test_replacement_keeps_commas_and_marks():
    text = "I didn't like it, at all!"
    assert all_new(text, {"like": ["enjoy"], "it": ["that"]}, alpha_sr=0.1) == {"I didn't enjoy it, at all!"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Good film.", {"Fine film."}),
        ("GOOD FILM.", {"FINE FILM."}),
        ("good film.", {"fine film."}),
        ("It ran. Good, that!", {"It ran. Fine, that!"}),
        ("A Good Film", set()),  # a name inside a sentence
        ("The GOOD film", set()),  # as acronyms are
        ("A goodFilm, a gooD film", set()),
    ],
)
def test_synonyms_take_the_case_of_their_place(text, expected):
    assert all_new(text, {"good": ["fine"]}, alpha_sr=0.1) == expected


def test_synonyms_of_several_words_and_with_capitals_are_kept():
    assert all_new("Phone me", {"phone": ["iPhone", "call up"]}, alpha_sr=0.1, stop_words=["me"]) == {
        "IPhone me",
        "Call up me",
    }
    assert all_new("my phone", {"phone": ["iPhone"]}, alpha_sr=0.1) == {"my iPhone"}


def test_insertion_puts_spaces_where_there_are_some():
    assert all_new("good, well-made film.", {"good": ["fine"]}, alpha_ri=0.1) == {
        "fine good, well-made film.",
        "good fine, well-made film.",
        "good, well-made fine film.",
        "good, well-made film fine.",
    }


def test_insertion_does_not_go_before_a_capital():
    assert all_new("Good film", {"good": ["fine"]}, alpha_ri=0.1) == {"Good fine film", "Good film fine"}
    assert all_new("GOOD FILM", {"good": ["fine"]}, alpha_ri=0.1) == {"GOOD FINE FILM", "GOOD FILM FINE"}


def test_swapped_words_leave_the_capital_and_the_marks():
    assert all_new("Good, long (film)!", alpha_rs=0.1) == {
        "Long, good (film)!",
        "Film, long (good)!",
        "Good, film (long)!",
    }
    assert all_new("GOOD FILM! Bad luck", alpha_rs=0.1) >= {"BAD FILM! Good luck", "LUCK FILM! Bad good"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the cat, which ran", {"the, which ran", "the cat, which"}),
        ("a long film.", {"a film.", "a long."}),
        ("long film", {"long", "film"}),
        ("  long  film ", {"  film ", "  long  "}),
        ("Long film", {"Film", "Long"}),
        ("Long iPhone", {"iPhone"}),
        ("the long, good, odd one", {"the, good, odd one", "the long, odd one", "the long, good, one"}),
        ('a "long film"', {'a "film"', 'a "long"'}),
        ("a (long film) ran", {"a (film) ran", "a (long) ran", "a (long film)"}),
        ("a well-made film", {"a well-made"}),  # what a hyphen binds stays together
        ("long\nfilm ran", {"long\nran", "film ran", "long\nfilm"}),
    ],
)
def test_a_deleted_word_takes_one_space_with_it(text, expected):
    got = all_new(text, p_rd=1e-6, stop_words=["the", "a", "which", "one"])
    assert got == expected


def test_no_gap_is_doubled_or_lost():
    assert gap_without_word(" ", " ", first=False, last=False) == " "
    assert gap_without_word("", " ", first=True, last=False) == ""
    assert gap_without_word(" ", "", first=False, last=False) == " "  # a word follows at once
    assert gap_without_word(" ", "", first=False, last=True) == ""
    assert gap_without_word("\n", " ", first=False, last=False) == "\n"
    assert gap_without_word(" (", " ", first=False, last=False) == " ("
    assert gap_without_word("，", "，", first=False, last=False) == "，"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("iPhone McDonald 3rd U2 the", "iPhone McDonald 3rd U2 the"),
        ("we met Paris and London", "Paris London"),
        ("film noir", "noir"),
        ("I'm odd, O'Hara", "I'm O'Hara"),
    ],
)
@pytest.mark.parametrize("settings", [{"alpha_sr": 1}, {"alpha_rs": 1}, {"p_rd": 1}])
def test_names_numbers_and_protected_words_are_left_alone(text, kept, settings):
    lexicon = {word.lower(): ["other"] for word in text.split()}
    for new in all_new(text, lexicon, protected=["NOIR"], **settings):
        for word in kept.split():
            assert word in new.replace(",", " ").split(), new


def test_protected_words_can_be_a_pattern():
    import re

    lexicon = {"film": ["movie"], "filming": ["shooting"]}
    assert all_new("film filming", lexicon, alpha_sr=1, protected=re.compile("fil.")) == {"film shooting"}


CILIN = {"喜欢": ["喜爱"], "电影": ["影片"], "好看": ["漂亮"]}
CHINESE = "我喜欢电影，很好看。"


def test_chinese_words_are_changed_without_spaces():
    zh = {"tokenizer": "zh", "stop_words": "chinese", "lexicon": CILIN}
    assert all_new(CHINESE, alpha_sr=0.1, **zh) == {
        "我喜爱电影，很好看。",
        "我喜欢影片，很好看。",
        "我喜欢电影，很漂亮。",
    }
    assert "我喜欢电影影片，很好看。" in all_new(CHINESE, alpha_ri=0.1, **zh)
    assert all(" " not in new for new in all_new(CHINESE, alpha_ri=0.1, **zh))
    assert all_new(CHINESE, alpha_rs=0.1, **zh) >= {"我电影喜欢，很好看。", "我好看电影，很喜欢。"}
    assert all_new(CHINESE, p_rd=1e-6, **zh) >= {"我电影，很好看。", "我喜欢，很好看。", "我喜欢电影，很。"}


def test_steps_of_the_tokenizer_come_first():
    assert EDA(lexicon={"good": ["fine"]}, tokenizer="lower|words", **(NONE | {"alpha_sr": 0.1})).augment("GOOD!") == [
        "GOOD!",
        "fine!",
    ]


@pytest.mark.parametrize("tokenizer", ["words", "whitespace", "char", "zh", r"regex:\w+", str.split])
@pytest.mark.parametrize("text", ["Good, it's  good!", "我喜欢 iPhone。", " a_b _ 'x' ", "né e\u0301!", "", "  ", "?!"])
def test_pieces_join_to_the_text_and_words_are_those_of_the_tokenizer(tokenizer, text):
    resolved = resolve_tokenizer(tokenizer)
    pieces = cutter_of(resolved)(text)
    assert "".join(pieces) == text
    assert pieces[1::2] == resolved.tokenize(text)
    assert len(pieces) % 2 == 1
