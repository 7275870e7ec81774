"""What a run amounts to: counts, failures, the slowest, and the bound that its makespan is held against."""

import pytest

from tests.made_up import made_up, record


def test_counts_are_in_the_order_of_statuses_and_only_of_those_that_occur() -> None:
    summary = made_up([record("a", status="crashed"), "b", record("c"), record("d", status="crashed")])
    assert list(summary.counts.items()) == [("passed", 1), ("crashed", 2), ("not run", 1)]


def test_every_outcome_but_a_pass_fails_the_run() -> None:
    summary = made_up([record("a"), record("b", status="flaky"), "c", record("d", status="cancelled")])
    assert [outcome.id for outcome in summary.failures] == ["b", "d", "c"]


def test_the_slowest_are_the_longest_first_ties_by_id_and_only_those_that_ran() -> None:
    summary = made_up([record("b", 1), record("c", 3), "never", record("a", 1)])
    assert [outcome.id for outcome in summary.slowest(3)] == ["c", "a", "b"]
    assert [outcome.id for outcome in summary.slowest(1)] == ["c"]


def test_the_makespan_is_from_the_first_start_to_the_last_end() -> None:
    span = made_up([record("a", 2, started_s=1.0), record("b", 1, started_s=4.0), "c"]).makespan
    assert (span.wall_s, span.cpu_s) == (4.0, 3.0)


def test_a_run_of_nothing_took_no_time() -> None:
    span = made_up(["a"]).makespan
    assert (span.wall_s, span.cpu_s, span.longest, span.longest_s, span.bound_s) == (0.0, 0.0, None, 0.0, 0.0)


@pytest.mark.parametrize(("jobs", "cores", "places"), [(1, 4, 1), (8, 4, 4), (None, 4, 4), (3, 4, 3), (0, 4, 4)])
def test_places_are_the_jobs_but_no_more_than_cores(jobs: int | None, cores: int, places: int) -> None:
    assert made_up([record("a")], jobs=jobs, cores=cores).makespan.places == places


def test_the_bound_is_the_longest_unit_or_the_work_shared_out() -> None:
    long = made_up([record("a", 5), record("b", 1)]).makespan
    assert (long.bound_s, long.limited_by_longest, long.longest and long.longest.id) == (5.0, True, "a")
    even = made_up([record(name, 2, started_s=2.0 * at) for at, name in enumerate("abc")]).makespan
    assert (even.bound_s, even.limited_by_longest) == (3.0, False)
    assert made_up([record("a", 2), record("b", 2)]).makespan.limited_by_longest


def crowded(cpu_s: float, jobs: int | None = 4) -> float:
    """The longest unit's time in a run of 4 units of 10 s on 2 cores, one of which computed for `cpu_s`."""
    units = [record(name, 10, started_s=3.0, user_s=cpu_s if name == "a" else 5.0) for name in "abcd"]
    return made_up(units, jobs=jobs, cores=2).makespan.longest_s


def test_where_units_share_cores_their_cpu_time_counts() -> None:
    assert crowded(5.0) == 5.0
    assert crowded(5.0, jobs=None) == 5.0


def test_where_they_do_not_or_wait_their_wall_time_counts() -> None:
    assert crowded(5.0, jobs=2) == 10.0
    assert crowded(1.0) == 10.0  # 16 s of CPU, in 10 s on 2 cores: four fifths
    assert crowded(1.1) == 5.0


def test_more_cpu_than_wall_time_does_not_make_a_unit_longer() -> None:
    assert crowded(30.0) == 10.0
