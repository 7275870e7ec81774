"""Groups of tests: every test once, in order, and long enough to pay for a unit."""

import heapq

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.gen.adapters.grouping import (
    LEAST_S,
    OVERHEAD_S,
    ROUNDS,
    SHORT_S,
    UNKNOWN_S,
    groups,
    split,
    threads_for,
    weight_of,
)

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


@pytest.mark.parametrize("jobs", [2, 4, 8])
def test_heaviest_first_the_groups_of_a_long_suite_end_together(jobs: int) -> None:
    """List scheduling (Graham 1969): what the jobs lose at the end is what the last groups are long."""
    durations = {f"t{number}": 0.48 for number in range(30 * jobs)} | {"pole": 13.0}
    ends = [0.0] * jobs
    for group in sorted(groups(list(durations), durations, jobs=jobs), key=lambda group: -group.seconds):
        heapq.heappush(ends, heapq.heappop(ends) + group.seconds)
    assert max(ends) <= sum(durations.values()) / jobs + LEAST_S


def test_groups_of_unknown_tests_get_shorter_and_are_not_too_many() -> None:
    sizes = [len(group.tests) for group in groups([f"t{number}" for number in range(300)], {}, jobs=2, least_s=0.0)]
    assert sizes[0] == max(sizes) >= 4 * min(sizes)
    assert len(sizes) <= 20


@given(st.lists(st.integers(1, 500), min_size=1, max_size=20), st.integers(1, 64))
def test_threads_are_a_units_part_of_the_jobs(numbers: list[int], jobs: int) -> None:
    threads = [threads_for(number, sum(numbers), jobs=jobs) for number in numbers]
    assert all(1 <= each <= jobs for each in threads)
    assert sum(threads) <= jobs * 1.5 + len(numbers)


def test_the_only_unit_has_a_thread_a_job_and_equal_ones_have_one_each() -> None:
    assert threads_for(100, 100, jobs=4) == 4
    assert [threads_for(300, 400, jobs=8), threads_for(100, 400, jobs=8)] == [6, 2]
    assert threads_for(50, 100, jobs=2) == 1
    assert threads_for(7, 7, jobs=4) == 1


def test_a_weight_is_short_to_read_and_never_nothing() -> None:
    assert [weight_of(seconds) for seconds in (0.0, 0.04, 0.16, 12.3456)] == [0.1, 0.1, 0.2, 12.3]


def test_a_binary_is_split_where_durations_are_known_and_has_threads_where_none_is() -> None:
    tests = [f"t{number}" for number in range(20)]
    whole = split(tests, "a ", {"b t0": 9.0}, jobs=4, of=20)
    assert (whole.weight, whole.parts, whole.threads) == (round(20 * SHORT_S, 1), (), 4)
    of_names = {test: 1.0 for test in tests}
    parts = split(tests, "a ", of_names, jobs=4, of=20)
    assert [test for part in parts.parts for test in part.tests] == tests
    assert (parts.weight, parts.threads) == (20.0, 1)
    assert split(tests, "a ", {**of_names, "a t0": 11.0}, jobs=4, of=20).weight == 30.0
    short = split(tests, "a ", {"t0": 0.01}, jobs=4, of=20)
    assert (short.parts, short.threads) == ((), 1)
