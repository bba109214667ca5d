from collections.abc import Sequence

import numpy as np

LOSSES: dict[str, int]

def hash_words(words: Sequence[bytes]) -> np.ndarray: ...
def char_ngrams(words: Sequence[bytes], min_n: int, max_n: int, buckets: int) -> tuple[np.ndarray, np.ndarray]: ...
def line_features(
    ids: np.ndarray,
    stop: np.ndarray,
    word_row: np.ndarray,
    word_hash: np.ndarray,
    line_end: int,
    part_start: np.ndarray,
    part_bucket: np.ndarray,
    *,
    word_ngrams: int,
    first_bucket: int,
    buckets: int,
    n_threads: int,
) -> tuple[np.ndarray, np.ndarray]: ...
def count_features(feature: np.ndarray, n: int) -> np.ndarray: ...
def renumber(feature: np.ndarray, number: np.ndarray, n_threads: int) -> None: ...
def mean_rows(row: np.ndarray, row_start: np.ndarray, vectors: np.ndarray, n_threads: int) -> np.ndarray: ...
def fill_uniform(matrix: np.ndarray, size: int, seed: int, n_threads: int) -> None: ...
def train_range(
    order: np.ndarray,
    begin: int,
    stop: int,
    lines: tuple[np.ndarray, np.ndarray],
    labels: tuple[np.ndarray, np.ndarray],
    weight: np.ndarray,
    input_vectors: np.ndarray,
    output_vectors: np.ndarray,
    noise: np.ndarray | None,
    paths: tuple[np.ndarray, np.ndarray, np.ndarray] | None,
    *,
    loss: int,
    negative: int,
    rate: float,
    slope: float,
    seed: int,
    n_threads: int,
) -> tuple[float, float]: ...
