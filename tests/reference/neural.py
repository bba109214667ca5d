"""One text, one number at a time, in float64: the naive twins of the layers and objectives of embedkit.neural."""

import math

import numpy as np


def softmax(scores, mask):
    total = sum(math.exp(score) for score, counts in zip(scores, mask, strict=True) if counts)
    return np.array([math.exp(score) / total if counts else 0.0 for score, counts in zip(scores, mask, strict=True)])


def counted(column, mask):
    return [x for x, counts in zip(column, mask, strict=True) if counts]


def max_pool(states, mask):
    return np.array([max(counted(column, mask), default=0.0) for column in states.T])


def k_max_pool(states, mask, k):
    """For each column the k largest numbers, of equal ones the first, in the order in which they stand, then zeros."""
    pooled = []
    for column in states.T:
        placed = [(x, place) for place, (x, counts) in enumerate(zip(column, mask, strict=True)) if counts]
        largest = sorted(placed, key=lambda pair: -pair[0])[:k]
        kept = [x for x, _ in sorted(largest, key=lambda pair: pair[1])]
        pooled += kept + [0.0] * (k - len(kept))
    return np.array(pooled)


def mean_pool(states, mask):
    total, count = np.zeros(states.shape[1]), 0
    for state, counts in zip(states, mask, strict=True):
        if counts:
            total, count = total + state, count + 1
    return total / count if count else total


def last_state(states, mask):
    last = np.zeros(states.shape[1])
    for state, counts in zip(states, mask, strict=True):
        last = state if counts else last
    return last


def attention_pool(states, mask, score, query, matrix=None, bias=None):
    """Weighted mean of the states, and the weights."""
    scores = []
    for state in states:
        if score == "additive":
            scores.append(query @ np.tanh(matrix @ state + bias))
        else:
            scores.append(query @ (state if score == "dot" else matrix @ state) / math.sqrt(len(state)))
    weights, pooled = softmax(scores, mask), np.zeros(states.shape[1])
    for weight, state in zip(weights, states, strict=True):
        pooled += weight * state
    return pooled, weights


def self_attention(states, mask, n_heads, projections, output):
    """Of one text: new states, and the weights of each head. `projections` and `output` are (matrix, bias)."""
    n_positions, size = states.shape
    width = size // n_heads
    query, key, value = np.split(states @ projections[0].T + projections[1], 3, axis=1)
    mixed, weights = np.zeros((n_positions, size)), np.zeros((n_heads, n_positions, n_positions))
    for head in range(n_heads):
        part = slice(head * width, (head + 1) * width)
        for place in range(n_positions):
            scores = [query[place, part] @ key[other, part] / math.sqrt(width) for other in range(n_positions)]
            weights[head, place] = softmax(scores, mask)
            for other in range(n_positions):
                mixed[place, part] += weights[head, place, other] * value[other, part]
    return mixed @ output[0].T + output[1], weights


def layer_norm(state, weight, bias):
    return (state - state.mean()) / math.sqrt(state.var() + 1e-5) * weight + bias


def gelu(x):
    return 0.5 * x * (1.0 + math.erf(x / math.sqrt(2.0)))


def position_code(position, size):
    code = []
    for column in range(size):
        angle = position / 10000 ** ((column - column % 2) / size)
        code.append(math.cos(angle) if column % 2 else math.sin(angle))
    return code


def convolution(words, filters, biases, pooling, k, wide):
    """Features of one text, (n_words, size), from filters (n_filters, size, window) of one width."""
    n_filters, size, window = filters.shape
    if not len(words):
        return np.zeros(n_filters * (k if pooling == "k-max" else 1))
    edge = np.zeros((window - 1 if wide else 0, size))
    words = np.concatenate([edge, words, edge])
    while len(words) < window:
        words = np.concatenate([words, np.zeros((1, size))])
    found = []
    for first in range(len(words) - window + 1):
        sums = [(words[first : first + window] * one.T).sum() + bias for one, bias in zip(filters, biases, strict=True)]
        found.append([max(0.0, x) for x in sums])
    found, mask = np.array(found), [True] * len(found)
    if pooling == "k-max":
        return k_max_pool(found, mask, k)
    return max_pool(found, mask) if pooling == "max" else mean_pool(found, mask)


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def recurrent(cell, words, weights):
    """States of one layer that reads one text forwards; `weights` are torch's W_ih, W_hh, b_ih, b_hh."""
    of_input, of_state, input_bias, state_bias = weights
    state = memory = np.zeros(of_state.shape[1])
    states = []
    for word in words:
        fed, fed_back = of_input @ word + input_bias, of_state @ state + state_bias
        if cell == "rnn":
            state = np.tanh(fed + fed_back)
        elif cell == "lstm":
            enter, forget, new, leave = np.split(fed + fed_back, 4)
            memory = sigmoid(forget) * memory + sigmoid(enter) * np.tanh(new)
            state = sigmoid(leave) * np.tanh(memory)
        else:
            (reset, update, new), (reset_back, update_back, new_back) = np.split(fed, 3), np.split(fed_back, 3)
            keep = sigmoid(update + update_back)
            state = (1 - keep) * np.tanh(new + sigmoid(reset + reset_back) * new_back) + keep * state
        states.append(state)
    return np.array(states)


def log_softmax(scores):
    return scores - math.log(sum(math.exp(score) for score in scores))


def cross_entropy(logits, classes, weights, smoothing):
    """Mean over the weights of the texts' classes; the truth is smoothed, and each class counts its weight."""
    total = 0.0
    for scores, right in zip(logits, classes, strict=True):
        for number, log in enumerate(log_softmax(scores)):
            share = smoothing / len(scores) + (1.0 - smoothing if number == right else 0.0)
            total -= share * weights[number] * log
    return total / sum(weights[right] for right in classes)


def divergence(p, q):
    """Kullback-Leibler divergence in nats of two distributions."""
    return sum(a * math.log(a / b) for a, b in zip(p, q, strict=True))
