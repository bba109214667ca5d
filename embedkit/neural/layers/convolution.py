"""Convolution over the words of a text, with windows of several widths."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from embedkit.neural.layers.pooling import k_max_pool, max_pool, mean_pool

__all__ = ["WindowConvolution"]


class WindowConvolution(nn.Module):
    """Filters over each window of words, rectified and pooled (Kim 2014, section 2).

    A window lies wholly inside the text; a text shorter than a window is filled up with zero vectors. With
    ``wide=True`` windows reach over both ends, so that a text of n words has n + w - 1 of them (Kalchbrenner et al.
    2014, section 3.1).

    Parameters
    ----------
    size : int
        Of the word vectors.
    windows : sequence of int, default=(3, 4, 5)
        Widths in words.
    n_filters : int, default=100
        Of each width.
    pooling : {"max", "k-max", "mean"}, default="max"
    k : int, default=2
        Numbers that each filter keeps; for "k-max".
    wide : bool, default=False

    Attributes
    ----------
    n_features : int
        Numbers that come out for each text.

    Examples
    --------
    >>> layer = WindowConvolution(8, windows=(2, 3), n_filters=4)
    >>> mask = torch.tensor([[True, True, True], [True, False, False]])
    >>> layer(torch.randn(2, 3, 8), mask).shape
    torch.Size([2, 8])
    """

    def __init__(
        self,
        size: int,
        windows: Sequence[int] = (3, 4, 5),
        n_filters: int = 100,
        pooling: str = "max",
        k: int = 2,
        *,
        wide: bool = False,
    ) -> None:
        super().__init__()
        self.pooling = pooling
        self.k = k
        self.wide = wide
        self.filters = nn.ModuleList(nn.Conv1d(size, n_filters, window) for window in windows)
        self.n_features = len(windows) * n_filters * (k if pooling == "k-max" else 1)

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """Filter and pool.

        Parameters
        ----------
        embedded : Tensor, (n_texts, n_positions, size)
        mask : Tensor of bool, (n_texts, n_positions)
            True at words, from the first position on.

        Returns
        -------
        Tensor, (n_texts, n_features)
        """
        lengths = mask.sum(dim=1, keepdim=True)
        # What stands behind the end of a text must be zero, since the windows of short texts reach there.
        columns = (embedded * mask.unsqueeze(-1)).transpose(1, 2)
        found = [self._pooled(filters, columns, lengths) for filters in self.filters]  # type: ignore[arg-type]
        return torch.cat(found, dim=1)

    def _pooled(self, filters: nn.Conv1d, columns: Tensor, lengths: Tensor) -> Tensor:
        window = filters.kernel_size[0]
        edge = window - 1 if self.wide else 0
        missing = max(0, window - columns.shape[2] - 2 * edge)
        found = filters(nn.functional.pad(columns, (edge, edge + missing)) if edge or missing else columns)
        # Each text with a word has a window, an empty one has none.
        n_windows = torch.where(lengths > 0, (lengths + 2 * edge - window + 1).clamp(min=1), 0)
        counted = torch.arange(found.shape[2], device=found.device) < n_windows
        found = found.transpose(1, 2)
        if self.pooling == "max":  # before the rectifier, which then has less to do
            return torch.relu(max_pool(found, counted))
        found = torch.relu(found)
        return k_max_pool(found, counted, self.k) if self.pooling == "k-max" else mean_pool(found, counted)
