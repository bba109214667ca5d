#!/usr/bin/env python3
"""Text: words of English and of Chinese, phrases and EDA, each beside a peer.

Each side runs in a process of its own, in turns, on the same text. jieba and textaugment need not be in this
environment: --peers names another Python that has them (and nltk with its WordNet and stop words, at $NLTK_DATA). The
rows of Chinese need rjieba, OpenCC and gensim here, `phrases` gensim, and those of EDA a WordNet: at $WNSEARCHDIR, in
its usual places, or in the folder that --wordnet names. A row stops if the sides differ.

    python benchmarks/text.py --peers peers/bin/python
    python benchmarks/text.py --peers peers/bin/python --rows zh-cutting,eda     # measure these again
"""

import argparse
import gzip
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
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
from text_report import report

WORKER = Path(__file__).with_name("text_worker.py")
VECTORS = {"vector_size": 100, "window": 5, "negative": 5, "sample": 1e-4, "min_count": 5, "epochs": 5}
VECTOR_SEEDS = (1, 2)
SAMPLE_LINES = 5_000
"""Lines whose words are counted in Python too."""
EDA_SIDES, N_AUG = ("embedkit", "textaugment"), 4
PASSES = {"embedkit": 40, "textaugment": 3}
"""Times that the sentences are augmented in a measurement; a second or two of either side."""
GAIN_MODELS, GAIN_SEEDS = ("logreg", "fasttext"), tuple(range(1, 11))
GAIN_SETTINGS = ((4, 0.1), (16, 0.05))
"""n_aug and the four alphas: the defaults of ours, and what Wei and Zou (2019), table 3, recommend for 500 texts."""
# Row: method, its arguments, packages whose versions matter, and those of the peers' Python.
ROWS: dict[str, tuple[str, dict[str, Any], tuple[str, ...], tuple[str, ...]]] = {
    "words": ("words", {}, (), ()),
    "zh-cutting": ("cutting", {}, ("rjieba", "OpenCC"), ("jieba",)),
    "zh-vectors": ("vectors", {}, ("rjieba", "OpenCC", "gensim"), ("jieba",)),
    "phrases": ("phrases", {"scoring": "gensim", "threshold": 10.0}, ("gensim",), ()),
    "phrases-npmi": ("phrases", {"scoring": "npmi", "threshold": 0.5}, ("gensim",), ()),
    "eda": ("eda", {}, (), ("textaugment", "nltk")),
    "eda-gain": ("eda_gain", {}, ("scikit-learn", "scipy"), ()),
}


class Bench:
    """One benchmark run: its settings, and a method for each kind of row."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.options, self.folder = options, folder
        self.data, self.threads, self.rounds = options.data, options.threads, options.rounds
        self.simplifying, self.same_pieces = 0.0, dict[str, int]()
        self.lexicon = "wordnet" if options.wordnet is None else f"wordnet:{options.wordnet}"

    def row(self, name: str) -> dict[str, Any]:
        """Measure a row."""
        method, arguments, packages, of_peers = ROWS[name]
        done: dict[str, Any] = getattr(self, method)(**arguments)
        known = versions("numpy", *packages)
        if of_peers:
            known |= {key: one for key, one in self.peer("peers", packages=of_peers).items() if key != "python"}
        return done | stamp() | {"versions": known}

    def job(self, name: str, **settings: Any) -> dict[str, Any]:
        """Run one of the worker's jobs; `wall` is how long the whole process took."""
        job = self._job(name, settings)
        os.sync()  # what others wrote is not to be written while this is timed
        started = time.perf_counter()
        done = run_job(WORKER, job)
        return done | {"wall": time.perf_counter() - started}

    def peer(self, name: str, **settings: Any) -> dict[str, Any]:
        """Run one of the worker's jobs with the peers' Python."""
        if self.options.peers is None:
            raise SystemExit("this row needs jieba or textaugment: pass --peers PYTHON (see --help)")
        command = [str(self.options.peers), str(WORKER), json.dumps(self._job(name, settings))]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"the peers' Python failed with exit code {done.returncode} on {name}")
        result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return result

    def _job(self, name: str, settings: dict[str, Any]) -> dict[str, Any]:
        job = {"job": name, "threads": self.threads, **settings}
        return {key: str(one) if isinstance(one, Path) else one for key, one in job.items()}

    def text(self, name: str) -> Path:
        """A compressed text of the data sets, decompressed once."""
        output = self.folder / Path(name).stem
        if not output.exists():
            say(f"  decompressing {name}")
            with gzip.open(self.data / name) as packed, output.open("wb") as out:
                shutil.copyfileobj(packed, out, 2**20)
        return output

    def words(self) -> dict[str, Any]:
        """MB/s of the `words` tokenizer, raw text to ids, beside white space; with all threads and with one."""
        text = self.text("en/wiki-en.txt.gz")
        facts: dict[str, dict[str, Any]] = {}
        for cut in ("words", "whitespace"):
            same = self.job("same_words", corpus=text, tokenizer=cut, lines=SAMPLE_LINES)
            if not same["same"]:
                raise SystemExit(f"encoding finds other words than the tokenizer {cut!r} does by itself")
            done = self.job("encode", corpus=text, tokenizer=cut, min_count=1)
            facts[cut] = {"words": done["words"], "distinct": done["vocabulary"], "checked_words": same["words"]}
            facts[cut]["share_in_words"] = rounded(done["share_in_words"])
        seen: dict[str, tuple[Any, ...]] = {}

        def side(cut: str, threads: int) -> float:
            done = self.job("encode", corpus=text, tokenizer=cut, min_count=5, threads=threads)
            identity = done["digest"], done["words"], done["bytes"]
            if seen.setdefault(cut, identity) != identity or done["words"] != facts[cut]["words"]:
                raise SystemExit(f"{cut!r} with {threads} threads read something else: {identity}, not {seen[cut]}")
            return float(done["bytes"] / done["seconds"] / 1e6)

        sides = [
            (name, partial(side, name.split(",")[0], threads))
            for name, threads in (
                *(("words", self.threads), ("whitespace", self.threads)),
                *(("words, one thread", 1), ("whitespace, one thread", 1)),
            )
        ]
        figures = in_turns(self.rounds, sides, "MB/s")
        row = compared(figures, "MB/s", ("words", "whitespace"), higher=True, wanted_ratio=0.6)
        alone = ("words, one thread", "whitespace, one thread")
        one = compared(figures, "MB/s", alone, higher=True, wanted_ratio=None)
        return row | {"one_thread": one, "facts": facts, "megabytes": rounded(text.stat().st_size / 1e6)}

    def simplified(self) -> Path:
        """The Chinese text in simplified characters, made once: both sides are given it."""
        output = self.folder / "simplified.txt"
        if not output.exists():
            text = self.text("zh/wiki-zh.txt.gz")
            say("  making it simplified")
            self.simplifying = self.job("simplify", corpus=text, output=output)["seconds"]
        return output

    def cut(self) -> tuple[Path, dict[str, int]]:
        """The Chinese text in words of jieba's, made once, and how many are the same of rjieba's."""
        output, pieces = self.folder / "jieba.txt", self.folder / "jieba.jsonl"
        if not output.exists():
            if not pieces.exists():
                say("  cutting it with jieba")
                self.peer("jieba", corpus=self.simplified(), output=pieces)
            say("  comparing the words of jieba and rjieba")
            same = self.job("same_pieces", corpus=self.simplified(), pieces=pieces, output=output)
            self.same_pieces = {key: same[key] for key in ("both", "jieba")}
        return output, self.same_pieces

    def cutting(self) -> dict[str, Any]:
        """Seconds of the `zh` tokenizer, rjieba's share of them, and those of rjieba and jieba in a loop of Python."""
        text = self.simplified()
        words: dict[str, int] = {}
        shares: list[float] = []

        def alone() -> float:
            done = self.job("rjieba", corpus=text)
            words["rjieba"] = done["words"]
            return float(done["seconds"])

        def ours() -> float:
            done = self.job("encode_chinese", corpus=text, min_count=VECTORS["min_count"])
            words["embedkit"] = done["words"]
            shares.append(done["inside_rjieba"] / done["seconds"])
            return float(done["seconds"])

        def jieba() -> float:
            return float(self.peer("jieba", corpus=text, output=self.folder / "jieba.jsonl")["seconds"])

        figures = in_turns(self.rounds, [("rjieba", alone), ("embedkit", ours), ("jieba", jieba)], "s")
        if words["rjieba"] != words["embedkit"]:
            raise SystemExit(f"the encoding has other words than rjieba by itself: {words}")
        row = compared(figures, "seconds", ("embedkit", "jieba"), higher=False, wanted_ratio=None)
        row["wanted"].append(wanted("rjieba's share of the encoding", median(shares), ">=", 0.5))
        _, same = self.cut()
        return row | {
            "rjieba": median(figures["rjieba"]),
            "rjieba_share": median(shares),
            "words": words["embedkit"],
            "megabytes": rounded(text.stat().st_size / 1e6),
            "equal_words": rounded(2 * same["both"] / (same["jieba"] + words["embedkit"])),
            "simplifying_seconds": rounded(self.simplifying),
        }

    def vectors(self) -> dict[str, Any]:
        """Scores of Chinese vectors, and the seconds to them; gensim is given the text in jieba's words."""
        text, cut = self.simplified(), self.cut()[0]
        runs: dict[str, list[dict[str, Any]]] = {"embedkit": [], "gensim": []}
        settings = {**VECTORS, "corpus": text, "cut": cut, "eval": self.data / "eval" / "zh"}

        def side(name: str) -> float:
            runs[name].append(self.job(name, **settings, seed=VECTOR_SEEDS[len(runs[name])]))
            shown = {key: round(score, 1) for key, score in runs[name][-1]["scores"]["scores"].items()}
            say(f"  {name}: {shown}")
            return float(runs[name][-1]["seconds"]["training"])

        figures = in_turns(len(VECTOR_SEEDS), [(name, partial(side, name)) for name in runs], "s")
        row = compared(figures, "seconds of training", higher=False, wanted_ratio=None)
        scores = {name: [run["scores"]["scores"] for run in done] for name, done in runs.items()}
        means = {
            name: {key: round(sum(one[key] for one in done) / len(done), 2) for key in done[0]}
            for name, done in scores.items()
        }
        return row | {
            "settings": VECTORS,
            "seeds": list(VECTOR_SEEDS),
            "scores": means,
            "scores_by_seed": {
                name: [{key: round(one, 2) for key, one in run.items()} for run in done]
                for name, done in scores.items()
            },
            "used": {name: done[0]["scores"]["used"] for name, done in runs.items()},
            "words": {name: done[0]["words"] for name, done in runs.items()},
            "vocabulary": {name: done[0]["vocabulary"] for name, done in runs.items()},
            "parts": {
                name: {part: median(run["seconds"][part] for run in done) for part in done[0]["seconds"]}
                for name, done in runs.items()
            },
        }

    def phrases(self, scoring: str, threshold: float) -> dict[str, Any]:
        """Seconds from a text to a table of its phrases; whole processes."""
        corpus = the_corpus(self.options.corpus, self.data).resolve()
        tables = {side: self.folder / f"{side}.tsv" for side in ("embedkit", "gensim")}
        settings = {"corpus": corpus, "min_count": 5, "scoring": scoring, "threshold": threshold}
        peaks: dict[str, list[float]] = {side: [] for side in tables}
        found: dict[str, int] = {}

        def side(job: str, name: str) -> float:
            done = self.job(job, **settings, output=tables[name])
            peaks[name].append(done["peak_rss_mb"])
            found[name] = done["phrases"]
            return float(done["wall"])

        sides: list[tuple[str, Callable[[], float]]] = [
            ("embedkit", partial(side, "phrases", "embedkit")),
            ("gensim", partial(side, "gensim_phrases", "gensim")),
        ]
        figures = in_turns(self.rounds, sides, "s")
        same = self.job("same_phrases", **tables)
        if not same["same"] or same["largest_difference"] > 1e-9:
            raise SystemExit(f"the sides find other phrases: {found}, {same}")
        row = compared(figures, "seconds", higher=False, wanted_ratio=10.0)
        return row | {
            "settings": {key: settings[key] for key in ("min_count", "scoring", "threshold")},
            "phrases": found["embedkit"],
            "largest_difference": same["largest_difference"],
            "peak_rss_mb": {name: median(one) for name, one in peaks.items()},
            "corpus_bytes": corpus.stat().st_size,
        }

    def eda(self) -> dict[str, Any]:
        """Sentences a second that four texts are made of, one core, when the words are known already."""
        settings = {"texts": self.data / "classify" / "sst2_train_500.txt", "n_aug": N_AUG, "lexicon": self.lexicon}
        new: dict[str, float] = {}

        def side(name: str, run: Callable[..., dict[str, Any]], job: str) -> float:
            done = run(job, **settings, passes=PASSES[name])
            new[name] = rounded(done["new_texts"])
            return float(done["texts_per_second"])

        sides: list[tuple[str, Callable[[], float]]] = [
            ("embedkit", partial(side, "embedkit", self.job, "eda")),
            ("textaugment", partial(side, "textaugment", self.peer, "textaugment")),
        ]
        figures = in_turns(self.rounds, sides, "sentences/s")
        if new["embedkit"] < 0.95 * new["textaugment"]:
            raise SystemExit(f"ours makes fewer new texts of a sentence: {new}")
        row = compared(figures, "sentences/s", EDA_SIDES, higher=True, wanted_ratio=20.0)
        return row | {"n_aug": N_AUG, "new_texts": new}

    def eda_gain(self) -> dict[str, Any]:
        """Accuracy of classifiers with EDA and without, and the gain with its confidence interval."""
        folder = self.data / "classify"
        settings = {"texts": folder / "sst2_train_500.txt", "tests": folder / "sst2.test.tsv", "lexicon": self.lexicon}
        models: dict[str, Any] = {}
        sizes: dict[str, int] = {}
        for model in GAIN_MODELS:
            done = self.job("eda_gain", **settings, model=model, seeds=GAIN_SEEDS, settings=GAIN_SETTINGS)
            sizes = {key: done[key] for key in ("texts", "tests")}
            models[model] = {
                "accuracy": {name: round(sum(one) / len(one), 2) for name, one in done["accuracies"].items()},
                "gains": {
                    name: {
                        beside: {key: round(value, 2) for key, value in one.items()} for beside, one in gains.items()
                    }
                    for name, gains in done["gains"].items()
                },
                "by_seed": {name: [round(value, 2) for value in one] for name, one in done["accuracies"].items()},
            }
            say(f"  {model}: {models[model]['accuracy']}")
        shown = {"seeds": list(GAIN_SEEDS), "n_aug_and_alpha": GAIN_SETTINGS, **sizes}
        return {"unit": "accuracy, %", **shown, "models": models, "wanted": []}


def main() -> None:
    data = Path(os.environ.get("EMBEDKIT_DATA", ROOT.parent / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=data, help="folder of the data sets")
    parser.add_argument("--corpus", help="text of the rows of phrases; default: the normalised Wikipedia")
    parser.add_argument("--peers", type=Path, help="a Python that has jieba, textaugment and nltk")
    parser.add_argument("--wordnet", type=Path, help="folder of a WordNet; default: where ours looks for one")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", help=f"measure only these, with commas: {', '.join(ROWS)}")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "text.json")
    options = parser.parse_args()
    names = options.rows.split(",") if options.rows else list(ROWS)
    if unknown := set(names) - set(ROWS):
        parser.error(f"unknown rows: {', '.join(sorted(unknown))}")
    if options.peers is not None:
        options.peers = options.peers.absolute()  # not resolved: the Python of an environment is a link to another
    if not options.data.is_dir():
        parser.error(f"no such folder: {options.data}; name that of the data sets with --data")
    results = load_results(options.output, {"machine": machine(), "settings": {"threads": options.threads}})
    with tempfile.TemporaryDirectory(prefix="embedkit-bench-") as folder:
        bench = Bench(options, Path(folder))
        for name in names:
            say(name)
            results["rows"][name] = bench.row(name)
            save_results(options.output, results)
    print(report(results))


if __name__ == "__main__":
    main()
