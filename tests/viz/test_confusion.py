"""The plot of a confusion matrix: what is written where, and labels of every script."""

import sys
from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest
from matplotlib import figure, font_manager

from embedkit.errors import MissingDependencyError, ParameterError
from embedkit.viz.confusion import confusion_size, plot_confusion
from embedkit.viz.figures import save_figure


@pytest.fixture
def axes():
    return figure.Figure().subplots()


def names(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def test_rows_are_true_classes_and_columns_predicted_ones(axes):
    assert plot_confusion([[8, 2], [1, 9]], ["ham", "spam"], title="of the test", ax=axes) is axes
    written = {text.get_position(): text.get_text() for text in axes.texts}
    assert written == {(0, 0): "8", (1, 0): "2", (0, 1): "1", (1, 1): "9"}
    assert names(axes.xaxis) == names(axes.yaxis) == ["ham", "spam"]
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("true class", "predicted class")
    assert axes.get_title() == "of the test"


def test_colours_are_shares_of_a_row_and_an_empty_row_has_none(axes):
    plot_confusion([[3, 1, 0], [0, 0, 0], [0, 5, 5]], ["a", "b", "c"], ax=axes)
    shares = axes.images[0].get_array()
    assert shares.tolist() == [[0.75, 0.25, 0], [0, 0, 0], [0, 0.5, 0.5]]


def test_figures_stand_out_from_their_ground(axes):
    plot_confusion([[9, 1], [0, 9]], ["a", "b"], ax=axes)
    assert [text.get_color() for text in axes.texts] == ["white", "black", "0.6", "white"]


@pytest.mark.parametrize("n_classes", [2, 12, 20])
def test_every_figure_fits_its_cell(n_classes):
    drawn = figure.Figure(figsize=confusion_size(n_classes), layout="constrained")
    axes = plot_confusion(np.full((n_classes, n_classes), 8888), list(range(n_classes)), ax=drawn.subplots())
    drawn.draw_without_rendering()
    cell = axes.transData.transform((1, 0))[0] - axes.transData.transform((0, 0))[0]
    assert len(axes.texts) == n_classes**2
    assert max(text.get_window_extent().width for text in axes.texts) < cell


def test_labels_that_are_long_are_turned_and_cut_in_the_middle(axes):
    long = ["comp.sys.ibm.pc.hardware.misc", "comp.sys.mac.hardware.of.old"]
    plot_confusion(np.eye(6, dtype=int), [*long, "a" * 24, "b\nc", 4, "d"], ax=axes)
    assert names(axes.xaxis) == ["comp.sys.ibm.p…ware.misc", "comp.sys.mac.h…re.of.old", "a" * 24, "b c", "4", "d"]
    assert {label.get_rotation() for label in axes.get_xticklabels()} == {45.0}


def test_dollars_are_no_formula(axes, tmp_path):
    plot_confusion([[1, 0], [0, 1]], ["$x^", "a$b$"], ax=axes)
    axes.figure.savefig(tmp_path / "a.png")
    assert names(axes.xaxis) == ["$x^", "a$b$"]


def test_a_font_that_has_the_characters_helps_out(axes, tmp_path):
    with matplotlib.rc_context(
        {"font.family": ["cmr10"], "axes.formatter.use_mathtext": True}
    ):  # of matplotlib, without Cyrillic
        plot_confusion([[1, 0], [0, 1]], ["да", "нет"], ax=axes)
        families = axes.get_xticklabels()[0].get_fontfamily()
    assert families[0] == "cmr10"
    assert families[1].startswith(("DejaVu", "STIX"))
    assert names(axes.xaxis) == ["да", "нет"]


def test_without_such_a_font_classes_are_numbered_and_named_in_a_warning(axes, monkeypatch, caplog, tmp_path):
    known = [SimpleNamespace(name="Gone CJK", fname=str(tmp_path / "gone.ttf"), style="normal", weight=400)]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", known)
    plot_confusion([[1, 0], [0, 1]], ["体育", "财经"], ax=axes)
    assert names(axes.xaxis) == names(axes.yaxis) == ["1", "2"]
    assert "1 体育, 2 财经" in caplog.text
    assert "Noto Sans CJK" in caplog.text


@pytest.mark.parametrize("n_classes", [1, 31, 60])
def test_few_and_many_classes_are_drawn(tmp_path, n_classes):
    matrix = np.eye(n_classes, dtype=np.int64)
    save_figure(
        tmp_path / "a.png",
        lambda axes: plot_confusion(matrix, list(range(n_classes)), ax=axes),
        size=confusion_size(n_classes),
    )
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("matrix", "labels"),
    [
        ([[1, 0], [0, 1]], ["a"]),
        ([1, 2], ["a", "b"]),
        ([], []),
        ([[1, -1], [0, 1]], ["a", "b"]),
        ([[1, np.nan], [0, 1]], ["a", "b"]),
        ([["1", "0"], ["0", "1"]], ["a", "b"]),
    ],
)
def test_what_is_no_confusion_matrix_is_refused(axes, matrix, labels):
    with pytest.raises(ParameterError, match="expected a square of counts"):
        plot_confusion(matrix, labels, ax=axes)


def test_without_axes_a_figure_is_made():
    matplotlib.use("agg")
    from matplotlib import pyplot

    try:
        assert plot_confusion([[1]], ["a"]) in pyplot.gcf().axes
    finally:
        pyplot.close("all")


def test_without_matplotlib_the_error_names_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingDependencyError, match="pip install matplotlib"):
        plot_confusion([[1]], ["a"])
