"""Punctuation, character noise and typos: what they may change, and how much of it."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedkit.augment import AEDA, CharacterNoise, KeyboardTypos
from embedkit.augment.keyboard import NEIGHBOURS

words_of = st.lists(st.sampled_from(["good", "film", "plot", "of", "zebra", "x"]), min_size=1, max_size=20)
seeds = st.integers(0, 1000)
NOUNS = "tiger zebra mouse horse sheep snake whale eagle"


@given(words_of, seeds)
def test_aeda_puts_up_to_a_third_marks_behind_words(words, seed):
    marks = {".", ";", "?", ":", "!", ","}
    for text in AEDA(random_state=seed).augment(" ".join(words))[1:]:
        new = text.split(" ")
        assert [word for word in new if word not in marks] == words
        assert 1 <= len(new) - len(words) <= max(1, len(words) // 3)
        assert new[0] in words
        assert all(a not in marks or b not in marks for a, b in pairwise(new))


def test_aeda_uses_every_mark_and_every_number_of_marks():
    new = AEDA(n_aug=300).augment(NOUNS)[1:]
    assert {character for text in new for character in text if not character.isalnum()} == set(" .;?:!,")
    assert Counter(len(text.split(" ")) for text in new).keys() == {9, 10}


def test_aeda_keeps_what_is_there_and_takes_other_marks():
    assert set(AEDA(marks=["--"], n_aug=20).augment("Well-made, it is!")[1:]) == {
        "Well-made --, it is!",
        "Well-made, it -- is!",
        "Well-made, it is --!",
    }


def test_aeda_puts_full_width_marks_between_chinese_words():
    new = AEDA(tokenizer="zh", n_aug=30).augment("我喜欢电影")[1:]
    assert {text.translate(dict.fromkeys(map(ord, "。；？：！，"))) for text in new} == {"我喜欢电影"}
    assert any(text.startswith("我") and text[1] in "。；？：！，" for text in new)


def distance_kind(old, new):
    """Which single edit makes one word of another."""
    if len(new) == len(old) - 1:
        return "delete" if any(old[:k] + old[k + 1 :] == new for k in range(len(old))) else None
    if len(new) == len(old) + 1:
        return "insert" if any(new[:k] + new[k + 1 :] == old for k in range(1, len(new))) else None
    places = [k for k in range(len(old)) if old[k] != new[k]]
    if len(places) == 1:
        return "substitute"
    k = places[0]
    return "swap" if places == [k, k + 1] and old[k] + old[k + 1] == new[k + 1] + new[k] else None


@pytest.mark.parametrize("operation", ["swap", "delete", "insert", "substitute"])
@given(words=st.lists(st.sampled_from([*NOUNS.split(), "of", "the", "3rd"]), min_size=1, max_size=20), seed=seeds)
def test_noise_is_one_edit_in_each_of_n_words(operation, words, seed):
    noise = CharacterNoise(operations=[operation], alpha=0.3, random_state=seed)
    for text in noise.augment(" ".join(words))[1:]:
        new = text.split(" ")
        changed = [(a, b) for a, b in zip(words, new, strict=True) if a != b]
        assert 1 <= len(changed) <= max(1, int(0.3 * len(words)))
        assert all(distance_kind(a, b) == operation and a not in {"of", "the", "3rd"} for a, b in changed)


@given(seeds)
def test_noise_keeps_the_case_of_the_place(seed):
    for text in CharacterNoise(n_aug=12, random_state=seed, stop_words=None).augment("Zebra grazing, SAID HE.")[1:]:
        word = text.split(" ")[0]
        assert word[:1].isupper()
        assert word[1:] == word[1:].lower()
    for text in CharacterNoise(n_aug=12, random_state=seed).augment("ZEBRA GRAZING")[1:]:
        assert text == text.upper()


def test_noise_in_other_scripts_uses_their_own_characters():
    new = CharacterNoise(operations=["substitute", "insert"], tokenizer="zh", n_aug=40).augment("喜欢看电影")[1:]
    assert new
    assert {character for text in new for character in text} <= set("喜欢看电影")


def test_words_of_one_letter_are_never_deleted():
    assert CharacterNoise(operations=["delete", "swap"], stop_words=None).augment("x y") == ["x y"]


@given(words_of, seeds)
def test_a_typo_is_a_neighbouring_key(words, seed):
    for text in KeyboardTypos(alpha=0.2, random_state=seed).augment(" ".join(words))[1:]:
        changed = [(a, b) for a, b in zip(words, text.split(" "), strict=True) if a != b]
        assert 1 <= len(changed) <= max(1, int(0.2 * len(words)))
        for old, new in changed:
            (pair,) = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
            assert pair[1] in NEIGHBOURS[pair[0]]


def test_every_neighbour_of_a_key_is_struck():
    new = KeyboardTypos(n_aug=50).augment("ggg")[1:]
    assert {character for text in new for character in text} == {"g", *NEIGHBOURS["g"]}


def test_typos_keep_capitals_and_leave_chinese_alone():
    assert all(text[0].isupper() and text[1:].islower() for text in KeyboardTypos(n_aug=40).augment("Zebra"))
    assert KeyboardTypos(tokenizer="zh").augment("我喜欢电影。") == ["我喜欢电影。"]
    assert {text[:3] for text in KeyboardTypos(tokenizer="zh").augment("我喜欢zebra")} == {"我喜欢"}


def test_keys_that_touch_are_neighbours_of_each_other():
    assert NEIGHBOURS["g"] == "tyfhvb"
    assert NEIGHBOURS["q"] == "wa"
    assert NEIGHBOURS["m"] == "jkn"
    assert len(NEIGHBOURS) == 26
    for letter, others in NEIGHBOURS.items():
        assert letter not in others
        assert all(letter in NEIGHBOURS[other] for other in others)
