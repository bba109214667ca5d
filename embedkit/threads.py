"""Threads and instruction sets, as callers and the environment choose them."""

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, wait
from typing import Any

from embedkit._cext import processor
from embedkit.checks import check_choice, check_integer
from embedkit.errors import ParameterError

__all__ = ["MOST_THREADS", "check_threads", "share_work", "threads_of_jobs", "use_forced_instruction_set"]

# Beyond any machine; the OpenMP runtime ends the process where the system refuses it a thread.
MOST_THREADS = 1024


def check_threads(n_threads: object) -> int:
    """Return a number of threads that can be started; anything else is a ParameterError."""
    return check_integer("n_threads", n_threads, 1, MOST_THREADS)


def threads_of_jobs(n_jobs: int | None) -> int:
    """Return the threads that scikit-learn's `n_jobs` stands for: None is one, -1 all processors."""
    from joblib import effective_n_jobs

    if n_jobs is not None:
        check_integer("n_jobs", n_jobs, -MOST_THREADS, MOST_THREADS)
    if n_jobs == 0:
        raise ParameterError("n_jobs=0: expected a number of threads, None for one, or -1 for all processors")
    return int(effective_n_jobs(n_jobs))


def share_work(pool: Executor, n_threads: int, work: Callable[[Any], None], items: Iterable[Any]) -> None:
    """Let `n_threads` threads, this one among them, take the items in turn, and return when all are done.

    When one fails, or is interrupted, the others finish the item at hand and take no more.

    A thread that waits for the others sleeps. Those of OpenMP spin at the end of a loop, and take the processor from
    the one they wait for, where other programs are at work.
    """
    left = iter(items)  # taking the next one holds the interpreter's lock
    failed = threading.Event()

    def take() -> None:
        try:
            for item in left:
                if failed.is_set():
                    return
                work(item)
        except BaseException:
            failed.set()
            raise

    others = [pool.submit(take) for _ in range(n_threads - 1)]
    try:
        take()
    finally:
        wait(others)
    for other in others:
        other.result()


def use_forced_instruction_set() -> None:
    """Use what $EMBEDKIT_SIMD names, if it is set; otherwise what is in use, the best one by default."""
    forced = os.environ.get("EMBEDKIT_SIMD")
    if forced:
        check_choice("EMBEDKIT_SIMD", forced, processor.instruction_sets())
        processor.use_instruction_set(forced)
