"""Text classifiers: scikit-learn estimators, ready pipelines, and model files.

Public names are imported on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from embedkit.classify.fasttext.estimator import FastTextClassifier
    from embedkit.classify.grids import PARAM_GRIDS, param_grid
    from embedkit.classify.model_file import load_model, save_model
    from embedkit.classify.nbsvm import NBSVMClassifier
    from embedkit.classify.pipelines import MODELS, text_classifier
    from embedkit.classify.scores import Scores, classification_scores
    from embedkit.classify.weighted import WeightedClassifier

__all__ = [
    "MODELS",
    "PARAM_GRIDS",
    "FastTextClassifier",
    "NBSVMClassifier",
    "Scores",
    "WeightedClassifier",
    "classification_scores",
    "load_model",
    "param_grid",
    "save_model",
    "text_classifier",
]

_HOMES = {
    "FastTextClassifier": "fasttext.estimator",
    "MODELS": "pipelines",
    "NBSVMClassifier": "nbsvm",
    "PARAM_GRIDS": "grids",
    "Scores": "scores",
    "WeightedClassifier": "weighted",
    "classification_scores": "scores",
    "load_model": "model_file",
    "param_grid": "grids",
    "save_model": "model_file",
    "text_classifier": "pipelines",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
