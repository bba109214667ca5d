import numpy as np

JOB_NONZEROS: int
NO_NORM: int
L1: int
L2: int
MAX: int

def multiply(
    indptr: np.ndarray,
    indices: np.ndarray,
    data: np.ndarray,
    X: np.ndarray,
    out: np.ndarray,
    *,
    n_threads: int,
) -> None: ...
def weigh_rows(
    indptr: np.ndarray,
    indices: np.ndarray,
    data: np.ndarray,
    weights: np.ndarray | None,
    norm: int,
    first: int,
    last: int,
) -> None: ...
