"""`embedkit info`: what a file of word vectors holds."""

from typing import Any

import click
from embedkit_cli.options import Command, VectorsFile, json_option, vectors_argument
from embedkit_cli.output import bytes_text, print_json, print_table

__all__ = ["info"]


@click.command(
    cls=Command,
    examples=[
        "embedkit info vectors.bin",
        "embedkit info vectors.bin --json",
    ],
)
@vectors_argument
@json_option
def info(vectors: VectorsFile, as_json: bool) -> None:
    """Say what a file of word vectors holds."""
    facts = describe(vectors)
    if as_json:
        print_json(facts)
        return
    norms = facts["norms"]
    print_table(
        ("", ""),
        [
            ("words", f"{facts['words']:,}"),
            ("vector size", str(facts["vector_size"])),
            ("format", facts["format"]),
            ("size", bytes_text(facts["bytes"])),
            ("counts", f"yes, {facts['total_count']:,} words in all" if facts["counts"] else "none in the file"),
            ("first words", "  ".join(facts["first_words"])),
            ("lengths", f"{norms['min']:.3f} to {norms['max']:.3f}, mean {norms['mean']:.3f}"),
            *([("zero vectors", f"{norms['zeros']:,}")] if norms["zeros"] else []),
        ],
    )


def describe(vectors: VectorsFile) -> dict[str, Any]:
    """Gather the facts about a file of vectors."""
    from pathlib import Path

    import numpy as np

    from embedkit.vectors.formats.registry import recognise

    table = vectors.load()
    path = Path(vectors.path)
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    norms = np.linalg.norm(table.vectors, axis=1)
    return {
        "path": vectors.path,
        "format": vectors.format or recognise(path),
        "bytes": sum(file.stat().st_size for file in files),
        "words": len(table),
        "vector_size": table.vector_size,
        "counts": table.counts is not None,
        "total_count": None if table.counts is None else int(table.counts.sum()),
        "first_words": table.index_to_key[:10],
        "norms": {
            "min": float(norms.min()),
            "mean": float(norms.mean(dtype=np.float64)),
            "max": float(norms.max()),
            "zeros": int((norms == 0).sum()),
        },
    }
