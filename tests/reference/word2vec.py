"""Naive twin of the word2vec kernels: one window at a time, in float64, with Python's integers for random bits."""

import numpy as np

MASK = (1 << 64) - 1
GAMMA = 0x9E3779B97F4A7C15
DOCUMENT_END = -1


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def draw_at(key, position):
    return mix((key + (position + 1) * GAMMA) & MASK)


def alias_draws(table, state, n):
    """`n` words from an alias table, starting after `state`."""
    drawn = []
    for _ in range(n):
        state = (state + GAMMA) & MASK
        random = mix(state)
        column = ((random >> 32) * len(table)) >> 32
        threshold, alias = (int(x) for x in table[column])
        drawn.append(column if (random & 0xFFFFFFFF) < threshold else alias)
    return drawn


def documents(ids):
    """(position, word) pairs of each document."""
    document = []
    for position, word in enumerate(ids):
        if word == DOCUMENT_END:
            yield document
            document = []
        else:
            document.append((position, int(word)))
    yield document


def windows(ids, keep, window, shrink, seed):
    """(position, draw, centre, context words) of every centre word that survives subsampling."""
    key = draw_at(seed, 0)
    for document in documents(ids):
        drawn = [(position, draw_at(key, position), word) for position, word in document]
        alive = [(position, draw, word) for position, draw, word in drawn if (draw >> 32) <= keep[word]]
        for i, (position, draw, centre) in enumerate(alive):
            radius = 1 + (((draw & 0xFFFFFFFF) * window) >> 32) if shrink else window
            context = [word for _, _, word in alive[max(i - radius, 0) : i] + alive[i + 1 : i + 1 + radius]]
            yield position, draw, centre, context


def targets(centre, draw, seed, noise, negative, paths):
    """(rows of the output matrix, labels, weights): a negative that is the centre word does not count."""
    if noise is None:
        start, node, label = paths
        path = slice(start[centre], start[centre + 1])
        return list(node[path]), np.array(label[path], float), np.ones(path.stop - path.start)
    rows, weights = [centre], [1.0]
    for word in alias_draws(noise, draw ^ draw_at(seed, 1), negative):
        if word == centre:
            continue
        if word in rows:
            weights[rows.index(word)] += 1
        else:
            rows.append(word)
            weights.append(1.0)
    return rows, np.array([1.0] + [0.0] * (len(rows) - 1)), np.array(weights)


def pair_loss(hidden, T, labels, weights):
    """-log s(x) for label 1 and -log s(-x) for label 0, weighted and summed."""
    x = T @ hidden
    return float(np.sum(weights * np.logaddexp(0.0, np.where(labels > 0.5, -x, x))))


def train(ids, inputs, outputs, keep, noise, paths, *, cbow, window, shrink, mean, negative, rate_at, seed):
    """Train one epoch in place; `rate_at(position)` is the learning rate. Returns loss, pairs, centres."""
    loss, pairs, centres = 0.0, 0, 0
    for position, draw, centre, context in windows(ids, keep, window, shrink, seed):
        centres += 1
        if not context:
            continue
        rate = rate_at(position)
        rows, labels, weights = targets(centre, draw, seed, noise, negative, paths)
        T = outputs[rows].copy()
        if cbow:
            scale = 1 / len(context) if mean else 1.0
            hidden = [scale * inputs[context].sum(axis=0)]
        else:
            hidden = [inputs[word].copy() for word in context]
        gain_T, gains = np.zeros_like(T), []
        for h in hidden:
            loss += pair_loss(h, T, labels, weights)
            pairs += 1
            g = rate * weights * (labels - 1 / (1 + np.exp(-(T @ h))))
            gains.append(g @ T)
            gain_T += np.outer(g, h)
        outputs[rows] += gain_T
        if cbow:
            gains = [gains[0] * (1.0 if mean else 1 / len(context))] * len(context)
        for word, gain in zip(context, gains, strict=True):
            inputs[word] += gain
    return loss, pairs, centres


def huffman_cost(counts):
    """The least total code length, by merging the two smallest weights until one is left."""
    weights, cost = sorted(int(c) for c in counts), 0
    while len(weights) > 1:
        merged = weights.pop(0) + weights.pop(0)
        cost += merged
        weights = sorted([*weights, merged])
    return cost
