"""Naive twin of the fastText kernels: one line at a time, in float64, with Python's integers for hashes and draws."""

import numpy as np
from reference.word2vec import MASK, alias_draws, draw_at

BITS = 0xFFFFFFFF


def hash_bytes(data):
    """FNV-1a, bytes above 127 extended by their sign."""
    h = 2166136261
    for byte in data:
        h = ((h ^ (byte | 0xFFFFFF00 if byte > 127 else byte)) * 16777619) & BITS
    return h


def hash_word(word):
    h = hash_bytes(word.encode())
    return h - 2**32 if h >= 2**31 else h


def char_buckets(word, min_n, max_n, buckets):
    marked = f"<{word}>"
    found = []
    for i in range(len(marked)):
        for n in range(min_n, max_n + 1):
            j = i + n
            if n == 0 or j > len(marked) or (n == 1 and (i == 0 or j == len(marked))):
                continue
            found.append(hash_bytes(marked[i:j].encode()) % buckets)
    return found


def features(words, vocabulary, word_ngrams, min_n, max_n, buckets):
    """Features of a line that ends with </s>: rows of words, len(vocabulary) + bucket of n-grams."""
    words = [word for word in [*words, "</s>"] if word in vocabulary or not word.startswith("__label__")]
    found = []
    for word in words:
        found += [vocabulary[word]] if word in vocabulary else []
        if word != "</s>":
            found += [len(vocabulary) + b for b in char_buckets(word, min_n, max_n, buckets)]
    hashes = [hash_word(word) for word in words]
    for i in range(len(words)):
        h = hashes[i] & MASK
        for other in hashes[i + 1 : i + word_ngrams]:
            h = (h * 116049371 + other) & MASK
            found.append(len(vocabulary) + h % buckets)
    return found


def logistic_loss(x, target):
    return np.logaddexp(0, -x) if target else np.logaddexp(0, x)


def softmax_loss(x, target):
    return np.log(np.exp(x - x.max()).sum()) - (x[target] - x.max())


def outputs_of(loss, line, labels, n_labels, noise, paths, negative, seed):
    """(rows of the output matrix, their targets) in the order in which a line meets them."""
    if loss == "ova":
        return list(range(n_labels)), [float(label in labels) for label in range(n_labels)]
    draw = draw_at(draw_at(seed, 0), line)
    target = labels[((draw & BITS) * len(labels)) >> 32]
    if loss == "softmax":
        return list(range(n_labels)), [float(label == target) for label in range(n_labels)]
    if loss == "hs":
        start, node, bit = paths
        path = slice(start[target], start[target + 1])
        return list(node[path]), list(bit[path])
    drawn = alias_draws(noise, draw ^ draw_at(seed, 1), negative)
    others = [label for label in drawn if label != target]
    return [target, *others], [1.0] + [0.0] * len(others)


def train(lines, labels, order, weights, inputs, outputs, *, loss, noise, paths, negative, rate, slope, seed):
    """Train in place; returns the sum of losses and of weights."""
    total = trained = 0.0
    for place, line in enumerate(order.tolist()):
        rows = list(lines[line])
        if not rows or (not labels[line] and loss != "ova"):
            continue
        step = (rate - slope * place) * weights[line]
        h, d = inputs[rows].mean(axis=0), np.zeros(inputs.shape[1])
        numbers, targets = outputs_of(loss, line, labels[line], len(outputs), noise, paths, negative, seed)
        of_line = 0.0
        if loss == "softmax":
            x = outputs @ h
            p = np.exp(x - x.max()) / np.exp(x - x.max()).sum()
            g = step * (np.array(targets) - p)
            of_line = softmax_loss(x, int(np.argmax(targets)))
            d += g @ outputs
            outputs += np.outer(g, h)
        else:
            for number, target in zip(numbers, targets, strict=True):
                x = outputs[number] @ h
                g = step * (target - 1 / (1 + np.exp(-x)))
                of_line += logistic_loss(x, target)
                d += g * outputs[number]
                outputs[number] += g * h
        np.add.at(inputs, rows, d / len(rows))
        total, trained = total + weights[line] * of_line, trained + weights[line]
    return total, trained
