"""EDA: synonyms replaced and inserted, words swapped and deleted."""

import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from embedkit.augment.base import Augmenter, check_share
from embedkit.augment.drafts import DraftMaker, Operation, Reader
from embedkit.augment.operations import delete_words, insert_synonyms, replace_synonyms, swap_words
from embedkit.augment.protection import Protected, StopWords, WordFacts, protected_words, stop_word_set
from embedkit.errors import ParameterError
from embedkit.lexicon import Lexicon, WnLexicon, WordNet, load_lexicon
from embedkit.text.tokenizers import TokenizerLike, check_tokenizer, resolve_tokenizer

__all__ = ["EDA"]


class EDA(Augmenter):
    """Easy data augmentation: four operations that change some words of a text.

    A text of l words becomes up to `n_aug` new ones, each by one operation, n = max(1, floor(alpha l)):

    * synonym replacement: n words give way to one of their synonyms,
    * random insertion: a synonym of some word is put somewhere, n times,
    * random swap: two words change places, n times,
    * random deletion: each word goes with the probability `p_rd`, but one at least, and never all.

    Each operation has a share of ``n_aug // 4 + 1`` texts (of 4 operations), of which `n_aug` are drawn.

    Stop words, protected words, words with a digit, words with a capital letter inside (iPhone) or at the begin inside
    a sentence (names), are left alone. Punctuation, spacing and the place of capitals stay. No text comes twice; a text
    in which little can change gives fewer than `n_aug`.

    Parameters
    ----------
    alpha_sr, alpha_ri, alpha_rs : float, default=0.1
        Share of the words that are replaced, inserted, swapped; from 0 to 1. With 0 there is no such operation.
    p_rd : float, default=0.1
        Probability that a word is deleted. With 0 there is no deletion.
    n_aug : int, default=4
        New texts of each text, at most. The paper (table 3) recommends 16 with all alphas 0.05 for 500 training texts,
        8 with 0.05 for 2,000, and 4 with 0.1 for 5,000 or more.
    lexicon : str, path, Lexicon or mapping, default="wordnet"
        Where synonyms come from: what `embedkit.lexicon.load_lexicon` takes, such as a file in the form of Cilin. It is
        opened only if an operation needs it. From WordNet no name ("Paris Hilton") comes for a word in lower case.
    tokenizer : str, pattern or callable, default="words"
        What is a word: what `embedkit.text.tokenizers.resolve_tokenizer` takes; "zh" for Chinese.
    stop_words : str, path, iterable of str or None, default="english"
        Words that are left alone: "english", "chinese", a file, or words. With None every word may be swapped and
        deleted, as in the paper.
    protected : iterable of str or re.Pattern, optional
        More words that are left alone, in any case; of a pattern those that match as a whole.
    balance : bool, default=False
        `fit_resample` adds to each class what it needs to be as large as the largest, whatever `n_aug`.
    random_state : int, RandomState instance or None, default=0
        With the same number a text at the same position becomes the same texts, on any number of processes.
    n_jobs : int, optional
        Processes; -1 for all processors. To start them takes as long as tens of thousands of texts.

    Attributes
    ----------
    sample_indices_ : ndarray of int, (n_texts + n_new,)
        After `fit_resample`: the row of X that each text is, or was made of.

    References
    ----------
    Wei and Zou (2019), EDA: Easy Data Augmentation Techniques for Boosting Performance on Text Classification Tasks,
    section 2.

    Examples
    --------
    >>> lexicon = {"good": ["fine"], "long": ["lengthy"]}
    >>> for text in EDA(lexicon=lexicon, n_aug=3).augment("A good, long film!"):
    ...     print(text)
    A good, long film!
    A good, lengthy film!
    A long, good film!
    A fine good, long film!
    >>> EDA(lexicon=lexicon, n_aug=1).fit_resample(["a good film", "too long"], [1, 0])
    (['a good film', 'too long', 'a fine film', 'too lengthy'], [1, 0, 1, 0])
    """

    def __init__(
        self,
        *,
        alpha_sr: float = 0.1,
        alpha_ri: float = 0.1,
        alpha_rs: float = 0.1,
        p_rd: float = 0.1,
        n_aug: int = 4,
        lexicon: str | os.PathLike[str] | Lexicon | Mapping[str, Any] = "wordnet",
        tokenizer: TokenizerLike = "words",
        stop_words: StopWords = "english",
        protected: Protected = None,
        balance: bool = False,
        random_state: int | np.random.RandomState | None = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.alpha_sr = alpha_sr
        self.alpha_ri = alpha_ri
        self.alpha_rs = alpha_rs
        self.p_rd = p_rd
        self.n_aug = n_aug
        self.lexicon = lexicon
        self.tokenizer = tokenizer
        self.stop_words = stop_words
        self.protected = protected
        self.balance = balance
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _check_parameters(self) -> None:
        names = ("alpha_sr", "alpha_ri", "alpha_rs", "p_rd")
        shares = [check_share(name, getattr(self, name)) for name in names]
        if not any(shares):
            raise ParameterError(f"{', '.join(names)} are all 0: expected one above 0, so that something can change")
        check_tokenizer(self.tokenizer)

    def _make_maker(self) -> DraftMaker:
        lexicon = load_lexicon(self.lexicon) if self.alpha_sr > 0 or self.alpha_ri > 0 else None
        synonyms = None if lexicon is None else _synonyms_of(lexicon)
        facts = WordFacts(stop_word_set(self.stop_words), protected_words(self.protected), synonyms)
        operations: list[Operation] = [
            (replace_synonyms, float(self.alpha_sr)),
            (insert_synonyms, float(self.alpha_ri)),
            (swap_words, float(self.alpha_rs)),
            (delete_words, float(self.p_rd)),
        ]
        return DraftMaker(
            Reader(resolve_tokenizer(self.tokenizer), facts),
            [(operation, share) for operation, share in operations if share > 0],
            getattr(lexicon, "precompute", None),
        )


def _synonyms_of(lexicon: Lexicon) -> Callable[[str], list[str]]:
    """What gives the synonyms of a word in lower case."""
    if not isinstance(lexicon, WordNet | WnLexicon):
        return lexicon.synonyms
    # In these a capital letter makes a name: burger, Warren E. Burger.
    return lambda word: [one for one in lexicon.synonyms(word) if one == one.lower()]
