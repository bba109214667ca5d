"""New texts of texts, for training: EDA, AEDA, noise, and documents mixed with each other."""

from embedkit.augment.aeda import AEDA
from embedkit.augment.base import Augmenter
from embedkit.augment.classifier import AugmentingClassifier
from embedkit.augment.eda import EDA
from embedkit.augment.mixing import MixDocuments
from embedkit.augment.noise import CharacterNoise, KeyboardTypos
from embedkit.augment.sampler import AugmentingSampler

__all__ = [
    "AEDA",
    "EDA",
    "Augmenter",
    "AugmentingClassifier",
    "AugmentingSampler",
    "CharacterNoise",
    "KeyboardTypos",
    "MixDocuments",
]
