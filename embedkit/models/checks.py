"""Checks of the parameters of estimators: the value met, what was expected."""

import math

import numpy as np

from embedkit.errors import ParameterError

__all__ = ["check_choice", "check_integer", "check_number"]


def check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    """Raise ParameterError unless `value` is one of `choices`."""
    if value not in choices:
        raise ParameterError(f"{name}={value!r}, expected one of {', '.join(map(repr, choices))}")


def check_integer(name: str, value: object, least: int, most: int | None = None) -> None:
    """Raise ParameterError unless `value` is a whole number from `least` to `most`."""
    bounds = f"at least {least}" if most is None else f"from {least} to {most}"
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise ParameterError(f"{name}={value!r}, expected a whole number {bounds}")
    if value < least or (most is not None and value > most):
        raise ParameterError(f"{name}={value!r}, expected {bounds}")


def check_number(name: str, value: object, least: float, *, strict: bool = False) -> None:
    """Raise ParameterError unless `value` is a finite number of at least `least`, or above it if `strict`."""
    bounds = "a finite number" if least == -math.inf else f"a number {'above' if strict else 'of at least'} {least:g}"
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        raise ParameterError(f"{name}={value!r}, expected {bounds}")
    if not math.isfinite(value) or value < least or (strict and value == least):
        raise ParameterError(f"{name}={value!r}, expected {bounds}")
