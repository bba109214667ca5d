"""One job of the benchmark of neural classifiers, alone in this process: JSON comes in, a line of JSON goes out."""

import gzip
import json
import sys
import time
from pathlib import Path
from typing import Any

from harness import peak_rss_mb


def accuracy(job: dict[str, Any]) -> dict[str, Any]:
    """Train a network and predict the test set."""
    from embedkit import KeyedVectors, neural

    train, test = (documents(Path(job["data"]), job["set"], part) for part in ("train", "test"))
    settings = dict(job["settings"])
    if job.get("vectors"):
        settings["embedding"] = KeyedVectors.load(job["vectors"])
    model = getattr(neural, job["class"])(**settings, n_jobs=job["threads"], random_state=job["seed"])
    started = time.perf_counter()
    model.fit(*train)
    seconds = time.perf_counter() - started
    started = time.perf_counter()
    right = float(model.score(*test))
    return {
        "accuracy": round(100 * right, 2),
        "seconds": seconds,
        "predict_seconds": time.perf_counter() - started,
        "epochs": model.n_iter_,
        "parameters": model.n_parameters_,
        "peak_rss_mb": peak_rss_mb(),
    }


def linear(job: dict[str, Any]) -> dict[str, Any]:
    """Train a linear classifier of `embedkit.classify` and predict the test set."""
    from embedkit.classify import text_classifier

    train, test = (documents(Path(job["data"]), job["set"], part) for part in ("train", "test"))
    model = text_classifier(job["name"], n_jobs=job["threads"], **job["settings"])
    started = time.perf_counter()
    model.fit(*train)
    seconds = time.perf_counter() - started
    return {"accuracy": round(100 * float(model.score(*test)), 2), "seconds": seconds}


def epoch(job: dict[str, Any]) -> dict[str, Any]:
    """Seconds of the second epoch of a network, in our loop or in a plain one."""
    import torch

    torch.set_num_threads(job["threads"])
    texts, labels = documents(Path(job["data"]), job["set"], "train")
    if job["texts"]:
        step = len(texts) // job["texts"]
        texts, labels = texts[::step][: job["texts"]], labels[::step][: job["texts"]]
    return (_our_epoch if job["side"] in ("embedkit", "embedkit, no buckets") else _plain_epoch)(job, texts, labels)


def _our_epoch(job: dict[str, Any], texts: list[str], labels: list[str]) -> dict[str, Any]:
    from embedkit import neural

    model = getattr(neural, job["class"])(
        **job["settings"],
        epochs=2,
        bucketing=job["side"] == "embedkit",
        n_jobs=job["threads"],
        random_state=job["seed"],
    )
    model.fit(texts, labels)
    return {"seconds": model.history_[-1]["seconds"], "loss": model.history_[-1]["train_loss"]}


def _plain_epoch(job: dict[str, Any], texts: list[str], labels: list[str]) -> dict[str, Any]:
    """The loop that one writes by hand: shuffled batches, each padded to its longest text."""
    import numpy as np
    import torch
    from torch.nn.utils.rnn import pad_sequence
    from torch.utils.data import DataLoader

    from embedkit.neural.layers.embedding import WordEmbedding
    from embedkit.neural.texts import read_texts
    from embedkit.neural.vectors import number_words

    settings = job["settings"]
    read = read_texts(texts, n_threads=job["threads"])
    numbers, n_words = number_words(read.words, read.counts, settings["min_count"], None)
    numbered, _ = read.numbered(numbers).cut(settings["max_length"])
    ends = zip(numbered.start, numbered.start[1:], strict=False)
    ids = [torch.from_numpy(numbered.ids[start:end]) for start, end in ends]
    _, classes = np.unique(labels, return_inverse=True)
    torch.manual_seed(job["seed"])
    words = WordEmbedding(n_words, settings["vector_size"])
    network = _network(job, words, int(classes.max()) + 1)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.001, fused=True)
    rows = list(zip(ids, classes.tolist(), strict=True))

    def collate(batch: list[Any]) -> Any:
        return pad_sequence([one for one, _ in batch], batch_first=True), torch.tensor([label for _, label in batch])

    loader = DataLoader(rows, batch_size=50, shuffle=True, collate_fn=collate)
    for _ in range(2):
        started, total = time.perf_counter(), 0.0
        network.train()
        for padded, truth in loader:
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(network(padded), truth)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimizer.step()
            total += loss.item() * len(truth)
        seconds = time.perf_counter() - started
    return {"seconds": seconds, "loss": total / len(rows)}


def _network(job: dict[str, Any], words: Any, n_classes: int) -> Any:
    """The same network; or, with packed sequences, the bidirectional LSTM that torch's tutorials build."""
    import torch
    from torch import nn

    from embedkit.neural.layers.attention import AttentionPooling
    from embedkit.neural.networks.rnn import TextRNN
    from embedkit.neural.networks.textcnn import TextCNN

    if job["class"] == "TextCNNClassifier":
        return TextCNN(words, n_classes)
    if "packed" not in job["side"]:
        return TextRNN(words, n_classes)

    class Packed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words = words
            self.lstm = nn.LSTM(words.size, 100, batch_first=True, bidirectional=True)
            self.attend = AttentionPooling(200)
            self.output = nn.Sequential(nn.Dropout(0.5), nn.Linear(200, n_classes))

        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            mask = ids != 0
            packed = nn.utils.rnn.pack_padded_sequence(
                self.words(ids), mask.sum(dim=1).clamp(min=1), batch_first=True, enforce_sorted=False
            )
            states, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
            return self.output(self.attend(states, mask)[0])

    return Packed()


def documents(folder: Path, name: str, part: str) -> tuple[list[str], list[str]]:
    """Texts and labels of one of the data sets, as its file has them."""
    if name == "imdb":
        with gzip.open(folder / f"imdb.{part}.tsv.gz", "rt", encoding="utf-8") as file:
            rows = [line.rstrip("\n").split("\t") for line in file]
        return [row[3] for row in rows], [row[0] for row in rows]
    if name == "trec":
        lines = (folder / f"trec.{part}.txt").read_bytes().decode("latin-1").split("\n")
        rows = [line.split(" ", 1) for line in lines if line.strip()]
        return [row[1] for row in rows], [row[0] for row in rows]
    path = folder / (f"sst2.{part}.tsv" if name == "sst2" else f"thucnews.{part}.txt")
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    return [row[0] for row in rows], [row[1].strip() for row in rows]


JOBS = {"accuracy": accuracy, "linear": linear, "epoch": epoch}


if __name__ == "__main__":
    order = json.loads(sys.argv[1])
    print(json.dumps(JOBS[order["job"]](order)))
