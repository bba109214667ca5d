"""A layer of a Transformer's encoder."""

from torch import Tensor, nn

from embedkit.neural.layers.attention import SelfAttention

__all__ = ["NORMS", "EncoderLayer"]

NORMS = ("pre", "post")


class EncoderLayer(nn.Module):
    """Self-attention, then two linear layers with a GELU between them (Vaswani: ReLU), each with a way past it.

    Parameters
    ----------
    size : int
        Of the states.
    n_heads : int
    feedforward_size : int
    dropout : float, default=0.1
    norm : {"pre", "post"}, default="pre"
        Where layers are normalised: before each part, which trains without a warm-up (Xiong et al. 2020, section 3),
        or after adding its result (Vaswani et al. 2017, section 3.1).

    Examples
    --------
    >>> import torch
    >>> layer = EncoderLayer(8, n_heads=2, feedforward_size=16)
    >>> layer(torch.randn(2, 3, 8), torch.ones(2, 3, dtype=torch.bool)).shape
    torch.Size([2, 3, 8])
    """

    def __init__(self, size: int, n_heads: int, feedforward_size: int, dropout: float = 0.1, norm: str = "pre") -> None:
        super().__init__()
        self.norm = norm
        self.attention = SelfAttention(size, n_heads, dropout)
        self.feedforward = nn.Sequential(
            nn.Linear(size, feedforward_size), nn.GELU(), nn.Dropout(dropout), nn.Linear(feedforward_size, size)
        )
        self.attention_norm = nn.LayerNorm(size)
        self.feedforward_norm = nn.LayerNorm(size)
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Transform states.

        Parameters
        ----------
        states : Tensor, (n_texts, n_positions, size)
        mask : Tensor of bool, (n_texts, n_positions)
            Which positions may be looked at, one at least in each text.

        Returns
        -------
        Tensor, like `states`
        """
        if self.norm == "pre":
            states = states + self.dropout(self.attention(self.attention_norm(states), mask))
            return states + self.dropout(self.feedforward(self.feedforward_norm(states)))
        states = self.attention_norm(states + self.dropout(self.attention(states, mask)))
        return self.feedforward_norm(states + self.dropout(self.feedforward(states)))

    def weights(self, states: Tensor, mask: Tensor) -> Tensor:
        """Attention of each head: Tensor, (n_texts, n_heads, n_positions, n_positions)."""
        return self.attention.weights(self.attention_norm(states) if self.norm == "pre" else states, mask)
