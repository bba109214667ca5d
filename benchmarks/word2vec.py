#!/usr/bin/env python3
"""embedkit beside gensim on word2vec: speed, memory, start-up and, with --quality, what the vectors are worth.

Both train on the same file with the same settings, in turns, each run in a process of its own; both must count
the same words. Speed is raw corpus words times epochs over the seconds of training alone, without the start of
Python and without the vocabulary. gensim trains one epoch, embedkit as many as take it 10 seconds, for a figure that
is as steady. gensim reads and splits the text again in each epoch, embedkit once, when it counts the words: the row
`whole` holds all of both, from the file to a model of one epoch. A ratio is the median of those within the rounds;
that of the two medians stands beside it.

    python benchmarks/word2vec.py --corpus wiki.txt --eval DIR --quality
    python benchmarks/word2vec.py --corpus wiki.txt --rows skipgram-ns,threads      # measure these again
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
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
    the_corpus,
    versions,
    wanted,
)
from word2vec_report import report

WORKER = Path(__file__).with_name("word2vec_worker.py")
SETTINGS = {"vector_size": 100, "window": 5, "negative": 5, "sample": 1e-4, "min_count": 5}
# Architecture, loss, and the times gensim's words/s to reach.
MODELS = {
    "skipgram-ns": ("skipgram", "ns", 6.0),
    "cbow-ns": ("cbow", "ns", 2.5),
    "skipgram-hs": ("skipgram", "hs", 3.0),
}
COMMAND = [sys.executable, "-m", "embedkit"]
SPEED_ROWS = [*MODELS, "vocabulary", "whole", "memory", "threads", "startup"]
QUALITY_ROWS = [f"quality-{name}" for name in MODELS]
QUALITY_SEEDS = (1, 2)
QUALITY_EPOCHS = 5
START_UPS = 15


class Bench:
    """One benchmark run: its settings, and a method for each kind of row."""

    def __init__(self, corpus: Path, evaluation: Path, threads: int, rounds: int, seconds: float) -> None:
        self.corpus, self.evaluation, self.threads = corpus, evaluation, threads
        self.rounds, self.seconds = rounds, seconds
        self.corpus_seen: dict[str, Any] = {}

    def job(self, system: str, model: str = "skipgram-ns", **changes: Any) -> dict[str, Any]:
        """Run one side once, and see that it read the same words as all runs before it."""
        architecture, loss, _ = MODELS[model]
        job = {"system": system, "corpus": str(self.corpus), "architecture": architecture, "loss": loss, **SETTINGS}
        job |= {"threads": self.threads, "seed": 1, "epochs": 1, "eval": None} | changes
        result = run_job(WORKER, job)
        seen = {key: result[key] for key in ("words", "vocabulary", "vocabulary_digest")}
        if self.corpus_seen not in ({}, seen):
            raise SystemExit(f"{system} read another corpus than the runs before: {seen}, not {self.corpus_seen}")
        self.corpus_seen = seen
        if job["epochs"]:
            result["words_per_second"] = result["words"] * job["epochs"] / result["training_seconds"]
        return result

    def speed(self, model: str) -> dict[str, Any]:
        """Words/s of training."""
        epochs = {"embedkit": self.enough_epochs(model), "gensim": 1}
        figures = in_turns(
            self.rounds,
            [
                (side, lambda side=side: self.job(side, model, epochs=epochs[side])["words_per_second"])
                for side in epochs
            ],
            "words/s",
        )
        return compared(figures, "words/s", higher=True, wanted_ratio=MODELS[model][2]) | {"epochs": epochs}

    def enough_epochs(self, model: str) -> int:
        """Epochs that take embedkit the time that a measurement needs."""
        return math.ceil(self.seconds / self.job("embedkit", model)["training_seconds"])

    def duration(self, what: str, epochs: int, wanted_ratio: float | None) -> dict[str, Any]:
        """Seconds of a part of the work."""
        figures = in_turns(
            self.rounds,
            [(side, lambda side=side: self.job(side, epochs=epochs)[what]) for side in ("embedkit", "gensim")],
            "s",
        )
        return compared(figures, "seconds", higher=False, wanted_ratio=wanted_ratio)

    def vocabulary(self) -> dict[str, Any]:
        """Seconds from a file to a vocabulary; with embedkit also to the encoded corpus."""
        return self.duration("vocabulary_seconds", 0, 4.0)

    def whole(self) -> dict[str, Any]:
        """Seconds from a file to a model that was trained for one epoch."""
        return self.duration("whole_seconds", 1, None)

    def memory(self) -> dict[str, Any]:
        """Peak memory of the command that users run, and of gensim's training, in MB of 10^6 bytes."""
        gensim = self.job("gensim")
        with tempfile.TemporaryDirectory() as folder:
            command = [*COMMAND, "train-w2v", str(self.corpus), "-o", f"{folder}/vectors.bin", "--json", "--quiet"]
            command += ["--sample", "1e-4", "--epochs", "1", "--threads", str(self.threads)]
            report = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
        if (report["words"], report["vocabulary"]) != (gensim["words"], gensim["vocabulary"]):
            raise SystemExit(f"the command trained on something else: {report}")
        matrices = 2 * report["vocabulary"] * SETTINGS["vector_size"] * 4 / 1e6
        bound = matrices + 4 * report["words"] / 1e6 + 100
        peaks = {"embedkit": round(report["peak_rss_mb"], 1), "gensim": round(gensim["peak_rss_mb"], 1)}
        return {
            "unit": "MB",
            **peaks,
            "ratio": round(peaks["gensim"] / peaks["embedkit"], 2),
            "wanted": [wanted("embedkit", peaks["embedkit"], "<=", round(bound, 1))],
        }

    def scaling(self) -> dict[str, Any]:
        """Words/s of embedkit's skip-gram on one thread and on all."""
        epochs = self.enough_epochs("skipgram-ns")
        sides = [
            (name, lambda count=count: self.job("embedkit", threads=count, epochs=epochs)["words_per_second"])
            for name, count in (("one", 1), ("many", self.threads))
        ]
        figures = in_turns(self.rounds, sides, "words/s")
        return compared(figures, "words/s", ("many", "one"), higher=True, wanted_ratio=1.8) | {"epochs": epochs}

    def startup(self) -> dict[str, Any]:
        """Seconds of wall time, the start of Python included, and of Python alone."""
        commands = {
            "python": [sys.executable, "-c", "pass"],
            "import": [sys.executable, "-c", "import embedkit"],
            "help": [*COMMAND, "--help"],
        }
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(START_UPS):
            for name, command in commands.items():
                started = time.perf_counter()
                subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
                seconds[name].append(time.perf_counter() - started)
        medians = {name: median(values) for name, values in seconds.items()}
        limits = [wanted("import", medians["import"], "<=", 0.1), wanted("help", medians["help"], "<=", 0.3)]
        return {"unit": "seconds", **medians, "runs_of_each": START_UPS, "wanted": limits}

    def quality(self, model: str) -> dict[str, Any]:
        """Scores x 100 after several epochs, the mean of the seeds, and the differences."""
        runs: dict[str, list[dict[str, Any]]] = {"embedkit": [], "gensim": []}
        for seed in QUALITY_SEEDS:
            for side, results in runs.items():
                results.append(self.job(side, model, seed=seed, epochs=QUALITY_EPOCHS, eval=str(self.evaluation)))
                shown = {name: round(score, 1) for name, score in results[-1]["scores"].items()}
                say(f"  seed {seed}: {side} {shown}, {results[-1]['words_per_second']:,.0f} words/s")
        means = {
            side: {
                name: round(sum(result["scores"][name] for result in results) / len(results), 2)
                for name in results[0]["scores"]
            }
            for side, results in runs.items()
        }
        differences = {name: round(means["embedkit"][name] - score, 2) for name, score in means["gensim"].items()}
        mean, smallest = round(sum(differences.values()) / len(differences), 2), min(differences.values())
        return {
            "unit": "score x 100",
            "epochs": QUALITY_EPOCHS,
            "seeds": list(QUALITY_SEEDS),
            **means,
            "difference": differences,
            "mean_difference": mean,
            "smallest_difference": smallest,
            "runs": {side: [summary(result) for result in results] for side, results in runs.items()},
            "wanted": [
                wanted("mean_difference", mean, ">=", -1.0),
                wanted("smallest_difference", smallest, ">=", -2.0),
            ],
        }

    def row(self, name: str) -> dict[str, Any]:
        """Measure the row of that name."""
        if name.startswith("quality-"):
            return self.quality(name.removeprefix("quality-"))
        if name in MODELS:
            return self.speed(name)
        rows = {
            "vocabulary": self.vocabulary,
            "whole": self.whole,
            "memory": self.memory,
            "threads": self.scaling,
            "startup": self.startup,
        }
        return rows[name]()


def summary(result: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a quality run."""
    kept = {name: round(score, 2) for name, score in result["scores"].items()}
    kept["words_per_second"] = round(result["words_per_second"])
    if "losses" in result:
        kept["losses"] = [round(loss, 5) for loss in result["losses"]]
    return kept


def main() -> None:
    data = Path(os.environ.get("EMBEDKIT_DATA", ROOT.parent / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--corpus", help="text, a document a line; default: the normalised Wikipedia, made from the data"
    )
    parser.add_argument("--eval", type=Path, default=data / "eval" / "en", help="folder of the evaluation sets")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10.0, help="least time that embedkit trains in a measurement")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quality", action="store_true", help="also train 5 epochs and compare scores (half an hour)")
    parser.add_argument("--rows", help=f"measure only these, with commas: {', '.join(SPEED_ROWS + QUALITY_ROWS)}")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "word2vec.json")
    options = parser.parse_args()
    names = options.rows.split(",") if options.rows else [*SPEED_ROWS, *(QUALITY_ROWS if options.quality else [])]
    if unknown := set(names) - {*SPEED_ROWS, *QUALITY_ROWS}:
        parser.error(f"unknown rows: {', '.join(sorted(unknown))}")
    if options.threads == 1 and "threads" in names:
        if options.rows:
            parser.error("the row threads compares one thread with --threads, which is 1 too; pass 2 or more")
        names.remove("threads")

    bench = Bench(the_corpus(options.corpus, data), options.eval, options.threads, options.rounds, options.seconds)
    say("reading the corpus with both sides")
    for side in ("embedkit", "gensim"):
        bench.job(side, epochs=0)
    same = {
        "machine": machine(),
        "corpus": bench.corpus_seen,
        "settings": {**SETTINGS, "learning_rate": {"skipgram": 0.025, "cbow": 0.05}, "threads": options.threads},
    }
    results = load_results(options.output, same)
    for name in names:
        say(name)
        row = bench.row(name)
        results["rows"][name] = row | stamp() | {"versions": versions("gensim", "numpy")}
        save_results(options.output, results)
    print(report(results))


if __name__ == "__main__":
    main()
