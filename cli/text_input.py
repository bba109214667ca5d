"""The text that a run reads: its options, and how it becomes words and ids."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.options import ENCODING_ERRORS, LANGUAGE_MODELS, MemorySize, grouped
from embedkit_cli.output import bytes_text, count_text, duration_text, plural
from embedkit_cli.phrase_options import PhraseOptions, phrase_options
from embedkit_cli.progress import Progress, Step
from embedkit_cli.tokenizer_options import tokenizer_options

from embedkit.errors import InputError

if TYPE_CHECKING:
    from embedkit_cli.outputs import NamedPaths

    from embedkit.text.corpus import Corpus
    from embedkit.text.encoding import EncodedCorpus, EncodingProgress

__all__ = ["TextInput", "reading_step", "text_options"]

reading = grouped("Text and vocabulary")


@dataclass(frozen=True)
class TextInput:
    """Which text to read, and what counts as a word of it."""

    inputs: Sequence[str]
    tokenizer: str = "whitespace"
    lowercase: bool = False
    min_count: int = 5
    max_vocab: int | None = None
    read_vocab: str | None = None
    encoding_errors: str = "strict"
    memory: int = 4 * 2**30
    phrases: PhraseOptions = field(default_factory=PhraseOptions)

    def open(self) -> "Corpus":
        """Find the files of the text."""
        from pathlib import Path

        from embedkit.text.corpus import Corpus

        self.phrases.settings()
        for path in self.inputs:
            if path.lower().endswith(".npz") and Path(path).is_file():
                raise InputError(
                    f"{path} is a file of counts or of other arrays, expected text; "
                    "`embedkit train-svd` and `embedkit train-glove` take a counts file in place of the text"
                )
            if path.lower().endswith(LANGUAGE_MODELS) and Path(path).is_file():
                raise InputError(
                    f"{path} is a language model, expected text; `embedkit lm convert` and `lm mix` take models"
                )
        return Corpus.from_paths(self.inputs, encoding_errors=self.encoding_errors)

    def read_files(self, corpus: "Corpus") -> "NamedPaths":
        """Name what is read, so that no output overwrites it."""
        return [*(("the input", path) for path in corpus.files), ("--read-vocab", self.read_vocab)]

    def encode(self, corpus: "Corpus", progress: Progress, *, threads: int, **settings: Any) -> "EncodedCorpus":
        """Count the words and turn them into ids, and report on it."""
        from embedkit.text.encoding import encode_corpus
        from embedkit.text.vocabulary import Vocabulary

        keep: dict[str, Any] = {
            "min_count": self.min_count,
            "max_vocab": self.max_vocab,
            "vocabulary": None if self.read_vocab is None else Vocabulary.load(self.read_vocab),
            "memory": self.memory,
            **settings,
        }
        # Without the rare words, others would look adjacent.
        all_words = {"min_count": 1, "max_vocab": None, "vocabulary": None} if self.phrases.passes else {}
        encoded = encode_corpus(
            corpus,
            tokenizer=self.tokenizer,
            lowercase=self.lowercase,
            n_threads=threads,
            on_progress=lambda step: progress.show(reading_step(step)),
            **(keep | all_words),
        )
        encoded = self.phrases.join(encoded, progress, threads=threads, **keep)
        progress.finish(_corpus_text(encoded))
        return encoded

    @property
    def parameters(self) -> dict[str, Any]:
        """What a report says of the text."""
        names = ("min_count", "max_vocab", "tokenizer", "lowercase")
        return {**{name: getattr(self, name) for name in names}, **self.phrases.parameters}


TEXT_OPTIONS = tuple(field.name for field in fields(TextInput))


def text_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the arguments INPUT... and the options about them, which arrive as one `TextInput` named ``text``."""

    @click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=click.Path(allow_dash=True))
    @tokenizer_options(reading)
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
    @reading(
        "--memory",
        type=MemorySize(),
        default="4GiB",
        help="Room for word ids and counts; what is larger goes to temporary files. --phrases takes as much once more.",
    )
    @phrase_options
    @wraps(function)
    def command(**options: Any) -> None:
        text = TextInput(**{name: options.pop(name) for name in TEXT_OPTIONS})
        function(text=text, **options)

    return command


def reading_step(step: "EncodingProgress") -> Step:
    """How far the reading is; the whole is unknown for standard input."""
    fraction = step.bytes_done / step.bytes_total if step.bytes_total else None
    rate = step.bytes_done / max(step.seconds, 1e-9)
    done = bytes_text(step.bytes_done)
    return Step(
        "reading",
        fraction,
        f"{rate / 1e6:.0f} MB/s, {count_text(step.words)} words, {count_text(step.vocabulary)} different",
        step.seconds,
        share=done if fraction is None else f"{fraction:.0%} ({done})",
    )


def _corpus_text(encoded: "EncodedCorpus") -> str:
    rate = f", {encoded.n_bytes / encoded.seconds / 1e6:.0f} MB/s" if encoded.n_bytes >= 1e6 else ""
    return (
        f"read {plural(encoded.n_words, 'word')} in {plural(encoded.n_documents, 'document')} "
        f"({bytes_text(encoded.n_bytes)} in {duration_text(encoded.seconds)}{rate})\n"
        f"vocabulary of {plural(len(encoded.vocabulary), 'word')}"
    )
