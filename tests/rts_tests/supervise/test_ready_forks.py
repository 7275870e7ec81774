"""Which unit runs next where forks wait until their classes are listed."""

from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.supervise.ready import Ready, groups_of

MODULES = ("p", "q")
UNITS = st.lists(st.one_of(st.none(), st.sampled_from(MODULES)), max_size=12)
STEPS = st.lists(st.one_of(st.integers(0, 11), st.sampled_from(MODULES)), max_size=40)


def _units(kinds: list[str | None]) -> list[Unit]:
    """A unit for each: a fork of the module that is named, or a unit that is none."""
    return [
        Unit("v", module or f"m{number:02}", None, 0, 0, 1.0, "weight", False, fork=number if module else None)
        for number, module in enumerate(kinds)
    ]


def _ready(units: list[Unit], *, as_requested: bool = False) -> Ready:
    listings = dict.fromkeys(unit.listed_by for unit in units if unit.fork is not None)
    return Ready(units, groups_of((unit, ()) for unit in units), as_requested=as_requested, listings=listings)


@given(UNITS, STEPS, st.booleans())
def test_forks_run_once_each_after_their_one_listing(
    kinds: list[str | None], steps: list[int | str], shuffled: bool
) -> None:
    units = _units(kinds)
    ready = _ready(units, as_requested=shuffled)
    listed, under_way, left = set[str](), set[str](), list(units)
    for step in [*steps, *MODULES, *range(len(units)), *MODULES, *range(len(units))]:
        if isinstance(step, str):
            if step in under_way:
                ready.listed(("v", step), {})
                under_way.remove(step)
                listed.add(step)
            continue
        if step >= len(units):
            continue
        can_run = [unit for unit in left if unit.fork is None or unit.module in listed]
        may_list = {unit.module for unit in left if unit.fork is not None} - listed - under_way
        taken = ready.take(units[step].target)
        assert ready.is_listing is bool(under_way or (taken is not None and taken.listing))
        if taken is None:
            assert not can_run
            assert not may_list
        elif taken.listing:
            assert taken.module in may_list
            under_way.add(taken.module)
        else:
            assert taken in can_run
            left.remove(taken)
    assert left == []


def test_the_listing_runs_at_the_place_of_the_first_fork() -> None:
    units = _units([None, "p", None, "p"])
    ready = _ready(units)
    target = units[0].target
    assert [ready.take(target) for _ in range(4)] == [units[0], units[1].listed_by, units[2], None]
    ready.listed(("v", "p"), {})
    assert [ready.take(target) for _ in range(3)] == [units[1], units[3], None]


def test_forks_move_to_the_place_that_their_classes_give_them() -> None:
    units = [
        Unit("v", "m", None, 0, 0, 9.0, "weight", False, fork=0),
        Unit("v", "m", None, 0, 0, 8.0, "weight", False, fork=1),
        Unit("v", "a", None, 0, 0, 5.0, "weight", False),
        Unit("v", "m", None, 0, 0, 4.0, "weight", False, fork=2),
        Unit("v", "b", None, 0, 0, 1.0, "weight", False),
    ]
    ready = _ready(units)
    assert ready.take(units[0].target) == units[0].listed_by
    ready.listed(("v", "m"), {units[0].target: 0.5, units[1].target: 6.0, units[3].target: 5.5})
    taken = [unit for _ in range(6) if (unit := ready.take(units[0].target)) is not None]
    assert [unit.target for unit in taken] == [units[number].target for number in (1, 3, 2, 4, 0)]
    assert [unit.upper_s for unit in taken] == [6.0, 5.5, 5.0, 1.0, 0.5]


def test_forks_of_a_variant_that_is_not_built_are_lost_without_a_listing() -> None:
    units = _units(["p", "p", None])
    needs = [("b",), ("b",), ()]
    ready = Ready(units, groups_of(zip(units, needs, strict=True)), listings=[units[0].listed_by])
    assert ready.not_built("b") == units[:2]
    assert [ready.take(units[2].target) for _ in range(2)] == [units[2], None]
    assert not ready.is_listing


def test_as_requested_a_fork_that_has_moved_is_found() -> None:
    units = _units(["p", "p", None])
    ready = _ready(units, as_requested=True)
    assert ready.take(units[1].target) == units[0].listed_by  # the listing of both
    ready.listed(("v", "p"), {units[0].target: 9.0, units[1].target: 5.0})
    taken = [ready.take(units[number].target) for number in (1, 2, 1)]
    assert [unit and unit.target for unit in taken] == [units[number].target for number in (1, 2, 0)]


def test_forks_of_one_length_keep_their_order() -> None:
    units = _units(["p"] * 5)
    ready = _ready(units)
    ready.take(units[0].target)
    ready.listed(("v", "p"), {unit.target: 3.0 for unit in units})
    assert [unit.fork for _ in units if (unit := ready.take(units[0].target))] == [0, 1, 2, 3, 4]
