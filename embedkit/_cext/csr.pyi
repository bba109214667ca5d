import numpy as np

JOB_NONZEROS: int

def multiply(
    indptr: np.ndarray,
    indices: np.ndarray,
    data: np.ndarray,
    X: np.ndarray,
    out: np.ndarray,
    *,
    n_threads: int,
) -> None: ...
