"""Every parameter does something, and says what it is in the help."""

import inspect
import re

import numpy as np
import pytest
import torch
from contract import DATA, KEYED, scores
from skorch.callbacks import Callback
from small_networks import small

from embedkit import neural
from embedkit.neural import CLASSIFIERS
from embedkit.neural.classifiers.parameters import SHARED_PARAMETERS, NeuralParameters

# What is learned with this value is not what is learned with the default.
EFFECTS = [
    ("vector_size", 9),
    ("tokenizer", "char"),
    ("lowercase", False),
    ("min_count", 8),
    ("max_vocab", 2),
    ("max_length", 2),
    ("dropout", 0.1),
    ("embedding_dropout", 0.5),
    ("word_dropout", 0.5),
    ("weight_decay", 0.5),
    ("max_norm", 0.05),
    ("label_smoothing", 0.3),
    ("mixup", 1.0),
    ("r_drop", 2.0),
    ("adversarial", 1.0),
    ("class_weight", {"cat": 5}),
    ("class_weight", "balanced"),
    ("optimizer", "adadelta"),
    ("optimizer", "sgd"),
    ("learning_rate", 0.003),
    ("schedule", "linear"),
    ("schedule", "cosine"),
    ("schedule", "inverse-sqrt"),
    ("warmup", 0.5),
    ("clip_norm", 0.01),
    ("batch_size", 4),
    ("epochs", 3),
    ("bucketing", False),
    ("validation_fraction", 0.25),
    ("random_state", 1),
    ("mixed_precision", True),
]
# These have tests of their own, of vectors, files, devices and of what happens in training.
ELSEWHERE = {
    "embedding_std",
    *("embedding", "freeze", "unseen_vectors", "encoding_errors", "patience", "monitor", "checkpoints"),
    *("initial_weights", "device", "compile", "n_jobs", "callbacks", "verbose"),
}
OWN = [
    ("FastTextNet", "word_ngrams", 1),
    ("FastTextNet", "buckets", 3),
    ("HierarchicalAttentionClassifier", "windows", [1]),
    ("HierarchicalAttentionClassifier", "n_filters", 3),
    ("HierarchicalAttentionClassifier", "cell", "gru"),
    ("HierarchicalAttentionClassifier", "cell", "rnn"),
    ("HierarchicalAttentionClassifier", "hidden_size", 5),
    ("HierarchicalAttentionClassifier", "attention_score", "dot"),
    ("HierarchicalAttentionClassifier", "attention_score", "general"),
    ("HierarchicalAttentionClassifier", "sentence_length", 2),
    ("RNNClassifier", "cell", "gru"),
    ("RNNClassifier", "cell", "rnn"),
    ("RNNClassifier", "hidden_size", 5),
    ("RNNClassifier", "n_layers", 2),
    ("RNNClassifier", "bidirectional", False),
    ("RNNClassifier", "pooling", "last"),
    ("RNNClassifier", "pooling", "max"),
    ("RNNClassifier", "pooling", "mean"),
    ("RNNClassifier", "attention_score", "dot"),
    ("RNNClassifier", "attention_score", "general"),
    ("TextCNNClassifier", "windows", (1, 4)),
    ("TextCNNClassifier", "n_filters", 3),
    ("TextCNNClassifier", "pooling", "k-max"),
    ("TextCNNClassifier", "pooling", "mean"),
    ("TextCNNClassifier", "wide", True),
    ("TransformerClassifier", "hidden_size", 6),
    ("TransformerClassifier", "n_layers", 2),
    ("TransformerClassifier", "n_heads", 4),
    ("TransformerClassifier", "feedforward_size", 5),
    ("TransformerClassifier", "positions", "learned"),
    ("TransformerClassifier", "norm", "post"),
    ("TransformerClassifier", "pooling", "cls"),
    ("TransformerClassifier", "layer_dropout", 0.5),
    ("TransformerClassifier", "schedule", "constant"),
    ("TransformerClassifier", "warmup", 0.5),
]
REGULARISERS = {
    "dropout": 0.3,
    "embedding_dropout": 0.2,
    "word_dropout": 0.2,
    "weight_decay": 0.01,
    "max_norm": 1.0,
    "label_smoothing": 0.1,
    "mixup": 0.5,
    "r_drop": 1.0,
    "adversarial": 0.5,
    "class_weight": "balanced",
    "clip_norm": 1.0,
}
# Capitals, and classes of different size.
TEXTS = [text.capitalize() if number % 4 else text for number, text in enumerate(DATA.texts)][:-3]
LABELS = [label if number % 5 else "cat" for number, label in enumerate(DATA.labels)][:-3]


class Watch(Callback):
    """Keeps the numbers of each batch that is learned from."""

    def __init__(self, seen):
        self.seen = seen

    def on_batch_begin(self, net, batch=None, training=False, **rest):
        if training:
            self.seen.append(batch[0])


def learned(name="TextCNNClassifier", **parameters):
    return scores(small(name, **parameters).fit(TEXTS, LABELS), DATA.texts)


def test_every_parameter_is_tried():
    shared = set(inspect.signature(NeuralParameters).parameters)
    assert {name for name, _ in EFFECTS} | ELSEWHERE == shared
    for name in CLASSIFIERS:
        own = set(small(name).get_params()) - shared
        # "k" does something with one pooling only.
        assert own - {"k"} == {parameter for kind, parameter, _ in OWN if kind == name} - shared


@pytest.mark.parametrize(("parameter", "value"), EFFECTS)
def test_every_shared_parameter_changes_what_is_learned(parameter, value):
    default = small().get_params()[parameter]
    assert default != value
    assert abs(learned(**{parameter: value}) - learned()).max() > 1e-6


@pytest.mark.parametrize(("name", "parameter", "value"), OWN)
def test_every_parameter_of_a_class_changes_what_is_learned(name, parameter, value):
    assert small(name).get_params()[parameter] != value
    assert abs(learned(name, **{parameter: value}) - learned(name)).max() > 1e-6


def test_k_of_k_max_pooling():
    one, two = (learned(pooling="k-max", k=k) for k in (1, 2))
    assert abs(one - two).max() > 1e-6
    np.testing.assert_allclose(one, learned(pooling="max"), rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("freeze", ["non-static", "static", "multichannel"])
def test_all_regularisers_train_together(name, freeze):
    model = small(name, embedding=KEYED, vector_size=None, freeze=freeze, **REGULARISERS)
    model.fit(TEXTS, LABELS)
    losses = [row["train_loss"] for row in model.history_]
    assert np.isfinite(losses).all()
    assert np.isfinite(scores(model, DATA.texts)).all()
    # In bfloat16, too.
    assert np.isfinite(scores(model.set_params(mixed_precision=True).fit(TEXTS, LABELS), DATA.texts)).all()


@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("regulariser", ["label_smoothing", "mixup", "r_drop", "adversarial", "word_dropout"])
def test_each_regulariser_lets_the_loss_fall(name, regulariser):
    model = small(
        name, epochs=15, learning_rate=0.05, dropout=0.1, schedule="constant", warmup=0.0, **{regulariser: 0.2}
    )
    losses = [row["train_loss"] for row in model.fit(DATA.texts[:12], DATA.labels[:12]).history_]
    assert min(losses[-3:]) < 0.9 * losses[0]  # of mixed texts it goes up and down
    assert model.score(DATA.texts[:12], DATA.labels[:12]) > 0.6


def test_weights_of_a_class_keep_their_length():
    for max_norm in (0.05, 0.3):
        model = small(max_norm=max_norm, learning_rate=0.1).fit(DATA.texts, DATA.labels)
        lengths = model.network_.output.weight.detach().norm(dim=1)
        assert lengths.max() <= max_norm * (1 + 1e-5)
        assert lengths.max() >= max_norm * 0.99


def test_weight_decay_makes_weights_smaller():
    strong, none = (
        small(weight_decay=decay, optimizer=optimizer, epochs=5, learning_rate=0.05).fit(DATA.texts, DATA.labels)
        for decay, optimizer in ((1.0, "adamw"), (0.0, "adamw"))
    )
    assert strong.network_.output.weight.norm() < 0.9 * none.network_.output.weight.norm()


def test_decay_that_is_no_part_of_the_gradient():
    coupled, apart = (learned(weight_decay=0.5, optimizer=optimizer) for optimizer in ("adam", "adamw"))
    assert abs(coupled - apart).max() > 1e-6
    np.testing.assert_array_equal(learned(optimizer="adamw"), learned(optimizer="adam"))


def test_label_smoothing_makes_less_sure():
    sure, unsure = (
        learned(label_smoothing=share, epochs=20, learning_rate=0.05, dropout=0.0).max(axis=1).mean()
        for share in (0.0, 0.5)
    )
    assert unsure < sure - 0.1


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_weight_draws_towards_its_class(name):
    texts, labels = ["it barks", "it barks", "it barks", "we swim"] * 5, ["dog", "dog", "cat", "fish"] * 5
    plain, weighted = (
        small(name, class_weight=weight, epochs=12, learning_rate=0.05).fit(texts, labels)
        for weight in (None, {"cat": 20.0})
    )
    assert plain.predict(["it barks"]) == ["dog"]
    assert weighted.predict(["it barks"]) == ["cat"]


@pytest.mark.parametrize("labels", [[7, 7, 3], [True, True, False], ["б", "б", "а"]])
def test_weights_are_given_by_label_of_any_type(labels):
    texts = ["it barks"] * 3
    weight = {labels[2]: 20.0, labels[0]: 1.0}
    model = small(class_weight=weight, epochs=12, learning_rate=0.05).fit(texts * 4, labels * 4)
    assert model.predict(["it barks"]).tolist() == [labels[2]]


def test_balanced_weights_are_those_of_scikit_learn():
    texts, labels = ["it barks", "it barks", "it barks", "it purrs"] * 4, ["dog", "dog", "dog", "cat"] * 4
    balanced = small(class_weight="balanced", bucketing=False).fit(texts, labels)
    given = small(class_weight={"dog": 16 / 24, "cat": 2.0}, bucketing=False).fit(texts, labels)
    np.testing.assert_allclose(scores(balanced, texts), scores(given, texts), rtol=0, atol=1e-6)


def test_a_class_of_weight_0_is_not_learned():
    model = small(class_weight={"cat": 0.0}, epochs=15, learning_rate=0.05).fit(DATA.texts, DATA.labels)
    assert scores(model, DATA.texts)[:, 0].max() < 0.2


def test_a_short_gradient_makes_short_steps():
    before = small(optimizer="sgd", learning_rate=1e-12).fit(DATA.texts, DATA.labels)
    for clip_norm, far in ((1e-3, False), (None, True)):
        model = small(optimizer="sgd", learning_rate=0.1, clip_norm=clip_norm).fit(DATA.texts, DATA.labels)
        steps = sum(len(epoch["batches"]) for epoch in model.net_.history)
        distance = (model.network_.output.weight - before.network_.output.weight).norm().item()
        assert (distance > 0.1 * 1e-3 * steps * (1 + 1e-3)) == far
        # What is noted is the length before it is cut.
        assert model.history_[0]["gradient_norm"] > 1e-2


def test_word_dropout_and_embedding_dropout_do_nothing_in_predictions():
    model = small(word_dropout=0.9, embedding_dropout=0.9, dropout=0.9).fit(DATA.texts, DATA.labels)
    np.testing.assert_array_equal(scores(model, DATA.texts), scores(model, DATA.texts))
    model.network_.train()
    np.testing.assert_array_equal(scores(model, DATA.texts), scores(model, DATA.texts))


def test_batches_are_of_similar_texts_or_not():
    texts, labels = DATA.texts * 6, DATA.labels * 6
    spread = {}
    for bucketing in (True, False):
        seen = []
        model = small(bucketing=bucketing, batch_size=8, epochs=1, callbacks=[Watch(seen)]).fit(texts, labels)
        assert len(seen) == len(texts) // 8
        lengths = [(ids != 0).sum(dim=1).float() for ids in seen]
        spread[bucketing] = torch.stack(lengths).std(dim=1).mean().item()
        assert model.n_iter_ == 1
    assert spread[True] < 0.5 * spread[False]


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_the_help_has_every_parameter_once(name):
    kind = getattr(neural, name)
    help_text = inspect.getdoc(kind)
    assert inspect.cleandoc(SHARED_PARAMETERS).strip() in help_text
    for parameter in small(name).get_params():
        lines = re.findall(rf"^(?:\w+, )*{parameter}(?:, \w+)*(?: :.*)?$", help_text, re.MULTILINE)
        # Defaults of their own stand before those that are shared.
        assert len(lines) == 1 or (len(lines) == 2 and parameter in {"dropout", "learning_rate", "schedule", "warmup"})
    sections = re.findall(r"^(\w[\w ]+)\n-+$", help_text, re.MULTILINE)
    assert sections == ["Parameters", "Other Parameters", "Attributes", "References", "Examples"]
