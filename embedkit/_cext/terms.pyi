import numpy as np

WORD: int
CHAR: int
CHAR_WB: int
AS_IS: int
LOWER: int
LOWER_ASCII: int
CJK: int
MOST_UNITS: int

class Analysis:
    def __init__(
        self,
        analyzer: int,
        min_n: int,
        max_n: int,
        lowercase: int,
        shortest: int,
        split_cjk: bool,
        classes: np.ndarray,
        lower: np.ndarray,
        stop_words: list[str],
    ) -> None: ...

class Vocabulary:
    def __init__(self, analysis: Analysis, terms: list[str], columns: np.ndarray, n_columns: int) -> None: ...

class TermCounter:
    def __init__(
        self,
        analysis: Analysis,
        vocabulary: Vocabulary | None = None,
        *,
        n_features: int = 0,
        alternate_sign: bool = True,
    ) -> None: ...
    @property
    def n_words(self) -> int: ...
    @property
    def n_terms(self) -> int: ...
    @property
    def n_entries(self) -> int: ...
    def add(self, texts: list[str]) -> tuple[int, np.ndarray]: ...
    def tally(self) -> tuple[np.ndarray, np.ndarray]: ...
    def merge(self, other: TermCounter) -> tuple[np.ndarray, np.ndarray]: ...
    def unfold(self, numbers: np.ndarray) -> np.ndarray: ...
    def order_words(self) -> np.ndarray: ...
    def terms(self, numbers: np.ndarray) -> list[str]: ...
    def close_terms(self) -> None: ...
    def close_rows(self) -> None: ...
    def kept(self, first: int, lengths: np.ndarray, words: np.ndarray, nodes: np.ndarray) -> np.ndarray: ...
    def fill(
        self,
        first: int,
        lengths: np.ndarray,
        words: np.ndarray | None,
        nodes: np.ndarray | None,
        starts: np.ndarray,
        indices: np.ndarray,
        data: np.ndarray,
        bits: int,
    ) -> None: ...
