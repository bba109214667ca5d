"""Neural classifiers on the command line: their names, options and progress."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.classify_models import MODELS, NEURAL_MODELS, ModelSettings
from embedkit_cli.options import given_options, grouped
from embedkit_cli.output import duration_text
from embedkit_cli.progress import Progress, Step

from embedkit.errors import ParameterError

if TYPE_CHECKING:
    from embedkit.classify.validation import Validation
    from embedkit.text.tables import LabelledTexts

__all__ = [
    "ALL_MODELS",
    "NetworkSettings",
    "draw_curve",
    "grid_of",
    "is_network",
    "make_classifier",
    "network_options",
    "training_shown",
    "validate_watched",
]

# Written out here, since its home imports torch; a test holds them equal.
FREEZE = ("non-static", "static", "multichannel")
ALL_MODELS = (*MODELS, *NEURAL_MODELS)

option = grouped("Networks")

# Parameters of the classifier that options set.
PARAMETERS = (
    "device",
    "freeze",
    "epochs",
    "batch_size",
    "learning_rate",
    "patience",
    "checkpoints",
    "mixed_precision",
)


def is_network(name: str) -> bool:
    """Whether a classifier is a neural one."""
    return name in NEURAL_MODELS


@dataclass(frozen=True)
class NetworkSettings:
    """What was asked of the networks; None leaves it to the classifier."""

    device: str | None = None
    freeze: str | None = None
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    patience: int | None = None
    checkpoints: str | None = None
    mixed_precision: bool | None = None
    plot: str | None = None

    def parameters(self) -> dict[str, Any]:
        """Parameters of the pipeline that were given."""
        given = {name: getattr(self, name) for name in PARAMETERS}
        return {f"classifier__{name}": value for name, value in given.items() if value is not None}

    def without_effect(self, model: str) -> list[str]:
        """Name the options that were given to another classifier."""
        if is_network(model):
            return []
        names = [field.name for field in fields(self) if getattr(self, field.name) is not None]
        shown = [{"learning_rate": "lr"}.get(name, name.replace("_", "-")) for name in names if name in given_options()]
        return [f"--{name} has no effect with --model {model}" for name in shown]


def network_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options of networks, which arrive as one `NetworkSettings` named ``networks``."""

    @option("--device", metavar="NAME", show_default="auto", help="auto, cpu, cuda, cuda:1 or mps; auto takes a GPU.")
    @option("--freeze", type=click.Choice(FREEZE), show_default="non-static", help="What training does to --embedding.")
    @option("--epochs", type=click.IntRange(min=1), metavar="N", show_default="10", help="Passes over the texts.")
    @option("--batch-size", type=click.IntRange(min=1), metavar="N", show_default="50", help="Texts of a step.")
    @option(
        "--lr",
        "learning_rate",
        type=click.FloatRange(min=0, min_open=True),
        metavar="X",
        show_default="0.001; fasttext-net 0.01",
        help="Learning rate.",
    )
    @option(
        "--patience",
        type=click.IntRange(min=1),
        metavar="N",
        help="Stop after N epochs without a smaller loss on a tenth of the texts, and go back to the best.",
    )
    @option(
        "--checkpoints", metavar="FOLDER", type=click.Path(), help="Keep the weights of the best epoch so far there."
    )
    @option("--mixed-precision", is_flag=True, default=None, help="Compute in bfloat16 where it suffices; for GPUs.")
    @option(
        "--plot",
        metavar="FILE",
        type=click.Path(),
        help="Draw loss and accuracy of each epoch, as .png, .svg or .pdf (needs matplotlib).",
    )
    @wraps(function)
    def command(**options: Any) -> None:
        networks = NetworkSettings(**{field.name: options.pop(field.name) for field in fields(NetworkSettings)})
        function(networks=networks, **options)

    return command


def make_classifier(name: str, settings: ModelSettings, networks: NetworkSettings | None = None) -> Any:
    """Make the pipeline of a classifier of any kind."""
    arguments = settings.arguments(name)
    if not is_network(name):
        from embedkit.classify.pipelines import text_classifier

        return text_classifier(name, **arguments)
    from embedkit.neural import neural_classifier

    model = neural_classifier(name, **arguments)
    given = {} if networks is None else networks.parameters()
    if given.get("classifier__freeze") not in (None, "non-static") and settings.vectors is None:
        raise ParameterError(
            f"--freeze {given['classifier__freeze']} keeps vectors that are given: give a file of them with --embedding"
        )
    return model.set_params(**given)


def grid_of(name: str) -> dict[str, list[Any]]:
    """Parameters worth searching for a classifier of any kind."""
    if is_network(name):
        from embedkit.neural import NEURAL_GRIDS

        return NEURAL_GRIDS[name]
    from embedkit.classify.grids import param_grid

    return param_grid(name)


def draw_curve(path: str, history: list[dict[str, float]], title: str) -> None:
    """Draw loss and accuracy of each epoch."""
    from embedkit.viz.figures import save_figure
    from embedkit.viz.training_curve import plot_training_curve

    save_figure(path, lambda axes: plot_training_curve(history, title=title, ax=axes))


@contextmanager
def training_shown(model: Any, stage: str, progress: Progress) -> Iterator[None]:
    """Let a pipeline with a network report its batches and epochs while it is trained."""
    from embedkit.neural.training.callbacks import Report, Reporter

    start = time.monotonic()

    def show(report: Report) -> None:
        seconds = time.monotonic() - start
        if report.ended:
            figures = [f"loss {_loss_text(report.loss)}"]
            if "valid_loss" in report.figures:
                figures.append(f"held-out loss {_loss_text(report.figures['valid_loss'])}")
            figures += [f"accuracy {report.figures['valid_acc']:.4f}"] if "valid_acc" in report.figures else []
            progress.note(f"{stage}: epoch {report.epoch}/{report.epochs} done: {', '.join(figures)}")
            return
        done = (report.epoch - 1 + report.batch / report.batches) / report.epochs
        detail = f"epoch {report.epoch}/{report.epochs}, loss {_loss_text(report.loss)}"
        progress.show(Step(stage, done, detail, seconds))

    model.set_params(classifier__callbacks=[Reporter(show)])
    try:
        yield
    finally:
        model.set_params(classifier__callbacks=None)
    network = model[-1]
    if network.patience is not None:
        progress.note(f"{stage}: {network.n_iter_} epochs, kept the weights of epoch {network.best_epoch_}")


def _loss_text(loss: float) -> str:
    return f"{loss:.4f}" if loss < 1e4 else f"{loss:.3g}"


def validate_watched(
    model: Any, documents: "LabelledTexts", valid_size: float, seed: int, progress: Progress
) -> tuple["Validation", list[dict[str, float]]]:
    """Train a copy without some documents, watch its loss on those, and score it on them at the end.

    Where training stops early, the documents that decide are others, which `fit` holds out of the rest.
    """
    from sklearn.base import clone

    from embedkit.classify.validation import Validation, score_model, split_texts

    start = time.monotonic()
    texts, labels = documents
    parts = split_texts(labels, valid_size, seed)
    (train, y_train), (valid, y_valid) = (([texts[i] for i in part], [labels[i] for i in part]) for part in parts)
    fitted = clone(model)
    watched = {"classifier__X_val": valid, "classifier__y_val": y_valid}
    with training_shown(fitted, "scoring", progress):
        fitted.fit(train, y_train, **({} if fitted[-1].patience is not None else watched))
    scores = score_model(fitted, valid, y_valid)
    seconds = time.monotonic() - start
    progress.finish(f"scored in {duration_text(seconds)}")
    return Validation(scores, len(train), len(valid), [], seconds), fitted[-1].history_
