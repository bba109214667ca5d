"""Shares of the learning rate, step by step."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedkit.neural.training.schedules import SCHEDULES, rate_schedule


@pytest.mark.parametrize("name", SCHEDULES)
@given(n_steps=st.integers(1, 60), warmup=st.floats(0.0, 0.99))
def test_the_rate_rises_to_the_whole_in_a_line_and_then_never_rises(name, n_steps, warmup):
    rate = rate_schedule(name, n_steps, warmup)
    n_warm = round(warmup * n_steps)
    rates = [rate(step) for step in range(n_steps + 1)]
    assert rates[:n_warm] == pytest.approx([(step + 1) / n_warm for step in range(n_warm)])
    after = rates[n_warm:]
    assert all(0.0 <= later <= earlier <= 1.0 for earlier, later in pairwise(after))


@pytest.mark.parametrize(
    ("name", "warmup", "expected"),
    [
        ("constant", 0.0, [1] * 5),
        ("constant", 0.5, [0.5, 1, 1, 1, 1]),
        ("linear", 0.0, [1, 0.75, 0.5, 0.25, 0]),
        ("linear", 0.5, [0.5, 1, 1, 0.5, 0]),
        ("cosine", 0.0, [1, 0.853553, 0.5, 0.146447, 0]),
        ("cosine", 0.5, [0.5, 1, 1, 0.5, 0]),
        ("inverse-sqrt", 0.0, [1, 2**-0.5, 3**-0.5, 0.5, 5**-0.5]),
        ("inverse-sqrt", 0.5, [0.5, 1, (2 / 3) ** 0.5, 0.5**0.5, 0.4**0.5]),
    ],
)
def test_rates_of_four_steps_and_the_one_behind_them(name, warmup, expected):
    rate = rate_schedule(name, 4, warmup)
    assert [rate(step) for step in range(5)] == pytest.approx(expected, abs=1e-6)
