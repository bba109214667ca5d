"""One job of the benchmark of counts, alone in this process: `counts.py` sends it as JSON and reads a line of JSON."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from harness import peak_rss_mb

SIMILARITY = {"WS-353": "EN-WS-353-ALL.txt", "MEN": "EN-MEN-TR-3k.txt", "RW": "EN-RW-STANFORD.txt"}


def count(job: dict[str, Any]) -> dict[str, Any]:
    """Count a text; `counting` is what comes after the vocabulary and the ids."""
    from embedkit.models.cooccurrence.counting import count_cooccurrences
    from embedkit.models.cooccurrence.parameters import CountingParameters

    with _encode(job) as encoded:
        started = time.perf_counter()
        with count_cooccurrences(encoded, CountingParameters(**job["counting"]), n_threads=job["threads"]) as counts:
            return {"counting": time.perf_counter() - started, "nnz": counts.nnz, "words": encoded.n_words}


def glove(job: dict[str, Any]) -> dict[str, Any]:
    """Train GloVe; `epoch` is the mean of the epochs, `preparing` brings the pairs into tiles."""
    from embedkit.models.cooccurrence.counting import count_cooccurrences
    from embedkit.models.cooccurrence.parameters import CountingParameters
    from embedkit.models.glove.parameters import GloVeParameters
    from embedkit.models.glove.training import train

    with _encode(job) as encoded:
        vocabulary = encoded.vocabulary
        counts = count_cooccurrences(encoded, CountingParameters(**job["counting"]), n_threads=job["threads"])
    with counts:
        n_pairs, started = counts.nnz, time.perf_counter()
        trained = train(
            counts, vocabulary, GloVeParameters(**job["parameters"]), n_threads=job["threads"], seed=job["seed"]
        )
        preparing = time.perf_counter() - started - trained.seconds
    result = {"nnz": n_pairs, "epoch": trained.seconds / trained.epochs, "preparing": preparing}
    result |= {"losses": trained.losses, "peak_rss_mb": peak_rss_mb()}
    return result | _scores(vocabulary.words, trained.vectors, job)


def score(job: dict[str, Any]) -> dict[str, Any]:
    """Score a text file of vectors that a peer wrote."""
    from embedkit.vectors.keyed_vectors import KeyedVectors

    vectors = KeyedVectors.load(job["vectors"], format="glove")
    known = [word for word in vectors.index_to_key if word != "<unk>"]
    return _scores(known, vectors[known], job)


def ppmi(job: dict[str, Any]) -> dict[str, Any]:
    """Write a matrix of PPMI for the solvers."""
    from scipy.sparse import save_npz

    from embedkit.models.cooccurrence.counting import count_cooccurrences
    from embedkit.models.cooccurrence.parameters import CountingParameters
    from embedkit.models.svd.weighting import weigh

    with (
        _encode(job) as encoded,
        count_cooccurrences(encoded, CountingParameters(**job["counting"]), n_threads=job["threads"]) as counts,
    ):
        matrix = weigh(counts.matrix(), "ppmi", context_smoothing=0.75)
    save_npz(job["matrix"], matrix, compressed=False)
    return {"nnz": matrix.nnz, "rows": matrix.shape[0]}


def solve(job: dict[str, Any]) -> dict[str, Any]:
    """Find singular triplets by one of three solvers, and the worst residual of what it found."""
    import numpy as np
    from scipy.sparse import load_npz
    from threadpoolctl import threadpool_limits

    A, k = load_npz(job["matrix"]), job["k"]
    with threadpool_limits(limits=job["threads"]):
        started = time.perf_counter()
        if job["solver"] == "embedkit":
            from embedkit.models.svd.truncated import truncated_svd

            found = truncated_svd(A, k, tol=job["tol"], n_threads=job["threads"])
            U, s, V = found.U, found.singular_values, found.V
        elif job["solver"] == "svds":
            from scipy.sparse.linalg import svds

            U, s, Vt = svds(A, k, tol=job["tol"], random_state=0)
            order = np.argsort(-s)
            U, s, V = U[:, order], s[order], Vt[order].T
        else:
            from sklearn.utils.extmath import randomized_svd

            U, s, Vt = randomized_svd(A, k, n_oversamples=job["oversamples"], n_iter=job["n_iter"], random_state=0)
            V = Vt.T
        seconds = time.perf_counter() - started
    residual = max(
        np.linalg.norm(A @ V - U * s, axis=0).__truediv__(s).max(),
        np.linalg.norm(A.T @ U - V * s, axis=0).__truediv__(s).max(),
    )
    return {"seconds": seconds, "residual": float(residual), "first": float(s[0]), "last": float(s[-1])} | {
        "values": [float(one) for one in s]
    }


def svd(job: dict[str, Any]) -> dict[str, Any]:
    """Vectors by counting, weighing and decomposing, and their scores."""
    from embedkit.models.cooccurrence.counting import count_cooccurrences
    from embedkit.models.cooccurrence.parameters import CountingParameters
    from embedkit.models.svd.embedding import train
    from embedkit.models.svd.parameters import SVDParameters

    with _encode(job) as encoded:
        vocabulary = encoded.vocabulary
        counts = count_cooccurrences(encoded, CountingParameters(**job["counting"]), n_threads=job["threads"])
    with counts:
        trained = train(counts.matrix(), SVDParameters(**job["parameters"]), n_threads=job["threads"])
    result = {"seconds": trained.seconds, "nnz": trained.nnz, "residual": float(trained.residuals.max())}
    return result | _scores(vocabulary.words, trained.vectors, job)


def skipgram(job: dict[str, Any]) -> dict[str, Any]:
    """Skip-gram vectors of the same text, and their scores."""
    from embedkit.models.word2vec.parameters import Word2VecParameters
    from embedkit.models.word2vec.training import train

    with _encode(job) as encoded:
        trained = train(encoded, Word2VecParameters(**job["parameters"]), n_threads=job["threads"], seed=job["seed"])
        return {"seconds": trained.seconds} | _scores(encoded.vocabulary.words, trained.vectors, job)


def _encode(job: dict[str, Any]) -> Any:
    from embedkit.text.corpus import Corpus
    from embedkit.text.encoding import encode_corpus

    return encode_corpus(Corpus.from_paths([job["corpus"]]), min_count=5, n_threads=job["threads"])


def _scores(words: Any, vectors: Any, job: dict[str, Any]) -> dict[str, Any]:
    """Scores times 100, if the job wants them; one evaluation for all."""
    if not job.get("eval"):
        return {}
    from embedkit.evaluate import evaluate_analogies, evaluate_similarity
    from embedkit.vectors.keyed_vectors import KeyedVectors

    table = KeyedVectors(list(words), vectors)
    google = evaluate_analogies(table, Path(job["eval"]) / "questions-words.txt", restrict_vocab=30_000)
    scores = {"Google": 100 * google.total.accuracy} | {
        name: 100 * evaluate_similarity(table, Path(job["eval"]) / file).spearman for name, file in SIMILARITY.items()
    }
    return {"scores": scores}


if __name__ == "__main__":
    job = json.loads(sys.argv[1])
    jobs = {one.__name__: one for one in (count, glove, score, ppmi, solve, svd, skipgram)}
    print(json.dumps(jobs[job["job"]](job)))
