"""Whose turn it is: nothing is ever given twice, everyone's turn comes, and only those are passed by who may be."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.waits import EXCLUSIVE, LOCK, MEMORY, SLOTS
from longpole.rts_tests.limits.turns import NOTHING, PATIENCE_S, Capacity, Need, Waiting, turns

NAMES = ("a", "b", "c")
CAPACITIES = st.builds(Capacity, st.none() | st.integers(1, 6), st.none() | st.integers(1, 100))
NEEDS = st.builds(
    Need,
    st.integers(1, 8),
    st.integers(0, 130),
    st.sets(st.sampled_from(NAMES)).map(lambda names: tuple(sorted(names))),
    st.just(False),
) | st.just(Need(exclusive=True))


def waiting(capacity: Capacity, needs: Sequence[Need], since: float = 0.0) -> list[Waiting]:
    return [Waiting(since + number / 1000, capacity.within(need), capacity) for number, need in enumerate(needs)]


def started(line: Sequence[Waiting], running: Sequence[Need], now: float) -> list[Waiting]:
    """Those that start, as a run does it: an exclusive unit only when nothing runs."""
    found: list[Waiting] = []
    for each, answer in zip(line, turns(line, running, now), strict=True):
        if answer is None and not (each.need.exclusive and (running or found)):
            found.append(each)
    return found


def fits(running: Sequence[Need], capacity: Capacity) -> bool:
    locks = [name for need in running for name in need.locks]
    return (
        len(locks) == len(set(locks))
        and (capacity.slots is None or sum(need.slots for need in running) <= capacity.slots)
        and (capacity.memory is None or sum(need.memory for need in running) <= capacity.memory)
        and (len(running) == 1 or not any(need.exclusive for need in running))
    )


@given(CAPACITIES, st.lists(st.tuples(NEEDS, st.integers(0, 5)), max_size=12), st.data())
def test_whatever_ends_when_all_start_once_and_nothing_is_given_twice(
    capacity: Capacity, arrivals: list[tuple[Need, int]], data: st.DataObject
) -> None:
    line: list[Waiting] = []
    running: list[Need] = []
    coming = waiting(capacity, [need for need, _ in arrivals])
    served = 0
    now = 0.0
    while coming or line or running:
        now += 0.3
        for _ in range(arrivals[len(arrivals) - len(coming)][1] if coming else 0):
            line += [coming.pop(0)] if coming else []
        if not line and coming:
            line.append(coming.pop(0))
        found = started(line, running, now)
        line = [each for each in line if each not in found]
        running += [each.need for each in found]
        served += len(found)
        assert fits(running, capacity) or not running
        assert running or not line, "everything waits, and nothing runs"
        if running:
            running.pop(data.draw(st.integers(0, len(running) - 1)))
    assert served == len(arrivals)


@given(CAPACITIES, st.lists(NEEDS, min_size=1, max_size=8))
def test_where_nothing_runs_the_first_in_line_starts(capacity: Capacity, needs: list[Need]) -> None:
    assert turns(waiting(capacity, needs), [], 0.0)[0] is None


@given(CAPACITIES, st.lists(NEEDS, max_size=5), st.lists(NEEDS, min_size=1, max_size=8))
def test_nobody_goes_by_who_wants_what_the_first_in_line_waits_for(
    capacity: Capacity, busy: list[Need], needs: list[Need]
) -> None:
    line = waiting(capacity, needs)
    late = line[0].since + PATIENCE_S
    answers = turns(line, [capacity.within(need) for need in busy], late)
    first = answers[0]
    if first is None:
        return
    if first.startswith(LOCK):
        wanted = set(line[0].need.locks)
        passing = [each for each, answer in zip(line, answers, strict=True) if answer is None]
        assert not any(wanted.intersection(each.need.locks) for each in passing)
    else:
        assert None not in answers


TWO = Capacity(2, 100)


def test_a_wide_unit_keeps_what_becomes_free() -> None:
    line = waiting(TWO, [Need(2), Need(1), Need(1)])
    assert turns(line, [Need(1)], 0.0) == [SLOTS, SLOTS, SLOTS]
    assert turns(line, [], 0.0) == [None, SLOTS, SLOTS]


def test_a_unit_wider_than_everything_takes_everything() -> None:
    assert TWO.within(Need(7, 900, ("a",))) == Need(2, 100, ("a",))
    assert Capacity().within(Need(7, 900)) == NOTHING


def test_a_lock_keeps_only_those_who_want_it_and_in_their_order() -> None:
    line = waiting(TWO, [Need(1, 0, ("a",)), Need(1, 0, ("b",)), Need(1, 0, ("a", "b"))])
    assert turns(line, [Need(1, 0, ("a",))], 0.0) == [f"{LOCK}a", None, f"{LOCK}a"]


def test_who_waits_for_two_locks_is_passed_by_for_neither() -> None:
    line = waiting(Capacity(), [Need(1, 0, ("a", "b")), Need(1, 0, ("a",)), Need(1, 0, ("c",))])
    assert turns(line, [Need(0, 0, ("b",))], 0.0) == [f"{LOCK}b", f"{LOCK}a", None]


def test_small_units_pass_one_that_waits_for_memory_but_not_for_ever() -> None:
    line = waiting(TWO, [Need(1, 80), Need(1, 10)])
    assert turns(line, [Need(1, 60)], 0.0) == [MEMORY, None]
    assert turns(line, [Need(1, 60)], PATIENCE_S) == [MEMORY, MEMORY]


def test_patience_is_counted_from_when_it_began_to_wait() -> None:
    line = waiting(TWO, [Need(1, 80), Need(1, 10)], since=100.0)
    assert turns(line, [Need(1, 60)], 100.5) == [MEMORY, None]
    assert turns(line, [Need(1, 60)], 100.0 + PATIENCE_S) == [MEMORY, MEMORY]


def test_nobody_starts_beside_or_before_an_exclusive_unit() -> None:
    line = waiting(Capacity(), [Need(exclusive=True), NOTHING, Need(exclusive=True)])
    assert turns(line, [], 0.0) == [None, EXCLUSIVE, EXCLUSIVE]
    assert turns(line[1:], [Need(exclusive=True)], 0.0) == [EXCLUSIVE, EXCLUSIVE]


def test_each_run_has_its_own_limits() -> None:
    narrow, wide = Capacity(1), Capacity(3)
    line = [Waiting(0.0, Need(1), wide), Waiting(1.0, Need(1), narrow)]
    assert turns(line, [Need(1)], 2.0) == [None, SLOTS]
