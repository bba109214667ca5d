"""Word embeddings and classical NLP on a fast C core.

Public names are imported on first use, so that ``import embedkit`` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from embedkit.augment.eda import EDA
    from embedkit.features.phrases import Phrases
    from embedkit.lm.estimator import NgramLanguageModel
    from embedkit.models.cooccurrence.estimator import CooccurrenceMatrix
    from embedkit.models.glove.estimator import GloVe
    from embedkit.models.svd.estimator import SVDEmbedding
    from embedkit.models.svd.lsa import LSA
    from embedkit.models.svd.ppmi import PPMI
    from embedkit.models.word2vec.estimator import Word2Vec
    from embedkit.text.corpus import Corpus
    from embedkit.text.vocabulary import Vocabulary
    from embedkit.vectors.keyed_vectors import KeyedVectors

__all__ = [
    "EDA",
    "LSA",
    "PPMI",
    "CooccurrenceMatrix",
    "Corpus",
    "GloVe",
    "KeyedVectors",
    "NgramLanguageModel",
    "Phrases",
    "SVDEmbedding",
    "Vocabulary",
    "Word2Vec",
    "__version__",
]

_HOMES = {
    "CooccurrenceMatrix": "embedkit.models.cooccurrence.estimator",
    "Corpus": "embedkit.text.corpus",
    "EDA": "embedkit.augment.eda",
    "GloVe": "embedkit.models.glove.estimator",
    "KeyedVectors": "embedkit.vectors.keyed_vectors",
    "LSA": "embedkit.models.svd.lsa",
    "NgramLanguageModel": "embedkit.lm.estimator",
    "Phrases": "embedkit.features.phrases",
    "PPMI": "embedkit.models.svd.ppmi",
    "SVDEmbedding": "embedkit.models.svd.estimator",
    "Vocabulary": "embedkit.text.vocabulary",
    "Word2Vec": "embedkit.models.word2vec.estimator",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'embedkit' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
