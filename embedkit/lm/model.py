"""A language model as it is kept, and what it is asked."""

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from embedkit._cext.ngram_query import Query, word_slots
from embedkit.errors import FormatError
from embedkit.lm.quantisation import read_numbers
from embedkit.lm.queries import NgramQueries
from embedkit.lm.trie import Trie

if TYPE_CHECKING:
    from embedkit.text.tokenizers import TokenizerLike

__all__ = ["NO_TABLE", "NgramModel", "WordTable"]

NO_TABLE = np.empty(0, np.float32)


class WordTable:
    """Words by id and ids by word, in arrays that can be mapped.

    Parameters
    ----------
    data : ndarray of uint8
        The words in UTF-8, one after another.
    offsets : ndarray of int64, (n_words + 1,)
    slots : ndarray of uint32
        Hash table, as `embedkit._cext.ngram_query` fills it.
    """

    def __init__(self, data: np.ndarray, offsets: np.ndarray, slots: np.ndarray) -> None:
        self.data = data
        self.offsets = offsets
        self.slots = slots
        self._words: list[str] | None = None

    @classmethod
    def from_words(cls, words: Sequence[str]) -> "WordTable":
        """The table of a list of words.

        Raises
        ------
        FormatError
            If a word comes twice.
        """
        encoded = [word.encode() for word in words]
        offsets = np.zeros(len(words) + 1, np.int64)
        np.cumsum([len(word) for word in encoded], out=offsets[1:])
        data = np.frombuffer(b"".join(encoded), np.uint8)
        slots = np.zeros(1 << max(1, (2 * len(words)).bit_length()), np.uint32)
        twice = word_slots(data, offsets, slots)
        if twice >= 0:
            raise FormatError(f"the word {words[twice]!r} comes twice; keep one of them")
        return cls(data, offsets, slots)

    @property
    def words(self) -> list[str]:
        """All words by id."""
        if self._words is None:
            data, ends = self.data.tobytes(), self.offsets.tolist()
            try:
                self._words = [data[a:b].decode() for a, b in pairwise(ends)]
            except UnicodeDecodeError as error:
                raise FormatError(f"the words of the model are damaged ({error.reason}); make its file again") from None
        return self._words

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, i: int) -> str:
        return self.data[self.offsets[i] : self.offsets[i + 1]].tobytes().decode()


class NgramModel(NgramQueries):
    """An n-gram language model: a trie with probabilities and back-off weights.

    Made by `NgramLanguageModel.fit`, by `estimate`, or by `load`; it answers what `NgramQueries` lists.

    Parameters
    ----------
    words : sequence of str or WordTable
        By id; the first three are <unk>, <s> and </s>.
    trie : Trie
        With links.
    log_prob : ndarray, (n_nodes,)
        Logarithms to base 10, float64 or float32; uint8 or uint16 where they are places in `prob_table`.
    log_backoff : ndarray, (starts[order],)
        Of the same kind.
    prob_table, backoff_table : ndarray of float32, optional
        What the places stand for, as `quantised` lays it out.
    scheme : {"backoff", "stupid-backoff", "additive"}
        What happens to a word that does not follow a context. The last two need all of the context, and are no ARPA
        models.
    facts : dict, optional
        How it was made.
    """

    def __init__(
        self,
        words: "Sequence[str] | WordTable",
        trie: Trie,
        log_prob: np.ndarray,
        log_backoff: np.ndarray,
        *,
        prob_table: np.ndarray = NO_TABLE,
        backoff_table: np.ndarray = NO_TABLE,
        scheme: str = "backoff",
        facts: dict[str, Any] | None = None,
    ) -> None:
        self.word_table = words if isinstance(words, WordTable) else WordTable.from_words(words)
        self.trie = trie
        self.log_prob = log_prob
        self.log_backoff = log_backoff
        self.prob_table = prob_table
        self.backoff_table = backoff_table
        self.scheme = scheme
        self.facts = facts or {}
        self.warned_of_spaces = False

    @property
    def text_settings(self) -> "tuple[TokenizerLike, bool]":
        """How the training text was cut into words, and whether it was lower-cased."""
        return self.facts.get("tokenizer", "whitespace"), bool(self.facts.get("lowercase", False))

    @cached_property
    def cuts_otherwise(self) -> bool:
        """Whether texts are not simply cut at white space."""
        return self.text_settings != ("whitespace", False)

    def _model(self) -> "NgramModel":
        return self

    @property
    def order(self) -> int:
        """Length of the longest n-grams."""
        return self.trie.order

    @cached_property
    def query(self) -> Query:
        """The kernel's view of the model, made when it is first needed."""
        table = self.word_table
        return Query(
            self.trie.starts,
            self.trie.first,
            self.trie.words,
            self.trie.link,
            self.log_prob,
            self.log_backoff,
            self.prob_table,
            self.backoff_table,
            self.scheme,
            table.data,
            table.offsets,
            table.slots,
        )

    def changed(self) -> None:
        """Forget what was made of arrays, or of facts, that have been replaced."""
        for name in ("query", "cuts_otherwise"):
            self.__dict__.pop(name, None)

    def probs(self, begin: int, end: int, n: int) -> np.ndarray:
        """Logarithms of the probabilities of nodes of order `n`, as floats."""
        return read_numbers(self.log_prob, self.prob_table, self.trie.starts, begin, end, n)

    def backoffs(self, begin: int, end: int, n: int) -> np.ndarray:
        """Logarithms of the back-off weights of nodes of order `n`, as floats."""
        return read_numbers(self.log_backoff, self.backoff_table, self.trie.starts, begin, end, n)

    def numbers(self, dtype: type) -> tuple[np.ndarray, np.ndarray]:
        """Logarithms of all probabilities and back-off weights as floats; not copied if they are of that type."""
        if self.log_prob.dtype.kind == "f":
            return self.log_prob.astype(dtype, copy=False), self.log_backoff.astype(dtype, copy=False)
        levels = [(*self.trie.level(n), n) for n in range(self.order + 1)]
        probs = np.concatenate([self.probs(*level) for level in levels])
        backoffs = np.concatenate([self.backoffs(*level) for level in levels[:-1]])
        return probs.astype(dtype, copy=False), backoffs.astype(dtype, copy=False)

    def __repr__(self) -> str:
        sizes = " + ".join(f"{n:,}" for n in self.trie.n_ngrams)
        return f"<NgramModel of order {self.trie.order}, {sizes} n-grams>"

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "query"}
