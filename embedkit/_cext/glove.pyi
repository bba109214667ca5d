import numpy as np

PAIR: np.dtype
MOST_ROWS: int

def count_tiles(
    first_row: int, indptr: np.ndarray, indices: np.ndarray, n_blocks: int, sizes: np.ndarray, n_threads: int
) -> None: ...
def fill_tiles(
    first_row: int,
    indptr: np.ndarray,
    indices: np.ndarray,
    counts: np.ndarray,
    n_blocks: int,
    ends: np.ndarray,
    pairs: np.ndarray,
    n_threads: int,
) -> None: ...
def shuffle_tiles(pairs: np.ndarray, starts: np.ndarray, seed: int, n_threads: int) -> None: ...
def train_tiles(
    pairs: np.ndarray,
    starts: np.ndarray,
    block_rows: np.ndarray,
    shift: int,
    first: int,
    stop: int,
    words: np.ndarray,
    contexts: np.ndarray,
    losses: np.ndarray,
    *,
    x_max: float,
    alpha: float,
    learning_rate: float,
) -> None: ...
