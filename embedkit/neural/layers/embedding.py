"""Vectors of words, learned, given, or both."""

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["FREEZE", "PADDING", "UNKNOWN", "WordEmbedding"]

PADDING = 0
"""Fills the rows of a batch behind the end of a text; its vector is zero."""
UNKNOWN = 1
"""Stands for every word that has no vector."""

FREEZE = ("non-static", "static", "multichannel")
"""What training does to the vectors (Kim 2014, section 3.3)."""

# Of vectors that begin at random.
SPREAD = 0.25


class WordEmbedding(nn.Module):
    """A table of word vectors, and words that keep the vectors they were given.

    Parameters
    ----------
    n_words : int
        Rows of the table, `PADDING` and `UNKNOWN` among them.
    size : int
        Of the vectors.
    freeze : {"non-static", "static", "multichannel"}, default="non-static"
        Whether the table is trained, or kept, or there are two, one trained and one kept (Kim 2014, section 2). The
        vectors of the two channels stand one behind the other, so that a filter has weights for each, and adds up
        what it finds in both.
    n_kept : int, default=0
        Words from number `n_words` on whose vectors are never trained.
    word_dropout : float, default=0.0
        Share of words that training takes for `UNKNOWN`, drawn again each time (Iyyer et al. 2015, section 3).

    Attributes
    ----------
    size : int
        Of the vectors that come out: twice as many numbers with two channels.
    weight : Parameter (a buffer if static), (n_words, size)
    channel : buffer, (n_words, size), or None
        The table that is kept beside the trained one.
    kept : buffer, (n_kept, size), or None

    Examples
    --------
    >>> words = WordEmbedding(5, 3)
    >>> vectors = words(torch.tensor([[2, 4, 0]]))
    >>> vectors.shape, vectors[0, 2].tolist()
    (torch.Size([1, 3, 3]), [0.0, 0.0, 0.0])
    """

    weight: Tensor
    channel: Tensor | None
    kept: Tensor | None

    def __init__(
        self, n_words: int, size: int, freeze: str = "non-static", n_kept: int = 0, word_dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.freeze = freeze
        self.word_dropout = word_dropout
        self.size = 2 * size if freeze == "multichannel" else size
        table = torch.empty(n_words, size).uniform_(-SPREAD, SPREAD)
        table[PADDING] = 0.0
        if freeze == "static":
            self.register_buffer("weight", table)
        else:
            self.weight = nn.Parameter(table)
        self.register_buffer("channel", table.clone() if freeze == "multichannel" else None)
        self.register_buffer("kept", torch.zeros(n_kept, size) if n_kept else None)

    @torch.no_grad()
    def set_vectors(self, table: Tensor, kept: Tensor | None = None) -> None:
        """Begin with these vectors instead of random ones.

        Parameters
        ----------
        table : Tensor, (n_words, size)
        kept : Tensor, (n_kept, size), optional
        """
        self.weight.copy_(table)
        self.weight[PADDING] = 0.0
        if self.channel is not None:
            self.channel.copy_(self.weight)
        if kept is not None and self.kept is not None:
            self.kept.copy_(kept)

    def forward(self, ids: Tensor) -> Tensor:
        """Look words up.

        Parameters
        ----------
        ids : Tensor of int64, (..., n_positions)

        Returns
        -------
        Tensor, (..., n_positions, size)
        """
        return self.look_up(self.drop(ids))

    def drop(self, ids: Tensor) -> Tensor:
        """Token ids with some drawn for `UNKNOWN` in training, as `word_dropout` says."""
        if not (self.training and self.word_dropout):
            return ids
        dropped = torch.rand(ids.shape, device=ids.device) < self.word_dropout
        return torch.where(dropped & (ids != PADDING), UNKNOWN, ids)

    def look_up(self, ids: Tensor) -> Tensor:
        """Vectors of token ids as they are."""
        if self.kept is None:
            return self._in_table(ids)
        n_words = len(self.weight)
        in_table = ids < n_words
        found = self._in_table(torch.where(in_table, ids, PADDING))
        kept = functional.embedding(torch.where(in_table, 0, ids - n_words), self.kept)
        kept = kept if self.channel is None else torch.cat([kept, kept], dim=-1)
        return torch.where(in_table.unsqueeze(-1), found, kept)

    def _in_table(self, ids: Tensor) -> Tensor:
        # padding_idx keeps the vector of padding at zero.
        found = functional.embedding(ids, self.weight, padding_idx=PADDING)
        return found if self.channel is None else torch.cat([found, functional.embedding(ids, self.channel)], dim=-1)
