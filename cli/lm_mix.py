"""`embedkit lm mix`: one language model for several, with weights that are given or that suit a text."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.lm_options import (
    Numbers,
    NumbersCommand,
    load_language_model,
    ngrams_text,
    reading,
    speaking_of_options,
    text_encoding_option,
)
from embedkit_cli.lm_outputs import check_model_output, model_output_option, quantize_option, write_model
from embedkit_cli.options import THREADS, grouped
from embedkit_cli.output import bytes_text, print_json, print_table
from embedkit_cli.progress import Progress, Step, reporting
from embedkit_cli.tokenizer_options import tokenizer_options

from embedkit import __version__
from embedkit.errors import ParameterError

if TYPE_CHECKING:
    from embedkit.lm.mixing import Mixture
    from embedkit.lm.model import NgramModel
    from embedkit.text.corpus import Corpus

__all__ = ["mix"]

weighing = grouped("Weights")
output = grouped("Output")


@click.command(
    cls=NumbersCommand,
    examples=[
        "embedkit lm mix news.arpa mail.arpa --tune dev.txt -o mixed.arpa",
        "embedkit lm mix news.lm mail.lm chat.lm --weights 0.5 0.3 0.2 -o mixed.lm",
    ],
)
@click.argument("paths", metavar="MODEL MODEL...", nargs=-1, required=True, type=click.Path())
@model_output_option
@quantize_option
@output("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@output("-q", "--quiet", is_flag=True, help="Say nothing but errors and the table.")
@weighing("--tune", metavar="TEXT", type=click.Path(allow_dash=True), help="Find the weights that suit this text best.")
@weighing(
    "--weights",
    type=Numbers(float),
    metavar="X X...",
    help="A weight for each model; they sum to 1.",
)
@weighing("--threads", **THREADS, help="Threads; the model does not depend on them.")
@tokenizer_options(reading, default=None, show_default="as the models were trained")
@reading(
    "--lowercase/--no-lowercase",
    default=None,
    show_default="as the models were trained",
    help="Whether all words are folded to lower case.",
)
@text_encoding_option
def mix(
    paths: tuple[str, ...],
    output: str,
    quantize: str | None,
    as_json: bool,
    quiet: bool,
    tune: str | None,
    weights: list[float] | None,
    threads: int,
    tokenizer: str | None,
    lowercase: bool | None,
    encoding_errors: str,
) -> None:
    """Mix language models into one.

    The probabilities are the weighted means of those of the models, which are native or ARPA files; the weights are
    given by --weights, or found for the text --tune, in which a line is a sentence.

    Into a pipe go lines of model TAB weight TAB perplexity of the text, or a dash with --weights; then one of the
    mixture.
    """
    from embedkit_cli.outputs import completed_outputs

    from embedkit.text.corpus import Corpus

    if (tune is None) == (weights is None):
        how = "were both given" if tune is not None else "are both missing"
        raise click.UsageError(f"--tune and --weights {how}: give one of the two.")
    with speaking_of_options():
        _check_models(paths, weights)
    corpus = None if tune is None else Corpus.from_paths([tune], encoding_errors=encoding_errors)
    read = [*(("the model", path) for path in paths), *(("--tune", path) for path in (corpus.files if corpus else []))]
    check_model_output(output, quantize, read)
    job = MixJob(paths, output, quantize, corpus, weights, tokenizer, lowercase, threads)
    with reporting(quiet=quiet) as progress, completed_outputs(), speaking_of_options():
        report = run(job, progress)
    if as_json:
        print_json(report.as_dict())
        return
    rows = [(path, *one) for path, one in zip(job.paths, report.rows(), strict=True)]
    print_table(("model", "weight", "perplexity"), [*rows, None, ("mixture", 1.0, report.perplexity)])


@dataclass(frozen=True)
class MixJob:
    """Everything a run needs to know before it starts."""

    paths: tuple[str, ...]
    output: str
    quantize: str | None
    corpus: "Corpus | None"
    weights: list[float] | None
    tokenizer: str | None
    lowercase: bool | None
    threads: int


@dataclass(frozen=True)
class MixReport:
    """What a run did."""

    job: MixJob
    weights: list[float]
    mixture: "Mixture | None"  # None if the weights were given
    n_ngrams: list[int]
    n_bytes: int

    @property
    def perplexity(self) -> float | None:
        """Of the text, by the mixture."""
        return None if self.mixture is None else _finite(self.mixture.perplexity)

    def rows(self) -> list[tuple[float, float | None]]:
        """Weight of each model, and perplexity of the text by it alone."""
        alone = [None] * len(self.weights) if self.mixture is None else map(_finite, self.mixture.perplexities)
        return list(zip(self.weights, alone, strict=True))

    def as_dict(self) -> dict[str, Any]:
        """The figures for JSON."""
        models = zip(self.job.paths, self.rows(), strict=True)
        return {
            "embedkit": __version__,
            "output": self.job.output,
            "bytes": self.n_bytes,
            "order": len(self.n_ngrams),
            "n_ngrams": self.n_ngrams,
            "models": [{"model": path, "weight": row[0], "perplexity": row[1]} for path, row in models],
            "perplexity": self.perplexity,
            "rounds": None if self.mixture is None else self.mixture.rounds,
            "threads": self.job.threads,
        }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _check_models(paths: tuple[str, ...], weights: list[float] | None) -> None:
    """Find out what cannot work before a model is read."""
    if len(paths) < 2:
        raise ParameterError(f"MODEL {paths[0]}: expected two models or more to mix")
    if weights is not None:
        good = all(math.isfinite(one) and one >= 0 for one in weights) and abs(sum(weights) - 1) <= 1e-6
        if len(weights) != len(paths) or not good:
            raise ParameterError(f"weights={weights!r}: expected {len(paths)} numbers from 0, with the sum 1")


def run(job: MixJob, progress: Progress) -> MixReport:
    """Find the weights, mix and write."""
    from embedkit.lm.mixing import mix_models, mixture_weights

    models = []
    for path in job.paths:
        model = load_language_model(path, progress, threads=job.threads)
        if model.scheme != "backoff":
            raise ParameterError(
                f"{path} is a model of {model.facts.get('smoothing', model.scheme)}, expected models that back off by "
                "weights; train it with another smoothing"
            )
        models.append(model)
    mixture = None
    if job.corpus is not None:
        progress.show(Step("weighing", None, str(job.corpus), 0.0))
        settings = _text_settings(job, models)
        mixture = mixture_weights(models, job.corpus, **settings, n_threads=job.threads)
    weights = mixture.weights if mixture is not None else job.weights or []
    progress.show(Step("mixing", None, f"{len(models)} models", 0.0))
    mixed = mix_models(
        models,
        weights,
        n_threads=job.threads,
        on_progress=lambda done: progress.show(Step("mixing", done, f"{len(models)} models", 0.0)),
    )
    mixed.facts |= {name: value for name, value in _given(job).items() if value is not None}
    n_bytes = write_model(mixed, job.output, job.quantize, progress, threads=job.threads)
    progress.finish(f"wrote {job.output} ({bytes_text(n_bytes)}): order {mixed.order}, {ngrams_text(mixed.n_ngrams)}")
    return MixReport(job, weights, mixture, mixed.n_ngrams, n_bytes)


def _given(job: MixJob) -> dict[str, Any]:
    return {"tokenizer": job.tokenizer, "lowercase": job.lowercase}


def _text_settings(job: MixJob, models: "list[NgramModel]") -> dict[str, Any]:
    """Tokenizer and case of the text: those given, or those that the models agree on."""
    settings = {}
    for name, value in _given(job).items():
        known = {model.facts[name] for model in models if name in model.facts}
        if value is None and len(known) > 1:
            shown = " and ".join(sorted(map(str, known)))
            raise ParameterError(
                f"the models were trained with {name} {shown}; say by --{name} how the text of --tune becomes words"
            )
        if value is not None or known:
            settings[name] = value if value is not None else known.pop()
    return settings
