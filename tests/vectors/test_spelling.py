"""Close spellings for words that are missing."""

import pickle

import pytest

from embedkit.errors import MissingWordError
from embedkit.vectors import spelling
from embedkit.vectors.keyed_vectors import KeyedVectors


def close(word: str, words: list[str]) -> list[str]:
    return spelling.close_spellings(word, {key: index for index, key in enumerate(words)}, words)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("recieve", "receive"),
        ("RECEIVE", "receive"),
        ("london", "London"),
        ("New York", "New_York"),
        ("nasa", "NASA"),
        (" receive ", "receive"),
        ("phone", "Phone"),
        ("ereceive", "receive"),
        ("strasse", "straße"),
    ],
)
def test_finds_other_case_and_slips_of_the_pen(word, expected):
    assert expected in close(word, ["receive", "London", "New_York", "NASA", "Phone", "unrelated", "straße"])


@pytest.mark.parametrize("word", ["zzzzqqq", "", " ", "x" * 100_000, "国", "\ud800"])
def test_finds_nothing_where_nothing_is_close(word):
    assert close(word, ["receive", "London"]) == []


def test_suggests_three_at_most():
    assert len(close("aaaa", ["aaab", "aaac", "aaad", "aaae", "aaaf"])) == 3


def test_the_search_waits_until_the_message_is_read(monkeypatch):
    vectors = KeyedVectors(["north"], [[1, 0]])
    calls = []
    monkeypatch.setattr(spelling, "close_spellings", lambda *arguments: calls.append(arguments) or [])
    with pytest.raises(MissingWordError) as caught:
        vectors["norht"]
    assert calls == []
    assert str(caught.value) == "the word 'norht' is not among the 1 words"
    assert len(calls) == 1


def test_the_error_pickles_as_its_message():
    with pytest.raises(MissingWordError) as caught:
        KeyedVectors(["north"], [[1, 0]])["norht"]
    again = pickle.loads(pickle.dumps(caught.value))
    assert isinstance(again, MissingWordError)
    assert str(again) == str(caught.value)
    assert "'north'" in str(again)
    assert type(again.args[0]) is str, "the message goes along, not the vocabulary"


def test_a_large_vocabulary_is_not_compared_whole(monkeypatch):
    words = [f"word{index}" for index in range(50_000)]
    compared = []
    matches = spelling.difflib.get_close_matches

    def counting(word, candidates, **settings):
        candidates = list(candidates)
        compared.append(len(candidates))
        return matches(word, candidates, **settings)

    monkeypatch.setattr(spelling.difflib, "get_close_matches", counting)
    close("wordx17", words)
    assert compared[0] <= spelling.COMPARED
