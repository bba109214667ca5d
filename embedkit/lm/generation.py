"""Sentences from a model: drawn at random, or the most probable ones."""

from typing import TYPE_CHECKING

import numpy as np

from embedkit.lm.trie import EOS, UNK

if TYPE_CHECKING:
    from embedkit.lm.queries import NgramQueries, State

__all__ = ["draw_sentences", "search_sentences"]


def draw_sentences(
    lm: "NgramQueries", start: "State", n: int, max_words: int, temperature: float, random: np.random.Generator
) -> list[list[str]]:
    """Draw sentences word by word, each from the whole distribution but <unk> and <s>.

    Parameters
    ----------
    lm : NgramQueries
    start : State
    n, max_words : int
    temperature : float
        Above 0.
    random : Generator
    """
    words, query = lm._model().word_table, lm._model().query
    sentences = []
    for _ in range(n):
        sentence: list[str] = []
        state = start
        while len(sentence) < max_words:
            weights = _weights(lm.distribution(state), temperature)
            if weights is None:
                break
            word = int(random.choice(len(weights), p=weights))
            if word == EOS:
                break
            sentence.append(words[word])
            _, _, node, length = query.step(*state, word)
            state = type(start)(node, length)
        sentences.append(sentence)
    return sentences


def _weights(probabilities: np.ndarray, temperature: float) -> np.ndarray | None:
    """What to draw by; None if no word is possible."""
    probabilities[UNK] = 0.0
    largest = probabilities.max()
    if largest <= 0:
        return None
    weights = probabilities / largest
    if temperature != 1.0:
        weights **= 1.0 / temperature
    weights /= weights.sum()
    return weights


def search_sentences(lm: "NgramQueries", start: "State", n: int, max_words: int, beam: int) -> list[list[str]]:
    """The most probable sentences that a beam search finds, the most probable first.

    At each step the `beam` best unfinished sentences are lengthened by each word; those that end are set aside. The
    search ends when no unfinished one is more probable than the `n` best that have ended.

    Parameters
    ----------
    lm : NgramQueries
    start : State
    n, max_words, beam : int
    """
    words, query = lm._model().word_table, lm._model().query
    open_ends: list[tuple[float, list[int], State]] = [(0.0, [], start)]
    ended: list[tuple[float, list[int]]] = []
    for _ in range(max_words):
        candidates: list[tuple[float, int, int]] = []  # logarithm, sentence, word
        for place, (total, _, state) in enumerate(open_ends):
            probabilities = lm.distribution(state)
            probabilities[UNK] = 0.0
            k = min(beam + 1, len(probabilities))
            top = np.argpartition(-probabilities, k - 1)[:k]
            logs = np.log10(probabilities[top], where=probabilities[top] > 0, out=np.full(k, -np.inf))
            candidates += [
                (total + log, place, word)
                for log, word in zip(logs.tolist(), top.tolist(), strict=True)
                if log > -np.inf
            ]
        candidates.sort(key=lambda one: (-one[0], one[1], one[2]))
        longer: list[tuple[float, list[int], State]] = []
        for total, place, word in candidates:
            if word == EOS:
                ended.append((total, open_ends[place][1]))
            elif len(longer) < beam:
                _, _, node, length = query.step(*open_ends[place][2], word)
                longer.append((total, [*open_ends[place][1], word], type(start)(node, length)))
        open_ends = longer
        ended.sort(key=lambda one: -one[0])
        if not open_ends or (len(ended) >= n and ended[n - 1][0] >= open_ends[0][0]):
            break
    best = sorted([*ended, *((total, ids) for total, ids, _ in open_ends)], key=lambda one: -one[0])
    if len(ended) >= n:
        best = ended
    return [[words[i] for i in ids] for _, ids in best[:n]]
