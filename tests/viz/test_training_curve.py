"""The plot of a training history: what is drawn, what is marked, and what is left out."""

import math
import sys

import matplotlib
import numpy as np
import pytest
from matplotlib import figure

from embedkit.errors import MissingDependencyError, ParameterError
from embedkit.viz.figures import save_figure
from embedkit.viz.training_curve import FEW, plot_training_curve

HISTORY = [
    {"epoch": 1, "train_loss": 0.7, "valid_loss": 0.6, "valid_acc": 0.70, "seconds": 3.1},
    {"epoch": 2, "train_loss": 0.5, "valid_loss": 0.4, "valid_acc": 0.80, "seconds": 3.0},
    {"epoch": 3, "train_loss": 0.3, "valid_loss": 0.5, "valid_acc": 0.75, "seconds": 3.0},
]


@pytest.fixture
def axes():
    return figure.Figure(figsize=(7.0, 4.5), layout="constrained").subplots()


def without(*keys):
    return [{key: value for key, value in row.items() if key not in keys} for row in HISTORY]


def named(axes):
    return {line.get_label(): line.get_xydata().tolist() for line in axes.get_lines()}


def legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_losses_are_drawn_by_epoch_and_the_accuracy_at_the_right(axes):
    assert plot_training_curve(HISTORY, title="TextCNN", ax=axes) is axes
    losses = named(axes)
    assert losses["training loss"] == [[1, 0.7], [2, 0.5], [3, 0.3]]
    assert losses["validation loss"] == [[1, 0.6], [2, 0.4], [3, 0.5]]
    (right,) = [other for other in axes.figure.axes if other is not axes]
    assert named(right) == {"validation accuracy": [[1, 0.7], [2, 0.8], [3, 0.75]]}
    assert right.yaxis.get_label_position() == "right"
    assert (axes.get_xlabel(), axes.get_ylabel(), right.get_ylabel()) == ("epoch", "loss", "accuracy")
    assert axes.get_title() == "TextCNN"


def test_the_epoch_of_the_lowest_validation_loss_is_marked(axes):
    plot_training_curve(HISTORY, ax=axes)
    assert [x for x, _ in named(axes)["lowest validation loss, epoch 2"]] == [2, 2]
    assert legend(axes)[-1] == "lowest validation loss, epoch 2"


def test_of_equal_losses_the_first_epoch_is_marked(axes):
    plot_training_curve([{"epoch": epoch, "valid_loss": 0.5} for epoch in (3, 2, 4)], ax=axes)
    assert legend(axes) == ["validation loss", "lowest validation loss, epoch 2"]


def test_without_held_out_data_there_are_one_line_and_one_axis(axes):
    plot_training_curve(without("valid_loss", "valid_acc"), ax=axes)
    assert legend(axes) == ["training loss"]
    assert axes.figure.axes == [axes]


def test_neither_the_legend_nor_the_title_covers_a_line(axes):
    plot_training_curve(HISTORY, title="of the test", ax=axes)
    axes.figure.draw_without_rendering()
    box = axes.get_legend().get_window_extent()
    assert box.y0 >= axes.bbox.y1
    assert axes.title.get_window_extent().y0 >= box.y1
    assert axes.title.get_window_extent().y1 <= axes.figure.bbox.y1


@pytest.mark.parametrize("n_epochs", [1, 2, 3, 12, 100])
def test_every_tick_is_an_epoch(axes, n_epochs):
    plot_training_curve([{"epoch": epoch + 1, "train_loss": 1.0 / (epoch + 1)} for epoch in range(n_epochs)], ax=axes)
    axes.figure.draw_without_rendering()
    ticks = axes.get_xticks()
    assert np.array_equal(ticks, np.round(ticks))
    assert ((ticks >= 1) & (ticks <= n_epochs)).any()


@pytest.mark.parametrize(("n_epochs", "marker"), [(1, "o"), (FEW, "o"), (FEW + 1, "")])
def test_few_epochs_are_drawn_as_points(axes, n_epochs, marker):
    plot_training_curve([{"epoch": epoch, "train_loss": 1.0} for epoch in range(n_epochs)], ax=axes)
    assert axes.get_lines()[0].get_marker() == marker


def test_losses_that_are_not_finite_are_left_out_and_never_the_lowest(axes):
    history = [*HISTORY, {"epoch": 4, "train_loss": math.nan, "valid_loss": -math.inf, "valid_acc": None}]
    plot_training_curve(history, ax=axes)
    assert [x for x, _ in named(axes)["training loss"]] == [1, 2, 3]
    assert "lowest validation loss, epoch 2" in named(axes)


def test_numbers_of_numpy_are_numbers(axes):
    plot_training_curve([{"epoch": np.int64(1), "train_loss": np.float32(0.5)}], ax=axes)
    assert named(axes)["training loss"] == [[1, 0.5]]


@pytest.mark.parametrize(
    ("history", "message"),
    [
        ([], "history of 0 epochs: expected one with a finite loss"),
        ([{"epoch": 1, "train_loss": math.inf}], "history of 1 epochs"),
        ([{"epoch": 1, "valid_acc": 0.5}], "history of 1 epochs"),
        ([{"train_loss": 0.5}], "epoch=None: expected a whole number"),
        ([{"epoch": 1.5, "train_loss": 0.5}], "epoch=1.5: expected a whole number"),
        ([{"epoch": 7, "train_loss": "low"}], "train_loss='low' in epoch 7: expected a number"),
        ([{"epoch": 1, "train_loss": 1.0, "valid_acc": 87.5}], "valid_acc=87.5: expected a share from 0 to 1"),
        ([{"epoch": 1, "train_loss": 1.0, "valid_acc": -0.5}], "valid_acc=-0.5: expected a share"),
        ([{"epoch": 1, "train_loss": 1.0, "valid_acc": -0.5}, {"epoch": 2, "valid_acc": 0.9}], "valid_acc=-0.5"),
        ([(1, 0.5)], "expected a dict for each epoch"),
    ],
    ids=str,
)
def test_what_is_no_history_is_refused(axes, history, message):
    with pytest.raises(ParameterError, match=message):
        plot_training_curve(history, ax=axes)


@pytest.mark.parametrize("history", [HISTORY, HISTORY[:1]], ids=len)
def test_it_is_saved_as_a_figure(tmp_path, history):
    for name in "ab":
        save_figure(tmp_path / f"{name}.svg", lambda axes: plot_training_curve(history, title="$x^ 体育", ax=axes))
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_without_axes_a_figure_is_made():
    matplotlib.use("agg")
    from matplotlib import pyplot

    try:
        assert plot_training_curve(HISTORY) in pyplot.gcf().axes
    finally:
        pyplot.close("all")


def test_without_matplotlib_the_error_names_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingDependencyError, match="pip install matplotlib"):
        plot_training_curve(HISTORY)
