"""Naive twin of the word2vec kernels: one window at a time, in float64, with Python's integers for random bits."""

import numpy as np

MASK = (1 << 64) - 1
GAMMA = 0x9E3779B97F4A7C15
DOCUMENT_END = -1
STEP_ROWS = 12


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
            left, right = alive[max(i - radius, 0) : i], alive[i + 1 : i + 1 + radius]
            # Nearest on the left first, then the right: the order in which long windows fall into steps.
            context = [word for _, _, word in left[::-1] + right]
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


def step(hidden, outputs, rows, labels, weights, rate):
    """One step, all from the old values: changes `outputs`, returns the loss and what each hidden row gains."""
    T = outputs[rows].copy()
    loss, gains = 0.0, []
    for h in hidden:
        loss += pair_loss(h, T, labels, weights)
        g = rate * weights * (labels - 1 / (1 + np.exp(-(T @ h))))
        gains.append(g @ T)
        outputs[rows] += np.outer(g, h)
    return loss, gains


def train(ids, inputs, outputs, keep, noise, paths, *, cbow, window, shrink, mean, negative, rate_at, seed):
    """Train one epoch in place; `rate_at(position)` is the learning rate. Returns loss, pairs, centres."""
    loss, pairs, centres = 0.0, 0, 0
    for position, draw, centre, context in windows(ids, keep, window, shrink, seed):
        centres += 1
        if not context:
            continue
        rate = rate_at(position)
        rows, labels, weights = targets(centre, draw, seed, noise, negative, paths)
        if cbow:
            scale = 1 / len(context) if mean else 1.0
            hidden = scale * inputs[context].sum(axis=0)
            window_loss, (gain,) = step([hidden], outputs, rows, labels, weights, rate)
            for word in context:
                inputs[word] += gain if mean else gain / len(context)
            loss, pairs = loss + window_loss, pairs + 1
            continue
        for i in range(0, len(context), STEP_ROWS):
            batch = context[i : i + STEP_ROWS]
            batch_loss, gains = step([inputs[word].copy() for word in batch], outputs, rows, labels, weights, rate)
            for word, gain in zip(batch, gains, strict=True):
                inputs[word] += gain
            loss, pairs = loss + batch_loss, pairs + len(batch)
    return loss, pairs, centres


def huffman_cost(counts):
    """The least total code length, by merging the two smallest weights until one is left."""
    weights, cost = sorted(int(c) for c in counts), 0
    while len(weights) > 1:
        merged = weights.pop(0) + weights.pop(0)
        cost += merged
        weights = sorted([*weights, merged])
    return cost
