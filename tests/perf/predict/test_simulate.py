"""The simulation of a run: list scheduling, shared cores, and all that a unit may have to wait for."""

import heapq

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.perf.predict.simulate import simulate
from longpole.perf.predict.work import Work

SECONDS = st.integers(1, 100).map(float)
JOBS = st.integers(1, 8)


def sleeping(name: str, seconds: float, **takes: object) -> Work:
    return Work(name, seconds, 0.0, **takes)  # type: ignore[arg-type]


def computing(name: str, seconds: float, threads: float = 1.0) -> Work:
    return Work(name, seconds, seconds * threads, threads)


def makespan(*works: Work, jobs: int = 4, cores: int = 2, **options: object) -> float:
    return simulate(works, {}, jobs=jobs, cores=cores, **options).makespan_s  # type: ignore[arg-type]


@given(st.lists(SECONDS, min_size=1, max_size=30), JOBS)
def test_units_that_sleep_are_scheduled_by_the_list(seconds: list[float], jobs: int) -> None:
    places = [0.0] * jobs
    for each in seconds:
        heapq.heapreplace(places, places[0] + each)
    works = [sleeping(str(number), each) for number, each in enumerate(seconds)]
    outcome = simulate(works, {}, jobs=jobs, cores=1)
    assert outcome.makespan_s == pytest.approx(max(places))
    assert outcome.busy_s == pytest.approx(sum(seconds))
    assert set(outcome.starts) == {work.id for work in works}


@given(st.lists(SECONDS, min_size=1, max_size=20), JOBS, st.integers(1, 8))
def test_units_that_compute_use_all_cores_and_no_more(seconds: list[float], jobs: int, cores: int) -> None:
    works = [computing(str(number), each) for number, each in enumerate(seconds)]
    outcome = simulate(works, {}, jobs=jobs, cores=cores)
    least = max(sum(seconds) / min(jobs, cores), *seconds)
    assert least * (1 - 1e-3) <= outcome.makespan_s <= sum(seconds) * (1 + 1e-3)
    assert outcome.cpu_s == pytest.approx(sum(seconds))
    assert outcome.slowdown >= 1


def test_more_jobs_than_cores_do_not_help_units_that_compute() -> None:
    works = [computing(str(number), 6.0) for number in range(8)]
    assert makespan(*works, jobs=2) == pytest.approx(24, rel=1e-3)
    assert makespan(*works, jobs=8) == pytest.approx(24, rel=1e-3)
    assert simulate(works, {}, jobs=8, cores=2).slowdown == pytest.approx(4, rel=1e-3)


def test_more_jobs_than_cores_help_units_that_sleep() -> None:
    works = [sleeping(str(number), 6.0) for number in range(8)]
    assert (makespan(*works, jobs=2), makespan(*works, jobs=8)) == (24, 6)


def test_only_the_part_that_computes_is_slowed_down() -> None:
    """Four units that compute half of their time want two cores and have one: 5 + 5 s, where s is the slowdown.

    Each uses 5 / (5 + 5 s) of a core, all four one, so s is 3.
    """
    works = [Work(str(number), 10.0, 5.0) for number in range(4)]
    assert makespan(*works, jobs=4, cores=1) == pytest.approx(20, rel=1e-3)


def test_a_unit_of_several_threads_uses_as_many_cores() -> None:
    assert makespan(computing("a", 6.0, 4.0), cores=4) == pytest.approx(6)
    assert makespan(computing("a", 6.0, 4.0), cores=2) == pytest.approx(12, rel=1e-3)


def test_other_programs_take_their_share() -> None:
    alone = [computing("a", 6.0)]
    assert simulate(alone, {}, jobs=1, cores=1, others=1.0).makespan_s == pytest.approx(12, rel=1e-3)
    assert simulate(alone, {}, jobs=1, cores=2, others=1.0).makespan_s == pytest.approx(6, rel=1e-3)


def test_a_unit_that_must_be_alone_waits_and_keeps_its_place() -> None:
    works = [sleeping("a", 4.0), sleeping("alone", 2.0, exclusive=True), sleeping("b", 1.0), sleeping("c", 1.0)]
    starts = simulate(works, {}, jobs=2, cores=2).starts
    assert starts == {"a": 0, "alone": 4, "b": 6, "c": 6}


def test_units_with_one_lock_follow_one_another_and_others_overtake() -> None:
    works = [sleeping("a", 3.0, locks=("x",)), sleeping("b", 3.0, locks=("x",)), sleeping("c", 1.0)]
    assert simulate(works, {}, jobs=3, cores=2).starts == {"a": 0, "b": 3, "c": 0}


def test_units_that_need_more_slots_wait_and_nothing_overtakes_them() -> None:
    works = [sleeping("a", 2.0), sleeping("wide", 2.0, slots=9), sleeping("b", 2.0)]
    assert simulate(works, {}, jobs=3, cores=2, slots=2).starts == {"a": 0, "wide": 2, "b": 4}
    assert simulate(works, {}, jobs=3, cores=2).starts == {"a": 0, "wide": 0, "b": 0}


def test_units_start_when_their_own_builds_have_ended() -> None:
    works = [sleeping("slow", 2.0, after=("late",)), sleeping("quick", 3.0, after=("early",))]
    outcome = simulate(works, {"early": 1.0, "late": 5.0}, jobs=2, cores=2)
    assert (outcome.starts["quick"], outcome.starts["slow"], outcome.makespan_s) == (1, 5, 7)
    assert outcome.cpu_s == 6


def test_a_place_is_empty_between_two_units() -> None:
    works = [sleeping(str(number), 1.0) for number in range(10)]
    assert makespan(*works, jobs=1, gap_s=0.5) == pytest.approx(15)


def test_units_that_take_no_time_do_no_harm() -> None:
    assert makespan(*[Work(str(number), 0.0, 0.0) for number in range(5)]) == 0
    assert makespan() == 0
