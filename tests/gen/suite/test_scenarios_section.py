"""`scenarios:` in a suite: what it may say, and the units that the files become."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from longpole.gen.plan.plan import make_plan
from longpole.gen.suite.model import Suite
from longpole.gen.suite.read import suite_from_bytes
from longpole.gen.suite.scenarios import without_suite
from longpole.rts_tests.contracts.plan import from_text, to_text
from tests.gen.suite.mistakes import HEAD, one_mistake, only, problems

SCENARIO = "name: a scenario\nsteps: [{name: one, run: 'true'}]\n"
VARIANTS = "variants: {v: , w: {object_format: sha256}}\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with two scenarios."""
    monkeypatch.chdir(tmp_path)
    files("basic", "clone/bare")


def files(*names: str, text: str = SCENARIO) -> None:
    for name in names:
        path = Path("scenarios", f"{name}.yml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def suite(section: str = "", variants: str = VARIANTS, more: str = "") -> Suite:
    return suite_from_bytes(f"{HEAD}{variants}scenarios: {section}\n{more}".encode(), "suite.yaml")


@pytest.mark.parametrize(
    ("section", "what", "remedy"),
    [
        ("{path: §elsewhere}", "there is no folder `elsewhere` for scenarios", "longpole scenario new"),
        ("{path: §../other}", "holds `..`", "inside the suite's directory"),
        ("{path: §/etc}", "is the absolute path", "relative to the suite"),
        ("{path: §'a b'}", "make cannot use", ""),
        ("{path: §[a]}", "`path` must be text, and is a list", ""),
        ("{fixtures: §../x}", "`fixtures` of `scenarios` holds `..`", ""),
        ("{strict: §yep}", "`strict` must be true or false", ""),
        ("{weight: §0}", "must be above 0", ""),
        ("{identity: {name: A, §mail: b, email: c}}", "`identity` has no key `mail`", "did you mean `email`?"),
        ("{§identity: {name: A}}", "`identity` has no `email`", "add `email:`"),
        ("{identity: §me}", "must be a mapping", ""),
        ("{home: §mine}", "`home` must be `user` or `sandbox`", ""),
        ("{inherit: [CARGO_HOME, §A-B]}", "`A-B` cannot be the name of an environment variable", "`*`"),
        ("{inherit: [§'*X']}", "cannot be the name", ""),
        ("{inherit: §PATH}", "must be a list", ""),
        ("{names: {§lower: x}}", "`lower` cannot be a variable of texts", "capital letters"),
        ("{names: {§WORK_DIR: x}}", "`WORK_DIR` is the sandbox's own", "another name"),
        ("{names: {§LONGPOLE_X: x}}", "is set by Longpole", ""),
        ("{folders: {§a-b: x}}", "cannot be the name of an environment variable", ""),
        ("{folders: {A: §../x}}", "`A` must be a folder in the sandbox, and is `../x`", "without `..`"),
        ("{folders: {A: §/x}}", "must be a folder in the sandbox", ""),
        ("{isolate: {tmp: §public}}", "", ""),
        ("{isolate: {§home: sandbox}}", "", ""),
        ("{short_folders: [§x]}", "`x` cannot be a variable of texts", ""),
        ("{short_folders: [§BASE_DIR]}", "is the sandbox's own", ""),
        ("{env: {§TMPDIR: x}}", "`TMPDIR` is set by Longpole", ""),
        ("{safety_env: {§A-B: x}}", "cannot be the name of an environment variable", ""),
        ("{redact: [{match: §'(', as: x}]}", "is not a regular expression", ""),
        ("{§redact: [{match: x}]}", "`redact` has no `as`", ""),
        ("{timeout: §0}", "must be above 0", ""),
        ("{step_timeout: §-1}", "must be above 0", ""),
        ("{retries: §101}", "at most 100", ""),
        ("{slots: §0}", "at least 1", ""),
        ("{locks: §[a, a]}", "names `a` twice", ""),
        ("{§lables: [a]}", "`scenarios` has no key `lables`", "did you mean `labels`?"),
        ("§[a]", "`scenarios` must be a mapping", ""),
    ],
)
def test_a_mistake_is_told_with_its_place(section: str, what: str, remedy: str) -> None:
    one_mistake(f"{HEAD}{VARIANTS}scenarios: {section}\n", what, remedy)


@pytest.mark.parametrize(
    ("variant", "what"),
    [
        ("{object_format: §sha2}", "`object_format` must be `sha1` or `sha256`"),
        ("{bin: §''}", "`bin` cannot be a folder on PATH"),
        ("{bin: §'a:b'}", "`bin` cannot be a folder on PATH"),
        ("{bin: §'{artifact}/x'}", "`bin` has no placeholder `{artifact}`"),
        ("{bin: §[x]}", "`bin` must be text"),
        ("{gitconfig: §{a: b}}", "`gitconfig` must be text"),
    ],
)
def test_a_mistake_in_a_variant_is_told(variant: str, what: str) -> None:
    one_mistake(f"{HEAD}variants: {{v: {variant}}}\nscenarios: {{}}\n", what, "")


def test_a_suite_needs_modules_or_scenarios() -> None:
    problem = only(f"{HEAD}{VARIANTS}")
    assert "no `modules`" in problem.what
    assert "`scenarios:`" in problem.remedy
    assert [module.name for module in suite().modules] == ["basic", "clone/bare"]
    assert [module.name for module in suite("").modules] == ["basic", "clone/bare"], "empty as `{}`"
    both = suite("{}", "variants: {v: {run: [x]}}\n", "modules: {m: }\n")
    assert [module.name for module in both.modules] == ["m", "basic", "clone/bare"]


def test_each_file_is_a_unit_in_each_variant() -> None:
    plan = from_text(to_text(make_plan(suite("{weight: 3, timeout: 7, slots: 2, locks: [db], labels: [e2e]}"))))
    assert {unit.id for unit in plan.units} == {"v/basic", "w/basic", "v/clone/bare", "w/clone/bare"}
    assert {unit.target for unit in plan.units if unit.variant == "w"} == {"test-w-basic", "test-w-clone-bare"}
    module = plan.modules["clone/bare"]
    assert (module.weight, module.timeout_s, module.slots, module.locks) == (3, 7, 2, ("db",))
    assert (module.labels, module.leaks, module.skip_status) == (("e2e",), "allow", (77,))
    unit = next(unit for unit in plan.units if unit.id == "w/clone/bare")
    command = plan.command_of(unit)
    assert command.warm
    assert command.words[-3:] == ("{scenarios}", "{variant}", "scenarios/clone/bare.yml")


def test_what_a_file_says_is_part_of_the_plan() -> None:
    files("own", text=f"{SCENARIO}timeout: 9\ntags: [net]\n")
    files("fixed", text="name: x\nsteps: [{name: one, run: echo >/tmp/here}]\n")
    files("cells", text=f"{SCENARIO}matrix: {{A: [x, y]}}\n")
    plan = make_plan(suite("{labels: [e2e], timeout: 5}"))
    assert (plan.modules["own"].timeout_s, plan.modules["own"].labels) == (9, ("e2e", "net"))
    assert plan.modules["fixed"].locks == ("/tmp/here",)
    assert {name for name in plan.modules if name.startswith("cells")} == {"cells--x", "cells--y"}
    assert plan.modules["cells--x"].run is not None
    assert plan.modules["cells--x"].run[-1] == "x"


def test_a_broken_file_is_a_unit_and_stops_nothing() -> None:
    files("broken", text="name: x\nstepz: []\n")
    assert "broken" in make_plan(suite()).modules


def test_the_settings_of_a_variant() -> None:
    section = "{gitconfig: '[a]', env: {A: 1, B: $WORK_DIR}, names: {N: on}, folders: {D: d}, inherit: [X, 'Y_*']}"
    variants = "defaults: {env: {A: 2}, bin: '{target_dir}/bin'}\nvariants: {v: {env: {C: 3}, gitconfig: '[b]'}, w: }\n"
    made = suite(section, variants).scenarios
    assert made is not None
    v, w = made.settings["v"], made.settings["w"]
    assert v.env == {"A": "2", "B": "$WORK_DIR", "C": "3"}
    assert (v.gitconfig, w.gitconfig) == ("[a]\n[b]\n", "[a]\n")
    assert (v.bin, w.bin) == ("target-v/bin", "target-w/bin")
    assert (v.names, v.folders, v.inherited) == ({"N": "on"}, {"D": "d"}, ("X", "Y_*"))
    assert v.identity == ("Test User", "test@example.com")
    assert suite().scenarios is not None
    assert suite().scenarios.settings["w"].object_format == "sha256"  # type: ignore[union-attr]


def test_files_and_folders_with_scenarios_are_inputs() -> None:
    made = suite().scenarios
    assert made is not None
    assert made.inputs == ("scenarios", "scenarios/clone", "scenarios/basic.yml", "scenarios/clone/bare.yml")


def test_an_empty_folder_is_an_error() -> None:
    Path("none").mkdir()
    one_mistake(f"{HEAD}{VARIANTS}scenarios: {{path: §none}}\n", "there are no scenarios in `none`", "scenario new")


@pytest.mark.parametrize("name", ["two words", "a:b", "-x", "ünder", "a'b", "$(x)", "a%b", "x" * 120])
def test_a_name_that_no_unit_can_have_is_told(name: str) -> None:
    files(name)
    one_mistake(f"{HEAD}{VARIANTS}§scenarios: {{}}\n", f"scenarios/{name}.yml cannot be a unit", "rename it")


def test_names_that_meet_are_told() -> None:
    files("a/b-c", "a-b/c")
    problem = only(f"{HEAD}variants: {{v: }}\nscenarios: {{}}\n")
    assert "scenario `a/b-c`" in problem.what
    assert "scenario `a-b/c`" in problem.what
    assert "`test-v-a-b-c`" in problem.what


def test_a_scenario_and_a_module_of_one_name_are_told() -> None:
    problem = only(f"{HEAD}variants: {{v: {{run: [x]}}}}\nmodules: {{basic: }}\nscenarios: {{}}\n")
    assert "both called `basic`" in problem.what


def test_a_cell_of_a_matrix_and_a_file_of_one_name_are_told() -> None:
    files("m--one")
    Path("scenarios/m.yml").write_text(f"{SCENARIO}matrix: {{A: [one, two]}}\n")
    problem = only(f"{HEAD}{VARIANTS}scenarios: {{}}\n")
    assert "scenarios/m--one.yml and a cell of scenarios/m.yml are both called `m--one`" in problem.what
    assert "rename" in problem.remedy


def test_a_cell_of_a_matrix_and_a_module_of_one_name_are_told() -> None:
    Path("scenarios/m.yml").write_text(f"{SCENARIO}matrix: {{A: [one, two]}}\n")
    problem = only(f"{HEAD}variants: {{v: {{run: [x]}}}}\nmodules: {{m--one: }}\nscenarios: {{}}\n")
    assert "a module and a cell of scenarios/m.yml are both called `m--one`" in problem.what


def test_two_files_of_one_name_are_told() -> None:
    Path("scenarios/basic.yaml").write_text(SCENARIO)
    (problem,) = problems(f"{HEAD}{VARIANTS}scenarios: {{}}\n")
    assert "basic" in problem.what


def test_a_name_too_long_for_files_is_told() -> None:
    files(f"{'g' * 100}/{'s' * 100}")
    problem = only(f"{HEAD}variants: {{{'v' * 30}: }}\nscenarios: {{}}\n")
    assert "too long" in problem.what


def test_a_private_tmp_of_all_needs_no_locks_for_names_in_it() -> None:
    files("basic", text=SCENARIO.replace("'true'", "touch /tmp/fixed"))
    assert [module.locks for module in suite().modules] == [("/tmp/fixed",), ()]
    private = suite("{isolate: {tmp: private}, strict: true}")
    assert [module.locks for module in private.modules] == [(), ()]
    assert private.scenarios is not None
    assert {settings.isolate for settings in private.scenarios.settings.values()} == {("tmp",)}
    both = suite("{isolate: {network: none, tmp: private}}").scenarios
    assert both is not None
    assert both.settings["v"].isolate == ("tmp", "network")


def test_without_a_suite_all_is_as_by_default() -> None:
    made = without_suite("demo", "fixtures")
    text = {"version": 1, "name": "demo", "variants": {"default": {}}, "modules": {"none": {"run": ["true"]}}}
    read = suite_from_bytes(json.dumps(text).encode(), "demo")
    assert replace(made, scenarios=None) == replace(read, modules=())
    assert made.scenarios is not None
    (module,) = read.modules
    assert replace(made.scenarios.shared, name="none", leaks=module.leaks, run=module.run) == module
