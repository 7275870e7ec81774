"""Groups of tests: every test once, in order, and long enough to pay for a unit."""

from hypothesis import given
from hypothesis import strategies as st

from longpole.gen.adapters.grouping import LEAST_S, OVERHEAD_S, ROUNDS, UNKNOWN_S, groups

DURATIONS = st.lists(st.floats(0.0001, 100), max_size=60)


@given(DURATIONS, st.integers(1, 64))
def test_every_test_is_in_one_group_and_their_order_stays(durations: list[float], jobs: int) -> None:
    by_test = {f"t{number}": seconds for number, seconds in enumerate(durations)}
    found = groups(list(by_test), by_test, jobs=jobs)
    assert [test for group in found for test in group.tests] == list(by_test)
    assert all(group.tests for group in found)


@given(DURATIONS, st.integers(1, 64))
def test_a_group_pays_for_its_unit(durations: list[float], jobs: int) -> None:
    by_test = {f"t{number}": seconds for number, seconds in enumerate(durations)}
    found = groups(list(by_test), by_test, jobs=jobs)
    if sum(durations) >= LEAST_S:
        assert all(group.seconds >= LEAST_S * 0.999 for group in found)
    else:
        assert len(found) <= 1


def test_groups_can_be_spread_over_the_jobs() -> None:
    tests = [f"t{number}" for number in range(1000)]
    durations = dict.fromkeys(tests, 1.0)
    for jobs in (1, 2, 8):
        found = groups(tests, durations, jobs=jobs)
        assert len(found) >= jobs * ROUNDS
        assert max(group.seconds for group in found) <= 1000 / (jobs * ROUNDS)


def test_a_long_test_is_a_group_of_its_own_beside_long_ones() -> None:
    found = groups(["a", "b", "c"], {"a": 5.0, "b": 5.0, "c": 5.0}, jobs=8)
    assert [group.tests for group in found] == [("a",), ("b",), ("c",)]


def test_a_test_that_nobody_has_timed_counts_as_a_short_one() -> None:
    (group,) = groups(["a", "b"], {}, jobs=2)
    assert group.seconds == 2 * UNKNOWN_S
    assert LEAST_S == 50 * OVERHEAD_S
