"""Neural classifiers by name, made as `embedkit.classify.text_classifier` makes the others."""

from collections.abc import Callable
from typing import Any

from sklearn.pipeline import Pipeline

from embedkit.checks import check_choice
from embedkit.errors import ParameterError
from embedkit.neural.classifiers.base import NeuralClassifier
from embedkit.neural.classifiers.fasttext import FastTextNet
from embedkit.neural.classifiers.hierarchical import HierarchicalAttentionClassifier
from embedkit.neural.classifiers.rnn import RNNClassifier
from embedkit.neural.classifiers.textcnn import TextCNNClassifier
from embedkit.neural.classifiers.transformer import TransformerClassifier
from embedkit.text.tokenizers import TokenizerLike

__all__ = ["NEURAL_GRIDS", "NEURAL_MODELS", "neural_classifier"]

_MAKERS: dict[str, Callable[..., NeuralClassifier]] = {
    "textcnn": TextCNNClassifier,
    "rnn": lambda **rest: RNNClassifier(cell="rnn", bidirectional=False, pooling="last", **rest),
    "gru": lambda **rest: RNNClassifier(cell="gru", bidirectional=False, pooling="last", **rest),
    "lstm": lambda **rest: RNNClassifier(cell="lstm", bidirectional=False, pooling="last", **rest),
    "bilstm-attention": RNNClassifier,
    "transformer": TransformerClassifier,
    "han": HierarchicalAttentionClassifier,
    "fasttext-net": FastTextNet,
}

NEURAL_MODELS = tuple(_MAKERS)
"""Names that `neural_classifier` takes."""

NEURAL_GRIDS: dict[str, dict[str, list[Any]]] = {
    name: {"classifier__learning_rate": [0.0005, 0.001, 0.003], "classifier__dropout": [0.2, 0.5]}
    for name in NEURAL_MODELS
}
NEURAL_GRIDS["transformer"]["classifier__dropout"] = [0.1, 0.3]
NEURAL_GRIDS["fasttext-net"] = {"classifier__learning_rate": [0.003, 0.01, 0.03], "classifier__dropout": [0.0, 0.3]}
"""For each name the parameters worth searching, and values for them."""


def neural_classifier(
    name: str,
    *,
    features: str = "words",
    tokenizer: TokenizerLike | None = None,
    keyed_vectors: Any = None,
    class_weight: dict[Any, float] | str | None = None,
    n_jobs: int | None = None,
    random_state: int | None = 0,
    **parameters: Any,
) -> Pipeline:
    """Make a pipeline of one step, with the interface of `embedkit.classify.text_classifier`.

    ================  ==================================================================
    name              classifier
    ================  ==================================================================
    textcnn           `TextCNNClassifier`
    rnn, gru, lstm    `RNNClassifier` in one direction, whose last state counts
    bilstm-attention  `RNNClassifier`: LSTM in both directions, attention
    transformer       `TransformerClassifier`
    han               `HierarchicalAttentionClassifier`
    fasttext-net      `FastTextNet`
    ================  ==================================================================

    Parameters
    ----------
    name : str
        One of `NEURAL_MODELS`.
    features : {"words", "characters"}, default="words"
        Characters are the tokenizer "char".
    tokenizer : str, re.Pattern or callable, optional
        What cuts a text into words; "words" if None.
    keyed_vectors : KeyedVectors or path, optional
        Word vectors to begin with: the parameter `embedding`.
    class_weight, n_jobs, random_state
        Of the classifier.
    **parameters
        As for `Pipeline.set_params`: ``classifier__epochs=5``.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Its step is called "classifier".

    Raises
    ------
    ParameterError
        If the name is none of these.

    Examples
    --------
    >>> model = neural_classifier("textcnn", classifier__epochs=3)
    >>> model.fit(["it purrs", "it barks"] * 10, ["cat", "dog"] * 10).predict(["it barks"]).shape
    (1,)
    """
    check_choice("name", name, NEURAL_MODELS)
    check_choice("features", features, ("words", "characters"))
    if features == "characters":
        if tokenizer is not None:
            raise ParameterError(
                f"tokenizer={tokenizer!r} with features={features!r}: words are not cut; give one of the two"
            )
        tokenizer = "char"
    classifier = _MAKERS[name](
        tokenizer="words" if tokenizer is None else tokenizer,
        embedding=keyed_vectors,
        class_weight=class_weight,
        n_jobs=n_jobs,
        random_state=random_state,
    )
    return Pipeline([("classifier", classifier)]).set_params(**parameters)
