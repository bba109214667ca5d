"""`embedkit lm convert`: a language model from one format to another, smaller if need be."""

from typing import TYPE_CHECKING

import click
from embedkit_cli.lm_options import load_language_model, ngrams_text, speaking_of_options
from embedkit_cli.lm_outputs import check_model_output, quantize_option, write_model
from embedkit_cli.options import THREADS, Command, quiet_option
from embedkit_cli.output import bytes_text
from embedkit_cli.progress import Progress, Step, reporting

from embedkit.errors import ParameterError

if TYPE_CHECKING:
    from embedkit.lm.model import NgramModel

__all__ = ["convert"]


@click.command(
    cls=Command,
    examples=[
        "embedkit lm convert model.arpa.gz model.lm",
        "embedkit lm convert model.arpa small.lm --quantize 8 --entropy-threshold 1e-8",
        "embedkit lm convert model.lm model.arpa",
    ],
)
@click.argument("source", metavar="IN", type=click.Path())
@click.argument("target", metavar="OUT", type=click.Path())
@quantize_option
@click.option(
    "--entropy-threshold",
    type=float,
    metavar="X",
    help="Leave out n-grams without which the perplexity grows by less than this share, such as 1e-8.",
)
@click.option("--threads", **THREADS, help="Threads; the model does not depend on them.")
@quiet_option
def convert(
    source: str, target: str, quantize: str | None, entropy_threshold: float | None, threads: int, quiet: bool
) -> None:
    """Write the language model IN to OUT in another format.

    Formats are ARPA (.arpa, and .gz, .bz2 or .xz behind it) and the native one (.lm), which opens at once whatever its
    size. IN is recognised by its content. The size of a native file is said before it is written.
    """
    from embedkit_cli.outputs import completed_outputs

    from embedkit.checks import check_number
    from embedkit.lm.files import is_arpa_name
    from embedkit.lm.native import native_size

    with speaking_of_options():
        if entropy_threshold is not None:
            check_number("entropy_threshold", entropy_threshold, 0.0, strict=True)
    check_model_output(target, quantize, [("IN", source)], name="OUT")
    with reporting(quiet=quiet) as progress, completed_outputs():
        model = load_language_model(source, progress, threads=threads)
        if entropy_threshold is not None:
            _prune(model, entropy_threshold, source, progress)
        if not is_arpa_name(target):
            with speaking_of_options():
                size = native_size(model, quantize=None if quantize is None else int(quantize))
            progress.note(f"{target} will have {bytes_text(size)}")
        n_bytes = write_model(model, target, quantize, progress, threads=threads)
        sizes = ngrams_text(model.n_ngrams)
        progress.finish(f"wrote {target} ({bytes_text(n_bytes)}): order {model.order}, {sizes}")


def _prune(model: "NgramModel", threshold: float, source: str, progress: Progress) -> None:
    """Take out n-grams that matter little."""
    from embedkit.lm.pruning import prune_by_entropy

    option = f"--entropy-threshold {threshold:g}"
    if model.scheme != "backoff":
        raise ParameterError(f"{option}: {source} gives no weight to shorter contexts, and cannot be pruned")
    if model.log_prob.dtype.kind != "f":
        raise ParameterError(f"{option}: {source} is quantised; prune the model that it was made from")
    progress.show(Step("pruning", None, option, 0.0))
    before = sum(model.n_ngrams)
    prune_by_entropy(model, threshold)
    progress.note(f"pruned {before - sum(model.n_ngrams):,} of {before:,} n-grams")
