"""What makes a phrase."""

from collections.abc import Collection
from dataclasses import dataclass

from embedkit.checks import check_choice, check_integer, check_number
from embedkit.errors import ParameterError

__all__ = ["ENGLISH_CONNECTOR_WORDS", "SCORINGS", "PhraseSettings"]

SCORINGS = ("word2phrase", "gensim", "npmi")

# 100 is what word2phrase.c takes, 10 what gensim takes; half of what NPMI can be.
THRESHOLDS = {"word2phrase": 100.0, "gensim": 10.0, "npmi": 0.5}

MOST_PASSES = 100
LARGEST_COUNT = 2**63 - 1

# Articles, the conjunctions that join nouns, and prepositions as they stand in names and terms.
CONNECTORS = """
a an the and or nor of in on at by for to from with without under over into upon as per versus vs
"""

ENGLISH_CONNECTOR_WORDS = frozenset(CONNECTORS.split())
"""Words that may stand inside an English phrase, as in bank_of_america."""


@dataclass(frozen=True)
class PhraseSettings:
    """Which words next to each other become a phrase.

    With n(a b) the occurrences of the pair, n(a) and n(b) those of its words and N the words of the text, the score is

    * ``"word2phrase"``: (n(a b) - min_count) N / (n(a) n(b)), as in the program of Mikolov et al. (2013), Distributed
      Representations of Words and Phrases and their Compositionality, section 4, equation 6, times N;
    * ``"gensim"``: the same with the number of different words and pairs in the place of N, as gensim's default, which
      takes a pair a b and a word a_b of the text for one: where words hold the delimiter, its figures are others;
    * ``"npmi"``: ln(p(a b) / (p(a) p(b))) / -ln p(a b), from -1 to 1; Bouma (2009), Normalized (Pointwise) Mutual
      Information in Collocation Extraction, section 3.2.

    Attributes
    ----------
    min_count : int
        Pairs that occur less often are no phrases; the first two scores take as much off each count.
    threshold : float, optional
        A phrase has a higher score. Above 0, with npmi from -1 to 1. None is 100, 10 and 0.5 for the three scores.
    scoring : {"word2phrase", "gensim", "npmi"}
    passes : int
        The second pass joins pairs of what the first one made, new_york and times, and so on.
    delimiter : str
        Stands between the words of a phrase.
    connector_words : collection of str
        Words that neither begin nor end a phrase and may stand inside, any number of them. See
        `ENGLISH_CONNECTOR_WORDS`.

    Examples
    --------
    >>> PhraseSettings(scoring="npmi").least_score
    0.5
    """

    min_count: int = 5
    threshold: float | None = None
    scoring: str = "word2phrase"
    passes: int = 1
    delimiter: str = "_"
    connector_words: Collection[str] = frozenset()

    def validate(self) -> None:
        """Check every setting.

        Raises
        ------
        ParameterError
            Naming the first that cannot work, and what was expected.
        """
        check_choice("scoring", self.scoring, SCORINGS)
        check_integer("min_count", self.min_count, 1, LARGEST_COUNT)
        if self.threshold is not None:
            self._check_threshold(self.threshold)
        check_integer("passes", self.passes, 1, MOST_PASSES)
        check_delimiter(self.delimiter)
        words = self.connector_words
        if isinstance(words, str) or not isinstance(words, Collection) or not all(isinstance(w, str) for w in words):
            raise ParameterError(f"connector_words={words!r}: expected a set or list of words, such as {{'of', 'the'}}")

    @property
    def least_score(self) -> float:
        """The score that a phrase has to exceed."""
        return THRESHOLDS[self.scoring] if self.threshold is None else float(self.threshold)

    def _check_threshold(self, threshold: float) -> None:
        if self.scoring != "npmi":
            check_number("threshold", threshold, 0.0, strict=True)
        elif not -1 <= check_number("threshold", threshold) <= 1:
            raise ParameterError(f"threshold={threshold!r}: expected a number from -1 to 1, as npmi is")


def check_delimiter(delimiter: object) -> None:
    """Raise ParameterError unless the words that it joins can be one word of a file of vectors."""
    if not isinstance(delimiter, str) or not delimiter or "\0" in delimiter or any(c.isspace() for c in delimiter):
        raise ParameterError(f"delimiter={delimiter!r}: expected a character or more, no white space and no NUL")
