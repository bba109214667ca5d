"""Checks of single parameters: the value that was met, and what was expected."""

import math
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from embedkit.errors import ParameterError

__all__ = ["check_choice", "check_flag", "check_integer", "check_number"]


def check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Raise ParameterError unless `value` is one of `choices`."""
    if not isinstance(value, str) or value not in choices:
        raise ParameterError(f"{name}={value!r}: expected one of {', '.join(map(repr, choices))}")


def check_flag(name: str, value: object) -> bool:
    """Return True or False; anything else is a ParameterError."""
    if not isinstance(value, bool | np.bool_):
        raise ParameterError(f"{name}={value!r}: expected True or False")
    return bool(value)


def check_integer(name: str, value: object, least: int, most: int | None = None) -> int:
    """Return a whole number from `least` to `most` as an int; anything else is a ParameterError."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool | np.bool_)
    if not whole or value < least or (most is not None and value > most):  # type: ignore[operator]
        bounds = f", {least} or more" if most is None else f" from {least} to {most}"
        raise ParameterError(f"{name}={value!r}: expected a whole number{bounds}")
    return int(value)  # type: ignore[call-overload]


def check_number(name: str, value: Any, least: float = -math.inf, *, strict: bool = False) -> float:
    """Return a finite number of at least `least`, or above it if `strict`, as a float."""
    if isinstance(value, np.generic):
        value = value.item()  # float32 could not be compared with the largest float64
    real = isinstance(value, int | float) and not isinstance(value, bool)
    largest = sys.float_info.max
    if not real or not -largest <= value <= largest or value < least or (strict and value == least):
        bounds = "" if least == -math.inf else f" above {least:g}" if strict else f", {least:g} or more"
        raise ParameterError(f"{name}={value!r}: expected a finite number{bounds}")
    return float(value)
