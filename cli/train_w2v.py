"""`embedkit train-w2v`: word2vec on the user's own text."""

import shlex
from dataclasses import asdict
from typing import Any

import click
from click.core import ParameterSource
from embedkit_cli.options import (
    ARCHITECTURES,
    ENCODING_ERRORS,
    LOSSES,
    THREADS,
    TOKENIZERS,
    Command,
    MemorySize,
    format_of,
    grouped,
)
from embedkit_cli.output import duration_text, note, plural, print_json
from embedkit_cli.progress import reporting
from embedkit_cli.training import TrainingJob, TrainingReport, train_vectors

__all__ = ["train_w2v"]

model = grouped("Model")
training = grouped("Training")
reading = grouped("Text and vocabulary")
output = grouped("Output")


@click.command(
    "train-w2v",
    cls=Command,
    examples=[
        "embedkit train-w2v corpus.txt -o vectors.bin",
        "embedkit train-w2v 'news/*.txt.gz' -o vectors.vec --tokenizer words --lowercase",
        "zcat corpus.gz | embedkit train-w2v - -o vectors.bin --arch cbow --epochs 10",
    ],
)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=click.Path(allow_dash=True))
@output("-o", "--output", required=True, type=click.Path(), help="Where the word vectors go.")
@output("--format", "output_format", **format_of("the vectors, when the ending of --output does not tell"))
@output("--save-output-vectors", metavar="FILE", type=click.Path(), help="Also save the output (context) vectors.")
@output(
    "--save-vocab", metavar="FILE", type=click.Path(), help="Also save the vocabulary: a word and its count a line."
)
@output("--json", "as_json", is_flag=True, help="Print one JSON object about the run on standard output.")
@output("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@model("--arch", type=click.Choice(ARCHITECTURES), default="skipgram", help="Predict the context, or from it.")
@model("--loss", type=click.Choice(LOSSES), default="ns", help="Negative sampling or hierarchical softmax.")
@model("--vector-size", type=int, metavar="N", default=100, help="Numbers in a vector.")
@model("--window", type=int, metavar="N", default=5, help="Words of context on either side.")
@model("--no-dynamic-window", is_flag=True, help="Always use the whole window, not one drawn from 1 to --window.")
@model("--cbow-sum", is_flag=True, help="CBOW: add the context vectors up instead of taking their mean.")
@model("--negative", type=int, metavar="N", default=5, help="Noise words for each example (ns).")
@model(
    "--ns-exponent", type=float, metavar="X", default=0.75, help="Noise words are drawn by count to this power (ns)."
)
@model(
    "--sample",
    type=float,
    metavar="X",
    default=1e-3,
    help="Drop words more frequent than this share at random; 0 keeps all.",
)
@training("--epochs", type=int, metavar="N", default=5, help="Passes over the text.")
@training("--lr", type=float, metavar="X", show_default="0.025; cbow 0.05", help="Learning rate at the start.")
@training("--min-lr", type=float, metavar="X", show_default="0.0001", help="Learning rate at the end.")
@training(
    "--init",
    metavar="VECTORS",
    type=click.Path(),
    help="Start from the vectors of this file, for the words it has; others start at random.",
)
@training(
    "--threads",
    **THREADS,
    help="Threads. One thread and one seed give the same bytes again.",
)
@training(
    "--seed", type=click.IntRange(min=0), metavar="N", default=1, help="Seed of everything that is drawn at random."
)
@reading("--tokenizer", type=click.Choice(TOKENIZERS), default="whitespace", help="How a line falls into words.")
@reading("--lowercase", is_flag=True, help="Fold all words to lower case.")
@reading("--min-count", type=int, metavar="N", default=5, help="Ignore words that occur less often.")
@reading("--max-vocab", metavar="N", type=int, help="Keep only the N most frequent words.")
@reading("--read-vocab", metavar="FILE", type=click.Path(), help="Use this vocabulary instead of counting one.")
@reading(
    "--encoding-errors",
    type=click.Choice(ENCODING_ERRORS),
    default="strict",
    help="What to do with bytes that are not UTF-8; strict stops and says where.",
)
@reading("--memory", type=MemorySize(), default="4GiB", help="Word ids beyond this size go to a temporary file.")
@click.pass_context
def train_w2v(ctx: click.Context, **options: Any) -> None:
    """Train word vectors with word2vec.

    INPUT is any number of files, directories (all files below), quoted globs, or - for standard input; .gz, .bz2
    and .xz are decompressed. Text is UTF-8, a line is a document, and windows do not cross its end.
    """
    from embedkit.models.word2vec.parameters import Word2VecParameters

    job = TrainingJob(
        inputs=options["inputs"],
        output=options["output"],
        parameters=Word2VecParameters(
            vector_size=options["vector_size"],
            window=options["window"],
            architecture=options["arch"],
            loss=options["loss"],
            negative=options["negative"],
            ns_exponent=options["ns_exponent"],
            sample=options["sample"],
            shrink_windows=not options["no_dynamic_window"],
            cbow_mean=not options["cbow_sum"],
            learning_rate=options["lr"],
            min_learning_rate=options["min_lr"],
            epochs=options["epochs"],
        ),
        threads=options["threads"],
        seed=options["seed"],
        format=options["output_format"],
        tokenizer=options["tokenizer"],
        lowercase=options["lowercase"],
        min_count=options["min_count"],
        max_vocab=options["max_vocab"],
        memory=options["memory"],
        encoding_errors=options["encoding_errors"],
        save_vocab=options["save_vocab"],
        read_vocab=options["read_vocab"],
        init=options["init"],
        save_output_vectors=options["save_output_vectors"],
    )
    with reporting(quiet=options["quiet"]) as progress:
        for text in _without_effect(ctx, options):
            progress.note(text)
        report = train_vectors(job, progress)
        for text in report.notes:
            progress.note(text)
    if options["as_json"]:
        print_json(asdict(report))
    elif not options["quiet"]:
        note(summary(report))


def summary(report: TrainingReport) -> str:
    """What was made, how long it took, and what to do with it."""
    memory = f", at most {report.peak_rss_mb:,.0f} MB of memory" if report.peak_rss_mb is not None else ""
    output = shlex.quote(report.output)
    return (
        f"wrote {plural(report.vocabulary, 'vector')} of size {report.parameters['vector_size']} to {report.output}\n"
        f"trained in {duration_text(report.seconds['training'])}, {report.words_per_second:,.0f} words/s{memory}\n"
        f"Next:\n"
        f"  embedkit neighbors {output} WORD\n"
        f"  embedkit info {output}"
    )


def _without_effect(ctx: click.Context, options: dict[str, Any]) -> list[str]:
    """Name the options that were given but cannot matter, so that nobody trusts them."""
    idle = []
    if options["arch"] != "cbow":
        idle += [("cbow_sum", "--cbow-sum", "--arch cbow")]
    if options["loss"] != "ns":
        idle += [("negative", "--negative", "--loss ns"), ("ns_exponent", "--ns-exponent", "--loss ns")]
    return [
        f"{name} has no effect without {needed}"
        for key, name, needed in idle
        if ctx.get_parameter_source(key) is ParameterSource.COMMANDLINE
    ]
