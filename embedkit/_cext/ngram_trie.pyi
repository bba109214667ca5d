import numpy as np

WEIGHT: int
WITTEN_BELL: int
RELATIVE: int

def link_children(
    first: np.ndarray, words: np.ndarray, link: np.ndarray, begin: int, end: int, n_threads: int
) -> None: ...
def count_links(link: np.ndarray, begin: int, end: int, counts: np.ndarray, n_threads: int) -> None: ...
def tally(counts: np.ndarray, begin: int, end: int, tallies: np.ndarray) -> None: ...
def estimate_children(
    first: np.ndarray,
    link: np.ndarray,
    keep: np.ndarray | None,
    values: np.ndarray,
    backoff: np.ndarray,
    begin: int,
    end: int,
    discount: np.ndarray,
    rule: int,
    weight: float,
    interpolated: bool,
    n_threads: int,
) -> None: ...
def to_log10(values: np.ndarray, begin: int, end: int, n_threads: int) -> None: ...
def compress(
    first: np.ndarray, words: np.ndarray, link: np.ndarray, keep: np.ndarray, starts: np.ndarray, new_ids: np.ndarray
) -> int: ...
