"""Codes of positions, added to the vectors of words."""

import torch
from torch import Tensor

__all__ = ["POSITIONS", "sinusoidal_positions"]

POSITIONS = ("sinusoidal", "learned")


def sinusoidal_positions(n_positions: int, size: int) -> Tensor:
    """Sines and cosines of the position, of wavelengths from 2π to 10000·2π (Vaswani et al. 2017, section 3.5).

    Parameters
    ----------
    n_positions, size : int

    Returns
    -------
    Tensor, (n_positions, size)
        Sines in the even columns, cosines in the odd ones.

    Examples
    --------
    >>> [round(x, 4) for x in sinusoidal_positions(3, 4)[1].tolist()]
    [0.8415, 0.5403, 0.01, 0.9999]
    """
    # In float64, since float32 loses digits of the angle at far positions.
    position = torch.arange(n_positions, dtype=torch.float64).unsqueeze(1)
    rate = 10000.0 ** (-torch.arange(0, size, 2, dtype=torch.float64) / size)
    codes = torch.empty(n_positions, size)
    codes[:, 0::2] = torch.sin(position * rate)
    codes[:, 1::2] = torch.cos(position * rate)[:, : size // 2]
    return codes
