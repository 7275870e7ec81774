"""The tests and intervals of a comparison: against scipy's permutations, against what is known, and by simulation."""

from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.perf.compare.statistics import MAX_VALUES, adjusted, least_p, mann_whitney, ratio_interval

VALUES = st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=5)


def by_enumeration(before: list[float], after: list[float]) -> float:
    """The two-sided p-value of U, by all ways to deal the values out."""
    values = [*before, *after]
    places = range(len(values))

    def away(chosen: tuple[int, ...]) -> float:
        rest = [values[place] for place in places if place not in chosen]
        wins = sum(values[one] > other for one in chosen for other in rest)
        return abs(wins - len(chosen) * len(rest) / 2)

    own = away(tuple(range(len(before))))
    ways = list(combinations(places, len(before)))
    return sum(away(chosen) >= own for chosen in ways) / len(ways)


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=9, unique=True), st.data())
def test_the_p_value_of_few_values_is_that_of_all_ways_to_deal_them_out(values: list[int], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(values) - 1))
    before, after = [float(each) for each in values[:cut]], [float(each) for each in values[cut:]]
    assert mann_whitney(before, after) == pytest.approx(by_enumeration(before, after))
    assert mann_whitney(before, after) >= least_p(len(before), len(after)) * (1 - 1e-9)


@pytest.mark.parametrize(("before", "after"), [(1, 1), (3, 3), (4, 4), (2, 9)])
def test_the_least_p_value_is_that_of_two_sides_that_do_not_overlap(before: int, after: int) -> None:
    first, second = [float(each) for each in range(before)], [100.0 + each for each in range(after)]
    assert least_p(before, after) == pytest.approx(mann_whitney(first, second))


@given(VALUES, VALUES)
def test_the_sides_may_be_exchanged(before: list[float], after: list[float]) -> None:
    assert mann_whitney(before, after) == pytest.approx(mann_whitney(after, before))
    assert 0 < mann_whitney(before, after) <= 1


def test_equal_values_are_not_told_apart() -> None:
    assert mann_whitney([3.0] * 20, [3.0] * 20) == 1
    assert mann_whitney([1.0, 2.0] * 10, [1.0, 2.0] * 10) > 0.9


@given(VALUES, VALUES)
def test_an_interval_is_between_the_extremes_and_the_same_each_time(before: list[float], after: list[float]) -> None:
    low, high = ratio_interval(before, after)
    assert min(after) / max(before) * (1 - 1e-9) <= low <= high <= max(after) / min(before) * (1 + 1e-9)
    assert ratio_interval(before, after) == (low, high)


def test_intervals_hold_the_true_ratio_about_as_often_as_they_say() -> None:
    random = Random(1)
    held = 0
    for _ in range(200):
        before = [random.lognormvariate(0, 0.1) for _ in range(20)]
        after = [1.2 * random.lognormvariate(0, 0.1) for _ in range(20)]
        low, high = ratio_interval(before, after)
        held += low <= 1.2 <= high
    assert held >= 180


def test_an_interval_of_very_many_values_is_made_of_fewer() -> None:
    random = Random(2)
    before, after = ([random.lognormvariate(0, 0.1) for _ in range(3 * MAX_VALUES)] for _ in range(2))
    low, high = ratio_interval(before, after)
    assert 0.98 < low < 1 < high < 1.02


@given(st.lists(st.floats(0, 1), max_size=20))
def test_adjusted_p_values_are_not_less_and_keep_their_order(p_values: list[float]) -> None:
    q_values = adjusted(p_values)
    assert all(q >= p - 1e-12 for p, q in zip(p_values, q_values, strict=True))
    pairs = sorted(zip(p_values, q_values, strict=True))
    assert [q for _, q in pairs] == sorted(q_values)


def test_adjusted_p_values_of_the_paper() -> None:
    """Benjamini and Hochberg (1995), section 3.2: at 0.05, the first four of these fifteen are rejected."""
    of_paper = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    of_paper += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert sum(q <= 0.05 for q in adjusted(of_paper)) == 4
