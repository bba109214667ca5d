"""Attention: one query over the states of a text, and every word over all others."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from embedkit.neural.layers.pooling import masked_softmax

__all__ = ["ATTENTIONS", "AttentionPooling", "SelfAttention"]

ATTENTIONS = ("additive", "general", "dot")
"""How a query and a state are scored."""


class AttentionPooling(nn.Module):
    """Weighted mean of states, whose weights a learned query gives.

    ==========  ====================  =================================================
    score       of a state h          source
    ==========  ====================  =================================================
    dot         q·h / sqrt(size)      Luong et al. (2015), section 3.1; scaled as
                                      Vaswani et al. (2017), section 3.2.1
    general     q·W h / sqrt(size)    Luong et al. (2015), section 3.1
    additive    q·tanh(W h + b)       Bahdanau et al. (2015), appendix A.1.2; with a learned query
                                      Yang et al. (2016), section 2.2
    ==========  ====================  =================================================

    Parameters
    ----------
    size : int
        Of the states.
    score : {"additive", "general", "dot"}, default="additive"

    Examples
    --------
    >>> pooling = AttentionPooling(4, "dot")
    >>> states, mask = torch.randn(2, 3, 4), torch.tensor([[True, True, True], [True, False, False]])
    >>> pooled, weights = pooling(states, mask)
    >>> pooled.shape, weights[1].tolist()
    (torch.Size([2, 4]), [1.0, 0.0, 0.0])
    """

    def __init__(self, size: int, score: str = "additive") -> None:
        super().__init__()
        self.score = score
        self.query = nn.Parameter(torch.empty(size).uniform_(-0.1, 0.1))
        self.transform = None if score == "dot" else nn.Linear(size, size, bias=score == "additive")
        self.scale = 1.0 if score == "additive" else 1.0 / math.sqrt(size)

    def forward(self, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Pool states.

        Parameters
        ----------
        states : Tensor, (..., n_positions, size)
        mask : Tensor of bool, (..., n_positions)

        Returns
        -------
        pooled : Tensor, (..., size)
        weights : Tensor, (..., n_positions)
            Sum to 1, but zeros where no position counts.
        """
        keys = states if self.transform is None else self.transform(states)
        if self.score == "additive":
            keys = torch.tanh(keys)
        weights = masked_softmax(keys @ self.query * self.scale, mask)
        return (weights.unsqueeze(-2) @ states).squeeze(-2), weights


class SelfAttention(nn.Module):
    """Scaled dot-product attention of all words to all words, in several heads (Vaswani et al. 2017, section 3.2).

    Parameters
    ----------
    size : int
        Of the states; a multiple of `n_heads`.
    n_heads : int
    dropout : float, default=0.0
        On the weights.

    Examples
    --------
    >>> attention = SelfAttention(8, n_heads=2)
    >>> states, mask = torch.randn(1, 3, 8), torch.tensor([[True, True, False]])
    >>> attention(states, mask).shape, attention.weights(states, mask).shape
    (torch.Size([1, 3, 8]), torch.Size([1, 2, 3, 3]))
    """

    def __init__(self, size: int, n_heads: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.dropout = dropout
        self.projections = nn.Linear(size, 3 * size)
        self.output = nn.Linear(size, size)
        # Each of the three projections is a matrix of its own; together they would get a narrower spread.
        bound = math.sqrt(6.0 / (2 * size))
        nn.init.uniform_(self.projections.weight, -bound, bound)
        nn.init.zeros_(self.projections.bias)
        nn.init.zeros_(self.output.bias)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Let each word look at all others.

        Parameters
        ----------
        states : Tensor, (n_texts, n_positions, size)
        mask : Tensor of bool, (n_texts, n_positions)
            Which positions may be looked at, one at least in each text.

        Returns
        -------
        Tensor, like `states`
        """
        query, key, value = self._heads(states)
        mixed = functional.scaled_dot_product_attention(
            query, key, value, attn_mask=mask[:, None, None, :], dropout_p=self.dropout if self.training else 0.0
        )
        return self.output(mixed.transpose(1, 2).flatten(-2))

    def weights(self, states: Tensor, mask: Tensor) -> Tensor:
        """How much each word looks at each other: Tensor, (n_texts, n_heads, n_positions, n_positions).

        Rows sum to 1.
        """
        query, key, _ = self._heads(states)
        return masked_softmax(query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1]), mask[:, None, None, :])

    def _heads(self, states: Tensor) -> tuple[Tensor, ...]:
        """Queries, keys and values, each (n_texts, n_heads, n_positions, size / n_heads)."""
        n_texts, n_positions, _ = states.shape
        projected = self.projections(states).view(n_texts, n_positions, 3, self.n_heads, -1)
        return projected.permute(2, 0, 3, 1, 4).unbind(0)
