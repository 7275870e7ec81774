"""The workflow without Nix, its jobs executed: artifacts built once, shards, their proof, and history between runs."""

import json
import shutil
from pathlib import Path

import pytest

from tests.gen.render.runner import Runner
from tests.project import Project, records_in

pytestmark = pytest.mark.slow

MAKE_PROGRAM = "(cat program.sh; date +%N) >{target_dir}/program && chmod +x {target_dir}/program"
BUILD = {"shell": f"mkdir -p {{target_dir}} && {MAKE_PROGRAM}"}
SCRIPTS = {"a": "", "b": "", "c": "", "d": ""}
CI = Path(".github/workflows/ci.yml")
SHARD = "shard-x86_64-linux"


@pytest.fixture
def runner(project: Project, tmp_path: Path) -> Runner:
    """A project with one platform in three shards, whose artifacts differ from build to build."""
    (project.root / "program.sh").write_text("#!/bin/sh\nexec sh units/$1.sh\n: ")
    run = {"build": BUILD, "artifact": "{target_dir}/program", "run": ["{artifact}", "{module}"]}
    project.write(SCRIPTS, defaults=run)
    for name in ("results", "artifacts", "shards"):  # a project may have such folders itself
        (project.root / name).mkdir()
        (project.root / name / "of-the-project").write_text("")
    suite = json.loads((project.root / "suite.yaml").read_text())
    suite["platforms"] = {"x86_64-linux": {"default": "checked", "shards": 3}}
    (project.root / "suite.yaml").write_text(json.dumps(suite))
    assert project.longpole("render", "--ci=github-plain").status == 0
    made = Runner(project, tmp_path / "github")
    made.begin("1")
    return made


def change(runner: Runner, unit: str, script: str) -> None:
    (runner.project.root / "units" / f"{unit}.sh").write_text(f"{script}\n")


def shards(runner: Runner) -> None:
    assert runner.job(runner.project.root / CI, "build") == ["success"]
    assert runner.job(runner.project.root / CI, "shard") == ["success"] * 3


def union(runner: Runner) -> str:
    (result,) = runner.job(runner.project.root / CI, "union")
    return result


def test_a_change_is_built_once_tested_in_shards_and_proven(runner: Runner) -> None:
    shards(runner)
    summary = runner.folder / "summary"
    runner.environ = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    assert union(runner) == "success", runner.log
    assert "4 units in 3 shards, each run exactly once" in runner.log
    assert "4 units: 4 passed" in summary.read_text()
    results = runner.artifacts / "tiny-results-x86_64-linux/longpole-results"
    assert {"report.txt", "report.html", "junit.xml", "records.jsonl"} <= {path.name for path in results.iterdir()}
    assert not (results / "of-the-project").exists()
    assert len({record["artifact_sha256"] for record in records_in(results)}) == 1


def test_a_failing_unit_makes_its_shard_and_the_union_red_and_everything_is_reported(runner: Runner) -> None:
    change(runner, "b", "exit 3")
    assert runner.job(runner.project.root / CI, "build") == ["success"]
    assert sorted(runner.job(runner.project.root / CI, "shard")) == ["failure", "success", "success"]
    assert union(runner) == "failure"
    assert "4 units in 3 shards, each run exactly once" in runner.log
    assert "again: PREBUILT=1 make test-v-b" in runner.log
    assert "4 units: 3 passed, 1 failed" in runner.log


def test_a_shard_that_was_lost_is_named_and_the_others_are_reported(runner: Runner) -> None:
    shards(runner)
    shutil.rmtree(runner.artifacts / f"{SHARD}-2-of-3")
    assert union(runner) == "failure"
    assert f"longpole-shards/{SHARD}-2-of-3/run.json: not a readable run" in runner.log
    assert "shard 2/3 is missing" in runner.log
    text = (runner.artifacts / "tiny-results-x86_64-linux/longpole-results/report.txt").read_text()
    assert "passed" in text
    assert "not run" in text


def test_a_shard_that_is_there_twice_is_named(runner: Runner) -> None:
    shards(runner)
    shutil.rmtree(runner.artifacts / f"{SHARD}-2-of-3")
    shutil.copytree(runner.artifacts / f"{SHARD}-1-of-3", runner.artifacts / f"{SHARD}-2-of-3")
    assert union(runner) == "failure"
    assert "shard 1/3 is present 2 times" in runner.log


def test_a_shard_of_another_build_is_named(runner: Runner) -> None:
    shards(runner)
    kept = runner.folder / "kept"
    shutil.copytree(runner.artifacts / f"{SHARD}-2-of-3", kept)
    runner.begin("2")
    shards(runner)
    shutil.rmtree(runner.artifacts / f"{SHARD}-2-of-3")
    shutil.copytree(kept, runner.artifacts / f"{SHARD}-2-of-3")
    assert union(runner) == "failure"
    assert "the shards tested different artifacts of v" in runner.log
    assert "(shard 2/3)" in runner.log


def test_a_shard_that_ran_out_of_time_is_named(runner: Runner) -> None:
    change(runner, "b", "kill -9 $PPID")  # its parent is the supervisor
    assert runner.job(runner.project.root / CI, "build") == ["success"]
    results = runner.job(runner.project.root / CI, "shard", cancelled_at="longpole run")
    assert results == ["cancelled"] * 3
    assert union(runner) == "failure"
    assert "in shard" in runner.log
    assert "v/b" in runner.log


def test_history_is_kept_from_run_to_run(runner: Runner) -> None:
    shards(runner)
    runner.begin("2")
    shards(runner)
    for number in (1, 2, 3):
        plan = json.loads((runner.artifacts / f"{SHARD}-{number}-of-3/longpole-results/plan.json").read_text())
        planned = json.loads((runner.artifacts / f"{SHARD}-{number}-of-3/longpole-results/run.json").read_text())[
            "planned"
        ]
        known = {f"v/{plan['modules'][row[1]]['name']}" for row in plan["units"] if row[6] == "history"}
        assert {name for name, _, _ in planned} == known
    assert union(runner) == "success"
