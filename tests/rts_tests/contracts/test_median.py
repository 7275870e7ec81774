"""The median: what the standard library says it is."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.median import median


@given(st.lists(st.floats(0, 1e9), min_size=1))
def test_it_is_that_of_the_standard_library(values: list[float]) -> None:
    assert median(iter(values)) == statistics.median(values)


def test_of_nothing_there_is_none() -> None:
    with pytest.raises(IndexError):
        median([])
