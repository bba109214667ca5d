"""Where networks are computed: devices, threads, seeds and memory."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from embedkit.errors import ParameterError
from embedkit.threads import threads_of_jobs

__all__ = ["explained_memory", "resolve_device", "seeded", "torch_threads"]

# What backends say that have no exception of their own for it.
NO_MEMORY = ("can't allocate memory", "out of memory", "ALLOC_FAILED")


def resolve_device(name: str) -> torch.device:
    """Return the device of a name.

    Parameters
    ----------
    name : str
        "auto" is the first CUDA device if there is one, else the processor; or a name as torch has them, "cpu",
        "cuda:1", "mps".

    Raises
    ------
    ParameterError
        If there is no such device here.

    Examples
    --------
    >>> resolve_device("cpu")
    device(type='cpu')
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except (RuntimeError, TypeError) as error:
        raise ParameterError(f"device={name!r}: expected one of {', '.join(map(repr, _devices()))}") from error
    present = {"cpu": 1, "cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available())}
    if (device.index or 0) >= present.get(device.type, 0):
        raise ParameterError(f"device={name!r}: there is none here; expected one of {', '.join(map(repr, _devices()))}")
    return device


def _devices() -> list[str]:
    cuda = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    return ["auto", "cpu", *cuda, *(["mps"] if torch.backends.mps.is_available() else [])]


@contextmanager
def torch_threads(n_jobs: int | None) -> Iterator[None]:
    """Let torch use as many threads as `n_jobs` says, as many as it is set to if None, and set it back."""
    before = torch.get_num_threads()
    try:
        if n_jobs is not None:
            torch.set_num_threads(threads_of_jobs(n_jobs))
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Draw what torch draws from this seed; other users of its generators notice nothing."""
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        yield


@contextmanager
def explained_memory(device: torch.device, batch_size: int, longest: int) -> Iterator[None]:
    """Turn an error for want of memory into one that says what to try."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:  # torch.OutOfMemoryError is a RuntimeError
        short = isinstance(error, torch.OutOfMemoryError | MemoryError) or any(sign in str(error) for sign in NO_MEMORY)
        if not short:
            raise
        smaller = f"batch_size={batch_size // 2}, " if batch_size > 1 else ""
        raise ParameterError(
            f"batch_size={batch_size}: out of memory on {device} with texts of up to {longest} words; try "
            f"{smaller}max_length={max(1, longest // 2)}, or mixed_precision=True on a GPU"
        ) from error
