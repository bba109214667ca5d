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
    shortest, mean, longest = ("-" if norms[name] is None else f"{norms[name]:.3f}" for name in ("min", "mean", "max"))
    print_table(
        ("", ""),
        [
            ("words", f"{facts['words']:,}"),
            ("vector size", str(facts["vector_size"])),
            ("format", facts["format"]),
            ("size", None if facts["bytes"] is None else bytes_text(facts["bytes"])),
            ("counts", f"yes, {facts['total_count']:,} words in all" if facts["counts"] else "none in the file"),
            ("first words", "  ".join(facts["first_words"])),
            ("lengths", f"{shortest} to {longest}, mean {mean}"),
            *([("zero vectors", f"{norms['zeros']:,}")] if norms["zeros"] else []),
            *([("not finite", f"{norms['nonfinite']:,}")] if norms["nonfinite"] else []),
        ],
    )


def describe(vectors: VectorsFile) -> dict[str, Any]:
    """Gather the facts about a file of vectors; what a pipe does not tell is None."""
    from pathlib import Path

    import numpy as np

    from embedkit.vectors.formats.registry import recognise

    table = vectors.load()
    path = Path(vectors.path)
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    finite = table.norms[np.isfinite(table.norms)]
    return {
        "path": vectors.path,
        "format": vectors.format or (recognise(path) if files else None),
        "bytes": sum(file.stat().st_size for file in files) if files else None,
        "words": len(table),
        "vector_size": table.vector_size,
        "counts": table.counts is not None,
        "total_count": None if table.counts is None else int(table.counts.sum()),
        "first_words": table.index_to_key[:10],
        "norms": {
            "min": float(finite.min()) if len(finite) else None,
            "mean": float(finite.mean(dtype=np.float64)) if len(finite) else None,
            "max": float(finite.max()) if len(finite) else None,
            "zeros": int((finite == 0).sum()),
            "nonfinite": len(table) - len(finite),
        },
    }
