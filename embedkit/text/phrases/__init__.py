"""Phrases: pairs of words that stand together more often than chance has it, found and joined to one word."""

from embedkit.text.phrases.joining import JoinedCorpus, PhraseProgress, apply_phrases, join_phrases
from embedkit.text.phrases.settings import ENGLISH_CONNECTOR_WORDS, SCORINGS, PhraseSettings
from embedkit.text.phrases.table import Phrase, PhraseTable

__all__ = [
    "ENGLISH_CONNECTOR_WORDS",
    "SCORINGS",
    "JoinedCorpus",
    "Phrase",
    "PhraseProgress",
    "PhraseSettings",
    "PhraseTable",
    "apply_phrases",
    "join_phrases",
]
