"""`embedkit info`: what a file of word vectors, of counts, a checkpoint of GloVe, or a language model holds."""

import zipfile
from collections.abc import Callable
from typing import Any

import click
from embedkit_cli.options import Command, VectorsFile, json_option, vectors_argument
from embedkit_cli.output import bytes_text, print_json, print_table

__all__ = ["info"]

Rows = list[tuple[str, str | None]]


@click.command(
    cls=Command,
    examples=[
        "embedkit info vectors.bin",
        "embedkit info vectors.bin --json",
        "embedkit info counts.npz",
        "embedkit info model.lm",
    ],
)
@vectors_argument
@json_option
def info(vectors: VectorsFile, as_json: bool) -> None:
    """Say what a file of vectors, counts or a model holds."""
    from embedkit_cli.lm_info import describe_language_model, is_language_model, rows_of_language_model

    rows: Callable[[dict[str, Any]], Rows]
    if is_language_model(vectors.path):
        facts, rows = describe_language_model(vectors.path), rows_of_language_model
    elif not vectors.path.lower().endswith(".npz"):
        facts, rows = describe(vectors), _rows
    elif _is_state(vectors.path):
        facts, rows = describe_state(vectors.path), _rows_of_state
    else:
        facts, rows = describe_counts(vectors.path), _rows_of_counts
    if as_json:
        print_json(facts)
    else:
        print_table(("", ""), rows(facts))


def _rows(facts: dict[str, Any]) -> Rows:
    norms = facts["norms"]
    shortest, mean, longest = ("-" if norms[name] is None else f"{norms[name]:.3f}" for name in ("min", "mean", "max"))
    return [
        ("words", f"{facts['words']:,}"),
        ("vector size", str(facts["vector_size"])),
        ("format", facts["format"]),
        ("size", None if facts["bytes"] is None else bytes_text(facts["bytes"])),
        ("counts", f"yes, {facts['total_count']:,} words in all" if facts["counts"] else "none in the file"),
        ("first words", "  ".join(facts["first_words"])),
        ("lengths", f"{shortest} to {longest}, mean {mean}"),
        *([("zero vectors", f"{norms['zeros']:,}")] if norms["zeros"] else []),
        *([("not finite", f"{norms['nonfinite']:,}")] if norms["nonfinite"] else []),
    ]


def _rows_of_counts(facts: dict[str, Any]) -> Rows:
    share = facts["nonzero"] / (facts["words"] * facts["columns"])
    what = "counts" if facts["by"] == "document" else "pairs"
    settings = facts["parameters"]
    return [
        ("words", f"{facts['words']:,}"),
        *([("documents", f"{facts['columns']:,}")] if facts["by"] == "document" else []),
        (what, f"{facts['nonzero']:,}, {share:.2%} of the matrix"),
        ("sum", f"{facts['sum']:,.10g}"),
        ("size", bytes_text(facts["bytes"])),
        ("first words", "  ".join(facts["first_words"])),
        ("text", facts["text"] and "{words:,} words in {documents:,} documents".format(**facts["text"])),
        *((name.replace("_", " "), _setting(value)) for name, value in settings.items()),
    ]


def _rows_of_state(facts: dict[str, Any]) -> Rows:
    return [
        ("state", "of a GloVe training, to go on with by train-glove --resume"),
        ("epoch", f"{facts['epoch']:,} of {facts['epochs']:,}"),
        ("loss", f"{facts['loss'][-1]:.4f}" if facts["loss"] else None),
        ("words", f"{facts['words']:,}"),
        ("pairs", f"{facts['pairs']:,}"),
        ("size", bytes_text(facts["bytes"])),
        *((name.replace("_", " "), _setting(value)) for name, value in facts["parameters"].items()),
        ("seed", str(facts["seed"])),
    ]


def _setting(value: Any) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else value


def _is_state(path: str) -> bool:
    """Whether a .npz file is the state of a training rather than counts, as far as the names of its members tell."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "meta.json" in archive.namelist()
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return False


def describe_state(path: str) -> dict[str, Any]:
    """Gather the facts about the state of a GloVe training."""
    from dataclasses import asdict
    from pathlib import Path

    from embedkit.models.glove.state import load_state

    state = load_state(path)
    parameters = asdict(state.parameters)
    return {
        "path": path,
        "format": "glove-state",
        "bytes": Path(path).stat().st_size,
        "words": len(state.word_vectors),
        "pairs": state.n_pairs,
        "epoch": state.epoch,
        "epochs": parameters.pop("epochs"),
        "loss": state.losses,
        "seed": state.seed,
        "parameters": parameters,
    }


def describe_counts(path: str) -> dict[str, Any]:
    """Gather the facts about a counts file."""
    from pathlib import Path

    from embedkit.models.cooccurrence.matrix_file import load_counts

    file = load_counts(path)
    settings = dict(file.parameters)
    text = {name: settings.pop(name) for name in ("words", "documents") if isinstance(settings.get(name), int)}
    return {
        "path": path,
        "format": "counts",
        "bytes": Path(path).stat().st_size,
        "by": settings.pop("by", "window"),
        "words": file.matrix.shape[0],
        "columns": file.matrix.shape[1],
        "nonzero": file.matrix.nnz,
        "sum": float(file.matrix.sum()),
        "first_words": file.vocabulary.words[:10],
        "text": text if len(text) == 2 else None,
        "parameters": settings,
    }


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
