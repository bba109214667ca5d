#!/usr/bin/env python3
"""Language models beside KenLM and nltk: training, scoring of files and from Python, opening, sizes.

Each side runs in a process of its own, in turns, on the same text. KenLM's programs are built by whoever runs this,
outside the repository, and named by --kenlm: the folder that holds lmplz, build_binary and query. Some rows need the
packages kenlm and nltk. A ratio is the median of those within the rounds; a row stops if the sides differ.

    python benchmarks/lm.py --kenlm kenlm/build/bin
    python benchmarks/lm.py --kenlm kenlm/build/bin --rows train-3,score-file     # measure these again

Training takes the whole text, scoring a model of its first four fifths and, as text, the last one. What the two sides
do with threads differs: lmplz takes as many as its stages are, query takes one, ours as many as --threads says.
"""

import argparse
import math
import os
import re
import subprocess
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
    rounded,
    run_job,
    save_results,
    say,
    stamp,
    the_corpus,
    versions,
    wanted,
)
from lm_report import report

WORKER = Path(__file__).with_name("lm_worker.py")
SIDES = ("embedkit", "kenlm")
MEMORY = 4_000_000_000
"""Bytes for training; lmplz is given 4 GiB."""
SENTENCES = 50_000
"""Sentences of 20 words that are scored one by one."""
NLTK_WORDS, NLTK_QUESTIONS = 100_000, 60
"""Words that nltk fits on, and is asked for: it takes a tenth of a second and more for one."""
KENLM_KINDS = {"probing": ["probing"], "trie": ["trie"], "trie, 8 bits": ["-q", "8", "-b", "8", "trie"]}
# Row: method, its arguments, packages whose versions matter.
ROWS: dict[str, tuple[str, tuple[int, ...], tuple[str, ...]]] = {
    "train-3": ("train", (3,), ()),
    "train-5": ("train", (5,), ()),
    "score-file": ("score_file", (3,), ()),
    "score-file-5": ("score_file", (5,), ()),
    "score-python": ("score_python", (3,), ("ufal-kenlm",)),
    "open": ("opening", (3,), ("ufal-kenlm",)),
    "nltk": ("nltk", (), ("nltk",)),
    "sizes": ("sizes", (3,), ()),
}


class Bench:
    """One benchmark run: its settings, and a method for each kind of row."""

    def __init__(self, corpus: Path, options: argparse.Namespace, folder: Path) -> None:
        self.corpus, self.options, self.folder = corpus, options, folder
        self.threads, self.rounds = options.threads, options.rounds
        self.n_words = count_words(corpus)

    def row(self, name: str) -> dict[str, Any]:
        """Measure a row."""
        method, arguments, packages = ROWS[name]
        done: dict[str, Any] = getattr(self, method)(*arguments)
        return done | stamp() | {"versions": versions("numpy", *packages)}

    def job(self, name: str, **settings: Any) -> dict[str, Any]:
        """Run one of the worker's jobs; `wall` is how long the whole process took."""
        job = {"job": name, "threads": self.threads, **settings}
        os.sync()  # what others wrote is not to be written while this is timed
        started = time.perf_counter()
        done = run_job(WORKER, {key: str(one) if isinstance(one, Path) else one for key, one in job.items()})
        return done | {"wall": time.perf_counter() - started}

    def kenlm(self, program: str, *arguments: str | Path, source: Path | None = None) -> tuple[float, str]:
        """Run one of KenLM's programs; returns the seconds it took, and what it printed."""
        if self.options.kenlm is None:
            raise SystemExit("this row needs KenLM's programs: pass --kenlm FOLDER (see --help)")
        command = [str(self.options.kenlm / program), *map(str, arguments)]
        os.sync()
        with (source or Path(os.devnull)).open("rb") as stdin:
            started = time.perf_counter()
            done = subprocess.run(
                command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
            )
            seconds = time.perf_counter() - started
        if done.returncode:
            raise SystemExit(f"KenLM's {program} failed with exit code {done.returncode}:\n{done.stdout[-2000:]}")
        return seconds, done.stdout

    def train(self, order: int) -> dict[str, Any]:
        """Seconds from a text to an ARPA file, and the most memory held; whole processes."""
        files = {side: self.folder / f"{side}.arpa" for side in SIDES}
        runs: list[dict[str, Any]] = []
        peaks: dict[str, list[float]] = {side: [] for side in SIDES}

        def ours() -> float:
            files["embedkit"].unlink(missing_ok=True)
            runs.append(self.trained(self.corpus, order, files["embedkit"]))
            peaks["embedkit"].append(runs[-1]["peak_rss_mb"])
            return float(runs[-1]["wall"])

        def theirs() -> float:
            files["kenlm"].unlink(missing_ok=True)
            arguments = ["-o", str(order), "-S", "4G", "-T", f"{self.folder}/lmplz", "--arpa", files["kenlm"]]
            seconds, text = self.kenlm("lmplz", *arguments, source=self.corpus)
            peaks["kenlm"].append(int(found(r"RSSMax:(\d+) kB", text)) * 1024 / 1e6)
            return seconds

        figures = in_turns(self.rounds, [("embedkit", ours), ("kenlm", theirs)], "s")
        say("  comparing the two files")
        same = self.job("same_arpa", **files)
        if same["headers"][0] != same["headers"][1] or same["found"] != same["sampled"]:
            raise SystemExit(f"the sides do not find the same n-grams: {same}")
        if max(same["differences"]) > 1e-4:
            raise SystemExit(f"the sides estimate other numbers: {same}")
        row = compared(figures, "seconds", SIDES, higher=False, wanted_ratio=1.0)
        row["peak_rss_mb"] = {side: median(peaks[side]) for side in SIDES}
        row["wanted"].append(wanted("peak memory, MB", row["peak_rss_mb"]["embedkit"], "<=", MEMORY / 1e6))
        row |= {
            "parts": {part: median(run["seconds"][part] for run in runs) for part in runs[0]["seconds"]},
            "spilled_mb": median(run["spilled_mb"] for run in runs),
            "words_per_second": {side: rounded(self.n_words / row[side]) for side in SIDES},
            "ngrams": same["headers"][0],
            "arpa_mb": rounded(files["embedkit"].stat().st_size / 1e6),
            "compared_lines": same["sampled"],
            "largest_differences": same["differences"],
        }
        for path in files.values():
            path.unlink()
        return row

    def trained(self, corpus: Path, order: int, *outputs: Path) -> dict[str, Any]:
        """Train, in a process of its own."""
        return self.job("train", corpus=corpus, order=order, memory=MEMORY, outputs=[str(one) for one in outputs])

    def texts(self) -> tuple[Path, Path]:
        """The first four fifths of the text, and the last one."""
        paths = self.folder / "train.txt", self.folder / "held-out.txt"
        if not paths[1].exists():
            n = 0
            with self.corpus.open("rb") as lines, paths[0].open("wb") as first, paths[1].open("wb") as last:
                for line in lines:
                    (first if n < 0.8 * self.n_words else last).write(line)
                    n += len(line.split())
        return paths

    def models(self, order: int) -> dict[str, Path]:
        """A native model and KenLM's of the same, made once."""
        arpa, ours, theirs = (self.folder / f"{order}{ending}" for ending in (".arpa", ".lm", ".probing"))
        if not theirs.exists():
            say(f"  making models of order {order}")
            self.trained(self.texts()[0], order, arpa, ours)
            self.kenlm("build_binary", "probing", arpa, theirs)
        return {"embedkit": ours, "embedkit-model": ours, "kenlm": theirs, "kenlm-lazy": theirs, "arpa": arpa}

    def score_file(self, order: int) -> dict[str, Any]:
        """Words and ends of sentences scored in a second, by whole processes."""
        models, text = self.models(order), self.texts()[1]
        results: dict[str, dict[str, Any]] = {}
        alone: dict[str, list[float]] = {"embedkit": [], "one thread": []}

        def ours(name: str, threads: int) -> float:
            done = self.job("perplexity", model=models["embedkit"], text=text, threads=threads)
            alone[name].append(done["tokens"] / done["seconds"])
            results[name] = done
            return float(done["tokens"] / done["wall"])

        def theirs() -> float:
            seconds, printed = self.kenlm("query", "-v", "summary", models["kenlm"], source=text)
            results["kenlm"] = summary(printed)
            return float(results["kenlm"]["tokens"] / seconds)

        sides = [
            ("embedkit", lambda: ours("embedkit", self.threads)),
            ("one thread", lambda: ours("one thread", 1)),
            ("kenlm", theirs),
        ]
        figures = in_turns(self.rounds, sides, "tokens/s")
        for name in alone:
            check_same(name, results[name], results["kenlm"], 1e-5)
        row = compared(figures, "tokens/s", SIDES, higher=True, wanted_ratio=1.0)
        one = compared(figures, "tokens/s", ("one thread", "kenlm"), higher=True, wanted_ratio=None)
        return row | {
            "order": order,
            "one_thread": one,
            "without_start_and_opening": {name: median(speeds) for name, speeds in alone.items()},
            **{key: results["embedkit"][key] for key in ("perplexity", "perplexity_without_oov", "tokens", "oov")},
        }

    def score_python(self, order: int) -> dict[str, Any]:
        """Words a second of `score` in a loop over sentences, of the estimator and of the model in it."""
        models, text = self.models(order), self.texts()[1]
        results: dict[str, dict[str, Any]] = {}

        def side(name: str) -> float:
            results[name] = self.job("score", side=name, model=models[name], text=text, sentences=SENTENCES)
            return float(results[name]["words_per_second"])

        names = ("embedkit", "embedkit-model", "kenlm")
        figures = in_turns(self.rounds, [(one, lambda one=one: side(one)) for one in names], "words/s")
        for name in names:
            if not math.isclose(results[name]["sum"], results["kenlm"]["sum"], rel_tol=1e-3):
                raise SystemExit(f"the sides score differently: {results}")
        row = compared(figures, "words/s", SIDES, higher=True, wanted_ratio=None)
        row["wanted"].append(wanted("words/s", row["embedkit"], ">=", 100_000))
        model = compared(figures, "words/s", ("embedkit-model", "kenlm"), higher=True, wanted_ratio=None)
        facts = {key: results["embedkit"][key] for key in ("words", "sentences")}
        return row | {"order": order, "model_itself": model, **facts}

    def opening(self, order: int) -> dict[str, Any]:
        """Seconds to open a model, and until a first sentence is scored."""
        models, text = self.models(order), self.texts()[1]
        results: dict[str, list[dict[str, Any]]] = {}

        def side(name: str) -> float:
            done = self.job("opening", side=name, model=models[name], text=text)
            results.setdefault(name, []).append(done)
            return float(done["seconds"])

        names = ("embedkit-model", "kenlm", "kenlm-lazy")
        figures = in_turns(self.rounds, [(one, lambda one=one: side(one)) for one in names], "s")
        for name in names:
            if not math.isclose(results[name][0]["sum"], results["kenlm"][0]["sum"], rel_tol=1e-3):
                raise SystemExit(f"the sides score differently: {results}")
        row = compared(figures, "seconds", ("embedkit-model", "kenlm"), higher=False, wanted_ratio=None)
        lazy = compared(figures, "seconds", ("embedkit-model", "kenlm-lazy"), higher=False, wanted_ratio=None)
        first = {name: median(one["and_first_sentence"] for one in runs) for name, runs in results.items()}
        megabytes = {side: rounded(models[side].stat().st_size / 1e6) for side in SIDES}
        row["embedkit"] = row.pop("embedkit-model")
        return row | {"order": order, "beside_lazy": lazy, "until_first_sentence": first, "megabytes": megabytes}

    def nltk(self) -> dict[str, Any]:
        """Words scored in a second by models of Kneser and Ney on little text, nltk being asked for few words."""
        _, text = self.texts()
        results: dict[str, list[dict[str, Any]]] = {}
        settings = {"corpus": self.corpus, "text": text, "words": NLTK_WORDS, "questions": NLTK_QUESTIONS}

        def side(name: str) -> float:
            done = self.job(name, **settings, sentences=SENTENCES)
            results.setdefault(name, []).append(done)
            return float(done["words_per_second"])

        sides = [("embedkit", lambda: side("beside_nltk")), ("nltk", lambda: side("nltk"))]
        figures = in_turns(self.rounds, sides, "words/s")
        ours, theirs = results["beside_nltk"], results["nltk"]
        pairs = list(zip(ours[0]["probabilities"], theirs[0]["probabilities"], strict=True))
        difference = max(abs(a - b) for a, b in pairs)
        if difference > 1e-9:
            raise SystemExit(f"the sides estimate other probabilities: {pairs}")
        row = compared(figures, "words/s", ("embedkit", "nltk"), higher=True, wanted_ratio=10_000)
        return row | {
            "fit_seconds": {
                "embedkit": median(one["fit_seconds"] for one in ours),
                "nltk": median(one["fit_seconds"] for one in theirs),
            },
            "fitted_words": NLTK_WORDS,
            "scored_words": {"embedkit": ours[0]["words"], "nltk": len(pairs)},
            "largest_difference": difference,
        }

    def sizes(self, order: int) -> dict[str, Any]:
        """Bytes of model files, and the perplexity that is left in them."""
        models, text = self.models(order), self.texts()[1]
        sizes: dict[str, int] = {"ARPA": models["arpa"].stat().st_size}
        perplexities: dict[str, float] = {}
        exact = self.job("perplexity", model=models["embedkit"], text=text)
        for name, bits in {"float32": None, "16 bits": 16, "8 bits": 8}.items():
            output = self.folder / "quantised.lm"
            done = self.job("quantise", model=models["embedkit"], output=output, bits=bits)
            if done["bytes"] != done["foretold"]:
                raise SystemExit(f"the size of a native file was not foretold: {done}")
            scored = self.job("perplexity", model=output, text=text)
            if (scored["tokens"], scored["oov"]) != (exact["tokens"], exact["oov"]):
                raise SystemExit(f"quantised models know other words: {scored}, {exact}")
            sizes[f"embedkit, {name}"], perplexities[f"embedkit, {name}"] = done["bytes"], scored["perplexity"]
            output.unlink()
        for name, arguments in KENLM_KINDS.items():
            output = self.folder / "quantised.kenlm"
            self.kenlm("build_binary", *arguments, models["arpa"], output)
            scored = summary(self.kenlm("query", "-v", "summary", output, source=text)[1])
            if name == "probing":
                check_same("float32", exact, scored, 1e-5)
            sizes[f"kenlm, {name}"], perplexities[f"kenlm, {name}"] = output.stat().st_size, scored["perplexity"]
            output.unlink()
        return {"unit": "bytes", "order": order, "sizes": sizes, "perplexities": perplexities, "wanted": []}


def count_words(corpus: Path) -> int:
    """Words of a text; lmplz takes an empty line for a sentence, ours does not, so there must be none."""
    n = 0
    with corpus.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            words = len(line.split())
            if not words:
                raise SystemExit(f"{corpus}, line {number}: found an empty line, expected a sentence; take them out")
            n += words
    return n


def summary(text: str) -> dict[str, Any]:
    """What query says of a text."""
    return {
        "perplexity": float(found(r"including OOVs:\s+(\S+)", text)),
        "perplexity_without_oov": float(found(r"excluding OOVs:\s+(\S+)", text)),
        "oov": int(found(r"OOVs:\s+(\d+)\s*$", text)),
        "tokens": int(found(r"Tokens:\s+(\d+)", text)),
    }


def found(pattern: str, text: str) -> str:
    """The group of a pattern in what a program printed."""
    match = re.search(pattern, text, re.MULTILINE)
    if match is None:
        raise SystemExit(f"KenLM's output has changed: no {pattern!r} in\n{text[-2000:]}")
    return match[1]


def check_same(name: str, ours: dict[str, Any], theirs: dict[str, Any], tolerance: float) -> None:
    """Stop if two reports of a text differ."""
    counts = ("tokens", "oov")
    figures = ("perplexity", "perplexity_without_oov")
    if any(ours[key] != theirs[key] for key in counts) or not all(
        math.isclose(ours[key], theirs[key], rel_tol=tolerance) for key in figures
    ):
        raise SystemExit(f"the sides do not find the same ({name}):\n  {ours}\n  {theirs}")


def main() -> None:
    data = Path(os.environ.get("EMBEDKIT_DATA", ROOT.parent / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", help="text, a sentence a line; default: the normalised Wikipedia")
    parser.add_argument("--kenlm", type=Path, help="folder of KenLM's programs")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", help=f"measure only these, with commas: {', '.join(ROWS)}")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "lm.json")
    options = parser.parse_args()
    names = options.rows.split(",") if options.rows else list(ROWS)
    if unknown := set(names) - set(ROWS):
        parser.error(f"unknown rows: {', '.join(sorted(unknown))}")
    if options.kenlm is not None:
        options.kenlm = options.kenlm.resolve()
    corpus = the_corpus(options.corpus, data).resolve()
    with tempfile.TemporaryDirectory(prefix="embedkit-bench-") as folder:
        bench = Bench(corpus, options, Path(folder))
        same = {
            "machine": machine(),
            "corpus": {"words": bench.n_words, "bytes": corpus.stat().st_size},
            "settings": {"threads": options.threads, "memory_mb": MEMORY / 1e6},
        }
        results = load_results(options.output, same)
        for name in names:
            say(name)
            results["rows"][name] = bench.row(name)
            save_results(options.output, results)
    print(report(results))


if __name__ == "__main__":
    main()
