"""Word2Vec as a scikit-learn estimator."""

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from sklearn.utils import Tags, check_random_state

from embedkit.checks import check_flag
from embedkit.errors import ParameterError
from embedkit.models.base import Documents, EmbeddingEstimator, after_each
from embedkit.models.word2vec.parameters import Word2VecParameters
from embedkit.models.word2vec.training import EpochReport, check_vector_size, initial_vectors, train
from embedkit.text.tokenizers import TokenizerLike
from embedkit.threads import threads_of_jobs
from embedkit.vectors.keyed_vectors import KeyedVectors

__all__ = ["Word2Vec"]


class Word2Vec(EmbeddingEstimator):
    """Skip-gram and CBOW word vectors.

    `fit` learns a vector for each word of a corpus. `transform` turns a document into the mean of its
    words' vectors, so that the estimator can stand in a pipeline before a classifier.

    Parameters
    ----------
    vector_size : int, default=100
        Dimensions of a word vector.
    window : int, default=5
        Words of context on each side: a radius.
    min_count : int, default=5
        Words that occur less often are left out.
    max_vocab : int, optional
        At most so many words, the most frequent.
    architecture : {"skipgram", "cbow"}, default="skipgram"
        Predict a word from each word of its context, or from their mean.
    loss : {"ns", "hs"}, default="ns"
        Negative sampling, or hierarchical softmax over a Huffman tree.
    negative : int, default=5
        Noise words for each centre word, shared by its window; for loss="ns".
    ns_exponent : float, default=0.75
        Noise words are drawn by their counts to this power.
    sample : float, default=1e-3
        Subsampling: a word of relative frequency f is kept with probability sqrt(sample / f) + sample / f,
        which is word2vec's rule (the paper has the first term alone). 0 keeps every word.
    shrink_windows : bool, default=True
        Draw the radius of each window from 1 to `window`, which weighs near words more.
    cbow_mean : bool, default=True
        CBOW: the mean of the context vectors (each then takes the whole gradient, as in word2vec and
        gensim), or else their sum (each takes its share).
    learning_rate : float, optional
        At the start; 0.025, or 0.05 for CBOW, by default.
    min_learning_rate : float, optional
        At the end, linearly from the start; 0.0001 by default.
    epochs : int, default=5
        Passes over the corpus, which is read once and kept as ids.
    n_jobs : int, optional
        Threads; None is 1 and -1 all processors. One thread with one `random_state` gives the same bytes
        each time; more threads see the same examples, but interleave their updates.
    random_state : int, RandomState instance or None, default=None
        Seed of everything random.
    callbacks : callable or sequence of callables, optional
        Called after each epoch with an `EpochReport` (epoch, loss, vectors, vocabulary). A true result
        stops the training.
    tokenizer : str, re.Pattern or callable, default="whitespace"
        How a text becomes words: a name such as "words" or "zh" (see `embedkit.text.tokenizers`), a pattern, or a
        function that takes a text, its line ends turned into spaces, and returns a list of words. Token lists are
        taken as they are.
    lowercase : bool, default=False
        Lower-case the words.
    encoding_errors : {"strict", "replace", "ignore"}, default="strict"
        What happens at bytes that are no UTF-8; a `Corpus` keeps what it was made with.
    memory : int, default=4 GiB
        Bytes of word ids that are held in memory; more go to a memory-mapped temporary file.
    initial_vectors : KeyedVectors, optional
        Vectors to begin with, for the words that they have.

    Attributes
    ----------
    keyed_vectors_ : KeyedVectors
        The words, their vectors and counts.
    vocabulary_ : Vocabulary
        The words and their counts.
    output_vectors_ : ndarray of float32, (n_words, vector_size)
        Vectors of the words as targets; for loss="hs", (n_words - 1, vector_size) of the tree's inner nodes.
    losses_ : list of float
        Mean loss of each epoch over (centre, context) pairs, in nats.
    n_iter_ : int
        Epochs trained.
    words_per_second_ : float
        Words of the corpus times epochs, over the seconds of training.

    Raises
    ------
    ParameterError
        From `fit`, if a parameter cannot work: the value, what was expected, and what to do.
    InputError
        From `fit`, if the corpus is missing, empty, wrongly encoded, or has nothing to learn from.
    TrainingError
        From `fit`, if the learning rate is so high that the numbers overflow.

    References
    ----------
    Mikolov, Chen, Corrado and Dean (2013), Efficient estimation of word representations in vector space.
    Mikolov, Sutskever, Chen, Corrado and Dean (2013), Distributed representations of words and phrases and
    their compositionality.
    Ji, Satish, Li and Dubey (2016), Parallelizing word2vec in shared and distributed memory, section III:
    one set of noise words for a window.

    Examples
    --------
    >>> from embedkit import Word2Vec
    >>> documents = ["the king rules the land", "the queen rules the land"] * 100
    >>> model = Word2Vec(vector_size=16, epochs=3, random_state=1).fit(documents)
    >>> model.keyed_vectors_["king"].shape
    (16,)
    >>> model.transform(["the king", "nothing known"]).shape
    (2, 16)
    """

    def __init__(
        self,
        *,
        vector_size: int = 100,
        window: int = 5,
        min_count: int = 5,
        max_vocab: int | None = None,
        architecture: str = "skipgram",
        loss: str = "ns",
        negative: int = 5,
        ns_exponent: float = 0.75,
        sample: float = 1e-3,
        shrink_windows: bool = True,
        cbow_mean: bool = True,
        learning_rate: float | None = None,
        min_learning_rate: float | None = None,
        epochs: int = 5,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        callbacks: Callable[[EpochReport], bool | None] | Sequence[Callable[[EpochReport], bool | None]] | None = None,
        tokenizer: TokenizerLike = "whitespace",
        lowercase: bool = False,
        encoding_errors: str = "strict",
        memory: int = 4 * 2**30,
        initial_vectors: KeyedVectors | None = None,
    ) -> None:
        self.vector_size = vector_size
        self.window = window
        self.min_count = min_count
        self.max_vocab = max_vocab
        self.architecture = architecture
        self.loss = loss
        self.negative = negative
        self.ns_exponent = ns_exponent
        self.sample = sample
        self.shrink_windows = shrink_windows
        self.cbow_mean = cbow_mean
        self.learning_rate = learning_rate
        self.min_learning_rate = min_learning_rate
        self.epochs = epochs
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.callbacks = callbacks
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.encoding_errors = encoding_errors
        self.memory = memory
        self.initial_vectors = initial_vectors

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
        parameters = Word2VecParameters(
            **{name: getattr(self, name) for name in Word2VecParameters.__dataclass_fields__}
        )
        parameters.validate()
        check_flag("lowercase", self.lowercase)
        after_epoch = after_each(self.callbacks)
        n_threads = threads_of_jobs(self.n_jobs)
        start = _start(self.initial_vectors, parameters.vector_size)

        seed = int(check_random_state(self.random_state).randint(2**31))
        with self._encode(X, min_count=self.min_count, max_vocab=self.max_vocab) as encoded:
            vocabulary = encoded.vocabulary
            initial = None
            if start is not None:
                initial, _ = initial_vectors(start, vocabulary.words, parameters.vector_size)
            trained = train(
                encoded,
                parameters,
                n_threads=n_threads,
                seed=seed,
                initial=initial,
                on_epoch=after_epoch,
            )
        self.vocabulary_ = vocabulary
        self.keyed_vectors_ = KeyedVectors(vocabulary.words, trained.vectors, counts=vocabulary.counts)
        self.output_vectors_ = trained.output_vectors
        self.losses_ = trained.losses
        self.n_iter_ = trained.epochs
        self.words_per_second_ = trained.words_per_second
        return self

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = True
        return tags


def _start(given: Any, vector_size: int) -> KeyedVectors | None:
    """Vectors to begin with, found out to fit before the corpus is read."""
    if given is not None and not isinstance(given, KeyedVectors):
        raise ParameterError(
            f"initial_vectors is {type(given).__name__}, expected KeyedVectors; KeyedVectors.load reads a file"
        )
    if given is not None:
        check_vector_size(given, vector_size)
    return given
