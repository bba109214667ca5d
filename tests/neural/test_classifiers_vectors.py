"""Word vectors of the classifiers: which words get some, where they come from, and which of them training moves."""

import numpy as np
import pytest
from contract import DATA, KEYED, WORDS, scores
from small_networks import small

from embedkit import KeyedVectors
from embedkit.neural import CLASSIFIERS

GIVEN = {"embedding": KEYED, "vector_size": None}


def table(model):
    """The vector of each word that has a row in the table."""
    weight = model.network_.words.weight.detach().numpy()
    return {word: weight[number] for word, number in model.vocabulary_.items() if number < len(weight)}


def moved(model):
    """Whether each word of the texts has another vector than it was given."""
    return {word: not np.array_equal(vector, KEYED[word]) for word, vector in table(model).items() if word in KEYED}


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_static_vectors_stay_as_given(name):
    model = small(name, **GIVEN, freeze="static").fit(DATA.texts, DATA.labels)
    assert set(moved(model)) == set(WORDS)
    assert not any(moved(model).values())
    free = small(name, **GIVEN).fit(DATA.texts, DATA.labels)
    assert free.n_parameters_ - model.n_parameters_ == free.network_.words.weight.numel()


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_vectors_that_are_not_static_are_trained(name):
    assert all(moved(small(name, **GIVEN).fit(DATA.texts, DATA.labels)).values())


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_one_of_two_channels_is_trained(name):
    model = small(name, **GIVEN, freeze="multichannel").fit(DATA.texts, DATA.labels)
    assert all(moved(model).values())
    kept = model.network_.words.channel.numpy()
    for word, number in model.vocabulary_.items():
        if word in KEYED and number < len(kept):
            np.testing.assert_array_equal(kept[number], KEYED[word])


def test_padding_stays_zero():
    for freeze in ("non-static", "static", "multichannel"):
        words = small(**GIVEN, freeze=freeze).fit(DATA.texts, DATA.labels).network_.words
        assert not words.weight[0].any()
        assert words.channel is None or not words.channel[0].any()


def test_vectors_are_rescaled_by_one_factor():
    model = small(**GIVEN, freeze="static", embedding_std=0.1).fit(DATA.texts, DATA.labels)
    found = table(model)
    factor = 0.1 / KEYED.vectors.std()
    for word in WORDS:
        np.testing.assert_allclose(found[word], KEYED[word] * factor, rtol=1e-5)


def test_vectors_may_come_from_a_file(tmp_path):
    KEYED.save(tmp_path / "vectors.bin")
    for path in (tmp_path / "vectors.bin", str(tmp_path / "vectors.bin")):
        model = small(embedding=path, vector_size=4).fit(DATA.texts, DATA.labels)
        expected = small(embedding=KEYED, vector_size=4).fit(DATA.texts, DATA.labels)
        np.testing.assert_array_equal(scores(model, DATA.texts), scores(expected, DATA.texts))


def test_words_without_a_vector_get_one_of_the_spread_of_the_others():
    texts = [f"{text} {' '.join(f'new{number}' for number in range(300))}" for text in DATA.texts]
    keyed = KeyedVectors(WORDS, 7 * KEYED.vectors)
    for freeze in ("static", "non-static"):
        model = small(embedding=keyed, vector_size=None, freeze=freeze, epochs=1, learning_rate=1e-9)
        vectors = table(model.fit(texts, DATA.labels))
        drawn = np.array([vector for word, vector in vectors.items() if word not in KEYED])
        assert drawn.shape == (300, 4)
        assert drawn.std() == pytest.approx(keyed.vectors.std(), rel=0.1)
        assert abs(drawn).max() <= np.sqrt(3) * keyed.vectors.std() * (1 + 1e-5)


@pytest.mark.parametrize("freeze", ["static", "non-static", "multichannel"])
def test_a_word_that_no_text_taught_keeps_its_vector(freeze):
    texts = [text.replace("swims", "dives") for text in DATA.texts]
    known = small(**GIVEN, freeze=freeze).fit(texts, DATA.labels)
    assert "swims" in known.vocabulary_
    assert known.vocabulary_["swims"] >= len(known.network_.words.weight)
    np.testing.assert_array_equal(known.network_.words.kept.numpy(), KEYED["swims"][None])
    assert abs(scores(known, ["swims"]) - scores(known, ["unheard"])).max() > 1e-6

    unknown = small(**GIVEN, freeze=freeze, unseen_vectors=False).fit(texts, DATA.labels)
    assert "swims" not in unknown.vocabulary_
    assert unknown.network_.words.kept is None
    np.testing.assert_array_equal(scores(unknown, ["swims"]), scores(unknown, ["unheard"]))


def test_a_kept_vector_counts_as_much_as_a_taught_one():
    # The same vector for a word of the texts and for one that they lack, with no training to part them.
    twins = KeyedVectors([*WORDS, "twin"], np.vstack([KEYED.vectors, KEYED["purrs"]]))
    for freeze in ("static", "non-static", "multichannel"):
        still = {"epochs": 1, "learning_rate": 1e-12, "word_ngrams": 1}
        model = small("FastTextNet", embedding=twins, vector_size=None, freeze=freeze, **still)
        model.fit(DATA.texts, DATA.labels)
        np.testing.assert_allclose(scores(model, ["it twin"]), scores(model, ["it purrs"]), rtol=0, atol=1e-6)
        assert abs(scores(model, ["it twin"]) - scores(model, ["it barks"])).max() > 1e-3


def test_rare_words_are_unknown_ones():
    model = small(min_count=2).fit([*DATA.texts, "rare"], [*DATA.labels, "cat"])
    assert "rare" not in model.vocabulary_
    np.testing.assert_array_equal(scores(model, ["rare"]), scores(model, ["unheard"]))
    assert "rare" in small(min_count=1).fit([*DATA.texts, "rare"], [*DATA.labels, "cat"]).vocabulary_


def test_the_vocabulary_holds_the_most_frequent_words():
    model = small(max_vocab=3).fit(DATA.texts, DATA.labels)
    words = " ".join(DATA.texts).split()
    counts = sorted((words.count(word) for word in WORDS), reverse=True)
    assert sorted((words.count(word) for word in model.vocabulary_), reverse=True) == counts[:3]
    assert len(model.network_.words.weight) == 5  # padding and unknown words, too
    limited = small(**GIVEN, max_vocab=3).fit(DATA.texts, DATA.labels)
    # The others have their own vectors, which are not trained.
    assert set(limited.vocabulary_) == set(WORDS)
    assert len(limited.network_.words.kept) == len(WORDS) - 3


def test_the_size_of_vectors():
    assert small(vector_size=None).fit(DATA.texts, DATA.labels).network_.words.size == 100
    assert small(vector_size=7).fit(DATA.texts, DATA.labels).network_.words.size == 7
    assert small(**GIVEN).fit(DATA.texts, DATA.labels).network_.words.size == 4


def test_vectors_of_no_word_of_the_texts_are_said(caplog):
    foreign = KeyedVectors(["один", "два"], np.eye(2))
    small(embedding=foreign, vector_size=2, unseen_vectors=False).fit(DATA.texts, DATA.labels)
    (record,) = caplog.records
    assert "no word of the texts is among the 2 of the embedding" in record.getMessage()


def test_given_vectors_are_not_changed():
    before = KEYED.vectors.copy()
    for freeze in ("static", "non-static", "multichannel"):
        small(**GIVEN, freeze=freeze).fit(DATA.texts, DATA.labels)
        np.testing.assert_array_equal(KEYED.vectors, before)
