"""What a unit would have taken on an idle machine, from runs on busy ones: for made-up units, and for recorded runs."""

from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.recorded import Recorded, recorded
from longpole.rts_tests.contracts.duration import alone_s

SECONDS = st.floats(0, 1e5)
IDLE = tuple(recorded(f"mixed-idle-{number}") for number in (1, 2, 3))
BUSY = tuple(recorded(f"mixed-busy-{number}") for number in (1, 2))


@pytest.mark.parametrize(
    ("what", "wall_s", "cpu_s", "slowdown", "threads", "alone"),
    [
        ("computes, on an idle machine", 2.0, 2.0, 1.0, 1.0, 2.0),
        ("computes, beside two on one core", 6.0, 2.0, 3.0, 1.0, 2.0),
        ("waits, beside two", 5.2, 0.1, 3.0, 1.0, 5.0),
        ("computes and waits, beside two", 7.0, 1.0, 3.0, 1.0, 5.0),
        ("uses two cores, on an idle machine", 2.0, 4.0, 1.0, 2.0, 2.0),
        ("uses two cores, beside two on each", 6.0, 4.0, 3.0, 2.0, 2.0),
        ("the same, and nobody knows that it does", 6.0, 4.0, 3.0, 1.0, 4.0),
        ("others had a lower priority", 2.0, 2.0, 3.0, 1.0, 2.0),
        ("the system does not tell", 6.0, 2.0, None, 1.0, 6.0),
        ("took no time", 0.0, 0.0, 3.0, 1.0, 0.0),
    ],
)
def test_a_unit_that(
    what: str, wall_s: float, cpu_s: float, slowdown: float | None, threads: float, alone: float
) -> None:
    assert alone_s(wall_s, cpu_s, slowdown, threads) == pytest.approx(alone), what


@given(SECONDS, SECONDS, st.none() | st.floats(1, 1000), st.floats(1, 64))
def test_it_is_no_longer_than_measured_and_no_shorter_than_its_cpu_time_on_its_cores(
    wall_s: float, cpu_s: float, slowdown: float | None, threads: float
) -> None:
    found = alone_s(wall_s, cpu_s, slowdown, threads)
    assert 0 <= found <= wall_s
    assert found >= min(wall_s, cpu_s / max(threads, cpu_s / wall_s if wall_s else 1)) * (1 - 1e-9)


@given(SECONDS, SECONDS, st.floats(1, 1000), st.floats(1, 1000))
def test_the_busier_the_machine_the_less_is_the_units_own(
    wall_s: float, cpu_s: float, one: float, other: float
) -> None:
    less, more = sorted((one, other))
    assert alone_s(wall_s, cpu_s, more, 1) <= alone_s(wall_s, cpu_s, less, 1)


def walls(runs: tuple[Recorded, ...]) -> dict[str, float]:
    """The median wall time of each unit whose cost is not a matter of its seeds."""
    kept: dict[str, list[float]] = {}
    for run in runs:
        for each in run.units:
            if each.seed_policy != "commit":
                kept.setdefault(each.unit.id, []).append(each.wall_s)
    return {name: median(values) for name, values in kept.items()}


def learnt(runs: tuple[Recorded, ...], threads: dict[str, float]) -> dict[str, float]:
    """The median of what is learnt of the same units."""
    kept: dict[str, list[float]] = {}
    for run in runs:
        for each in run.units:
            if each.seed_policy != "commit":
                alone = alone_s(each.wall_s, each.cpu_s, each.slowdown, threads.get(each.unit.id, 1.0))
                kept.setdefault(each.unit.id, []).append(alone)
    return {name: median(values) for name, values in kept.items()}


def known_threads(runs: tuple[Recorded, ...]) -> dict[str, float]:
    """The most cores that each unit used at once."""
    kept: dict[str, float] = {}
    for run in runs:
        for each in run.units:
            kept[each.unit.id] = max(kept.get(each.unit.id, 1.0), each.cpu_s / each.wall_s)
    return kept


def test_the_recorded_machine_was_busy_and_then_it_was_not() -> None:
    idle, busy = walls(IDLE), walls(BUSY)
    assert idle.keys() == busy.keys()
    assert sum(busy.values()) > 4 * sum(idle.values())


def test_a_busy_machine_teaches_what_an_idle_one_does() -> None:
    idle, busy = walls(IDLE), learnt(BUSY, known_threads(IDLE))
    assert 0.8 < sum(busy.values()) / sum(idle.values()) < 1.2
    ratios = {name: busy[name] / idle[name] for name in idle if idle[name] > 0.3}  # else a few looks decide
    assert all(0.6 < ratio < 1.4 for ratio in ratios.values()), ratios


def test_so_it_does_before_anything_else_is_known() -> None:
    idle, busy = walls(IDLE), learnt(BUSY, {})
    assert 0.8 < sum(busy.values()) / sum(idle.values()) < 1.25


def test_an_idle_machine_teaches_what_it_measured() -> None:
    idle, found = walls(IDLE), learnt(IDLE, {})
    assert 0.8 < sum(found.values()) / sum(idle.values()) <= 1


@pytest.mark.parametrize("kind", ["sleeps", "mixed", "cpu", "threads", "quick"])
def test_each_kind_of_unit_is_understood(kind: str) -> None:
    idle, busy, wall = walls(IDLE), learnt(BUSY, known_threads(IDLE)), walls(BUSY)
    names = [name for name in idle if name.split("/")[1].startswith(kind)]
    expected = sum(idle[name] for name in names)
    assert sum(busy[name] for name in names) == pytest.approx(expected, rel=0.3)
    assert abs(sum(busy[name] for name in names) - expected) < abs(sum(wall[name] for name in names) - expected)
