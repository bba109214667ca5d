"""Parameters worth trying for each classifier of `text_classifier`."""

from typing import Any

from embedkit.checks import check_choice

__all__ = ["PARAM_GRIDS", "param_grid"]

NGRAMS = [(1, 1), (1, 2), (1, 3)]

PARAM_GRIDS: dict[str, dict[str, list[Any]]] = {
    "logreg": {"features__ngram_range": NGRAMS, "classifier__C": [1.0, 10.0, 100.0]},
    "svm": {"features__ngram_range": NGRAMS, "classifier__C": [0.3, 1.0, 3.0]},
    "nb": {"features__ngram_range": NGRAMS, "classifier__estimator__alpha": [0.03, 0.1, 0.3, 1.0]},
    "nbsvm": {
        "features__ngram_range": NGRAMS,
        "classifier__estimator__C": [0.3, 1.0, 3.0, 10.0],
        "classifier__estimator__beta": [0.25, 0.5, 0.75],
    },
    "ridge": {"features__ngram_range": NGRAMS, "classifier__alpha": [0.3, 1.0, 3.0]},
    "random-forest": {"classifier__max_features": ["sqrt", 0.01], "classifier__min_samples_leaf": [1, 2]},
    "adaboost": {
        "classifier__estimator__learning_rate": [0.5, 1.0],
        "classifier__estimator__estimator__max_depth": [1, 3, 6],
    },
    "lightgbm": {"classifier__learning_rate": [0.05, 0.1], "classifier__num_leaves": [15, 31, 63]},
    "xgboost": {
        "classifier__estimator__learning_rate": [0.1, 0.3],
        "classifier__estimator__max_depth": [4, 6, 8],
    },
    "fasttext": {"classifier__learning_rate": [0.1, 0.5, 1.0], "classifier__word_ngrams": [1, 2]},
    "embedding": {"features__pooling": ["mean", "tfidf", "sif", "min-mean-max"], "classifier__C": [0.01, 0.1, 1.0]},
}
"""The grid of each name, for scikit-learn's GridSearchCV; `param_grid` gives a copy."""


def param_grid(name: str) -> dict[str, list[Any]]:
    """Parameters to search for a classifier of `text_classifier`.

    Parameters
    ----------
    name : str
        One of `MODELS`.

    Returns
    -------
    dict of str to list
        For scikit-learn's GridSearchCV; yours to change.

    Raises
    ------
    ParameterError
        If the name is none of these.

    Examples
    --------
    >>> from sklearn.model_selection import GridSearchCV
    >>> from embedkit.classify import param_grid, text_classifier
    >>> search = GridSearchCV(text_classifier("nb"), param_grid("nb"), cv=2)
    >>> search.fit(["it purrs", "it barks"] * 4, ["cat", "dog"] * 4).predict(["barks"]).tolist()
    ['dog']
    """
    check_choice("name", name, tuple(PARAM_GRIDS))
    return {parameter: list(values) for parameter, values in PARAM_GRIDS[name].items()}
