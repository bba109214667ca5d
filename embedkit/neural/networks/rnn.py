"""Recurrent networks: states of every word, pooled."""

import torch
from torch import Tensor

from embedkit.neural.layers.attention import AttentionPooling
from embedkit.neural.layers.embedding import PADDING, WordEmbedding
from embedkit.neural.layers.pooling import max_pool, mean_pool
from embedkit.neural.layers.recurrent import RecurrentLayers
from embedkit.neural.networks.base import TextNetwork

__all__ = ["RNN_POOLINGS", "TextRNN"]

RNN_POOLINGS = ("attention", "last", "max", "mean")


class TextRNN(TextNetwork):
    """Recurrent network of any cell, in one direction or both.

    Parameters
    ----------
    words : WordEmbedding
    n_classes : int
    cell : {"lstm", "gru", "rnn"}, default="lstm"
    hidden_size : int, default=100
        Of each direction.
    n_layers : int, default=1
    bidirectional : bool, default=True
    pooling : {"attention", "last", "max", "mean"}, default="attention"
        "last" is what each direction has read last.
    attention_score : {"additive", "general", "dot"}, default="additive"
    dropout, embedding_dropout : float

    Examples
    --------
    >>> network = TextRNN(WordEmbedding(10, 8), n_classes=2, hidden_size=5)
    >>> ids = torch.tensor([[2, 3, 4, 5], [6, 7, 0, 0]])
    >>> network(ids).shape
    torch.Size([2, 2])
    >>> network.attention(ids)[1].tolist()[2:]
    [0.0, 0.0]
    """

    def __init__(
        self,
        words: WordEmbedding,
        n_classes: int,
        cell: str = "lstm",
        hidden_size: int = 100,
        n_layers: int = 1,
        *,
        bidirectional: bool = True,
        pooling: str = "attention",
        attention_score: str = "additive",
        dropout: float = 0.5,
        embedding_dropout: float = 0.0,
    ) -> None:
        layers = RecurrentLayers(
            words.size,
            hidden_size,
            cell,
            n_layers,
            bidirectional=bidirectional,
            dropout=dropout if n_layers > 1 else 0.0,
        )
        super().__init__(words, layers.n_features, n_classes, dropout, embedding_dropout)
        self.layers = layers
        self.pooling = pooling
        self.attend = AttentionPooling(layers.n_features, attention_score) if pooling == "attention" else None

    def encode(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """Make features of texts: Tensor, (n_texts, n_features)."""
        states = self.layers(embedded, mask)
        if self.attend is not None:
            return self.attend(states, mask)[0]
        if self.pooling == "last":
            return self.layers.final(states, mask)
        return max_pool(states, mask) if self.pooling == "max" else mean_pool(states, mask)

    @torch.no_grad()
    def attention(self, ids: Tensor) -> Tensor | None:
        """Weight of each word: Tensor, (n_texts, n_words); None without attention."""
        if self.attend is None:
            return None
        mask = ids != PADDING
        return self.attend(self.layers(self.words(ids), mask), mask)[1]
