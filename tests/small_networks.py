"""Neural classifiers so small that a test can train many of them."""

from typing import Any

from embedkit import neural

__all__ = ["SIZES", "SMALL", "small"]

SMALL: dict[str, Any] = {
    "epochs": 2,
    "batch_size": 12,
    "min_count": 1,
    "learning_rate": 0.01,
    "device": "cpu",
    # Threads that wait for each other take longer than so little work.
    "n_jobs": 1,
    "random_state": 0,
}
"""What all of them share."""

SIZES: dict[str, dict[str, Any]] = {
    "FastTextNet": {"vector_size": 8, "word_ngrams": 2, "buckets": 50},
    "HierarchicalAttentionClassifier": {"vector_size": 8, "n_filters": 4, "hidden_size": 4, "windows": (2, 3)},
    "RNNClassifier": {"vector_size": 8, "hidden_size": 4},
    "TextCNNClassifier": {"vector_size": 8, "n_filters": 4, "windows": (2, 3)},
    "TransformerClassifier": {"vector_size": 8, "hidden_size": 8, "n_layers": 1, "n_heads": 2},
}
"""Parameters of each class."""


def small(name: str = "TextCNNClassifier", **parameters: Any) -> Any:
    """A small classifier of this class, not fitted."""
    settings = {**SMALL, **SIZES[name], **parameters}
    if settings.get("mixup") and "word_ngrams" in settings:
        settings["word_ngrams"] = 1  # n-grams cannot be mixed
    return getattr(neural, name)(**settings)
