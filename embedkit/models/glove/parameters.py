"""What a GloVe model is, and how it learns."""

from dataclasses import dataclass

from embedkit.checks import check_choice, check_integer, check_number
from embedkit.errors import ParameterError

__all__ = ["GloVeParameters"]

VECTORS = ("sum", "word", "context")
LARGEST_VECTOR = 1_000_000


@dataclass(frozen=True)
class GloVeParameters:
    """What a GloVe model is, and how it learns; the names are those of `GloVe`."""

    vector_size: int = 100
    x_max: float = 10.0
    alpha: float = 0.75
    learning_rate: float = 0.05
    epochs: int = 25
    vectors: str = "sum"

    def validate(self) -> None:
        """Check every parameter.

        Raises
        ------
        ParameterError
            Naming the first that cannot work, and what was expected.
        """
        check_integer("vector_size", self.vector_size, 1, LARGEST_VECTOR)
        check_integer("epochs", self.epochs, 1)
        check_number("x_max", self.x_max, 0.0, strict=True)
        check_number("alpha", self.alpha, 0.0)
        if self.alpha > 1:
            raise ParameterError(
                f"alpha={self.alpha!r}: expected a number from 0 (all pairs weigh alike) to 1; the usual one is 0.75"
            )
        check_number("learning_rate", self.learning_rate, 0.0, strict=True)
        check_choice("vectors", self.vectors, VECTORS)
