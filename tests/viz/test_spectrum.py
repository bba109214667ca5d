"""The plot of singular values, and figures as files."""

import errno
import sys

import matplotlib
import numpy as np
import pytest
from matplotlib import figure

from embedkit.errors import MissingDependencyError, OutputError, ParameterError
from embedkit.viz.figures import check_figure_output, save_figure
from embedkit.viz.spectrum import FEW, plot_singular_values

POWER_LAW = 900 * np.arange(1, 301) ** -0.45
BEGINNINGS = {".png": b"\x89PNG\r\n", ".svg": b"<?xml", ".pdf": b"%PDF-"}


@pytest.fixture
def axes():
    return figure.Figure().subplots()


def test_draws_each_value_at_its_rank(axes):
    assert plot_singular_values(POWER_LAW, ax=axes) is axes
    (line,) = axes.get_lines()
    assert line.get_xdata().tolist() == list(range(1, 301))
    assert line.get_ydata().tolist() == POWER_LAW.tolist()
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("rank", "singular value")


@pytest.mark.parametrize(("n_values", "scale"), [(1, "linear"), (FEW, "linear"), (FEW + 1, "log")])
def test_many_values_are_drawn_on_logarithmic_scales(axes, n_values, scale):
    plot_singular_values(POWER_LAW[:n_values], ax=axes)
    assert (axes.get_xscale(), axes.get_yscale()) == (scale, scale)


def test_zeros_are_points_of_a_plain_plot_and_left_out_of_a_logarithmic_one(axes):
    few, many = axes, figure.Figure().subplots()
    plot_singular_values([3.0, 1.0, 0.0], ax=few)
    plot_singular_values([*POWER_LAW, 0.0], ax=many)
    assert few.get_lines()[0].get_ydata().tolist() == [3.0, 1.0, 0.0]
    assert len(many.get_lines()[0].get_ydata()) == len(POWER_LAW)


def test_numbers_at_logarithmic_axes_are_plain(axes):
    plot_singular_values(POWER_LAW, ax=axes)
    axes.figure.canvas.draw()
    labels = [label.get_text() for label in (*axes.get_xticklabels(), *axes.get_yticklabels())]
    assert {"10", "20", "50", "100", "200", "500"} <= set(labels)
    assert not [label for label in labels if "$" in label]


def test_without_axes_a_figure_is_made():
    matplotlib.use("agg")
    from matplotlib import pyplot

    try:
        axes = plot_singular_values([2.0, 1.0])
        assert pyplot.gca() is axes
    finally:
        pyplot.close("all")


@pytest.mark.parametrize(
    "values", [[], [[1.0]], 3.0, [1.0, np.nan], [np.inf], [1.0, -1.0], [0.0]], ids=lambda values: str(values)
)
def test_what_is_no_spectrum_is_refused(axes, values):
    with pytest.raises(ParameterError, match="singular values"):
        plot_singular_values(values, ax=axes)


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf", ".PNG"])
def test_the_ending_chooses_the_format_and_the_same_figure_gives_the_same_bytes(tmp_path, ending):
    for name in "ab":
        save_figure(tmp_path / f"{name}{ending}", lambda axes: plot_singular_values(POWER_LAW, ax=axes))
    first, second = ((tmp_path / f"{name}{ending}").read_bytes() for name in "ab")
    assert first.startswith(BEGINNINGS[ending.lower()])
    assert first == second


@pytest.mark.parametrize("name", ["plot.jpg", "plot", "png"])
def test_other_endings_are_refused(tmp_path, name):
    with pytest.raises(OutputError, match=r"expected \.png, \.svg or \.pdf"):
        check_figure_output(tmp_path / name)


def fill_the_disk(figure, out, **settings):
    out.write(b"half a figure")
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("full", [False, True], ids=["bad values", "full disk"])
def test_a_figure_that_fails_leaves_the_older_file(tmp_path, monkeypatch, full):
    path = tmp_path / "plot.png"
    path.write_bytes(b"an older file")
    if full:
        monkeypatch.setattr(figure.Figure, "savefig", fill_the_disk)
    with pytest.raises(OutputError if full else ParameterError):
        save_figure(path, lambda axes: plot_singular_values([2.0, 1.0] if full else [], ax=axes))
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("plot.png", b"an older file")]


def test_without_matplotlib_the_error_names_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for draw in (lambda: plot_singular_values([1.0]), lambda: check_figure_output(tmp_path / "plot.png")):
        with pytest.raises(MissingDependencyError, match="pip install matplotlib"):
            draw()
