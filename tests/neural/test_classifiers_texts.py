"""Texts of every kind: long, empty, unknown, alone and in company, and what attention says of them."""

import logging

import numpy as np
import pytest
from contract import DATA, KEYED, NEW, scores
from small_networks import small

from embedkit.errors import ParameterError
from embedkit.neural import CLASSIFIERS

LONG = [f"we saw it . {' '.join(DATA.texts)}", f"{' '.join(DATA.texts[::-1])} often. It swims."]
VARIANTS = [
    ("FastTextNet", {"word_ngrams": 1}),
    ("FastTextNet", {"word_ngrams": 3}),
    *[
        ("TextCNNClassifier", {"pooling": pooling, "wide": wide})
        for pooling in ("max", "k-max", "mean")
        for wide in (0, 1)
    ],
    *[("RNNClassifier", {"pooling": pooling, "cell": "gru"}) for pooling in ("last", "max", "mean")],
    *[("RNNClassifier", {"attention_score": score, "n_layers": 2}) for score in ("additive", "general", "dot")],
    ("RNNClassifier", {"cell": "rnn", "bidirectional": False, "pooling": "last"}),
    ("RNNClassifier", {"bidirectional": False}),
    *[
        ("TransformerClassifier", {"pooling": pooling, "norm": norm, "positions": positions})
        for pooling, norm, positions in [
            ("mean", "post", "learned"),
            ("cls", "pre", "sinusoidal"),
            ("cls", "post", "learned"),
        ]
    ],
    ("HierarchicalAttentionClassifier", {"sentence_length": 3}),
]
ATTENTIVE = [
    ("RNNClassifier", {}),
    ("RNNClassifier", {"attention_score": "dot", "bidirectional": False}),
    ("TransformerClassifier", {"n_layers": 2}),
    ("TransformerClassifier", {"pooling": "cls", "positions": "learned"}),
]


@pytest.mark.parametrize(("name", "parameters"), VARIANTS)
def test_padding_changes_no_prediction(name, parameters):
    parameters = {key: bool(value) if key == "wide" else value for key, value in parameters.items()}
    model = small(name, learning_rate=0.05, **parameters).fit(DATA.texts, DATA.labels)
    texts = [*NEW, *LONG]
    # Wide apart, so that a difference would be seen.
    assert np.ptp(scores(model, texts), axis=0).max() > 1e-3
    # All in one batch, sorted by length or not.
    together = model.set_params(batch_size=len(texts)).predict_proba(texts)
    alone = np.vstack([model.predict_proba([text]) for text in texts])
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_padding_changes_no_training(name):
    # The third text counts nothing, and its words are those of the others: it does no more than widen the batch.
    still = {"dropout": 0.0, "optimizer": "sgd", "learning_rate": 0.5}
    still |= {"layer_dropout": 0.0} if name == "TransformerClassifier" else {}
    # The buckets of n-grams are those of the numbers of words, which go by their counts.
    still |= {"word_ngrams": 1} if name == "FastTextNet" else {}
    vectors = {"embedding": KEYED, "vector_size": None, "freeze": "static"}
    models = [
        small(name, **still, **vectors, class_weight={"fish": 0.0}).fit(
            ["it purrs", "it barks often", third], ["cat", "dog", "fish"]
        )
        for third in ("it", "it often barks it often purrs " * 10)
    ]
    narrow, wide = (scores(model, NEW) for model in models)
    np.testing.assert_allclose(wide, narrow, rtol=0, atol=1e-5)
    assert models[1].history_[0]["train_loss"] == pytest.approx(models[0].history_[0]["train_loss"], abs=1e-5)
    assert models[1].history_[1]["train_loss"] < models[1].history_[0]["train_loss"]


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_empty_and_unknown_texts_have_finite_probabilities(name):
    model = small(name).fit([*DATA.texts, "", "  ", ". ."], [*DATA.labels, "cat", "dog", "cat"])
    for texts in (["", "  "], ["unheard of", "zzz"], ["", "unheard", "it purrs"], [[], ["unheard"]]):
        found = model.predict_proba(texts)
        assert found.shape == (len(texts), 3)
        np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(*model.predict_proba(["", " . "]), rtol=0, atol=1e-7)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_no_text_has_no_predictions(name):
    model = small(name).fit(DATA.texts, DATA.labels)
    assert model.predict_proba([]).shape == (0, 3)
    assert model.predict([]).shape == (0,)
    assert model.predict([]).dtype == model.classes_.dtype


@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("batch_size", [1, 5, 23, 24, 1000])
def test_batches_of_any_size(name, batch_size):
    model = small(name, batch_size=batch_size).fit(DATA.texts, DATA.labels)
    batches = -(-len(DATA.texts) // batch_size)
    assert len(model.net_.history[-1]["batches"]) == batches
    # A class of one text, and as many texts as classes.
    tiny = small(name, batch_size=batch_size).fit(DATA.texts[:2], DATA.labels[:2])
    assert tiny.predict_proba(NEW).shape == (len(NEW), 2)


def cut_messages(caplog):
    return [record.getMessage() for record in caplog.records if "max_length" in record.getMessage()]


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_that_texts_are_cut_is_said_once(name, caplog):
    longer = sum(len(text.split()) > 3 for text in DATA.texts)
    model = small(name, max_length=3).fit(DATA.texts, DATA.labels, X_val=LONG, y_val=["cat", "dog"])
    for _ in range(2):
        model.predict(LONG)
        model.predict_proba(LONG)
    (message,) = cut_messages(caplog)
    assert message.startswith(f"{longer} of 24 texts have more than max_length=3 words, the longest 6:")
    assert caplog.records[0].levelno == logging.WARNING
    caplog.clear()
    model.fit(DATA.texts, DATA.labels)
    assert len(cut_messages(caplog)) == 1


@pytest.mark.parametrize("max_length", [6, 512])
def test_nothing_is_said_where_nothing_is_cut(max_length, caplog):
    small(max_length=max_length).fit(DATA.texts, DATA.labels).predict(DATA.texts)
    assert not caplog.records


def test_what_is_cut_when_predicting_is_said_then(caplog):
    model = small(max_length=6).fit(DATA.texts, DATA.labels)
    assert not caplog.records
    model.predict(LONG)
    model.predict(LONG)
    (message,) = cut_messages(caplog)
    assert message.startswith("2 of 2 texts")


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_only_the_beginning_of_a_long_text_counts(name):
    model = small(name, max_length=3).fit(DATA.texts, DATA.labels)
    np.testing.assert_array_equal(scores(model, ["it purrs often barks we"]), scores(model, ["it purrs often"]))
    # What is cut is not part of the vocabulary's texts either, but of its words.
    whole = small(name).fit(DATA.texts, DATA.labels)
    assert abs(scores(whole, ["it purrs often barks we"]) - scores(whole, ["it purrs often"])).max() > 1e-6


def test_all_words_of_a_long_text_count_without_a_length(caplog):
    words = " ".join(["it"] * 600)
    unlimited, limited = (small(max_length=n, pooling="mean").fit(DATA.texts, DATA.labels) for n in (None, 512))
    for model, cut in ((unlimited, False), (limited, True)):
        caplog.clear()
        ends = scores(model, [f"{words} purrs", f"{words} barks"])
        assert np.array_equal(*ends) == cut
        assert bool(caplog.records) == cut


def test_capitals():
    folded, kept = (
        small(lowercase=lowercase).fit(["It purrs", "It barks"] * 9, [0, 1] * 9) for lowercase in (True, False)
    )
    assert set(folded.vocabulary_) == {"it", "purrs", "barks"}
    assert set(kept.vocabulary_) == {"It", "purrs", "barks"}
    np.testing.assert_array_equal(*scores(folded, ["IT PURRS", "it purrs"]))
    assert not np.array_equal(*scores(kept, ["It purrs", "it purrs"]))


def test_words_are_cut_as_the_tokenizer_says():
    model = small(tokenizer="char").fit(["我爱猫", "我爱狗"] * 9, ["cat", "dog"] * 9)
    assert set(model.vocabulary_) == set("我爱猫狗")
    model = small(tokenizer=lambda text: text.split("-")).fit(["a-b c", "d-b c"] * 9, ["cat", "dog"] * 9)
    assert set(model.vocabulary_) == {"a", "d", "b c"}


def test_lone_surrogates_are_refused_or_replaced():
    texts = [*DATA.texts, "it \ud800 purrs"]
    with pytest.raises(ValueError, match="surrogate"):
        small().fit(texts, [*DATA.labels, "cat"])
    small(encoding_errors="replace").fit(texts, [*DATA.labels, "cat"]).predict(texts)


@pytest.mark.parametrize(("name", "parameters"), ATTENTIVE)
def test_attention_weighs_the_words(name, parameters):
    model = small(name, learning_rate=0.05, **parameters).fit(DATA.texts, DATA.labels)
    texts = ["It often PURRS", "unheard", "", *LONG, ["It", "purrs a lot"]]
    found = model.attention(texts)
    assert [len(one.units) for one in found] == [3, 1, 0, *[len(one.weights) for one in found[3:5]], 2]
    assert found[0].units == ["It", "often", "PURRS"]
    assert found[5].units == ["It", "purrs a lot"]
    for text, one in zip(texts, found, strict=True):
        assert one.weights.dtype == np.float64
        assert one.weights.shape == (len(one.units),)
        assert (one.weights >= 0).all()
        assert one.weights.sum() == pytest.approx(1.0 if one.units else 0.0, abs=1e-5)
        (alone,) = model.attention([text])
        np.testing.assert_allclose(one.weights, alone.weights, rtol=0, atol=1e-5)
    assert np.ptp(found[3].weights) > 1e-5


def test_attention_of_a_network_of_sentences_weighs_those():
    model = small("HierarchicalAttentionClassifier", sentence_length=3).fit(DATA.texts, DATA.labels)
    found = model.attention(["It purrs. We saw it often. A Fish swims", "", ["It", "purrs", "often", "."]])
    assert found[0].units == [["It", "purrs"], ["We", "saw", "it"], ["often"], ["A", "Fish", "swims"]]
    assert found[1].units == []
    assert found[2].units == [["It", "purrs", "often"], ["."]]
    for one in (found[0], found[2]):
        assert one.weights.shape == (len(one.units),)
        assert one.weights.sum() == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("name", ["RNNClassifier", "HierarchicalAttentionClassifier", "TransformerClassifier"])
def test_attention_sees_what_the_network_sees(name):
    model = small(name, max_length=3).fit(DATA.texts, DATA.labels)
    (one,) = model.attention(["It often purrs, we saw. It barks."])
    units = [word for unit in one.units for word in unit] if name.startswith("Hierarchical") else one.units
    assert units == ["It", "often", "purrs"]
    assert one.weights.sum() == pytest.approx(1.0, abs=1e-6)
    assert model.attention([]) == []


@pytest.mark.parametrize(
    ("name", "parameters"), [("TextCNNClassifier", {}), ("FastTextNet", {}), ("RNNClassifier", {"pooling": "max"})]
)
def test_a_network_without_attention_says_who_has_some(name, parameters):
    model = small(name, **parameters).fit(DATA.texts, DATA.labels)
    with pytest.raises(ParameterError, match=rf"{name} has no attention to show; take an RNNClassifier with pooling="):
        model.attention(["it purrs"])
