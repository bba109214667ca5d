"""SVDEmbedding as a scikit-learn estimator."""

from typing import Any, Self

import numpy as np
from sklearn.utils import check_random_state

from embedkit.checks import check_flag
from embedkit.models.base import Documents, EmbeddingEstimator
from embedkit.models.cooccurrence.counting import count_cooccurrences, memory_for_ids
from embedkit.models.cooccurrence.parameters import CountingParameters
from embedkit.models.svd.embedding import train
from embedkit.models.svd.parameters import SVDParameters
from embedkit.text.tokenizers import TokenizerLike
from embedkit.threads import threads_of_jobs
from embedkit.vectors.keyed_vectors import KeyedVectors

__all__ = ["SVDEmbedding"]


class SVDEmbedding(EmbeddingEstimator):
    """Word vectors from the singular vectors of weighted co-occurrence counts.

    `fit` counts which words stand near each other, weighs the counts by positive pointwise mutual information,
    and keeps the largest singular values and their vectors. `transform` turns a document into the mean of its
    words' vectors.

    Parameters
    ----------
    vector_size : int, default=100
        Dimensions of a word vector, no more than there are words.
    window : int, default=5
        Words of context on each side: a radius.
    distance : {"flat", "harmonic", "linear"}, default="flat"
        Weight of a context word d words away: 1; 1 / d; (window - d + 1) / window, which is what word2vec's
        windows of random size average to.
    directional : {"left", "right", "both"}, default="both"
        Where context words stand.
    weighting : {"ppmi", "pmi", "log", "count"}, default="ppmi"
        Positive pointwise mutual information; that of all pairs seen; log(1 + count); the counts.
    shift : float, default=1
        log(shift) is taken from the mutual information; the counterpart of negative samples.
    context_smoothing : float, default=0.75
        Contexts count to this power, so that rare ones weigh less.
    eigenvalue_power : float, default=0.5
        p of U S^p and V S^p: 0 weighs all dimensions alike, 1 keeps the inner products of the weights.
    vectors : {"word", "context", "sum"}, default="word"
        Which vectors become `keyed_vectors_`: those of the words as rows, U S^p, as columns, V S^p, or their sum.
        With the smoothing of contexts the two differ; columns often make the better ones (docs/methods.md).
    tol : float, default=1e-3
        Residuals of the singular triplets to reach, relative to their values.
    min_count : int, default=5
        Words that occur less often are left out.
    max_vocab : int, optional
        At most so many words, the most frequent.
    n_jobs : int, optional
        Threads; None is 1 and -1 all processors.
    random_state : int, RandomState instance or None, default=0
        Seed of the first vectors of the iteration. The vectors do not depend on it beyond `tol`.
    tokenizer : str, re.Pattern or callable, default="whitespace"
        How a text becomes words: a name such as "words" or "zh" (see `embedkit.text.tokenizers`), a pattern, or a
        function that takes a text, its line ends turned into spaces, and returns a list of words. Token lists are
        taken as they are.
    lowercase : bool, default=False
        Lower-case the words.
    encoding_errors : {"strict", "replace", "ignore"}, default="strict"
        What happens at bytes that are no UTF-8; a `Corpus` keeps what it was made with.
    memory : int, default=4 GiB
        Bytes of counts that are held in memory; more go to temporary files.

    Attributes
    ----------
    keyed_vectors_ : KeyedVectors
        The words, their vectors and their counts.
    vocabulary_ : Vocabulary
        The words and their counts.
    context_vectors_ : ndarray of float32, (n_words, vector_size)
        Vectors of the words as contexts, V S^p.
    singular_values_ : ndarray of float64, (vector_size,)
        Descending.
    residuals_ : ndarray of float64, (vector_size,)
        How far each triplet is from a true one, relative to its singular value.
    n_products_ : int
        Vectors multiplied by the weights or their transpose.

    Raises
    ------
    ParameterError
        From `fit`, if a parameter cannot work, or the vocabulary is smaller than `vector_size`.
    InputError
        From `fit`, if the corpus is missing, empty, wrongly encoded, or has no pair of words.

    References
    ----------
    Bullinaria and Levy (2007), Extracting semantic representations from word co-occurrence statistics.
    Levy, Goldberg and Dagan (2015), Improving distributional similarity with lessons learned from word
    embeddings.

    Examples
    --------
    >>> from embedkit.models.svd.estimator import SVDEmbedding
    >>> documents = ["the king rules the land", "the queen rules the land", "a dog barks", "a cat barks"] * 5
    >>> model = SVDEmbedding(vector_size=4, window=2).fit(documents)
    >>> round(model.keyed_vectors_.similarity("king", "queen"), 2)
    1.0
    >>> model.transform(["the king", "nothing known"]).shape
    (2, 4)
    """

    def __init__(
        self,
        *,
        vector_size: int = 100,
        window: int = 5,
        distance: str = "flat",
        directional: str = "both",
        weighting: str = "ppmi",
        shift: float = 1.0,
        context_smoothing: float = 0.75,
        eigenvalue_power: float = 0.5,
        vectors: str = "word",
        tol: float = 1e-3,
        min_count: int = 5,
        max_vocab: int | None = None,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = 0,
        tokenizer: TokenizerLike = "whitespace",
        lowercase: bool = False,
        encoding_errors: str = "strict",
        memory: int = 4 * 2**30,
    ) -> None:
        self.vector_size = vector_size
        self.window = window
        self.distance = distance
        self.directional = directional
        self.weighting = weighting
        self.shift = shift
        self.context_smoothing = context_smoothing
        self.eigenvalue_power = eigenvalue_power
        self.vectors = vectors
        self.tol = tol
        self.min_count = min_count
        self.max_vocab = max_vocab
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.encoding_errors = encoding_errors
        self.memory = memory

    def fit(self, X: Documents, y: Any = None) -> Self:
        """Learn word vectors from a corpus.

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
        parameters = SVDParameters(**{name: getattr(self, name) for name in SVDParameters.__dataclass_fields__})
        parameters.validate()
        counting = CountingParameters(self.window, self.distance, self.directional)
        counting.validate()
        check_flag("lowercase", self.lowercase)
        n_threads = threads_of_jobs(self.n_jobs)
        seed = int(check_random_state(self.random_state).randint(2**31))
        with self._encode(
            X, min_count=self.min_count, max_vocab=self.max_vocab, memory=memory_for_ids(self.memory)
        ) as encoded:
            vocabulary = encoded.vocabulary
            with count_cooccurrences(encoded, counting, n_threads=n_threads, memory=self.memory) as counts:
                trained = train(counts.matrix(np.float64), parameters, n_threads=n_threads, seed=seed)
        self.vocabulary_ = vocabulary
        self.keyed_vectors_ = KeyedVectors(vocabulary.words, trained.vectors, counts=vocabulary.counts)
        self.context_vectors_ = trained.context_vectors
        self.singular_values_ = trained.singular_values
        self.residuals_ = trained.residuals
        self.n_products_ = trained.n_products
        return self
