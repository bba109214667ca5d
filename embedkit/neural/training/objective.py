"""What training makes small: cross-entropy, and the regularisers that change or add to it."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from embedkit.neural.layers.embedding import PADDING
from embedkit.neural.networks.base import TextNetwork

__all__ = ["Objective", "adversarial_step", "symmetric_divergence"]


def symmetric_divergence(first: Tensor, second: Tensor) -> Tensor:
    """Mean of the two Kullback-Leibler divergences between predictions, in nats (Wu et al. 2021, equation 2).

    Parameters
    ----------
    first, second : Tensor, (n_texts, n_classes)
        Scores before the softmax.

    Returns
    -------
    Tensor, ()
        Mean over the texts.

    Examples
    --------
    >>> one, other = torch.tensor([[0.5, 0.2, 0.3]]).log(), torch.tensor([[0.5, 0.3, 0.2]]).log()
    >>> round(symmetric_divergence(one, other).item(), 5)
    0.04055
    """
    one, other = torch.log_softmax(first, dim=-1), torch.log_softmax(second, dim=-1)
    # KL(p, q) + KL(q, p) = sum of (p - q) (ln p - ln q)
    return 0.5 * ((one.exp() - other.exp()) * (one - other)).sum(dim=-1).mean()


def adversarial_step(gradient: Tensor, epsilon: float) -> Tensor:
    """A step of length `epsilon` up the gradient of each text, all its words together (Miyato et al. 2017, equation 5).

    Examples
    --------
    >>> adversarial_step(torch.tensor([[[3.0, 0.0], [0.0, 4.0]]]), 0.5).tolist()
    [[[0.30000001192092896, 0.0], [0.0, 0.4000000059604645]]]
    """
    norms = gradient.flatten(1).norm(dim=1).clamp(min=torch.finfo(gradient.dtype).tiny)
    return epsilon * gradient / norms.view(-1, *[1] * (gradient.dim() - 1))


@dataclass(frozen=True)
class Objective:
    """Cross-entropy with regularisers; each is off at 0.

    Attributes
    ----------
    class_weights : Tensor, (n_classes,), optional
        A class counts so much; the mean is over weights.
    label_smoothing : float
        Share of the truth that is spread over all classes (Szegedy et al. 2016, section 7).
    mixup : float
        Parameter of the beta distribution that shares are drawn from, in which the word vectors of two texts and their
        classes are mixed (Zhang et al. 2018; Guo et al. 2019, section 3).
    r_drop : float
        Weight of the divergence between two passes with other dropout (Wu et al. 2021, section 2.1). The two
        cross-entropies are averaged, where the paper adds them: its alpha is twice ours.
    adversarial : float
        Length of the step in which word vectors are disturbed, in the direction that makes the loss larger (the fast
        gradient method: Miyato et al. 2017, section 3); the loss there is added.

    Examples
    --------
    >>> from embedkit.neural.layers.embedding import WordEmbedding
    >>> from embedkit.neural.networks.textcnn import TextCNN
    >>> network, ids = TextCNN(WordEmbedding(10, 8), n_classes=2), torch.tensor([[2, 3, 4], [5, 6, 0]])
    >>> loss, logits = Objective(r_drop=1.0, adversarial=0.5).backward(network, ids, torch.tensor([0, 1]))
    >>> logits.shape, network.output.weight.grad.shape
    (torch.Size([2, 2]), torch.Size([2, 300]))
    """

    class_weights: Tensor | None = None
    label_smoothing: float = 0.0
    mixup: float = 0.0
    r_drop: float = 0.0
    adversarial: float = 0.0

    def backward(
        self,
        network: TextNetwork,
        ids: Tensor,
        classes: Tensor,
        autocast: Callable[[], AbstractContextManager[Any]] = nullcontext,
    ) -> tuple[Tensor, Tensor]:
        """Compute the loss of a batch, and add its gradients to those of the parameters.

        Parameters
        ----------
        network : TextNetwork
        ids : Tensor of int64, (n_texts, n_words)
        classes : Tensor of int64, (n_texts,)
        autocast : callable
            Makes the context in which the network runs.

        Returns
        -------
        loss : Tensor, ()
        logits : Tensor, (n_texts, n_classes)
        """
        mixing = self._mixing(ids) if self.mixup else None
        with autocast():
            # The disturbed words must be those that the gradient is of.
            dropped = network.words.drop(ids) if self.adversarial else ids
            logits, embedded = self._pass(network, dropped, mixing, keep=bool(self.adversarial))
            loss = self._cross_entropy(logits, classes, mixing)
            if self.r_drop:
                again, _ = self._pass(network, ids, mixing)
                loss = 0.5 * (loss + self._cross_entropy(again, classes, mixing))
                loss = loss + self.r_drop * symmetric_divergence(logits.float(), again.float())
        loss.backward()
        if embedded is not None and embedded.grad is not None:
            step = adversarial_step(embedded.grad, self.adversarial)
            with autocast():
                disturbed, _ = self._pass(network, dropped, mixing, step=step)
                added = self._cross_entropy(disturbed, classes, mixing)
            added.backward()
            loss = loss + added
        return loss.detach(), logits.detach()

    def _mixing(self, ids: Tensor) -> tuple[float, Tensor]:
        """The share of each text, and which other text has the rest."""
        concentration = torch.tensor(self.mixup)
        share = torch.distributions.Beta(concentration, concentration).sample().item()
        return max(share, 1.0 - share), torch.randperm(len(ids), device=ids.device)

    def _pass(
        self,
        network: TextNetwork,
        ids: Tensor,
        mixing: tuple[float, Tensor] | None,
        *,
        keep: bool = False,
        step: Tensor | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """Scores, and the word vectors whose gradient is kept if it is needed."""
        if mixing is None and step is None and not keep:
            return network(ids), None
        drawn = keep or step is not None
        embedded, mask = network.words.look_up(ids) if drawn else network.words(ids), ids != PADDING
        if mixing is not None:
            share, partner = mixing
            embedded = share * embedded + (1.0 - share) * embedded[partner]
            mask = mask | mask[partner]
        if keep:
            embedded.requires_grad_() if embedded.is_leaf else embedded.retain_grad()
        scores = network(ids, embedded if step is None else embedded + step, mask)
        return scores, embedded if keep else None

    def _cross_entropy(self, logits: Tensor, classes: Tensor, mixing: tuple[float, Tensor] | None) -> Tensor:
        def against(truth: Tensor) -> Tensor:
            smooth, weights = self.label_smoothing, self.class_weights
            if weights is None:
                return functional.cross_entropy(logits.float(), truth, label_smoothing=smooth)
            total = functional.cross_entropy(logits.float(), truth, weights, label_smoothing=smooth, reduction="sum")
            # All texts of a batch may be of classes that do not count.
            weight = weights[truth].sum()
            return total / weight if weight > 0 else 0.0 * total

        if mixing is None:
            return against(classes)
        share, partner = mixing
        return share * against(classes) + (1.0 - share) * against(classes[partner])
