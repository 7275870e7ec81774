"""Units of one run that wait: how long, for what, and what does not count as waiting. The clock is made up."""

import pytest

from longpole.rts_tests.contracts.plan import PlanModule, Unit
from longpole.rts_tests.contracts.waits import EXCLUSIVE, LOCK, MEMORY, SLOTS
from longpole.rts_tests.limits import admission
from longpole.rts_tests.limits.admission import LOOK_S, Admission, Admitted
from longpole.rts_tests.limits.turns import Capacity

MODULES = {
    name: PlanModule(
        name=name, weight=1.0, seed_policy=None, first_seed=0, seeds=0, timeout_s=1.0, env={},
        slots=2 if name == "wide" else 1, exclusive=name == "alone", locks=("db",) if name.startswith("db") else (),
    )
    for name in ("a", "b", "wide", "alone", "db1", "db2")
}  # fmt: skip


class Clock:
    """The time, as tests want it."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(admission, "time", made)
    return made


def unit(module: str, memory: int = 0) -> Unit:
    return Unit("v", module, None, 0, 0, 1.0, "weight", False, memory_bytes=memory)


def one_run(capacity: Capacity) -> Admission:
    """The admission of a run that shares nothing with others."""
    return Admission(MODULES, capacity, None, announce=pytest.fail, warn=pytest.fail)


def start(units: Admission, clock: Clock, *waiting: Unit) -> list[Unit]:
    """Ask for these units, then let those in whose turn it is at once; they."""
    started = [each for each in waiting if units.ask(each)]
    clock.now += 2 * LOOK_S
    return started + [each.unit for each in units.admitted()]


def test_without_limits_every_unit_starts_at_once(clock: Clock) -> None:
    units = one_run(Capacity())
    assert units.ask(unit("a"))
    assert units.ask(unit("wide"))
    assert units.look_at is None


def test_waiting_is_counted_from_the_question_to_the_turn(clock: Clock) -> None:
    units = one_run(Capacity(slots=1))
    assert start(units, clock, unit("a"), unit("b")) == [unit("a")]
    began = clock.now - 2 * LOOK_S
    clock.now += 3.0
    units.release(unit("a"))
    (admitted,) = units.admitted()
    assert admitted == Admitted(unit("b"), clock.now - began, SLOTS)


def test_time_in_which_the_run_was_stopped_is_not_waited(clock: Clock) -> None:
    units = one_run(Capacity(slots=1))
    start(units, clock, unit("a"), unit("b"))
    began = clock.now - 2 * LOOK_S
    clock.now += 1000.0
    units.paused(1000.0)
    clock.now += 3.0
    units.release(unit("a"))
    (admitted,) = units.admitted()
    assert admitted.waited_s == pytest.approx(clock.now - began - 1000.0)


def test_nor_does_it_use_up_the_patience_with_small_units(clock: Clock) -> None:
    """A unit that waits for memory is passed by small ones for a while, of which the stop is no part."""
    units = one_run(Capacity(memory=100))
    assert start(units, clock, unit("a", 60), unit("b", 80)) == [unit("a", 60)]
    clock.now += 1000.0
    units.paused(1000.0)
    assert start(units, clock, unit("wide", 20)) == [unit("wide", 20)]


def test_later_small_units_pass_it_no_more(clock: Clock) -> None:
    units = one_run(Capacity(memory=100))
    assert start(units, clock, unit("a", 60), unit("b", 80)) == [unit("a", 60)]
    clock.now += 2.0
    assert start(units, clock, unit("wide", 20)) == []


@pytest.mark.parametrize(
    ("capacity", "holds", "waits", "reason"),
    [
        (Capacity(slots=2), unit("wide"), unit("a"), SLOTS),
        (Capacity(memory=100), unit("a", 60), unit("b", 50), MEMORY),
        (Capacity(), unit("db1"), unit("db2"), f"{LOCK}db"),
        (Capacity(), unit("a"), unit("alone"), EXCLUSIVE),
        (Capacity(), unit("alone"), unit("a"), EXCLUSIVE),
    ],
)
def test_what_was_waited_for(clock: Clock, capacity: Capacity, holds: Unit, waits: Unit, reason: str) -> None:
    units = one_run(capacity)
    assert start(units, clock, holds, waits) == [holds]
    units.release(holds)
    (admitted,) = units.admitted()
    assert (admitted.unit, admitted.waited_for) == (waits, reason)


def test_what_is_withdrawn_never_starts(clock: Clock) -> None:
    units = one_run(Capacity(slots=1))
    start(units, clock, unit("a"), unit("b"), unit("db1"))
    assert units.withdraw() == [unit("b"), unit("db1")]
    units.release(unit("a"))
    clock.now += 1.0
    assert units.admitted() == []


def test_a_unit_takes_no_more_than_there_is(clock: Clock) -> None:
    units = one_run(Capacity(slots=1, memory=100))
    assert start(units, clock, unit("wide", 900), unit("a", 1)) == [unit("wide", 900)]
