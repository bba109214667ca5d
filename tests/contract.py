"""One contract that every classifier of texts keeps, whatever room it is of.

`CHECKS` are functions of a `Candidate`: what makes the classifier, and how it is saved and loaded.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from embedkit import KeyedVectors

SIGNS = {"cat": ["purrs", "meows"], "dog": ["barks", "fetches"], "fish": ["swims", "dives"]}
FILLERS = ["it", "often", "we", "saw"]
WORDS = [*FILLERS, *itertools.chain(*SIGNS.values())]
# For classifiers that begin with vectors.
KEYED = KeyedVectors(WORDS, np.random.default_rng(0).normal(0, 1, (len(WORDS), 4)))
NEW = ["we often saw it: it swims", "it barks", "", "unheard of", "purrs meows often it it it saw we it it it it"]


@dataclass(frozen=True)
class Candidate:
    """A classifier that shall keep the contract.

    Attributes
    ----------
    make : callable
        Returns it, not fitted, with a seed.
    grid : dict
        One parameter and two values for it.
    save : callable
        Takes the fitted classifier and a path.
    load : callable
        Takes the path, and returns the classifier.
    folder : Path
        For its file.
    takes_tokens : bool
        Whether a text may be a list of words.
    """

    make: Callable[[], Any]
    grid: dict[str, list[Any]]
    save: Callable[[Any, Path], Any]
    load: Callable[[Path], Any]
    folder: Path
    takes_tokens: bool = True


@dataclass(frozen=True)
class Planted:
    """Texts in which a word gives the class away, one of each class in turn."""

    n_texts: int = 24
    texts: list[str] = field(init=False)
    labels: list[str] = field(init=False)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.n_texts)
        labels = [list(SIGNS)[number % 3] for number in range(self.n_texts)]
        texts = [f"{' '.join(rng.choice(FILLERS, rng.integers(1, 6)))} {rng.choice(SIGNS[label])}" for label in labels]
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "texts", texts)


DATA = Planted()


def scores(model: Any, texts: Any) -> np.ndarray:
    """Probabilities, or what stands for them where a classifier has none."""
    return model.predict_proba(texts) if hasattr(model, "predict_proba") else model.decision_function(texts)


def fit_returns_the_classifier_and_finds_the_classes(candidate: Candidate) -> None:
    model = candidate.make()
    assert model.fit(DATA.texts, DATA.labels) is model
    assert model.classes_.tolist() == ["cat", "dog", "fish"]
    found = model.predict(NEW)
    assert found.shape == (len(NEW),)
    assert set(found) <= set(SIGNS)
    assert 0 <= model.score(DATA.texts, DATA.labels) <= 1


def probabilities_are_those_of_the_classes(candidate: Candidate) -> None:
    # The classes come in no order, and the last one most often.
    labels = ["wet" if label == "fish" else "dry" if label == "cat" else "muddy" for label in DATA.labels]
    model = candidate.make().fit(DATA.texts + DATA.texts[1::3], labels + labels[1::3])
    assert model.classes_.tolist() == ["dry", "muddy", "wet"]
    texts = DATA.texts + NEW
    found = scores(model, texts)
    assert found.shape == (len(texts), 3)
    assert model.classes_[found.argmax(axis=1)].tolist() == model.predict(texts).tolist()
    if hasattr(model, "predict_proba"):
        assert found.min() >= 0
        np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)


def a_clone_has_the_parameters_and_is_not_fitted(candidate: Candidate) -> None:
    model = candidate.make().fit(DATA.texts, DATA.labels)
    copy = clone(model)
    own, copied = (one.get_params() for one in (model, copy))
    assert own.keys() == copied.keys()
    # Steps are other objects, and their parameters are listed beside them.
    for name in own:
        assert own[name] == copied[name] or repr(own[name]) == repr(copied[name])
    with pytest.raises(NotFittedError):
        copy.predict(NEW)


def parameters_are_got_and_set(candidate: Candidate) -> None:
    model = candidate.make()
    ((name, values),) = candidate.grid.items()
    for value in values:
        assert model.set_params(**{name: value}) is model
        assert model.get_params()[name] == value
    with pytest.raises(ValueError, match="Invalid parameter 'no_such_thing'"):
        model.set_params(no_such_thing=1)


def a_parameter_can_be_searched(candidate: Candidate) -> None:
    search = GridSearchCV(candidate.make(), candidate.grid, cv=2, error_score="raise").fit(DATA.texts, DATA.labels)
    ((name, values),) = candidate.grid.items()
    assert search.best_params_[name] in values
    assert search.best_estimator_.get_params()[name] == search.best_params_[name]
    assert search.predict(NEW).shape == (len(NEW),)


def it_works_as_a_step_of_a_pipeline(candidate: Candidate) -> None:
    alone = candidate.make().fit(DATA.texts, DATA.labels)
    pipeline = Pipeline([("as-it-is", FunctionTransformer()), ("last", candidate.make())])
    pipeline.fit(DATA.texts, DATA.labels)
    assert pipeline.classes_.tolist() == alone.classes_.tolist()
    np.testing.assert_array_equal(scores(pipeline, NEW), scores(alone, NEW))


def it_can_be_cross_validated(candidate: Candidate) -> None:
    found = cross_val_score(candidate.make(), DATA.texts, DATA.labels, cv=2, error_score="raise")
    assert found.shape == (2,)
    assert np.isfinite(found).all()


def a_saved_classifier_predicts_the_same(candidate: Candidate) -> None:
    for labels in (DATA.labels, [label == "cat" for label in DATA.labels]):
        model = candidate.make().fit(DATA.texts, labels)
        before = scores(model, DATA.texts + NEW)
        candidate.save(model, candidate.folder / "model")
        again = candidate.load(candidate.folder / "model")
        assert type(again) is type(model)
        assert again.classes_.dtype == model.classes_.dtype
        assert again.classes_.tolist() == model.classes_.tolist()
        np.testing.assert_allclose(scores(again, DATA.texts + NEW), before, rtol=0, atol=1e-7)
        np.testing.assert_array_equal(scores(model, DATA.texts + NEW), before)
        assert again.predict(NEW).tolist() == model.predict(NEW).tolist()
    # What was loaded can be trained as another.
    np.testing.assert_array_equal(scores(clone(again).fit(DATA.texts, labels), NEW), scores(model, NEW))


def the_same_seed_gives_the_same_predictions(candidate: Candidate) -> None:
    model = candidate.make().fit(DATA.texts, DATA.labels)
    first = scores(model, NEW)
    np.testing.assert_array_equal(scores(model.fit(DATA.texts, DATA.labels), NEW), first)
    np.testing.assert_array_equal(scores(clone(model).fit(DATA.texts, DATA.labels), NEW), first)


def a_classifier_can_be_fitted_to_other_classes(candidate: Candidate) -> None:
    model = candidate.make().fit(DATA.texts, DATA.labels)
    fresh = candidate.make().fit(["it purrs", "often we dive barks"] * 8, [1, 0] * 8)
    model.fit(["it purrs", "often we dive barks"] * 8, [1, 0] * 8)
    assert model.classes_.tolist() == [0, 1]
    np.testing.assert_array_equal(scores(model, NEW), scores(fresh, NEW))


def labels_keep_their_type(candidate: Candidate) -> None:
    kinds: list[Any] = [
        np.array(DATA.labels),
        [len(label) for label in DATA.labels],
        np.array([3 if label == "cat" else -7 for label in DATA.labels], np.int32),
        [label == "cat" for label in DATA.labels],
    ]
    for labels in kinds:
        model = candidate.make().fit(DATA.texts, labels)
        assert model.classes_.dtype == np.asarray(labels).dtype
        assert model.predict(NEW).dtype == np.asarray(labels).dtype
        assert model.classes_.tolist() == sorted(set(np.asarray(labels).tolist()))


def texts_come_in_any_container(candidate: Candidate) -> None:
    pandas = pytest.importorskip("pandas")
    expected = scores(candidate.make().fit(DATA.texts, DATA.labels), NEW)
    containers: list[tuple[Any, Any]] = [
        (np.array(DATA.texts, dtype=object), np.array(NEW, dtype=object)),
        (np.array(DATA.texts), np.array(NEW)),
        (tuple(DATA.texts), tuple(NEW)),
        # Rows keep their order, whatever they are called.
        (
            pandas.Series(DATA.texts, index=range(99, 99 - len(DATA.texts), -1)),
            pandas.Series(NEW, index=[3, 3, 1, 0, 9]),
        ),
    ]
    for train, new in containers:
        model = candidate.make().fit(train, pandas.Series(DATA.labels, index=range(5, 5 + len(DATA.labels))))
        np.testing.assert_array_equal(scores(model, new), expected)


def lists_of_words_are_texts(candidate: Candidate) -> None:
    if not candidate.takes_tokens:
        return
    model = candidate.make().fit([text.split() for text in DATA.texts], DATA.labels)
    expected = scores(candidate.make().fit(DATA.texts, DATA.labels), DATA.texts)
    np.testing.assert_allclose(scores(model, [text.split() for text in DATA.texts]), expected, rtol=0, atol=1e-6)


def nothing_that_is_given_is_changed(candidate: Candidate) -> None:
    texts, labels = np.array(DATA.texts, dtype=object), np.array(DATA.labels)
    model = candidate.make()
    before = {name: (value, repr(value)) for name, value in model.get_params().items()}
    model.fit(texts, labels)
    scores(model, texts)
    assert texts.tolist() == DATA.texts
    assert labels.tolist() == DATA.labels
    steps = {"steps", *dict(getattr(model, "steps", ()))}
    for name, value in model.get_params().items():
        assert name in steps or value is before[name][0]
        assert repr(value) == before[name][1]
    if candidate.takes_tokens:
        tokens = [text.split() for text in DATA.texts]
        candidate.make().fit(tokens, DATA.labels).predict(tokens)
        assert tokens == [text.split() for text in DATA.texts]


def texts_beside_it_change_no_prediction(candidate: Candidate) -> None:
    model = candidate.make().fit(DATA.texts, DATA.labels)
    alone = np.vstack([scores(model, [text]) for text in NEW])
    np.testing.assert_allclose(scores(model, NEW), alone, rtol=0, atol=1e-5)
    np.testing.assert_allclose(scores(model, NEW[::-1])[::-1], alone, rtol=0, atol=1e-5)


def what_is_no_list_of_texts_is_refused(candidate: Candidate) -> None:
    with pytest.raises(ValueError, match=r"\b3\b"):
        candidate.make().fit(DATA.texts, DATA.labels[:3])
    with pytest.raises(ValueError, match=r"list with this one|a single text in a list"):
        candidate.make().fit("cat", ["cat", "dog", "fish"])
    with pytest.raises(ValueError, match=r"list with this one|a single text in a list"):
        candidate.make().fit(DATA.texts, DATA.labels).predict("cat")


CHECKS: list[Callable[[Candidate], None]] = [
    fit_returns_the_classifier_and_finds_the_classes,
    probabilities_are_those_of_the_classes,
    a_clone_has_the_parameters_and_is_not_fitted,
    parameters_are_got_and_set,
    a_parameter_can_be_searched,
    it_works_as_a_step_of_a_pipeline,
    it_can_be_cross_validated,
    a_saved_classifier_predicts_the_same,
    the_same_seed_gives_the_same_predictions,
    a_classifier_can_be_fitted_to_other_classes,
    labels_keep_their_type,
    texts_come_in_any_container,
    lists_of_words_are_texts,
    nothing_that_is_given_is_changed,
    texts_beside_it_change_no_prediction,
    what_is_no_list_of_texts_is_refused,
]
"""Each with the name of what it promises."""

check_by_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
