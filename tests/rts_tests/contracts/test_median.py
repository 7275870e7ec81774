"""The median: what the standard library says it is."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.median import median, median_and_spread, quantile


@given(st.lists(st.floats(0, 1e9), min_size=1))
def test_it_is_that_of_the_standard_library(values: list[float]) -> None:
    assert median(iter(values)) == statistics.median(values)


def test_of_nothing_there_is_none() -> None:
    with pytest.raises(IndexError):
        median([])


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.5, 1))
def test_the_spread_is_the_way_to_the_quantile(values: list[float], upper: float) -> None:
    middle, spread_s = median_and_spread(iter(values), upper)
    assert middle == statistics.median(values)
    assert 0 <= spread_s <= max(values) - middle


@given(st.lists(st.floats(0, 1e6), min_size=2))
def test_the_quantile_is_that_of_the_standard_library(values: list[float]) -> None:
    middle, spread_s = median_and_spread(values, 0.8)
    fourth = statistics.quantiles(values, n=5, method="inclusive")[3]
    assert middle + spread_s == pytest.approx(max(fourth, middle))


@given(st.lists(st.floats(0, 1e6), min_size=2), st.integers(1, 99))
def test_a_quantile_is_that_of_the_standard_library(values: list[float], percent: int) -> None:
    expected = statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
    assert quantile(values, percent / 100) == pytest.approx(expected, abs=1e-9)


def test_quantiles_of_one_value_and_of_none() -> None:
    assert (quantile([3.0], 0.95), quantile([3.0, 1.0], 1.0), quantile([3.0, 1.0], 0.0)) == (3.0, 3.0, 1.0)
    with pytest.raises(IndexError):
        quantile([], 0.5)
