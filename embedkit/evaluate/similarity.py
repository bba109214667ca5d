"""Word similarity: do cosines order pairs of words as people do?"""

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from embedkit.errors import InputError
from embedkit.evaluate.inputs import Lexicon, numbered_lines
from embedkit.vectors.search import unit_rows

if TYPE_CHECKING:
    from embedkit.vectors.keyed_vectors import KeyedVectors

__all__ = ["SimilarityScores", "evaluate_similarity", "read_pairs"]


@dataclass(frozen=True)
class SimilarityScores:
    """How well cosines agree with human judgements of similarity.

    Attributes
    ----------
    name : str
        Name of the file, without its ending.
    spearman : float
        Rank correlation, -1 to 1; NaN with fewer than 2 usable pairs, or where one side is constant.
    pearson : float
        Linear correlation, under the same conditions.
    n_pairs : int
        Pairs in the file.
    oov_pairs : tuple of (str, str)
        The pairs left out because a word is not in the vocabulary, as the file spells them.
    """

    name: str
    spearman: float
    pearson: float
    n_pairs: int
    oov_pairs: tuple[tuple[str, str], ...]

    @property
    def n_used(self) -> int:
        """Pairs with both words in the vocabulary."""
        return self.n_pairs - len(self.oov_pairs)

    @property
    def coverage(self) -> float:
        """Share of the pairs that were used, 0 to 1."""
        return self.n_used / self.n_pairs

    def as_dict(self) -> dict[str, Any]:
        """The figures for JSON; a correlation that does not exist is None."""
        return {
            "name": self.name,
            "spearman": None if math.isnan(self.spearman) else self.spearman,
            "pearson": None if math.isnan(self.pearson) else self.pearson,
            "n_pairs": self.n_pairs,
            "n_used": self.n_used,
            "coverage": self.coverage,
        }


def evaluate_similarity(
    keyed_vectors: "KeyedVectors",
    pairs: str | os.PathLike[str],
    *,
    case_insensitive: bool = True,
    restrict_vocab: int | None = None,
) -> SimilarityScores:
    r"""Correlate the cosines of word pairs with the scores people gave them.

    Parameters
    ----------
    keyed_vectors : KeyedVectors
        Words by descending frequency.
    pairs : str or path-like
        File of lines "word, word, score", separated by tabs, commas or spaces. Lines that start with ``#`` are
        comments; a first line whose last field holds no digit is a header.
    case_insensitive : bool, default True
        Fold case; of spellings that differ only in case the most frequent one is used.
    restrict_vocab : int or None, default None
        How many of the most frequent words count; None for all.

    Returns
    -------
    SimilarityScores

    Raises
    ------
    InputError
        If the file cannot be read, a line is not two words and a finite number, or there is no pair.
    ParameterError
        If `restrict_vocab` is less than 1.

    References
    ----------
    Finkelstein et al. (2002), "Placing Search in Context: The Concept Revisited", section 4.3.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> from embedkit import KeyedVectors
    >>> vectors = KeyedVectors(["cat", "dog", "car"], np.array([[1, 0], [0.9, 0.1], [0, 1]], dtype=np.float32))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "pets.tsv"
    ...     _ = path.write_text("cat\tdog\t9.5\ndog\tcar\t1.5\nCat\tcar\t1\ncat\tyak\t6\n")
    ...     scores = evaluate_similarity(vectors, path)
    >>> scores.name, round(scores.spearman, 3), scores.coverage, scores.oov_pairs
    ('pets', 1.0, 0.75, (('cat', 'yak'),))
    """
    lexicon = Lexicon(keyed_vectors.index_to_key, restrict_vocab, case_insensitive)
    judgements = read_pairs(pairs)
    used: list[tuple[int, int]] = []
    scores: list[float] = []
    oov: list[tuple[str, str]] = []
    for first, second, score in judgements:
        a, b = lexicon.spellings(first), lexicon.spellings(second)
        if a and b:
            used.append((a[0], b[0]))
            scores.append(score)
        else:
            oov.append((first, second))
    left, right = np.array(used, dtype=np.intp).reshape(-1, 2).T
    cosines = _cosines(keyed_vectors.vectors[left], keyed_vectors.vectors[right])
    human = np.array(scores)
    return SimilarityScores(
        name=Path(pairs).stem,
        spearman=_correlation(_ranks(cosines), _ranks(human)),
        pearson=_correlation(cosines, human),
        n_pairs=len(judgements),
        oov_pairs=tuple(oov),
    )


def read_pairs(path: str | os.PathLike[str]) -> list[tuple[str, str, float]]:
    """Read the pairs of words and their scores, in the order of the file.

    Raises
    ------
    InputError
        If the file cannot be read, a line is not two words and a finite number, or there is no pair.
    """
    pairs: list[tuple[str, str, float]] = []
    first = True
    for number, line in numbered_lines(path):
        if line.startswith("#"):
            continue
        separator = "\t" if "\t" in line else "," if line.count(",") == 2 else None
        fields = [field.strip() for field in line.split(separator)]
        score = _finite(fields[-1])
        if len(fields) == 3 and all(fields) and score is not None:
            pairs.append((fields[0], fields[1], score))
        elif not (first and len(fields) >= 3 and not any(map(str.isdigit, fields[-1]))):
            raise InputError(
                f"{path}, line {number}: expected two words and a number, separated by tabs, commas or spaces, "
                f"found {line[:80]!r}"
            )
        first = False
    if not pairs:
        raise InputError(f"{path} holds no pair; expected lines of two words and a number")
    return pairs


def _finite(text: str) -> float | None:
    """The number that `text` is, unless it is none, or infinite."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Cosine of each row of `left` with the same row of `right`, in float64; 0 for a row without a direction."""
    return (unit_rows(left.astype(np.float64)) * unit_rows(right.astype(np.float64))).sum(axis=1)


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1; equal values share the mean of their ranks."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Pearson's correlation; NaN where it does not exist."""
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return math.nan
    x, y = x - x.mean(), y - y.mean()
    return float(x @ y / np.sqrt((x @ x) * (y @ y)))
