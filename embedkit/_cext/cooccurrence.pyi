import numpy as np

def workspace_size(n_words: int) -> int: ...
def tally(ids: np.ndarray, counts: np.ndarray) -> int: ...
def group_by_word(
    ids: np.ndarray, begin: int, end: int, cursor: np.ndarray, groups: np.ndarray, document: int = -1
) -> None: ...
def count_rows(
    ids: np.ndarray,
    positions: np.ndarray,
    starts: np.ndarray,
    first_row: int,
    stop_row: int,
    weights: np.ndarray,
    left: bool,
    right: bool,
    workspace: np.ndarray,
    indptr: np.ndarray,
    indices: np.ndarray,
    sums: np.ndarray,
) -> int: ...
def merge_rows(
    n_words: int,
    parts: np.ndarray,
    part_indices: np.ndarray,
    part_sums: np.ndarray,
    workspace: np.ndarray,
    indptr: np.ndarray,
    indices: np.ndarray,
    sums: np.ndarray,
) -> int: ...
def count_runs(groups: np.ndarray, starts: np.ndarray, indptr: np.ndarray) -> None: ...
def write_runs(groups: np.ndarray, starts: np.ndarray, indices: np.ndarray, counts: np.ndarray) -> None: ...
