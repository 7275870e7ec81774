"""What `mkSuite` makes of its arguments, without building it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from longpole.gen.render.nix_plan import nix_plan
from longpole.gen.suite.read import load_suite
from tests.nix.world import SYSTEM, Nix, commit, lock_inputs
from tests.project import REPOSITORY, REVISION, Done

NAMES = "suite: builtins.attrNames suite.packages"
DRVS = "suite: builtins.mapAttrs (_: package: package.drvPath) suite.packages"


class Calc:
    """A copy of examples/nix-adopter, and the repository whose `mkSuite` is called for it."""

    def __init__(self, nix: Nix, longpole: Path, folder: Path) -> None:
        self.nix = nix
        self.longpole = longpole
        self.folder = folder

    def run(self, arguments: str, apply: str) -> Done:
        """Evaluate `apply` of what `mkSuite` returns for these arguments."""
        expression = f"lib: ({apply}) (lib.mkSuite {{ src = {self.folder}; {arguments} }})"
        return self.nix.run(self.longpole, "eval", "--impure", "--json", f".#lib.{SYSTEM}", "--apply", expression)

    def eval(self, arguments: str, apply: str) -> Any:
        done = self.run(arguments, apply)
        assert done.status == 0, done.text
        return json.loads(done.out)

    def refusal(self, arguments: str, apply: str = NAMES) -> str:
        done = self.run(arguments, apply)
        assert done.status != 0
        return " ".join(done.err.split())

    def write_plan(self, suite: str, name: str) -> None:
        """Put the suite's plan where `longpole render --nix` would."""
        text = nix_plan(load_suite(str(self.folder / suite))).replace(f"{self.folder}/", "")
        (self.folder / "nix" / name).write_text(text)


@pytest.fixture
def calc(nix: Nix, checkout: Path, tmp_path: Path) -> Calc:
    folder = tmp_path / "calc"
    shutil.copytree(REPOSITORY / "examples/nix-adopter", folder)
    return Calc(nix, checkout, folder)


def test_packages_and_checks_are_named_as_a_flake_names_them(calc: Calc) -> None:
    found = calc.eval(
        "shards = 3;", "suite: { p = builtins.attrNames suite.packages; c = builtins.attrNames suite.checks; }"
    )
    parts = [f"calc-shard-{number}-of-3" for number in (1, 2, 3)]
    assert found["p"] == ["calc", "calc-build", "calc-checked", "calc-checked-sharded", "calc-results", *parts]
    assert found["c"] == ["calc-checked"]


def test_the_suite_can_be_overridden_as_a_whole(calc: Calc) -> None:
    assert calc.eval("", "suite: builtins.attrNames (suite.override { shards = 1; }).shards") == ["1-of-1"]


def test_builds_get_the_clients_if_they_use_them_and_else_do_not_depend_on_them(calc: Calc) -> None:
    found = 'suite: suite.build.LONGPOLE_CLIENTS or "none"'
    assert calc.eval("", found) == "none"
    suite = json.loads((calc.folder / "nix/plan.json").read_text())
    suite["variants"][0]["build"] += ' && cp "$LONGPOLE_CLIENTS"/README.md .'
    (calc.folder / "nix/plan.json").write_text(json.dumps(suite))
    clients = Path(calc.eval("", found))
    assert (clients / "README.md").read_text() == (REPOSITORY / "clients/README.md").read_text()


@pytest.mark.parametrize("shards", [11, 0, -1])
def test_a_suite_is_not_split_into_more_shards_than_units(calc: Calc, shards: int) -> None:
    refusal = f"suite.yaml: calc has 10 units, which cannot be split into {shards} shards on {SYSTEM}; correct `shards`"
    assert refusal in calc.refusal(f"shards = {shards};")


def test_as_many_shards_as_units_are_not_too_many(calc: Calc) -> None:
    assert len(calc.eval("shards = 10;", "suite: builtins.attrNames suite.shards")) == 10


def test_shards_of_a_platform_are_counted_too(calc: Calc) -> None:
    suite = calc.folder / "suite.yaml"
    suite.write_text(suite.read_text().replace("shards: 2,", "shards: 20,"))
    calc.write_plan("suite.yaml", "plan.json")
    assert f"cannot be split into 20 shards on {SYSTEM}" in calc.refusal("")


def test_a_plan_of_before_does_not_say_how_many_units_there_are(calc: Calc) -> None:
    plan = calc.folder / "nix/plan.json"
    values = json.loads(plan.read_text())
    del values["units"]
    plan.write_text(json.dumps(values))
    assert len(calc.eval("shards = 11;", "suite: builtins.attrNames suite.shards")) == 11


@pytest.mark.parametrize("argument", ["buildPaths", "testPaths"])
@pytest.mark.parametrize("path", ["scr", "src/clac.c", "src/calc.c/x"])
def test_a_mistyped_path_is_refused(calc: Calc, argument: str, path: str) -> None:
    refusal = f"{argument}: there is no {path} in {calc.folder}; correct it, or `git add` it"
    assert refusal in calc.refusal(f'{argument} = [ "{path}" ];', DRVS)


def test_a_path_outside_of_the_source_is_refused(calc: Calc) -> None:
    (calc.folder.parent / "other").mkdir()
    assert "not under the `root`" in calc.refusal('buildPaths = [ "../other" ];', DRVS)


def test_paths_may_be_paths_and_file_sets_too(calc: Calc) -> None:
    ask = "suite: suite.build.drvPath"
    assert calc.eval(f"buildPaths = [ {calc.folder}/src ];", ask) == calc.eval('buildPaths = [ "src" ];', ask)
    assert calc.eval("buildPaths = null;", ask) != calc.eval('buildPaths = [ "src" ];', ask)


@pytest.mark.parametrize(("rev", "seen"), [(f'"{REVISION}"', REVISION), (f'"{REVISION}-dirty"', ""), ("null", "")])
def test_a_tree_with_changes_is_not_tested_as_the_commit(calc: Calc, rev: str, seen: str) -> None:
    assert calc.eval(f"rev = {rev};", "suite: suite.results.LONGPOLE_REV") == seen


def test_what_is_no_commit_is_refused(calc: Calc) -> None:
    refusal = calc.refusal('rev = "main";', "suite: suite.results.drvPath")
    assert 'rev is "main", which is not the full hash of a commit; give `self.rev or null`' in refusal


@pytest.mark.parametrize(
    ("history", "used"), [("", True), ("history = null;", False), ("history = ./elsewhere.json;", True)]
)
def test_the_history_that_is_shipped_can_be_left_out(calc: Calc, history: str, used: bool) -> None:
    (calc.folder / "elsewhere.json").write_text('{"version": 1, "platforms": {}}')
    history = history.replace("./", f"{calc.folder}/")
    assert ("history.json" in calc.eval(history, "suite: suite.results.checkPhase")) == used


def test_variables_cannot_stand_in_for_parts_of_the_derivation(calc: Calc) -> None:
    assert "name" in calc.refusal('env.name = "other";', DRVS)


def test_what_is_said_about_a_suite_goes_with_its_packages(calc: Calc) -> None:
    ask = "suite: [ suite.build.meta.description suite.build.meta.homepage suite.checked.passthru.build.name ]"
    arguments = 'meta = { description = "Sums"; homepage = "https://example.invalid"; };'
    assert calc.eval(arguments, ask) == [
        "Sums: all variants, built and not tested",
        "https://example.invalid",
        "calc-build",
    ]


def test_several_suites_of_one_source_are_merged(calc: Calc) -> None:
    more = (calc.folder / "suite.yaml").read_text().replace("name: calc", "name: more")
    (calc.folder / "tests").mkdir()
    (calc.folder / "tests/more.yaml").write_text(more)
    calc.write_plan("tests/more.yaml", "tests-more.plan.json")
    found = calc.eval('suite = "tests/more.yaml";', NAMES)
    assert found == [name.replace("calc", "more") for name in calc.eval("", NAMES)]


def test_a_suite_without_a_plan_says_what_renders_it(calc: Calc) -> None:
    (calc.folder / "nix/plan.json").unlink()
    (calc.folder / "more.yaml").touch()
    assert "there is no nix/plan.json" in calc.refusal("")
    refusal = calc.refusal('suite = "more.yaml";')
    assert "there is no nix/more.plan.json" in refusal
    assert "run `longpole render --nix --suite more.yaml`" in refusal


def test_a_plan_of_another_suite_is_refused(calc: Calc) -> None:
    assert "nix/plan.json is of suite.yaml, not of more.yaml" in calc.refusal('suite = "more.yaml";')


def test_the_source_may_be_the_flake_itself(nix: Nix, adopter: Path, checkout: Path) -> None:
    ask = f".#packages.{SYSTEM}.calc-build.drvPath"
    before = nix.eval(adopter, ask, override=False)
    flake = adopter / "flake.nix"
    flake.write_text(flake.read_text().replace("src = ./.;", "src = self;"))
    lock_inputs(nix, adopter, checkout)
    assert nix.eval(adopter, ask, override=False) == before
    commit(adopter)
