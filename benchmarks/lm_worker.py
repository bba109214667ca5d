"""One job of the benchmark of language models, alone in this process: JSON from `lm.py` in, a line of JSON out."""

import itertools
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness import peak_rss_mb

SAMPLE_EVERY = 1000
SENTENCE = 20
"""Words of a sentence; the texts are paragraphs without punctuation."""
DISCOUNT = 0.1


def train(job: dict[str, Any]) -> dict[str, Any]:
    """Train a model and write it to each of `outputs`."""
    from embedkit.lm.files import save_model
    from embedkit.lm.parameters import LanguageModelParameters
    from embedkit.lm.training import train_language_model
    from embedkit.text.corpus import Corpus

    trained = train_language_model(
        Corpus.from_paths([job["corpus"]]),
        LanguageModelParameters(order=job["order"]),
        n_threads=job["threads"],
        memory=job["memory"],
    )
    started = time.perf_counter()
    for path in job["outputs"]:
        save_model(trained.model, path, n_threads=job["threads"])
    seconds = trained.seconds | {"writing": time.perf_counter() - started}
    return {
        "ngrams": trained.model.trie.n_ngrams,
        "seconds": seconds,
        "spilled_mb": trained.spilled_bytes / 1e6,
        "peak_rss_mb": peak_rss_mb(),
    }


def same_arpa(job: dict[str, Any]) -> dict[str, Any]:
    """Numbers of n-grams in the headers of two ARPA files, and the largest differences in a sample of the lines."""
    headers = [_header(job[side]) for side in ("embedkit", "kenlm")]
    sample = {
        ngram: numbers
        for number, (ngram, numbers) in enumerate(_ngrams(job["kenlm"]))
        if number % SAMPLE_EVERY == 0 or number < SAMPLE_EVERY
    }
    found, differences = 0, [0.0, 0.0]
    for ngram, numbers in _ngrams(job["embedkit"]):
        if ngram in sample:
            found += 1
            for i, (ours, theirs) in enumerate(zip(_logs(*numbers), _logs(*sample[ngram]), strict=True)):
                differences[i] = max(differences[i], abs(ours - theirs))
    return {"headers": headers, "sampled": len(sample), "found": found, "differences": differences}


def perplexity(job: dict[str, Any]) -> dict[str, Any]:
    """Score a text."""
    from embedkit.lm.files import load_model
    from embedkit.lm.perplexity import perplexity_report
    from embedkit.text.corpus import Corpus

    report = perplexity_report(load_model(job["model"]), Corpus.from_paths([job["text"]]), n_threads=job["threads"])
    return {
        "perplexity": report.perplexity,
        "perplexity_without_oov": report.perplexity_without_oov,
        "tokens": report.n_tokens,
        "oov": report.n_oov,
        "seconds": report.seconds,
    }


def score(job: dict[str, Any]) -> dict[str, Any]:
    """Score sentences one by one, by what Python offers."""
    sentences = list(itertools.islice(_sentences(job["text"]), job["sentences"]))
    model = _opened(job["side"], job["model"])
    total, started = 0.0, time.perf_counter()
    for sentence in sentences:
        total += model.score(sentence)
    seconds = time.perf_counter() - started
    words = sum(len(sentence.split()) for sentence in sentences)
    return {"words_per_second": words / seconds, "words": words, "sentences": len(sentences), "sum": total}


def opening(job: dict[str, Any]) -> dict[str, Any]:
    """Open a model and score a sentence with it; what has to be imported is there."""
    if job["side"].startswith("embedkit"):
        import embedkit.lm.files  # noqa: F401
    else:
        import kenlm  # noqa: F401
    sentence = next(_sentences(job["text"]))
    started = time.perf_counter()
    model = _opened(job["side"], job["model"])
    opened = time.perf_counter()
    total = model.score(sentence)
    return {"seconds": opened - started, "and_first_sentence": time.perf_counter() - started, "sum": total}


def quantise(job: dict[str, Any]) -> dict[str, Any]:
    """Write a model quantised; bytes as foretold and as they are."""
    from embedkit.lm.files import load_model, save_model
    from embedkit.lm.native import native_size

    model = load_model(job["model"])
    save_model(model, job["output"], quantize=job["bits"])
    return {"foretold": native_size(model, quantize=job["bits"]), "bytes": Path(job["output"]).stat().st_size}


def nltk(job: dict[str, Any]) -> dict[str, Any]:
    """Fit nltk's Kneser-Ney model, and ask it for the words that follow some contexts, one by one."""
    from nltk.lm import KneserNeyInterpolated
    from nltk.util import everygrams

    sentences, questions = _few_sentences(job)
    padded = [["<s>", *words, "</s>"] for words in sentences]
    started = time.perf_counter()
    model = KneserNeyInterpolated(3, discount=DISCOUNT)
    model.fit((everygrams(words, max_len=3) for words in padded), itertools.chain.from_iterable(padded))
    fitted = time.perf_counter()
    probabilities = [model.score(word, (first, second)) for first, second, word in questions]
    asked = time.perf_counter()
    result = {"fit_seconds": fitted - started, "words_per_second": len(questions) / (asked - fitted)}
    return result | {"probabilities": probabilities}


def beside_nltk(job: dict[str, Any]) -> dict[str, Any]:
    """Fit our model of the same kind, ask it the same, and score many sentences.

    nltk takes nothing off the counts of single words. Ours does, and leaves what it took off to <unk>; so nltk's
    probability of a word is ours, and an equal share of that of <unk> behind the same context.
    """
    from embedkit.lm import NgramLanguageModel

    sentences, questions = _few_sentences(job)
    started = time.perf_counter()
    model = NgramLanguageModel(smoothing="kneser-ney", discount=DISCOUNT, interpolate_unigrams=False).fit(sentences)
    fitted = time.perf_counter() - started
    n_words = model.n_ngrams[0] - 2  # without <unk> and <s>
    probabilities = [model.prob(word, context) + model.prob("<unk>", context) / n_words for *context, word in questions]
    many = list(itertools.islice(_sentences(job["text"]), job["sentences"]))
    started = time.perf_counter()
    total = float(model.scores(many).sum())
    seconds = time.perf_counter() - started
    words = sum(len(sentence.split()) for sentence in many)
    result = {"fit_seconds": fitted, "words_per_second": words / seconds, "words": words, "sum": total}
    return result | {"probabilities": probabilities}


def _header(path: str) -> list[int]:
    """Numbers of n-grams that an ARPA file announces."""
    with Path(path).open("rb") as lines:
        head = itertools.takewhile(lambda line: not line.startswith(b"\\1-grams:"), lines)
        return [int(line.split(b"=")[1]) for line in head if line.startswith(b"ngram ")]


def _ngrams(path: str) -> Iterator[tuple[bytes, tuple[bytes, ...]]]:
    """Each n-gram of an ARPA file, and the numbers at its sides."""
    with Path(path).open("rb") as lines:
        for line in lines:
            log_prob, *rest = line.rstrip(b"\n").split(b"\t")
            if rest:
                yield rest[0], (log_prob, *rest[1:])


def _logs(log_prob: bytes, backoff: bytes = b"0") -> tuple[float, float]:
    return float(log_prob), float(backoff)


def _sentences(path: str) -> Iterator[str]:
    """A text in sentences of 20 words or fewer."""
    with Path(path).open(encoding="utf-8") as lines:
        for line in lines:
            words = line.split()
            for begin in range(0, len(words), SENTENCE):
                yield " ".join(words[begin : begin + SENTENCE])


def _few_sentences(job: dict[str, Any]) -> tuple[list[list[str]], list[tuple[str, str, str]]]:
    """Sentences to fit on, of about so many words; and trigrams of other text, of known words inside sentences."""
    sentences, n_words = [], 0
    for sentence in _sentences(job["corpus"]):
        sentences.append(sentence.split())
        n_words += len(sentences[-1])
        if n_words >= job["words"]:
            break
    known = {word for words in sentences for word in words}
    trigrams = (
        trigram
        for words in map(str.split, _sentences(job["text"]))
        for trigram in zip(words, words[1:], words[2:], strict=False)
        if known.issuperset(trigram)
    )
    return sentences, list(itertools.islice(trigrams, job["questions"]))


def _opened(side: str, path: str) -> Any:
    """A model of ours, as the estimator or what is in it; or KenLM's, mapped at once (its default) or lazily."""
    if side == "embedkit":
        from embedkit.lm import NgramLanguageModel

        return NgramLanguageModel.load(path)
    if side == "embedkit-model":
        from embedkit.lm.files import load_model

        return load_model(path)
    import kenlm

    config = kenlm.Config()
    if side == "kenlm-lazy":
        config.load_method = kenlm.LoadMethod.LAZY
    return kenlm.Model(path, config)


if __name__ == "__main__":
    job = json.loads(sys.argv[1])
    jobs = {one.__name__: one for one in (train, same_arpa, perplexity, score, opening, quantise, nltk, beside_nltk)}
    print(json.dumps(jobs[job["job"]](job)))
