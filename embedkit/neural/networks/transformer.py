"""A Transformer's encoder over the words of a text."""

import math

import torch
from torch import Tensor, nn

from embedkit.errors import ParameterError
from embedkit.neural.layers.embedding import PADDING, WordEmbedding
from embedkit.neural.layers.encoder import EncoderLayer
from embedkit.neural.layers.pooling import mean_pool
from embedkit.neural.layers.position import sinusoidal_positions
from embedkit.neural.networks.base import TextNetwork

__all__ = ["TRANSFORMER_POOLINGS", "TextTransformer"]

TRANSFORMER_POOLINGS = ("mean", "cls")


class TextTransformer(TextNetwork):
    """Encoder of Vaswani et al. (2017), section 3, with a linear layer on top.

    Parameters
    ----------
    words : WordEmbedding
        Vectors of another size than `hidden_size` go through a linear layer.
    n_classes : int
    hidden_size : int, default=128
        Of the states; a multiple of `n_heads`.
    n_layers : int, default=2
    n_heads : int, default=4
    feedforward_size : int, optional
        4 * hidden_size if None.
    positions : {"sinusoidal", "learned"}, default="sinusoidal"
    norm : {"pre", "post"}, default="pre"
    pooling : {"mean", "cls"}, default="mean"
        Mean of the states of all words, or the state of a [CLS] that stands before them (Devlin et al. 2019, section
        3).
    max_length : int, default=512
        Words of the longest text; learned positions need it.
    layer_dropout : float, default=0.1
        Inside the encoder.
    dropout, embedding_dropout : float

    Examples
    --------
    >>> network = TextTransformer(WordEmbedding(10, 8), n_classes=2, hidden_size=8, n_heads=2, pooling="cls")
    >>> ids = torch.tensor([[2, 3, 4, 5], [6, 7, 0, 0]])
    >>> network(ids).shape
    torch.Size([2, 2])
    >>> weights = network.eval().attention(ids)
    >>> weights.shape  # texts, layers, heads, from, to; [CLS] is the first position
    torch.Size([2, 2, 2, 5, 5])
    """

    positions: Tensor

    def __init__(
        self,
        words: WordEmbedding,
        n_classes: int,
        hidden_size: int = 128,
        n_layers: int = 2,
        n_heads: int = 4,
        feedforward_size: int | None = None,
        *,
        positions: str = "sinusoidal",
        norm: str = "pre",
        pooling: str = "mean",
        max_length: int = 512,
        layer_dropout: float = 0.1,
        dropout: float = 0.1,
        embedding_dropout: float = 0.0,
    ) -> None:
        super().__init__(words, hidden_size, n_classes, dropout, embedding_dropout)
        self.pooling = pooling
        # The code of a position has a length of sqrt(hidden_size / 2), and word vectors should not vanish beside it.
        self.scale = math.sqrt(hidden_size)
        self.project = None if words.size == hidden_size else nn.Linear(words.size, hidden_size)
        n_positions = max_length + (pooling == "cls")
        if positions == "learned":
            self.positions = nn.Parameter(torch.randn(n_positions, hidden_size) * 0.02)
        else:
            codes = sinusoidal_positions(n_positions, hidden_size)
            self.register_buffer("positions", codes, persistent=False)
        self.cls = nn.Parameter(torch.randn(hidden_size) * 0.02) if pooling == "cls" else None
        inner = 4 * hidden_size if feedforward_size is None else feedforward_size
        self.layers = nn.ModuleList(
            EncoderLayer(hidden_size, n_heads, inner, layer_dropout, norm) for _ in range(n_layers)
        )
        self.norm = nn.LayerNorm(hidden_size) if norm == "pre" else nn.Identity()
        self.layer_dropout = nn.Dropout(layer_dropout)

    def encode(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """Make features of texts: Tensor, (n_texts, hidden_size)."""
        states, seen, counted = self._start(embedded, mask)
        for layer in self.layers:
            states = layer(states, seen)
        states = self.norm(states)
        return states[:, 0] if self.pooling == "cls" else mean_pool(states, counted)

    @torch.no_grad()
    def attention(self, ids: Tensor) -> Tensor:
        """How much each word looks at each other, in every layer and head.

        Returns
        -------
        Tensor, (n_texts, n_layers, n_heads, n_positions, n_positions)
            Rows sum to 1. With pooling="cls" the first position is [CLS], and words follow.
        """
        states, seen, _ = self._start(self.words(ids), ids != PADDING)
        weights = []
        for layer in self.layers:
            weights.append(layer.weights(states, seen))  # type: ignore[operator]
            states = layer(states, seen)
        return torch.stack(weights, dim=1)

    def _codes(self, states: Tensor) -> Tensor:
        n_positions, known = states.shape[1], len(self.positions)
        if n_positions <= known:
            return self.positions[:n_positions]
        if isinstance(self.positions, nn.Parameter):
            raise ParameterError(
                f"a text has {n_positions} positions, and {known} were learned; cut it, or use positions='sinusoidal'"
            )
        return sinusoidal_positions(n_positions, states.shape[2]).to(states)

    def _start(self, embedded: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """States below the first layer, the positions that may be looked at, and the words."""
        states = embedded if self.project is None else self.project(embedded)
        states = states * self.scale
        counted = mask
        if self.cls is not None:
            first = self.cls.expand(len(states), 1, -1) * self.scale
            states = torch.cat([first.to(states.dtype), states], dim=1)
            mask = nn.functional.pad(mask, (1, 0), value=True)
        states = self.layer_dropout(states + self._codes(states))
        # A text without words looks at its padding, so that nothing is divided by zero, and is not pooled.
        seen = mask | ~mask.any(dim=1, keepdim=True)
        return states, seen, counted
