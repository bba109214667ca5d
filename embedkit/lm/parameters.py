"""Parameters of an n-gram language model: names, defaults, checks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from embedkit.checks import check_choice, check_flag, check_integer, check_number
from embedkit.errors import ParameterError
from embedkit.lm.trie import MOST_ORDER

__all__ = ["SMOOTHINGS", "LanguageModelParameters"]

SMOOTHINGS = (
    "modified-kneser-ney",
    "kneser-ney",
    "absolute-discounting",
    "witten-bell",
    "jelinek-mercer",
    "katz",
    "lidstone",
    "laplace",
    "maximum-likelihood",
    "stupid-backoff",
)
EITHER = ("modified-kneser-ney", "kneser-ney", "absolute-discounting", "witten-bell")
"""Methods that are defined interpolated and backed off."""
DISCOUNTED = ("modified-kneser-ney", "kneser-ney", "absolute-discounting")
ADDITIVE = ("lidstone", "laplace", "maximum-likelihood")
UNPRUNED = (*ADDITIVE, "stupid-backoff")


@dataclass(frozen=True)
class LanguageModelParameters:
    """What is estimated from the counts, and how.

    Attributes
    ----------
    order : int
        Length of the longest n-grams, 1 to 16.
    smoothing : str
        One of `SMOOTHINGS`.
    interpolated : bool, optional
        Whether an n-gram that occurs takes a share of the shorter ones' probability, too. None is True where
        the method allows both, and else what the method is.
    interpolate_unigrams : bool
        Whether words take a share of the uniform distribution; otherwise only ``<unk>`` and words that do not occur.
    discount : float or sequence of float, optional
        Fixed discount; for modified Kneser-Ney three, for the counts 1, 2, and 3 or more. None: from the counts of
        counts of each order.
    discount_fallback : bool
        Whether orders whose discounts cannot be estimated take fixed ones, with a warning.
    gamma : float
        What Lidstone smoothing adds to each count.
    alpha : float
        What stupid back-off multiplies by at each step to a shorter context.
    weights : sequence of float, optional
        Of each order in Jelinek-Mercer smoothing, from 1 to `order`; None: by EM on held-out text.
    prune : sequence of int, optional
        N-grams of order 1, 2, ... that occur at most so often are left out, the last number serving the orders beyond.
    entropy_threshold : float, optional
        N-grams are left out whose loss changes the perplexity by less than this share.
    """

    order: int = 3
    smoothing: str = "modified-kneser-ney"
    interpolated: bool | None = None
    interpolate_unigrams: bool = True
    discount: float | Sequence[float] | None = None
    discount_fallback: bool = True
    gamma: float = 1.0
    alpha: float = 0.4
    weights: Sequence[float] | None = None
    prune: Sequence[int] | None = None
    entropy_threshold: float | None = None

    def plain(self) -> "LanguageModelParameters":
        """The same with numbers and lists of Python, which a file can hold; ParameterError for what cannot work."""
        self.validate()
        discount = None if self.discount is None else _numbers("discount", self.discount, "numbers")
        return replace(
            self,
            order=int(self.order),
            discount=discount[0] if discount is not None and len(discount) == 1 else discount,
            gamma=float(self.gamma),
            alpha=float(self.alpha),
            weights=None if self.weights is None else _numbers("weights", self.weights, "numbers"),
            prune=None if self.prune is None else [int(one) for one in _numbers("prune", self.prune, "counts")],
            entropy_threshold=None if self.entropy_threshold is None else float(self.entropy_threshold),
        )

    def validate(self) -> None:
        """Raise ParameterError for what cannot work."""
        check_integer("order", self.order, 1, MOST_ORDER)
        check_choice("smoothing", self.smoothing, SMOOTHINGS)
        check_flag("interpolate_unigrams", self.interpolate_unigrams)
        check_flag("discount_fallback", self.discount_fallback)
        if self.interpolated is not None:
            check_flag("interpolated", self.interpolated)
            if self.smoothing not in EITHER and self.interpolated != self.interpolates:
                kind = "interpolated" if self.interpolates else "not interpolated"
                raise ParameterError(
                    f"interpolated={self.interpolated}: {self.smoothing} is always {kind}; leave it away, or choose "
                    f"{', '.join(EITHER)}"
                )
        check_number("gamma", self.gamma, 0.0, strict=True)
        check_number("alpha", self.alpha, 0.0, strict=True)
        if self.alpha > 1:
            raise ParameterError(f"alpha={self.alpha!r}: expected a factor above 0, at most 1")
        self._check_discount()
        self._check_weights()
        self._check_pruning()

    @property
    def interpolates(self) -> bool:
        """Whether the method, as it is used, interpolates."""
        if self.smoothing in EITHER:
            return self.interpolated is not False
        return self.smoothing == "jelinek-mercer"

    def thresholds(self, order: int) -> list[int]:
        """Counts up to which n-grams of order 1, 2, ... are left out."""
        given = [0] if self.prune is None else [int(one) for one in _numbers("prune", self.prune, "counts")]
        return (given + given[-1:] * order)[:order]

    def _check_discount(self) -> None:
        if self.discount is None:
            return
        if self.smoothing not in DISCOUNTED:
            raise ParameterError(
                f"discount={self.discount!r}: {self.smoothing} has none; leave it away, or choose "
                f"{', '.join(DISCOUNTED)}"
            )
        wanted = 3 if self.smoothing == "modified-kneser-ney" else 1
        expected = "three numbers, above 0 and at most 1, 2 and 3" if wanted == 3 else "a number above 0, at most 1"
        values = _numbers("discount", self.discount, expected)
        if len(values) != wanted or not all(0 < value <= count for count, value in enumerate(values, 1)):
            raise ParameterError(f"discount={self.discount!r}: expected {expected}")

    def _check_weights(self) -> None:
        if self.weights is None:
            return
        if self.smoothing != "jelinek-mercer":
            raise ParameterError(f"weights={self.weights!r}: only jelinek-mercer has weights; leave them away")
        expected = f"{self.order} numbers from 0 to below 1, one for each order"
        values = _numbers("weights", self.weights, expected)
        if len(values) != self.order or not all(0 <= value < 1 for value in values):
            raise ParameterError(f"weights={self.weights!r}: expected {expected}")

    def _check_pruning(self) -> None:
        if self.prune is not None:
            expected = f"a count from 0 for each of {self.order} orders"
            thresholds = _numbers("prune", self.prune, expected)
            if not 0 < len(thresholds) <= self.order or not all(one >= 0 and one == int(one) for one in thresholds):
                raise ParameterError(f"prune={self.prune!r}: expected {expected}")
            if thresholds != sorted(thresholds):
                raise ParameterError(
                    f"prune={self.prune!r}: expected counts that do not fall, since an n-gram needs its beginning"
                )
            if thresholds[0] > 0:
                raise ParameterError(
                    f"prune={self.prune!r}: expected 0 for single words; min_count (--min-count) makes rare ones <unk>"
                )
        if self.entropy_threshold is not None:
            check_number("entropy_threshold", self.entropy_threshold, 0.0, strict=True)
        if self.smoothing in UNPRUNED and (any(self.thresholds(self.order)) or self.entropy_threshold is not None):
            raise ParameterError(
                f"smoothing={self.smoothing!r} cannot be pruned: it gives no weight to shorter contexts; leave prune "
                "and entropy_threshold away"
            )


def _numbers(name: str, value: Any, expected: str) -> list[float]:
    """A number, or several, as floats; anything else, NaN and infinity among it, is a ParameterError."""
    values = [value] if np.ndim(value) == 0 else list(value)
    for one in values:
        if isinstance(one, bool | np.bool_) or not isinstance(one, int | float | np.integer | np.floating):
            raise ParameterError(f"{name}={value!r}: expected {expected}")
        check_number(name, one)
    return [float(one) for one in values]
