"""What holds for every augmenter: one face, the same texts every time, and no text that it cannot take."""

import pickle
import random
import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone

from embedkit.augment import AEDA, EDA, CharacterNoise, KeyboardTypos, MixDocuments, workers
from embedkit.augment import base as base_module
from embedkit.errors import InputError, MissingDependencyError, ParameterError
from embedkit.lexicon import Lexicon, VectorLexicon, WordLists, WordNet
from embedkit.vectors.keyed_vectors import KeyedVectors

SYNONYMS = {"good": ["fine", "sound"], "film": ["movie"], "a": ["b"], "long": ["lengthy"], "é": ["è"], "好": ["佳"]}
ALONE = [EDA(lexicon=SYNONYMS), AEDA(), CharacterNoise(), KeyboardTypos()]
ALL = [*ALONE, MixDocuments()]
TEXTS = [f"a good long film number {'x' * k} with {'plot ' * (k % 4)}twists." for k in range(40)]
LABELS = [k % 3 for k in range(40)]


def named(augmenter):
    return type(augmenter).__name__


anything = st.text(alphabet=st.characters(), max_size=60)
wordy = st.lists(
    st.sampled_from(["good", "Film", "a", "É", "\ud800", "\0", "好", "אב", "-", ".", " ", "\n", "\u0301", "😀", "GOOD"])
).map("".join)


@pytest.mark.parametrize("augmenter", ALONE, ids=named)
@pytest.mark.parametrize(
    "settings", [{}, {"tokenizer": "char"}, {"tokenizer": "zh"}, {"tokenizer": "whitespace"}], ids=str
)
@given(text=anything | wordy)
def test_no_text_breaks_it(augmenter, settings, text):
    augmenter = clone(augmenter).set_params(**settings)
    if hasattr(augmenter, "stop_words"):
        augmenter.set_params(stop_words=None)
    first, *new = augmenter.augment(text)
    assert first == text
    assert len(new) <= augmenter.n_aug
    assert text not in new
    assert len(set(new)) == len(new)
    assert all(one.strip() for one in new)
    if not text.strip():
        assert new == []
    assert augmenter.augment(text) == [first, *new]


@given(own=anything | wordy, other=anything | wordy)
def test_no_two_texts_break_mixing(own, other):
    for how in ("halves", "sentences"):
        first, *new = MixDocuments(how=how).augment(own, [other])
        assert first == own
        assert not {own, other, ""} & set(new)
        assert all(one.strip() for one in new)


@pytest.mark.parametrize("augmenter", ALONE, ids=named)
@pytest.mark.parametrize("text", ["a" * 10**6, "a-" * 10**5, "Good. " * 10**4, "\ud800 " * 10**5], ids=lambda t: t[:5])
def test_long_texts_end(augmenter, text):
    assert augmenter.augment(text)[0] == text


@pytest.mark.parametrize("augmenter", ALL, ids=named)
def test_new_texts_do_not_depend_on_processes_or_chunks(augmenter, monkeypatch):
    alone = clone(augmenter).transform(TEXTS, LABELS)
    assert len(alone) > 3 * len(TEXTS)
    monkeypatch.setattr(workers, "CHUNK", 7)
    assert clone(augmenter).transform(TEXTS, LABELS) == alone
    assert clone(augmenter).set_params(n_jobs=2).transform(TEXTS, LABELS) == alone
    rows = clone(augmenter).set_params(balance=True).fit_resample(TEXTS, LABELS)
    assert clone(augmenter).set_params(balance=True, n_jobs=2).fit_resample(TEXTS, LABELS) == rows


@pytest.mark.parametrize("augmenter", ALONE, ids=named)
def test_a_text_depends_on_its_position_and_on_no_other_text(augmenter):
    groups = dict(augmenter.iter_augment(TEXTS))
    others = dict(augmenter.iter_augment([TEXTS[0], "other words here", *TEXTS[2:]]))
    assert [k for k in groups if groups[k] != others[k]] == [1]
    assert groups[0] == augmenter.augment(TEXTS[0])
    same = dict(augmenter.iter_augment([TEXTS[0]] * 10))
    assert len({tuple(group) for group in same.values()}) > 5


@pytest.mark.parametrize("augmenter", ALONE, ids=named)
def test_another_seed_gives_other_texts(augmenter):
    augmenter = clone(augmenter)
    first = augmenter.transform(TEXTS)
    assert augmenter.set_params(random_state=1).transform(TEXTS) != first
    assert augmenter.set_params(random_state=0).transform(TEXTS) == first
    assert augmenter.set_params(random_state=np.int64(0)).transform(TEXTS) == first
    state = np.random.RandomState(3)
    augmenter.set_params(random_state=state)
    assert augmenter.transform(TEXTS) != augmenter.transform(TEXTS)
    augmenter.set_params(random_state=None)
    assert augmenter.transform(TEXTS) != augmenter.transform(TEXTS)


@pytest.mark.parametrize("augmenter", ALL, ids=named)
def test_it_is_cloned_pickled_and_takes_parameters(augmenter):
    copy = pickle.loads(pickle.dumps(augmenter))
    assert copy.get_params() == clone(augmenter).get_params() == augmenter.get_params()
    assert copy.transform(TEXTS, LABELS) == augmenter.transform(TEXTS, LABELS)
    assert len(augmenter.set_params(n_aug=1).transform(TEXTS, LABELS)) <= 2 * len(TEXTS)
    augmenter.set_params(n_aug=4)


@pytest.mark.parametrize("augmenter", ALL, ids=named)
def test_it_is_no_step_that_changes_what_is_predicted(augmenter):
    # scikit-learn's pipeline wants fit and transform of a step.
    assert hasattr(augmenter, "fit_resample")
    assert not hasattr(augmenter, "fit")
    assert not hasattr(augmenter, "fit_transform")


def test_texts_are_read_as_new_ones_are_asked_for(monkeypatch):
    monkeypatch.setattr(workers, "CHUNK", 4)
    read = []

    def endless():
        while True:
            read.append(len(read))
            yield "a good film"

    groups = EDA(lexicon=SYNONYMS).iter_augment(endless())
    assert [next(groups)[0] for _ in range(5)] == [0, 1, 2, 3, 4]
    assert len(read) <= 8


def test_each_operation_has_its_share_of_texts():
    new = EDA(lexicon=SYNONYMS, n_aug=1)
    lengths = Counter()
    for _, group in new.iter_augment(["good tree park sunshine"] * 8000):
        words = group[1].split()
        kind = "rs" if sorted(words) == sorted(group[0].split()) else "sr"
        lengths["rd" if len(words) < 4 else "ri" if len(words) == 5 else kind] += 1
    assert all(lengths[kind] == pytest.approx(2000, rel=0.08) for kind in ("sr", "ri", "rs", "rd"))


@pytest.mark.parametrize("value", [-0.1, 1.5, float("nan"), float("inf"), "0.1", None, True])
@pytest.mark.parametrize("name", ["alpha_sr", "alpha_ri", "alpha_rs", "p_rd"])
def test_a_share_that_is_none_is_refused(name, value):
    with pytest.raises(ParameterError, match=re.escape(f"{name}={value!r}: expected a number from 0 to 1")):
        EDA(lexicon=SYNONYMS, **{name: value}).augment("a good film")


@pytest.mark.parametrize("augmenter", [AEDA, CharacterNoise, KeyboardTypos])
@pytest.mark.parametrize("value", [0, -1, 1.01, float("nan")])
def test_a_share_of_nothing_is_refused_where_there_is_no_other_operation(augmenter, value):
    for use in (lambda a: a.augment("a film"), lambda a: a.iter_augment([]), lambda a: a.fit_resample([], [])):
        with pytest.raises(ParameterError, match=re.escape(f"alpha={value!r}: expected a number above 0 and up to 1")):
            use(augmenter(alpha=value))


def test_no_operation_at_all_is_refused():
    with pytest.raises(ParameterError, match="all 0"):
        EDA(alpha_sr=0, alpha_ri=0, alpha_rs=0, p_rd=0).augment("a film")


@pytest.mark.parametrize("augmenter", ALL, ids=named)
@pytest.mark.parametrize("value", [0, -1, 2.0, "4", True, None])
def test_n_aug_is_a_whole_number_above_0(augmenter, value):
    augmenter = clone(augmenter).set_params(n_aug=value)
    for use in (
        lambda: augmenter.augment("a"),
        lambda: augmenter.transform(["a"], [0]),
        lambda: augmenter.fit_resample(["a"], [0]),
    ):
        with pytest.raises(ParameterError, match=re.escape(f"n_aug={value!r}: expected a whole number, 1 or more")):
            use()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tokenizer": "word"}, "there is no tokenizer 'word'"),
        ({"random_state": -1}, "random_state=-1: expected a whole number"),
        ({"random_state": "x"}, "random_state='x': expected a whole number"),
        ({"n_jobs": 0}, "n_jobs=0"),
        ({"protected": "film"}, "protected='film': expected several words"),
        ({"protected": [3]}, "protected: 3 is no word"),
        ({"protected": re.compile(b"x")}, "a pattern of bytes"),
        ({"stop_words": 3}, "stop_words=3: expected several words"),
        ({"stop_words": [b"the"]}, "stop_words: b'the' is no word"),
        ({"lexicon": 3}, "lexicon=3"),
    ],
    ids=str,
)
def test_a_parameter_that_cannot_work_is_named(settings, message):
    with pytest.raises(ParameterError, match=re.escape(message)):
        EDA(**{"lexicon": SYNONYMS, **settings}).transform(["a good film"])


def test_operations_and_marks_that_cannot_work_are_named():
    for value in ("swap", [], ["swop"], 3):
        with pytest.raises(ParameterError, match=r"operations=.*expected a list of one or more of 'swap'"):
            CharacterNoise(operations=value).augment("a film")
    for value in ("", [""], 3, [",", None]):
        with pytest.raises(ParameterError, match="expected one mark or more"):
            AEDA(marks=value).augment("a film")
    with pytest.raises(ParameterError, match="how='thirds': expected one of 'halves', 'sentences'"):
        MixDocuments(how="thirds").augment("a film")


@pytest.mark.parametrize("augmenter", ALL, ids=named)
def test_what_is_no_text_is_refused_with_its_number(augmenter):
    with pytest.raises(InputError, match=r"texts='a film': expected several texts"):
        augmenter.transform("a film", [0])
    with pytest.raises(InputError, match="texts=3: expected several texts"):
        augmenter.transform(3, [0])
    with pytest.raises(InputError, match=r"text 2 is None"):
        augmenter.transform(["a film", None], [0, 0])
    with pytest.raises(InputError, match=r"X: text 2 is nan"):
        augmenter.fit_resample(["a film", float("nan")], [0, 1])
    with pytest.raises(InputError, match="text=3: expected a string"):
        augmenter.augment(3)


def test_a_missing_lexicon_is_an_error_only_where_it_is_needed(monkeypatch, tmp_path):
    missing = f"wordnet:{tmp_path / 'none'}"
    with pytest.raises((InputError, MissingDependencyError)):
        EDA(lexicon=missing).augment("a good film")
    swapped = EDA(lexicon=missing, alpha_sr=0, alpha_ri=0).augment("good film")
    assert set(swapped) <= {"good film", "film good", "good", "film"}


def test_a_lexicon_may_be_an_object_a_mapping_or_a_file(tmp_path):
    path = tmp_path / "words.tsv"
    path.write_text("good\tfine\nfilm\tmovie\n", encoding="utf-8")
    mapping = {"good": ["fine"], "film": ["movie"]}
    expected = EDA(lexicon=mapping).transform(TEXTS)
    assert EDA(lexicon=path).transform(TEXTS) == EDA(lexicon=WordLists(mapping)).transform(TEXTS) == expected
    assert EDA(lexicon=str(path)).transform(TEXTS) == expected


def test_words_of_vectors_are_looked_up_at_once():
    lexicon = VectorLexicon(KeyedVectors(["good", "fine", "film", "movie"], np.eye(4)[[0, 0, 1, 1]] + 0.1))
    asked = []
    lexicon.precompute = lambda words: asked.append(set(words))
    new = EDA(lexicon=lexicon).transform(["a good film", "good film"])
    assert asked == [{"a", "good", "film"}]
    assert {"a fine film", "fine film"} & set(new)


class Counting(Lexicon):
    """A lexicon that notes what it is asked."""

    def __init__(self):
        self.asked = []

    def __contains__(self, word):
        return word == "good"

    def synonyms(self, word, *, pos=None):
        self.asked.append(word)
        return ["fine", "Good", ""] if word == "good" else []


def test_a_lexicon_is_asked_once_for_each_word_in_lower_case():
    lexicon = Counting()
    eda = EDA(lexicon=lexicon)
    for _ in range(3):
        texts = eda.transform(["the good film", "good film"])
    eda.augment("good film")
    assert sorted(lexicon.asked) == ["film", "good"]
    assert not any("Good" in text for text in texts)
    eda.set_params(protected=["film"]).augment("good film")
    assert sorted(lexicon.asked) == ["film", "good", "good"]


def test_a_list_that_changes_is_read_again():
    stop_words = ["the"]
    eda = EDA(lexicon={"good": ["fine"]}, stop_words=stop_words, alpha_ri=0, alpha_rs=0, p_rd=0)
    assert eda.augment("good film") == ["good film", "fine film"]
    stop_words.append("good")
    assert eda.augment("good film") == ["good film"]


def test_kept_words_stay_within_bounds(monkeypatch):
    from embedkit.augment import protection

    monkeypatch.setattr(protection, "MOST", 10)
    facts = protection.WordFacts(frozenset(), frozenset())
    for k in range(100):
        assert facts["a" * (k + 1)] == ()
        assert len(facts) <= 10
    assert "a" * 101 not in facts


def test_makers_are_forgotten_with_their_augmenters():
    import gc

    eda = EDA(lexicon={"good": ["fine"]}, protected=())
    eda.lexicon = WordLists({"good": ["fine"]})
    eda.augment("good film")
    assert eda in base_module._made
    del eda
    gc.collect()
    assert not any(isinstance(one, EDA) and one.protected == () for one in base_module._made)


def test_the_random_module_is_left_alone():
    random.seed(5)
    np.random.seed(5)
    expected = random.getstate(), np.random.get_state()[1].tolist()
    EDA(lexicon=SYNONYMS).transform(TEXTS)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == expected


def test_what_the_steps_of_the_tokenizer_make_of_a_text_is_no_new_text():
    swap = EDA(tokenizer="lower|words", stop_words=None, alpha_sr=0, alpha_ri=0, p_rd=0)
    assert swap.augment("Very very") == ["Very very"]


def test_operations_that_can_do_nothing_leave_the_others_all_their_tries():
    found = [len(EDA(lexicon={}, random_state=seed).augment("good film")) - 1 for seed in range(30)]
    assert max(found) == 3  # swapped, and each of the two deleted
    assert found.count(3) > 20


class Names(WordNet):
    """A WordNet that knows one word."""

    def __init__(self):
        pass

    def synonyms(self, word, *, pos=None):
        return ["hamburger", "Warren E. Burger"] if word == "burger" else []


def test_of_a_wordnet_no_names_come_for_common_words():
    only = {"alpha_ri": 0, "alpha_rs": 0, "p_rd": 0}
    assert EDA(lexicon=Names(), **only).augment("my burger") == ["my burger", "my hamburger"]
    listed = EDA(lexicon={"burger": ["Warren E. Burger"]}, **only)
    assert listed.augment("my burger") == ["my burger", "my Warren E. Burger"]
