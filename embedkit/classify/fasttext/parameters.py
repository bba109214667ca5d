"""What a fastText classifier is, and how it learns."""

from dataclasses import dataclass

from embedkit.checks import check_choice, check_integer, check_number
from embedkit.errors import ParameterError

__all__ = ["FastTextParameters"]

LOSSES = ("softmax", "hs", "ns", "ova")
LARGEST_VECTOR = 1_000_000
LARGEST_NEGATIVE = 1_000
# Words and buckets are numbered together in 32 bits.
MOST_BUCKETS = 2**30
# The n-grams of a line are as many times more numbers than its words.
LONGEST_NGRAM = 100


@dataclass(frozen=True)
class FastTextParameters:
    """What a fastText classifier is, and how it learns; the names are those of `FastTextClassifier`."""

    vector_size: int = 16
    epochs: int = 5
    learning_rate: float = 0.5
    word_ngrams: int = 2
    min_count: int = 1
    buckets: int = 2_000_000
    loss: str = "softmax"
    negative: int = 5
    min_n: int = 0
    max_n: int = 0

    def validate(self) -> None:
        """Raise ParameterError if a parameter cannot work."""
        check_choice("loss", self.loss, LOSSES)
        check_integer("vector_size", self.vector_size, 1, LARGEST_VECTOR)
        check_integer("epochs", self.epochs, 1)
        check_number("learning_rate", self.learning_rate, 0.0, strict=True)
        check_integer("word_ngrams", self.word_ngrams, 1, LONGEST_NGRAM)
        check_integer("min_count", self.min_count, 0)
        check_integer("buckets", self.buckets, 1, MOST_BUCKETS)
        check_integer("negative", self.negative, 1, LARGEST_NEGATIVE)
        check_integer("max_n", self.max_n, 0, LONGEST_NGRAM)
        check_integer("min_n", self.min_n, 0, LONGEST_NGRAM)
        if self.min_n > self.max_n:
            raise ParameterError(
                f"min_n={self.min_n} is above max_n={self.max_n}: expected the shortest and the longest length of "
                "character n-grams, or 0 and 0 for none"
            )

    @property
    def has_ngrams(self) -> bool:
        """Whether lines have features other than words."""
        return self.word_ngrams > 1 or self.max_n > 0
