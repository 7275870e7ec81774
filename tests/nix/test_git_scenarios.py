"""examples/git-scenarios in Nix: all its scenarios are run by `nix build`, in both variants."""

import contextlib
import shutil
from pathlib import Path

from longpole.gen.render.nix_plan import nix_plan
from longpole.gen.suite.read import load_suite
from tests.nix.world import Nix, lock_inputs
from tests.project import REPOSITORY

EXAMPLE = REPOSITORY / "examples/git-scenarios"


def test_the_plan_of_the_example_is_up_to_date() -> None:
    with contextlib.chdir(EXAMPLE):
        assert (EXAMPLE / "nix/plan.json").read_text() == nix_plan(load_suite("suite.yaml"))


def test_all_scenarios_pass_in_nix(nix: Nix, checkout: Path, tmp_path: Path) -> None:
    folder = tmp_path / "git-scenarios"
    shutil.copytree(checkout / "examples/git-scenarios", folder, ignore=shutil.ignore_patterns("extensions"))
    lock_inputs(nix, folder, checkout)
    result, log = nix.build(folder, "default", override=False)
    units = 2 * sum(1 for path in EXAMPLE.glob("scenarios/**/*.yml") if "fixtures" not in path.parts)
    assert f"{units} units: {units} passed" in (result / "share/longpole/report.txt").read_text(), log
    assert {path.name for path in result.iterdir()} == {"share"}
