"""Co-occurrence counts as a scikit-learn estimator."""

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import DTypeLike
from sklearn.utils.validation import check_is_fitted

from embedkit.checks import check_choice
from embedkit.models.base import Documents, TextEstimator
from embedkit.models.cooccurrence.counting import count_cooccurrences, memory_for_ids
from embedkit.models.cooccurrence.counts import check_dtype
from embedkit.models.cooccurrence.documents import term_document_matrix
from embedkit.models.cooccurrence.parameters import CountingParameters
from embedkit.text.encoding import EncodedCorpus
from embedkit.text.tokenizers import TokenizerLike
from embedkit.threads import threads_of_jobs

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["CooccurrenceMatrix"]

BY = ("window", "document")


class CooccurrenceMatrix(TextEstimator):
    """Counts of words beside words, or of words in documents, as a sparse matrix.

    Rows are words, the most frequent first. `fit` learns them; `transform` counts any documents over
    them. Counts are exact, and the same whatever the threads and the memory.

    Parameters
    ----------
    window : int, default=5
        Largest distance of two words that count as neighbours: a radius. Windows do not cross the end of a
        document.
    distance : {"flat", "harmonic", "linear"}, default="flat"
        What a neighbour at distance d counts: 1; 1 / d, as in GloVe; or (window - d + 1) / window, which
        is what word2vec's windows of random size come to on average.
    directional : {"left", "right", "both"}, default="both"
        Where the word of a column stands beside the word of the row.
    by : {"window", "document"}, default="window"
        Count words beside words, or words in documents; for the latter, the three parameters above do not
        matter, and a column is a document.
    dtype : {float64, float32, int64}, default=float64
        Of the counts; whole numbers for flat ones only.
    min_count : int, default=1
        Words that occur less often are left out, before windows are formed. As in scikit-learn's vectorizers,
        every word is kept by default; what learns vectors from the counts does better with 5 or more.
    max_vocab : int, optional
        At most so many words, the most frequent.
    tokenizer : str, re.Pattern or callable, default="whitespace"
        How a text becomes words: a name such as "words" or "zh" (see `embedkit.text.tokenizers`), a pattern, or a
        function that takes a text, its line ends turned into spaces, and returns a list of words. Token lists are
        taken as they are.
    lowercase : bool, default=False
        Lower-case the words.
    encoding_errors : {"strict", "replace", "ignore"}, default="strict"
        What happens at bytes that are no UTF-8; a `Corpus` keeps what it was made with.
    n_jobs : int, optional
        Threads; None is 1 and -1 all processors.
    memory : int, default=4 GiB
        Bytes that counting may hold, besides the resulting matrix; more goes to temporary files. Of
        ``by="document"`` it bounds only what reading the text holds: 4 to 8 bytes a word of it are held beyond that.

    Attributes
    ----------
    vocabulary_ : Vocabulary
        The words of the rows and their counts.

    Raises
    ------
    ParameterError
        If a parameter cannot work: the value, what was expected, and what to do.
    InputError
        If the documents are missing, empty or wrongly encoded, or if no document has two words to count.
    OutputError
        If the temporary directory is full.

    References
    ----------
    Lund and Burgess (1996), Producing high-dimensional semantic spaces from lexical co-occurrence.
    Pennington, Socher and Manning (2014), GloVe: Global vectors for word representation, section 4.2.

    Examples
    --------
    >>> from embedkit.models.cooccurrence.estimator import CooccurrenceMatrix
    >>> documents = ["I like deep learning .", "I like NLP .", "I enjoy flying ."]
    >>> model = CooccurrenceMatrix(window=1)
    >>> matrix = model.fit_transform(documents)
    >>> word = model.vocabulary_.index
    >>> matrix.shape, matrix[word["I"], word["like"]]
    ((8, 8), np.float64(2.0))
    >>> terms = CooccurrenceMatrix(by="document").fit_transform(documents)
    >>> terms.toarray()[word["like"]]
    array([1., 1., 0.])
    """

    def __init__(
        self,
        *,
        window: int = 5,
        distance: str = "flat",
        directional: str = "both",
        by: str = "window",
        dtype: DTypeLike = np.float64,
        min_count: int = 1,
        max_vocab: int | None = None,
        tokenizer: TokenizerLike = "whitespace",
        lowercase: bool = False,
        encoding_errors: str = "strict",
        n_jobs: int | None = None,
        memory: int = 4 * 2**30,
    ) -> None:
        self.window = window
        self.distance = distance
        self.directional = directional
        self.by = by
        self.dtype = dtype
        self.min_count = min_count
        self.max_vocab = max_vocab
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.encoding_errors = encoding_errors
        self.n_jobs = n_jobs
        self.memory = memory

    def fit(self, X: Documents, y: Any = None) -> Self:
        """Learn the words of a corpus; nothing is counted yet.

        Parameters
        ----------
        X : str, path, Corpus or iterable of documents
            A string or path names a file, a directory or a glob, in which a line is a document. Any other
            iterable yields documents, each a string or a list of words; it is read once.
        y : ignored

        Returns
        -------
        self
        """
        self._check()
        with self._read(X, min_count=self.min_count, max_vocab=self.max_vocab) as encoded:
            self.vocabulary_ = encoded.vocabulary
        return self

    def fit_transform(self, X: Documents, y: Any = None) -> "csr_array":  # type: ignore[override]
        """Learn the words of a corpus and count them, reading it once.

        Parameters
        ----------
        X : str, path, Corpus or iterable of documents
            As for `fit`.
        y : ignored

        Returns
        -------
        csr_array, (n_words, n_words) or (n_words, n_documents)
            Column indices are sorted.
        """
        self._check()
        with self._read(X, min_count=self.min_count, max_vocab=self.max_vocab) as encoded:
            matrix = self._count(encoded)
            self.vocabulary_ = encoded.vocabulary
        return matrix

    def transform(self, X: Documents) -> "csr_array":
        """Count documents over the words that `fit` found.

        Parameters
        ----------
        X : str, path, Corpus or iterable of documents
            As for `fit`. Other words are left out before windows are formed.

        Returns
        -------
        csr_array, (n_words, n_words) or (n_words, n_documents)
            Column indices are sorted. A document without a known word is a column of zeros.
        """
        check_is_fitted(self)
        self._check()
        with self._read(X, vocabulary=self.vocabulary_, min_count=0) as encoded:
            return self._count(encoded)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Words of the rows, and of the columns unless these are documents: (n_words,) str."""
        check_is_fitted(self)
        return np.array(self.vocabulary_.words, dtype=object)

    def _read(self, X: Documents, **settings: Any) -> EncodedCorpus:
        """Documents as ids: all of them, if they are to be columns."""
        return self._encode(X, keep_empty=self.by == "document", memory=memory_for_ids(self.memory), **settings)

    def _parameters(self) -> CountingParameters:
        return CountingParameters(self.window, self.distance, self.directional)

    def _check(self) -> None:
        """Raise ParameterError before anything is read."""
        check_choice("by", self.by, BY)
        if self.by == "document":
            check_dtype(self.dtype)
            return
        self._parameters().validate()
        check_dtype(self.dtype, unit=1 if self.distance == "flat" else self.window)

    def _count(self, encoded: EncodedCorpus) -> "csr_array":
        n_threads = threads_of_jobs(self.n_jobs)
        if self.by == "document":
            return term_document_matrix(encoded, self.dtype, n_threads=n_threads)
        with count_cooccurrences(encoded, self._parameters(), n_threads=n_threads, memory=self.memory) as counts:
            return counts.matrix(self.dtype)
