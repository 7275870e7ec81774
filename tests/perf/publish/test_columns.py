"""Numbers of the page: short, and as exact as they need to be."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.perf.publish.columns import DIGITS, MAX_WHOLE, column, decimals

NUMBERS = st.floats(min_value=1e-9, max_value=1e9)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.405301, 0.41, None], (6, [405301, 410000, None])),
        ([155032.0, 203.0], (0, [155032, 203])),
        ([1234.5678], (2, [123457])),
        ([0.0, None], (0, [0, None])),
        ([], (0, [])),
        ([-0.25, 0.5], (6, [-250000, 500000])),
        ([2.0**60], (-13, [115292])),
        ([1e300, 1.0], (-285, [10**15, 0])),
        ([1e-320, 1e-320], (300, [0, 0])),
        ([1.0, 1999999.5], (5, [100000, 199999950000])),
    ],
)
def test_a_column(values: list[float | None], expected: tuple[int, list[int | None]]) -> None:
    assert column(values) == expected


@given(st.lists(NUMBERS | st.integers(0, MAX_WHOLE).map(float), min_size=1, max_size=20))
def test_the_numbers_come_back_to_within_the_digits_that_are_kept(values: list[float]) -> None:
    places, whole = column(values)
    for value, stored in zip(values, whole, strict=True):
        assert stored is not None
        assert math.isclose(stored / 10.0**places, value, rel_tol=10.0 ** (1 - DIGITS), abs_tol=max(values) * 1e-14)


@given(st.lists(st.integers(0, MAX_WHOLE), max_size=20))
def test_whole_numbers_are_exact(values: list[int]) -> None:
    assert column([float(value) for value in values]) == (0, values)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.none(), max_size=20))
def test_every_number_of_a_result_file_can_be_written(values: list[float | None]) -> None:
    _, whole = column(values)
    assert [value is None for value in whole] == [value is None for value in values]
    assert all(value is None or abs(value) <= MAX_WHOLE for value in whole)
    assert isinstance(decimals(values), int)
