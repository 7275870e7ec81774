"""Steps: built once for all that need them; and everything that can be wrong with them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.gen.plan.plan import make_plan
from longpole.gen.suite.read import suite_from_bytes
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.plan import from_text
from tests.gen.suite.mistakes import HEAD, one_mistake, problems

REST = "variants: {a: {run: [x]}}\nmodules: {m: }\n"


@pytest.mark.parametrize(
    ("text", "what", "remedy"),
    [
        ("steps: {§s: {build: [x]}}\n" + REST, "a step has no `output`", "add `output:`"),
        ("steps: {§s: {output: o}}\n" + REST, "a step has no `build`", "add `build:`"),
        ("steps: {s: {build: [x], output: §/o}}\n" + REST, "absolute path", "relative"),
        ("steps: {s: {build: [x], output: §.}}\n" + REST, "suite's own directory", "below it"),
        ("steps: {s: {build: [x], output: §../o}}\n" + REST, "holds `..`", "inside"),
        ("steps: {s: {build: [x], output: §$o}}\n" + REST, "which make cannot use", "use A-Z"),
        ("steps: {s: {build: [§'{variant}'], output: o}}\n" + REST, "`build` has no placeholder `{variant}`", "{step}"),
        ("steps: {s: {build: [x], output: §'{target_dir}'}}\n" + REST, "has no placeholder `{target_dir}`", "{step}"),
        ("steps: {s: {build: [x], output: o, §neet: [s]}}\n" + REST, "a step has no key `neet`", "`need`"),
        ("steps: {§a: {build: [x], output: o}}\n" + REST, "would both be the make target `build-a`", "rename"),
        ("steps: {§A: {build: [x], output: o}}\n" + REST, "would both be the make target `build-A`", "rename"),
        ("steps: {s: {build: [x], output: o}, §S: {build: [x], output: p}}\n" + REST, "differ only in case", "rename"),
        ("steps: {§s: {build: [x], output: target-a}}\n" + REST, "the target directory of variant `a`", "beside"),
        *[
            (f"steps: {{§s: {{build: [x], output: {output}}}}}\n" + REST, "`make clean` would remove", "new folder")
            for output in ("suite.yaml", "Suite.yaml", ".git", ".git/", ".longpole", "makefile")
        ],
        ("variants: {§a: {run: [x], target_dir: .git}}\nmodules: {m: }\n", "`make clean` would remove", "new folder"),
        ("steps: {§s: {build: [x], output: target-a/o}}\n" + REST, "the target directory of variant `a`", "beside"),
        (
            "steps: {s: {build: [x], output: o}, §t: {build: [x], output: o/p}}\n" + REST,
            "the output of step `s`",
            "bes",
        ),
        (
            "steps: {s: {build: [x], output: o/p}, §t: {build: [x], output: o}}\n" + REST,
            "the output of step `s`",
            "bes",
        ),
        ("steps: {§s: {build: [x], output: o, need: [s]}}\n" + REST, "step `s` needs `s`", "remove one"),
        (
            "steps: {§s: {build: [x], output: o, need: [t]}, t: {build: [x], output: p, need: [s]}}\n" + REST,
            "step `s` needs `t` needs `s`",
            "remove one",
        ),
        ("variants: {a: {run: [x], need: [§s]}}\nmodules: {m: }\n", "there is no step `s`", "no `steps`"),
        (
            "steps: {tom: {build: [x], output: o}}\nvariants: {a: {run: [x]}}\nmodules: {m: {need: [§tam]}}\n",
            "tam",
            "`tom`",
        ),
        ("variants: {a: {run: [x], need: §s}}\nmodules: {m: }\n", "need", ""),
    ],
)
def test_a_mistake_is_told_at_its_place(text: str, what: str, remedy: str) -> None:
    one_mistake(HEAD + text, what, remedy)


def test_a_step_with_a_mistake_may_be_needed() -> None:
    text = "steps: {s: {build: [x], output: /o}}\nvariants: {a: {run: [x], need: [s]}}\nmodules: {m: {need: [s]}}\n"
    assert len(problems(HEAD + text)) == 1


NAMES = [f"s{number}" for number in range(8)]
NEEDS = st.lists(st.lists(st.sampled_from(NAMES), unique=True, max_size=3), min_size=8, max_size=8)


@given(NEEDS, st.permutations(NAMES))
def test_needed_first_or_a_circle_is_told(needs: list[list[str]], order: list[str]) -> None:
    by_name = dict(zip(NAMES, needs, strict=True))
    reach = {name: set(by_name[name]) for name in NAMES}
    for _ in NAMES:
        reach = {name: ways.union(*(reach[way] for way in ways)) for name, ways in reach.items()}
    steps = ", ".join(f"{name}: {{build: [x], output: out/{name}, need: {by_name[name]}}}" for name in order)
    text = f"{HEAD}steps: {{{steps}}}\nvariants: {{a: {{run: [x], need: [s0]}}}}\nmodules: {{m: {{need: [s1]}}}}\n"
    if any(name in ways for name, ways in reach.items()):
        assert "needs" in problems(text)[0].what
        return
    suite = suite_from_bytes(text.encode(), "suite.yaml")
    names = [step.name for step in suite.steps]
    assert sorted(names) == NAMES
    assert all(names.index(need) < names.index(name) for name in NAMES for need in by_name[name])
    plan = make_plan(suite)
    (unit,) = plan.units
    assert plan.builds_of(unit) == tuple(name for name in names if name in {"s0", "s1"} | reach["s0"] | reach["s1"])
    assert from_text(plan.text) == plan


def test_a_variant_s_own_needs_replace_those_of_the_defaults() -> None:
    steps = "steps: {s: {build: [x], output: o}, t: {build: [x], output: p}}\n"
    variants = "defaults: {run: [x], build: [x], need: [s]}\nvariants: {a: , b: {need: [t]}, c: {need: []}}\n"
    plan = make_plan(suite_from_bytes(f"{HEAD}{steps}{variants}modules: {{m: }}\n".encode(), "suite.yaml"))
    assert {unit.variant: plan.builds_of(unit) for unit in plan.units} == {
        "a": ("s", "a"),
        "b": ("t", "b"),
        "c": ("c",),
    }


def test_a_suite_may_be_named_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = f"{HEAD}steps: {{s: {{build: [x], output: o/p}}}}\n{REST}"
    assert suite_from_bytes(text.encode(), f"{tmp_path}/suite.yaml").name
    with pytest.raises(UseError, match="`make clean` would remove"):
        suite_from_bytes(text.replace("o/p", "suite.yaml").encode(), f"{tmp_path}/suite.yaml")
