"""Keys that say how units run: `run` of a module, `cwd`, `skip_status`, `labels`; each mistake with its remedy."""

import pytest

from longpole.gen.plan.plan import make_plan
from longpole.gen.suite.read import suite_from_bytes
from longpole.rts_tests.contracts.plan import Plan, from_text, to_text
from tests.gen.suite.mistakes import HEAD, one_mistake, problems

CALL = "{wasm: t.cwasm, call: f}"


def plan(text: str) -> Plan:
    made = make_plan(suite_from_bytes(f"{HEAD}{text}\n".encode(), "suite.yaml"))
    assert from_text(to_text(made)) == made
    return made


def test_a_module_s_own_run_replaces_its_variant_s() -> None:
    made = plan("variants: {a: {run: [x]}, b: {run: {shell: y}}}\nmodules: {m: , own: {run: [z, '{module}']}}")
    assert {unit.id: made.command_of(unit).words for unit in made.units} == {
        "a/m": ("x",),
        "b/m": ("sh", "-c", "y"),
        "a/own": ("z", "{module}"),
        "b/own": ("z", "{module}"),
    }
    assert {unit.id: made.command_of(unit).shell for unit in made.units if unit.variant == "b"} == {
        "b/m": True,
        "b/own": False,
    }


def test_a_variant_needs_no_run_if_all_of_its_modules_have_their_own() -> None:
    made = plan("variants: {a: , b: {run: [x]}}\nmodules: {own: {run: [z]}, m: {only: [b]}}")
    assert [unit.id for unit in made.units] == ["a/own", "b/m", "b/own"]


def test_a_module_s_own_wasm_call_is_warm_unless_its_variant_is_not() -> None:
    made = plan(
        f"variants: {{a: {{run: [x]}}, b: {{run: [x], warm: false}}, c: {{run: {CALL}}}}}\n"
        f"modules: {{m: , own: {{run: {CALL}}}, cold: {{run: [z]}}}}"
    )
    assert sorted(unit.id for unit in made.units if made.command_of(unit).warm) == ["a/own", "c/m", "c/own"]


def test_cwd_is_the_module_s_else_the_variant_s_else_the_defaults() -> None:
    made = plan(
        "defaults: {run: [x], cwd: 'd/{variant}/{module}'}\nvariants: {a: , b: {cwd: '{target_dir}/x/'}}\n"
        "modules: {m: , here: {cwd: .}, own: {cwd: './own//{module}'}}"
    )
    assert {unit.id: made.cwd_of(unit) for unit in made.units} == {
        "a/m": "d/a/m",
        "b/m": "target-b/x",
        "a/here": None,
        "b/here": None,
        "a/own": "own/own",
        "b/own": "own/own",
    }


def test_a_plan_of_before_own_commands_is_read() -> None:
    import json

    made = plan("variants: {a: {run: [x]}}\nmodules: {m: }")
    data = json.loads(to_text(made))
    new = {"variants": ("cwd", "cold", "labels"), "modules": ("run", "shell", "warm", "cwd", "labels")}
    for section, names in new.items():
        for name in names:
            del data[section][0][name]
    assert from_text(json.dumps(data)) == made


MODULES = [
    ("{m: {labels: §slow}}", "`labels` must be a list, and is `slow`", "[one, another]"),
    ("{m: {labels: [§a b]}}", "`a b` cannot be a name", "letters"),
    ("{m: {labels: §[a, b, a]}}", "`labels` names `a` twice", "remove one"),
    ("{m: {labels: §~}}", "`labels` has no value", "remove the key"),
    ("{m: {skip_status: §0}}", "must be an exit status other than 0, or a list of them, and is `0`", "from 1 to 255"),
    ("{m: {skip_status: §256}}", "must be an exit status other than 0", "`skip_status: 77`"),
    ("{m: {skip_status: §true}}", "must be an exit status other than 0", ""),
    ("{m: {skip_status: §'77'}}", "must be an exit status other than 0", ""),
    ("{m: {skip_status: §[77, 0]}}", "must be an exit status other than 0, or a list of them, and is a list", ""),
    ("{m: {skip_status: §~}}", "`skip_status` has no value", "remove the key"),
    ("{m: {run: §[]}}", "`run` is empty", "a command needs a word"),
    ("{m: {run: [§'']}}", "the first word of `run` is empty", "name the program"),
    ("{m: {run: §x}}", "`run` must be a command", "list of words"),
    ("{m: {run: [x, §'{sedes}']}}", "`run` has no placeholder `{sedes}`", "did you mean `seeds`?"),
    ("{m: {run: §[x, '{artifact}']}}", "`run` of module `m` uses {artifact}, and variant `a` has no", "`artifact:`"),
    ("{m: {run: {wasm: t, §cal: f, call: g}}}", "a wasm call has no key `cal`", "did you mean `call`?"),
    ("{m: {§build: [x]}}", "a module has no key `build`", "a variant"),
    (
        "{m: {run: [x, '{first_seed}'], seeds: 2, seed_policy: §commit}}",
        "and its own `run` uses {first_seed}",
        "use {seeds} there",
    ),
    ("{m: {cwd: §''}}", "`cwd` is empty", ""),
    ("{m: {cwd: §5}}", "`cwd` must be text", "quotes"),
    ("{m: {cwd: §~}}", "`cwd` has no value", "remove the key"),
    ("{m: {cwd: §/tmp}}", "`cwd` of module `m` is the absolute path `/tmp`", "relative to the suite"),
    ("{m: {cwd: §../x}}", "`cwd` of module `m` holds `..`", "inside the suite's directory"),
    ("{m: {cwd: §'a/{module}/..'}}", "holds `..`", ""),
    ("{m: {cwd: §'{chunk}'}}", "`cwd` has no placeholder `{chunk}`", "{variant}, {target_dir}, {module}"),
    ("{m: {cwd: §'x{'}}", "a single `{`", ""),
    (f"{{m: {{run: {CALL}, cwd: §x}}}}", "module `m` in variant `a` is a wasm call", "`cwd: .`"),
]


@pytest.mark.parametrize(("text", "what", "remedy"), MODULES)
def test_a_mistake_in_a_module(text: str, what: str, remedy: str) -> None:
    one_mistake(f"{HEAD}variants: {{a: {{run: [x]}}}}\nmodules: {text}\n", what, remedy)


@pytest.mark.parametrize(
    ("text", "what", "remedy"),
    [
        ("{a: {run: [x], cwd: §/tmp}}", "`cwd` of variant `a` is the absolute path", "relative"),
        ("{a: {run: [x], cwd: §'{seeds}'}}", "`cwd` has no placeholder `{seeds}`", ""),
        (f"{{a: {{run: {CALL}, cwd: §x}}}}", "module `m` in variant `a` is a wasm call", "`cwd: .`"),
        ("{§a: }", "variant `a` has no `run`", "add `run:` to it, to `defaults` or to its modules"),
    ],
)
def test_a_mistake_in_a_variant(text: str, what: str, remedy: str) -> None:
    one_mistake(f"{HEAD}modules: {{m: }}\nvariants: {text}\n", what, remedy)


def test_a_variant_s_missing_run_is_reported_once() -> None:
    found = problems(f"{HEAD}variants: {{a: , b: }}\nmodules: {{m: , n: , own: {{run: [x]}}}}\n")
    assert [problem.what for problem in found] == ["variant `a` has no `run`", "variant `b` has no `run`"]
