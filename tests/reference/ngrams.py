"""Naive twins of n-gram language models: dictionaries of tuples, formulas as the textbooks have them, no trie.

An n-gram is a tuple of words, or of ids where a kernel is the other twin. Sentences are tuples too.
"""

import functools
import itertools
import math
from collections import Counter, defaultdict

UNK, BOS, EOS = "<unk>", "<s>", "</s>"


def padded(sentences, words=None):
    """Sentences with a word between <s> and </s>; a word that is not among `words` is <unk>."""
    known = [[w if words is None or w in words else UNK for w in sentence] for sentence in sentences]
    return [(BOS, *sentence, EOS) for sentence in known if sentence]


def count(sentences, order):
    """Occurrences of the n-grams of orders 1 to `order` of padded sentences."""
    return Counter(s[i : i + n] for s in sentences for n in range(1, order + 1) for i in range(len(s) - n + 1))


def continuations(counts, order, bos=BOS):
    """Counts of Kneser and Ney: below `order`, how many different words stand before an n-gram.

    Nothing stands before <s>: an n-gram that begins with it keeps its occurrences.
    """
    before = defaultdict(set)
    for ngram in counts:
        if len(ngram) > 1:
            before[ngram[1:]].add(ngram[0])
    return {
        ngram: number if len(ngram) == order or ngram[0] == bos else len(before[ngram])
        for ngram, number in counts.items()
    }


class FlatTrie:
    """The arrays that stand for a set of n-grams of ids, all words among them, as lists.

    A link leads to the longest proper end of an n-gram that is in the set.
    """

    def __init__(self, ngrams, n_words, order):
        levels = [{()}, {(word,) for word in range(n_words)}]
        levels += [{ngram for ngram in ngrams if len(ngram) == n} for n in range(2, order + 1)]
        self.ngrams = [ngram for level in levels for ngram in sorted(level)]
        self.place = {ngram: node for node, ngram in enumerate(self.ngrams)}
        self.starts = [0, *itertools.accumulate(map(len, levels))]
        children = Counter(ngram[:-1] for ngram in self.ngrams if ngram)
        inner = self.ngrams[: self.starts[order]]
        self.first = list(itertools.accumulate((children[ngram] for ngram in inner), initial=1))
        self.words = [ngram[-1] if ngram else 0 for ngram in self.ngrams]
        self.link = [
            next(self.place[ngram[k:]] for k in range(1, max(2, len(ngram) + 1)) if ngram[k:] in self.place)
            for ngram in self.ngrams
        ]


def query(ngrams, order, context, word):
    """Logarithm of p(word | context) and the length of the n-gram found, from {n-gram: (logarithm, back-off weight)}.

    The longest n-gram there is gives the probability; each longer context that is there, its weight.
    """
    context = tuple(context)[len(context) - min(order - 1, len(context)) :]
    passed = 0.0
    while (*context, word) not in ngrams:
        passed += ngrams[context][1] if context in ngrams else 0.0
        context = context[1:]
    return ngrams[*context, word][0] + passed, len(context) + 1


def absolute_discount(n):
    """Ney, Essen and Kneser (1994): n1 / (n1 + 2 n2) off each count; 0.5 where that is not defined."""
    share = n[1] / (n[1] + 2 * n[2]) if n[1] and n[2] else 0.5
    return lambda count: share


def modified_discounts(n):
    """Chen and Goodman (1999), equation 26: off the counts 1, 2, and 3 or more; 0.5, 1, 1.5 where undefined."""
    off = (0.5, 1.0, 1.5)
    if n[1] and n[2] and n[3]:
        y = n[1] / (n[1] + 2 * n[2])
        found = (1 - 2 * y * n[2] / n[1], 2 - 3 * y * n[3] / n[2], 3 - 4 * y * n[4] / n[3])
        if all(0 <= value <= number for number, value in enumerate(found, 1)):
            off = found
    return lambda count: off[min(count, 3) - 1]


def katz_discounts(n):
    """Katz (1987): Good-Turing's estimates r* of counts up to k, 5 or the largest below that serves; or 0.5."""
    for k in range(5, 0, -1):
        if not all(n[r] for r in range(1, k + 1)) or (k + 1) * n[k + 1] >= n[1]:
            continue
        common = (k + 1) * n[k + 1] / n[1]
        ratio = {r: ((r + 1) * n[r + 1] / n[r] / r - common) / (1 - common) for r in range(1, k + 1)}
        if all(0 < d < 1 for d in ratio.values()):
            return lambda count, ratio=ratio: count * (1 - ratio.get(count, 1))
    return lambda count: 0.5


ESTIMATES = {
    "absolute-discounting": absolute_discount,
    "kneser-ney": absolute_discount,
    "modified-kneser-ney": modified_discounts,
    "katz": katz_discounts,
}


class SmoothedModel:
    """p(w|h) of each smoothing method, by recursion over dictionaries.

    Parameters
    ----------
    sentences : list of tuple
        Padded.
    order : int
    vocabulary : sequence of str
        What can be predicted: all words, <unk> and </s>, but not <s>.
    smoothing : str
    """

    def __init__(
        self,
        sentences,
        order,
        vocabulary,
        smoothing,
        *,
        interpolated=True,
        interpolate_unigrams=True,
        discount=None,
        gamma=1.0,
        alpha=0.4,
        weights=None,
        prune=None,
    ):
        self.order, self.vocabulary, self.smoothing = order, list(vocabulary), smoothing
        self.interpolated, self.interpolate_unigrams = interpolated, interpolate_unigrams
        self.gamma = {"laplace": 1.0, "maximum-likelihood": 0.0}.get(smoothing, gamma)
        self.alpha, self.weights = alpha, weights
        self.raw = count(sentences, order)
        thresholds = list(prune or [0])
        self.thresholds = (thresholds + thresholds[-1:] * order)[:order]
        self.counts = continuations(self.raw, order) if smoothing.endswith("kneser-ney") else self.raw
        self.followers = defaultdict(dict)
        for ngram, number in self.counts.items():
            if ngram != (BOS,) and number:
                self.followers[ngram[:-1]][ngram[-1]] = number
        tables = [Counter() for _ in range(order + 1)]
        for ngram, number in self.counts.items():
            if ngram != (BOS,):
                tables[len(ngram)][number] += 1
        if discount is not None:
            given = [discount] if isinstance(discount, float) else list(discount)
            self.discounts = [lambda count: given[min(count, len(given)) - 1]] * (order + 1)
        elif smoothing in ESTIMATES:
            self.discounts = [None, *map(ESTIMATES[smoothing], tables[1:])]
        self.prob = functools.cache(self._prob)

    def context(self, words):
        """What the model looks at: the last words, one less than the order."""
        return tuple(words)[max(0, len(words) - self.order + 1) :]

    def _prob(self, word, h):
        followers = self.followers[h]
        total = sum(followers.values())
        if self.smoothing in ("lidstone", "laplace", "maximum-likelihood"):
            return (followers.get(word, 0) + self.gamma) / (total + self.gamma * len(self.vocabulary))
        if self.smoothing == "stupid-backoff":
            if word in followers or not h:
                return followers.get(word, 0) / total
            return self.alpha * self.prob(word, h[1:])
        if not followers:
            return self.prob(word, h[1:])
        shares = self._shares(h, followers, total)
        left = 1 - math.fsum(shares.values())
        if not h:
            return self._unigram(word, shares, left)
        if self.interpolated:
            # What is left is gamma(h), the sum of what the formula takes off.
            return shares.get(word, 0.0) + left * self.prob(word, h[1:])
        room = 1 - math.fsum(self.prob(other, h[1:]) for other in shares)
        if room < 1e-12:  # there is no other word to back off to
            if left > 1 - 1e-12:
                return self.prob(word, h[1:])
            shares, left, room = {w: share / (1 - left) for w, share in shares.items()}, 0.0, 1.0
        return shares[word] if word in shares else left / room * self.prob(word, h[1:])

    def _shares(self, h, followers, total):
        """What the words seen behind h get by themselves; not those that are pruned."""
        n = len(h) + 1
        if self.smoothing == "witten-bell":  # c(hw) / (c(h) + T(h))
            shares = {w: c / (total + len(followers)) for w, c in followers.items()}
        elif self.smoothing == "jelinek-mercer":  # lambda c(hw) / c(h)
            shares = {w: self.weights[n - 1] * c / total for w, c in followers.items()}
        else:  # (c(hw) - D(c(hw))) / c(h); where nothing is taken off, others share one count more
            off = {w: self.discounts[n](c) for w, c in followers.items()}
            pruned = n > 1 and any(self.raw[*h, w] <= self.thresholds[n - 1] for w in followers)
            spare = 0 if any(off.values()) or pruned else 1
            shares = {w: (c - off[w]) / (total + spare) for w, c in followers.items()}
        return {w: share for w, share in shares.items() if n == 1 or self.raw[*h, w] > self.thresholds[n - 1]}

    def _unigram(self, word, shares, left):
        if self.interpolate_unigrams:
            return shares.get(word, 0.0) + left / len(self.vocabulary)
        absent = len(self.vocabulary) - len(shares)
        if not absent:
            return shares[word] / (1 - left) if left < 1 - 1e-12 else 1 / len(self.vocabulary)
        return shares[word] if word in shares else left / absent


def em_weights(training, held_out, order, vocabulary_size, rounds=200, most=0.999):
    """Weights of Jelinek-Mercer smoothing from padded held-out sentences: EM, one event after another."""
    counts = count(training, order)
    totals = Counter()
    for ngram, number in counts.items():
        if ngram != (BOS,):
            totals[ngram[:-1]] += number
    events = [
        [
            counts[s[i - n + 1 : i + 1]] / totals[s[i - n + 1 : i]] if totals[s[i - n + 1 : i]] else None
            for n in range(1, min(order, i + 1) + 1)
        ]
        for s in held_out
        for i in range(1, len(s))
    ]
    weights = [0.5] * order
    for _ in range(rounds):
        own, reached = [0.0] * order, [0.0] * order
        for frequencies in events:
            probability = [1 / vocabulary_size]
            for weight, frequency in zip(weights, frequencies, strict=False):
                shorter = probability[-1]
                probability.append(shorter if frequency is None else weight * frequency + (1 - weight) * shorter)
            left = 1.0  # the chance that no longer order gave the word
            for n in range(len(frequencies) - 1, -1, -1):
                if frequencies[n] is None:
                    continue
                share = left * weights[n] * frequencies[n] / probability[n + 1]
                own[n] += share
                reached[n] += left
                left -= share
        before = weights
        weights = [min(most, a / b) if b else w for a, b, w in zip(own, reached, before, strict=True)]
        if max(abs(a - b) for a, b in zip(weights, before, strict=True)) < 1e-7:
            break
    return weights


def arpa_number(value):
    """A logarithm as an ARPA file has it: 7 decimals, no zeros at the end; what is not finite is -99."""
    if not abs(value) < 1e9:
        return "-99"
    text = f"{value:.7f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
