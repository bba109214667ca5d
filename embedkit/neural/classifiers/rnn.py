"""RNNClassifier."""

from dataclasses import dataclass

from embedkit.checks import check_choice, check_flag, check_integer
from embedkit.neural.classifiers.base import NeuralClassifier
from embedkit.neural.layers.attention import ATTENTIONS
from embedkit.neural.layers.embedding import WordEmbedding
from embedkit.neural.layers.recurrent import CELLS
from embedkit.neural.networks.base import TextNetwork
from embedkit.neural.networks.rnn import RNN_POOLINGS, TextRNN

__all__ = ["RNNClassifier"]


@dataclass(kw_only=True, eq=False, repr=False)
class RNNClassifier(NeuralClassifier):
    """Recurrent network over the words of a text; by default a bidirectional LSTM with attention.

    Parameters
    ----------
    cell : {"lstm", "gru", "rnn"}, default="lstm"
    hidden_size : int, default=100
        Of the state of each direction.
    n_layers : int, default=1
    bidirectional : bool, default=True
    pooling : {"attention", "last", "max", "mean"}, default="attention"
        What is made of the states: a weighted mean, what each direction has read last, the maxima, the mean.
    attention_score : {"additive", "general", "dot"}, default="additive"
        How attention scores a state.
    dropout : float, default=0.5
        On the pooled features, and between layers.

    References
    ----------
    Hochreiter and Schmidhuber (1997), Long short-term memory. Cho et al. (2014), Learning phrase representations using
    RNN encoder-decoder for statistical machine translation. Zhou et al. (2016), Attention-based bidirectional long
    short-term memory networks for relation classification.

    Examples
    --------
    >>> from embedkit.neural import RNNClassifier
    >>> texts = ["a warm and funny film", "dull, slow and far too long"] * 20
    >>> model = RNNClassifier(hidden_size=10, epochs=5, learning_rate=0.02, random_state=1)
    >>> model.fit(texts, ["good", "bad"] * 20).predict(["warm and funny"]).tolist()
    ['good']
    >>> found = model.attention(["warm and funny"])[0]
    >>> found.units, round(float(found.weights.sum()), 6)
    (['warm', 'and', 'funny'], 1.0)
    """

    cell: str = "lstm"
    hidden_size: int = 100
    n_layers: int = 1
    bidirectional: bool = True
    pooling: str = "attention"
    attention_score: str = "additive"

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_choice("cell", self.cell, tuple(CELLS))
        check_integer("hidden_size", self.hidden_size, 1)
        check_integer("n_layers", self.n_layers, 1)
        check_flag("bidirectional", self.bidirectional)
        check_choice("pooling", self.pooling, RNN_POOLINGS)
        check_choice("attention_score", self.attention_score, ATTENTIONS)

    def _make_network(self, words: WordEmbedding, n_classes: int) -> TextNetwork:
        return TextRNN(
            words,
            n_classes,
            self.cell,
            self.hidden_size,
            self.n_layers,
            bidirectional=self.bidirectional,
            pooling=self.pooling,
            attention_score=self.attention_score,
            dropout=self.dropout,
            embedding_dropout=self.embedding_dropout,
        )
