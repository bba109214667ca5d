"""Scores for word vectors: analogies and similarity."""

from embedkit.evaluate.analogies import AnalogyScores, SectionScore, evaluate_analogies
from embedkit.evaluate.similarity import SimilarityScores, evaluate_similarity

__all__ = ["AnalogyScores", "SectionScore", "SimilarityScores", "evaluate_analogies", "evaluate_similarity"]
