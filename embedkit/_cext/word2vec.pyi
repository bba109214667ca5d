import numpy as np

JOB_POSITIONS: int

def train_range(
    ids: np.ndarray,
    first_job: int,
    n_jobs: int,
    input_vectors: np.ndarray,
    output_vectors: np.ndarray,
    keep: np.ndarray,
    noise: np.ndarray | None,
    paths: tuple[np.ndarray, np.ndarray, np.ndarray] | None,
    *,
    cbow: bool,
    window: int,
    shrink: bool,
    mean: bool,
    negative: int,
    start_rate: float,
    end_rate: float,
    done: float,
    total: float,
    seed: int,
    n_threads: int,
) -> tuple[float, int, int, int]: ...
