"""What the report advises, from made-up runs: each way of losing time by itself, and runs that lose none."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.load import Load
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.report.advice import advice, tail_of
from longpole.rts_tests.report.formats.text import report_text
from tests.made_up import made_up, record


def _unit(name: str, started_s: float, wall_s: float, lane: int = 0, **changes: Any) -> Record:
    return record(name, wall_s, started_s=started_s, lane=lane, **changes)


FULL = [_unit("a", 0, 5), _unit("b", 0, 5, 1), _unit("c", 5, 5), _unit("d", 5, 5, 1)]


def test_a_run_that_keeps_its_cores_busy_needs_no_advice() -> None:
    assert advice(made_up(FULL)) == []
    assert "advice" not in report_text(made_up(FULL))


def test_a_long_pole_with_seeds_can_be_cut() -> None:
    units = [_unit("gc[0]", 0, 10, seed_count=10), _unit("b", 0, 2, 1), _unit("c", 2, 1, 1)]
    assert advice(made_up(units)) == [
        "long pole: gc[0] alone took 10.00 s of 10.00 s; `longpole tune` splits its seeds into more chunks"
    ]


def test_a_long_pole_without_seeds_must_get_shorter() -> None:
    (line,) = advice(made_up([_unit("pole", 0, 10, seed_count=1), _unit("b", 0, 2, 1)]))
    assert line == "long pole: pole alone took 10.00 s of 10.00 s; only a shorter one helps, more cores do not"


def test_a_unit_that_took_longer_than_expected_began_late() -> None:
    units = [_unit("a", 0, 4), _unit("b", 0, 4, 1), _unit("late", 4, 6)]
    (line,) = advice(made_up(units, expected={"late": 0.5}))
    assert line == (
        "idle tail: late took 6.00 s where 0.50 s were expected, and began late; the next run starts it earlier"
    )


def test_units_too_large_for_the_end() -> None:
    units = [*FULL, _unit("e", 10, 4)]
    (line,) = advice(made_up(units, expected={"e": 4.0}))
    assert line == (
        "idle tail: in the last 4.00 s fewer than 2 units ran, e to the end; smaller units would help, see "
        "`longpole tune`"
    )


def test_more_jobs_than_cores_take_turns() -> None:
    units = [_unit(f"u{number}", 0, 10, number, user_s=2.5) for number in range(8)]
    (line,) = advice(made_up(units, jobs=8, cores=2))
    assert line == "8 units at once on 2 cores take turns: -j2 is as fast, needs less memory and measures better"


def test_more_jobs_than_cores_are_right_for_units_that_wait() -> None:
    assert advice(made_up([_unit(f"u{n}", 0, 10, n, user_s=0.1) for n in range(8)], jobs=8, cores=2)) == []


def test_fewer_jobs_than_cores() -> None:
    units = [_unit(f"u{number}", number, 1) for number in range(8)]
    assert advice(made_up(units, jobs=1, cores=4)) == ["-j1 left cores idle: with -j4 it takes about 2.00 s"]


def test_units_that_wait() -> None:
    units = [_unit(f"u{number}", number // 2, 1, number % 2, user_s=0.25) for number in range(8)]
    (line,) = advice(made_up(units))
    assert line == (
        "units computed for 25 % of their time: if they wait, and the machine was not busy with something else, "
        "-j8 is faster"
    )


BUSY = Load(cores=2, busy_s=8.0, idle_s=0.0, stolen_s=0.0, own_s=2.0)
IDLE = Load(cores=2, busy_s=2.0, idle_s=6.0, stolen_s=0.0, own_s=2.0)


def test_where_others_had_the_cores_no_more_jobs_are_advised() -> None:
    shared = made_up([_unit(f"u{number}", number // 2, 1, number % 2, user_s=0.25) for number in range(8)])
    assert advice(replace(shared, load=BUSY)) == []
    (line,) = advice(replace(shared, load=IDLE))
    assert line == "units computed for 25 % of their time: they wait, so -j8 is faster"


def test_fewer_jobs_than_cores_cost_nothing_where_others_had_the_rest() -> None:
    alone = made_up([_unit(f"u{number}", number, 1) for number in range(8)], jobs=1, cores=4)
    busy = Load(cores=4, busy_s=32.0, idle_s=0.0, stolen_s=0.0, own_s=8.0)
    assert advice(replace(alone, load=busy)) == []
    half = replace(busy, busy_s=16.0, idle_s=16.0)
    assert advice(replace(alone, load=half)) == ["-j1 left cores idle: with -j4 it takes about 4.00 s"]


def test_a_unit_that_others_slowed_down_is_no_surprise() -> None:
    units = [_unit("a", 0, 4), _unit("b", 0, 4, 1), _unit("late", 4, 6, user_s=2.0, slowdown=3.0)]
    (line,) = advice(made_up(units, expected={"late": 2.0}))
    assert line.startswith("idle tail: in the last 6.00 s fewer than 2 units ran")


def test_no_more_jobs_are_advised_than_four_a_core() -> None:
    (line,) = advice(made_up([_unit(f"u{n}", n // 2, 1, n % 2, user_s=0.05) for n in range(8)]))
    assert line.endswith("-j8 is faster")


def test_the_share_of_computing_is_a_percentage() -> None:
    (line,) = advice(made_up([_unit(f"u{n}", n // 2, 1, n % 2, user_s=0.494) for n in range(8)]))
    assert line.startswith("units computed for 49 % of their time")


@pytest.mark.parametrize(
    ("expected_s", "begins"), [(2.9, "idle tail: late took 6.00 s"), (3.0, "idle tail: in the last")]
)
def test_a_surprise_is_more_than_twice_as_long(expected_s: float, begins: str) -> None:
    units = [_unit("a", 0, 4), _unit("b", 0, 4, 1), _unit("late", 4, 6)]
    (line,) = advice(made_up(units, expected={"late": expected_s}))
    assert line.startswith(begins)


@pytest.mark.parametrize(("user_s", "lines"), [(6.6, 1), (6.7, 0)])
def test_units_take_turns_where_they_are_half_as_long_again_as_their_work(user_s: float, lines: int) -> None:
    assert len(advice(made_up([_unit(f"u{n}", 0, 10, n, user_s=user_s) for n in range(3)], jobs=3))) == lines


def test_builds() -> None:
    units = [_unit("a", 6, 4), _unit("b", 6, 4, 1)]
    (line,) = advice(made_up(units))
    assert line.startswith("6.00 s of 10.00 s went into builds, before the first unit; ")


def test_what_costs_most_comes_first_and_two_are_enough() -> None:
    units = [_unit("a", 6, 9, seed_count=9), _unit("b", 6, 1, 1)]
    assert [line.split(":")[0].split(" ")[0] for line in advice(made_up(units))] == ["6.00", "long"]
    text = report_text(made_up(units)).splitlines()
    at = next(number for number, line in enumerate(text) if line.startswith("makespan: "))
    assert [line[:10] for line in text[at : at + 4]] == ["makespan: ", "advice:   ", "advice:   ", "kept in:  "]


def test_a_third_way_of_losing_time_is_not_told() -> None:
    units = [_unit(f"u{lane}", 6, 8, lane, user_s=4.0) for lane in range(4)] + [_unit("last", 6, 10, 4, user_s=2.0)]
    assert [line.split()[0] for line in advice(made_up(units, jobs=5))] == ["6.00", "long"]


@pytest.mark.parametrize(
    "units",
    [
        [],
        ["a", "b"],
        [_unit("alone", 0, 100)],
        [_unit("a", 0, 0.5), _unit("b", 0, 0.1, 1)],
        [_unit("a", 0, 9), _unit("b", 0, 1, 1), "never"],
        [_unit("a", 0, 9), _unit("b", 0, 1, 1, status="cancelled")],
    ],
)
def test_where_there_is_nothing_to_learn_there_is_no_advice(units: list[Record | str]) -> None:
    assert advice(made_up(units)) == []


UNITS = st.lists(
    st.builds(
        _unit,
        st.integers(0, 999).map(str),
        st.floats(0, 100),
        st.floats(0, 100),
        st.integers(0, 7),
        user_s=st.floats(0, 100),
        seed_count=st.integers(0, 2),
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda each: each.id,
)


@given(UNITS, st.integers(1, 8))
def test_a_tail_is_within_the_run(units: list[Record], places: int) -> None:
    tail = tail_of(units, places)
    span = made_up(units).makespan.wall_s
    assert -1e-9 <= tail.length_s <= span + 1e-9
    assert -1e-9 <= tail.lost_s <= tail.length_s + 1e-9


@given(UNITS, st.integers(1, 8), st.integers(1, 8))
def test_any_run_gets_two_lines_at_most(units: list[Record], jobs: int, cores: int) -> None:
    lines = advice(made_up(units, jobs=jobs, cores=cores))
    assert len(lines) <= 2
    assert all("\n" not in line and "nan" not in line for line in lines)


def _waiting(reason: str) -> list[Record]:
    """Two units that want the same, on two cores: the second waits for the first."""
    return [_unit("a", 0, 5), _unit("b", 5, 5, 0, waited_s=5.0, waited_for=reason)]


@pytest.mark.parametrize(
    ("reason", "mend"),
    [
        ("slots", "fewer runs at a time, or a larger LONGPOLE_SLOTS, would help"),
        ("memory", "fewer runs at a time, a larger `limits.memory`, or units that take less, would help"),
        ("an exclusive unit", "a named lock instead of `exclusive` would let unrelated units run meanwhile"),
        (
            "the lock port-8080",
            "units that need this lock take turns; several such resources, each with its own lock, would help",
        ),
    ],
)
def test_waiting_while_places_were_free(reason: str, mend: str) -> None:
    assert advice(made_up(_waiting(reason))) == [f"waiting for {reason} cost 2.50 s of 10.00 s; {mend}"]


def test_waiting_while_all_places_were_taken_cost_nothing() -> None:
    units = [*FULL[:2], *(_unit(name, 5, 5, lane, waited_s=5.0, waited_for="slots") for lane, name in enumerate("cd"))]
    assert advice(made_up(units)) == []


def test_waiting_before_the_first_unit_is_no_build() -> None:
    units = [_unit(name, 6, 4, lane, waited_s=6.0, waited_for="slots") for lane, name in enumerate("ab")]
    (line,) = advice(made_up(units))
    assert line.startswith("waiting for slots cost 6.00 s of 10.00 s; ")
