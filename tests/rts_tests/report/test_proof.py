"""Shards that ran apart are the plan, each unit exactly once; or it is said what is wrong."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.project import Done, Project, records_in, write_records

pytestmark = pytest.mark.xdist_group("proof")  # one worker makes the runs that all of it look at

SCRIPTS = {"a": "", "b": "echo of b", "c": "", "gc": ""}
MODULES = {"gc": {"seeds": 6, "chunks": 6, "weight": 6}, "a": {"weight": 3}}


def edit(path: Path, **fields: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


@pytest.fixture(scope="module")
def run_apart(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose nine units were run as three shards, each with its plan beside it; nothing changes it."""
    made = Project(tmp_path_factory.mktemp("shards") / "project").write(SCRIPTS, modules=MODULES)
    for number in (1, 2, 3):
        assert made.make("test", f"SHARD={number}/3").status == 0
    for run in made.runs:
        shutil.copy(made.root / ".longpole/plan.json", run / "plan.json")
    return made


@pytest.fixture
def shards(run_apart: Project, project: Project) -> list[Path]:
    """The runs of these shards in a copy of the project that a test may change."""
    shutil.copytree(run_apart.root, project.root, dirs_exist_ok=True)
    return project.runs


def prove(project: Project, shards: list[Path], *more: str) -> Done:
    return project.longpole("prove-shards", *more, *map(str, shards))


def test_shards_are_the_plan(project: Project, shards: list[Path]) -> None:
    done = prove(project, shards)
    assert (done.status, done.out) == (0, "9 units in 3 shards, each run exactly once\n")


def test_a_lost_unit(project: Project, shards: list[Path]) -> None:
    _, *others = records_in(shards[1])
    write_records(shards[1], others)
    done = prove(project, shards)
    assert done.status == 1
    assert "planned and not run: v/" in done.err


def test_a_lost_shard(project: Project, shards: list[Path]) -> None:
    done = prove(project, shards[1:])
    assert done.status == 1
    assert "shard 1/3 is missing" in done.err


def test_a_shard_twice(project: Project, shards: list[Path]) -> None:
    done = prove(project, [*shards, shards[0]])
    assert done.status == 1
    assert "shard 1/3 is present 2 times" in done.err
    assert "run more than once: v/" in done.err


def test_a_unit_in_two_shards(project: Project, shards: list[Path]) -> None:
    record = records_in(shards[0])[0]
    write_records(shards[1], [*records_in(shards[1]), record])
    done = prove(project, shards)
    assert done.status == 1
    assert f"run more than once: {record['id']}" in done.err


def test_a_unit_of_another_plan(project: Project, shards: list[Path]) -> None:
    records = records_in(shards[0])
    write_records(shards[0], [*records, {**records[0], "id": "v/stranger", "target": "test-v-stranger"}])
    done = prove(project, shards)
    assert done.status == 1
    assert "run and not planned: v/stranger" in done.err


def test_a_shard_that_planned_less(project: Project, shards: list[Path]) -> None:
    run = shards[2] / "run.json"
    planned = json.loads(run.read_text())["planned"]
    edit(run, planned=planned[1:])
    done = prove(project, shards)
    assert done.status == 1
    assert f"shard 3/3 did not plan {planned[0][0]}" in done.err


def test_another_partition(project: Project, shards: list[Path]) -> None:
    edit(shards[0] / "run.json", shard="1/4")
    done = prove(project, shards)
    assert done.status == 1
    assert "shards of different partitions: k of 3, k of 4" in done.err


def test_another_commit(project: Project, shards: list[Path]) -> None:
    edit(shards[0] / "run.json", commit="f" * 40)
    done = prove(project, shards)
    assert done.status == 1
    assert "the shards ran with different commits" in done.err


def test_another_plan_where_the_history_is_shared(project: Project, shards: list[Path]) -> None:
    edit(shards[0] / "plan.json", shared_history=True)
    done = prove(project, shards)
    assert done.status == 1
    assert "shard 1/3 ran another plan" in done.err


def test_a_plan_that_is_not_the_suites(project: Project, shards: list[Path]) -> None:
    suite = json.loads((project.root / "suite.yaml").read_text())
    suite["modules"]["more"] = {}
    (project.root / "suite.yaml").write_text(json.dumps(suite))
    done = prove(project, shards)
    assert done.status == 1
    assert "the units of the plan are not those of suite.yaml" in done.err


def test_the_union_is_a_run_like_any_other(project: Project, shards: list[Path]) -> None:
    assert prove(project, shards, "--into", "all").status == 0
    union = project.root / "all"
    assert len(records_in(union)) == 9
    assert [path.name for path in union.glob("units/*.log")] == ["test-v-b.log"]
    assert (union / "units/test-v-b.log").read_text() == "of b\n"
    assert "9 units: 9 passed" in (union / "report.txt").read_text()
    assert (union / "junit.xml").read_text().count("<testcase") == 9
    events = json.loads((union / "trace.json").read_text())["traceEvents"]
    assert len([event for event in events if event["ph"] == "X"]) == 9
    done = project.longpole("report", "all")
    assert (done.status, "9 units: 9 passed" in done.out) == (0, True)
    assert prove(project, [union]).out == "9 units in 1 run, each run exactly once\n"


def test_a_unit_that_failed_is_proven_to_have_run_and_fails_the_report(project: Project) -> None:
    project.write({**SCRIPTS, "a": "exit 3"}, modules=MODULES)
    project.make("test")
    (run,) = project.runs
    shutil.copy(project.root / ".longpole/plan.json", run / "plan.json")
    assert prove(project, [run], "--into", "all").status == 0
    assert project.longpole("report", "all").status == 1


def test_no_run_is_a_message(project: Project) -> None:
    project.write(SCRIPTS)
    (project.root / "nothing").mkdir()
    done = project.longpole("prove-shards", "nothing")
    assert done.status == 2
    assert "nothing/plan.json: no plan here" in done.err
    assert "Traceback" not in done.err
