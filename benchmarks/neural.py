"""Neural classifiers: accuracy on four data sets beside linear ones, and epochs beside plain torch loops.

    python benchmarks/neural.py                                  all rows
    python benchmarks/neural.py --rows sst2,trec-bilstm,epoch-textcnn-sst2

Word vectors are trained first, by `embedkit train-w2v` on the Wikipedia texts (minutes), and kept in build/. The data
sets (README of $EMBEDKIT_DATA) are not part of the project.
"""

import argparse
import gzip
import os
import subprocess
import sys
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

WORKER = ROOT / "benchmarks" / "neural_worker.py"

# Words as the Penn Treebank has them, which is how the sentences of SST-2 and TREC were cut: do n't, film 's.
PENN = r"regex:\w+?(?=n't)|n't|'(?:s|re|ve|ll|d|m)\b|\w+|[^\w\s]"
WORDS = ["--lowercase", "--min-count", "3"]
VECTORS: dict[str, tuple[str, list[str]]] = {
    "en": (
        "en/wiki-en.txt.gz",
        [*WORDS, "--tokenizer", PENN, "--vector-size", "300", "--epochs", "8", "--sample", "1e-4"],
    ),
    "zh": (
        "zh/wiki-zh.txt.gz",
        [*WORDS, "--tokenizer", "simplified|zh+punctuation", "--vector-size", "200", "--sample", "1e-4"],
    ),
    "zh-characters": ("zh/wiki-zh.txt.gz", [*WORDS, "--tokenizer", "simplified|char", "--vector-size", "200"]),
    # Its training texts, without their labels.
    "imdb": ("classify/imdb.train.tsv.gz", [*WORDS, "--tokenizer", "html|words", "--epochs", "8", "--sample", "1e-4"]),
}
FALLING = {"schedule": "linear", "embedding_dropout": 0.5}
ROBUST = {"adversarial": 0.5, "r_drop": 0.5, "word_dropout": 0.05}
TREC = {"embedding_std": 0.1, "tokenizer": PENN, "schedule": "linear", "embedding_dropout": 0.3, "epochs": 6}
HEADLINES = FALLING | {"min_count": 1, "windows": (1, 2, 3), "learning_rate": 2e-3, "batch_size": 100}
# Chosen on the development sets, or on a tenth held out of the training set.
NETWORKS: dict[str, dict[str, Any]] = {
    "sst2": {
        "class": "TextCNNClassifier",
        "set": "sst2",
        "seeds": 2,
        "target": 81.5,
        "settings": FALLING
        | {"tokenizer": "whitespace", "min_count": 1, "vector_size": 300, "windows": (1, 2, 3), "n_filters": 300}
        | {"learning_rate": 3e-3, "epochs": 4, "word_dropout": 0.1, "r_drop": 0.5, "adversarial": 0.5},
    },
    "sst2-vectors": {
        "class": "TextCNNClassifier",
        "set": "sst2",
        "seeds": 2,
        "target": 83.5,
        "vectors": "en",
        "settings": FALLING | ROBUST | {"embedding_std": 0.1, "tokenizer": PENN, "n_filters": 300, "epochs": 6},
    },
    "trec-textcnn": {
        "class": "TextCNNClassifier",
        "set": "trec",
        "seeds": 3,
        "target": 91.0,
        "vectors": "en",
        "settings": TREC,
    },
    "trec-bilstm": {
        "class": "RNNClassifier",
        "set": "trec",
        "seeds": 3,
        "target": 90.0,
        "vectors": "en",
        "settings": TREC | {"learning_rate": 2e-3, "r_drop": 0.5},
    },
    "imdb": {
        "class": "TextCNNClassifier",
        "set": "imdb",
        "seeds": 1,
        "target": 89.5,
        "vectors": "imdb",
        "settings": {"embedding_std": 0.15, "tokenizer": "html|words", "min_count": 5, "schedule": "linear"}
        | {"windows": (1, 2, 3), "n_filters": 200, "embedding_dropout": 0.4, "learning_rate": 2e-3, "epochs": 2}
        | {"adversarial": 0.5, "max_length": 600},
    },
    "thucnews-characters": {
        "class": "TextCNNClassifier",
        "set": "thucnews",
        "seeds": 1,
        "target": 90.0,
        "vectors": "zh-characters",
        "settings": HEADLINES
        | {"embedding_std": 0.1, "tokenizer": "char+punctuation", "n_filters": 300, "epochs": 5, "word_dropout": 0.1},
    },
    "thucnews-words": {
        "class": "TextCNNClassifier",
        "set": "thucnews",
        "seeds": 1,
        "target": 90.0,
        "vectors": "zh",
        "settings": HEADLINES
        | {"embedding_std": 0.1, "tokenizer": "zh+punctuation", "n_filters": 300, "epochs": 5, "r_drop": 0.5},
    },
}
LINEAR: dict[str, dict[str, Any]] = {
    "sst2": {"name": "nbsvm", "settings": {}},
    "trec": {"name": "svm", "settings": {}},
    "imdb": {"name": "nbsvm", "settings": {}},
    "thucnews": {"name": "ridge", "settings": {"features": "characters"}},
}
EPOCHS: dict[str, dict[str, Any]] = {
    f"epoch-{name}-{data}": {"class": classifier, "set": data, "texts": texts}
    for name, classifier in (("textcnn", "TextCNNClassifier"), ("bilstm", "RNNClassifier"))
    for data, texts in (("sst2", 0), ("imdb", 1000))
}
EPOCH = {"vector_size": 100, "min_count": 2, "max_length": 400}
OURS, UNSORTED, PLAIN, PACKED = "embedkit", "embedkit, no buckets", "plain loop, fused", "plain loop, fused, packed"
LINEAR_ROWS = tuple(f"linear-{name}" for name in LINEAR)
ROWS = (*LINEAR_ROWS, *NETWORKS, *EPOCHS)


class Bench:
    """Where the data are, and how to measure a row."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.common = {"data": str(options.data / "classify"), "threads": options.threads}

    def row(self, name: str) -> dict[str, Any]:
        """Measure a row."""
        if name in EPOCHS:
            return self.epoch(EPOCHS[name])
        if name in LINEAR_ROWS:
            data = name.removeprefix("linear-")
            about = {"set": data} | LINEAR[data]
            return about | run_job(WORKER, self.common | {"job": "linear"} | about)
        return self.network(NETWORKS[name])

    def network(self, about: dict[str, Any]) -> dict[str, Any]:
        """Accuracy of a network, of several seeds where that does not take long."""
        job = self.common | {"job": "accuracy"} | {key: about[key] for key in ("class", "set", "settings")}
        if about.get("vectors"):
            job["vectors"] = str(self.vectors(about["vectors"]))
        done = []
        for seed in range(1, about["seeds"] + 1):
            done.append(run_job(WORKER, job | {"seed": seed}))
            say(f"  seed {seed}: accuracy {done[-1]['accuracy']} in {done[-1]['seconds']:.0f} s")
        accuracy = [one["accuracy"] for one in done]
        mean = round(sum(accuracy) / len(accuracy), 2)
        return {
            **about,
            "accuracy": accuracy,
            "mean": mean,
            "seconds": median(one["seconds"] for one in done),
            "predict_seconds": median(one["predict_seconds"] for one in done),
            "parameters": done[0]["parameters"],
            "epochs": done[0]["epochs"],
            "peak_rss_mb": median(one["peak_rss_mb"] for one in done),
            "wanted": [wanted("mean accuracy", mean, ">=", about["target"])],
        }

    def epoch(self, about: dict[str, Any]) -> dict[str, Any]:
        """Seconds of an epoch in our loop and in others."""
        job = self.common | {"job": "epoch", "settings": EPOCH, "seed": 1} | about
        sides = [OURS, PLAIN, *([UNSORTED] if about["set"] == "imdb" else [])]
        if about["class"] == "RNNClassifier" and about["set"] == "imdb":
            sides.append(PACKED)

        def measure(side: str) -> float:
            return float(run_job(WORKER, job | {"side": side})["seconds"])

        figures = in_turns(self.options.rounds, [(one, lambda one=one: measure(one)) for one in sides], "s")
        row = compared(figures, "seconds", (OURS, PLAIN), higher=False, wanted_ratio=1.0)
        if UNSORTED in sides:
            gain = [b / a for a, b in zip(figures[OURS], figures[UNSORTED], strict=True)]
            row["wanted"].append(wanted("ratio to no buckets", median(gain), ">=", 1.0))
        others = {side: median(figures[side]) for side in sides if side not in (OURS, PLAIN)}
        return row | about | {"settings": EPOCH, "others": others}

    def vectors(self, name: str) -> Path:
        """Word vectors, trained if they are not there yet."""
        path = ROOT / "build" / "benchmarks" / f"neural-{name}.bin"
        if path.exists():
            return path
        source, arguments = VECTORS[name]
        corpus = self.options.data / source
        say(f"  training vectors: {name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        if corpus.name.endswith(".tsv.gz"):
            texts = path.with_suffix(".txt")
            with gzip.open(corpus, "rt", encoding="utf-8") as rows, texts.open("w", encoding="utf-8") as out:
                out.writelines(row.rstrip("\n").split("\t")[3] + "\n" for row in rows)
            corpus = texts
        command = [sys.executable, "-m", "embedkit", "train-w2v", str(corpus), "-o", str(path)]
        command += ["--threads", str(self.options.threads), "--quiet", *arguments]
        subprocess.run(command, check=True)
        return path


def report(results: dict[str, Any]) -> str:
    """All rows as text."""
    rows, lines = results["rows"], []
    for name in (*LINEAR_ROWS, *NETWORKS):
        if row := rows.get(name):
            found = row["accuracy"] if isinstance(row["accuracy"], list) else [row["accuracy"]]
            spread = f"{min(found):.1f} to {max(found):.1f}" if len(found) > 1 else ""
            target = f">= {row['target']}" if "target" in row else ""
            lines.append([name, f"{sum(found) / len(found):.2f}", spread, target, f"{row['seconds']:.1f}"])
    parts = [table(["", "accuracy", "seeds", "wanted", "fit s"], lines)] if lines else []
    lines = []
    for name in EPOCHS:
        if row := rows.get(name):
            others = ", ".join(f"{side} {seconds:.3g}" for side, seconds in row["others"].items())
            lines.append([name, f"{row[OURS]:.3g}", f"{row[PLAIN]:.3g}", f"{row['ratio']:.2f}x", others])
    if lines:
        parts.append(table(["seconds of an epoch", "embedkit", "plain loop", "ratio", ""], lines))
    return "\n\n".join(parts)


def main() -> None:
    data = Path(os.environ.get("EMBEDKIT_DATA", ROOT.parent / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=data, help="folder of the data sets and texts")
    parser.add_argument("--rounds", type=int, default=3, help="of the rows of epochs")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", help=f"measure only these, with commas: {', '.join(ROWS)}")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "neural.json")
    options = parser.parse_args()
    names = options.rows.split(",") if options.rows else ROWS
    if unknown := set(names) - set(ROWS):
        parser.error(f"unknown rows: {', '.join(sorted(unknown))}")
    if not (options.data / "classify").is_dir():
        parser.error(f"no such folder: {options.data / 'classify'}; name that of the data sets with --data")
    results = load_results(options.output, {"machine": machine(), "settings": {"threads": options.threads}})
    bench = Bench(options)
    for name in names:
        say(name)
        row = bench.row(name) | stamp()
        about = {"threads": options.threads, "versions": versions("torch", "skorch", "scikit-learn")}
        results["rows"][name] = row | about
        save_results(options.output, results)
    print(report(results))


if __name__ == "__main__":
    main()
