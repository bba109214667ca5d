"""What an embedding by singular values is."""

from dataclasses import dataclass

from embedkit.checks import check_choice, check_integer, check_number
from embedkit.models.svd.weighting import check_weighting

__all__ = ["SVDParameters"]

VECTORS = ("word", "context", "sum")


@dataclass(frozen=True)
class SVDParameters:
    """What an embedding by singular values is; the names are those of `SVDEmbedding`.

    Examples
    --------
    >>> SVDParameters(vector_size=300).eigenvalue_power
    0.5
    """

    vector_size: int = 100
    weighting: str = "ppmi"
    shift: float = 1.0
    context_smoothing: float = 0.75
    eigenvalue_power: float = 0.5
    vectors: str = "word"
    tol: float = 1e-3

    def validate(self) -> None:
        """Check every parameter.

        Raises
        ------
        ParameterError
            Naming the first that cannot work, and what was expected.
        """
        check_integer("vector_size", self.vector_size, 1)
        check_weighting(self.weighting, self.shift, self.context_smoothing)
        check_number("eigenvalue_power", self.eigenvalue_power, 0.0)
        check_choice("vectors", self.vectors, VECTORS)
        check_number("tol", self.tol, 0.0, strict=True)
