"""Several classifiers side by side."""

import sys

import pytest
from sklearn.pipeline import Pipeline

from embedkit.classify import compare as home
from embedkit.classify.compare import compare_classifiers
from embedkit.errors import InputError

TRAIN = (["it purrs", "it sleeps", "it barks", "it runs"] * 5, ["cat", "cat", "dog", "dog"] * 5)
TEST = (["purrs", "runs", "hisses"], ["cat", "dog", "snake"])


def test_figures_of_each_in_the_order_of_the_names():
    told = []
    rows = list(compare_classifiers(["svm", "nb"], TRAIN, TEST, on_start=lambda *about: told.append(about)))
    assert [row.name for row in rows] == ["svm", "nb"]
    assert told == [("svm", 1), ("nb", 2)]
    for row in rows:
        assert row.reason is None
        assert row.scores.accuracy == pytest.approx(2 / 3)
        assert row.scores.unseen == ["snake"]
        assert row.fit_seconds > 0
        assert row.predict_seconds > 0
        assert row.model_bytes > 1000


def test_the_size_is_that_of_the_file(tmp_path):
    from embedkit.classify import save_model, text_classifier

    (row,) = compare_classifiers(["nb"], TRAIN, TEST)
    save_model(text_classifier("nb").fit(*TRAIN), tmp_path / "m.skops", metadata={"model": "nb"})
    # Object numbers of the process are in the archive, so that its size differs a little each time.
    assert row.model_bytes == pytest.approx((tmp_path / "m.skops").stat().st_size, rel=0.1)


def test_there_is_no_size_without_skops(monkeypatch):
    monkeypatch.setitem(sys.modules, "skops.io", None)
    (row,) = compare_classifiers(["nb"], TRAIN, TEST)
    assert row.reason is row.model_bytes is None
    assert row.scores.accuracy == pytest.approx(2 / 3)


def test_settings_of_all_and_of_one(monkeypatch):
    made = []

    def record(name, **settings):
        made.append((name, settings))
        raise ValueError("enough")

    monkeypatch.setattr(home, "text_classifier", record)
    rows = list(compare_classifiers(["a", "b"], TRAIN, TEST, settings={"x": 1}, settings_of={"b": {"x": 2, "y": 3}}))
    assert made == [("a", {"x": 1}), ("b", {"x": 2, "y": 3})]
    assert [row.reason for row in rows] == ["enough", "enough"]


@pytest.mark.parametrize("error", [RuntimeError("no room"), MemoryError(), KeyError("x")], ids=repr)
def test_one_that_fails_does_not_stop_the_others(monkeypatch, error):
    fit = Pipeline.fit

    def fail_for_svm(self, *arguments, **settings):
        if type(self[-1]).__name__ == "LinearSVC":
            raise error
        return fit(self, *arguments, **settings)

    monkeypatch.setattr(Pipeline, "fit", fail_for_svm)
    first, second = compare_classifiers(["svm", "nb"], TRAIN, TEST)
    assert first.reason == (str(error) or type(error).__name__)
    assert first.scores is first.model_bytes is first.fit_seconds is None
    assert second.scores.accuracy > 0.6


def test_a_request_to_end_ends_the_comparison(monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(Pipeline, "fit", interrupt)
    with pytest.raises(KeyboardInterrupt):
        list(compare_classifiers(["svm", "nb"], TRAIN, TEST))


def test_labels_are_checked_before_anything_is_trained():
    with pytest.raises(InputError, match="one class only"):
        list(compare_classifiers(["nb"], (["x", "y"], ["a", "a"]), TEST))
    with pytest.raises(InputError, match="document 2"):
        list(compare_classifiers(["nb"], TRAIN, (["x", "y"], ["cat", None])))
