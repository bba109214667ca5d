"""`embedkit train-svd`: the model's options, and the singular values."""

import json
import sys

import numpy as np
import pytest

from embedkit.vectors.keyed_vectors import KeyedVectors

FAST = ["--vector-size", "8", "--threads", "1"]


@pytest.fixture
def train(invoke, corpus, tmp_path):
    """Train quickly on the small corpus, and give the vectors."""

    def run(*options, output="v.bin"):
        result = invoke("train-svd", corpus, "-o", tmp_path / output, *FAST, "--quiet", *options)
        assert result.exit_code == 0, result.output
        return KeyedVectors.load(tmp_path / output)

    return run


@pytest.mark.parametrize(
    "option",
    [
        ["--weighting", "pmi"],
        ["--weighting", "log"],
        ["--weighting", "count"],
        ["--shift", "1.5"],
        ["--cds", "1"],
        ["--eigenvalue-power", "0"],
        ["--vector-size", "5"],
    ],
    ids=" ".join,
)
def test_each_option_changes_the_vectors(train, option):
    # The mutual information of these words is about log 4; some of it is to be negative.
    negative = ["--shift", "4"]
    plain, other = train(*negative), train(*negative, *option, output="other.bin")
    assert plain.vectors.shape != other.vectors.shape or not np.allclose(plain.vectors, other.vectors, atol=1e-4)


def test_one_seed_and_one_thread_give_the_same_bytes(train, tmp_path):
    train(output="a.bin")
    train(output="b.bin")
    assert (tmp_path / "a.bin").read_bytes() == (tmp_path / "b.bin").read_bytes()


def test_singular_values_are_saved_reported_and_drawn(invoke, corpus, tmp_path):
    values, plot = tmp_path / "values.txt", tmp_path / "spectrum.png"
    options = ["--save-singular-values", values, "--plot", plot, "--json"]
    result = invoke("train-svd", corpus, "-o", tmp_path / "v.bin", *FAST, *options)
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    saved = np.loadtxt(values)
    assert saved == pytest.approx(report["singular_values"], rel=1e-8)
    assert len(saved) == 8
    assert (np.diff(saved) <= 0).all()
    assert saved[-1] > 0
    assert 0 <= report["residual"] < 1e-3
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_the_vectors_are_singular_vectors_times_a_power_of_the_values(train, tmp_path):
    plain = train("--eigenvalue-power", 0)
    half = train("--save-singular-values", tmp_path / "values.txt", output="half.bin")
    assert half.vectors == pytest.approx(plain.vectors * np.loadtxt(tmp_path / "values.txt") ** 0.5, abs=1e-5)
    assert plain.vectors.T @ plain.vectors == pytest.approx(np.eye(8), abs=1e-5)


def test_options_without_effect_are_named(invoke, corpus, tmp_path):
    options = ["--weighting", "log", "--shift", "5", "--cds", "1"]
    result = invoke("train-svd", corpus, "-o", tmp_path / "v.bin", *FAST, *options)
    assert result.exit_code == 0, result.output
    assert "--shift has no effect with --weighting log" in result.stderr
    assert "--cds has no effect with --weighting log" in result.stderr


def test_an_interruption_names_the_outputs_that_are_complete(invoke, corpus, tmp_path, monkeypatch):
    from embedkit.viz import figures

    def interrupt(path, draw):
        raise KeyboardInterrupt

    monkeypatch.setattr(figures, "save_figure", interrupt)
    values = tmp_path / "values.txt"
    options = ["--save-singular-values", values, "--plot", tmp_path / "spectrum.png"]
    result = invoke("train-svd", corpus, "-o", tmp_path / "v.bin", *FAST, *options)
    assert result.exit_code == 130
    assert f"Interrupted; complete by then: {tmp_path / 'v.bin'}, {values}" in result.stderr


def test_training_loads_no_scikit_learn_and_no_matplotlib(corpus, tmp_path, loaded_after):
    loaded = loaded_after("train-svd", str(corpus), "-o", str(tmp_path / "v.bin"), *FAST, "--quiet")
    assert "scipy" in loaded
    assert not {"sklearn", "matplotlib", "rich"} & loaded


class TestErrors:
    """All but the last two are found out before the text is read."""

    @pytest.fixture
    def train_fails(self, fails, tmp_path):
        return lambda *arguments: fails("train-svd", "-o", tmp_path / "older.bin", *FAST, *arguments)

    @pytest.mark.parametrize(
        ("option", "name"),
        [
            (["--shift", "0"], "shift"),
            (["--shift", "nan"], "shift"),
            (["--cds", "-1"], "context_smoothing"),
            (["--eigenvalue-power", "-1"], "eigenvalue_power"),
            (["--eigenvalue-power", "inf"], "eigenvalue_power"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else value,
    )
    def test_impossible_values(self, train_fails, unread, option, name):
        assert name in train_fails(unread, *option)

    def test_an_unknown_weighting_is_a_usage_error(self, invoke, corpus, tmp_path):
        result = invoke("train-svd", corpus, "-o", tmp_path / "v.bin", "--weighting", "tfidf")
        assert result.exit_code == 2
        assert "--weighting" in result.stderr

    @pytest.mark.parametrize("option", ["--save-singular-values", "--plot"])
    def test_a_folder_that_does_not_exist(self, train_fails, unread, tmp_path, option):
        assert "nowhere" in train_fails(unread, option, tmp_path / "nowhere" / "spectrum.png")

    def test_two_outputs_of_one_name(self, train_fails, unread, tmp_path):
        path = tmp_path / "spectrum.svg"
        message = train_fails(unread, "--plot", path, "--save-singular-values", path)
        assert "--plot" in message
        assert "--save-singular-values" in message

    @pytest.mark.parametrize("name", ["-", "values.npy", "values.NPZ"])
    def test_singular_values_into_what_is_no_text_file(self, train_fails, unread, name):
        message = train_fails(unread, "--save-singular-values", name)
        assert f"singular values to {name}: expected a text file such as values.txt" in message

    def test_an_ending_that_names_no_format_of_figures(self, train_fails, unread, tmp_path):
        assert ".png, .svg or .pdf" in train_fails(unread, "--plot", tmp_path / "spectrum.jpg")

    def test_no_matplotlib(self, train_fails, unread, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        assert "pip install matplotlib" in train_fails(unread, "--plot", tmp_path / "spectrum.png")

    def test_more_dimensions_than_words(self, train_fails, corpus):
        message = train_fails(corpus, "--vector-size", "21")
        assert "20 words" in message

    def test_a_shift_that_leaves_nothing(self, train_fails, corpus):
        message = train_fails(corpus, "--shift", "1000")
        assert "shift=1000" in message
