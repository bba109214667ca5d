"""`embedkit convert`: word vectors from one format to another."""

from typing import TYPE_CHECKING

import click
from embedkit_cli.options import (
    Command,
    encoding_errors_option,
    format_of,
    limit_option,
    nonfinite_option,
    quiet_option,
)
from embedkit_cli.output import note, plural, warnings_silenced

if TYPE_CHECKING:
    from embedkit.vectors.formats.stored import EncodingErrors

__all__ = ["convert"]


@click.command(
    cls=Command,
    examples=[
        "embedkit convert vectors.bin vectors.vec.gz",
        "embedkit convert glove.6B.100d.txt vectors --from glove --to native",
        "embedkit convert GoogleNews.bin small.bin --limit 100000",
    ],
)
@click.argument("source", metavar="IN", type=click.Path())
@click.argument("target", metavar="OUT", type=click.Path())
@click.option("--from", "source_format", **format_of("IN, when its ending and content do not tell"))
@click.option("--to", "target_format", **format_of("OUT, when its ending does not tell"))
@encoding_errors_option
@limit_option
@nonfinite_option
@quiet_option
def convert(
    source: str,
    target: str,
    source_format: str | None,
    target_format: str | None,
    encoding_errors: "EncodingErrors",
    limit: int | None,
    allow_nonfinite: bool,
    quiet: bool,
) -> None:
    """Write the word vectors of IN to OUT in another format.

    Formats are word2vec-binary (.bin), word2vec-text (.txt, .vec), glove (text without a header) and native (a
    directory that loads at once whatever its size). What the format of OUT cannot hold is said.
    """
    from embedkit_cli.outputs import check_vectors_output, completed_outputs, save_vectors

    from embedkit.vectors.keyed_vectors import KeyedVectors

    check_vectors_output(target, target_format)
    with warnings_silenced(quiet), completed_outputs():
        vectors = KeyedVectors.load(
            source,
            format=source_format,
            encoding_errors=encoding_errors,
            limit=limit,
            allow_nonfinite=allow_nonfinite,
        )
        notes = save_vectors(vectors, target, target_format)
    if not quiet:
        for text in notes:
            note(text)
        note(f"wrote {plural(len(vectors), 'vector')} of size {vectors.vector_size} to {target}")
