"""One job of the benchmark of classifiers, alone in this process: `classify.py` sends JSON and reads a line of JSON."""

import json
import random
import re
import sys
import time
from pathlib import Path
from typing import Any

from features_worker import labelled_reviews
from harness import peak_rss_mb


def embedkit(job: dict[str, Any]) -> dict[str, Any]:
    """Train our fastText classifier on the reviews as they lie: sorted by label."""
    from embedkit.classify import FastTextClassifier

    texts, labels = labelled_reviews(Path(job["train"]))
    model = FastTextClassifier(**job["settings"], n_jobs=job["threads"], random_state=job["seed"])
    started = time.perf_counter()
    model.fit(texts, labels)
    seconds = time.perf_counter() - started
    peak = peak_rss_mb()
    return {"seconds": seconds, "peak_rss_mb": peak, "accuracy": model.score(*labelled_reviews(Path(job["test"])))}


def fasttext(job: dict[str, Any]) -> dict[str, Any]:
    """Train fastText's own program, through its Python package, on a file of the same reviews."""
    import fasttext as peer

    settings, names = job["settings"], {"vector_size": "dim", "epochs": "epoch", "learning_rate": "lr"}
    names |= {"word_ngrams": "wordNgrams", "buckets": "bucket", "min_count": "minCount"}
    started = time.perf_counter()
    model = peer.train_supervised(
        input=job["file"],
        thread=job["threads"],
        verbose=0,
        seed=job["seed"],
        **{names[name]: value for name, value in settings.items()},
    )
    seconds = time.perf_counter() - started
    peak = peak_rss_mb()
    texts, labels = labelled_reviews(Path(job["test"]))
    # The plain predict() of some builds fails with numpy 2; the method below it does not.
    found = [model.f.predict(cut(text) + "\n", 1, 0.0, "strict") for text in texts]
    right = [bool(one) and one[0][1] == f"__label__{label}" for one, label in zip(found, labels, strict=True)]
    return {"seconds": seconds, "peak_rss_mb": peak, "accuracy": sum(right) / len(right)}


def write(job: dict[str, Any]) -> dict[str, Any]:
    """Write the training reviews for fastText: words cut at the same places as ours, as its users are told to do."""
    texts, labels = labelled_reviews(Path(job["train"]))
    lines = [f"__label__{label} {cut(text)}\n" for text, label in zip(texts, labels, strict=True)]
    Path(job["sorted"]).write_text("".join(lines), encoding="utf-8")
    random.Random(1).shuffle(lines)
    Path(job["shuffled"]).write_text("".join(lines), encoding="utf-8")
    return {"documents": len(lines)}


def nbsvm(job: dict[str, Any]) -> dict[str, Any]:
    """Train a pipeline on the reviews."""
    from embedkit.classify import text_classifier

    model = text_classifier("nbsvm", n_jobs=job["threads"], **job["settings"])
    started = time.perf_counter()
    model.fit(*labelled_reviews(Path(job["train"])))
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "accuracy": float(model.score(*labelled_reviews(Path(job["test"]))))}


def cut(text: str) -> str:
    """Lower case, words only."""
    return " ".join(re.findall(r"\w+(?:['\u2019]\w+)*", text.lower()))


if __name__ == "__main__":
    job = json.loads(sys.argv[1])
    jobs = {one.__name__: one for one in (embedkit, fasttext, write, nbsvm)}
    print(json.dumps(jobs[job["job"]](job)))
