"""The mean of word and n-gram vectors, and a linear layer: fastText's classifier as a torch network."""

import torch
from torch import Tensor, nn

from embedkit.neural.layers.embedding import PADDING, WordEmbedding
from embedkit.neural.networks.base import TextNetwork

__all__ = ["MeanOfWords"]

FACTOR = 1_000_003  # a prime, far larger than 1


class MeanOfWords(TextNetwork):
    """Mean of the vectors of words and of hashed word n-grams (Joulin et al. 2016, section 2).

    Parameters
    ----------
    words : WordEmbedding
    n_classes : int
    word_ngrams : int, default=1
        Longest n-gram of words.
    buckets : int, default=100_000
        Numbers that n-grams are hashed to.
    dropout, embedding_dropout : float

    Examples
    --------
    >>> network = MeanOfWords(WordEmbedding(10, 8), n_classes=2, word_ngrams=2, buckets=50)
    >>> network(torch.tensor([[2, 3, 4, 5], [6, 7, 0, 0]])).shape
    torch.Size([2, 2])
    """

    def __init__(
        self,
        words: WordEmbedding,
        n_classes: int,
        word_ngrams: int = 1,
        buckets: int = 100_000,
        *,
        dropout: float = 0.0,
        embedding_dropout: float = 0.0,
    ) -> None:
        super().__init__(words, words.size, n_classes, dropout, embedding_dropout)
        self.word_ngrams = word_ngrams
        self.buckets = nn.Embedding(buckets, words.size) if word_ngrams > 1 else None
        if self.buckets is not None:
            nn.init.zeros_(self.buckets.weight)

    def forward(self, ids: Tensor, embedded: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
        """Score each class, as `TextNetwork.forward`; n-grams are those of `ids`, none dropped."""
        mask = ids != PADDING if mask is None else mask
        embedded = self.embedding_dropout(self.words(ids) if embedded is None else embedded)
        total, count = (embedded * mask.unsqueeze(-1)).sum(dim=1), mask.sum(dim=1, keepdim=True)
        if self.buckets is not None:
            grams, found = self._ngrams(ids, self.buckets.num_embeddings)
            total = total + (self.buckets(grams) * found.unsqueeze(-1)).sum(dim=1)
            count = count + found.sum(dim=1, keepdim=True)
        return self.output(self.dropout(total / count.clamp(min=1)))

    def _ngrams(self, ids: Tensor, n_buckets: int) -> tuple[Tensor, Tensor]:
        """Buckets of the n-grams of texts, and which of them are no padding."""
        grams, found = [], []
        key = ids
        for length in range(2, self.word_ngrams + 1):
            key = key[:, :-1] * FACTOR % 2**31 + ids[:, length - 1 :]
            grams.append(key % n_buckets)
            found.append(ids[:, length - 1 :] != PADDING)
        return torch.cat(grams, dim=1), torch.cat(found, dim=1)
