"""TextCNNClassifier."""

from collections.abc import Sequence
from dataclasses import dataclass

from embedkit.checks import check_choice, check_flag, check_integer
from embedkit.errors import ParameterError
from embedkit.neural.classifiers.base import NeuralClassifier
from embedkit.neural.layers.embedding import WordEmbedding
from embedkit.neural.layers.pooling import POOLINGS
from embedkit.neural.networks.base import TextNetwork
from embedkit.neural.networks.textcnn import TextCNN

__all__ = ["TextCNNClassifier", "check_windows"]


@dataclass(kw_only=True, eq=False, repr=False)
class TextCNNClassifier(NeuralClassifier):
    """Convolutional network over the words of a text, pooled over time (Kim 2014).

    Parameters
    ----------
    windows : sequence of int, default=(3, 4, 5)
        Words that a filter sees.
    n_filters : int, default=100
        Of each width.
    pooling : {"max", "k-max", "mean"}, default="max"
    k : int, default=2
        Numbers that each filter keeps, for "k-max".
    wide : bool, default=False
        Let windows reach over the ends of a text.
    dropout : float, default=0.5
        On the pooled features.

    References
    ----------
    Kim (2014), Convolutional neural networks for sentence classification.

    Examples
    --------
    >>> from embedkit.neural import TextCNNClassifier
    >>> texts = ["a warm and funny film", "dull, slow and far too long"] * 20
    >>> model = TextCNNClassifier(n_filters=10, epochs=5, learning_rate=0.01, random_state=1)
    >>> model.fit(texts, ["good", "bad"] * 20).predict(["a warm and funny film"]).tolist()
    ['good']
    """

    windows: Sequence[int] = (3, 4, 5)
    n_filters: int = 100
    pooling: str = "max"
    k: int = 2
    wide: bool = False

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_windows(self.windows)
        check_integer("n_filters", self.n_filters, 1)
        check_choice("pooling", self.pooling, POOLINGS)
        check_integer("k", self.k, 1)
        check_flag("wide", self.wide)

    def _make_network(self, words: WordEmbedding, n_classes: int) -> TextNetwork:
        return TextCNN(
            words,
            n_classes,
            self.windows,
            self.n_filters,
            self.pooling,
            self.k,
            wide=self.wide,
            dropout=self.dropout,
            embedding_dropout=self.embedding_dropout,
        )


def check_windows(windows: object) -> None:
    """Raise ParameterError unless these are widths of windows."""
    if isinstance(windows, str) or not isinstance(windows, Sequence) or not windows:
        raise ParameterError(f"windows={windows!r}: expected widths in words, such as (3, 4, 5)")
    for window in windows:
        check_integer("windows", window, 1)
