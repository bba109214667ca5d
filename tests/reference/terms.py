"""Naive twins of the term kernel: analysis, counting and hashing of terms with scikit-learn's meaning.

The functions and classes have the names, parameters and results of `embedkit.features.counting`.
"""

import re
import unicodedata
from collections import Counter

import numpy as np
from sklearn.utils import murmurhash3_32

# Characters that are words of their own where CJK is split, by the names that the running Unicode tables give them.
CJK_NAMES = (
    "CJK UNIFIED IDEOGRAPH",
    "CJK COMPATIBILITY IDEOGRAPH",
    "IDEOGRAPHIC ITERATION",
    "IDEOGRAPHIC CLOSING",
    "IDEOGRAPHIC NUMBER",
    "VERTICAL KANA REPEAT",
    "MASU MARK",
    "VERTICAL IDEOGRAPHIC",
    "HANGZHOU NUMERAL",
    "HIRAGANA",
    "HENTAIGANA",
    "KATAKANA",
    "HALFWIDTH KATAKANA",
    "BOPOMOFO",
)


def is_cjk(character):
    """Whether a character is a word character of Han, kana or bopomofo."""
    return character.isalnum() and unicodedata.name(character, "").startswith(CJK_NAMES)


def prepared(document, analysis):
    """The text in the case that is analysed."""
    return document.lower() if analysis.lowercase else document


def words(text, analysis):
    """Runs of word characters, CJK characters cut out of them if asked; short ones and stop words are left out."""
    runs = re.findall(r"\w+", text)
    if analysis.split_cjk:
        runs = [piece for run in runs for piece in split_run(run)]
    return [word for word in runs if len(word) >= analysis.shortest and word not in analysis.stop_words]


def split_run(run):
    """The CJK characters of a run, and what stands between them."""
    pieces, start = [], 0
    for place, character in enumerate(run):
        if is_cjk(character):
            pieces += [run[start:place], character]
            start = place + 1
    return [piece for piece in [*pieces, run[start:]] if piece]


def n_grams(sequence, ngram_range):
    """Every slice of `least` to `most` items, in order of length."""
    least, most = ngram_range
    for n in range(least, min(most, len(sequence)) + 1):
        for start in range(len(sequence) - n + 1):
            yield sequence[start : start + n]


def terms_of(document, analysis):
    """The terms of a document, each as often as it occurs."""
    text = prepared(document, analysis)
    if analysis.analyzer == "word":
        return [" ".join(n_gram) for n_gram in n_grams(words(text, analysis), analysis.ngram_range)]
    text = re.sub(r"\s\s+", " ", text)  # a single tab or line end stays what it is
    if analysis.analyzer == "char":
        return list(n_grams(text, analysis.ngram_range))
    least, most = analysis.ngram_range
    terms = []
    for word in text.split():
        padded = f" {word} "
        terms += n_grams(padded, (min(least, len(padded)), most))  # one that is too short counts whole, and once
    return terms


class TermCounts:
    """Counts of documents whose vocabulary was not known before; terms are numbered as they are met."""

    def __init__(self, rows):
        self.n_documents = len(rows)
        self.numbers = {}
        self.rows = [[(self.numbers.setdefault(term, len(self.numbers)), count) for term, count in row] for row in rows]
        self.document_frequency = np.zeros(len(self.numbers), np.int64)
        self.term_frequency = np.zeros(len(self.numbers), np.int64)
        for row in self.rows:
            for number, count in row:
                self.document_frequency[number] += 1
                self.term_frequency[number] += count

    def sort(self, kept=None):
        """Numbers of the kept terms in order of code points."""
        chosen = [(term, number) for term, number in self.numbers.items() if kept is None or kept[number]]
        return np.array([number for _, number in sorted(chosen)], np.int64)

    def terms(self, numbers):
        """The terms of these numbers."""
        known = list(self.numbers)
        return [known[number] for number in numbers]

    def matrix(self, columns, n_columns, dtype):
        """The rows as CSR, terms with column -1 left out."""
        rows, self.rows = self.rows, None
        return csr(
            [[(int(columns[number]), count) for number, count in row if columns[number] >= 0] for row in rows], dtype
        )


class KnownTerms:
    """A vocabulary that documents are counted against."""

    def __init__(self, vocabulary, analysis):
        self.vocabulary = dict(vocabulary)


def count_terms(documents, analysis, n_threads):
    """Count documents of an unknown vocabulary."""
    return TermCounts([list(Counter(terms_of(document, analysis)).items()) for document in documents])


def count_known(documents, analysis, vocabulary, n_threads, dtype):
    """Count documents over a known vocabulary."""
    known = vocabulary.vocabulary
    rows = [Counter(known[term] for term in terms_of(text, analysis) if term in known) for text in documents]
    return csr([list(row.items()) for row in rows], dtype)


def hash_terms(documents, analysis, n_features, alternate_sign, n_threads, dtype):
    """Sums of signs in the columns that MurmurHash3 (32 bit, seed 0) of the terms' UTF-8 gives."""
    rows = []
    for document in documents:
        row = Counter()
        for term in terms_of(document, analysis):
            hashed = int(murmurhash3_32(term.encode(), seed=0))
            # abs(-2**31) is no 32-bit number: scikit-learn takes another way round.
            column = abs(hashed) % n_features if hashed > -(2**31) else (2**31 - 1 - (n_features - 1)) % n_features
            row[column] += -1 if alternate_sign and hashed < 0 else 1  # what cancels out stays as a zero
        rows.append(list(row.items()))
    return csr(rows, dtype)


def csr(rows, dtype):
    """Lists of (column, value) as data, indices in order, and indptr."""
    rows = [sorted(row) for row in rows]
    indices = np.array([column for row in rows for column, _ in row], np.int32)
    data = np.array([value for row in rows for _, value in row], np.int64).astype(dtype)
    return data, indices, np.cumsum([0, *map(len, rows)]).astype(np.int32)
