"""The word vectors that a run writes, and what goes beside them: the options, the checks before the work, the files."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from embedkit_cli.options import format_of, grouped, save_vocab_option

if TYPE_CHECKING:
    import numpy as np
    from embedkit_cli.outputs import NamedPaths

    from embedkit.text.vocabulary import Vocabulary

__all__ = ["VectorOutputs", "vector_output_options"]

output = grouped("Output")


@dataclass(frozen=True)
class VectorOutputs:
    """Where the word vectors go, and what else is written."""

    output: str
    format: str | None = None
    save_output_vectors: str | None = None
    save_vocab: str | None = None

    def check(self, read: "NamedPaths", others: "NamedPaths" = ()) -> None:
        """Find out before the work whether every output can be written and overwrites nothing of the run.

        `read` is what the run reads, `others` what else it writes; each path comes with the option that names it.
        """
        from embedkit_cli.outputs import check_outputs

        check_outputs(
            read,
            files=[("--save-vocab", self.save_vocab), *others],
            vectors=[("--output", self.output), ("--save-output-vectors", self.save_output_vectors)],
            format=self.format,
        )

    def check_words(self, vocabulary: "Vocabulary") -> None:
        """Find out before the training whether the formats of the outputs can hold the words."""
        from embedkit.vectors.formats import native
        from embedkit.vectors.formats.registry import choose_format
        from embedkit.vectors.formats.stored import check_words_fit

        for path in (self.output, self.save_output_vectors):
            if path is not None and (name := choose_format(path, self.format)) != native.NAME:
                check_words_fit(vocabulary.words, name)

    def write(
        self, vocabulary: "Vocabulary", vectors: "np.ndarray", contexts: "np.ndarray | None", complete: list[str]
    ) -> list[str]:
        """Write every output and add it to `complete`; return what the formats could not hold."""
        from embedkit_cli.outputs import save_vectors

        from embedkit.vectors.keyed_vectors import KeyedVectors

        notes = []
        for path, matrix in ((self.output, vectors), (self.save_output_vectors, contexts)):
            if path is not None and matrix is not None:
                learned = KeyedVectors(vocabulary.words, matrix, vocabulary.counts)
                notes += save_vectors(learned, path, self.format)
                complete.append(path)
        if self.save_vocab is not None:
            vocabulary.save(self.save_vocab)
            complete.append(self.save_vocab)
        return notes


def vector_output_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add --output and its companions, which arrive as one `VectorOutputs` named ``outputs``."""

    @output("-o", "--output", required=True, type=click.Path(), help="Where the word vectors go.")
    @output("--format", **format_of("the vectors, when the ending of --output does not tell"))
    @output("--save-output-vectors", metavar="FILE", type=click.Path(), help="Also save the output (context) vectors.")
    @save_vocab_option
    @wraps(function)
    def command(**options: Any) -> None:
        outputs = VectorOutputs(**{field.name: options.pop(field.name) for field in fields(VectorOutputs)})
        function(outputs=outputs, **options)

    return command
