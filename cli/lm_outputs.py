"""Language models as outputs: which names they may have, and how they are written."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from embedkit_cli.options import grouped
from embedkit_cli.progress import Progress, Step, time_left

from embedkit.errors import ParameterError

if TYPE_CHECKING:
    from embedkit_cli.outputs import NamedPaths

    from embedkit.lm.model import NgramModel

__all__ = ["check_model_output", "model_output_option", "quantize_option", "write_model"]

output = grouped("Output")

model_output_option = output(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    type=click.Path(),
    help="Where the model goes: a native file (.lm), or ARPA (.arpa, .arpa.gz).",
)
quantize_option = output(
    "--quantize",
    type=click.Choice(["8", "16"]),
    metavar="BITS",
    help="Keep each number of a native file in 8 or 16 bits, close to what it is.",
)


def check_model_output(
    path: str,
    quantize: str | None,
    read: "NamedPaths",
    *,
    name: str = "--output",
    files: "NamedPaths" = (),
    smoothing: str | None = None,
) -> None:
    """Find out before the work whether a model can be written, and overwrites nothing of the run.

    `smoothing` is what the model will have, where that is known; `files` are further outputs.
    """
    from embedkit_cli.outputs import check_outputs

    from embedkit.lm.files import check_native_name, is_arpa_name
    from embedkit.lm.parameters import UNPRUNED

    backs_off = smoothing not in UNPRUNED
    if is_arpa_name(path):
        if quantize is not None:
            raise ParameterError(
                f"--quantize {quantize}: {path} is an ARPA file, which has its numbers in full; name a native file "
                "(.lm), or leave it out"
            )
        if not backs_off:
            raise ParameterError(
                f"--smoothing {smoothing} does not back off by weights, as ARPA files want it; name a native file "
                f"(.lm) instead of {path}, or choose another smoothing"
            )
    else:
        check_native_name(path)
        if quantize is not None and not backs_off:
            raise ParameterError(
                f"--quantize {quantize}: {smoothing} has other numbers than can be quantised; leave it out, or choose "
                "another smoothing"
            )
    check_outputs(read, files=[(name, path), *files])


def write_model(model: "NgramModel", path: str, quantize: str | None, progress: Progress, *, threads: int) -> int:
    """Write a model, and give its size in bytes."""
    from embedkit.lm.files import save_model

    started = time.monotonic()
    progress.show(Step("writing", None, path, 0.0))

    def show(fraction: float) -> None:
        seconds = time.monotonic() - started
        progress.show(Step("writing", fraction, f"{path}{time_left(fraction, seconds)}", seconds))

    bits = None if quantize is None else int(quantize)
    save_model(model, path, quantize=bits, n_threads=threads, on_progress=show)
    return Path(path).stat().st_size
