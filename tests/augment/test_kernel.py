"""The kernel of augmentation against its naive twin, and what its random numbers promise."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import augment as naive

from embedkit._cext import augment, segment

WORDS = ["good", "Film", "é", "好", "א", "かな", "\ud800", "x" * 50]
GAPS = ["", " ", " ", " ", ", ", "-", "’", "'", " (", "\t", "\u3000", "\xa0", ' "', "\n", "\0", "。", "\u1680", ". "]
words = st.lists(st.sampled_from(WORDS), min_size=2, max_size=30)
seeds = st.integers(0, 2**130)
shares = st.sampled_from([1e-300, 0.05, 0.1, 0.3, 0.99, 1.0])


@st.composite
def drafts(draw):
    """Pieces, and what is known of each word."""
    found = draw(words)
    pieces = [draw(st.sampled_from(GAPS))]
    for word in found:
        pieces += [word, draw(st.sampled_from(GAPS))]
    known = st.sampled_from([None, (), ("fine",), ("fine", "well made", "佳")])
    return pieces, draw(st.lists(known, min_size=len(found), max_size=len(found)))


def both(seed):
    """The same numbers twice."""
    return augment.Stream(seed, 5), naive.Stream(seed, 5)


@given(drafts())
def test_places_are_those_of_words_that_may_change(draft):
    pieces, facts = draft
    tied = {place + side for place in range(1, len(pieces) - 2, 2) if naive.bound(pieces, place) for side in (0, 2)}
    movable = [2 * k + 1 for k, one in enumerate(facts) if one is not None and 2 * k + 1 not in tied]
    assert augment.places(pieces, facts) == (movable, [place for place in movable if facts[place // 2]])


@given(drafts(), seeds, shares)
def test_replacement_is_that_of_the_twin(draft, seed, alpha):
    pieces, facts = draft
    before, replaceable = pieces.copy(), augment.places(pieces, facts)[1]
    kept = replaceable.copy()
    ours, theirs = both(seed)
    assert augment.replace(pieces, replaceable, facts, alpha, ours) == naive.replace(
        pieces, replaceable, facts, alpha, theirs
    )
    assert (pieces, replaceable) == (before, kept)
    assert ours.random() == theirs.random()


@given(drafts(), seeds, shares, st.booleans(), st.sets(st.sampled_from([1, 3, 5])))
def test_insertion_is_that_of_the_twin(draft, seed, alpha, first, shouted):
    pieces, facts = draft
    before, replaceable = pieces.copy(), augment.places(pieces, facts)[1]
    if not replaceable:
        return
    ours, theirs = both(seed)
    new = augment.insert(pieces, replaceable, facts, alpha, first, shouted, ours)
    assert new == naive.insert(pieces, replaceable, facts, alpha, first, shouted, theirs)
    assert pieces == before
    assert ours.random() == theirs.random()


@given(st.integers(2, 40), seeds, shares)
def test_insertion_among_words_that_are_bound_is_that_of_the_twin(n, seed, alpha):
    pieces = ["", *["well", "-"] * (n - 1), "made", "."]
    facts = [("fine",)] * n
    ours, theirs = both(seed)
    new = augment.insert(pieces, [1], facts, alpha, True, frozenset(), ours)
    assert new == naive.insert(pieces, [1], facts, alpha, True, frozenset(), theirs)
    assert ours.random() == theirs.random()


@given(drafts(), seeds, shares)
def test_swap_is_that_of_the_twin(draft, seed, alpha):
    pieces, facts = draft
    before, movable = pieces.copy(), augment.places(pieces, facts)[0]
    if len(movable) < 2:
        return
    ours, theirs = both(seed)
    assert augment.swap(pieces, movable, alpha, ours) == naive.swap(pieces, movable, alpha, theirs)
    assert pieces == before
    assert ours.random() == theirs.random()


@given(drafts(), seeds, shares)
def test_deletion_is_that_of_the_twin(draft, seed, p):
    pieces, facts = draft
    before, movable = pieces.copy(), augment.places(pieces, facts)[0]
    if not movable:
        return
    ours, theirs = both(seed)
    assert augment.delete(pieces, movable, p, ours) == naive.delete(pieces, movable, p, theirs)
    assert pieces == before
    assert ours.random() == theirs.random()


@given(drafts())
def test_what_stands_between_words_is_as_the_twin_has_it(draft):
    pieces, _ = draft
    for place in range(1, len(pieces), 2):
        assert augment.bound(pieces, place) == naive.bound(pieces, place)
        assert augment.glue_after(pieces, place) == naive.glue_after(pieces, place)
        before, after = pieces[place - 1], pieces[place + 1]
        for first in (False, True):
            for last in (False, True):
                expected = naive.gap_without_word(before, after, first, last)
                assert augment.gap_without_word(before, after, first, last) == expected


@pytest.mark.parametrize("sets", [naive.JOINERS, naive.OPENING, naive.BLANKS], ids=["joiners", "opening", "blanks"])
def test_every_mark_is_known(sets):
    for mark in sets | set("!?,;aé"):
        pieces = ["", "a", mark, "b", ""]
        assert augment.bound(pieces, 1) == (mark in naive.JOINERS)
        assert augment.gap_without_word(f".{mark}", " .", first=False, last=False) == (
            f".{mark}." if mark in naive.BLANKS | naive.OPENING else f".{mark} ."
        )
        assert augment.gap_without_word(f".{mark}", "!", first=False, last=False) == (
            ".!" if mark in naive.BLANKS else f".{mark}!"
        )


@pytest.mark.parametrize("code", [0x2E7F, 0x2E80, 0x9FFF, 0xA000, 0xF8FF, 0xF900, 0xFAFF, 0xFB00])
@pytest.mark.parametrize("plane", [0, 0x1FFFF - 0x2E7F, 0x3FFFF - 0x9FFF])
def test_blocks_without_spaces_end_where_they_should(code, plane):
    pieces = ["", chr(code + plane), "."]
    assert augment.glue_after(pieces, 1) == naive.glue_after(pieces, 1)


@given(st.text(st.characters()) | st.lists(st.sampled_from([*WORDS, *GAPS])).map("".join), st.booleans())
def test_words_and_gaps_are_those_of_the_spans(text, characters):
    ends, kinds = segment.spans(text, characters)
    places = [0, *ends.tolist()]
    spans = [(places[k], places[k + 1]) for k, kind in enumerate(kinds.tolist()) if kind == segment.WORD]
    assert segment.alternate(text, characters) == naive.alternate(text, spans)


def test_what_is_known_of_words_is_asked_of_a_dict_that_may_find_more():
    class Lengths(dict):
        def __missing__(self, word):
            return len(word)

    assert augment.facts_of(["", "a", " ", "good", ""], Lengths(a=None)) == [None, 4]
    with pytest.raises(KeyError):
        augment.facts_of(["", "a", ""], {})


@given(seeds, st.integers(0, 2**64 - 1))
def test_numbers_are_those_of_the_twin(seed, position):
    ours, theirs = augment.Stream(seed, position), naive.Stream(seed, position)
    first = [ours.random() for _ in range(5)]
    assert first == [theirs.random() for _ in range(5)]
    assert all(0 <= number < 1 for number in first)
    items, same = list("abcdefg"), list("abcdefg")
    assert [ours.take(items) for _ in range(7)] == [theirs.take(same) for _ in range(7)]
    assert items == []
    ours.enter(position)
    assert [ours.random() for _ in range(5)] == first


def test_neighbouring_positions_and_seeds_share_no_numbers():
    drawn = Counter()
    for seed in (0, 1, 2**64, 2**64 + 1, 2**65):
        for position in range(50):
            stream = augment.Stream(seed, position)
            drawn.update(stream.random() for _ in range(20))
    assert max(drawn.values()) == 1


def test_what_is_no_seed_or_position_is_refused():
    with pytest.raises(ValueError, match="seed=-1: expected 0 or more"):
        augment.Stream(-1)
    with pytest.raises(OverflowError):
        augment.Stream(0, 2**64)
    with pytest.raises(OverflowError):
        augment.Stream(0, -1)


def test_items_are_taken_with_equal_chances():
    stream = augment.Stream(0)
    first = Counter(stream.take([0, 1, 2, 3]) for _ in range(8000))
    assert all(first[item] == pytest.approx(2000, rel=0.08) for item in range(4))
