import numpy as np

SCHEMES: dict[str, int]

def word_slots(data: np.ndarray, offsets: np.ndarray, slots: np.ndarray) -> int: ...

class Query:
    n_words: int
    def __init__(
        self,
        starts: np.ndarray,
        first: np.ndarray,
        words: np.ndarray,
        link: np.ndarray,
        log_prob: np.ndarray,
        log_backoff: np.ndarray,
        prob_table: np.ndarray,
        backoff_table: np.ndarray,
        scheme: str,
        data: np.ndarray,
        offsets: np.ndarray,
        slots: np.ndarray,
    ) -> None: ...
    def word_id(self, word: bytes) -> int: ...
    def word_ids(self, text: bytes, tokens: bool) -> list[int]: ...
    def score(self, text: str | bytes, tokens: bool, bos: bool, eos: bool) -> float: ...
    def score_texts(
        self, texts: list[str | bytes], tokens: np.ndarray, bos: bool, eos: bool, totals: np.ndarray, n_threads: int
    ) -> None: ...
    def begin(self) -> tuple[int, int]: ...
    def step(self, node: int, length: int, word: int) -> tuple[float, int, int, int]: ...
    def score_sentences(
        self, ids: np.ndarray, ends: np.ndarray, totals: np.ndarray, known_totals: np.ndarray, n_threads: int
    ) -> None: ...
    def score_words(
        self, ids: np.ndarray, node: int, length: int, log_probs: np.ndarray, matched: np.ndarray
    ) -> tuple[int, int]: ...
