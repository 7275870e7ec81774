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
