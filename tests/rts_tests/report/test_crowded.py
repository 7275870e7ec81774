"""The lower bound for units that are few, or of equal length."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.report.crowded import crowded_s
from longpole.rts_tests.report.formats.text import makespan_line
from tests.made_up import made_up, record


@pytest.mark.parametrize(
    ("durations", "at_once", "bound"),
    [
        ([], 2, 0),
        ([3, 2], 2, 0),
        ([2, 2, 2], 2, 4),
        ([9, 5, 4, 1], 2, 9),
        ([2, 2, 2, 2, 2], 2, 6),
        ([1, 1, 1], 1, 3),
        ([7, 6, 5, 4, 3], 3, 9),
    ],
)
def test_some_units_follow_one_another(durations: list[float], at_once: int, bound: float) -> None:
    assert crowded_s(durations, at_once) == bound


@given(st.lists(st.integers(0, 9), max_size=6), st.integers(1, 3))
def test_no_order_is_shorter(durations: list[int], at_once: int) -> None:
    def makespan(places: tuple[int, ...]) -> int:
        return max(
            sum(each for each, place in zip(durations, places, strict=True) if place == at) for at in range(at_once)
        )

    assert crowded_s(durations, at_once) <= min(map(makespan, product(range(at_once), repeat=len(durations))))


def test_three_equal_units_two_at_a_time_lose_nothing() -> None:
    units = [record("a", 2), record("b", 2, lane=1), record("c", 2, started_s=2.0)]
    assert makespan_line(made_up(units)).startswith("makespan: 4.00 s, 1.00 x 4.00 s, the least for units")
