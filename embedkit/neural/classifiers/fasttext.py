"""FastTextNet."""

from dataclasses import dataclass

from embedkit.checks import check_integer
from embedkit.errors import ParameterError
from embedkit.neural.classifiers.base import NeuralClassifier
from embedkit.neural.layers.embedding import WordEmbedding
from embedkit.neural.networks.base import TextNetwork
from embedkit.neural.networks.fasttext import MeanOfWords

__all__ = ["FastTextNet"]


@dataclass(kw_only=True, eq=False, repr=False)
class FastTextNet(NeuralClassifier):
    """Mean of word and n-gram vectors with a linear layer: fastText's classifier in torch (Joulin et al. 2016).

    For the optimisers and regularisers of this room; `embedkit.classify.FastTextClassifier` is the same model many
    times faster.

    Parameters
    ----------
    word_ngrams : int, default=1
        Longest n-gram of words.
    buckets : int, default=100_000
        Numbers that n-grams are hashed to. Each step costs time for all of them.
    dropout : float, default=0.0
        On the mean.
    learning_rate : float, default=0.01

    References
    ----------
    Joulin, Grave, Bojanowski and Mikolov (2016), Bag of tricks for efficient text classification.

    Examples
    --------
    >>> from embedkit.neural import FastTextNet
    >>> texts = ["a warm and funny film", "dull, slow and far too long"] * 20
    >>> model = FastTextNet(word_ngrams=2, buckets=1000, random_state=1).fit(texts, ["good", "bad"] * 20)
    >>> model.predict(["warm and funny"]).tolist()
    ['good']
    """

    word_ngrams: int = 1
    buckets: int = 100_000
    dropout: float = 0.0
    learning_rate: float = 0.01

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_integer("word_ngrams", self.word_ngrams, 1)
        check_integer("buckets", self.buckets, 1)
        if self.mixup and self.word_ngrams > 1:
            raise ParameterError(
                f"mixup={self.mixup} with word_ngrams={self.word_ngrams}: the n-grams of two texts cannot be mixed; "
                "take one of the two"
            )

    def _make_network(self, words: WordEmbedding, n_classes: int) -> TextNetwork:
        return MeanOfWords(
            words,
            n_classes,
            self.word_ngrams,
            self.buckets,
            dropout=self.dropout,
            embedding_dropout=self.embedding_dropout,
        )
