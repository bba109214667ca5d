#!/usr/bin/env python3
"""Co-occurrence, GloVe and SVD beside their peers: Stanford's GloVe, scipy's svds, scikit-learn's randomized_svd.

Each side runs in a process of its own, in turns, with the same number of threads on the same text. Stanford's
programs are built by whoever runs this, outside the repository, and named by --glove: the folder that holds
vocab_count, cooccur, shuffle and glove. A ratio is the median of those within the rounds.

    python benchmarks/counts.py --corpus wiki.txt --eval DIR --glove GloVe/build
    python benchmarks/counts.py --corpus wiki.txt --rows svd,svd-quality       # measure these again
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from counts_report import report
from harness import (
    ROOT,
    compared,
    in_turns,
    load_results,
    machine,
    run_job,
    save_results,
    say,
    stamp,
    the_corpus,
    versions,
    wanted,
)

WORKER = Path(__file__).with_name("counts_worker.py")
COMMAND = [sys.executable, "-m", "embedkit"]
GLOVE_COUNTING = {"window": 10, "distance": "harmonic"}
GLOVE = {"vector_size": 100, "x_max": 10.0, "alpha": 0.75, "learning_rate": 0.05}
QUALITY_EPOCHS, QUALITY_SEEDS = 5, (1, 2)
ROWS = ["cooccur", "glove-epoch", "glove-quality", "svd", "svd-quality", "memory"]
# Settings of SVD whose vectors are scored; the first is the one that the target is about.
SVD_SETTINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "window 5, p 0.5": ({}, {}),
    "window 5, p 0": ({}, {"eigenvalue_power": 0.0}),
    "window 5, p 1": ({}, {"eigenvalue_power": 1.0}),
    "window 5, p 0.5, contexts": ({}, {"vectors": "context"}),
    "window 5, p 0.5, sums": ({}, {"vectors": "sum"}),
    "window 5, p 0.5, cds 1": ({}, {"context_smoothing": 1.0}),
    "window 5, p 0.5, shift 5": ({}, {"shift": 5.0}),
    "window 2, p 0.5": ({"window": 2}, {}),
    "window 10, p 0.5": ({"window": 10}, {}),
    "window 5, p 0.5, harmonic": ({"distance": "harmonic"}, {}),
    "window 10, p 0.5, harmonic, cds 1": ({"window": 10, "distance": "harmonic"}, {"context_smoothing": 1.0}),
    "window 5, p 0.5, log": ({}, {"weighting": "log"}),
}


class Bench:
    """One benchmark run: its settings, and a method for each row."""

    def __init__(self, corpus: Path, options: argparse.Namespace, folder: Path) -> None:
        self.corpus, self.options, self.folder = corpus, options, folder
        self.threads, self.rounds = options.threads, options.rounds
        self.nnz: int | None = None

    def job(self, name: str, **settings: Any) -> dict[str, Any]:
        """Run one of the worker's jobs."""
        job = {"job": name, "corpus": str(self.corpus), "threads": self.threads, "seed": 1, "eval": None}
        return run_job(WORKER, job | settings)

    def stanford(self, program: str, *arguments: str, source: Path | None = None, target: Path | None = None) -> float:
        """Run one of Stanford's programs, and return the seconds it took."""
        if self.options.glove is None:
            raise SystemExit("this row needs Stanford's programs: pass --glove FOLDER (see --help)")
        started = time.perf_counter()
        with (
            (source or Path(os.devnull)).open("rb") as stdin,
            (target or Path(os.devnull)).open("wb") as stdout,
        ):
            command = [str(self.options.glove / program), *arguments, "-verbose", "0"]
            subprocess.run(command, stdin=stdin, stdout=stdout, stderr=subprocess.DEVNULL, cwd=self.folder, check=True)
        return time.perf_counter() - started

    def stanford_vocabulary(self) -> Path:
        """File of Stanford's vocabulary, made once."""
        vocabulary = self.folder / "vocab.txt"
        if not vocabulary.exists():
            self.stanford("vocab_count", "-min-count", "5", source=self.corpus, target=vocabulary)
        return vocabulary

    def stanford_cooccur(self) -> float:
        """Seconds of Stanford's counting alone: the vocabulary is there."""
        arguments = ["-vocab-file", str(self.stanford_vocabulary()), "-window-size", "10", "-memory", "6"]
        seconds = self.stanford("cooccur", *arguments, source=self.corpus, target=self.folder / "cooccur.bin")
        self.same_pairs((self.folder / "cooccur.bin").stat().st_size // 16)
        return seconds

    def stanford_shuffled(self) -> Path:
        """File of Stanford's shuffled pairs, made once."""
        shuffled = self.folder / "shuffled.bin"
        if not shuffled.exists():
            if not (self.folder / "cooccur.bin").exists():
                self.stanford_cooccur()
            counts = self.folder / "cooccur.bin"
            self.stanford("shuffle", "-memory", "6", "-seed", "1", source=counts, target=shuffled)
            counts.unlink()
        return shuffled

    def stanford_glove(self, epochs: int, seed: int = 1) -> float:
        """Train with Stanford's program; the seconds of an epoch are those between what it prints."""
        command = [str(self.options.glove / "glove"), "-input-file", str(self.stanford_shuffled())]
        command += ["-vocab-file", str(self.stanford_vocabulary()), "-save-file", str(self.folder / "stanford")]
        command += ["-vector-size", str(GLOVE["vector_size"]), "-x-max", str(GLOVE["x_max"])]
        command += ["-alpha", str(GLOVE["alpha"]), "-eta", str(GLOVE["learning_rate"]), "-iter", str(epochs)]
        command += ["-threads", str(self.threads), "-binary", "0", "-verbose", "1", "-seed", str(seed)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
            lines = process.stderr or ()
            times = [time.perf_counter() for line in lines if "seed" in line or "iter:" in line]
        if process.returncode or len(times) != epochs + 1:
            raise SystemExit(f"Stanford's glove failed, or its output has changed: {len(times)} of {epochs + 1} lines")
        return (times[-1] - times[0]) / epochs

    def same_pairs(self, nnz: int) -> None:
        """Stop if a side has counted something else."""
        if self.nnz not in (None, nnz):
            raise SystemExit(f"the sides do not count the same: {nnz:,} pairs, and {self.nnz:,}")
        self.nnz = nnz

    def cooccur(self) -> dict[str, Any]:
        """Seconds from a text to a file of counts: our whole command, vocabulary included, beside cooccur alone."""
        counting: list[float] = []

        def ours() -> float:
            command = [*COMMAND, "cooccur", str(self.corpus), "-o", str(self.folder / "counts.npz"), "--json", "-q"]
            command += ["--window", "10", "--distance", "harmonic", "--threads", str(self.threads)]
            command += ["--min-count", "5"]
            started = time.perf_counter()
            done = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
            seconds = time.perf_counter() - started
            counting.append(done["seconds"]["counting"])
            self.same_pairs(done["nonzero"])
            return seconds

        self.stanford_vocabulary()
        figures = in_turns(self.rounds, [("embedkit", ours), ("stanford", self.stanford_cooccur)], "s")
        row = compared(figures, "seconds", ("embedkit", "stanford"), higher=False, wanted_ratio=4.0)
        return row | {"counting_alone": statistics.median(counting), "pairs": self.nnz}

    def glove_epoch(self) -> dict[str, Any]:
        """Seconds of an epoch."""
        prepared: list[float] = []

        def ours() -> float:
            done = self.job("glove", counting=GLOVE_COUNTING, parameters={**GLOVE, "epochs": 5})
            self.same_pairs(done["nnz"])
            prepared.append(done["preparing"])
            return float(done["epoch"])

        self.stanford_shuffled()
        sides = [("embedkit", ours), ("stanford", lambda: self.stanford_glove(1))]
        figures = in_turns(self.rounds, sides, "s")
        row = compared(figures, "seconds", ("embedkit", "stanford"), higher=False, wanted_ratio=5.0)
        return row | {"preparing": statistics.median(prepared), "pairs": self.nnz}

    def glove_quality(self) -> dict[str, Any]:
        """Scores after the same number of epochs."""
        runs: dict[str, list[dict[str, float]]] = {"embedkit": [], "stanford": []}
        for seed in QUALITY_SEEDS:
            settings = {"counting": GLOVE_COUNTING, "parameters": {**GLOVE, "epochs": QUALITY_EPOCHS}, "seed": seed}
            runs["embedkit"].append(self.job("glove", **settings, eval=str(self.options.eval))["scores"])
            self.stanford_glove(QUALITY_EPOCHS, seed)
            vectors = str(self.folder / "stanford.txt")
            runs["stanford"].append(self.job("score", vectors=vectors, eval=str(self.options.eval))["scores"])
            say(f"  seed {seed}: { ({side: shown(scores[-1]) for side, scores in runs.items()}) }")
        means = {
            side: {name: round(statistics.mean(run[name] for run in scores), 2) for name in scores[0]}
            for side, scores in runs.items()
        }
        difference = {name: round(means["embedkit"][name] - value, 2) for name, value in means["stanford"].items()}
        worst = min(difference[name] for name in ("Google", "WS-353", "MEN"))
        return {
            "unit": "score x 100",
            "epochs": QUALITY_EPOCHS,
            "seeds": list(QUALITY_SEEDS),
            **means,
            "difference": difference,
            "runs": runs,
            "wanted": [wanted("worst of Google, WS-353, MEN", worst, ">=", -1.0)],
        }

    def svd(self) -> dict[str, Any]:
        """Seconds to singular triplets of a PPMI matrix.

        Ours and svds go to a residual of 1e-3. randomized_svd runs once, with its own settings by default: what counts
        is that it takes longer and is not there.
        """
        matrix, k, tol = str(self.folder / "ppmi.npz"), self.options.svd_size, 1e-3
        facts = self.job("ppmi", counting={"window": 5}, matrix=matrix)
        residuals: dict[str, float] = {}
        values: dict[str, list[float]] = {}

        def solver(name: str, **settings: Any) -> float:
            done = self.job("solve", matrix=matrix, k=k, solver=name, **settings)
            residuals[name], values[name] = done["residual"], done.pop("values")
            say(f"  {name}: residual {done['residual']:.2g}")
            return float(done["seconds"])

        sides = [
            ("embedkit", lambda: solver("embedkit", tol=tol)),
            ("svds", lambda: solver("svds", tol=self.options.svds_tol)),
        ]
        figures = in_turns(self.rounds, sides, "s")
        row = compared(figures, "seconds", ("embedkit", "svds"), higher=False, wanted_ratio=1.0)
        oversamples, n_iter = self.options.randomized
        seconds = solver("randomized_svd", oversamples=oversamples, n_iter=n_iter)
        error = max(abs(a / b - 1) for a, b in zip(values["embedkit"], values["svds"], strict=True))
        row["wanted"] += [
            wanted("values", error, "<=", 1e-4),
            wanted("randomized_svd", seconds / row["embedkit"], ">=", 1.0),
        ]
        return row | {
            "k": k,
            **facts,
            "residuals": residuals,
            "largest_difference_of_values": error,
            "randomized_svd": {"seconds": seconds, "n_iter": n_iter, "oversamples": oversamples},
        }

    def svd_quality(self) -> dict[str, Any]:
        """Scores of PPMI and SVD at several settings, beside skip-gram's."""
        evaluation = str(self.options.eval)
        parameters = {"vector_size": 100, "sample": 1e-4, "epochs": 5}
        scores = {"skip-gram, d 100": self.job("skipgram", parameters=parameters, eval=evaluation)["scores"]}
        scores["skip-gram, d 300"] = self.job(
            "skipgram", parameters={**parameters, "vector_size": 300}, eval=evaluation
        )["scores"]
        seconds = {}
        for name, (counting, changes) in SVD_SETTINGS.items():
            parameters = {"vector_size": self.options.svd_size, **changes}
            done = self.job("svd", counting={"window": 5, **counting}, parameters=parameters, eval=evaluation)
            scores[name], seconds[name] = done["scores"], done["seconds"]
            say(f"  {name}: {shown(scores[name])}, {done['seconds']:.0f} s")
        first = next(iter(SVD_SETTINGS))
        targets = [
            wanted(name, round(scores[first][name] - scores["skip-gram, d 100"][name], 2), ">=", 0.0)
            for name in ("WS-353", "MEN")
        ]
        rounded = {name: {test: round(value, 2) for test, value in one.items()} for name, one in scores.items()}
        return {"unit": "score x 100", "k": self.options.svd_size, "scores": rounded, "seconds": seconds} | {
            "wanted": targets
        }

    def memory(self) -> dict[str, Any]:
        """Peak memory of the commands, in MB of 10^6 bytes."""
        text = [str(self.corpus), "--threads", str(self.threads), "--json", "-q"]
        counts, vectors = str(self.folder / "counts.npz"), str(self.folder / "vectors.bin")
        peaks, targets = {}, []
        for budget in (4000, 1000, 512):
            command = ["cooccur", *text, "-o", counts, "--window", "10", "--distance", "harmonic"]
            done = self.command(*command, "--min-count", "5", "--memory", f"{budget}MB")
            peaks[f"cooccur --memory {budget}MB"] = done["peak_rss_mb"]
            targets.append(wanted(f"cooccur {budget}", done["peak_rss_mb"], "<=", budget))
            say(f"  cooccur, {budget} MB: {done['peak_rss_mb']} MB, {done['spilled_bytes'] / 1e6:,.0f} MB spilled")
        pairs, words = done["nonzero"], done["vocabulary"]
        done = self.command("train-glove", *text, "-o", vectors, "--epochs", "1")
        bound = round(12 * pairs / 1e6 + 4 * words * GLOVE["vector_size"] * 4 / 1e6, 1)
        peaks["train-glove"] = done["peak_rss_mb"]
        targets.append(wanted("train-glove", done["peak_rss_mb"], "<=", bound))
        peaks["train-svd, d 300, window 5"] = self.command("train-svd", *text, "-o", vectors, "--vector-size", "300")[
            "peak_rss_mb"
        ]
        return {"unit": "MB", "peaks": peaks, "wanted": targets}

    def command(self, *arguments: str) -> dict[str, Any]:
        """Run our command and return its report."""
        done = subprocess.run([*COMMAND, *arguments], stdout=subprocess.PIPE, check=True)
        report: dict[str, Any] = json.loads(done.stdout)
        return report


def shown(scores: dict[str, float]) -> dict[str, float]:
    return {name: round(score, 1) for name, score in scores.items()}


def main() -> None:
    data = Path(os.environ.get("EMBEDKIT_DATA", ROOT.parent / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", help="text, a document a line; default: the normalised Wikipedia")
    parser.add_argument("--eval", type=Path, default=data / "eval" / "en", help="folder of the evaluation sets")
    parser.add_argument("--glove", type=Path, help="folder of Stanford's programs")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--svd-size", type=int, default=300, help="singular triplets")
    # svds takes the tolerance of the squares.
    parser.add_argument("--svds-tol", type=float, default=1e-3**0.5, help="of svds; see the residual that it reaches")
    parser.add_argument("--randomized", type=int, nargs=2, default=(10, 7), metavar=("OVERSAMPLES", "N_ITER"))
    parser.add_argument("--rows", help=f"measure only these, with commas: {', '.join(ROWS)}")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "counts.json")
    options = parser.parse_args()
    names = options.rows.split(",") if options.rows else ROWS
    if unknown := set(names) - set(ROWS):
        parser.error(f"unknown rows: {', '.join(sorted(unknown))}")
    if options.glove is not None:
        options.glove = options.glove.resolve()
    corpus = the_corpus(options.corpus, data).resolve()
    with tempfile.TemporaryDirectory(prefix="embedkit-bench-") as folder:
        bench = Bench(corpus, options, Path(folder))
        facts = bench.job("count", counting={"window": 10})
        same = {
            "machine": machine(),
            "corpus": {"words": facts["words"], "bytes": corpus.stat().st_size},
            "settings": {"threads": options.threads, "min_count": 5, **GLOVE},
        }
        results = load_results(options.output, same)
        for name in names:
            say(name)
            row = getattr(bench, name.replace("-", "_"))()
            results["rows"][name] = row | stamp() | {"versions": versions("numpy", "scipy", "scikit-learn")}
            save_results(options.output, results)
    print(report(results))


if __name__ == "__main__":
    main()
