"""Neural text classifiers in torch, with scikit-learn's interface (the extra ``neural``: torch, skorch, safetensors).

The one room that knows torch. Public names are imported on first use; without torch, asking for one says what to
install.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from embedkit.errors import MissingDependencyError

if TYPE_CHECKING:
    from embedkit.neural.classifiers.fasttext import FastTextNet
    from embedkit.neural.classifiers.hierarchical import HierarchicalAttentionClassifier
    from embedkit.neural.classifiers.rnn import RNNClassifier
    from embedkit.neural.classifiers.textcnn import TextCNNClassifier
    from embedkit.neural.classifiers.transformer import TransformerClassifier
    from embedkit.neural.model_file import load_model, save_model
    from embedkit.neural.named import NEURAL_GRIDS, NEURAL_MODELS, neural_classifier

__all__ = [
    "CLASSIFIERS",
    "NEURAL_GRIDS",
    "NEURAL_MODELS",
    "FastTextNet",
    "HierarchicalAttentionClassifier",
    "RNNClassifier",
    "TextCNNClassifier",
    "TransformerClassifier",
    "load_model",
    "neural_classifier",
    "save_model",
]

_HOMES = {
    "FastTextNet": "classifiers.fasttext",
    "HierarchicalAttentionClassifier": "classifiers.hierarchical",
    "NEURAL_GRIDS": "named",
    "NEURAL_MODELS": "named",
    "RNNClassifier": "classifiers.rnn",
    "TextCNNClassifier": "classifiers.textcnn",
    "TransformerClassifier": "classifiers.transformer",
    "load_model": "model_file",
    "neural_classifier": "named",
    "save_model": "model_file",
}

CLASSIFIERS = (
    "FastTextNet",
    "HierarchicalAttentionClassifier",
    "RNNClassifier",
    "TextCNNClassifier",
    "TransformerClassifier",
)
"""Names of the estimators."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in ("torch", "skorch"):
            raise
        raise MissingDependencyError(
            f"embedkit.neural needs {package}, which is not installed; pip install torch skorch safetensors"
        ) from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
