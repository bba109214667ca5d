"""Callbacks of skorch's loop that skorch does not have."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from skorch.callbacks import Callback, Checkpoint

from embedkit.errors import OutputError, TrainingError

__all__ = ["FiniteLoss", "FiniteWeights", "GradientNorm", "MaxNorm", "Report", "Reporter", "WrittenCheckpoint"]


class FiniteLoss(Callback):
    """Stops training at the first loss that is no number."""

    def on_batch_end(self, net: Any, training: bool = False, **rest: Any) -> None:
        """Look at the loss of a batch."""
        if not training:
            return
        loss = net.history[-1, "batches", -1, "train_loss"]
        if not math.isfinite(loss):
            epoch, batch = net.history[-1, "epoch"], len(net.history[-1, "batches"])
            raise TrainingError(
                f"the loss is {loss} in epoch {epoch}, batch {batch}: training left the numbers that float32 can "
                "hold; try a smaller learning_rate, or a smaller clip_norm"
            )


class FiniteWeights(Callback):
    """Stops training after an epoch that left a network whose weights or scores are no numbers.

    The loss of the last batch is from before its step, and tells nothing of it.
    """

    def on_batch_end(self, net: Any, batch: Any = None, training: bool = False, **rest: Any) -> None:
        """Keep a batch to try the network with."""
        if training:
            self._ids = batch[0]

    @torch.no_grad()
    def on_epoch_end(self, net: Any, **rest: Any) -> None:
        """Look at the network."""
        network = getattr(net.module_, "_orig_mod", net.module_).eval()  # not compiled: once an epoch
        row = net.history[-1]
        finite = all(bool(parameter.isfinite().all()) for parameter in network.parameters())
        if not finite or not network(self._ids.to(net.device)).isfinite().all():
            raise TrainingError(
                f"the network gives no numbers after epoch {row['epoch']}, batch {row['train_batch_count']}: training "
                "left the numbers that float32 can hold; try a smaller learning_rate, or a smaller clip_norm"
            )


class GradientNorm(Callback):
    """Writes the norm of all gradients, before they are clipped, into the history; of an epoch the mean."""

    def on_grad_computed(self, net: Any, named_parameters: Any, **rest: Any) -> None:
        """Measure the gradients of a batch."""
        gradients = [parameter.grad for _, parameter in named_parameters if parameter.grad is not None]
        net.history.record_batch("gradient_norm", torch.nn.utils.get_total_norm(gradients).item())

    def on_epoch_end(self, net: Any, **rest: Any) -> None:
        """Take the mean of the batches."""
        norms = [norm for norm in net.history[-1, "batches", :, "gradient_norm"] if norm is not None]
        net.history.record("gradient_norm", sum(norms) / len(norms))


class MaxNorm(Callback):
    """Keeps the weights of each class within a length (Hinton et al. 2012; Kim 2014, section 3.1).

    Parameters
    ----------
    max_norm : float
    """

    def __init__(self, max_norm: float) -> None:
        self.max_norm = max_norm

    @torch.no_grad()
    def on_batch_end(self, net: Any, training: bool = False, **rest: Any) -> None:
        """Shorten the weights that have grown too long."""
        if training:
            weight = net.module_.output.weight
            weight.copy_(weight.renorm(2, 0, self.max_norm))


class WrittenCheckpoint(Checkpoint):
    """skorch's Checkpoint, but one that cannot be written ends the training instead of being passed over."""

    def _save_params(self, f: Any, net: Any, f_name: str, log_name: str) -> None:
        try:
            net.save_params(**{f_name: f, "use_safetensors": self.use_safetensors})
        except Exception as error:
            raise OutputError(f"cannot write the checkpoint {f} ({error}); give another folder") from error


@dataclass(frozen=True)
class Report:
    """How far training is.

    Attributes
    ----------
    epoch, epochs : int
    batch, batches : int
        Of this epoch.
    loss : float
        Of the batch; of an epoch that has ended, its mean.
    ended : bool
        Whether the epoch has ended.
    figures : dict
        Then valid_loss and valid_acc, where there are some.
    """

    epoch: int
    epochs: int
    batch: int
    batches: int
    loss: float
    ended: bool
    figures: dict[str, float]


class Reporter(Callback):
    """Calls a function with a `Report` after each batch and each epoch.

    Parameters
    ----------
    on_report : callable
    """

    def __init__(self, on_report: Callable[[Report], None]) -> None:
        self.on_report = on_report

    def on_epoch_begin(self, net: Any, dataset_train: Any = None, **rest: Any) -> None:
        """Find out how many batches there will be."""
        self._batches = -(-len(dataset_train) // net.batch_size)

    def on_batch_end(self, net: Any, training: bool = False, **rest: Any) -> None:
        """Report a batch."""
        if training:
            done = len(net.history[-1, "batches"])
            self._report(net, done, net.history[-1, "batches", -1, "train_loss"], None)

    def on_epoch_end(self, net: Any, **rest: Any) -> None:
        """Report an epoch."""
        row = net.history[-1]
        figures = {name: float(row[name]) for name in ("valid_loss", "valid_acc") if name in row}
        self._report(net, self._batches, row["train_loss"], figures)

    def _report(self, net: Any, batch: int, loss: float, figures: dict[str, float] | None) -> None:
        epoch = net.history[-1, "epoch"]
        ended = figures is not None
        self.on_report(Report(epoch, net.max_epochs, batch, self._batches, loss, ended, figures or {}))
