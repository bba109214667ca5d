"""What all neural classifiers do: texts to numbers, training, predictions, attention, and their state."""

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import check_is_fitted

from embedkit.classify.labels import check_labels
from embedkit.classify.validation import split_texts
from embedkit.errors import FormatError, InputError, ParameterError
from embedkit.features.packing import pack_terms, unpack_terms
from embedkit.neural.batches import LengthBatches, TextDataset
from embedkit.neural.classifiers.fitting import best_epoch, history_rows, load_weights, train_network
from embedkit.neural.classifiers.inputs import Texts, listed_texts, numbered_labels, units_of_text
from embedkit.neural.classifiers.parameters import SHARED_PARAMETERS, NeuralParameters
from embedkit.neural.layers.embedding import UNKNOWN, WordEmbedding
from embedkit.neural.networks.base import TextNetwork
from embedkit.neural.texts import NumberedTexts, WordCounts, read_texts
from embedkit.neural.training.devices import explained_memory, resolve_device, seeded, torch_threads
from embedkit.neural.vectors import initial_vectors, number_words
from embedkit.threads import threads_of_jobs
from embedkit.vectors.keyed_vectors import KeyedVectors

__all__ = ["Attention", "NeuralClassifier"]

logger = logging.getLogger(__name__)

DEFAULT_SIZE = 100


class Attention(NamedTuple):
    """What a network looked at in a text.

    Attributes
    ----------
    units : list
        Words; for a hierarchical network sentences, each a list of words.
    weights : ndarray of float64, (n_units,)
        Sum to 1.
    """

    units: list[Any]
    weights: np.ndarray


@dataclass(kw_only=True, eq=False, repr=False)
class NeuralClassifier(NeuralParameters, ClassifierMixin, BaseEstimator):
    """Base of the classifiers: a subclass makes its network, and says which parameters it has."""

    def __init_subclass__(cls, **rest: Any) -> None:
        super().__init_subclass__(**rest)
        # What all share stands behind what is special to each, before references and examples.
        head, mark, tail = (cls.__doc__ or "").partition("\n    References\n")
        cls.__doc__ = f"{head}{SHARED_PARAMETERS}{mark}{tail}"

    def _make_network(self, words: WordEmbedding, n_classes: int) -> TextNetwork:
        """Return a new network of the classifier's parameters."""
        raise NotImplementedError

    def check_parameters(self) -> None:
        """Raise what `fit` would for a parameter that cannot work, or vectors or a device that are not there."""
        self._check_parameters()
        resolve_device(self.device)
        self._loaded_embedding()

    def fit(self, X: Texts, y: Any, *, X_val: Texts | None = None, y_val: Any = None) -> Self:
        """Learn from texts and their labels.

        Parameters
        ----------
        X : iterable of str or of lists of words, (n_texts,)
        y : array-like, (n_texts,)
            A label for each text: strings or numbers.
        X_val, y_val : like `X` and `y`, optional
            Texts to watch, and not to learn from.

        Returns
        -------
        self

        Raises
        ------
        ParameterError
            If a parameter cannot work; if a batch does not fit into the memory of the device.
        InputError
            If texts or labels cannot be used: numbers that differ, a missing label, one class only, no words.
        TrainingError
            If the loss is no number any more: the epoch and the batch.
        """
        self._check_parameters()
        device = resolve_device(self.device)
        embedding = self._loaded_embedding()
        # A training that fails leaves no model of two halves.
        self.__dict__.pop("n_iter_", None)
        X = listed_texts(X)
        self.classes_, classes = numbered_labels(X, y)
        read = self._read(X)
        if not read.texts.lengths.any():
            raise InputError(f"the {len(X)} texts hold no word; expected some: check tokenizer={self.tokenizer!r}")
        rows = self._rows(classes, X_val, y_val)
        learned = read if rows is None else read.part(rows[0])
        others = embedding if self.unseen_vectors else None
        self.vocabulary_, n_words = number_words(learned.words, learned.counts, self.min_count, self.max_vocab, others)
        self._told = False
        texts = self._cut(read.numbered(self.vocabulary_))
        train, valid = self._datasets(texts, classes, rows, X_val, y_val)
        seed = int(check_random_state(self.random_state).randint(2**31))
        longest = int(texts.lengths.max())
        with torch_threads(self.n_jobs), seeded(seed, device), explained_memory(device, self.batch_size, longest):
            self.network_ = self._new_network(n_words, embedding, seed).to(device)
            if self.initial_weights is not None:
                load_weights(self.network_, self.initial_weights)
            self.net_ = train_network(self.network_, train, valid, self, labels=self.classes_, device=device, seed=seed)
        self.network_.eval()
        self.history_ = history_rows(self.net_)
        self.n_iter_ = len(self.history_)
        self.best_epoch_ = best_epoch(self.net_)
        return self

    def predict_proba(self, X: Texts) -> np.ndarray:
        """Probability of each class.

        Parameters
        ----------
        X : iterable of str or of lists of words, (n_texts,)

        Returns
        -------
        ndarray of float64, (n_texts, n_classes)
            Columns as in `classes_`; rows sum to 1.
        """
        check_is_fitted(self, "n_iter_")
        texts = self._numbers(X)
        logits = torch.zeros(len(texts), len(self.classes_), dtype=torch.float64)
        for rows, scores in self._answers(texts, self.network_):
            logits[rows] = scores.double().cpu()
        return torch.softmax(logits, dim=1).numpy()

    def predict(self, X: Texts) -> np.ndarray:
        """Most likely class of each text.

        Parameters
        ----------
        X : iterable of str or of lists of words, (n_texts,)

        Returns
        -------
        ndarray, (n_texts,)
        """
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]

    def attention(self, X: Texts) -> list[Attention]:
        """What the network looks at: the weights of words, or of sentences.

        Parameters
        ----------
        X : iterable of str or of lists of words, (n_texts,)

        Returns
        -------
        list of Attention
            Each with words (hierarchical: sentences) and their weights, which sum to 1. Of a Transformer it is how
            much [CLS], or the mean word, looks at each word in the last layer, the mean of its heads;
            ``network_.attention`` has all layers and heads.

        Raises
        ------
        ParameterError
            If the network has no attention.
        """
        check_is_fitted(self, "n_iter_")
        X = listed_texts(X)
        read = self._read(X, lowercase=False)
        words, _ = read.texts.cut(self.max_length)
        texts = self._numbers(X)
        found: list[Attention] = [Attention([], np.empty(0))] * len(X)
        for rows, weights in self._answers(texts, self._attention_weights):
            for row, weight in zip(rows.tolist(), weights.double().cpu().numpy(), strict=True):
                units = units_of_text(words, read.words, row)
                found[row] = Attention(units, weight[: len(units)])
        return found

    @property
    def n_parameters_(self) -> int:
        """Numbers that training changes."""
        check_is_fitted(self, "n_iter_")
        return self.network_.n_parameters

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save the classifier as a safetensors file, as `embedkit.neural.save_model` does."""
        from embedkit.neural.model_file import save_model

        save_model(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, device: str = "auto") -> Self:
        """Load a classifier of this class that was saved; `embedkit.neural.load_model` loads one of any class."""
        from embedkit.neural.model_file import load_model

        model, _ = load_model(path, device=device)
        if not isinstance(model, cls):
            raise FormatError(f"{path} holds a {type(model).__name__}, not a {cls.__name__}; load it with load_model")
        return model

    def _attention_weights(self, ids: torch.Tensor) -> torch.Tensor:
        """Weight of each unit: Tensor, (n_texts, n_units)."""
        weights = self.network_.attention(ids)
        if weights is None:
            raise ParameterError(
                f"{type(self).__name__} has no attention to show; take an RNNClassifier with pooling='attention', a "
                "TransformerClassifier or a HierarchicalAttentionClassifier"
            )
        return weights

    def _loaded_embedding(self) -> KeyedVectors | None:
        """The vectors to begin with, found fit for it."""
        given = self.embedding
        if given is None:
            return None
        if isinstance(given, str | os.PathLike):
            given = KeyedVectors.load(given)
        if not isinstance(given, KeyedVectors):
            raise ParameterError(
                f"embedding is {type(given).__name__}, expected KeyedVectors, or the path of a file of them"
            )
        if self.vector_size not in (None, given.vector_size):
            raise ParameterError(
                f"vector_size={self.vector_size}, but the embedding has {given.vector_size} dimensions; leave "
                "vector_size out, or give other vectors"
            )
        if not np.isfinite(given.vectors).all():
            raise ParameterError("embedding holds numbers that are not finite; leave those words out")
        spread = float(given.vectors.std())
        if self.embedding_std is None or not spread:
            return given
        return KeyedVectors(given.index_to_key, given.vectors * np.float32(self.embedding_std / spread))

    def _read(self, X: Texts, *, lowercase: bool | None = None) -> WordCounts:
        return read_texts(
            X,
            tokenizer=self.tokenizer,
            lowercase=self.lowercase if lowercase is None else lowercase,
            encoding_errors=self.encoding_errors,
            # Only networks that read sentences have it.
            sentence_length=getattr(self, "sentence_length", None),
            n_threads=threads_of_jobs(self.n_jobs),
        )

    def _numbers(self, X: Texts) -> NumberedTexts:
        return self._cut(self._read(X).numbered(self.vocabulary_))

    def _cut(self, texts: NumberedTexts) -> NumberedTexts:
        """Texts of `max_length` words at most, said once."""
        kept, n_longer = texts.cut(self.max_length)
        if n_longer and not self._told:
            logger.warning(
                "%d of %d texts have more than max_length=%d words, the longest %d: only their beginnings are read",
                n_longer,
                len(texts),
                self.max_length,
                texts.lengths.max(),
            )
            self._told = True
        return kept

    def _rows(self, classes: np.ndarray, X_val: Texts | None, y_val: Any) -> tuple[np.ndarray, np.ndarray] | None:
        """Texts to learn from and to watch, if some of those given are held out."""
        if (X_val is None) != (y_val is None):
            raise InputError("X_val and y_val belong together; give both or neither")
        if X_val is not None:
            return None
        default = 0.1 if self.patience is not None else 0.0
        fraction = default if self.validation_fraction is None else self.validation_fraction
        if fraction:
            seed = int(check_random_state(self.random_state).randint(2**31))
            return split_texts(self.classes_[classes], fraction, random_state=seed)
        if self.patience is not None:
            raise ParameterError(
                f"patience={self.patience} without texts to watch; give X_val and y_val to fit, or a "
                "validation_fraction above 0"
            )
        return None

    def _datasets(
        self,
        texts: NumberedTexts,
        classes: np.ndarray,
        rows: tuple[np.ndarray, np.ndarray] | None,
        X_val: Texts | None,
        y_val: Any,
    ) -> tuple[TextDataset, TextDataset | None]:
        """Texts to learn from, and texts to watch."""
        if rows is not None:
            train, valid = (TextDataset(texts.take(part), classes[part]) for part in rows)
            return train, valid
        if X_val is None:
            return TextDataset(texts, classes), None
        X_val = listed_texts(X_val)
        labels = check_labels(y_val)
        if len(labels) != len(X_val):
            raise InputError(f"{len(X_val)} texts in X_val and {len(labels)} labels in y_val; expected as many")
        if foreign := set(labels.tolist()) - set(self.classes_.tolist()):
            raise InputError(f"y_val has the label {min(foreign)!r}, which y lacks; leave such texts out")
        numbers = np.searchsorted(self.classes_, labels).astype(np.int64)
        return TextDataset(texts, classes), TextDataset(self._numbers(X_val), numbers)

    def _new_network(self, n_words: int, embedding: KeyedVectors | None, seed: int) -> TextNetwork:
        n_kept = len(self.vocabulary_) + UNKNOWN + 1 - n_words
        size = (self.vector_size or DEFAULT_SIZE) if embedding is None else embedding.vector_size
        words = WordEmbedding(n_words, size, self.freeze, n_kept, self.word_dropout)
        if embedding is not None:
            found = initial_vectors(self.vocabulary_, n_words, embedding, np.random.default_rng(seed))
            if not found.n_found and not n_kept:
                logger.warning("no word of the texts is among the %d of the embedding", len(embedding))
            words.set_vectors(torch.from_numpy(found.table), torch.from_numpy(found.kept) if n_kept else None)
        return self._make_network(words, len(self.classes_))

    def _answers(
        self, texts: NumberedTexts, ask: Callable[[torch.Tensor], torch.Tensor]
    ) -> Iterator[tuple[np.ndarray, torch.Tensor]]:
        """What the network says of some texts at a time, and which those are."""
        device = next(self.network_.parameters()).device
        longest = int(texts.lengths.max(initial=0))
        self.network_.eval()
        for rows in LengthBatches(texts.lengths, self.batch_size):
            with (
                torch_threads(self.n_jobs),
                explained_memory(device, self.batch_size, longest),
                torch.inference_mode(),
            ):
                answer = ask(torch.from_numpy(texts.batch(rows)).to(device))
            yield rows, answer

    def __getstate__(self) -> dict[str, Any]:
        # Arrays and plain values alone: pickle, skops and safetensors can store them.
        state = dict(super().__getstate__())
        state.pop("net_", None)
        network = state.pop("network_", None)
        if network is not None:
            state["vocabulary_"] = pack_terms(list(self.vocabulary_))
            state["weights_"] = {name: tensor.cpu().numpy() for name, tensor in network.state_dict().items()}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        weights = state.pop("weights_", None)
        if weights is not None:
            state["vocabulary_"] = {
                word: number for number, word in enumerate(unpack_terms(state["vocabulary_"]), start=UNKNOWN + 1)
            }
        super().__setstate__(state)
        if weights is not None:
            self.network_ = self._stored_network(weights).to(resolve_device(self.device))

    def _stored_network(self, weights: dict[str, np.ndarray]) -> TextNetwork:
        """A network with stored weights, which must fit the parameters and the vocabulary."""
        try:
            n_words, size = weights["words.weight"].shape
            n_kept = len(weights.get("words.kept", ()))
            if n_words + n_kept != len(self.vocabulary_) + UNKNOWN + 1:
                raise ValueError(f"{n_words + n_kept} word vectors for {len(self.vocabulary_)} words")
            # The numbers that a new network begins with are drawn: from nobody else's.
            with torch.random.fork_rng(devices=[]):
                words = WordEmbedding(n_words, size, self.freeze, n_kept, self.word_dropout)
                network = self._make_network(words, len(self.classes_))
            network.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in weights.items()})
        except (AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
            raise FormatError(
                f"the weights are not those of this {type(self).__name__}, but of another architecture "
                f"({' '.join(str(error).split())[:300]}); the file is damaged, or was changed"
            ) from error
        return network.eval()

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.non_deterministic = True
        return tags
