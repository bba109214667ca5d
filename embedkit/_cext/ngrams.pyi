import numpy as np

UNK: int
BOS: int
EOS: int
MOST_ORDER: int

def row_width(order: int, n_words: int) -> int: ...
def stream_tokens(ids: np.ndarray, map: np.ndarray, stream: np.ndarray, open: bool) -> tuple[int, bool]: ...  # noqa: A002
def pack(
    stream: np.ndarray, begin: int, end: int, order: int, n_words: int, keys: np.ndarray, n_threads: int
) -> None: ...
def sort(keys: np.ndarray, spare: np.ndarray, order: int, n_words: int, n_threads: int) -> bool: ...
def unique(keys: np.ndarray, totals: np.ndarray, order: int, n_words: int) -> int: ...
def merge(
    keys: list[np.ndarray],
    counts: list[np.ndarray],
    out_keys: np.ndarray,
    out_counts: np.ndarray,
    order: int,
    n_words: int,
) -> int: ...
def first_token(keys: np.ndarray, row: int, order: int, n_words: int) -> int: ...
def first_row(keys: np.ndarray, begin: int, end: int, token: int, order: int, n_words: int) -> int: ...
def count_nodes(keys: np.ndarray, parts: np.ndarray, order: int, n_words: int, n_threads: int) -> np.ndarray: ...
def fill_nodes(
    keys: np.ndarray,
    counts: np.ndarray | None,
    parts: np.ndarray,
    cursors: np.ndarray,
    order: int,
    n_words: int,
    words: np.ndarray,
    first: np.ndarray,
    totals: np.ndarray,
    n_threads: int,
) -> None: ...
