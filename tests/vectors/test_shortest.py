"""The digits written: they read back to the same float32, and none could be left out."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from embedkit.vectors.formats.shortest import format_rows, shortest_decimals


def texts(values: np.ndarray) -> list[str]:
    return [f"{value:.9g}" for value in shortest_decimals(values).tolist()]


def significant(text: str) -> str:
    digits = text.lower().split("e")[0].lstrip("-").replace(".", "")
    return digits.strip("0")


def assert_shortest(values: np.ndarray) -> None:
    for value, text in zip(values, texts(values), strict=True):
        assert np.float32(float(text)).tobytes() == value.tobytes(), (value, text)
        assert np.float32(text).tobytes() == value.tobytes()
        assert len(significant(text)) <= len(significant(str(value))), (value, text)


def test_every_kind_of_float32_reads_back():
    bits = np.random.default_rng(0).integers(0, 2**32, 20_000, dtype=np.uint32)
    values = bits.view(np.float32)
    assert_shortest(values[np.isfinite(values)])


def test_common_values_read_back():
    random = np.random.default_rng(1)
    values = (random.standard_normal(20_000) * 10.0 ** random.integers(-6, 6, 20_000)).astype(np.float32)
    assert_shortest(values)


def test_special_values_read_back():
    limits = np.finfo(np.float32)
    values = [
        0.0,
        -0.0,
        1,
        -1,
        0.1,
        1 / 3,
        limits.max,
        -limits.max,
        limits.tiny,
        limits.smallest_subnormal,
        1e22,
        1e-12,
    ]
    powers = [*(2.0 ** np.arange(-149, 128)), *(10.0 ** np.arange(-45, 39))]
    exact = np.array(values + powers, dtype=np.float32)
    assert_shortest(np.concatenate([exact, np.nextafter(exact, np.float32(0)), -exact]))


def test_six_digits_come_back_as_they_were():
    # Between 2**-10 and 0.001 float32 is so coarse that the nearest decimal of seven digits may be another one.
    decimals = [*range(976_563, 1_000_000, 7), *range(100_000, 1_000_000, 97)]
    written = [f"{digits}e{power}" for digits in decimals for power in (-9, -4)]
    values = np.array(written, dtype=np.float64).astype(np.float32)
    assert [significant(text) for text in texts(values)] == [significant(text) for text in written]


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_any_float32_reads_back(value):
    assert_shortest(np.array([value], dtype=np.float32))


def test_no_more_digits_than_a_person_would_write():
    assert texts(np.array([0.1, 100, 2.5, 1e-9, 0.3333, 16777216], dtype=np.float32)) == [
        "0.1",
        "100",
        "2.5",
        "1e-09",
        "0.3333",
        "16777216",
    ]


def test_rows_are_words_and_numbers():
    assert format_rows(["a", "é"], np.array([[1, -0.5], [0, 3]], dtype=np.float32)) == "a 1 -0.5\né 0 3\n"
