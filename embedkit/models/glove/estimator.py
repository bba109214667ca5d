"""GloVe as a scikit-learn estimator."""

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from sklearn.utils import check_random_state

from embedkit.errors import ParameterError
from embedkit.models.base import Documents, EmbeddingEstimator, after_each
from embedkit.models.cooccurrence.counting import count_cooccurrences, memory_for_ids
from embedkit.models.cooccurrence.parameters import CountingParameters
from embedkit.models.glove.parameters import GloVeParameters
from embedkit.models.glove.state import GloVeState
from embedkit.models.glove.training import EpochReport, train
from embedkit.text.tokenizers import TokenizerLike
from embedkit.threads import threads_of_jobs
from embedkit.vectors.keyed_vectors import KeyedVectors

__all__ = ["GloVe"]


class GloVe(EmbeddingEstimator):
    """GloVe: word vectors from the logarithms of co-occurrence counts.

    `fit` counts which words stand near each other and learns vectors w and c and biases b, b' such that w.c + b + b'
    comes near the logarithm of each count, frequent pairs weighing more. `transform` turns a document into the mean
    of its words' vectors.

    Parameters
    ----------
    vector_size : int, default=100
        Dimensions of a word vector.
    window : int, default=10
        Words of context on each side: a radius.
    x_max : float, default=10.0
        Count from which a pair has the full weight 1; the paper uses 100 on corpora of billions of words.
    alpha : float, default=0.75
        A pair of count x below `x_max` weighs (x / x_max) ** alpha.
    learning_rate : float, default=0.05
        Of AdaGrad, which lowers it for each parameter as its steps add up.
    epochs : int, default=25
        Passes over the pairs.
    vectors : {"sum", "word", "context"}, default="sum"
        Which vectors become `keyed_vectors_`; the paper's are the sums w + c.
    distance : {"harmonic", "flat", "linear"}, default="harmonic"
        What a pair at distance d counts: 1 / d, 1, or (window - d + 1) / window.
    directional : {"both", "left", "right"}, default="both"
        On which side of a word its contexts stand.
    min_count : int, default=5
        Words that occur less often are left out.
    max_vocab : int, optional
        At most so many words, the most frequent.
    n_jobs : int, optional
        Threads; None is 1 and -1 all processors. They have no say in the result.
    random_state : int, RandomState instance or None, default=None
        Seed of everything random; a `resume` brings its own.
    callbacks : callable or sequence of callables, optional
        Called after each epoch with an `EpochReport` (epoch, loss, vectors, vocabulary, state). A true result stops
        the training. A report can be asked for vectors and state within the callback alone.
    resume : GloVeState, optional
        Go on from here: what ``report.state()`` gave, or `embedkit.models.glove.state.load_state`.
    tokenizer : str, re.Pattern or callable, default="whitespace"
        How a text becomes words; as for `Word2Vec`.
    lowercase : bool, default=False
        Lower-case the words.
    encoding_errors : {"strict", "replace", "ignore"}, default="strict"
        What happens at bytes that are no UTF-8; a `Corpus` keeps what it was made with.
    memory : int, default=4 GiB
        Bytes for counting; what is beyond goes to temporary files.

    Attributes
    ----------
    keyed_vectors_ : KeyedVectors
        The words, their vectors and counts.
    vocabulary_ : Vocabulary
        The words and their counts.
    word_vectors_, context_vectors_ : ndarray of float32, (n_words, vector_size)
    word_biases_, context_biases_ : ndarray of float32, (n_words,)
    losses_ : list of float
        Mean of f(x) (w.c + b + b' - log x)^2 over all pairs, for each epoch.
    n_iter_ : int
        Epochs trained.
    pairs_per_second_ : float

    Raises
    ------
    ParameterError
        From `fit`, if a parameter cannot work: the value, what was expected, and what to do.
    InputError
        From `fit`, if the corpus is missing, empty, wrongly encoded, or has no two words near each other.
    TrainingError
        From `fit`, if the learning rate is so high that the numbers overflow.

    References
    ----------
    Pennington, Socher and Manning (2014), GloVe: Global vectors for word representation.

    Examples
    --------
    >>> from embedkit import GloVe
    >>> documents = ["the king rules the land", "the queen rules the land"] * 100
    >>> model = GloVe(vector_size=16, epochs=3, random_state=1).fit(documents)
    >>> model.keyed_vectors_["king"].shape
    (16,)
    >>> model.transform(["the king", "nothing known"]).shape
    (2, 16)
    """

    def __init__(
        self,
        *,
        vector_size: int = 100,
        window: int = 10,
        x_max: float = 10.0,
        alpha: float = 0.75,
        learning_rate: float = 0.05,
        epochs: int = 25,
        vectors: str = "sum",
        distance: str = "harmonic",
        directional: str = "both",
        min_count: int = 5,
        max_vocab: int | None = None,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        callbacks: Callable[[EpochReport], bool | None] | Sequence[Callable[[EpochReport], bool | None]] | None = None,
        resume: GloVeState | None = None,
        tokenizer: TokenizerLike = "whitespace",
        lowercase: bool = False,
        encoding_errors: str = "strict",
        memory: int = 4 * 2**30,
    ) -> None:
        self.vector_size = vector_size
        self.window = window
        self.x_max = x_max
        self.alpha = alpha
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.vectors = vectors
        self.distance = distance
        self.directional = directional
        self.min_count = min_count
        self.max_vocab = max_vocab
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.callbacks = callbacks
        self.resume = resume
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
        parameters = GloVeParameters(**{name: getattr(self, name) for name in GloVeParameters.__dataclass_fields__})
        parameters.validate()
        counting = CountingParameters(window=self.window, distance=self.distance, directional=self.directional)
        counting.validate()
        after_epoch = after_each(self.callbacks)
        if self.resume is not None and not isinstance(self.resume, GloVeState):
            raise ParameterError(
                f"resume is {type(self.resume).__name__}, expected GloVeState; "
                "embedkit.models.glove.state.load_state reads a file"
            )
        n_threads = threads_of_jobs(self.n_jobs)
        seed = int(check_random_state(self.random_state).randint(2**31))
        with self._encode(
            X, min_count=self.min_count, max_vocab=self.max_vocab, memory=memory_for_ids(self.memory)
        ) as encoded:
            vocabulary = encoded.vocabulary
            counts = count_cooccurrences(encoded, counting, n_threads=n_threads, memory=self.memory)
        with counts:
            trained = train(
                counts,
                vocabulary,
                parameters,
                n_threads=n_threads,
                seed=seed,
                memory=self.memory,
                resume=self.resume,
                on_epoch=after_epoch,
            )
        self.vocabulary_ = vocabulary
        self.keyed_vectors_ = KeyedVectors(vocabulary.words, trained.vectors, counts=vocabulary.counts)
        self.word_vectors_, self.context_vectors_ = (trained.model.vectors(one) for one in ("word", "context"))
        self.word_biases_, self.context_biases_ = (trained.model.biases(one) for one in ("word", "context"))
        self.losses_ = trained.losses
        self.n_iter_ = trained.epochs
        self.pairs_per_second_ = trained.pairs_per_second
        return self
