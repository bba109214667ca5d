"""HierarchicalAttentionClassifier."""

from collections.abc import Sequence
from dataclasses import dataclass

from embedkit.checks import check_choice, check_integer
from embedkit.neural.classifiers.base import NeuralClassifier
from embedkit.neural.classifiers.textcnn import check_windows
from embedkit.neural.layers.attention import ATTENTIONS
from embedkit.neural.layers.embedding import WordEmbedding
from embedkit.neural.layers.recurrent import CELLS
from embedkit.neural.networks.base import TextNetwork
from embedkit.neural.networks.hierarchical import HierarchicalAttention

__all__ = ["HierarchicalAttentionClassifier"]


@dataclass(kw_only=True, eq=False, repr=False)
class HierarchicalAttentionClassifier(NeuralClassifier):
    """A convolution over the words of each sentence, a recurrent network over sentences, attention on top.

    Texts are split into sentences by `embedkit.text.sentences`, which looks at capitals and punctuation: leave them in.
    A list of words is one sentence.

    Parameters
    ----------
    windows : sequence of int, default=(3, 4, 5)
        Words that a filter sees.
    n_filters : int, default=100
        Of each width.
    cell : {"lstm", "gru", "rnn"}, default="lstm"
    hidden_size : int, default=100
        Of the state of each direction.
    attention_score : {"additive", "general", "dot"}, default="additive"
        How attention scores a sentence.
    sentence_length : int, default=50
        Sentences of more words are split into pieces of so many.
    dropout : float, default=0.5
        On the features of sentences, and of texts.

    References
    ----------
    Yang et al. (2016), Hierarchical attention networks for document classification. Kim (2014), Convolutional neural
    networks for sentence classification.

    Examples
    --------
    >>> from embedkit.neural import HierarchicalAttentionClassifier
    >>> texts = ["We went. A warm and funny film.", "We stayed. It was dull and far too long."] * 20
    >>> model = HierarchicalAttentionClassifier(n_filters=10, hidden_size=10, learning_rate=0.01, random_state=1)
    >>> model.fit(texts, ["good", "bad"] * 20).predict(["A funny film, a warm and funny film."]).tolist()
    ['good']
    >>> model.attention(["We went. A warm film."])[0].units
    [['We', 'went'], ['A', 'warm', 'film']]
    """

    windows: Sequence[int] = (3, 4, 5)
    n_filters: int = 100
    cell: str = "lstm"
    hidden_size: int = 100
    attention_score: str = "additive"
    sentence_length: int = 50

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_windows(self.windows)
        check_choice("cell", self.cell, tuple(CELLS))
        check_choice("attention_score", self.attention_score, ATTENTIONS)
        for name in ("n_filters", "hidden_size", "sentence_length"):
            check_integer(name, getattr(self, name), 1)

    def _make_network(self, words: WordEmbedding, n_classes: int) -> TextNetwork:
        return HierarchicalAttention(
            words,
            n_classes,
            self.windows,
            self.n_filters,
            self.cell,
            self.hidden_size,
            attention_score=self.attention_score,
            dropout=self.dropout,
            embedding_dropout=self.embedding_dropout,
        )
