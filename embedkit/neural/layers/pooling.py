"""Pooling over time, which looks at what the mask leaves."""

import torch
from torch import Tensor

__all__ = ["POOLINGS", "k_max_pool", "last_state", "masked_softmax", "max_pool", "mean_pool"]

POOLINGS = ("max", "k-max", "mean")
"""Ways to make one vector of many that need no parameters."""


def max_pool(states: Tensor, mask: Tensor) -> Tensor:
    """Largest number of each column over the positions that count (max-over-time; Collobert et al. 2011).

    Parameters
    ----------
    states : Tensor, (..., n_positions, size)
    mask : Tensor of bool, (..., n_positions)
        True where a position counts.

    Returns
    -------
    Tensor, (..., size)
        Zeros where no position counts.

    Examples
    --------
    >>> states = torch.tensor([[0.73], [0.85], [0.62], [0.91], [0.45]])
    >>> round(max_pool(states, torch.ones(5, dtype=torch.bool)).item(), 2)
    0.91
    >>> round(max_pool(states, torch.tensor([True, True, True, False, False])).item(), 2)
    0.85
    """
    largest = states.masked_fill(~mask.unsqueeze(-1), -torch.inf).max(dim=-2)[0]
    return largest.masked_fill(~mask.any(dim=-1, keepdim=True), 0.0)


def k_max_pool(states: Tensor, mask: Tensor, k: int) -> Tensor:
    """The `k` largest numbers of each column, in the order in which they stand (Kalchbrenner et al. 2014, section 3.2).

    Parameters
    ----------
    states : Tensor, (..., n_positions, size)
    mask : Tensor of bool, (..., n_positions)
    k : int

    Returns
    -------
    Tensor, (..., k * size)
        The k numbers of the first column, then those of the next; zeros behind them where fewer positions count.

    Examples
    --------
    >>> states = torch.tensor([[0.73], [0.85], [0.62], [0.91], [0.45]])
    >>> [round(x, 2) for x in k_max_pool(states, torch.ones(5, dtype=torch.bool), 2).tolist()]
    [0.85, 0.91]
    """
    columns = states.masked_fill(~mask.unsqueeze(-1), -torch.inf).transpose(-1, -2)
    # Of equal numbers the first ones: which of them topk takes depends on how many positions there are.
    places = columns.sort(dim=-1, descending=True, stable=True)[1][..., :k].sort(dim=-1)[0]
    chosen = columns.gather(-1, places)
    # Positions that do not count may be chosen for want of others; those that count move to the front.
    absent = chosen == -torch.inf
    order = absent.to(torch.int8).sort(dim=-1, stable=True)[1]
    chosen = chosen.masked_fill(absent, 0.0).gather(-1, order)
    return torch.nn.functional.pad(chosen, (0, k - chosen.shape[-1])).flatten(-2)


def mean_pool(states: Tensor, mask: Tensor) -> Tensor:
    """Mean over the positions that count.

    Parameters
    ----------
    states : Tensor, (..., n_positions, size)
    mask : Tensor of bool, (..., n_positions)

    Returns
    -------
    Tensor, (..., size)
        Zeros where no position counts.

    Examples
    --------
    >>> states = torch.tensor([[0.73], [0.85], [0.62], [0.91], [0.45]])
    >>> round(mean_pool(states, torch.ones(5, dtype=torch.bool)).item(), 3)
    0.712
    """
    weights = mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(dim=-2) / weights.sum(dim=-2).clamp(min=1.0)


def last_state(states: Tensor, mask: Tensor) -> Tensor:
    """The state at the last position that counts; positions count from the first on, without gaps.

    Parameters
    ----------
    states : Tensor, (..., n_positions, size)
    mask : Tensor of bool, (..., n_positions)

    Returns
    -------
    Tensor, (..., size)
        Zeros where no position counts.

    Examples
    --------
    >>> last_state(torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([True, True, False])).tolist()
    [2.0]
    """
    last = mask.sum(dim=-1, keepdim=True).clamp(min=1).unsqueeze(-1) - 1
    chosen = states.gather(-2, last.expand(*last.shape[:-1], states.shape[-1])).squeeze(-2)
    return chosen.masked_fill(~mask.any(dim=-1, keepdim=True), 0.0)


def masked_softmax(scores: Tensor, mask: Tensor) -> Tensor:
    """Softmax over the last dimension, 0 where the mask is False.

    Parameters
    ----------
    scores : Tensor, (..., n_positions)
    mask : Tensor of bool, broadcastable to `scores`

    Returns
    -------
    Tensor, like `scores`
        Sums to 1; zeros where no position counts.

    Examples
    --------
    >>> weights = masked_softmax(torch.tensor([2.0, 1.0, 0.1, 9.0]), torch.tensor([True, True, True, False]))
    >>> [round(weight, 4) for weight in weights.tolist()]
    [0.659, 0.2424, 0.0986, 0.0]
    """
    # A finite number: where no position counts, the softmax of infinities would be NaN.
    least = torch.finfo(scores.dtype).min
    return torch.softmax(scores.masked_fill(~mask, least), dim=-1).masked_fill(~mask, 0.0)
