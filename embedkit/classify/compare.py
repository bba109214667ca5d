"""Several classifiers on the same documents, side by side."""

import logging
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embedkit.classify.labels import check_classes, check_labels
from embedkit.classify.model_file import save_model
from embedkit.classify.pipelines import text_classifier
from embedkit.classify.scores import Scores
from embedkit.classify.validation import score_model
from embedkit.errors import MissingDependencyError

__all__ = ["Comparison", "compare_classifiers"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Comparison:
    """What became of one classifier.

    Attributes
    ----------
    name : str
    scores : Scores or None
        On the test documents.
    fit_seconds, predict_seconds : float or None
        Wall-clock time of the training, and of the labels of the test documents; raw text to end.
    model_bytes : int or None
        Size of the saved file; None without skops.
    reason : str or None
        Why there are no figures, where there are none.
    """

    name: str
    scores: Scores | None = None
    fit_seconds: float | None = None
    predict_seconds: float | None = None
    model_bytes: int | None = None
    reason: str | None = None


def compare_classifiers(
    names: Iterable[str],
    train: tuple[Sequence[str], Sequence[Any]],
    test: tuple[Sequence[str], Sequence[Any]],
    *,
    settings: Mapping[str, Any] | None = None,
    settings_of: Mapping[str, Mapping[str, Any]] | None = None,
    make: Callable[..., Any] | None = None,
    on_start: Callable[[str, int], None] | None = None,
) -> Iterator[Comparison]:
    """Train each classifier, predict the test documents, and save it to see how large it is.

    Parameters
    ----------
    names : iterable of str
        Of `text_classifier`.
    train, test : (texts, labels)
    settings : mapping, optional
        Of all classifiers: arguments of `text_classifier` such as `n_jobs`.
    settings_of : mapping of str to mapping, optional
        Of single ones: `keyed_vectors` of "embedding", for instance.
    make : callable, optional
        Called with a name and its settings in the place of `text_classifier`, to compare classifiers that it lacks.
    on_start : callable, optional
        Called with each name and its number, from 1, before it is trained.

    Yields
    ------
    Comparison
        One for each name, as soon as it is known. A classifier that fails, or whose package is not installed, is
        one with a `reason`.

    Raises
    ------
    InputError
        If labels are missing, or all the same.

    Examples
    --------
    >>> train = (["it purrs", "it barks"] * 10, ["cat", "dog"] * 10)
    >>> for row in compare_classifiers(["nb", "logreg"], train, (["purrs", "barks"], ["cat", "dog"])):
    ...     print(row.name, row.scores.accuracy)
    nb 1.0
    logreg 1.0
    """
    texts, labels = list(train[0]), check_labels(train[1])
    check_classes(sorted(set(labels.tolist())))
    check_labels(test[1])
    for number, name in enumerate(names, start=1):
        if on_start is not None:
            on_start(name, number)
        try:
            model = (make or text_classifier)(name, **{**(settings or {}), **(settings_of or {}).get(name, {})})
            yield _compared(name, model, (texts, labels), test)
        except Exception as error:  # whatever a package raises, the others still count
            logger.debug("%s failed", name, exc_info=True)
            yield Comparison(name, reason=str(error) or type(error).__name__)


def _compared(name: str, model: Any, train: tuple[Any, Any], test: tuple[Any, Any]) -> Comparison:
    start = time.perf_counter()
    model.fit(*train)
    fitted = time.perf_counter()
    model.predict(test[0])
    predicted = time.perf_counter()
    scores = score_model(model, *test)
    return Comparison(name, scores, fitted - start, predicted - fitted, _saved_bytes(name, model))


def _saved_bytes(name: str, model: Any) -> int | None:
    with tempfile.TemporaryDirectory(prefix="embedkit-compare-") as folder:
        path = Path(folder) / "model.skops"
        try:
            save_model(model, path, metadata={"model": name})
        except MissingDependencyError:
            return None
        return path.stat().st_size
