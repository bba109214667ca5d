"""The plot of counts by rank."""

import sys

import matplotlib
import numpy as np
import pytest
from matplotlib import figure

from embedkit.errors import MissingDependencyError, ParameterError
from embedkit.text.frequencies import zipf_exponent
from embedkit.viz.figures import save_figure
from embedkit.viz.zipf import FEW, plot_zipf

COUNTS = np.maximum(1, 5000 * np.arange(1, 1001) ** -1.1).astype(int)


@pytest.fixture
def axes():
    return figure.Figure().subplots()


def test_each_word_lies_on_the_line_at_its_rank(axes):
    assert plot_zipf(np.random.default_rng(1).permutation(COUNTS), ax=axes) is axes
    x, y = axes.get_lines()[0].get_data()
    drawn = np.exp(np.interp(np.log(np.arange(1, len(COUNTS) + 1)), np.log(x), np.log(y)))
    assert drawn == pytest.approx(COUNTS, rel=1e-9)
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("rank", "occurrences")


def test_words_of_one_count_need_no_more_than_two_points(axes):
    plot_zipf([9] * 5000 + [1] * 90_000, ax=axes)
    assert axes.get_lines()[0].get_xdata().tolist() == [1, 5000, 5001, 95_000]


def test_the_fitted_line_has_the_exponent_that_the_legend_names(axes):
    plot_zipf(COUNTS, ax=axes)
    x, y = axes.get_lines()[1].get_data()
    slope = np.diff(np.log(y))[0] / np.diff(np.log(x))[0]
    assert -slope == pytest.approx(zipf_exponent(COUNTS))
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend == ["1,000 words", f"Zipf's law, exponent {-slope:.2f}"]


@pytest.mark.parametrize(("n_words", "marker"), [(1, "o"), (FEW, "o"), (FEW + 1, "")])
def test_few_words_are_drawn_as_points(axes, n_words, marker):
    plot_zipf(COUNTS[:n_words], ax=axes)
    assert axes.get_lines()[0].get_marker() == marker
    assert len(axes.get_lines()) == (1 if n_words == 1 else 2)


def test_words_that_do_not_occur_are_left_out(axes):
    plot_zipf([0, 8, 0, 2], ax=axes)
    assert axes.get_lines()[0].get_ydata().tolist() == [8, 2]


def test_numbers_at_the_axes_are_plain(axes):
    plot_zipf(COUNTS, ax=axes)
    axes.figure.canvas.draw()
    labels = [label.get_text() for label in (*axes.get_xticklabels(), *axes.get_yticklabels())]
    assert {"1", "10", "100", "1,000"} <= set(labels)
    assert not [label for label in labels if "$" in label]


def test_without_axes_a_figure_is_made():
    matplotlib.use("agg")
    from matplotlib import pyplot

    try:
        axes = plot_zipf([2, 1])
        assert pyplot.gca() is axes
    finally:
        pyplot.close("all")


@pytest.mark.parametrize(
    ("counts", "message"),
    [([], "no word occurs"), ([0, 0], "no word occurs"), ([1.5], "whole numbers"), ([[1]], "a row of whole numbers")],
    ids=str,
)
def test_what_is_no_row_of_counts_is_refused(axes, counts, message):
    with pytest.raises(ParameterError, match=message):
        plot_zipf(counts, ax=axes)


def test_it_is_saved_as_a_figure(tmp_path):
    for name in "ab":
        save_figure(tmp_path / f"{name}.svg", lambda axes: plot_zipf(COUNTS, ax=axes))
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_without_matplotlib_the_error_names_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingDependencyError, match="pip install matplotlib"):
        plot_zipf([2, 1])
