"""skorch's loop with our batches, objective and callbacks, against a loop by hand."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from skorch.callbacks import Callback, GradientNormClipping
from skorch.helper import predefined_split

from embedkit.errors import TrainingError
from embedkit.neural.batches import TextDataset, text_batches
from embedkit.neural.layers.embedding import WordEmbedding
from embedkit.neural.networks.fasttext import MeanOfWords
from embedkit.neural.texts import NumberedTexts
from embedkit.neural.training.callbacks import FiniteLoss, GradientNorm, MaxNorm, Reporter
from embedkit.neural.training.net import TextNet
from embedkit.neural.training.objective import Objective

# Eight texts of one to four words, in batches of three.
START = np.cumsum([0, 1, 2, 3, 4, 1, 2, 3, 4])
IDS = np.random.default_rng(0).integers(2, 9, START[-1])
DATA = TextDataset(NumberedTexts(IDS, START), np.arange(8) % 2)
VALID = TextDataset(NumberedTexts(IDS[::-1].copy(), START), np.arange(8) % 2)


def network_of():
    torch.manual_seed(2)
    return MeanOfWords(WordEmbedding(9, 4), 2)


def trained(network, *callbacks, valid=None, objective=None, **settings):
    settings = {"lr": 0.1, "max_epochs": 2} | settings
    net = TextNet(
        network,
        objective=objective,
        optimizer=torch.optim.SGD,
        batch_size=3,
        iterator_train=text_batches,
        iterator_valid=text_batches,
        train_split=None if valid is None else predefined_split(valid),
        classes=[0, 1],
        callbacks=list(callbacks),
        callbacks__print_log=None,
        verbose=0,
        **({"callbacks__valid_acc": None} if valid is None else {}),
        **settings,
    )
    return net.fit(DATA, y=None)


def loss_of(network, batch):
    ids, classes = batch
    return torch.nn.functional.cross_entropy(network(ids), classes)


def test_it_trains_as_a_loop_by_hand():
    network, twin = network_of(), network_of()
    net = trained(network)
    optimizer, losses = torch.optim.SGD(twin.parameters(), lr=0.1), []
    for _ in range(2):
        for batch in text_batches(DATA, batch_size=3):
            optimizer.zero_grad()
            loss = loss_of(twin, batch)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    found = [loss for epoch in net.history[:, "batches", :, "train_loss"] for loss in epoch]
    assert found == pytest.approx(losses)
    for ours, theirs in zip(network.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_the_loss_of_a_validation_set_is_the_plain_one():
    network = network_of()
    objective = Objective(torch.tensor([1.0, 3.0]), label_smoothing=0.5, r_drop=2.0, adversarial=1.0)
    net = trained(network, valid=VALID, objective=objective, max_epochs=1)
    whole = torch.from_numpy(VALID.texts.batch(range(8))), torch.from_numpy(VALID.classes)
    assert net.history[-1, "valid_loss"] == pytest.approx(loss_of(network.eval(), whole).item())
    right = (network(whole[0]).argmax(dim=1) == whole[1]).double().mean().item()
    assert net.history[-1, "valid_acc"] == pytest.approx(right)


def test_a_callback_may_stop_the_training():
    class Stops(Callback):
        def on_epoch_end(self, net, **rest):
            raise KeyboardInterrupt

    assert len(trained(network_of(), Stops()).history) == 1


@pytest.mark.parametrize("valid", [None, VALID], ids=["train", "validated"])
def test_the_gradient_norm_is_that_of_all_gradients_before_they_are_clipped(valid):
    network = network_of()
    net = trained(network, GradientNorm(), GradientNormClipping(1e-3), valid=valid, lr=0.0, max_epochs=1)
    norms = []
    for batch in text_batches(DATA, batch_size=3):
        network.zero_grad()
        loss_of(network, batch).backward()
        norms.append(math.sqrt(sum(parameter.grad.square().sum().item() for parameter in network.parameters())))
    rows = net.history[-1]["batches"]
    assert [row["gradient_norm"] for row in rows if "train_loss" in row] == pytest.approx(norms)
    assert net.history[-1, "gradient_norm"] == pytest.approx(sum(norms) / 3)


def test_the_weights_of_a_class_are_shortened_to_the_longest_that_is_allowed():
    network = network_of()
    weight = network.output.weight
    with torch.no_grad():
        weight[0], weight[1] = torch.tensor([3.0, 0.0, 4.0, 0.0]), torch.tensor([0.1, 0.2, 0.0, 0.0])
    before = weight.detach().clone()
    MaxNorm(3.0).on_batch_end(SimpleNamespace(module_=network), training=False)
    assert torch.equal(weight, before)
    MaxNorm(3.0).on_batch_end(SimpleNamespace(module_=network), training=True)
    torch.testing.assert_close(weight[0], before[0] * 0.6)
    torch.testing.assert_close(weight[1], before[1])
    trained(network, MaxNorm(0.2), lr=5.0)
    assert weight.norm(dim=1).tolist() == pytest.approx([0.2, 0.2], abs=1e-6)


@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_a_loss_that_is_no_number_stops_and_names_epoch_and_batch(broken):
    class Breaks(Objective):
        calls: list = []  # noqa: RUF012

        def backward(self, *args):
            loss, logits = super().backward(*args)
            self.calls.append(loss)
            return (torch.tensor(broken) if len(self.calls) == 5 else loss), logits

    Breaks.calls = []
    with pytest.raises(TrainingError, match=rf"the loss is {broken} in epoch 2, batch 2: .* learning_rate"):
        trained(network_of(), FiniteLoss(), objective=Breaks())
    assert len(Breaks.calls) == 5


def test_a_validation_loss_that_is_no_number_does_not_stop():
    class Diverges(Callback):
        @torch.no_grad()
        def on_batch_end(self, net, training=False, **rest):
            if training and len(net.history[-1, "batches"]) == 3:
                net.module_.output.bias[0] = math.nan

    net = trained(network_of(), FiniteLoss(), Diverges(), valid=VALID, max_epochs=1)
    assert math.isnan(net.history[-1, "valid_loss"])


@pytest.mark.parametrize("valid", [None, VALID], ids=["train", "validated"])
def test_each_batch_and_each_epoch_is_reported(valid):
    reports = []
    net = trained(network_of(), Reporter(reports.append), valid=valid)
    expected = [(1, False), (2, False), (3, False), (3, True)] * 2
    assert [(report.batch, report.ended) for report in reports] == expected
    assert [report.epoch for report in reports] == [1] * 4 + [2] * 4
    assert {(report.epochs, report.batches) for report in reports} == {(2, 3)}
    losses = [loss for epoch in net.history for loss in (row.get("train_loss") for row in epoch["batches"]) if loss]
    assert [report.loss for report in reports if not report.ended] == losses
    for report, row in zip([report for report in reports if report.ended], net.history, strict=True):
        assert report.loss == row["train_loss"]
        figures = {} if valid is None else {name: row[name] for name in ("valid_loss", "valid_acc")}
        assert report.figures == figures
    assert all(report.figures == {} for report in reports if not report.ended)
