"""Classifiers: fastText's beside fastText, NBSVM on movie reviews, and `embedkit classify compare` on four data sets.

    python benchmarks/classify.py                        all rows
    python benchmarks/classify.py --rows fasttext,trec   some rows

The fastText package is needed for its row. The data sets (README of $EMBEDKIT_DATA) are not part of the project.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from harness import (
    ROOT,
    compared,
    in_turns,
    load_results,
    machine,
    median,
    run_job,
    save_results,
    say,
    stamp,
    table,
    versions,
    wanted,
)

WORKER = ROOT / "benchmarks" / "classify_worker.py"
# The default settings of FastTextClassifier, and those of fastText but for its bigrams and learning rate.
FASTTEXT = {
    "fasttext": {"vector_size": 16, "epochs": 5, "learning_rate": 0.5, "word_ngrams": 2, "buckets": 2_000_000},
    "fasttext-100": {"vector_size": 100, "epochs": 5, "learning_rate": 0.5, "word_ngrams": 2, "buckets": 2_000_000},
}
IMDB = ["--text", "4", "--label", "1", "--no-header"]
COLUMNS = ["--text", "1", "--label", "2", "--no-header"]
COMPARED: dict[str, tuple[tuple[str, str], list[str]]] = {
    "imdb": (("imdb.train.tsv.gz", "imdb.test.tsv.gz"), IMDB),
    "sst2": (("sst2.train.tsv", "sst2.test.tsv"), COLUMNS),
    "trec": (("trec.train.txt", "trec.test.txt"), ["--format", "label-text", "--encoding", "latin-1"]),
    "thucnews": (
        ("thucnews.train.txt", "thucnews.test.txt"),
        [*COLUMNS, "--format", "tsv", "--features", "characters"],
    ),
}
SCORES = ("accuracy", "macro_f1", "roc_auc")
ROWS = (*FASTTEXT, "nbsvm", *COMPARED)


class Bench:
    """Where the data are, and how to measure a row."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.options = options
        self.folder = folder
        self.common = {
            "threads": options.threads,
            "train": str(options.data / "imdb.train.tsv.gz"),
            "test": str(options.data / "imdb.test.tsv.gz"),
        }

    def row(self, name: str) -> dict[str, Any]:
        """Measure a row."""
        if name in FASTTEXT:
            return self.fasttext(FASTTEXT[name])
        return self.nbsvm() if name == "nbsvm" else self.compare(name)

    def fasttext(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Seconds and accuracy; ours on the file sorted by label, fastText on a shuffled one, and on the sorted one."""
        files = {order: str(self.folder / f"{order}.txt") for order in ("sorted", "shuffled")}
        run_job(WORKER, self.common | files | {"job": "write"})
        accuracy: dict[str, list[float]] = {"embedkit": [], "fasttext": []}
        peaks: dict[str, list[float]] = {"embedkit": [], "fasttext": []}

        def side(job: str) -> float:
            seed = len(accuracy[job]) + 1
            done = run_job(
                WORKER, self.common | {"job": job, "settings": settings, "seed": seed, "file": files["shuffled"]}
            )
            accuracy[job].append(round(100 * done["accuracy"], 2))
            peaks[job].append(done["peak_rss_mb"])
            say(f"  {job}: accuracy {accuracy[job][-1]}")
            return float(done["seconds"])

        sides = ("embedkit", "fasttext")
        figures = in_turns(self.options.rounds, [(one, lambda one=one: side(one)) for one in sides], "s")
        row = compared(figures, "seconds", sides, higher=False, wanted_ratio=1.0)
        in_order = self.common | {"job": "fasttext", "settings": settings, "seed": 1, "file": files["sorted"]}
        row["wanted"].append(wanted("accuracy", median(accuracy["embedkit"]), ">=", 89.5))
        return row | {
            "settings": settings,
            "accuracy": accuracy,
            "accuracy_of_fasttext_on_the_sorted_file": round(100 * run_job(WORKER, in_order)["accuracy"], 2),
            "peak_rss_mb": {one: median(peaks[one]) for one in sides},
        }

    def nbsvm(self) -> dict[str, Any]:
        """Accuracy of NBSVM on bigrams."""
        done = run_job(WORKER, self.common | {"job": "nbsvm", "settings": {}})
        accuracy = round(100 * done["accuracy"], 2)
        return {"seconds": done["seconds"], "accuracy": accuracy, "wanted": [wanted("accuracy", accuracy, ">=", 91.2)]}

    def compare(self, name: str) -> dict[str, Any]:
        """What the command says."""
        files, arguments = COMPARED[name]
        command = [sys.executable, "-m", "embedkit", "classify", "compare", "--json", "-q", *arguments]
        command += ["--models", self.options.models, "--threads", str(self.options.threads)]
        if self.options.vectors and name != "thucnews":
            command += ["--vectors", str(self.options.vectors)]
        command += [str(self.options.data / file) for file in files]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        return {"arguments": arguments, "models": json.loads(done.stdout)["models"]}


def report(results: dict[str, Any]) -> str:
    """All rows as text."""
    rows, parts = results["rows"], []
    for name in FASTTEXT:
        if row := rows.get(name):
            lines = [
                [f"{name}, seconds", f"{row['embedkit']:.3g}", f"{row['fasttext']:.3g}", f"{row['ratio']:.2f}x"],
                ["accuracy", *(f"{median(row['accuracy'][side]):.2f}" for side in ("embedkit", "fasttext")), ""],
                ["on the sorted file", "", f"{row['accuracy_of_fasttext_on_the_sorted_file']:.2f}", ""],
            ]
            parts.append(table(["", "embedkit", "fastText", "ratio"], lines))
    if row := rows.get("nbsvm"):
        parts.append(f"nbsvm: {row['accuracy']:.2f} % in {row['seconds']:.1f} s")
    for name in COMPARED:
        if row := rows.get(name):
            lines = [
                [
                    one["model"],
                    *(
                        "" if one[key] is None else f"{100 * one[key]:.1f}"
                        for key in ("accuracy", "macro_f1", "roc_auc")
                    ),
                    *("" if one[key] is None else f"{one[key]:.2f}" for key in ("fit_seconds", "predict_seconds")),
                    "" if one["model_bytes"] is None else f"{one['model_bytes'] / 1e6:.1f} MB",
                    one["reason"] or "",
                ]
                for one in row["models"]
            ]
            parts.append(table([name, "accuracy", "macro F1", "ROC-AUC", "fit s", "predict s", "size", ""], lines))
    return "\n\n".join(parts)


def main() -> None:
    data = Path(os.environ.get("EMBEDKIT_DATA", ROOT.parent / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=data / "classify", help="folder of the data sets")
    parser.add_argument("--vectors", type=Path, help="word vectors, for the row of `embedding`")
    parser.add_argument("--models", default="all", help="for the rows of `classify compare`")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", help=f"measure only these, with commas: {', '.join(ROWS)}")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "classify.json")
    options = parser.parse_args()
    names = options.rows.split(",") if options.rows else ROWS
    if unknown := set(names) - set(ROWS):
        parser.error(f"unknown rows: {', '.join(sorted(unknown))}")
    if not options.data.is_dir():
        parser.error(f"no such folder: {options.data}; name that of the data sets with --data")
    results = load_results(options.output, {"machine": machine(), "settings": {"threads": options.threads}})
    with tempfile.TemporaryDirectory(prefix="embedkit-bench-") as folder:
        bench = Bench(options, Path(folder))
        for name in names:
            say(name)
            row = bench.row(name) | stamp()
            results["rows"][name] = row | {"versions": versions("scikit-learn", "lightgbm", "skops")}
            save_results(options.output, results)
    print(report(results))


if __name__ == "__main__":
    main()
