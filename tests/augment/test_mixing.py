"""Documents mixed with others of their class."""

from itertools import combinations

import pytest

from embedkit.augment import MixDocuments
from embedkit.errors import InputError

ONE = "It moves. I liked it! See it."
TWO = "Great fun. No doubt. Go there. Now!"


def test_halves_are_cut_at_sentence_ends():
    assert MixDocuments().augment(ONE, [TWO]) == [ONE, "It moves. I liked it! Go there. Now!"]
    assert MixDocuments().augment(TWO, [ONE]) == [TWO, "Great fun. No doubt. See it."]


def test_halves_are_cut_between_words_where_there_is_one_sentence():
    assert MixDocuments().augment("a long, dull film", ["great fun for all"]) == [
        "a long, dull film",
        "a long, for all",
    ]
    assert MixDocuments().augment("a long, dull film", [TWO]) == ["a long, dull film", "a long, Go there. Now!"]


def test_chinese_is_cut_without_spaces():
    assert MixDocuments(tokenizer="zh").augment("电影很好。我喜欢。", ["没有意思。不去。"])[1:] == ["电影很好。不去。"]
    assert MixDocuments(tokenizer="zh").augment("我喜欢电影", ["他喜欢音乐"])[1:] == ["我喜欢音乐"]


def test_sentences_of_both_keep_their_order():
    own, theirs = ["It moves.", "I liked it!", "See it."], ["Great fun.", "No doubt.", "Go there.", "Now!"]
    possible = {" ".join([*a, *b]) for a in combinations(own, 2) for b in combinations(theirs, 2)}
    new = set()
    for seed in range(40):
        new |= set(MixDocuments(how="sentences", random_state=seed).augment(ONE, [TWO])[1:])
    assert new <= possible
    assert len(new) > 10


def test_only_documents_of_one_class_are_mixed():
    texts = [f"{word} {word}" for word in ("ant", "ape", "asp", "bee", "bat", "bug")]
    labels = ["a"] * 3 + ["b"] * 3
    X, y = MixDocuments(n_aug=2).fit_resample(texts, labels)
    assert X[:6] == texts
    assert sorted(X[6:]) == sorted(
        f"{one} {two}"
        for group in (("ant", "ape", "asp"), ("bee", "bat", "bug"))
        for one in group
        for two in group
        if one != two
    )
    assert all(text[0] == text.split()[1][0] == label for text, label in zip(X, y, strict=True))


def test_partners_are_drawn_from_large_classes_too():
    texts = [f"w{k} v{k}" for k in range(500)]
    X, _ = MixDocuments(n_aug=3).fit_resample(texts, [0] * 500)
    assert len(X) == 2000
    partners = {text.split()[1] for text in X[500:]}
    assert len(partners) > 400


@pytest.mark.parametrize("others", [[], [ONE], ["", "  "], ["word"]])
def test_what_cannot_be_mixed_stays_as_it_is(others):
    assert MixDocuments().augment(ONE, others) == [ONE]


def test_blank_documents_and_single_words_give_nothing():
    assert MixDocuments().augment("", [ONE]) == [""]
    assert MixDocuments().augment("  ", [ONE]) == ["  "]
    assert MixDocuments().augment("word", ["other"]) == ["word"]


def test_labels_are_asked_for():
    with pytest.raises(InputError, match="no labels for 2 texts"):
        MixDocuments().transform([ONE, TWO])
    with pytest.raises(InputError, match="1 labels for 2 texts"):
        MixDocuments().transform([ONE, TWO], ["x"])
