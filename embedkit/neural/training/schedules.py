"""Learning rates that change from step to step."""

import math
from collections.abc import Callable

__all__ = ["SCHEDULES", "rate_schedule"]

SCHEDULES = ("constant", "linear", "cosine", "inverse-sqrt")
"""What the learning rate does after the warm-up."""


def rate_schedule(name: str, n_steps: int, warmup: float) -> Callable[[int], float]:
    """Return the function from the number of a step, from 0, to the share of the learning rate.

    Parameters
    ----------
    name : {"constant", "linear", "cosine", "inverse-sqrt"}
        Falling to 0 in a line or along a cosine; or with the inverse square root of the step (Vaswani et al. 2017,
        section 5.3).
    n_steps : int
        Of the whole training.
    warmup : float
        Share of the steps in which it rises to 1 in a line.

    Examples
    --------
    >>> rate = rate_schedule("linear", n_steps=10, warmup=0.2)
    >>> [round(rate(step), 2) for step in range(10)]
    [0.5, 1.0, 1.0, 0.88, 0.75, 0.62, 0.5, 0.38, 0.25, 0.12]
    """
    n_warm = round(warmup * n_steps)

    def rate(step: int) -> float:
        if step < n_warm:
            return (step + 1) / n_warm
        if name == "inverse-sqrt":
            return math.sqrt(max(1, n_warm) / (step + 1))
        done = (step - n_warm) / max(1, n_steps - n_warm)
        if name == "linear":
            return 1.0 - done
        return 1.0 if name == "constant" else 0.5 * (1.0 + math.cos(math.pi * done))

    return rate
