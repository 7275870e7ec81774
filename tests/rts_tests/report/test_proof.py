"""Shards that ran apart are the plan, each unit exactly once; or it is said what is wrong."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.project import REVISION, Done, Project, records_in, write_records

pytestmark = pytest.mark.xdist_group("proof")  # one worker makes the runs that all of it look at

SCRIPTS = {"a": "", "b": "echo of b", "c": "", "gc": ""}
MODULES = {"gc": {"seeds": 6, "chunks": 6, "weight": 6}, "a": {"weight": 3}}


def edit(path: Path, **fields: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


@pytest.fixture(scope="module")
def run_apart(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose nine units were run as three shards; nothing changes it."""
    made = Project(tmp_path_factory.mktemp("shards") / "project").write(SCRIPTS, modules=MODULES)
    for number in (1, 2, 3):
        assert made.make("test", f"SHARD={number}/3").status == 0
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
    assert "planned and not run in shard 2/3: v/" in done.err


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
    assert "run and not planned: v/stranger (shard 1/3)" in done.err


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
    assert f"the shards ran with different commits: {REVISION} (shard 2/3, shard 3/3), ffff" in done.err


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
    assert prove(project, [run], "--into", "all").status == 0
    assert project.longpole("report", "all").status == 1


def test_no_run_is_a_message(project: Project) -> None:
    project.write(SCRIPTS)
    (project.root / "nothing").mkdir()
    done = project.longpole("prove-shards", "nothing")
    assert done.status == 2
    assert "nothing/run.json: not a readable run" in done.err
    assert "Traceback" not in done.err


# -- what else must be the same ------------------------------------------------------------------------------------


def change(shard: Path, **fields: Any) -> str:
    """Change fields of a shard's record, of the one with seeds where these are changed; the id of its unit."""
    seeded = "seed_count" in fields or "first_seed" in fields
    first, *others = sorted(records_in(shard), key=lambda record: bool(record["seed_count"]) is not seeded)
    write_records(shard, [{**first, **fields}, *others])
    return str(first["id"])


def test_other_artifacts_of_a_variant(project: Project, shards: list[Path]) -> None:
    for shard, sha in zip(shards, ("a" * 64, "a" * 64, "b" * 64), strict=True):
        write_records(shard, [{**record, "artifact_sha256": sha} for record in records_in(shard)])
    done = prove(project, shards)
    assert done.status == 1
    who = f"{'a' * 12} (shard 1/3, shard 2/3), {'b' * 12} (shard 3/3)"
    assert f"the shards tested different artifacts of v: {who}" in done.err


def test_another_platform(project: Project, shards: list[Path]) -> None:
    edit(shards[0] / "run.json", machine="Linux 6.1.0 s390x")
    done = prove(project, shards)
    assert done.status == 1
    assert "the shards ran on different platforms: Linux s390x (shard 1/3), " in done.err


def test_another_kernel_is_the_same_platform(project: Project, shards: list[Path]) -> None:
    system, _, processor = json.loads((shards[0] / "run.json").read_text())["machine"].split()
    edit(shards[0] / "run.json", machine=f"{system} 0.1.2-other {processor}")
    assert prove(project, shards).status == 0


@pytest.mark.parametrize("fields", [{"first_seed": 90, "seeds": "90"}, {"seed_count": 2, "seeds": "1-2"}])
def test_other_seeds_or_fewer_of_them(project: Project, shards: list[Path], fields: dict[str, Any]) -> None:
    shard = next(shard for shard in shards if any(record["seed_count"] for record in records_in(shard)))
    name = change(shard, **fields)
    done = prove(project, shards)
    assert done.status == 1
    assert f"ran with other seeds than the plan gives: {name}" in done.err


def test_a_unit_that_ran_in_the_shard_of_another(project: Project, shards: list[Path]) -> None:
    moved, *others = records_in(shards[1])
    write_records(shards[1], others)
    write_records(shards[0], [*records_in(shards[0]), moved])
    done = prove(project, shards)
    assert done.status == 1
    assert f"shard 1/3 ran {moved['id']}, which is not its own" in done.err


def test_a_shard_of_another_plan(project: Project, shards: list[Path]) -> None:
    plan = json.loads((shards[1] / "plan.json").read_text())
    plan["modules"] = [{**module, "first_seed": 7} for module in plan["modules"]]
    (shards[1] / "plan.json").write_text(json.dumps(plan))
    done = prove(project, shards)
    assert done.status == 1
    assert "shard 2/3 ran another plan; the suite must be the same everywhere" in done.err


def test_a_shard_of_another_suite(project: Project, shards: list[Path]) -> None:
    edit(shards[2] / "run.json", suite="other")
    done = prove(project, shards)
    assert done.status == 1
    assert "shard 3/3 is a run of the suite 'other', not of 'tiny'" in done.err


def test_a_shard_that_was_cut_off_is_named(project: Project, shards: list[Path]) -> None:
    _, *others = records_in(shards[1])
    write_records(shards[1], others)
    (shards[1] / "ended.json").unlink()
    assert "shard 2/3 did not end: it was cancelled, killed or out of time" in prove(project, shards).err


def test_a_shard_that_was_interrupted_is_named(project: Project, shards: list[Path]) -> None:
    name = change(shards[1], status="cancelled")
    done = prove(project, shards)
    assert done.status == 1
    assert f"interrupted in shard 2/3: {name}" in done.err


def test_a_folder_without_a_run_is_named_beside_the_shards(project: Project, shards: list[Path]) -> None:
    done = prove(project, [*shards[1:], project.root / "shards/shard-1-of-3"], "--into", "all")
    assert done.status == 1
    assert "shards/shard-1-of-3/run.json: not a readable run" in done.err
    assert "shard 1/3 is missing" in done.err
    assert "7 passed, 2 not run" in (project.root / "all/report.txt").read_text()


# -- first the check, then the union -------------------------------------------------------------------------------

HOSTILE = ("../../outside", "/tmp/outside", "..", "a/b", "")


@pytest.mark.parametrize("target", HOSTILE)
def test_a_target_never_decides_where_something_is_written(project: Project, shards: list[Path], target: str) -> None:
    name = change(shards[0], target=target)
    before = set(project.root.parent.rglob("*"))
    done = prove(project, shards, "--into", "union/all")
    assert done.status == 1
    assert name in done.err
    after = set(project.root.parent.rglob("*"))
    assert {path for path in after - before if not path.is_relative_to(project.root / "union")} == set()


def test_a_plan_with_hostile_names_is_not_written(project: Project, shards: list[Path]) -> None:
    for shard in shards:
        for name in ("plan.json", "run.json", "records.jsonl"):
            text = (shard / name).read_text()
            text = text.replace('"v/b', '"../../x/b').replace('"test-v-b"', '"test-../../x-b"')
            (shard / name).write_text(text.replace('"name":"v"', '"name":"../../x"').replace('"v/', '"../../x/'))
    done = prove(project, shards, "--into", "all")
    assert done.status == 1
    assert "the units of the plan are not those of suite.yaml" in done.err
    assert not (project.root / "all").exists()


def test_nothing_is_written_for_shards_that_do_not_belong_together(project: Project, shards: list[Path]) -> None:
    edit(shards[0] / "run.json", commit="f" * 40)
    assert prove(project, shards, "--into", "all").status == 1
    assert not (project.root / "all").exists()
    assert not list(project.root.glob(".all*"))


def test_links_planted_below_dir_are_not_followed(project: Project, shards: list[Path]) -> None:
    outside = project.root / "outside"
    outside.mkdir()
    (project.root / "all").mkdir()
    (project.root / "all/units").symlink_to(outside)
    done = prove(project, shards, "--into", "all")
    assert done.status == 2
    assert "all: there is something already; name a new or an empty folder for --into" in done.err
    assert list(outside.iterdir()) == []


def test_a_run_is_never_written_into_a_shard(project: Project, shards: list[Path]) -> None:
    before = (shards[0] / "records.jsonl").read_bytes()
    assert prove(project, shards, "--into", str(shards[0])).status == 2
    assert (shards[0] / "records.jsonl").read_bytes() == before


def test_a_log_that_is_a_link_or_a_pipe_is_not_read(project: Project, shards: list[Path]) -> None:
    (project.root / "secret").write_text("secret\n")
    for shard in shards:
        shutil.rmtree(shard / "units")
        (shard / "units").mkdir()
        for number, record in enumerate(records_in(shard)):
            log = shard / "units" / f"{record['target']}.log"
            log.symlink_to(project.root / "secret") if number % 2 else os.mkfifo(log)
        write_records(shard, [{**record, "log": "kept"} for record in records_in(shard)])
    assert prove(project, shards, "--into", "all").status == 0
    assert list((project.root / "all/units").iterdir()) == []


def test_a_run_with_impossible_fields_is_a_message(project: Project, shards: list[Path]) -> None:
    for fields in ({"cores": "x"}, {"shard": "9/3"}, {"started_at": "never"}, {"seed_override": "x"}, {"machine": 1}):
        text = (shards[0] / "run.json").read_text()
        edit(shards[0] / "run.json", **fields)
        done = prove(project, shards, "--into", "all")
        assert done.status == 1
        assert "run.json: not a readable run (a field has an impossible value)" in done.err
        assert "Traceback" not in done.err
        (shards[0] / "run.json").write_text(text)
        shutil.rmtree(project.root / "all")


def test_many_missing_shards_are_counted(project: Project, shards: list[Path]) -> None:
    edit(shards[0] / "run.json", shard="1/900000")
    done = prove(project, shards[:1])
    assert done.status == 1
    assert "shard 2/900000 is missing" in done.err
    assert "899989 more shards are missing" in done.err
    assert done.err.count("missing") == 11


def test_github_is_shown_what_is_wrong_and_the_union(project: Project, shards: list[Path]) -> None:
    summary = project.root / "summary.md"
    actions = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    done = project.longpole("prove-shards", "--into", "all", *map(str, shards[1:]), **actions)
    assert done.status == 1
    assert "::error title=shards::shard 1/3 is missing" in done.out
    text = summary.read_text()
    assert "- shard 1/3 is missing\n" in text
    assert "9 units: 7 passed, 2 not run" in text


def test_names_of_foreign_records_do_not_reach_the_terminal_raw(project: Project, shards: list[Path]) -> None:
    records = records_in(shards[0])
    write_records(shards[0], [*records, {**records[0], "id": "v/\x1b]0;x\x07y\nz", "target": "test-v-y"}])
    done = prove(project, shards)
    assert done.status == 1
    assert "\x1b" not in done.err
    assert len(done.err.splitlines()) == 1
