"""Training: its history, when it stops, where it begins, and what it leaves as it was."""

import contextlib
import os
import signal
import threading

import numpy as np
import pytest
import torch
from contract import DATA, scores
from safetensors.numpy import load_file
from skorch.callbacks import Callback, EarlyStopping
from small_networks import small

from embedkit.errors import OutputError, ParameterError, TrainingError
from embedkit.neural import CLASSIFIERS
from embedkit.neural.networks.textcnn import TextCNN
from embedkit.neural.training.schedules import SCHEDULES, rate_schedule

# What is watched contradicts what is learned, so that it gets worse and worse.
AGAINST = {"X_val": DATA.texts, "y_val": [{"cat": "dog", "dog": "fish", "fish": "cat"}[one] for one in DATA.labels]}
QUIET = {"dropout": 0.0, "learning_rate": 0.05, "epochs": 30}


def quiet(name):
    """Parameters with which nothing is random but the order of texts."""
    rest = {"schedule": "constant", "warmup": 0.0, "layer_dropout": 0.0} if name == "TransformerClassifier" else {}
    return {**QUIET, **rest}


class Told(Callback):
    """Notes what it is told."""

    def __init__(self):
        self.events = []

    def on_train_begin(self, net, **rest):
        self.events.append("train")

    def on_epoch_end(self, net, **rest):
        self.events.append(len(net.history))

    def on_batch_end(self, net, training=False, **rest):
        self.events.append("batch" if training else "valid")


class Does(Callback):
    """Does something at the end of the second batch."""

    def __init__(self, what):
        self.what = what

    def on_batch_end(self, net, training=False, **rest):
        if len(net.history[-1]["batches"]) == 2:
            self.what()


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_history(name):
    model = small(name).fit(DATA.texts, DATA.labels)
    assert model.n_iter_ == len(model.history_) == 2
    for number, row in enumerate(model.history_, 1):
        assert set(row) == {"epoch", "train_loss", "gradient_norm", "learning_rate", "seconds"}
        assert row["epoch"] == number
        assert row["gradient_norm"] > 0
        assert row["seconds"] > 0
        assert 0 < row["train_loss"] < 3
    model.fit(DATA.texts, DATA.labels, X_val=DATA.texts, y_val=DATA.labels)
    for row in model.history_:
        assert set(row) >= {"valid_loss", "valid_acc"}
    probabilities = model.predict_proba(DATA.texts)
    true = probabilities[np.arange(len(DATA.texts)), np.searchsorted(model.classes_, DATA.labels)]
    assert model.history_[-1]["valid_loss"] == pytest.approx(-np.log(true).mean(), abs=1e-5)
    assert model.history_[-1]["valid_acc"] == pytest.approx(model.score(DATA.texts, DATA.labels))


def test_validation_texts_are_not_learned_from():
    plain = small(dropout=0.0).fit(DATA.texts, DATA.labels)
    watched = small(dropout=0.0).fit(DATA.texts, DATA.labels, **AGAINST)
    np.testing.assert_array_equal(scores(plain, DATA.texts), scores(watched, DATA.texts))
    shared = small(validation_fraction=0.25).fit(DATA.texts, DATA.labels)
    assert len(shared.net_.history[-1]["batches"]) == 3  # two of 18 texts, one of 6
    assert "valid_loss" in shared.history_[-1]
    both = small(dropout=0.0, validation_fraction=0.25).fit(DATA.texts, DATA.labels, **AGAINST)
    np.testing.assert_array_equal(scores(plain, DATA.texts), scores(both, DATA.texts))


@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("monitor", ["valid_loss", "valid_acc"])
def test_early_stopping_goes_back_to_the_best_epoch(name, monitor):
    rest = quiet(name)
    model = small(name, **rest, patience=2, monitor=monitor).fit(DATA.texts, DATA.labels, **AGAINST)
    watched = [row[monitor] for row in model.history_]
    # Of epochs as good as each other the first counts.
    best = int(np.argmin(watched) if monitor == "valid_loss" else np.argmax(watched))
    assert len(watched) == best + 1 + 2 < 30
    rest["epochs"] = best + 1
    again = small(name, **rest).fit(DATA.texts, DATA.labels)
    np.testing.assert_array_equal(scores(model, DATA.texts), scores(again, DATA.texts))


def test_patience_takes_a_tenth_of_the_texts_if_none_are_given():
    texts, labels = DATA.texts * 5, DATA.labels * 5
    model = small(patience=50).fit(texts, labels)
    assert len(model.net_.history[-1]["batches"]) == 9 + 1  # 108 and 12 texts
    assert model.n_iter_ == 2


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_checkpoint_has_the_weights_of_the_best_epoch(name, tmp_path):
    rest = {**quiet(name), "epochs": 4}
    folder = tmp_path / "some" / "where"
    model = small(name, **rest, checkpoints=folder).fit(DATA.texts, DATA.labels, **AGAINST)
    assert [path.name for path in folder.iterdir() if path.suffix == ".safetensors"] == ["weights.safetensors"]
    best = int(np.argmin([row["valid_loss"] for row in model.history_]))
    expected = small(name, **{**rest, "epochs": best + 1}).fit(DATA.texts, DATA.labels)
    stored = load_file(folder / "weights.safetensors")
    for key, tensor in expected.network_.state_dict().items():
        np.testing.assert_array_equal(stored[key], tensor.numpy())
    # Steps of no length, to see where it began.
    again = small(name, **{**rest, "learning_rate": 1e-12}, initial_weights=folder / "weights.safetensors")
    again.fit(DATA.texts, DATA.labels)
    np.testing.assert_allclose(scores(again, DATA.texts), scores(expected, DATA.texts), rtol=0, atol=1e-5)


def test_a_checkpoint_without_validation_has_the_least_training_loss(tmp_path):
    model = small(**{**QUIET, "epochs": 2}, checkpoints=tmp_path).fit(DATA.texts, DATA.labels)
    assert model.history_[1]["train_loss"] < model.history_[0]["train_loss"]
    stored = load_file(tmp_path / "weights.safetensors")
    np.testing.assert_array_equal(stored["output.weight"], model.network_.output.weight.detach().numpy())


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("warmup", [0.0, 0.5])
def test_schedules_are_in_the_history(schedule, warmup):
    model = small(schedule=schedule, warmup=warmup, epochs=5).fit(DATA.texts, DATA.labels)
    rate = rate_schedule(schedule, 10, warmup)  # two batches an epoch
    found = [row["learning_rate"] for row in model.history_]
    # Of the last batch of each epoch.
    assert found == pytest.approx([0.01 * rate(step) for step in (1, 3, 5, 7, 9)], rel=1e-6)


def test_callbacks_are_called_beside_ours():
    told = Told()
    model = small(callbacks=[told]).fit(DATA.texts, DATA.labels, X_val=DATA.texts[:5], y_val=DATA.labels[:5])
    epoch = ["batch", "batch", "valid"]
    assert told.events == ["train", *epoch, 1, *epoch, 2]
    assert model.callbacks == [told]


def test_the_table_of_epochs(capsys):
    small().fit(DATA.texts, DATA.labels)
    assert capsys.readouterr() == ("", "")
    small(verbose=1).fit(DATA.texts, DATA.labels, X_val=DATA.texts, y_val=DATA.labels)
    printed = capsys.readouterr().out
    for column in ("epoch", "train_loss", "valid_loss", "valid_acc", "gradient_norm", "dur"):
        assert column in printed.splitlines()[0]
    assert len(printed.splitlines()) == 4


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_bfloat16_on_the_processor(name):
    model = small(name, mixed_precision=True, epochs=15, learning_rate=0.05).fit(DATA.texts, DATA.labels)
    assert {parameter.dtype for parameter in model.network_.parameters()} == {torch.float32}
    assert model.score(DATA.texts, DATA.labels) > 0.9
    exact = small(name, epochs=15, learning_rate=0.05).fit(DATA.texts, DATA.labels)
    assert abs(scores(model, DATA.texts) - scores(exact, DATA.texts)).max() > 1e-6


class Compiled(torch.nn.Module):
    """A module in another, as torch.compile returns it."""

    def __init__(self, module):
        super().__init__()
        self._orig_mod = module
        self.n_calls = 0

    def forward(self, *args):
        self.n_calls += 1
        return self._orig_mod(*args)

    def __getattr__(self, name):
        return super().__getattr__(name) if name in ("_orig_mod", "_modules") else getattr(self._orig_mod, name)


def test_compiled_on_demand(monkeypatch, tmp_path):
    compiled = []
    monkeypatch.setattr(torch, "compile", lambda module, **_: compiled.append(Compiled(module)) or compiled[-1])
    rest = {**QUIET, "epochs": 2, "max_norm": 0.5}
    plain = small(**rest).fit(DATA.texts, DATA.labels)
    assert not compiled
    model = small(**rest, compile=True, checkpoints=tmp_path).fit(DATA.texts, DATA.labels)
    networks = [one for one in compiled if isinstance(one._orig_mod, TextCNN)]
    assert [one.n_calls for one in networks] == [4]
    assert isinstance(model.network_, TextCNN)
    np.testing.assert_array_equal(scores(model, DATA.texts), scores(plain, DATA.texts))
    # Its checkpoint is as good as another.
    again = small(initial_weights=tmp_path / "weights.safetensors", learning_rate=1e-12).fit(DATA.texts, DATA.labels)
    np.testing.assert_allclose(scores(again, DATA.texts), scores(model, DATA.texts), rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_another_seed_gives_another_model(name):
    first, same, other = (
        scores(small(name, random_state=seed).fit(DATA.texts, DATA.labels), DATA.texts)
        for seed in (1, np.random.RandomState(1), 2)
    )
    assert abs(first - other).max() > 1e-4
    np.testing.assert_array_equal(first, same)
    state = np.random.RandomState(1)
    one, two = (small(name, random_state=state).fit(DATA.texts, DATA.labels) for _ in range(2))
    assert abs(scores(one, DATA.texts) - scores(two, DATA.texts)).max() > 1e-4


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_other_users_of_random_numbers_and_threads_notice_nothing(name, tmp_path):
    def generators():
        numpy_state = np.random.get_state()
        return torch.random.get_rng_state().tolist(), numpy_state[1].tolist(), numpy_state[2], torch.get_num_threads()

    before = generators()
    model = small(name, validation_fraction=0.2, mixup=0.5, word_dropout=0.2).fit(DATA.texts, DATA.labels)
    assert generators() == before
    scores(model, DATA.texts)
    model.save(tmp_path / "model")
    type(model).load(tmp_path / "model")
    assert generators() == before
    with contextlib.suppress(ZeroDivisionError):
        small(name, callbacks=[Does(lambda: 1 / 0)]).fit(DATA.texts, DATA.labels)
    assert generators() == before


def test_what_others_drew_changes_no_model():
    first = scores(small().fit(DATA.texts, DATA.labels), DATA.texts)
    torch.rand(3)
    np.random.rand(3)
    np.testing.assert_array_equal(scores(small().fit(DATA.texts, DATA.labels), DATA.texts), first)


@pytest.mark.parametrize("n_jobs", [1, 2, None])
def test_threads(n_jobs):
    seen, before = [], torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        model = small(n_jobs=n_jobs, callbacks=[Does(lambda: seen.append(torch.get_num_threads()))])
        model.fit(DATA.texts, DATA.labels)
        assert set(seen) == {n_jobs or 3}
        forward = model.network_.forward
        model.network_.forward = lambda ids: seen.append(torch.get_num_threads()) or forward(ids)
        model.predict(DATA.texts)
        assert set(seen) == {n_jobs or 3}
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_ctrl_c_in_a_batch_ends_fit(monkeypatch):
    encode, calls = TextCNN.encode, []

    def interrupted(self, *args):
        calls.append(1)
        if len(calls) == 2:
            signal.raise_signal(signal.SIGINT)
        return encode(self, *args)

    monkeypatch.setattr(TextCNN, "encode", interrupted)
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        small().fit(DATA.texts, DATA.labels)
    assert len(calls) == 2
    assert signal.getsignal(signal.SIGINT) is handler


def test_ctrl_c_in_a_callback_ends_fit():
    callback = Does(lambda: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        small(callbacks=[callback]).fit(DATA.texts, DATA.labels)


def test_what_the_programs_own_handler_raises_comes_through():
    class Ended(KeyboardInterrupt):
        pass

    def end(number, frame):
        raise Ended(number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        with pytest.raises(Ended, match=str(int(signal.SIGTERM))):
            small(callbacks=[Does(lambda: os.kill(os.getpid(), signal.SIGTERM))]).fit(DATA.texts, DATA.labels)
        assert signal.getsignal(signal.SIGTERM) is end
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_callback_that_stops_by_the_custom_of_skorch_leaves_a_model():
    def stop():
        raise KeyboardInterrupt

    model = small(callbacks=[Does(stop)]).fit(DATA.texts, DATA.labels)
    assert model.n_iter_ == 1
    assert model.predict(DATA.texts).shape == (len(DATA.texts),)
    stopping = EarlyStopping(monitor="valid_loss", patience=2, sink=lambda _: None)
    model = small(**QUIET, callbacks=[stopping]).fit(DATA.texts, DATA.labels, **AGAINST)
    assert model.n_iter_ < 30


def test_fit_works_in_a_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(scores(small().fit(DATA.texts, DATA.labels), DATA.texts)))
    thread.start()
    thread.join()
    np.testing.assert_array_equal(found[0], scores(small().fit(DATA.texts, DATA.labels), DATA.texts))


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_numbers_that_training_changes(name):
    model = small(name).fit(DATA.texts, DATA.labels)
    assert model.n_parameters_ == sum(one.numel() for one in model.network_.parameters())
    assert model.n_parameters_ > model.network_.words.weight.numel()


def test_weights_that_are_no_numbers_after_the_last_batch_are_an_error():
    model = small(epochs=1, batch_size=1000, optimizer="sgd", learning_rate=1e38, clip_norm=None)
    with pytest.raises(TrainingError, match=r"no numbers after epoch 1, batch 1: .* a smaller learning_rate"):
        model.fit(DATA.texts, DATA.labels)


def test_a_checkpoint_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "weights.safetensors").mkdir()
    with pytest.raises(OutputError, match=r"cannot write the checkpoint .*weights\.safetensors"):
        small(checkpoints=tmp_path).fit(DATA.texts, DATA.labels)


def test_words_of_texts_that_are_only_watched_are_unknown():
    texts = [f"{text} own{number}" for number, text in enumerate(DATA.texts)]
    model = small(validation_fraction=0.25).fit(texts, DATA.labels)
    known = [word for word in model.vocabulary_ if word.startswith("own")]
    assert len(known) == len(texts) - round(0.25 * len(texts))


def test_the_epoch_that_is_kept_is_the_best_one():
    model = small(epochs=12, patience=2, learning_rate=0.05, validation_fraction=0.25).fit(DATA.texts, DATA.labels)
    losses = [row["valid_loss"] for row in model.history_]
    assert model.best_epoch_ == losses.index(min(losses)) + 1
    assert small().fit(DATA.texts, DATA.labels).best_epoch_ == 2


def test_answers_of_the_loop_are_in_the_order_of_the_texts():
    from embedkit.neural.batches import TextDataset

    model = small().fit(DATA.texts, DATA.labels)
    texts = [*DATA.texts, " ".join(DATA.texts), "cat"]
    found = model.net_.predict_proba(TextDataset(model._numbers(texts)))
    np.testing.assert_allclose(found, model.predict_proba(texts), atol=1e-5)


def test_ngrams_are_not_mixed():
    from embedkit.neural import FastTextNet

    with pytest.raises(ParameterError, match=r"mixup=0\.5 with word_ngrams=2.*take one of the two"):
        FastTextNet(mixup=0.5, word_ngrams=2).fit(DATA.texts, DATA.labels)
