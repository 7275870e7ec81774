"""Variables that are prepared once for many units: each unit sees its own, in whatever order units start."""

import os

from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.plan import Plan, PlanModule, Unit
from longpole.rts_tests.contracts.plan_parts import PlanVariant
from longpole.rts_tests.contracts.seeds import Seeds
from longpole.rts_tests.unit.environment import UnitEnvironments

NAMES = st.sampled_from(["A", "B", "C"])
ENVS = st.dictionaries(NAMES, st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=3))
UNITS = st.builds(
    Unit,
    variant=st.sampled_from(["v", "w"]),
    module=st.sampled_from(["m", "n"]),
    chunk=st.none() | st.integers(0, 3),
    first_index=st.just(0),
    seed_count=st.just(1),
    estimate_s=st.just(0.0),
    estimate_from=st.just("weight"),
    failed_before=st.just(False),
)


def planned(envs: dict[str, dict[str, str]]) -> Plan:
    """A plan of two variants and two modules with these variables."""
    variants = {name: PlanVariant(name, "t", None, ("true",), False, False, envs[name], False) for name in "vw"}
    modules = {name: PlanModule(name, 1.0, None, 0, 0, 9.0, envs[name]) for name in "mn"}
    return Plan("s", None, 1.0, 1024, "fail", "none", variants, modules, ())


@given(ENVS, st.fixed_dictionaries(dict.fromkeys("vwmn", ENVS)), st.lists(st.tuples(UNITS, st.integers(0, 9))))
def test_each_unit_sees_the_callers_the_suites_and_its_own_variables(
    caller: dict[str, str], envs: dict[str, dict[str, str]], units: list[tuple[Unit, int]]
) -> None:
    environments = UnitEnvironments(planned(envs), {**caller, "SEED": "7", "LONGPOLE_SLOTS": "3"}, "run")
    for unit, seed in units:
        own = {
            **envs[unit.variant],
            **envs[unit.module],
            "LONGPOLE_UNIT": unit.id,
            "LONGPOLE_VARIANT": unit.variant,
            "LONGPOLE_MODULE": unit.module,
            "LONGPOLE_SEED": str(seed),
            "LONGPOLE_RUN": "run",
            "TMPDIR": f"/t/{seed}",
        }
        assert environments.own(unit, Seeds((seed,), "fixed"), f"/t/{seed}", {}) == own
        whole = environments.whole(unit, Seeds((seed,), "fixed"), f"/t/{seed}", {"OWN": "x"})
        assert {os.fsdecode(name): os.fsdecode(value) for name, value in whole.items()} == {**caller, **own, "OWN": "x"}


def test_a_unit_without_seeds_is_told_0() -> None:
    environments = UnitEnvironments(planned({name: {} for name in "vwmn"}), {}, "run")
    unit = Unit("v", "m", None, 0, 0, 0.0, "weight", False)
    assert environments.own(unit, Seeds((), "takes none"), "/t", {})["LONGPOLE_SEED"] == "0"
