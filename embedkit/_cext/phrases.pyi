import numpy as np

RARE: int
CONNECTOR: int
STARTS: int
ENDS: int
JOINS: int
PRUNED: int
MOST_IDS: int

def group_pairs(
    ids: np.ndarray,
    begin: int,
    end: int,
    roles: np.ndarray,
    first_row: int,
    stop_row: int,
    cursor: np.ndarray,
    seconds: np.ndarray | None = None,
) -> None: ...
def count_rows(
    ids: np.ndarray,
    roles: np.ndarray,
    seconds: np.ndarray,
    starts: np.ndarray,
    begin: int,
    end: int,
    least: int,
    every: bool,
    found: np.ndarray,
    counts: np.ndarray,
    n_found: np.ndarray,
) -> int: ...
def measure(ids: np.ndarray, roles: np.ndarray, found: np.ndarray, last: np.ndarray, lengths: np.ndarray) -> None: ...
def spell(ids: np.ndarray, first: np.ndarray, found: np.ndarray, offsets: np.ndarray, words: np.ndarray) -> None: ...
def npmi(
    counts: np.ndarray, first_counts: np.ndarray, last_counts: np.ndarray, n_words: int, scores: np.ndarray
) -> None: ...
def index_phrases(words: np.ndarray, offsets: np.ndarray, slots: np.ndarray) -> None: ...
def cut_text(ids: np.ndarray, at: int, flags: np.ndarray) -> int: ...
def cut_document(ids: np.ndarray, at: int) -> int: ...
def join(
    ids: np.ndarray,
    begin: int,
    end: int,
    flags: np.ndarray,
    words: np.ndarray,
    offsets: np.ndarray,
    slots: np.ndarray,
    joined: np.ndarray,
    uses: np.ndarray,
) -> int: ...
def remap(ids: np.ndarray, begin: int, end: int, new_ids: np.ndarray, keep_empty: bool) -> tuple[int, int]: ...
def move(ids: np.ndarray, to: int, begin: int, end: int) -> None: ...
