"""The four operations of EDA against what the paper says of them, in words."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedkit.augment import EDA
from embedkit.augment.operations import pick
from embedkit.augment.workers import Stream

SYNONYMS = {"good": ["fine", "well made"], "film": ["movie"], "long": ["lengthy"], "plot": ["story"], "bad": ["poor"]}
PLAIN = ["the", "of", "good", "film", "long", "plot", "bad", "actor", "3rd"]
KEPT = {"the", "of", "3rd"}
ALONE = {
    "sr": {"alpha_ri": 0, "alpha_rs": 0, "p_rd": 0},
    "ri": {"alpha_sr": 0, "alpha_rs": 0, "p_rd": 0},
    "rs": {"alpha_sr": 0, "alpha_ri": 0, "p_rd": 0},
    "rd": {"alpha_sr": 0, "alpha_ri": 0, "alpha_rs": 0},
}
texts = st.lists(st.sampled_from(PLAIN), min_size=1, max_size=25)
seeds = st.integers(0, 1000)
shares = st.sampled_from([0.05, 0.1, 0.3, 1.0])


def new_words(operation, words, seed, **settings):
    """The words of each new text that one operation makes."""
    eda = EDA(lexicon=SYNONYMS, random_state=seed, **(ALONE[operation] | settings))
    original, *new = eda.augment(" ".join(words))
    assert original == " ".join(words)
    return [text.split(" ") for text in new]


def is_subsequence(short, long):
    left = iter(long)
    return all(word in left for word in short)


@given(texts, seeds, shares)
def test_replacement_changes_up_to_n_eligible_words_to_their_synonyms(words, seed, alpha):
    lexicon = {word: [one.replace(" ", "_") for one in others] for word, others in SYNONYMS.items()}
    lexicon["good"] = ["fine", "sound"]  # of one word, so that places stay
    eda = EDA(lexicon=lexicon, random_state=seed, alpha_sr=alpha, **ALONE["sr"])
    n = max(1, int(alpha * len(words)))
    for text in eda.augment(" ".join(words))[1:]:
        new = text.split(" ")
        assert len(new) == len(words)
        changed = [(old, word) for old, word in zip(words, new, strict=True) if old != word]
        assert 1 <= len(changed) <= n
        assert all(word in lexicon[old] for old, word in changed)


@given(texts, seeds, shares)
def test_replacement_changes_n_words_if_so_many_have_synonyms(words, seed, alpha):
    lexicon = {"good": ["fine"], "film": ["movie"]}
    eda = EDA(lexicon=lexicon, random_state=seed, alpha_sr=alpha, **ALONE["sr"])
    n = min(max(1, int(alpha * len(words))), sum(word in lexicon for word in words))
    for text in eda.augment(" ".join(words))[1:]:
        assert sum(old != word for old, word in zip(words, text.split(" "), strict=True)) == n


@given(texts, seeds, shares)
def test_insertion_adds_n_synonyms_of_words_that_are_there(words, seed, alpha):
    lexicon = {"good": ["fine"], "film": ["movie", "picture"]}
    eda = EDA(lexicon=lexicon, random_state=seed, alpha_ri=alpha, **ALONE["ri"])
    synonyms = {one for word in words for one in lexicon.get(word, ())}
    groups = [text.split(" ") for text in eda.augment(" ".join(words))]
    if not synonyms:
        assert len(groups) == 1
    for new in groups[1:]:
        assert is_subsequence(words, new)
        added = Counter(new) - Counter(words)
        assert added.total() == len(new) - len(words) == max(1, int(alpha * len(words)))
        assert set(added) <= synonyms


@given(texts, seeds, shares)
def test_swap_moves_eligible_words_and_keeps_all(words, seed, alpha):
    for new in new_words("rs", words, seed, alpha_rs=alpha):
        assert Counter(new) == Counter(words)
        moved = [old for old, word in zip(words, new, strict=True) if old != word]
        assert 2 <= len(moved) <= 2 * max(1, int(alpha * len(words)))
        assert not KEPT & set(moved)


@given(texts, seeds, st.sampled_from([0.05, 0.5, 1.0]))
def test_deletion_leaves_a_subsequence_with_all_that_is_protected(words, seed, p):
    for new in new_words("rd", words, seed, p_rd=p):
        assert 1 <= len(new) < len(words)
        assert is_subsequence(new, words)
        assert [word for word in new if word in KEPT] == [word for word in words if word in KEPT]


def test_deletion_takes_each_word_with_its_probability():
    words = [f"{first}{second}x" for first in "abcdefghij" for second in "abcdefghij"]
    new = EDA(p_rd=0.3, n_aug=200, **ALONE["rd"]).augment(" ".join(words))[1:]
    left = Counter(word for text in new for word in text.split(" "))
    assert sum(left.values()) / (200 * 100) == pytest.approx(0.7, abs=0.02)
    assert all(0.5 < left[word] / 200 < 0.9 for word in words)


def test_with_probability_one_a_single_word_is_left():
    new = EDA(p_rd=1, n_aug=10, **ALONE["rd"]).augment("good film")[1:]
    assert sorted(new) == ["film", "good"]


def test_without_stop_words_all_words_may_move_and_go():
    eda = EDA(stop_words=None, alpha_rs=0.5, p_rd=0, alpha_sr=0, alpha_ri=0)
    assert eda.augment("of the") == ["of the", "the of"]
    assert EDA(alpha_rs=0.5, p_rd=0, alpha_sr=0, alpha_ri=0).augment("of the") == ["of the"]


@pytest.mark.parametrize("operation", ALONE)
def test_an_operation_with_no_share_is_left_out(operation):
    name = {"sr": "alpha_sr", "ri": "alpha_ri", "rs": "alpha_rs", "rd": "p_rd"}[operation]
    kinds = set()
    for text in EDA(lexicon={"good": ["fine"]}, n_aug=30, **{name: 0}).augment("good day sunshine park tree")[1:]:
        words = text.split(" ")
        if len(words) == 5:
            kinds.add("sr" if "fine" in words else "rs")
        else:
            kinds.add("ri" if len(words) == 6 else "rd")
    assert kinds == set(ALONE) - {operation}


@given(st.lists(st.integers(), min_size=1), st.integers(1, 50), seeds)
def test_picking_draws_without_replacement(items, n, seed):
    picked = pick(items, n, Stream(seed).random)
    assert len(picked) == min(n, len(items))
    assert not Counter(picked) - Counter(items)


def test_each_item_is_picked_as_often_as_another():
    draw = Stream(0).random
    counts = Counter(item for _ in range(5000) for item in pick([0, 1, 2, 3], 2, draw))
    assert all(count == pytest.approx(2500, rel=0.08) for count in counts.values())
