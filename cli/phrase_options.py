"""The options about phrases, and joining them while a text is prepared."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.options import given_options, grouped
from embedkit_cli.output import count_text, duration_text, plural, printable
from embedkit_cli.progress import Progress, Step

from embedkit.errors import ParameterError

if TYPE_CHECKING:
    from embedkit.text.encoding import EncodedCorpus
    from embedkit.text.phrases import JoinedCorpus, PhraseProgress, PhraseSettings

__all__ = ["PHRASE_OPTIONS", "PHRASE_SCORINGS", "PhraseOptions", "phrase_options", "phrases_report"]

# Written out here, since its home imports numpy; a test holds them equal.
PHRASE_SCORINGS = ("word2phrase", "gensim", "npmi")

# What the help names that `PhraseOptions` is made of.
PHRASE_OPTIONS = (
    "phrases",
    "phrase_threshold",
    "phrase_scoring",
    "phrase_min_count",
    "phrase_connectors",
    "phrase_delimiter",
)

# How the command line calls what `PhraseSettings` checks.
SETTING_OPTIONS = {
    "min_count": "--phrase-min-count",
    "threshold": "--phrase-threshold",
    "passes": "--phrases",
    "delimiter": "--phrase-delimiter",
}

N_EXAMPLES = 5

phrase_group = grouped("Phrases")


class Passes(click.ParamType):
    """How many passes: a whole number from 0. The option may stand alone, and takes what follows for its number."""

    name = "passes"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value)
        if not (text.isascii() and text.isdigit() and len(text) <= 9):
            self.fail(f"{text!r} is not a number of passes; write --phrases 1, or --phrases behind INPUT", param, ctx)
        return int(text)


@dataclass(frozen=True)
class PhraseOptions:
    """Whether and how phrases are joined."""

    passes: int = 0
    threshold: float | None = None
    scoring: str = "word2phrase"
    min_count: int = 5
    connectors: str | None = None
    delimiter: str = "_"
    idle: tuple[str, ...] = ()  # given, but without --phrases

    def settings(self) -> "PhraseSettings | None":
        """What makes a phrase, checked; None if none is joined."""
        if not self.passes:
            return None
        from embedkit.text.phrases import ENGLISH_CONNECTOR_WORDS, PhraseSettings

        connectors = self.connectors or ""
        words = frozenset(map(str.strip, connectors.split(","))) - {""}
        if connectors.strip().casefold() == "english":
            words = ENGLISH_CONNECTOR_WORDS
        settings = PhraseSettings(
            self.min_count, self.threshold, self.scoring, self.passes, self.delimiter, connector_words=words
        )
        try:
            settings.validate()
        except ParameterError as error:
            raise ParameterError(_in_options(str(error))) from error
        return settings

    def join(
        self, encoded: "EncodedCorpus", progress: Progress, *, threads: int, **keep: Any
    ) -> "EncodedCorpus | JoinedCorpus":
        """Join phrases and report on it; `keep` says which words `join_phrases` keeps."""
        for option in self.idle:
            progress.note(f"{option} has no effect without --phrases")
        settings = self.settings()
        if settings is None:
            return encoded
        from embedkit.text.phrases import join_phrases

        joined = join_phrases(
            encoded, settings, n_threads=threads, on_progress=lambda step: progress.show(phrase_step(step)), **keep
        )
        progress.finish(_joined_text(joined, settings.least_score))
        return joined

    @property
    def parameters(self) -> dict[str, Any]:
        """What a report says of phrases; nothing if none is joined."""
        settings = self.settings()
        if settings is None:
            return {}
        return {
            "phrases": settings.passes,
            "phrase_threshold": settings.least_score,
            "phrase_scoring": settings.scoring,
            "phrase_min_count": settings.min_count,
            "phrase_connectors": sorted(settings.connector_words),
            "phrase_delimiter": settings.delimiter,
        }


def phrase_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options about phrases, which arrive as one `PhraseOptions` named ``phrases``."""

    @phrase_group(
        "--phrases",
        type=Passes(),
        metavar="[PASSES]",
        is_flag=False,
        flag_value=1,
        default=0,
        show_default="off; 1 pass",
        help="Make words that belong together one: new_york. Each further pass joins longer ones: new_york_times.",
    )
    @phrase_group(
        "--phrase-threshold",
        type=float,
        metavar="X",
        show_default="100; gensim 10, npmi 0.5",
        help="The score that a phrase exceeds.",
    )
    @phrase_group(
        "--phrase-scoring",
        type=click.Choice(PHRASE_SCORINGS),
        default="word2phrase",
        help="The score: of word2phrase, of gensim, or normalised pointwise mutual information, from -1 to 1.",
    )
    @phrase_group(
        "--phrase-min-count", type=int, metavar="N", default=5, help="Pairs that occur less often are no phrases."
    )
    @phrase_group(
        "--phrase-connectors",
        metavar="WORDS",
        help="Words that may stand inside a phrase, with commas between, or english: bank_of_america.",
    )
    @phrase_group("--phrase-delimiter", metavar="TEXT", default="_", help="What stands between the words of a phrase.")
    @wraps(function)
    def command(**options: Any) -> None:
        values = {name: options.pop(name) for name in PHRASE_OPTIONS}
        passes = values.pop("phrases")
        given = given_options()
        idle = () if passes else tuple(given[name] for name in values if name in given)
        settings = {name.removeprefix("phrase_"): value for name, value in values.items()}
        function(phrases=PhraseOptions(passes, **settings, idle=idle), **options)

    return command


def _in_options(message: str) -> str:
    """A message that begins with ``name=value:``, with the option in the place of the name."""
    name, _, rest = message.partition("=")
    return f"{SETTING_OPTIONS[name]} {rest}" if name in SETTING_OPTIONS else message


def phrases_report(encoded: "EncodedCorpus") -> dict[str, Any] | None:
    """What ``--json`` tells of the phrases of a text; None if none was to be joined."""
    from embedkit.text.phrases import JoinedCorpus

    if not isinstance(encoded, JoinedCorpus):
        return None
    return {
        "found": len(encoded.phrases),
        "joined": encoded.n_joined,
        "examples": encoded.most_joined(N_EXAMPLES),
    }


def phrase_step(step: "PhraseProgress") -> Step:
    """How far the phrases are."""
    return Step(
        f"phrases, pass {step.turn}/{step.passes}",
        step.fraction,
        f"{count_text(step.phrases)} found",
        step.seconds,
    )


def _joined_text(joined: "JoinedCorpus", least_score: float) -> str:
    if not len(joined.phrases):
        return f"no phrase scores above {least_score:g}: lower --phrase-threshold or --phrase-min-count to have some"
    examples = ", ".join(map(printable, joined.most_joined(N_EXAMPLES)))
    return (
        f"joined {plural(joined.n_joined, 'phrase')}, {len(joined.phrases):,} different, in "
        f"{duration_text(joined.phrase_seconds)}: {examples}"
    )
