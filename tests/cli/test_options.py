"""Sizes and cores."""

import os

import click
import numpy as np
import pytest
from embedkit_cli import machine
from embedkit_cli.options import MemorySize


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4GB", 4 * 10**9),
        ("4GiB", 4 * 2**30),
        ("500MB", 500 * 10**6),
        ("500 mb", 500 * 10**6),
        ("1.5G", 1_500_000_000),
        (".5k", 500),
        ("64KiB", 65536),
        ("2Ti", 2 * 2**40),
        ("4000000000", 4 * 10**9),
        ("17B", 17),
        ("8388607Ti", 8388607 * 2**40),
    ],
)
def test_sizes_are_read_with_decimal_and_binary_units(text, size):
    assert MemorySize().convert(text, None, None) == size


@pytest.mark.parametrize("text", ["", "much", "4XB", "-4GB", "4 G B", "iB", "0", "0.1B", "1e9", "nan"])
def test_what_is_no_size_is_refused_with_an_example(text):
    with pytest.raises(click.BadParameter, match=r"500MB|1MB"):
        MemorySize().convert(text, None, None)


@pytest.mark.parametrize("text", ["9" * 400, "9" * 300, "9" * 310 + "TiB", "8388608Ti"], ids=len)
def test_more_than_any_machine_has_is_refused(text):
    with pytest.raises(click.BadParameter, match=r"more than any machine has.*500MB"):
        MemorySize().convert(text, None, None)


def test_available_cores_falls_back_to_all(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert machine.available_cores() == os.cpu_count()


@pytest.mark.parametrize("proc", [True, False], ids=["proc", "getrusage"])
def test_peak_memory_is_in_megabytes(monkeypatch, proc):
    def refuse(*_: object, **__: object) -> None:
        raise FileNotFoundError

    if not proc:
        monkeypatch.setattr(machine, "open", refuse, raising=False)
    held = np.ones(100_000_000, dtype=np.uint8)
    peak = machine.peak_rss_mb()
    if peak is None:
        pytest.skip("this system does not say")
    assert held.nbytes / 1e6 < peak < 64_000
