"""What a word2vec model is, and how it learns."""

from dataclasses import dataclass

from embedkit.checks import check_choice, check_flag, check_integer, check_number
from embedkit.errors import ParameterError

__all__ = ["Word2VecParameters"]

ARCHITECTURES = ("skipgram", "cbow")
LOSSES = ("ns", "hs")
# Default learning rates of the field: word2vec.c and gensim.
LEARNING_RATE = {"skipgram": 0.025, "cbow": 0.05}
MIN_LEARNING_RATE = 1e-4
# Buffers of each thread grow with both; some users mean "the whole document" by a large window.
LARGEST_WINDOW = 10_000
LARGEST_NEGATIVE = 1_000
LARGEST_VECTOR = 1_000_000


@dataclass(frozen=True)
class Word2VecParameters:
    """What a word2vec model is, and how it learns; the names are those of `Word2Vec`."""

    vector_size: int = 100
    window: int = 5
    architecture: str = "skipgram"
    loss: str = "ns"
    negative: int = 5
    ns_exponent: float = 0.75
    sample: float = 1e-3
    shrink_windows: bool = True
    cbow_mean: bool = True
    learning_rate: float | None = None
    min_learning_rate: float | None = None
    epochs: int = 5

    def validate(self) -> None:
        """Check every parameter.

        Raises
        ------
        ParameterError
            Naming the first that cannot work, and what was expected.
        """
        check_choice("architecture", self.architecture, ARCHITECTURES)
        check_choice("loss", self.loss, LOSSES)
        check_integer("vector_size", self.vector_size, 1, LARGEST_VECTOR)
        check_integer("window", self.window, 1, LARGEST_WINDOW)
        check_integer("epochs", self.epochs, 1)
        check_integer("negative", self.negative, 0, LARGEST_NEGATIVE)
        if self.loss == "ns" and self.negative == 0:
            raise ParameterError(
                "negative is 0 with loss='ns', which leaves nothing to learn from; "
                "use negative=5, or loss='hs' for hierarchical softmax"
            )
        check_flag("shrink_windows", self.shrink_windows)
        check_flag("cbow_mean", self.cbow_mean)
        check_number("ns_exponent", self.ns_exponent)
        check_number("sample", self.sample, 0.0)
        if self.learning_rate is not None:
            check_number("learning_rate", self.learning_rate, 0.0, strict=True)
        if self.min_learning_rate is not None:
            check_number("min_learning_rate", self.min_learning_rate, 0.0)
            if self.min_learning_rate > self.start_rate:
                raise ParameterError(
                    f"min_learning_rate={self.min_learning_rate!r} is above learning_rate={self.start_rate!r}; "
                    "the rate falls from learning_rate to min_learning_rate"
                )

    @property
    def usual_rate(self) -> float:
        """Learning rate that the field starts this architecture with."""
        return LEARNING_RATE[self.architecture]

    @property
    def start_rate(self) -> float:
        """Learning rate of the first step."""
        return self.usual_rate if self.learning_rate is None else float(self.learning_rate)

    @property
    def end_rate(self) -> float:
        """Learning rate that the last step comes down to."""
        if self.min_learning_rate is None:
            return min(MIN_LEARNING_RATE, self.start_rate)
        return float(self.min_learning_rate)
