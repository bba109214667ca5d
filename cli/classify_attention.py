"""`embedkit classify attention`: what a network looks at in one text."""

import sys
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.classify_models import library_calls, load_classifier, trust_option
from embedkit_cli.options import Command, grouped
from embedkit_cli.output import print_json, print_table, printable
from embedkit_cli.progress import reporting

from embedkit.errors import InputError, OutputError, ParameterError

if TYPE_CHECKING:
    from embedkit.neural.classifiers.base import Attention
    from embedkit.viz.attention import AttentionLine

__all__ = ["attention"]

PAGES = (".html", ".htm")

output_option = grouped("Output")


@click.command(
    cls=Command,
    examples=[
        'embedkit classify attention model.safetensors "a warm, funny film"',
        'embedkit classify attention model.safetensors "a warm film" -o map.html',
        "embedkit classify attention model.safetensors - -o map.png < review.txt",
    ],
)
@click.argument("model", metavar="MODEL", type=click.Path())
@click.argument("text", metavar="TEXT")
@output_option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(),
    help="Draw a heat map of the text: .html, or .png, .svg and .pdf (needs matplotlib).",
)
@output_option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@output_option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@trust_option
def attention(model: str, text: str, output: str | None, as_json: bool, quiet: bool, trust: bool) -> None:
    """Show how much a network looks at each word of a text, or at each sentence.

    MODEL is a file of `embedkit classify train` with --model bilstm-attention, transformer or han. TEXT is the text
    itself; - reads it from standard input.

    Into a pipe go lines of word (han: sentence) TAB weight; the weights sum to 1.
    """
    from embedkit_cli.outputs import check_outputs

    if output is not None and not output.lower().endswith(PAGES):
        from embedkit.viz.figures import FIGURE_ENDINGS, check_figure_output

        if not output.lower().endswith(FIGURE_ENDINGS):
            raise OutputError(f"cannot write {output}: expected a name that ends in .html, .png, .svg or .pdf")
        check_figure_output(output)
    check_outputs([("MODEL", model)], files=[("--output", output)])
    with reporting(quiet=quiet) as progress:
        classifier, _ = load_classifier(model, trust=trust)
        text = _read() if text == "-" else text
        network = _network(classifier, model)
        with library_calls(progress):
            found = _attention(network, text, model)
            probabilities = network.predict_proba([text])[0]
        if not found.units:
            raise InputError("TEXT holds no word to look at; expected a text")
        best = int(probabilities.argmax())
        label, probability = str(classifier.classes_[best]), float(probabilities[best])
        if output is not None:
            _draw(output, found, f"predicted: {label} ({probability:.1%})")
            progress.finish(f"drew {output}")
    units = [" ".join(unit) if isinstance(unit, list) else unit for unit in found.units]
    if as_json:
        weights = found.weights.tolist()
        about = {"model": model, "predicted": label, "probability": probability}
        print_json({**about, "units": found.units, "weights": weights})
    elif output is None:
        rows = [(printable(unit), float(weight)) for unit, weight in zip(units, found.weights, strict=True)]
        what = "sentence" if isinstance(found.units[0], list) else "word"
        print_table((what, "weight"), rows, title=f"{printable(label)} ({probability:.1%})")


def _read() -> str:
    """The whole of standard input."""
    try:
        return sys.stdin.buffer.read().decode().strip()
    except UnicodeDecodeError as error:
        raise InputError(
            f"standard input: byte {error.start} is not UTF-8 ({error.reason}); convert the text to UTF-8"
        ) from error


def _network(classifier: Any, path: str) -> Any:
    """The network of a model, which may be the last step of a pipeline."""
    network = classifier[-1] if hasattr(classifier, "steps") else classifier
    if not hasattr(network, "attention"):
        raise InputError(
            f"{path} holds {type(network).__name__}, which has no attention; expected a model trained with --model "
            "bilstm-attention, transformer or han"
        )
    return network


def _attention(network: Any, text: str, path: str) -> "Attention":
    try:
        return network.attention([text])[0]
    except ParameterError as error:
        raise InputError(
            f"{path} holds a network without attention; expected a model trained with --model bilstm-attention, "
            "transformer or han"
        ) from error


def _draw(path: str, found: "Attention", title: str) -> None:
    from embedkit.viz.attention import attention_html, attention_size, plot_attention

    lines = _lines(found)
    if path.lower().endswith(PAGES):
        from embedkit.text.files import replace_file

        with replace_file(path) as out:
            out.write(attention_html(lines, title=title).encode())
        return
    from embedkit.viz.figures import save_figure

    save_figure(path, lambda axes: plot_attention(lines, title=title, ax=axes), size=attention_size(lines))


def _lines(found: "Attention") -> "list[AttentionLine]":
    from embedkit.viz.attention import AttentionLine

    if isinstance(found.units[0], list):
        pairs = zip(found.units, found.weights.tolist(), strict=True)
        return [AttentionLine(unit, weight=weight) for unit, weight in pairs]
    return [AttentionLine(found.units, found.weights)]
