"""Batches of texts of similar length, so that little of them is padding."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from embedkit.neural.texts import NumberedTexts

__all__ = ["LengthBatches", "TextDataset", "text_batches"]

# Batches that are drawn at random together before their texts are sorted by length.
POOL = 50


class TextDataset(Dataset):
    """Texts and the classes they belong to, taken many at a time.

    Parameters
    ----------
    texts : NumberedTexts
    classes : ndarray of int64, (n_texts,), optional
        Zeros if None: texts to predict.

    Examples
    --------
    >>> dataset = TextDataset(NumberedTexts(np.array([5, 6, 7]), np.array([0, 1, 3])), np.array([0, 1]))
    >>> ids, classes = dataset[np.array([1, 0])]
    >>> ids.tolist(), classes.tolist()
    ([[6, 7], [5, 0]], [1, 0])
    """

    def __init__(self, texts: NumberedTexts, classes: np.ndarray | None = None) -> None:
        self.texts = texts
        self.classes = np.zeros(len(texts), np.int64) if classes is None else classes

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, rows: np.ndarray) -> tuple[Tensor, Tensor]:
        return torch.from_numpy(self.texts.batch(rows)), torch.from_numpy(self.classes[rows])


class LengthBatches(Sampler[np.ndarray]):
    """Rows of each batch.

    Shuffled, texts are drawn at random for some fifty batches, and only these are sorted by length, so that batches
    differ from epoch to epoch; then batches come in random order. Otherwise all texts are sorted, as `order` says.

    Parameters
    ----------
    lengths : ndarray of int, (n_texts,)
    batch_size : int
        Texts of a batch; the last has those that are left.
    shuffle : bool, default=False
    by_length : bool, default=True
        False takes texts as they are drawn, or as they stand.
    seed : int, default=0
        Of the shuffling, which goes on from epoch to epoch.

    Attributes
    ----------
    order : ndarray of int, (n_texts,)
        Rows one after the other, when they are not shuffled.

    Examples
    --------
    >>> batches = LengthBatches(np.array([9, 2, 7, 3]), batch_size=2)
    >>> [rows.tolist() for rows in batches]
    [[1, 3], [2, 0]]
    """

    def __init__(
        self, lengths: np.ndarray, batch_size: int, *, shuffle: bool = False, by_length: bool = True, seed: int = 0
    ) -> None:
        self.lengths = lengths
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.by_length = by_length
        self.order = np.argsort(lengths, kind="stable") if by_length else np.arange(len(lengths))
        self._random = np.random.default_rng(seed)

    def __len__(self) -> int:
        return -(-len(self.lengths) // self.batch_size)

    def __iter__(self) -> Iterator[np.ndarray]:
        size = self.batch_size
        if not self.shuffle:
            yield from (self.order[start : start + size] for start in range(0, len(self.order), size))
            return
        drawn = self._random.permutation(len(self.lengths))
        batches = []
        for start in range(0, len(drawn), size * POOL):
            pool = drawn[start : start + size * POOL]
            if self.by_length:
                pool = pool[np.argsort(self.lengths[pool], kind="stable")]
            batches += [pool[first : first + size] for first in range(0, len(pool), size)]
        for number in self._random.permutation(len(batches)):
            yield batches[number]


def text_batches(dataset: TextDataset, **options: object) -> DataLoader:
    """Make torch's loader of the batches that `LengthBatches` draws, whose parameters these are.

    Examples
    --------
    >>> dataset = TextDataset(NumberedTexts(np.array([5, 6, 7]), np.array([0, 1, 3])))
    >>> [ids.tolist() for ids, _ in text_batches(dataset, batch_size=2)]
    [[[5, 0], [6, 7]]]
    """
    batches = LengthBatches(dataset.texts.lengths, **options)  # type: ignore[arg-type]
    # A generator of its own: the loader draws from one in each epoch, and a validation set should not change a model.
    return DataLoader(dataset, sampler=batches, batch_size=None, generator=torch.Generator())
