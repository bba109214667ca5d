"""How a network is trained: skorch's net with the callbacks that parameters ask for."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import torch
from sklearn.utils import compute_class_weight
from skorch.callbacks import EarlyStopping, GradientNormClipping, LRScheduler
from skorch.helper import predefined_split
from torch.optim.lr_scheduler import LambdaLR

from embedkit.errors import FormatError, OutputError, ParameterError
from embedkit.neural.batches import TextDataset, text_batches
from embedkit.neural.classifiers.parameters import FUSED, MONITORS, OPTIMIZERS, NeuralParameters
from embedkit.neural.networks.base import TextNetwork
from embedkit.neural.storage import read_tensors
from embedkit.neural.training.callbacks import FiniteLoss, FiniteWeights, GradientNorm, MaxNorm, WrittenCheckpoint
from embedkit.neural.training.net import TextNet
from embedkit.neural.training.objective import Objective
from embedkit.neural.training.schedules import rate_schedule
from embedkit.text.files import check_path

__all__ = ["best_epoch", "class_weights", "history_rows", "load_weights", "train_network"]


def train_network(
    network: TextNetwork,
    train: TextDataset,
    valid: TextDataset | None,
    parameters: NeuralParameters,
    *,
    labels: np.ndarray,
    device: torch.device,
    seed: int,
) -> TextNet:
    """Train a network with skorch.

    Parameters
    ----------
    network : TextNetwork
        It is changed in place.
    train, valid : TextDataset
    parameters : NeuralParameters
    labels : ndarray, (n_classes,)
        Of the classes, as `class_weight` names them.
    device : torch.device
    seed : int
        Of the order of the texts.

    Returns
    -------
    TextNet

    Raises
    ------
    TrainingError
        If the loss is no number any more.
    KeyboardInterrupt
        If Ctrl-C ended it.
    """
    weights = class_weights(parameters.class_weight, train.classes, labels)
    objective = Objective(
        weights if weights is None else weights.to(device),
        parameters.label_smoothing,
        parameters.mixup,
        parameters.r_drop,
        parameters.adversarial,
    )
    fused = {"optimizer__fused": True} if parameters.optimizer in FUSED and device.type in ("cpu", "cuda") else {}
    net = TextNet(
        network,
        objective=objective,
        mixed_precision=parameters.mixed_precision,
        optimizer=OPTIMIZERS[parameters.optimizer],
        optimizer__weight_decay=parameters.weight_decay,
        **fused,
        lr=parameters.learning_rate,
        max_epochs=parameters.epochs,
        batch_size=parameters.batch_size,
        iterator_train=text_batches,
        iterator_train__shuffle=True,
        iterator_train__by_length=parameters.bucketing,
        iterator_train__seed=seed,
        iterator_valid=text_batches,
        # skorch answers in the order of the batches.
        iterator_valid__by_length=False,
        train_split=None if valid is None else predefined_split(valid),
        classes=np.arange(len(labels)),
        callbacks=_callbacks(parameters, len(train), valid is not None),
        verbose=parameters.verbose,
        device=str(device),
        compile=parameters.compile,
        **({} if parameters.verbose else {"callbacks__print_log": None}),
        **({} if valid is not None else {"callbacks__valid_acc": None}),
    )
    with _noted_interrupts() as interrupts:
        net.fit(train, y=None)
    if interrupts:
        raise interrupts[0]
    return net


def class_weights(
    class_weight: dict[Any, float] | str | None, classes: np.ndarray, labels: np.ndarray
) -> torch.Tensor | None:
    """Weights of classes by their numbers.

    Parameters
    ----------
    class_weight : dict, "balanced" or None
        As scikit-learn's; a dict is from label to weight, and 1 for labels that it lacks.
    classes : ndarray of int, (n_texts,)
        The number of the class of each text.
    labels : ndarray, (n_classes,)

    Returns
    -------
    Tensor of float32, (n_classes,), or None

    Raises
    ------
    ParameterError
        If they are none that scikit-learn knows, or negative, or 0 for all.
    """
    if class_weight is None:
        return None
    try:
        weights = compute_class_weight(class_weight, classes=labels, y=labels[classes])
    except (TypeError, ValueError) as error:
        raise ParameterError(
            f"class_weight={class_weight!r}: {str(error).rstrip('.')}; expected 'balanced', or a weight for each of "
            "these labels"
        ) from error
    if not np.isfinite(weights).all() or weights.min() < 0 or not weights.any():
        raise ParameterError(f"class_weight={class_weight!r}: expected finite numbers of 0 or more, and not only 0")
    return torch.tensor(weights, dtype=torch.float32)


def history_rows(net: TextNet) -> list[dict[str, float]]:
    """The figures of each epoch, without those of batches."""
    names = {"train_loss": "train_loss", "valid_loss": "valid_loss", "valid_acc": "valid_acc"}
    names |= {"gradient_norm": "gradient_norm", "dur": "seconds"}
    rows = []
    for epoch in net.history:
        row: dict[str, float] = {"epoch": epoch["epoch"]}
        row |= {name: float(epoch[key]) for key, name in names.items() if key in epoch}
        # Batches of a validation set have none.
        rates = [batch["event_lr"] for batch in epoch["batches"] if "event_lr" in batch]
        row["learning_rate"] = float(rates[-1] if rates else net.lr)
        rows.append(row)
    return rows


def load_weights(network: TextNetwork, path: str | os.PathLike[str]) -> None:
    """Let a network begin with the weights of a safetensors file.

    Raises
    ------
    InputError
        If there is no such file.
    FormatError
        If it is damaged, or its weights are those of another architecture: which ones differ.
    """
    check_path(path)
    # Networks that were compiled name their parts below one that holds the network itself.
    tensors = {name.removeprefix("_orig_mod."): tensor for name, tensor in read_tensors(path)[0].items()}
    own = network.state_dict()
    for name, tensor in own.items():
        found = tensors.get(name)
        if found is None or found.shape != tuple(tensor.shape):
            met = "nothing" if found is None else f"the shape {found.shape}"
            raise FormatError(
                f"{os.fspath(path)} holds weights of another architecture: {name} has {met}, expected the shape "
                f"{tuple(tensor.shape)}; use the parameters and texts that it was trained with"
            )
    if foreign := sorted(set(tensors) - set(own)):
        raise FormatError(
            f"{os.fspath(path)} holds weights of another architecture: this network has no {foreign[0]}; use the "
            "parameters that it was trained with"
        )
    network.load_state_dict({name: torch.from_numpy(tensors[name]) for name in own})


@contextmanager
def _noted_interrupts() -> Iterator[list[BaseException]]:
    """Note what handlers of signals raise: skorch stops at KeyboardInterrupt, which callbacks may raise as well."""
    noted: list[BaseException] = []
    handlers: dict[int, Any] = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def handle(number: int, frame: FrameType | None) -> None:
        try:
            handlers[number](number, frame)
        except BaseException as error:
            noted.append(error)
            raise

    # Only the main thread can set handlers, and is the one that they interrupt.
    in_main = threading.current_thread() is threading.main_thread()
    replaced = [number for number, handler in handlers.items() if in_main and callable(handler)]
    try:
        for number in replaced:
            signal.signal(number, handle)
        yield noted
    finally:
        for number in replaced:
            signal.signal(number, handlers[number])


def best_epoch(net: TextNet) -> int:
    """The epoch whose weights a network has: that which early stopping went back to, or the last."""
    stopping = [callback for _, callback in net.callbacks_ if isinstance(callback, EarlyStopping)]
    return int(stopping[0].best_epoch_ if stopping else net.history[-1, "epoch"])


def _callbacks(parameters: NeuralParameters, n_texts: int, watched: bool) -> list[Any]:
    callbacks: list[Any] = [FiniteLoss(), FiniteWeights(), GradientNorm()]
    if parameters.clip_norm is not None:
        callbacks.append(GradientNormClipping(parameters.clip_norm))
    if parameters.max_norm is not None:
        callbacks.append(MaxNorm(parameters.max_norm))
    if parameters.schedule != "constant" or parameters.warmup:
        n_steps = parameters.epochs * -(-n_texts // parameters.batch_size)
        rate = rate_schedule(parameters.schedule, n_steps, parameters.warmup)
        callbacks.append(LRScheduler(policy=LambdaLR, lr_lambda=rate, step_every="batch"))
    if parameters.checkpoints is not None:
        check_path(parameters.checkpoints, OutputError)
        try:
            Path(parameters.checkpoints).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"cannot make the folder {parameters.checkpoints} for checkpoints ({error.strerror}); give another path"
            ) from error
        callbacks.append(
            WrittenCheckpoint(
                monitor=f"{parameters.monitor if watched else 'train_loss'}_best",
                dirname=os.fspath(parameters.checkpoints),
                f_params="weights.safetensors",
                f_optimizer=None,
                f_criterion=None,
                use_safetensors=True,
            )
        )
    callbacks += parameters.callbacks or ()
    if parameters.patience is not None:  # the last, so that the others see the epoch that it stops after
        callbacks.append(
            EarlyStopping(
                monitor=parameters.monitor,
                lower_is_better=MONITORS[parameters.monitor],
                patience=parameters.patience,
                threshold=0.0,
                load_best=True,
            )
        )
    return callbacks
