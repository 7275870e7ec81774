"""The time left: what it is for made-up runs, and how good it is for recorded ones."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.recorded import recorded
from bench.time_left import LEARNT, PARTS, REPLAYED, errors, history_of, plan_of, replay
from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.view.time_left import TimeLeft

SECONDS = st.floats(0, 1e6)


def unit(name: str, estimate_s: float = 10.0, *, known: bool = True, **changes: float) -> Unit:
    source = "history" if known else "weight"
    return replace(Unit("v", name, None, 0, 0, estimate_s, source, False), **changes)  # type: ignore[arg-type]


def begun(units: Sequence[Unit], jobs: int | None = 2) -> TimeLeft:
    left = TimeLeft(jobs)
    left.begin(units)
    return left


def ends(
    left: TimeLeft, each: Unit, took_s: float, *, slowdown: float | None = 1.0, cpu_s: float | None = None
) -> None:
    """A unit that ran in the first place, from 0 on."""
    left.started(each, 0, 0.0)
    left.finished(each, 0, took_s, took_s=took_s, cpu_s=took_s if cpu_s is None else cpu_s, slowdown=slowdown)


def test_at_first_it_is_the_share_of_the_work_or_the_longest_unit() -> None:
    many = [unit(name) for name in "abcdefgh"]
    assert begun(many).left_s([]) == 40.0
    assert begun([*many, unit("pole", 90.0)]).left_s([]) == 90.0
    assert begun(many, None).left_s([]) == 10.0
    assert begun([]).left_s([]) == 0.0


def test_running_units_need_what_is_left_of_them() -> None:
    units = [unit("a"), unit("b")]
    left = begun(units)
    for lane, each in enumerate(units):
        left.started(each, lane, 0.0)
    assert left.left_s([(units[0], 3.0), (units[1], 4.0)]) == 7.0


def test_a_waiting_unit_cannot_start_before_a_place_is_free() -> None:
    units = [unit("a", 20.0), unit("b", 20.0), unit("c", 15.0)]
    left = begun(units)
    for lane, each in enumerate(units[:2]):
        left.started(each, lane, 0.0)
    assert left.left_s([(units[0], 0.0), (units[1], 0.0)]) == 35.0


def test_a_unit_that_takes_longer_than_expected_is_not_about_to_end() -> None:
    one = unit("a")
    left = begun([one])
    left.started(one, 0, 0.0)
    assert left.left_s([(one, 50.0)]) == 5.0


def test_weights_that_are_no_seconds_become_some_when_units_have_ended() -> None:
    units = [unit(f"m{number}", 1.0, known=False) for number in range(10)]
    left = begun(units, 1)
    assert left.left_s([]) == 10.0
    ends(left, units[0], 5.0)
    assert left.left_s([]) == pytest.approx(45.0)


def test_a_module_that_is_worse_than_expected_stays_so_and_the_others_do_not() -> None:
    bad = [unit("bad", known=False)] + [replace(unit("bad", known=False), chunk=number) for number in range(20)]
    good = [replace(unit("good", known=False), chunk=number) for number in range(20)]
    left = begun([*bad, *good], 1)
    for each in bad[:10]:
        ends(left, each, 30.0)
    for each in good[:10]:
        ends(left, each, 10.0)
    assert left.factor(bad[0]) > 2 * left.factor(good[0])
    assert left.left_s([]) == pytest.approx(11 * 30 + 10 * 10, rel=0.3)


def test_others_slow_down_what_computes_and_not_what_waits() -> None:
    computes, waits = unit("computes"), unit("waits", computes=0.0)
    left = begun([computes, waits, unit("first")], 1)
    ends(left, unit("first"), 30.0, slowdown=3.0, cpu_s=10.0)
    assert (left.factor(computes), left.factor(waits)) == pytest.approx((3.0, 1.0))
    assert left.left_s([]) == pytest.approx(40.0)


def test_a_single_unit_is_taken_at_its_upper_quantile() -> None:
    assert begun([unit("a", 10.0, spread_s=5.0)], 4).left_s([]) == 15.0


def test_the_sum_of_many_is_not() -> None:
    units = [unit(f"m{number}", 10.0, spread_s=5.0) for number in range(100)]
    assert begun(units, 1).left_s([]) == pytest.approx(1000 + 50)


def test_what_a_place_is_empty_between_units_is_a_cost() -> None:
    units = [replace(unit("m", 1.0, known=False), chunk=number) for number in range(10)]
    left = begun(units, 1)
    now = 0.0
    for each in units[:5]:
        left.started(each, 0, now)
        left.finished(each, 0, now + 1.0, took_s=1.0, cpu_s=1.0, slowdown=None)
        now += 1.5
    assert left.left_s([]) > 5.5


def test_units_that_will_not_run_take_no_time() -> None:
    units = [unit("a"), unit("b"), unit("c", 50.0)]
    left = begun(units, 1)
    left.not_run(units[2:])
    assert left.left_s([]) == 20.0


def test_units_that_nobody_announced_are_no_error() -> None:
    left = begun([unit("a")])
    other = replace(unit("other"), execution=17)
    left.started(other, 0, 0.0)
    assert left.left_s([(other, 4.0)]) >= 6.0
    ends(left, other, 12.0)


UNITS = st.lists(
    st.builds(
        lambda number, estimate, spread, computes: replace(
            unit("m"),
            chunk=number,
            module=f"m{number % 3}",
            estimate_s=round(estimate, 4),
            spread_s=round(spread, 4),
            computes=computes,
        ),
        st.integers(0, 10_000),
        SECONDS,
        SECONDS,
        st.floats(0, 1),
    ),
    max_size=20,
    unique_by=lambda each: each.target,
)


@given(UNITS, st.none() | st.integers(1, 64), st.lists(st.tuples(SECONDS, SECONDS, st.none() | st.floats(1, 99))))
def test_it_is_a_number_that_is_never_negative(
    units: list[Unit], jobs: int | None, took: list[tuple[float, float, float | None]]
) -> None:
    left = begun(units, jobs)
    now = 0.0
    for each, (took_s, cpu_s, slowdown) in zip(units, took, strict=False):
        left.started(each, 0, now)
        assert 0 <= left.left_s([(each, took_s / 2)]) < math.inf
        now += took_s
        left.finished(each, 0, now, took_s=took_s, cpu_s=cpu_s, slowdown=slowdown)
        assert 0 <= left.left_s([]) < math.inf


@given(UNITS, st.integers(1, 64))
def test_it_does_not_grow_with_the_jobs(units: list[Unit], jobs: int) -> None:
    assert begun(units, jobs + 1).left_s([]) <= begun(units, jobs).left_s([]) * (1 + 1e-9)


@pytest.mark.parametrize("name", REPLAYED)
@pytest.mark.parametrize("history", LEARNT)
def test_after_a_third_of_a_recorded_run_it_is_within_a_fifth(history: str, name: str) -> None:
    after_a_third = errors("mixed", name, LEARNT[history])[0]
    assert abs(after_a_third) <= 0.2


@pytest.mark.parametrize("name", REPLAYED)
@pytest.mark.parametrize("history", ["idle", "busy"])
def test_so_it_is_for_the_suite_of_this_repository(history: str, name: str) -> None:
    assert abs(errors("runtime", name, LEARNT[history])[0]) <= 0.2


def test_a_replay_goes_through_the_whole_run() -> None:
    run = recorded("mixed-idle-3")
    shown = replay(run, history_of([]), [*PARTS, 0.999])
    assert [came for _, came in shown] == pytest.approx([run.makespan_s * (1 - part) for part in (*PARTS, 0.999)])
    assert len(plan_of(run).units) == len(run.units)
