"""Text to matrices: counts, TF-IDF, hashing and pooled word vectors, as scikit-learn transformers; and to phrases."""

from embedkit.features.count import CountVectorizer
from embedkit.features.embedding import EmbeddingVectorizer
from embedkit.features.hashing import HashingVectorizer
from embedkit.features.phrases import Phrases
from embedkit.features.tfidf import TfidfVectorizer
from embedkit.features.tfidf_transformer import TfidfTransformer

__all__ = [
    "CountVectorizer",
    "EmbeddingVectorizer",
    "HashingVectorizer",
    "Phrases",
    "TfidfTransformer",
    "TfidfVectorizer",
]
