"""`embedkit vocab`: the words of a text with their counts, and what these say of it."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.options import THREADS, Command, MemorySize, grouped
from embedkit_cli.output import is_terminal, plural, print_json, print_table
from embedkit_cli.progress import reporting
from embedkit_cli.text_input import TextInput
from embedkit_cli.word_options import stop_words_file, stop_words_of, word_options

from embedkit import __version__
from embedkit.errors import InputError

if TYPE_CHECKING:
    from embedkit.text.vocabulary import Vocabulary

__all__ = ["vocab"]

SHARES = (0.5, 0.8, 0.9, 0.95, 0.99)
MIN_COUNTS = (1, 2, 5, 10, 100)
TOP = 20

output_option = grouped("Output")
reading = grouped("Text and vocabulary")


@click.command(
    cls=Command,
    examples=[
        "embedkit vocab corpus.txt",
        "embedkit vocab 'news/*.gz' --tokenizer words --lowercase --plot zipf.png",
        "embedkit vocab corpus.txt --min-count 5 -o vocab.txt",
        "embedkit vocab zh.txt --tokenizer zh --stop-words chinese | head -100",
    ],
)
@output_option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(),
    help="Also save the vocabulary, a word and its count a line, for --read-vocab of other commands.",
)
@output_option(
    "--plot",
    metavar="FILE",
    type=click.Path(),
    help="Also draw the counts by rank, as .png, .svg or .pdf (needs matplotlib).",
)
@output_option(
    "--top",
    type=click.IntRange(min=0),
    metavar="N",
    show_default=f"{TOP}; all into a pipe",
    help="How many of the most frequent words to show.",
)
@output_option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@output_option("-q", "--quiet", is_flag=True, help="Say nothing but the result and errors.")
@word_options(reading, tokenizer="whitespace", without="Show and save none of")
@reading(
    "--min-count",
    type=click.IntRange(min=1),
    metavar="N",
    default=1,
    help="Show and save no words that occur less often.",
)
@reading("--max-vocab", type=click.IntRange(min=1), metavar="N", help="Show and save only the N most frequent words.")
@reading(
    "--memory", type=MemorySize(), default="4GiB", help="Room for word ids; what is larger goes to temporary files."
)
@reading("--threads", **THREADS, help="Threads. The counts do not depend on them.")
def vocab(
    inputs: tuple[str, ...],
    output: str | None,
    plot: str | None,
    top: int | None,
    as_json: bool,
    quiet: bool,
    stop_words: str | None,
    min_count: int,
    max_vocab: int | None,
    threads: int,
    **options: Any,
) -> None:
    """Count the words of a text, and say how far they go.

    INPUT is any number of files, directories (all files below), quoted globs, or - for standard input; .gz, .bz2
    and .xz are decompressed. Text is UTF-8, and a line is a document.

    Into a pipe go lines of word TAB count, the most frequent first.

    How far the words go, and the plot, are about the whole text, whatever --stop-words, --min-count and --max-vocab
    leave out of what is shown and saved.
    """
    from embedkit_cli.outputs import check_outputs, completed_outputs

    if plot is not None:
        from embedkit.viz.figures import check_figure_output

        check_figure_output(plot)
    # All words are counted, so that the tables are about the whole text.
    text = TextInput(inputs, min_count=1, **options)
    corpus = text.open()
    read = [*text.read_files(corpus), *stop_words_file(stop_words)]
    check_outputs(read, files=[("--output", output), ("--plot", plot)])
    left_out = stop_words_of(stop_words)
    with reporting(quiet=quiet) as progress, completed_outputs() as complete:
        with text.encode(corpus, progress, threads=threads) as encoded:
            counted = CountedText(encoded.vocabulary, encoded.n_documents, left_out, min_count, max_vocab)
        if output is not None:
            counted.kept.save(output)
            complete.append(output)
            progress.note(f"wrote {plural(len(counted.kept), 'word')} to {output}")
        if plot is not None:
            _draw(counted.vocabulary, plot)
            complete.append(plot)
            progress.note(f"drew the counts by rank to {plot}")
    if as_json:
        facts = counted.as_dict(TOP if top is None else top)
        made = {"output": output, "plot": plot}
        parameters = text.parameters | {"stop_words": stop_words, "min_count": min_count, "max_vocab": max_vocab}
        print_json({"embedkit": __version__, **made, **facts, "parameters": parameters})
    elif is_terminal(sys.stdout):
        counted.print_tables(TOP if top is None else top)
    else:
        print_table(("word", "count"), counted.rows(top))


@dataclass(frozen=True)
class CountedText:
    """The words of a text, all of them and those that are kept."""

    vocabulary: "Vocabulary"
    n_documents: int
    stop_words: frozenset[str]
    min_count: int
    max_vocab: int | None

    @cached_property
    def kept(self) -> "Vocabulary":
        """The words to show and to save."""
        others = self._without_stop_words()
        if not len(others):
            raise InputError("every word of the text is a stop word, and none is left to show; drop --stop-words")
        kept = others.prune(min_count=self.min_count, max_vocab=self.max_vocab)
        if not len(kept):
            word, count = others.words[0], others.counts[0]
            raise InputError(
                f"no word occurs {self.min_count} times: the most frequent, {word!r}, has {count}; "
                f"set --min-count to {count} or less"
            )
        return kept

    def _without_stop_words(self) -> "Vocabulary":
        from embedkit.text.vocabulary import Vocabulary

        if not self.stop_words:
            return self.vocabulary
        words = self.vocabulary.words
        places = [i for i, word in enumerate(words) if word.lower() not in self.stop_words]
        return Vocabulary.from_ordered([words[i] for i in places], self.vocabulary.counts[places])

    @cached_property
    def coverage(self) -> list[tuple[float, int | None]]:
        """For shares of the text the number of words that make them up."""
        from embedkit.text.frequencies import coverage

        return list(zip(SHARES, coverage(self.vocabulary.counts, SHARES), strict=True))

    @cached_property
    def thresholds(self) -> list[tuple[int, int, float]]:
        """For each least count the number of words that have it, and their share of the text."""
        from embedkit.text.frequencies import kept_words

        kept = kept_words(self.vocabulary.counts, MIN_COUNTS)
        total = self.vocabulary.total
        return [(least, words, count / total) for least, (words, count) in zip(MIN_COUNTS, kept, strict=True)]

    @cached_property
    def exponent(self) -> float | None:
        """Of Zipf's law."""
        from embedkit.text.frequencies import zipf_exponent

        return zipf_exponent(self.vocabulary.counts)

    def rows(self, top: int | None) -> list[tuple[str, int]]:
        """The most frequent words that are kept, with their counts."""
        return list(zip(self.kept.words[:top], self.kept.counts[:top].tolist(), strict=True))

    def top_rows(self, top: int) -> list[tuple[str, int, float, float]]:
        """The same with the share of each word and that of it and those before."""
        total, sofar, rows = self.vocabulary.total, 0, []
        for word, count in self.rows(top):
            sofar += count
            rows.append((word, count, count / total, sofar / total))
        return rows

    def as_dict(self, top: int) -> dict[str, Any]:
        """The figures for JSON."""
        return {
            "words": self.vocabulary.total,
            "distinct": len(self.vocabulary),
            "documents": self.n_documents,
            "once": int((self.vocabulary.counts == 1).sum()),
            "zipf_exponent": self.exponent,
            "kept": {"words": len(self.kept), "share": self.kept.total / self.vocabulary.total},
            "coverage": [{"share": share, "words": words} for share, words in self.coverage],
            "min_counts": [{"min_count": n, "words": words, "share": share} for n, words, share in self.thresholds],
            "top": [
                {"word": word, "count": count, "share": share, "cumulative": sofar}
                for word, count, share, sofar in self.top_rows(top)
            ],
        }

    def print_tables(self, top: int) -> None:
        """Show the figures to someone who looks."""
        facts = self.as_dict(0)
        once, exponent = facts["once"], self.exponent
        rows = [
            ("words", f"{facts['words']:,}"),
            ("distinct", f"{facts['distinct']:,}"),
            ("documents", f"{facts['documents']:,}"),
            ("words that occur once", f"{once:,} ({once / facts['distinct']:.1%} of the distinct ones)"),
            ("exponent of Zipf's law", None if exponent is None else f"{exponent:.3f}"),
        ]
        if len(self.kept) < len(self.vocabulary):
            kept = facts["kept"]
            rows.append(("kept", f"{plural(kept['words'], 'word')}, {kept['share']:.2%} of the text"))
        print_table(("", ""), rows)
        shares = [(f"{share:.0%}", f"{words:,}") for share, words in self.coverage]
        _print_figures("Most frequent words that make up a share of the text", ("share", "words"), shares)
        thresholds = [(f"{least:,}", f"{words:,}", f"{share:.2%}") for least, words, share in self.thresholds]
        _print_figures("Words that a least count keeps", ("min count", "words", "of the text"), thresholds)
        if top:
            shown = [(f"{n:,}", f"{share:.2%}", f"{sofar:.2%}", word) for word, n, share, sofar in self.top_rows(top)]
            _print_figures("Most frequent words", ("count", "share", "so far", "word"), shown, n_figures=3)


def _print_figures(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], n_figures: int | None = None
) -> None:
    """Print a table of texts, of which the first `n_figures` columns are set to the right as numbers are."""
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)][:n_figures]
    aligned = [[*map(str.rjust, row, widths), *row[len(widths) :]] for row in rows]
    print_table(columns, aligned, title=title)


def _draw(vocabulary: "Vocabulary", path: str) -> None:
    from embedkit.viz.figures import save_figure
    from embedkit.viz.zipf import plot_zipf

    save_figure(path, lambda axes: plot_zipf(vocabulary.counts, ax=axes))
