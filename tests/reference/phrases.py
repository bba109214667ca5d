"""Naive twins of the phrase kernels: pairs counted in a dictionary, and joined word by word."""

import math
from collections import Counter


def pairs_of(document, connectors=()):
    """Each word and the next one that is no connector word, with what is between: all of them, in order."""
    start = None
    for place, word in enumerate(document):
        if word in connectors:
            continue
        if start is not None:
            yield tuple(document[start : place + 1])
        start = place


def scores_of(documents, *, min_count, scoring, connectors=()):
    """From pair, as a tuple of words, to its score and its count; those that occur often enough."""
    words = Counter(word for document in documents for word in document)
    pairs = Counter(pair for document in documents for pair in pairs_of(document, connectors))
    total = sum(words.values())
    entries = len(words.keys() - set(connectors)) + len(pairs)
    scores = {}
    for pair, count in pairs.items():
        first, last = words[pair[0]], words[pair[-1]]
        if count < min_count:
            continue
        if scoring == "npmi":
            both = count / total
            score = math.log(both / (first / total * (last / total))) / -math.log(both)
        else:
            score = (count - min_count) / (first * last) * (entries if scoring == "gensim" else total)
        scores[pair] = (score, count)
    return scores


def joined(document, phrases, name):
    """The document with its phrases, tuples of words, from left to right in the place of which their names come.

    Of those that begin at a word, the longest is joined.
    """
    result, place = [], 0
    longest = max(map(len, phrases), default=0)
    while place < len(document):
        for length in range(min(longest, len(document) - place), 0, -1):
            part = tuple(document[place : place + length])
            if part in phrases:
                result.append(name(part))
                place += length
                break
        else:
            result.append(document[place])
            place += 1
    return result


def found(documents, *, min_count, threshold, scoring, connectors=(), passes=1, delimiter="_"):
    """The phrases of each pass with scores and counts, and the documents with all of them joined."""
    tables = []
    for _ in range(passes):
        scores = scores_of(documents, min_count=min_count, scoring=scoring, connectors=connectors)
        phrases = {pair: score for pair, score in scores.items() if score[0] > threshold}
        if not phrases:
            break
        tables.append(phrases)
        documents = [joined(document, phrases, delimiter.join) for document in documents]
    return tables, documents
