"""One job of the benchmark of features, alone in this process: `features.py` sends it as JSON and reads a line back."""

import gzip
import hashlib
import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

from harness import peak_rss_mb

HOMES = {"embedkit": "embedkit.features", "scikit-learn": "sklearn.feature_extraction.text"}


def transform(job: dict[str, Any]) -> dict[str, Any]:
    """Fit a vectoriser on the reviews and transform them; what came out is told well enough to compare it."""
    texts, _ = labelled_reviews(Path(job["reviews"]))
    settings = {name: tuple(value) if isinstance(value, list) else value for name, value in job["settings"].items()}
    if job["side"] == "embedkit":
        settings["n_jobs"] = job["threads"]
    vectorizer = getattr(importlib.import_module(HOMES[job["side"]]), job["class"])(**settings)
    before = peak_rss_mb()
    started = time.perf_counter()
    X = vectorizer.fit_transform(texts)
    seconds = time.perf_counter() - started
    peak = peak_rss_mb()
    X.sort_indices()
    names = "\n".join(vectorizer.get_feature_names_out()) if hasattr(vectorizer, "vocabulary_") else ""
    return {
        "seconds": seconds,
        "peak_rss_mb": peak,
        "rss_before_mb": before,
        "megabytes": sum(len(text.encode()) for text in texts) / 1e6,
        "same": {
            "shape": X.shape,
            "nonzero": X.nnz,
            "type": f"{X.data.dtype}, {X.indices.dtype}",
            "names": hashlib.sha256(names.encode()).hexdigest()[:16],
            "columns": hashlib.sha256(X.indices.tobytes() + X.indptr.tobytes()).hexdigest()[:16],
        },
        "sum": float(X.sum()),
    }


def labelled_reviews(path: Path) -> tuple[list[str], list[str]]:
    """Texts and labels of a file of label TAB stars TAB id TAB text."""
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        rows = [line.rstrip("\n").split("\t", 3) for line in lines]
    return [row[3] for row in rows], [row[0] for row in rows]


if __name__ == "__main__":
    print(json.dumps(transform(json.loads(sys.argv[1]))))
