"""TextCNN: convolution, pooling over time, and a linear layer."""

from collections.abc import Sequence

from torch import Tensor

from embedkit.neural.layers.convolution import WindowConvolution
from embedkit.neural.layers.embedding import WordEmbedding
from embedkit.neural.networks.base import TextNetwork

__all__ = ["TextCNN"]


class TextCNN(TextNetwork):
    """Convolutional network for sentences (Kim 2014, section 2).

    Parameters
    ----------
    words : WordEmbedding
    n_classes : int
    windows : sequence of int, default=(3, 4, 5)
        Widths in words.
    n_filters : int, default=100
        Of each width.
    pooling : {"max", "k-max", "mean"}, default="max"
    k : int, default=2
        For "k-max".
    wide : bool, default=False
        Let windows reach over the ends of a text.
    dropout, embedding_dropout : float

    Examples
    --------
    >>> import torch
    >>> network = TextCNN(WordEmbedding(10, 8), n_classes=2)
    >>> network(torch.tensor([[2, 3, 4, 5], [6, 7, 0, 0]])).shape
    torch.Size([2, 2])
    """

    def __init__(
        self,
        words: WordEmbedding,
        n_classes: int,
        windows: Sequence[int] = (3, 4, 5),
        n_filters: int = 100,
        pooling: str = "max",
        k: int = 2,
        *,
        wide: bool = False,
        dropout: float = 0.5,
        embedding_dropout: float = 0.0,
    ) -> None:
        convolution = WindowConvolution(words.size, windows, n_filters, pooling, k, wide=wide)
        super().__init__(words, convolution.n_features, n_classes, dropout, embedding_dropout)
        self.convolution = convolution

    def encode(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """Make features of texts: Tensor, (n_texts, n_features)."""
        return self.convolution(embedded, mask)
