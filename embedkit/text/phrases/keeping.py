"""Which words and phrases are kept once all are joined."""

from dataclasses import dataclass

import numpy as np

from embedkit._cext import phrases as kernel
from embedkit.checks import check_integer
from embedkit.errors import InputError
from embedkit.text.vocabulary import Vocabulary

__all__ = ["Keep"]


@dataclass(frozen=True)
class Keep:
    """Which words are kept at the end."""

    min_count: int
    max_vocab: int | None
    vocabulary: Vocabulary | None
    keep_empty: bool

    def __post_init__(self) -> None:
        check_integer("min_count", self.min_count, 0)
        if self.max_vocab is not None:
            check_integer("max_vocab", self.max_vocab, 1)

    def choose(self, words: list[str], counts: np.ndarray) -> tuple[Vocabulary, np.ndarray]:
        """The vocabulary, and the new id of each word."""
        map_ = np.full(len(words), kernel.PRUNED, np.int32)
        least = max(self.min_count, 1)
        if self.vocabulary is not None:
            vocabulary = self.vocabulary.prune(min_count=self.min_count, max_vocab=self.max_vocab)
            for i, word in enumerate(words):
                if (new := vocabulary.index.get(word)) is not None:
                    map_[i] = new
            if not (map_ >= 0).any() and not self.keep_empty:
                raise InputError(
                    "no word or phrase of the text is in the vocabulary; use the tokenizer, the case and the phrases "
                    "that the vocabulary was made with"
                )
            return vocabulary, map_
        # Most words are in order already, which makes this fast.
        numbers = counts.tolist()
        order = sorted(np.flatnonzero(counts >= least).tolist(), key=lambda i: (-numbers[i], words[i]))
        order = order[: self.max_vocab]
        if not order:
            best = int(counts.argmax())
            raise InputError(
                f"no word or phrase of the text occurs {least} times: the most frequent, {words[best]!r}, has "
                f"{counts[best]}; set min_count (--min-count) to {counts[best]} or less"
            )
        map_[order] = np.arange(len(order))
        return Vocabulary.from_ordered([words[i] for i in order], counts[order]), map_
