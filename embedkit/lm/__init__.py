"""N-gram language models: counts, smoothing, ARPA files, and questions to a model."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from embedkit.lm.counting import NgramCounts, count_ngrams
    from embedkit.lm.estimator import NgramLanguageModel
    from embedkit.lm.mixing import mix_models
    from embedkit.lm.model import NgramModel
    from embedkit.lm.perplexity import PerplexityReport

__all__ = ["NgramCounts", "NgramLanguageModel", "NgramModel", "PerplexityReport", "count_ngrams", "mix_models"]

_HOMES = {
    "NgramCounts": "embedkit.lm.counting",
    "NgramLanguageModel": "embedkit.lm.estimator",
    "NgramModel": "embedkit.lm.model",
    "PerplexityReport": "embedkit.lm.perplexity",
    "count_ngrams": "embedkit.lm.counting",
    "mix_models": "embedkit.lm.mixing",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'embedkit.lm' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
