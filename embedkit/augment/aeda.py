"""AEDA: punctuation marks put between words."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from embedkit._cext.augment import Stream, bound, glue_after
from embedkit.augment.base import Augmenter, check_share
from embedkit.augment.drafts import Draft, DraftMaker, Reader
from embedkit.augment.operations import pick
from embedkit.augment.protection import WordFacts
from embedkit.errors import ParameterError
from embedkit.text.tokenizers import TokenizerLike, check_tokenizer, resolve_tokenizer

__all__ = ["AEDA"]

MARKS = (".", ";", "?", ":", "!", ",")
WIDE_MARKS = ("。", "；", "？", "：", "！", "，")


class AEDA(Augmenter):
    """An easier data augmentation: punctuation marks put behind words that are drawn.

    Words, their order and all that was there before stay; a mark is not put before another. A text of l words gets
    from 1 to max(1, floor(alpha l)) marks, any number as likely as another; each stands alone between spaces, or, where
    words follow one another without a space, as in Chinese, is a full-width mark between them.

    Parameters
    ----------
    alpha : float, default=1/3
        Marks for each word, at most; above 0, up to 1.
    marks : sequence of str, optional
        Default: . ; ? : ! , and their full-width forms.
    n_aug : int, default=4
        New texts of each text, at most.
    tokenizer : str, pattern or callable, default="words"
        What is a word: what `embedkit.text.tokenizers.resolve_tokenizer` takes; "zh" for Chinese.
    balance : bool, default=False
        `fit_resample` adds to each class what it needs to be as large as the largest, whatever `n_aug`.
    random_state : int, RandomState instance or None, default=0
        With the same number a text at the same position becomes the same texts, on any number of processes.
    n_jobs : int, optional
        Processes; -1 for all processors.

    Attributes
    ----------
    sample_indices_ : ndarray of int, (n_texts + n_new,)
        After `fit_resample`: the row of X that each text is, or was made of.

    References
    ----------
    Karimi, Rossi and Prati (2021), AEDA: An Easier Data Augmentation Technique for Text Classification, section 3.

    Examples
    --------
    >>> AEDA(n_aug=2, random_state=2).augment("a sad, superior human comedy")
    ['a sad, superior human comedy', 'a sad, superior ? human comedy', 'a ; sad, superior human comedy']
    """

    def __init__(
        self,
        *,
        alpha: float = 1 / 3,
        marks: Sequence[str] | None = None,
        n_aug: int = 4,
        tokenizer: TokenizerLike = "words",
        balance: bool = False,
        random_state: int | np.random.RandomState | None = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.alpha = alpha
        self.marks = marks
        self.n_aug = n_aug
        self.tokenizer = tokenizer
        self.balance = balance
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _check_parameters(self) -> None:
        check_share("alpha", self.alpha, strict=True)
        check_tokenizer(self.tokenizer)
        marks = MARKS if self.marks is None else self.marks
        if not isinstance(marks, Sequence) or not marks or not all(isinstance(mark, str) and mark for mark in marks):
            raise ParameterError(f"marks={marks!r}: expected one mark or more, as in '.,;', or None")

    def _make_maker(self) -> DraftMaker:
        narrow, wide = (MARKS, WIDE_MARKS) if self.marks is None else (tuple(self.marks),) * 2
        reader = Reader(resolve_tokenizer(self.tokenizer), WordFacts(frozenset(), frozenset()))
        return DraftMaker(reader, [(partial(_insert_marks, narrow=narrow, wide=wide), float(self.alpha))])


def _insert_marks(
    draft: Draft, numbers: Stream, alpha: float, *, narrow: Sequence[str], wide: Sequence[str]
) -> str | None:
    draw = numbers.random
    known = {*narrow, *wide}
    new = draft.pieces.copy()
    most = int(alpha * draft.n_words) or 1
    for place in pick(list(range(1, len(new), 2)), 1 + int(draw() * most), draw):
        if bound(new, place) or draft.pieces[place + 1].strip()[:1] in known:
            continue
        glue = glue_after(draft.pieces, place)
        marks = narrow if glue else wide
        new[place] += glue + marks[int(draw() * len(marks))]
    return "".join(new)
