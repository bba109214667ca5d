import numpy as np

FIELDS: int
NUMBER: int
POSITIVE: int
WORD: int
CONTEXT: int

def format_ngrams(
    starts: np.ndarray,
    first: np.ndarray,
    words: np.ndarray,
    log_prob: np.ndarray,
    log_backoff: np.ndarray,
    prob_table: np.ndarray,
    backoff_table: np.ndarray,
    data: np.ndarray,
    offsets: np.ndarray,
    level: int,
    begin: int,
    end: int,
    out: np.ndarray,
) -> tuple[int, int]: ...
def format_counts(
    starts: np.ndarray,
    first: np.ndarray,
    words: np.ndarray,
    totals: np.ndarray,
    data: np.ndarray,
    offsets: np.ndarray,
    level: int,
    begin: int,
    end: int,
    out: np.ndarray,
) -> tuple[int, int]: ...
def line_starts(text: np.ndarray, most: int, starts: np.ndarray) -> int: ...
def parse_ngrams(
    text: np.ndarray,
    starts: np.ndarray,
    level: int,
    first: np.ndarray,
    words: np.ndarray,
    data: np.ndarray,
    offsets: np.ndarray,
    slots: np.ndarray,
    parents: np.ndarray,
    last_words: np.ndarray,
    probs: np.ndarray,
    backoffs: np.ndarray,
    n_threads: int,
) -> tuple[int, int]: ...
