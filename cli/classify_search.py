"""The search for parameters of a classifier, on the command line."""

import math
import time
from typing import TYPE_CHECKING, Any

from embedkit_cli.classify_networks import grid_of
from embedkit_cli.output import duration_text, plural
from embedkit_cli.progress import Progress, Step

if TYPE_CHECKING:
    from embedkit_cli.classify_train import TrainJob

    from embedkit.text.tables import LabelledTexts

__all__ = ["search"]

FOLDS = 5  # if --cv does not say


def search(
    job: "TrainJob", model: Any, documents: "LabelledTexts", progress: Progress
) -> tuple[Any, dict[str, Any], float]:
    """The model with the best parameters of its grid, found without the documents that are held out."""
    from embedkit.classify.validation import search_parameters, split_texts

    texts, labels = documents
    grid = {name: values for name, values in grid_of(job.model).items() if name not in job.parameters}
    if job.valid_size:
        rows, _ = split_texts(labels, job.valid_size, job.settings.seed)
        texts, labels = [texts[row] for row in rows], [labels[row] for row in rows]
    folds = job.cv or FOLDS
    sets = math.prod(map(len, grid.values()))
    progress.show(Step("search", None, f"{plural(sets, 'set')} of parameters, {folds} folds", 0.0))
    start = time.monotonic()
    found, accuracy = search_parameters(model, grid, texts, labels, folds=folds, random_state=job.settings.seed)
    named = ", ".join(f"{name}={value!r}" for name, value in found.items())
    progress.finish(
        f"searched {plural(sets, 'set')} of parameters in {duration_text(time.monotonic() - start)}: {named} "
        f"(mean accuracy {accuracy:.4f})"
    )
    return model.set_params(**found), found, accuracy
