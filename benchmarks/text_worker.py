"""One job of the benchmark of text: `text.py` sends JSON and reads a line of JSON; alone in this process.

The jobs of jieba and textaugment run with another Python, which has these packages and not embedkit.
"""

import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness import peak_rss_mb, versions

ALPHA = 0.1
"""Share of the words of a text that an operation of EDA changes; the paper's, and the default of ours."""
SIMILARITY = ("wordsim-240", "wordsim-297")
ANALOGIES = "CA8-semantic"


def encode(job: dict[str, Any]) -> dict[str, Any]:
    """From a text to ids."""
    from embedkit.text.corpus import Corpus
    from embedkit.text.encoding import encode_corpus

    corpus = Corpus.from_paths([job["corpus"]])
    settings = {"tokenizer": job["tokenizer"], "min_count": job["min_count"], "n_threads": job["threads"]}
    started = time.perf_counter()
    with encode_corpus(corpus, **settings) as encoded:
        seconds = time.perf_counter() - started
        vocabulary = encoded.vocabulary
        digest = hashlib.sha256(encoded.ids)
        digest.update("\n".join(vocabulary.words).encode())
        result = {
            "seconds": seconds,
            "bytes": encoded.n_bytes,
            "words": encoded.n_words,
            "vocabulary": len(vocabulary),
            "digest": digest.hexdigest()[:16],
            "peak_rss_mb": peak_rss_mb(),
        }
    if job["min_count"] == 1:
        in_words = sum(len(w.encode()) * n for w, n in zip(vocabulary.words, vocabulary.counts.tolist(), strict=True))
        result["share_in_words"] = in_words / encoded.n_bytes
    return result


def same_words(job: dict[str, Any]) -> dict[str, Any]:
    """Whether the words of the first lines, counted by the encoding, are those of the tokenizer called by itself."""
    from embedkit.text.corpus import Corpus
    from embedkit.text.encoding import encode_corpus
    from embedkit.text.tokenizers import resolve_tokenizer

    cut = str.split if job["tokenizer"] == "whitespace" else resolve_tokenizer(job["tokenizer"]).tokenize
    sample = [line for _, line in zip(range(job["lines"]), _lines(job["corpus"]), strict=False)]
    expected = Counter(word for line in sample for word in cut(line))
    with encode_corpus(Corpus.from_documents(sample), tokenizer=job["tokenizer"], min_count=1) as encoded:
        found = dict(zip(encoded.vocabulary.words, encoded.vocabulary.counts.tolist(), strict=True))
    return {"words": sum(expected.values()), "same": found == expected}


def simplify(job: dict[str, Any]) -> dict[str, Any]:
    """Write a text in simplified characters."""
    from embedkit.text.normalization import Normalizer

    steps = Normalizer("simplified")
    started = time.perf_counter()
    with Path(job["output"]).open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(f"{steps(line)}\n" for line in _lines(job["corpus"]))
    return {"seconds": time.perf_counter() - started, "bytes": Path(job["output"]).stat().st_size}


def encode_chinese(job: dict[str, Any]) -> dict[str, Any]:
    """From a Chinese text to ids, with the seconds in it that are spent inside rjieba."""
    from embedkit.text.tokenizers import resolve_tokenizer

    words, inside = resolve_tokenizer("zh").cutter.words, [0.0]
    cut = words._cut

    def timed(text: str) -> list[str]:
        started = time.perf_counter()
        pieces = cut(text)
        inside[0] += time.perf_counter() - started
        return pieces

    timed("了")  # the dictionary is read at the first call
    inside[0], words._cut = 0.0, timed
    return encode({**job, "tokenizer": "zh"}) | {"inside_rjieba": inside[0]}


def rjieba(job: dict[str, Any]) -> dict[str, Any]:
    """Seconds inside rjieba alone, called with each line; and how many words there are, those of other scripts whole.

    rjieba cuts words of other scripts letter by letter, which embedkit does not leave to it.
    """
    import rjieba as peer

    from embedkit.text.chinese import ChineseWords

    cut, whole, seconds, words = peer.Jieba().cut, ChineseWords().pieces, 0.0, 0
    cut("了")
    for line in _lines(job["corpus"]):
        started = time.perf_counter()
        cut(line)
        seconds += time.perf_counter() - started
        words += sum(map(_is_word, whole(line)))
    return {"seconds": seconds, "words": words}


def jieba(job: dict[str, Any]) -> dict[str, Any]:
    """Seconds inside jieba alone, called with each line; its pieces are written, a list a line."""
    import jieba as peer

    peer.setLogLevel("ERROR")
    peer.initialize()
    seconds = 0.0
    with Path(job["output"]).open("w", encoding="utf-8") as out:
        for line in _lines(job["corpus"]):
            started = time.perf_counter()
            pieces = peer.lcut(line)
            seconds += time.perf_counter() - started
            out.write(json.dumps(pieces, ensure_ascii=False) + "\n")
    return {"seconds": seconds}


def same_pieces(job: dict[str, Any]) -> dict[str, Any]:
    """Write jieba's words, with a space between; count those that rjieba cuts at the same places."""
    from embedkit.text.chinese import ChineseWords

    ours, counts = ChineseWords().pieces, Counter[str]()
    with Path(job["pieces"]).open(encoding="utf-8") as cut, Path(job["output"]).open("w", encoding="utf-8") as out:
        for line, pieces in zip(_lines(job["corpus"]), map(json.loads, cut), strict=True):
            if "".join(pieces) != line:
                raise SystemExit(f"jieba's pieces are not the line: {line[:80]!r}, {pieces[:20]}")
            theirs = _places(pieces)
            counts["both"] += len(theirs.keys() & _places(ours(line)).keys())
            counts["jieba"] += len(theirs)
            out.write(" ".join(theirs.values()) + "\n")
    return dict(counts)


def embedkit(job: dict[str, Any]) -> dict[str, Any]:
    """Vectors of Chinese text, by what train-w2v calls."""
    from embedkit.models.word2vec.parameters import Word2VecParameters
    from embedkit.models.word2vec.training import train
    from embedkit.text.corpus import Corpus
    from embedkit.text.encoding import encode_corpus

    settings = {key: job[key] for key in ("vector_size", "window", "negative", "sample", "epochs")}
    started = time.perf_counter()
    corpus = Corpus.from_paths([job["corpus"]])
    with encode_corpus(corpus, tokenizer="zh", min_count=job["min_count"], n_threads=job["threads"]) as encoded:
        read = time.perf_counter()
        trained = train(encoded, Word2VecParameters(**settings), n_threads=job["threads"], seed=job["seed"])
        seconds = {"reading": read - started, "training": time.perf_counter() - read}
        scores = _scores(encoded.vocabulary.words, trained.vectors, job["eval"])
        return {"seconds": seconds, "words": encoded.n_words, "vocabulary": len(encoded.vocabulary), "scores": scores}


def gensim(job: dict[str, Any]) -> dict[str, Any]:
    """Vectors of text that is cut already."""
    from gensim.models import Word2Vec

    settings = {key: job[key] for key in ("vector_size", "window", "negative", "sample", "min_count", "seed", "epochs")}
    model = Word2Vec(sg=1, workers=job["threads"], **settings)
    started = time.perf_counter()
    model.build_vocab(corpus_file=job["cut"])
    read = time.perf_counter()
    of_all = {"total_examples": model.corpus_count, "total_words": model.corpus_total_words, "epochs": model.epochs}
    model.train(corpus_file=job["cut"], **of_all)
    seconds = {"reading": read - started, "training": time.perf_counter() - read}
    scores = _scores(model.wv.index_to_key, model.wv.vectors, job["eval"])
    return {"seconds": seconds, "words": model.corpus_total_words, "vocabulary": len(model.wv), "scores": scores}


def phrases(job: dict[str, Any]) -> dict[str, Any]:
    """From a text to a table of phrases."""
    from embedkit.features import Phrases

    settings = {key: job[key] for key in ("min_count", "threshold", "scoring")}
    found = Phrases(**settings, n_jobs=job["threads"]).fit(job["corpus"])
    found.save(job["output"])
    return {"phrases": len(found.phrases_), "peak_rss_mb": peak_rss_mb()}


def gensim_phrases(job: dict[str, Any]) -> dict[str, Any]:
    """From a text to a table of phrases; gensim cuts long lines unless it is told not to."""
    from gensim.models import Phrases
    from gensim.models.word2vec import LineSentence

    scoring = "default" if job["scoring"] == "gensim" else job["scoring"]
    lines = LineSentence(job["corpus"], max_sentence_length=sys.maxsize)
    found = Phrases(lines, min_count=job["min_count"], threshold=job["threshold"], scoring=scoring).export_phrases()
    with Path(job["output"]).open("w", encoding="utf-8") as out:
        out.write("phrase\tscore\n")
        out.writelines(f"{phrase}\t{score!r}\n" for phrase, score in found.items())
    return {"phrases": len(found), "peak_rss_mb": peak_rss_mb()}


def same_phrases(job: dict[str, Any]) -> dict[str, Any]:
    """Whether two tables hold the same phrases, and the largest relative difference of their scores."""
    ours, theirs = (_table(job[side]) for side in ("embedkit", "gensim"))
    both = ours.keys() & theirs.keys()
    difference = max((abs(ours[one] - theirs[one]) / abs(theirs[one]) for one in both), default=0.0)
    return {"same": ours.keys() == theirs.keys(), "both": len(both), "largest_difference": difference}


def eda(job: dict[str, Any]) -> dict[str, Any]:
    """Texts a second that our EDA makes several of."""
    from embedkit.augment import EDA

    texts = _labelled(job["texts"])[0]
    augmenter = EDA(n_aug=job["n_aug"], lexicon=job["lexicon"], random_state=1)
    made = augmenter.transform(texts)  # the synonyms of all words are known after it
    started = time.perf_counter()
    for _ in range(job["passes"]):
        augmenter.transform(texts)
    seconds = time.perf_counter() - started
    known = set(texts)
    return _eda_result(job, texts, [one for one in made if one not in known], seconds)


def textaugment(job: dict[str, Any]) -> dict[str, Any]:
    """Texts a second that textaugment makes four of: one with each operation, since it has no other way."""
    import nltk

    nltk.download = lambda *_, **__: True  # it is called at import, and what it would bring is there
    from textaugment import EDA

    texts = [" ".join(text.split()) for text in _labelled(job["texts"])[0]]
    augmenter = EDA(random_state=1)

    def four(text: str) -> list[str]:
        n = max(1, int(ALPHA * len(text.split())))
        return [
            augmenter.synonym_replacement(text, n=n),
            augmenter.random_insertion(text, n=n),
            augmenter.random_swap(text, n=n),
            augmenter.random_deletion(text, p=ALPHA),
        ]

    made = [(text, one) for text in texts for one in four(text)]
    started = time.perf_counter()
    for _ in range(job["passes"]):
        for text in texts:
            four(text)
    seconds = time.perf_counter() - started
    return _eda_result(job, texts, [one for text, one in made if one != text], seconds)


def eda_gain(job: dict[str, Any]) -> dict[str, Any]:
    """Accuracy of a classifier trained on few texts: as they are, repeated, and augmented; in %, for each seed.

    Repeated texts tell what comes from new words and what from more steps of training and larger counts.
    """
    from embedkit.augment import EDA
    from embedkit.classify import FastTextClassifier, text_classifier

    texts, labels = _labelled(job["texts"])
    tests, expected = _labelled(job["tests"], label=1)
    accuracies: dict[str, list[float]] = {}

    def measure(name: str, seed: int, texts: list[str], labels: list[str]) -> None:
        fasttext = job["model"] == "fasttext"
        model = FastTextClassifier(random_state=seed, n_jobs=1) if fasttext else text_classifier(job["model"])
        accuracies.setdefault(name, []).append(100 * float(model.fit(texts, labels).score(tests, expected)))

    for seed in job["seeds"]:
        measure("alone", seed, texts, labels)
        for n_aug, alpha in job["settings"]:
            alphas = dict.fromkeys(("alpha_sr", "alpha_ri", "alpha_rs", "p_rd"), alpha)
            augmenter = EDA(n_aug=n_aug, **alphas, lexicon=job["lexicon"], random_state=seed)
            measure(f"EDA, {n_aug}", seed, *map(list, augmenter.fit_resample(texts, labels)))
            measure(f"repeated, {n_aug}", seed, texts * (n_aug + 1), labels * (n_aug + 1))
    gains = {
        name: {beside: _gain(accuracies[beside], series) for beside in ("alone", name.replace("EDA", "repeated"))}
        for name, series in accuracies.items()
        if name.startswith("EDA")
    }
    return {"accuracies": accuracies, "gains": gains, "texts": len(texts), "tests": len(tests)}


def peers(job: dict[str, Any]) -> dict[str, Any]:
    """Versions of what this Python has."""
    return versions(*job["packages"])


def _lines(path: str) -> Iterator[str]:
    """Lines as ours reads them: they end at the line feed."""
    with Path(path).open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield line.removesuffix("\n").removesuffix("\r")


def _is_word(piece: str) -> bool:
    """Whether there is more than punctuation and white space."""
    from embedkit._cext import segment

    return bool(segment.tokens(piece))


def _places(pieces: list[str]) -> dict[tuple[int, int], str]:
    """The words among the pieces of a line, by their places."""
    found, at = {}, 0
    for piece in pieces:
        if _is_word(piece):
            found[at, at + len(piece)] = piece
        at += len(piece)
    return found


def _scores(words: Any, vectors: Any, folder: str) -> dict[str, Any]:
    """Scores times 100, and how many questions they are of; one evaluation for both sides."""
    from embedkit.evaluate import evaluate_analogies, evaluate_similarity
    from embedkit.vectors.keyed_vectors import KeyedVectors

    table = KeyedVectors(list(words), vectors)
    similarities = {name: evaluate_similarity(table, Path(folder) / f"{name}.txt") for name in SIMILARITY}
    analogies = evaluate_analogies(table, Path(folder) / f"{ANALOGIES}.txt", restrict_vocab=None).total
    scores = {name: 100 * one.spearman for name, one in similarities.items()} | {ANALOGIES: 100 * analogies.accuracy}
    return {"scores": scores, "used": {n: o.n_used for n, o in similarities.items()} | {ANALOGIES: analogies.total}}


def _table(path: str) -> dict[str, float]:
    """Phrases and scores, the first two columns of a file."""
    with Path(path).open(encoding="utf-8", newline="\n") as lines:
        next(lines)
        return {phrase: float(score) for phrase, score, *_ in (line.rstrip("\n").split("\t") for line in lines)}


def _labelled(path: str, label: int = 0) -> tuple[list[str], list[str]]:
    """Texts and labels of a file of two columns, the label in the one that is named."""
    rows = [line.split("\t") for line in _lines(path) if line]
    return [row[1 - label] for row in rows], [row[label] for row in rows]


def _gain(before: list[float], after: list[float]) -> dict[str, float]:
    """Mean of the paired differences, and its 95 % confidence interval by Student's t."""
    import numpy as np
    from scipy import stats

    differences = np.subtract(after, before)
    mean, half = differences.mean(), stats.t.ppf(0.975, len(differences) - 1) * stats.sem(differences)
    return {"mean": float(mean), "low": float(mean - half), "high": float(mean + half)}


def _eda_result(job: dict[str, Any], texts: list[str], made: list[str], seconds: float) -> dict[str, Any]:
    speed = job["passes"] * len(texts) / seconds
    return {"texts_per_second": speed, "new_texts": len(made) / len(texts), "texts": len(texts)}


if __name__ == "__main__":
    job = json.loads(sys.argv[1])
    jobs = (
        encode,
        encode_chinese,
        same_words,
        simplify,
        rjieba,
        jieba,
        same_pieces,
        embedkit,
        gensim,
        phrases,
        gensim_phrases,
    )
    jobs += (same_phrases, eda, textaugment, eda_gain, peers)
    print(json.dumps({one.__name__: one for one in jobs}[job["job"]](job)))
