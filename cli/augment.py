"""`embedkit augment`: a table of texts, with new texts made of them."""

import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.options import SEED, THREADS, Command, given_options, grouped
from embedkit_cli.output import print_json
from embedkit_cli.progress import Progress, reporting
from embedkit_cli.table_input import TableInput, table_options
from embedkit_cli.tokenizer_options import tokenizer_options

from embedkit import __version__
from embedkit.errors import EmbedkitError, OutputError, ParameterError

if TYPE_CHECKING:
    from embedkit.augment import Augmenter

__all__ = ["augment"]

# Written out here, since their home imports scikit-learn; a test holds them equal.
MIXTURES = ("halves", "sentences")
SHARES = ("alpha_sr", "alpha_ri", "alpha_rs", "p_rd")
LEFT_ALONE = ("stop_words", "protect", "protect_file")
CHINESE_OPTIONS = {"tokenizer": "--tokenizer zh", "lexicon": "--lexicon FILE", "stop_words": "--stop-words chinese"}
# What each method has a use for, of the options that not all have.
METHODS: dict[str, tuple[str, ...]] = {
    "eda": ("alpha", *SHARES, "lexicon", "lexicon_encoding", *LEFT_ALONE),
    "aeda": ("alpha",),
    "noise": ("alpha", *LEFT_ALONE),
    "keyboard": ("alpha", *LEFT_ALONE),
    "mix": ("how",),
}
NEW_TEXTS = 4
output_option = grouped("Output")
making = grouped("New texts")
reading = grouped("Input")

share = click.FloatRange(0.0, 1.0)


@click.command(
    cls=Command,
    examples=[
        "embedkit augment train.csv --n 4 --alpha 0.1 -o augmented.csv",
        "embedkit augment train.tsv --text 1 --label 2 --balance -o balanced.tsv",
        "embedkit augment train.jsonl --method aeda -o augmented.jsonl --threads 4",
        "embedkit augment zh.tsv --tokenizer zh --stop-words chinese --lexicon cilin.txt \\\n"
        "      --lexicon-encoding gb18030 -o augmented.tsv",
    ],
)
@click.argument("table_path", metavar="INPUT", type=click.Path(allow_dash=True))
@output_option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(),
    help="Where the rows go, in UTF-8; .csv, .tsv or .jsonl names a format.  [default: standard output]",
)
@output_option("--no-originals", is_flag=True, help="Only the new texts, without those they were made of.")
@output_option("--json", "as_json", is_flag=True, help="Print one JSON object about the run on standard output.")
@output_option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@making("--method", type=click.Choice(tuple(METHODS)), default="eda", help="How new texts are made.")
@making("--n", type=click.IntRange(min=1), metavar="N", default=NEW_TEXTS, help="New texts of each text, at most.")
@making("--balance", is_flag=True, help="As many new texts of a class as make it as large as the largest.")
@making(
    "--alpha", type=share, metavar="A", show_default="0.1, aeda: 1/3", help="Share of the words of a text that change."
)
@making("--alpha-sr", type=share, metavar="A", show_default="--alpha", help="eda: share replaced by a synonym.")
@making("--alpha-ri", type=share, metavar="A", show_default="--alpha", help="eda: share inserted, as synonyms.")
@making("--alpha-rs", type=share, metavar="A", show_default="--alpha", help="eda: share swapped.")
@making("--p-rd", type=share, metavar="P", show_default="--alpha", help="eda: probability that a word is deleted.")
@making(
    "--lexicon",
    metavar="SOURCE",
    default="wordnet",
    help="eda: wordnet, wordnet:PATH, wn:NAME, or a file: TSV, JSON, Cilin or word vectors.",
)
@making("--lexicon-encoding", metavar="NAME", default="utf-8", help="Of a lexicon's file, such as gb18030.")
@making("--how", type=click.Choice(MIXTURES), default="halves", help="mix: what new texts take of two.")
@making(
    "--stop-words",
    metavar="SOURCE",
    default="english",
    help="Words left alone: english, chinese, none, or a file of them, one a line.",
)
@making("--protect", metavar="WORD", multiple=True, help="Leave this word alone as well; may be given again.")
@making("--protect-file", metavar="FILE", type=click.Path(), help="Leave these words alone as well, one a line.")
@making("--seed", **SEED, help="Of the random numbers.")
@making(
    "--threads",
    **{**THREADS, "default": 1, "show_default": True},
    help="Processes, worth their start for 100,000s of texts. The new texts do not depend on them.",
)
@tokenizer_options(reading, default="words")
@table_options()
def augment(
    table_path: str,
    table: TableInput,
    output: str | None,
    no_originals: bool,
    as_json: bool,
    quiet: bool,
    method: str,
    n: int,
    balance: bool,
    tokenizer: str,
    seed: int,
    threads: int,
    **settings: Any,
) -> None:
    """Make new texts of the texts of a table, to train on.

    INPUT is a table with a column of texts, or plain text with --format lines; - is standard input. Each row is
    written as it is, then again with each of its new texts; all other columns stay. It is read as it comes, so that it
    may be larger than memory, but for --method mix.

    Of --method, eda replaces or inserts synonyms, and swaps or deletes words; aeda puts punctuation between words;
    noise changes single characters; keyboard strikes a key beside the right one; mix joins parts of two texts of one
    label.

    Augment training data only, after test data were split off.
    """
    from embedkit_cli.augment_run import Augmentation
    from embedkit_cli.outputs import check_outputs, completed_outputs

    from embedkit.text.files import replace_file

    given = given_options()
    check_options(given, method, balance=balance)
    output = None if output == "-" else output
    if output is None and as_json:
        raise OutputError("--json and the rows would mix on standard output; name a file with --output")
    if output is None and sys.stdout is None:
        raise OutputError("standard output is closed, and there would be no rows; name a file with --output")
    read = [(option, settings[option]) for option in ("lexicon", "stop_words", "protect_file")]
    files = [(f"--{option.replace('_', '-')}", path) for option, path in read if path and Path(path).exists()]
    check_outputs([("the input", table_path), *files], files=[("--output", output)])
    recipe = Recipe(method, tokenizer, seed, **settings)
    grouped_by_label = balance or method == "mix"
    job = Augmentation(
        table_path,
        table,
        recipe.augmenter,
        n,
        label=table.label if "label" in given or grouped_by_label else None,
        grouped=grouped_by_label,
        balance=balance,
        originals=not no_originals,
        threads=threads,
        notice=recipe.chinese_notice(given),
    )
    with reporting(quiet=quiet) as progress:
        if output is None:
            job.run(sys.stdout.buffer, None, Progress(), progress.note)
            return
        with completed_outputs(), replace_file(output) as out:
            job.run(out, output, progress, progress.note)
        progress.finish(job.summary(output))
    if as_json:
        parameters = {"method": method, "n": None if balance else n, "balance": balance, **recipe.parameters}
        print_json({"embedkit": __version__, "output": output, **job.facts(), "seed": seed, "parameters": parameters})


def check_options(given: dict[str, str], method: str, *, balance: bool) -> None:
    """Raise ParameterError for options that have no say."""
    for name, option in given.items():
        users = [other for other, names in METHODS.items() if name in names]
        if users and method not in users:
            raise ParameterError(f"{option} has no say with --method {method}; it is for {' and '.join(users)}")
    if balance and "n" in given:
        raise ParameterError("--n has no say with --balance, which makes as many texts as a class needs; drop one")


@dataclass(frozen=True)
class Recipe:
    """How new texts are made."""

    method: str
    tokenizer: str
    seed: int
    alpha: float | None
    alpha_sr: float | None
    alpha_ri: float | None
    alpha_rs: float | None
    p_rd: float | None
    lexicon: str
    lexicon_encoding: str
    how: str
    stop_words: str
    protect: tuple[str, ...]
    protect_file: str | None

    @property
    def parameters(self) -> dict[str, Any]:
        """What the method has a use for, as a report tells it."""
        names = [name for name in METHODS[self.method] if name not in ("alpha", "protect", "protect_file")]
        told: dict[str, Any] = {name: getattr(self, name) for name in names}
        if self.method == "eda":
            told |= {name: self._share(getattr(self, name)) for name in SHARES}
        elif "alpha" in METHODS[self.method]:
            told["alpha"] = self._share(None)
        return {"tokenizer": self.tokenizer, **told}

    def chinese_notice(self, given: Collection[str]) -> str | None:
        """What to say of Chinese texts when options for them were not given."""
        names = ("tokenizer", *(name for name in METHODS[self.method] if name in CHINESE_OPTIONS))
        missing = [CHINESE_OPTIONS[name] for name in names if name not in given]
        if self.method == "keyboard":
            return "the texts look Chinese, whose characters are on no keyboard: only letters and digits change"
        if not missing:
            return None
        cut = "" if "tokenizer" in given else ", of which 'words' makes single characters"
        return f"the texts look Chinese{cut}: add {' '.join(missing)}"

    def augmenter(self, n: int, threads: int) -> "Augmenter":
        """What makes them."""
        from embedkit.augment import AEDA, EDA, CharacterNoise, KeyboardTypos, MixDocuments

        shared: dict[str, Any] = {
            "n_aug": n,
            "tokenizer": self.tokenizer,
            "random_state": self.seed,
            "n_jobs": threads,
        }
        if self.method == "mix":
            return MixDocuments(how=self.how, **shared)
        if self.method == "aeda":
            return AEDA(alpha=self._share(None), **shared)
        shared |= {"stop_words": self._stop_words(), "protected": self._protected()}
        if self.method != "eda":
            kind = CharacterNoise if self.method == "noise" else KeyboardTypos
            return kind(alpha=self._share(None), **shared)
        shares: dict[str, Any] = {name: self._share(getattr(self, name)) for name in SHARES}
        synonyms = shares["alpha_sr"] > 0 or shares["alpha_ri"] > 0
        return EDA(**shares, lexicon=self._lexicon() if synonyms else {}, **shared)

    def _share(self, own: float | None) -> float:
        if own is not None:
            return own
        return self.alpha if self.alpha is not None else 1 / 3 if self.method == "aeda" else 0.1

    def _lexicon(self) -> Any:
        from embedkit.lexicon import load_lexicon

        try:
            return load_lexicon(self.lexicon, encoding=self.lexicon_encoding)
        except EmbedkitError as error:  # --encoding is that of the table
            raise type(error)(str(error).replace("(--encoding)", "(--lexicon-encoding)")) from None

    def _stop_words(self) -> frozenset[str] | None:
        from embedkit.text.stop_words import load_stop_words

        if self.stop_words == "none":
            return None
        return load_stop_words(self.stop_words)

    def _protected(self) -> frozenset[str]:
        if self.protect_file is None:
            return frozenset(self.protect)
        from embedkit.text.files import open_input
        from embedkit.text.stop_words import load_stop_words

        open_input(self.protect_file).close()  # a missing file is no list of stop words
        return load_stop_words(Path(self.protect_file)).union(self.protect)
