"""What counts as beside each other, and how much; weights as whole numbers of a unit."""

import math
from dataclasses import dataclass

from embedkit.checks import check_choice, check_integer

__all__ = ["CountingParameters", "integer_weights"]

DISTANCES = ("flat", "harmonic", "linear")
DIRECTIONS = ("left", "right", "both")
# Some users mean "the whole document" by a large window; sums of linear weights still fit 63 bits beyond 10^10 words.
LARGEST_WINDOW = 10_000
SUM_LIMIT = 2**63


@dataclass(frozen=True)
class CountingParameters:
    """Which words are neighbours, and what a neighbour at distance d = 1, 2, ... weighs.

    Attributes
    ----------
    window : int
        Largest distance, in words: a radius.
    distance : {"flat", "harmonic", "linear"}
        1; 1 / d, as GloVe counts; or (window - d + 1) / window, which is what word2vec's windows of random size
        come to on average.
    directional : {"left", "right", "both"}
        Where the context word, a column, stands beside the word of the row.
    """

    window: int = 5
    distance: str = "flat"
    directional: str = "both"

    def validate(self) -> None:
        """Check every parameter.

        Raises
        ------
        ParameterError
            Naming the first that cannot work, and what was expected.
        """
        check_integer("window", self.window, 1, LARGEST_WINDOW)
        check_choice("distance", self.distance, DISTANCES)
        check_choice("directional", self.directional, DIRECTIONS)

    @property
    def sides(self) -> int:
        """On how many sides of a word its neighbours are counted."""
        return 2 if self.directional == "both" else 1


def integer_weights(parameters: CountingParameters, most: int) -> tuple[list[int], int]:
    """Weights as whole numbers, so that their sums are exact and come in any order.

    Parameters
    ----------
    parameters : CountingParameters
    most : int
        Occurrences of the most frequent word.

    Returns
    -------
    weights : list of int, (window,)
        Of distance 1, 2, ...
    unit : int
        What stands for a weight of 1. Harmonic weights are exact in units of 1 / lcm(1, ..., window). Where the sums of
        a word could outgrow 63 bits in it (windows beyond about 30), the unit is the largest power of two that
        they fit, and each weight is off by at most half of one unit: for a word that occurs 10 million times,
        and a window of 100, 2**-35.

    Examples
    --------
    >>> integer_weights(CountingParameters(window=4, distance="harmonic"), most=1000)
    ([12, 6, 4, 3], 12)
    """
    window = parameters.window
    distances = range(1, window + 1)
    if parameters.distance == "flat":
        return [1] * window, 1
    if parameters.distance == "linear":
        return [window - d + 1 for d in distances], window
    largest_sum = SUM_LIMIT // (most * parameters.sides + 1)
    unit = math.lcm(*distances)
    weights = [unit // d for d in distances]
    if sum(weights) > largest_sum:
        unit = 1 << largest_sum.bit_length()
        while sum(weights := _rounded(unit, window)) > largest_sum:
            unit >>= 1
    return weights, unit


def _rounded(unit: int, window: int) -> list[int]:
    return [(2 * unit + d) // (2 * d) for d in range(1, window + 1)]
