"""Work shared among threads."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from embedkit.errors import ParameterError
from embedkit.threads import share_work, threads_of_jobs


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_every_item_is_worked_once(n_threads):
    seen = []
    with ThreadPoolExecutor(n_threads) as pool:
        share_work(pool, n_threads, seen.append, range(100))
    assert sorted(seen) == list(range(100))


def test_all_threads_take_part():
    meeting = threading.Barrier(3, timeout=20)
    with ThreadPoolExecutor(3) as pool:
        share_work(pool, 3, lambda item: meeting.wait(), range(3))


@pytest.mark.parametrize("place", ["here", "elsewhere"])
def test_an_error_in_any_thread_is_raised_when_all_have_stopped(place):
    here = threading.get_ident()

    def work(item):
        if (threading.get_ident() == here) == (place == "here"):
            raise ValueError("broken")

    def work_often():
        # A single time, the other thread may come too late for any item.
        with ThreadPoolExecutor(2) as pool:
            for _ in range(100):
                share_work(pool, 2, work, range(50))

    with pytest.raises(ValueError, match="broken"):
        work_often()


def test_jobs_are_counted_as_scikit_learn_counts_them():
    assert threads_of_jobs(None) == 1
    assert threads_of_jobs(3) == 3
    assert threads_of_jobs(-1) >= 1
    with pytest.raises(ParameterError, match="n_jobs=0"):
        threads_of_jobs(0)


@pytest.mark.parametrize("place", ["here", "elsewhere"])
def test_after_an_error_no_thread_begins_another_item(place):
    here = threading.get_ident()
    both, broken, done = threading.Barrier(2, timeout=20), threading.Event(), []

    def work(item):
        if item < 2:
            both.wait()
        if (threading.get_ident() == here) == (place == "here"):
            broken.set()
            raise ValueError("broken")
        # The other thread has failed by then, or is about to: it takes few more items at the most.
        broken.wait(20)
        done.append(item)

    with ThreadPoolExecutor(2) as pool, pytest.raises(ValueError, match="broken"):
        share_work(pool, 2, work, range(10**6))
    assert len(done) < 10**5
