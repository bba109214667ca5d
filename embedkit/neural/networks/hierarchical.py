"""Words into sentences, sentences into a text."""

from collections.abc import Sequence

import torch
from torch import Tensor

from embedkit.neural.layers.attention import AttentionPooling
from embedkit.neural.layers.convolution import WindowConvolution
from embedkit.neural.layers.embedding import PADDING, WordEmbedding
from embedkit.neural.layers.recurrent import RecurrentLayers
from embedkit.neural.networks.base import TextNetwork

__all__ = ["HierarchicalAttention"]


class HierarchicalAttention(TextNetwork):
    """A convolution makes a vector of each sentence, a recurrent network reads those, attention weighs them.

    The levels are those of Yang et al. (2016), section 2, with the convolution of Kim (2014) in the place of the first.

    Parameters
    ----------
    words : WordEmbedding
    n_classes : int
    windows, n_filters
        Of the convolution over the words of a sentence.
    cell : {"lstm", "gru", "rnn"}, default="lstm"
    hidden_size : int, default=100
        Of each direction over the sentences.
    attention_score : {"additive", "general", "dot"}, default="additive"
    dropout, embedding_dropout : float

    Examples
    --------
    >>> network = HierarchicalAttention(WordEmbedding(10, 8), n_classes=2)
    >>> ids = torch.tensor([[[2, 3, 4], [5, 0, 0]], [[6, 7, 0], [0, 0, 0]]])  # two texts, two sentences, three words
    >>> network(ids).shape, network.attention(ids)[1].tolist()
    (torch.Size([2, 2]), [1.0, 0.0])
    """

    def __init__(
        self,
        words: WordEmbedding,
        n_classes: int,
        windows: Sequence[int] = (3, 4, 5),
        n_filters: int = 100,
        cell: str = "lstm",
        hidden_size: int = 100,
        *,
        attention_score: str = "additive",
        dropout: float = 0.5,
        embedding_dropout: float = 0.0,
    ) -> None:
        convolution = WindowConvolution(words.size, windows, n_filters)
        layers = RecurrentLayers(convolution.n_features, hidden_size, cell)
        super().__init__(words, layers.n_features, n_classes, dropout, embedding_dropout)
        self.convolution = convolution
        self.layers = layers
        self.attend = AttentionPooling(layers.n_features, attention_score)

    def forward(self, ids: Tensor, embedded: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
        """Score each class, as `TextNetwork.forward`; sentences that are padding alone are not looked up."""
        if embedded is not None:
            return super().forward(ids, embedded, mask)
        mask = ids != PADDING if mask is None else mask
        present = mask.any(dim=-1)
        found = self.embedding_dropout(self.words(ids[present]))
        return self.output(self.dropout(self._attended(found, mask, present)[0]))

    def encode(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """Make features of texts: Tensor, (n_texts, n_features)."""
        present = mask.any(dim=-1)
        return self._attended(embedded[present], mask, present)[0]

    @torch.no_grad()
    def attention(self, ids: Tensor) -> Tensor:
        """Weight of each sentence: Tensor, (n_texts, n_sentences)."""
        mask = ids != PADDING
        present = mask.any(dim=-1)
        return self._attended(self.words(ids[present]), mask, present)[1]

    def _attended(self, embedded: Tensor, mask: Tensor, present: Tensor) -> tuple[Tensor, Tensor]:
        """Features of texts and the weights of their sentences, from the words of those sentences that are there."""
        found = self.convolution(embedded, mask[present])
        sentences = found.new_zeros(*present.shape, found.shape[-1])
        sentences[present] = self.dropout(found)
        return self.attend(self.layers(sentences, present), present)
