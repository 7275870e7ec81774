"""Whether two series differ: Welch's t-test, Student's distribution, Holm's procedure."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.statistics.differences import Difference, difference, significant, two_sided_p

DURATIONS = st.lists(st.floats(0.01, 1e4), min_size=2, max_size=8)


@pytest.mark.parametrize(
    ("freedom", "t", "p"),
    [  # a table of Student's distribution, such as Abramowitz and Stegun 1964, table 26.10
        (1, 6.313752, 0.1),
        (1, 12.706205, 0.05),
        (2, 4.302653, 0.05),
        (2, 31.599055, 0.001),
        (4, 2.776445, 0.05),
        (10, 0.699812, 0.5),
        (10, 4.586894, 0.001),
        (30, 2.042272, 0.05),
        (120, 1.979930, 0.05),
    ],
)
def test_students_distribution_is_that_of_the_tables(freedom: float, t: float, p: float) -> None:
    assert two_sided_p(t, freedom) == pytest.approx(p, rel=1e-5)
    assert two_sided_p(-t, freedom) == two_sided_p(t, freedom)


@given(st.floats(0, 1e6), st.integers(1, 2))
def test_students_distribution_in_closed_form(t: float, freedom: int) -> None:
    exact = 1 - 2 / math.pi * math.atan(t) if freedom == 1 else 1 - t / math.sqrt(2 + t * t)
    assert two_sided_p(t, freedom) == pytest.approx(exact, abs=1e-9)


@given(st.floats(0, 50), st.floats(0, 50), st.floats(0.5, 500))
def test_a_larger_t_is_less_likely(t: float, other: float, freedom: float) -> None:
    near, far = sorted((t, other))
    assert 0 <= two_sided_p(far, freedom) <= two_sided_p(near, freedom) + 1e-12 <= 1 + 1e-12


def test_a_difference_computed_by_hand() -> None:
    """Of the logarithms 0, 1, 2 and 4, 6: means 1 and 5, squared errors 1/3 and 1; t = 4 / sqrt(4/3), 16/9 / (10/9)."""
    before, after = [math.exp(value) for value in (0, 1, 2)], [math.exp(4), math.exp(6)]
    found = difference(before, after)
    assert found is not None
    freedom = (4 / 3) ** 2 / ((1 / 3) ** 2 / 2 + 1)
    assert found.ratio == pytest.approx(math.exp(4))
    assert found.p == pytest.approx(two_sided_p(4 / math.sqrt(4 / 3), freedom))


@given(DURATIONS, DURATIONS)
def test_the_other_way_round_the_ratio_is_inverse_and_the_chance_the_same(
    before: list[float], after: list[float]
) -> None:
    there, back = difference(before, after), difference(after, before)
    assert there is not None
    assert back is not None
    assert there.ratio == pytest.approx(1 / back.ratio)
    assert there.p == pytest.approx(back.p)
    assert 0 <= there.p <= 1


@given(DURATIONS, DURATIONS, st.floats(0.1, 10))
def test_the_unit_of_time_does_not_matter(before: list[float], after: list[float], factor: float) -> None:
    plain = difference(before, after)
    scaled = difference([value * factor for value in before], [value * factor for value in after])
    assert plain is not None
    assert scaled is not None
    assert scaled.ratio == pytest.approx(plain.ratio)


def test_series_without_spread() -> None:
    same, other = difference([1.0, 1.0], [1.0, 1.0]), difference([1.0, 1.0], [2.0, 2.0])
    assert same == Difference(1.0, 1.0)
    assert other is not None
    assert other.ratio == pytest.approx(2.0)
    assert other.p == 0.0


@pytest.mark.parametrize(("before", "after"), [([1.0], [1.0, 2.0]), ([1.0, 2.0], [3.0]), ([0.0, 1.0], [1.0, 2.0])])
def test_too_little_to_tell(before: list[float], after: list[float]) -> None:
    assert difference(before, after) is None


def test_one_in_twenty_equal_series_looks_different() -> None:
    chance = random.Random(3)
    wrong = 0
    for _ in range(1000):
        found = difference(*([chance.lognormvariate(0, 0.2) for _ in range(size)] for size in (3, 5)))
        wrong += found is not None and found.p < 0.05
    assert 20 <= wrong <= 75


def test_holms_own_example_stops_at_the_first_that_is_not_significant() -> None:
    p_values = {"a": 0.01, "b": 0.02, "c": 0.022, "d": 0.0125}
    assert significant(p_values) == {"a", "d", "b", "c"}  # 0.05/4, 0.05/3, 0.05/2, 0.05/1
    assert significant({**p_values, "d": 0.03}) == {"a"}  # 0.02 is above 0.05/3, so 0.022 and 0.03 are not asked
    assert significant({**p_values, "a": 0.013, "d": 0.013}) == frozenset()
    assert significant({"a": 0.05}) == {"a"}
    assert significant({}) == frozenset()


@given(st.dictionaries(st.integers(), st.floats(0, 1), max_size=20))
def test_what_bonferroni_finds_is_found_and_nothing_above_the_limit(p_values: dict[int, float]) -> None:
    found = significant(p_values)
    assert {key for key, p in p_values.items() if p < 0.05 / len(p_values)} <= found
    assert all(p_values[key] <= 0.05 for key in found)
    assert all(p_values[key] <= p for key in found for other, p in p_values.items() if other not in found)
