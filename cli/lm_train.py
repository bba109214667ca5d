"""`embedkit lm train`: an n-gram language model of the user's own text."""

import shlex
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.lm_options import (
    Numbers,
    NumbersCommand,
    ngrams_text,
    reading,
    speaking_of_options,
    text_encoding_option,
)
from embedkit_cli.lm_outputs import check_model_output, model_output_option, quantize_option, write_model
from embedkit_cli.options import SMOOTHINGS, THREADS, MemorySize, given_options, grouped
from embedkit_cli.output import bytes_text, duration_text, plural
from embedkit_cli.progress import Progress, Step, time_left
from embedkit_cli.report import Reporter, RunReport, report_options
from embedkit_cli.text_input import TextInput, reading_step
from embedkit_cli.tokenizer_options import tokenizer_options

if TYPE_CHECKING:
    from embedkit_cli.outputs import NamedPaths

    from embedkit.lm.counting import CountingProgress, NgramCounts
    from embedkit.lm.parameters import LanguageModelParameters
    from embedkit.lm.training import TextSettings, TrainedLanguageModel
    from embedkit.text.corpus import Corpus
    from embedkit.text.encoding import EncodedCorpus

__all__ = ["train"]

output_option = grouped("Output")
model = grouped("Model")
discounts = grouped("Smoothing")
pruning = grouped("Pruning")
counting = grouped("Counting")


@click.command(
    cls=NumbersCommand,
    examples=[
        "embedkit lm train corpus.txt -o model.lm",
        "embedkit lm train 'news/*.txt.gz' -o news.arpa.gz --order 5 --prune 0 0 1",
        "embedkit lm train corpus.txt -o model.lm --vocab words.txt --quantize 8",
        "zcat corpus.gz | embedkit lm train - -o model.lm --smoothing witten-bell",
    ],
)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=click.Path(allow_dash=True))
@model_output_option
@quantize_option
@output_option(
    "--save-counts", metavar="FILE", type=click.Path(), help="Also write the n-grams and how often each occurs."
)
@report_options
@model("--order", type=int, metavar="N", default=3, help="Words of the longest n-grams.")
@model(
    "--smoothing",
    type=click.Choice(SMOOTHINGS),
    metavar="METHOD",
    default="modified-kneser-ney",
    help=f"{', '.join(SMOOTHINGS[:-1])} or {SMOOTHINGS[-1]}.",
)
@model(
    "--interpolated/--backed-off",
    default=None,
    show_default="interpolated, where a method allows both",
    help="Whether n-grams that occur take a share of the probability of shorter ones, too.",
)
@model(
    "--interpolate-unigrams/--no-interpolate-unigrams",
    default=True,
    help="Whether words take a share of the uniform distribution.",
)
@discounts(
    "--discount",
    type=Numbers(float),
    metavar="X [X X]",
    help="Take this off each count, instead of what the counts tell; of modified-kneser-ney for the counts 1, 2, 3 "
    "or more.",
)
@discounts(
    "--no-discount-fallback",
    is_flag=True,
    help="Fail where the counts tell no discount, instead of taking fixed ones and saying so.",
)
@discounts("--gamma", type=float, metavar="X", default=1.0, help="What lidstone adds to each count.")
@discounts(
    "--alpha", type=float, metavar="X", default=0.4, help="What stupid-backoff multiplies by for each shorter context."
)
@discounts(
    "--weights",
    type=Numbers(float),
    metavar="X X...",
    help="Weights of jelinek-mercer, one for each order from 1, instead of those that suit held-out text.",
)
@discounts(
    "--held-out",
    metavar="TEXT",
    type=click.Path(),
    help="Text for the weights of jelinek-mercer.  [default: one sentence in 20]",
)
@pruning(
    "--prune",
    type=Numbers(int),
    metavar="N N...",
    help="Leave out n-grams of order 1, 2, ... that occur at most so often; the last number is for all longer ones.",
)
@pruning(
    "--entropy-threshold",
    type=float,
    metavar="X",
    help="Leave out n-grams without which the perplexity grows by less than this share, such as 1e-8.",
)
@tokenizer_options(reading)
@reading("--lowercase", is_flag=True, help="Fold all words to lower case.")
@reading("--vocab", metavar="FILE", type=click.Path(), help="Know only the words of this file, one a line.")
@reading(
    "--min-count", type=click.IntRange(min=0), metavar="N", default=1, help="Words that occur less often are <unk>."
)
@reading(
    "--max-vocab",
    type=click.IntRange(min=1),
    metavar="N",
    help="Know only the N most frequent words; others are <unk>.",
)
@reading("--skip-symbols", is_flag=True, help="Leave out <s>, </s> and <unk> where the text has them as words.")
@text_encoding_option
@counting(
    "--memory",
    type=MemorySize(),
    default="4GiB",
    help="Room for words and n-grams; what is larger goes to temporary files.",
)
@counting("--threads", **THREADS, help="Threads; the model does not depend on them.")
def train(inputs: tuple[str, ...], reporter: Reporter, **options: Any) -> None:
    """Train an n-gram language model.

    INPUT is any number of files, directories (all files below), quoted globs, or - for standard input; .gz, .bz2
    and .xz are decompressed. Text is UTF-8, a line is a sentence, and lines without a word are passed over.

    Several numbers stand behind an option as they are (--prune 0 0 1) or with commas (--prune 0,0,1).
    """
    from embedkit.lm.parameters import LanguageModelParameters

    parameters = LanguageModelParameters(
        order=options["order"],
        smoothing=options["smoothing"],
        interpolated=options["interpolated"],
        interpolate_unigrams=options["interpolate_unigrams"],
        discount=_discount(options["discount"]),
        discount_fallback=not options["no_discount_fallback"],
        gamma=options["gamma"],
        alpha=options["alpha"],
        weights=options["weights"],
        prune=options["prune"],
        entropy_threshold=options["entropy_threshold"],
    )
    text = TextInput(
        inputs,
        tokenizer=options["tokenizer"],
        lowercase=options["lowercase"],
        min_count=options["min_count"],
        max_vocab=options["max_vocab"],
        encoding_errors=options["encoding_errors"],
        memory=options["memory"],
    )
    names = ("output", "quantize", "save_counts", "held_out", "vocab", "skip_symbols", "threads")
    job = LanguageModelJob(text, parameters, **{name: options[name] for name in names})
    reporter.run(lambda progress, complete: train_model(job, progress, complete), notes=_without_effect(options))


def _discount(values: list[float] | None) -> float | list[float] | None:
    return values[0] if values is not None and len(values) == 1 else values


def _without_effect(options: dict[str, Any]) -> list[str]:
    """Name the options that were given but cannot matter, so that nobody trusts them."""
    smoothing = options["smoothing"]
    idle = []
    if smoothing != "lidstone":
        idle.append(("gamma", "without --smoothing lidstone"))
    if smoothing != "stupid-backoff":
        idle.append(("alpha", "without --smoothing stupid-backoff"))
    if smoothing != "jelinek-mercer":
        idle.append(("held_out", "without --smoothing jelinek-mercer"))
    elif options["weights"] is not None:
        idle.append(("held_out", "with --weights"))
    if smoothing in ("lidstone", "laplace", "maximum-likelihood", "stupid-backoff"):
        idle.append(("interpolate_unigrams", f"with --smoothing {smoothing}"))
    if options["discount"] is not None:
        idle.append(("no_discount_fallback", "with --discount"))
    if options["vocab"] is not None:
        idle += [("min_count", "with --vocab"), ("max_vocab", "with --vocab")]
    given = given_options()
    return [f"{given[name]} has no effect {why}" for name, why in idle if name in given]


@dataclass(frozen=True)
class LanguageModelJob:
    """Everything a run needs to know before it starts."""

    text: TextInput
    parameters: "LanguageModelParameters"
    output: str
    quantize: str | None
    save_counts: str | None
    held_out: str | None
    vocab: str | None
    skip_symbols: bool
    threads: int

    def settings(self) -> "TextSettings":
        """Which words the model knows, the closed vocabulary read."""
        from embedkit.lm.training import TextSettings, load_word_list

        return TextSettings(
            tokenizer=self.text.tokenizer,
            lowercase=self.text.lowercase,
            min_count=self.text.min_count,
            max_vocab=self.text.max_vocab,
            vocabulary=None if self.vocab is None else load_word_list(self.vocab),
            skip_symbols=self.skip_symbols,
        )


@dataclass(frozen=True, kw_only=True)
class LanguageModelReport(RunReport):
    """What a run did, as `--json` prints it."""

    order: int
    n_ngrams: list[int]
    unknown_words: int
    discounts: list[list[float]] | None
    weights: list[float] | None
    bytes: int
    spilled_bytes: int

    def summary(self) -> str:
        path = shlex.quote(self.output)
        unknown = ""
        if self.unknown_words and self.words:
            share = f"{self.unknown_words / self.words:.2%}"
            unknown = f"; {plural(self.unknown_words, 'word')} of the text ({share}) outside it, counted as <unk>"
        lines = [
            f"wrote {self.output} ({bytes_text(self.bytes)}): order {self.order}, {ngrams_text(self.n_ngrams)}, "
            f"{self.parameters['smoothing']}",
            f"vocabulary of {plural(self.vocabulary, 'word')}{unknown}",
        ]
        if self.parameters["smoothing"] == "stupid-backoff":
            lines.append("its answers are scores, not probabilities: they do not sum to 1, and give no perplexity")
        if self.discounts and all(self.discounts):
            lines.append(f"discounts {'; '.join(' '.join(f'{one:.4g}' for one in level) for level in self.discounts)}")
        if self.weights:
            lines.append(f"weights {' '.join(f'{one:.4g}' for one in self.weights)}")
        stages = ", ".join(f"{stage} {duration_text(seconds)}" for stage, seconds in self.seconds.items())
        spilled = f", {bytes_text(self.spilled_bytes)} in temporary files" if self.spilled_bytes else ""
        return "\n".join(
            [
                *lines,
                f"{stages}{self.memory_text}{spilled}",
                "Next:",
                f"  embedkit lm perplexity {path} TEXT",
                f"  embedkit lm next {path} CONTEXT",
            ]
        )


def train_model(job: LanguageModelJob, progress: Progress, complete: list[str]) -> LanguageModelReport:
    """Train a language model and write it.

    All that can be known to fail is found out before the text is read. Each output is added to `complete` when it is.
    """
    from embedkit.lm.training import train_language_model

    parameters = job.parameters
    with speaking_of_options():
        parameters.validate()
    corpus = job.text.open()
    held_out = _held_out(job)
    _check_outputs(job, corpus, held_out)
    settings = job.settings()

    def counted(counts: "NgramCounts") -> None:
        progress.finish(f"counted {ngrams_text(counts.trie.n_ngrams)}")
        if job.save_counts is not None:
            _save_counts(counts, job.save_counts, progress, job.threads)
            complete.append(job.save_counts)
        progress.show(Step("estimating", None, parameters.smoothing, 0.0))

    trained = train_language_model(
        corpus,
        parameters,
        settings,
        held_out=held_out,
        n_threads=job.threads,
        memory=job.text.memory,
        on_reading=lambda step: progress.show(reading_step(step)),
        on_read=lambda encoded: progress.finish(_corpus_text(encoded)),
        on_counting=lambda step: progress.show(counting_step(step)),
        on_counts=counted,
    )
    started = time.monotonic()
    n_bytes = write_model(trained.model, job.output, job.quantize, progress, threads=job.threads)
    complete.append(job.output)
    trained.seconds["writing"] = time.monotonic() - started
    return _report(job, trained, n_bytes)


def _report(job: LanguageModelJob, trained: "TrainedLanguageModel", n_bytes: int) -> LanguageModelReport:
    made = trained.model
    return LanguageModelReport(
        output=job.output,
        words=trained.n_words,
        documents=trained.n_sentences,
        vocabulary=made.trie.n_words - 3,
        seconds=trained.seconds,
        parameters={
            **asdict(job.parameters),
            "interpolated": job.parameters.interpolates,
            **job.text.parameters,
            "vocab": job.vocab,
            "skip_symbols": job.skip_symbols,
            "quantize": None if job.quantize is None else int(job.quantize),
        },
        threads=job.threads,
        order=made.order,
        n_ngrams=made.n_ngrams,
        unknown_words=trained.n_unknown,
        discounts=made.facts.get("discounts"),
        weights=made.facts.get("weights"),
        bytes=n_bytes,
        spilled_bytes=trained.spilled_bytes,
    )


def _held_out(job: LanguageModelJob) -> "Corpus | None":
    """The text for weights, if they are to be found."""
    from embedkit.text.corpus import Corpus

    if job.held_out is None or job.parameters.smoothing != "jelinek-mercer":
        return None
    return Corpus.from_paths([job.held_out], encoding_errors=job.text.encoding_errors)


def _check_outputs(job: LanguageModelJob, corpus: "Corpus", held_out: "Corpus | None") -> None:
    """Find out before the work whether every output can be written and overwrites nothing of the run."""
    read: NamedPaths = [
        *(("the input", path) for path in corpus.files),
        *(("--held-out", path) for path in (held_out.files if held_out is not None else [])),
        ("--vocab", job.vocab),
    ]
    check_model_output(
        job.output,
        job.quantize,
        read,
        files=[("--save-counts", job.save_counts)],
        smoothing=job.parameters.smoothing,
    )


def _save_counts(counts: "NgramCounts", path: str, progress: Progress, threads: int) -> None:
    from embedkit.lm.arpa_writer import save_counts

    progress.show(Step("writing", None, path, 0.0))
    save_counts(counts, path, n_threads=threads)
    progress.finish(f"wrote the counts to {path}")


def _corpus_text(encoded: "EncodedCorpus") -> str:
    rate = f", {encoded.n_bytes / encoded.seconds / 1e6:.0f} MB/s" if encoded.n_bytes >= 1e6 else ""
    return (
        f"read {plural(encoded.n_words, 'word')} in {plural(encoded.n_documents, 'sentence')} "
        f"({bytes_text(encoded.n_bytes)} in {duration_text(encoded.seconds)}{rate})"
    )


def counting_step(step: "CountingProgress") -> Step:
    """How far the counting is."""
    left = time_left(step.fraction, step.seconds)
    return Step(
        "counting", step.fraction, f"{step.stage} n-grams{left if step.stage == 'sorting' else ''}", step.seconds
    )
