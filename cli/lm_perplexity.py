"""`embedkit lm perplexity`: how well a model predicts a text."""

import math
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.lm_options import LanguageModelFile, model_argument, text_encoding_option
from embedkit_cli.options import THREADS, Command, json_option, quiet_option
from embedkit_cli.output import is_terminal, print_json, print_table
from embedkit_cli.progress import reporting
from embedkit_cli.text_input import TextInput, reading_step

if TYPE_CHECKING:
    from embedkit.lm.perplexity import PerplexityReport

__all__ = ["perplexity"]


@click.command(
    cls=Command,
    examples=[
        "embedkit lm perplexity model.lm test.txt",
        "embedkit lm perplexity model.arpa.gz 'test/*.txt' --json",
        "zcat test.gz | embedkit lm perplexity model.lm -",
    ],
)
@model_argument
@click.argument("texts", metavar="TEXT...", nargs=-1, required=True, type=click.Path(allow_dash=True))
@text_encoding_option
@click.option("--threads", **THREADS, help="Threads; the figures do not depend on them.")
@json_option
@quiet_option
def perplexity(
    model: LanguageModelFile,
    texts: tuple[str, ...],
    encoding_errors: str,
    threads: int,
    as_json: bool,
    quiet: bool,
) -> None:
    """Measure how well a model predicts a text.

    MODEL is a native file or an ARPA file. TEXT is any number of files, directories, quoted globs, or - for standard
    input, all of them one text, in which a line is a sentence; lines without a word are passed over.

    Tokens are the words and the ends of sentences, OOVs the words that the model does not know. Two perplexities
    compare only if both counts are the same: a model that knows fewer words has less to predict.

    Into a pipe go lines of measure TAB value.
    """
    from embedkit.lm.perplexity import perplexity_report

    with reporting(quiet=quiet) as progress:
        corpus = TextInput(texts, encoding_errors=encoding_errors).open()
        opened = model.load(progress, threads=threads)
        settings = {name: opened.facts[name] for name in ("tokenizer", "lowercase") if name in opened.facts}
        report = perplexity_report(
            opened,
            corpus,
            **settings,
            n_threads=threads,
            on_progress=lambda step: progress.show(reading_step(step)),
        )
        for text in _notes(report):
            progress.note(text)
    if as_json:
        facts = {name: _finite(value) for name, value in asdict(report).items()}
        print_json({"model": model.path, "texts": list(texts), **facts, **settings})
    else:
        print_table(("", ""), _rows(report), title=model.path)


def _notes(report: "PerplexityReport") -> list[str]:
    """What one has to know of the figures."""
    notes = []
    if not report.proper:
        notes.append("stupid back-off gives scores, which do not sum to 1: these figures are no perplexities")
    if math.isinf(report.perplexity):
        notes.append("a word of the text has the probability 0, which makes the perplexity infinite")
    if math.isnan(report.perplexity):
        notes.append("a context of the text is not in the training text, behind which this model defines nothing")
    return notes


def _rows(report: "PerplexityReport") -> list[tuple[str, Any]]:
    """Measures and values: for people with separators, for programs without."""
    people = is_terminal(sys.stdout)
    share = report.n_oov / max(1, report.n_tokens - report.n_sentences)

    def count(number: int) -> str:
        return f"{number:,}" if people else str(number)

    def figure(value: float) -> str:
        # Four decimals, as far as they mean something.
        return f"{value:.6g}" if value >= 1e9 else f"{value:,.4f}" if people else f"{value:.4f}"

    return [
        ("perplexity", figure(report.perplexity)),
        ("perplexity without OOVs", figure(report.perplexity_without_oov)),
        ("tokens", count(report.n_tokens)),
        ("sentences", count(report.n_sentences)),
        ("OOVs", count(report.n_oov)),
        ("OOVs, share of the words", f"{share:.2%}" if people else f"{share:.6f}"),
        ("words in the vocabulary", count(report.vocabulary)),
        ("log10 probability", figure(report.log_prob)),
        ("log10 probability without OOVs", figure(report.log_prob_without_oov)),
    ]


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
