"""Scenarios in Nix: the build does not depend on them; the check runs them, also where there is nothing else."""

import contextlib
from pathlib import Path

from longpole.gen.render.nix_plan import nix_plan
from longpole.gen.suite.read import load_suite
from tests.nix.world import Nix, commit

SCENARIO = """
name: The program of the build
repos: [{{name: origin}}]
steps:
  - {{name: program, run: "$BINARY_DIR/calc-test gcd 0 1", expect: {{exit_code: {status}}}}}
  - {{name: on PATH, run: calc-test gcd 0 1, expect: {{exit_code: 0}}}}
  - {{name: clone, run: git clone -q $REMOTE_ORIGIN copy, expect: {{exit_code: 0, files_exist: [copy/README.md]}}}}
"""


def write(folder: Path, status: int) -> None:
    """Let the suite of calc have two scenarios and no module; render its plan for Nix."""
    suite = folder / "suite.yaml"
    text, found, _ = suite.read_text().partition("modules:\n")
    if found:
        suite.write_text(text.replace("  run:", '  bin: "{target_dir}"\n  run:') + "scenarios:\n  weight: 0.1\n")
        flake = folder / "flake.nix"
        flake.write_text(flake.read_text().replace('"suite.yaml" ]', '"suite.yaml" "scenarios" ]'))
    (folder / "scenarios/group").mkdir(parents=True, exist_ok=True)
    for name, number in (("ok", 0), ("group/other", status)):
        (folder / f"scenarios/{name}.yml").write_text(SCENARIO.format(status=number))
    with contextlib.chdir(folder):
        (folder / "nix/plan.json").write_text(nix_plan(load_suite("suite.yaml")))
    commit(folder)


def test_the_check_runs_a_suite_of_scenarios_only(nix: Nix, adopter: Path) -> None:
    write(adopter, 0)
    built = nix.run(adopter, "eval", "--raw", ".#calc-build.drvPath", override=False).out
    checked, log = nix.build(adopter, "calc-checked", override=False)
    assert "4 units: 4 passed; 12 cases: 12 passed" in (checked / "share/longpole/report.txt").read_text(), log
    assert "test-fast-group-other" in (checked / "share/longpole/records.jsonl").read_text()
    write(adopter, 1)
    assert nix.run(adopter, "eval", "--raw", ".#calc-build.drvPath", override=False).out == built
    failed = nix.run(adopter, "build", "--no-link", "--print-build-logs", ".#calc-checked", override=False)
    assert failed.status != 0
    assert "fast/group/other" in failed.err
    assert "scenarios/group/other.yml:" in failed.err


def test_shards_run_each_scenario_once(nix: Nix, adopter: Path) -> None:
    write(adopter, 0)
    _, log = nix.build(adopter, "calc-checked-sharded", override=False)
    assert "4 units" in log
    assert "in 2 shards, each run exactly once" in log
