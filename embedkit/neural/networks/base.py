"""What all networks share: from numbers of words through vectors and features to a score of each class."""

from torch import Tensor, nn

from embedkit.neural.layers.embedding import PADDING, WordEmbedding

__all__ = ["TextNetwork"]


class TextNetwork(nn.Module):
    """Base of the networks: word vectors, an encoder that a subclass defines, dropout, and a linear layer.

    Parameters
    ----------
    words : WordEmbedding
    n_features : int
        Numbers that `encode` makes of a text.
    n_classes : int
    dropout : float
        On the features.
    embedding_dropout : float, default=0.0
        On the word vectors.
    """

    def __init__(
        self, words: WordEmbedding, n_features: int, n_classes: int, dropout: float, embedding_dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.words = words
        self.embedding_dropout = nn.Dropout(embedding_dropout)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(n_features, n_classes)

    def forward(self, ids: Tensor, embedded: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
        """Score each class.

        Parameters
        ----------
        ids : Tensor of int64, (n_texts, n_words)
            Numbers of words; `PADDING` behind the end of a text. A hierarchical network takes (n_texts, n_sentences,
            n_words).
        embedded : Tensor, (*ids.shape, size), optional
            Vectors to use instead of looking up `ids`: mixed, or disturbed ones.
        mask : Tensor of bool, like `ids`, optional
            Where words are, instead of where `ids` has no padding.

        Returns
        -------
        Tensor, (n_texts, n_classes)
            Before the softmax.
        """
        mask = ids != PADDING if mask is None else mask
        embedded = self.words(ids) if embedded is None else embedded
        return self.output(self.dropout(self.encode(self.embedding_dropout(embedded), mask)))

    def encode(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """Make features of texts: Tensor, (n_texts, n_features)."""
        raise NotImplementedError

    def attention(self, ids: Tensor) -> Tensor | None:
        """How much the network looks at each word, or each sentence; None if it has no attention."""
        return None

    @property
    def n_parameters(self) -> int:
        """Numbers that training changes."""
        return sum(parameter.numel() for parameter in self.parameters() if parameter.requires_grad)
