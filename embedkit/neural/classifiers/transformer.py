"""TransformerClassifier."""

from dataclasses import dataclass

import torch

from embedkit.checks import check_choice, check_integer
from embedkit.errors import ParameterError
from embedkit.neural.classifiers.base import NeuralClassifier
from embedkit.neural.classifiers.parameters import check_share
from embedkit.neural.layers.embedding import PADDING, WordEmbedding
from embedkit.neural.layers.encoder import NORMS
from embedkit.neural.layers.pooling import mean_pool
from embedkit.neural.layers.position import POSITIONS
from embedkit.neural.networks.base import TextNetwork
from embedkit.neural.networks.transformer import TRANSFORMER_POOLINGS, TextTransformer

__all__ = ["TransformerClassifier"]


@dataclass(kw_only=True, eq=False, repr=False)
class TransformerClassifier(NeuralClassifier):
    """Encoder of a Transformer over the words of a text, trained from the start (Vaswani et al. 2017).

    Parameters
    ----------
    hidden_size : int, default=128
        Of the states; a multiple of `n_heads`. Word vectors of another size go through a linear layer.
    n_layers : int, default=2
    n_heads : int, default=4
    feedforward_size : int, optional
        4 * hidden_size if None.
    positions : {"sinusoidal", "learned"}, default="sinusoidal"
        `max_length` of them, which cannot be None.
    norm : {"pre", "post"}, default="pre"
        Normalise before each part of a layer, or after it.
    pooling : {"mean", "cls"}, default="mean"
        Mean of the states of all words, or the state of a [CLS] before them.
    layer_dropout : float, default=0.1
        Inside the encoder.
    dropout : float, default=0.1
        On the pooled features.
    schedule, warmup
        By default the learning rate rises over a tenth of the steps, and falls in a line.

    References
    ----------
    Vaswani et al. (2017), Attention is all you need. Xiong et al. (2020), On layer normalization in the Transformer
    architecture.

    Examples
    --------
    >>> from embedkit.neural import TransformerClassifier
    >>> texts = ["a warm and funny film", "dull, slow and far too long"] * 20
    >>> model = TransformerClassifier(hidden_size=16, n_heads=2, epochs=5, learning_rate=0.01, random_state=1)
    >>> model.fit(texts, ["good", "bad"] * 20).predict(["warm and funny"]).tolist()
    ['good']
    >>> model.attention(["warm and funny"])[0].units
    ['warm', 'and', 'funny']
    """

    hidden_size: int = 128
    n_layers: int = 2
    n_heads: int = 4
    feedforward_size: int | None = None
    positions: str = "sinusoidal"
    norm: str = "pre"
    pooling: str = "mean"
    layer_dropout: float = 0.1
    dropout: float = 0.1
    schedule: str = "linear"
    warmup: float = 0.1

    def _check_parameters(self) -> None:
        super()._check_parameters()
        for name in ("hidden_size", "n_layers", "n_heads"):
            check_integer(name, getattr(self, name), 1)
        if self.feedforward_size is not None:
            check_integer("feedforward_size", self.feedforward_size, 1)
        if self.hidden_size % self.n_heads:
            raise ParameterError(
                f"hidden_size={self.hidden_size}: expected a multiple of n_heads={self.n_heads}, since each head has "
                "as many numbers"
            )
        check_choice("positions", self.positions, POSITIONS)
        check_choice("norm", self.norm, NORMS)
        check_choice("pooling", self.pooling, TRANSFORMER_POOLINGS)
        check_share("layer_dropout", self.layer_dropout)
        if self.max_length is None:
            raise ParameterError("max_length=None: positions are as many as the longest text has words; give a number")

    def _make_network(self, words: WordEmbedding, n_classes: int) -> TextNetwork:
        return TextTransformer(
            words,
            n_classes,
            self.hidden_size,
            self.n_layers,
            self.n_heads,
            self.feedforward_size,
            positions=self.positions,
            norm=self.norm,
            pooling=self.pooling,
            max_length=self.max_length or 0,
            layer_dropout=self.layer_dropout,
            dropout=self.dropout,
            embedding_dropout=self.embedding_dropout,
        )

    def _attention_weights(self, ids: torch.Tensor) -> torch.Tensor:
        weights = super()._attention_weights(ids)[:, -1].mean(dim=1)  # of the last layer: (n_texts, from, to)
        if self.pooling == "mean":
            return mean_pool(weights, ids != PADDING)
        among_words = weights[:, 0, 1:]  # what [CLS] looks at, without itself
        return among_words / among_words.sum(dim=1, keepdim=True).clamp(min=torch.finfo(weights.dtype).tiny)
