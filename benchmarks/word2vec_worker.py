"""One side of the word2vec benchmark: train with embedkit or with gensim, alone in this process.

`word2vec.py` starts it with a job as JSON and reads one line of JSON back. Vocabulary, training and memory are
measured before anything of the evaluation is loaded.
"""

import hashlib
import json
import sys
import time
from typing import Any

from harness import peak_rss_mb

LEARNING_RATE = {"skipgram": 0.025, "cbow": 0.05}
SIMILARITY = {"WS-353": "EN-WS-353-ALL.txt", "MEN": "EN-MEN-TR-3k.txt", "RW": "EN-RW-STANFORD.txt"}


def run_embedkit(job: dict[str, Any]) -> dict[str, Any]:
    from embedkit.models.word2vec.parameters import Word2VecParameters
    from embedkit.models.word2vec.training import train
    from embedkit.text.corpus import Corpus
    from embedkit.text.encoding import encode_corpus

    started = time.perf_counter()
    encoded = encode_corpus(Corpus.from_paths([job["corpus"]]), min_count=job["min_count"], n_threads=job["threads"])
    result = {"vocabulary_seconds": time.perf_counter() - started}
    with encoded:
        vocabulary = encoded.vocabulary
        if job["epochs"]:
            parameters = Word2VecParameters(
                vector_size=job["vector_size"],
                window=job["window"],
                architecture=job["architecture"],
                loss=job["loss"],
                negative=job["negative"],
                sample=job["sample"],
                learning_rate=LEARNING_RATE[job["architecture"]],
                epochs=job["epochs"],
            )
            trained = train(encoded, parameters, n_threads=job["threads"], seed=job["seed"])
            result |= {"whole_seconds": time.perf_counter() - started}
            result |= {"training_seconds": trained.seconds, "losses": trained.losses}
        result |= {"words": encoded.n_words, "peak_rss_mb": peak_rss_mb()}
    result |= _identity(vocabulary.words, vocabulary.counts)
    if job["eval"]:
        result["scores"] = _scores(vocabulary.words, trained.vectors, job["eval"])
    return result


def run_gensim(job: dict[str, Any]) -> dict[str, Any]:
    from gensim.models import Word2Vec

    class TimedWord2Vec(Word2Vec):
        def prepare_weights(self, update: bool = False) -> None:
            started = time.perf_counter()
            super().prepare_weights(update=update)
            self.weights_seconds = time.perf_counter() - started

    hierarchical = job["loss"] == "hs"
    model = TimedWord2Vec(
        vector_size=job["vector_size"],
        window=job["window"],
        sg=int(job["architecture"] == "skipgram"),
        hs=int(hierarchical),
        negative=0 if hierarchical else job["negative"],
        sample=job["sample"],
        min_count=job["min_count"],
        alpha=LEARNING_RATE[job["architecture"]],
        workers=job["threads"],
        seed=job["seed"],
        epochs=max(1, job["epochs"]),
    )
    started = time.perf_counter()
    model.build_vocab(corpus_file=job["corpus"])
    # Random vectors are no part of counting words.
    result = {"vocabulary_seconds": time.perf_counter() - started - model.weights_seconds}
    if job["epochs"]:
        training_started = time.perf_counter()
        model.train(
            corpus_file=job["corpus"],
            total_examples=model.corpus_count,
            total_words=model.corpus_total_words,
            epochs=job["epochs"],
        )
        finished = time.perf_counter()
        result |= {"whole_seconds": finished - started, "training_seconds": finished - training_started}
    result |= {"words": model.corpus_total_words, "peak_rss_mb": peak_rss_mb()}
    words = model.wv.index_to_key
    result |= _identity(words, [model.wv.get_vecattr(word, "count") for word in words])
    if job["eval"]:
        result["scores"] = _scores(words, model.wv.vectors, job["eval"])
    return result


def _identity(words: Any, counts: Any) -> dict[str, Any]:
    """What shows that both sides counted the same words: every word and count, in an order of its own."""
    lines = sorted(f"{word} {int(count)}" for word, count in zip(words, counts, strict=True))
    return {"vocabulary": len(lines), "vocabulary_digest": hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]}


def _scores(words: Any, vectors: Any, folder: str) -> dict[str, float]:
    """Scores times 100; one evaluation for both sides."""
    from pathlib import Path

    from embedkit.evaluate import evaluate_analogies, evaluate_similarity
    from embedkit.vectors.keyed_vectors import KeyedVectors

    table = KeyedVectors(list(words), vectors)
    google = evaluate_analogies(table, Path(folder) / "questions-words.txt", restrict_vocab=30_000)
    return {"Google": 100 * google.total.accuracy} | {
        name: 100 * evaluate_similarity(table, Path(folder) / file).spearman for name, file in SIMILARITY.items()
    }


if __name__ == "__main__":
    job = json.loads(sys.argv[1])
    print(json.dumps({"embedkit": run_embedkit, "gensim": run_gensim}[job["system"]](job)))
