"""skorch's loop over batches of texts."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from skorch import NeuralNetClassifier
from torch import Tensor
from torch.nn import functional

from embedkit.neural.training.objective import Objective

__all__ = ["TextNet"]


class TextNet(NeuralNetClassifier):
    """`skorch.NeuralNetClassifier` that trains towards an `Objective`.

    The loss of a validation set is the plain cross-entropy, so that it can be compared whatever the regularisers.

    Parameters
    ----------
    objective : Objective
    mixed_precision : bool, default=False
        Let the network compute in bfloat16 where that is precise enough.
    """

    def __init__(
        self, *args: Any, objective: Objective | None = None, mixed_precision: bool = False, **settings: Any
    ) -> None:
        super().__init__(*args, criterion=torch.nn.CrossEntropyLoss, **settings)
        self.objective = objective
        self.mixed_precision = mixed_precision

    def train_step_single(self, batch: tuple[Tensor, Tensor], **rest: Any) -> dict[str, Tensor]:
        """Learn from one batch."""
        self._set_training(True)
        ids, classes = (part.to(self.device) for part in batch)
        objective = self.objective or Objective()
        loss, logits = objective.backward(self.module_, ids, classes, self._precision)
        return {"loss": loss, "y_pred": logits}

    def get_loss(self, y_pred: Tensor, y_true: Tensor, *args: Any, **rest: Any) -> Tensor:
        """Return the cross-entropy of a validation batch."""
        return functional.cross_entropy(y_pred, y_true.to(y_pred.device))

    def _precision(self) -> AbstractContextManager[Any]:
        if not self.mixed_precision:
            return nullcontext()
        return torch.autocast(torch.device(self.device).type, dtype=torch.bfloat16)
