"""Which unit runs next, whatever the groups are and in whichever order their builds end."""

from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.supervise.ready import Ready, groups_of

BUILDS = ("a", "b", "c")
NEEDS = st.lists(st.lists(st.sampled_from(BUILDS), unique=True).map(lambda names: tuple(sorted(names))), max_size=20)
STEPS = st.lists(st.one_of(st.sampled_from(BUILDS), st.integers(0, 19)), max_size=60)


def _unit(number: int) -> Unit:
    return Unit("v", f"m{number}", None, 0, 0, 1.0, "weight", False)


@given(NEEDS, STEPS, st.booleans())
def test_the_first_unit_whose_builds_have_ended(
    needs: list[tuple[str, ...]], steps: list[str | int], shuffled: bool
) -> None:
    units = [_unit(number) for number in range(len(needs))]
    ready = Ready(units, groups_of(zip(units, needs, strict=True)), as_requested=shuffled)
    built: set[str] = set()
    left = list(range(len(units)))
    for step in steps:
        if isinstance(step, str):
            ready.built(step)
            built.add(step)
            continue
        can_run = [number for number in left if built.issuperset(needs[number])]
        expected = None
        if can_run and step < len(units):
            expected = step if shuffled and step in can_run else can_run[0]
        taken = ready.take(_unit(step).target)
        assert taken == (None if expected is None else units[expected])
        if expected is not None:
            left.remove(expected)


@given(NEEDS, st.permutations(BUILDS), st.sampled_from(BUILDS))
def test_units_that_need_what_was_not_built_never_run(
    needs: list[tuple[str, ...]], order: list[str], failed: str
) -> None:
    units = [_unit(number) for number in range(len(needs))]
    ready = Ready(units, groups_of(zip(units, needs, strict=True)))
    lost: list[Unit] = []
    for name in order:
        if name == failed:
            lost += ready.not_built(name)
        else:
            ready.built(name)
    taken = []
    while (unit := ready.take(units[0].target) if units else None) is not None:
        taken.append(unit)
    assert taken == [unit for unit, names in zip(units, needs, strict=True) if failed not in names]
    assert {unit.target for unit in lost} == {unit.target for unit in units} - {unit.target for unit in taken}


def test_a_target_that_is_not_planned_gets_no_unit() -> None:
    unit = _unit(1)
    assert Ready([unit], groups_of([(unit, ())])).take("test-v-other") is None


def _ready(*needs: tuple[str, ...], as_requested: bool = False) -> tuple[list[Unit], Ready]:
    units = [_unit(number) for number in range(len(needs))]
    return units, Ready(units, groups_of(zip(units, needs, strict=True)), as_requested=as_requested)


def test_by_default_the_heaviest_runs_whatever_is_requested() -> None:
    units, ready = _ready((), ())
    assert [ready.take(units[1].target) for _ in range(3)] == [units[0], units[1], None]


def test_as_requested_a_recipe_gets_its_unit_as_long_as_that_can_run() -> None:
    units, ready = _ready((), ("a",), (), as_requested=True)
    assert ready.take(units[2].target) == units[2]
    assert ready.take(units[1].target) == units[0]  # its own is not built yet
    assert ready.take(units[1].target) is None
    ready.built("a")
    assert ready.take(units[0].target) == units[1]
    assert ready.take(units[1].target) is None


def test_what_was_requested_before_its_turn_does_not_run_again() -> None:
    units, ready = _ready((), (), (), as_requested=True)
    assert [ready.take(units[number].target) for number in (0, 1, 0, 0)] == [units[0], units[1], units[2], None]


def test_a_unit_that_needs_two_builds_is_lost_once() -> None:
    units, ready = _ready(("a", "b"), ("b",))
    assert ready.not_built("a") == [units[0]]
    ready.built("b")
    assert ready.not_built("a") == []
    assert [ready.take(units[0].target) for _ in range(2)] == [units[1], None]
