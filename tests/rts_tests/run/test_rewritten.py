"""What a unit does to the files and pipes of its own run cannot turn red into green, and stops nothing."""

import json
import os
from pathlib import Path

import pytest

from tests.project import Project, shell
from tests.tiers import slow

RUN = 'run=.longpole/runs/"$LONGPOLE_RUN"'
PIPE = (
    'request=/dev/shm/longpole-"$LONGPOLE_RUN"/request; [ -p "$request" ] || request=$(dirname "$TMPDIR")/pipes/request'
)
FORGE = """
import json, sys
run = sys.argv[1]
info = json.load(open(f"{run}/run.json"))
info["planned"] = [row for row in info["planned"] if row[0] != "v/bad"]
json.dump(info, open(f"{run}/run.json", "w"))
rows = open(f"{run}/records.jsonl").read().replace('"status":"failed"', '"status":"passed"')
open(f"{run}/records.jsonl", "w").write(rows.replace('"exit_code":3', '"exit_code":0'))
"""


@pytest.fixture
def forging(project: Project) -> Project:
    """A project with a unit that fails, and one that then rewrites the files of the run."""
    (project.root / "forge.py").write_text(FORGE)
    scripts = {"bad": "exit 3", "forger": shell(RUN, 'python3 forge.py "$run"')}
    return project.write(scripts, modules={"bad": {"weight": 9}})


def test_rewritten_files_do_not_make_a_failed_run_pass(forging: Project) -> None:
    done = forging.longpole("run", "-j1", "-i")  # make itself ignores that the unit failed
    assert forging.statuses() == {"v/bad": "passed", "v/forger": "passed"}, "the forgery is there"
    assert done.status == 1, done.text
    assert "a unit failed or did not run, but the records do not show it" in done.text
    assert [row[0] for row in json.loads((forging.last / "run.json").read_bytes())["planned"]] == ["v/bad", "v/forger"]
    assert "run.json was changed during the run, and is written again" in done.text


DEEP = "python3 -c 'print(\"[\" * 200000)'"


@pytest.mark.parametrize(
    "change",
    [
        f'{DEEP} >"$run"/run.json',
        *slow(
            'rm "$run"/run.json; mkfifo "$run"/run.json',
            'rm "$run"/run.json; mkdir "$run"/run.json',
            'rm "$run"/run.json',
            f'{DEEP} >>"$run"/records.jsonl',
        ),
    ],
)
def test_a_damaged_file_does_not_cost_the_report(project: Project, change: str) -> None:
    project.write({"first": "exit 0", "bad": shell(RUN, change, "exit 3")}, modules={"first": {"weight": 9}})
    done = project.make("-j1", "test")
    assert done.status == 2
    assert "2 units: 1 passed, 1 failed" in done.text, done.text
    assert "Traceback" not in done.text


def test_a_pipe_in_the_place_of_the_records_is_a_failure_and_no_hang(project: Project) -> None:
    project.write({"pipes": shell(RUN, 'mkfifo "$run"/records.jsonl')})
    done = project.make("test")
    assert done.status == 2
    assert "v/pipes could not be recorded: " in done.text, done.text
    assert "records.jsonl: not a regular file" in done.text
    assert "1 unit: 1 not run" in done.text


@pytest.mark.parametrize("make", [os.mkfifo, *slow(os.mkdir, lambda path: os.symlink("/dev/zero", path))])
def test_what_is_no_file_in_the_place_of_the_history_is_set_aside(project: Project, make: object) -> None:
    project.write({"quiet": "exit 0"})
    assert callable(make)
    make(project.root / ".longpole" / "history.json")
    done = project.make("test")
    assert done.status == 0, done.text
    assert "history.json: not a regular file; set aside as history.json.corrupt, a new history begins" in done.text
    assert list(project.history()) == ["v/quiet"]


@pytest.mark.parametrize("name", ["run.json", "plan.json", "history.json", "records.jsonl", "ended.json"])
@pytest.mark.parametrize("damage", ["deep", "pipe", *slow("folder", "numbers")])
def test_readers_of_damaged_files_neither_hang_nor_show_a_traceback(project: Project, name: str, damage: str) -> None:
    project.write({"quiet": "exit 0"})
    project.make("test")
    for path in (project.last / name, project.root / ".longpole" / name):
        if path.exists():
            _damage(path, damage)
    for command in ("report", "list", "runs", "compare"):
        done = project.longpole(command)
        assert "Traceback" not in done.text, done.text
        assert done.status in (0, 1, 2)
    assert "Traceback" not in project.make("test").text


def _damage(path: Path, damage: str) -> None:
    text = path.read_text()
    path.unlink()
    if damage == "deep":
        path.write_text("[" * 200_000 + "\n")
    elif damage == "pipe":
        os.mkfifo(path)
    elif damage == "folder":
        path.mkdir()
    else:
        path.write_text(text.replace("0", "1e999", 3).replace("1,", "-1,").replace("null", "NaN"))


def test_names_that_are_requested_twice_or_by_nobody_are_ignored(project: Project) -> None:
    names = r"test-v-forger\ntest-v-later\ntest-v-later\nno\033[31msense\n\n" + "x" * 300 + r"\n"
    script = shell(PIPE, f"""printf '{names}' >"$request" """, "sleep 0.2")
    project.write({"forger": script, "later": "echo ran >>ran"}, modules={"forger": {"weight": 9}})
    done = project.make("-j1", "test")
    assert project.statuses() == {"v/forger": "passed", "v/later": "passed"}
    assert (project.root / "ran").read_text() == "ran\n"
    assert done.status == 0, done.text
    assert done.text.count("requests like this are ignored") == 1
    assert "longpole: 'test-v-forger' was requested twice" in done.text


@pytest.mark.slow
def test_forged_requests_that_wait_for_their_turn_stop_nothing(project: Project) -> None:
    script = shell(PIPE, 'for n in 1 2 3; do echo test-v-later; done >"$request"', "sleep 0.2")
    project.write(
        {"forger": script, "later": "exit 0"},
        modules={"forger": {"weight": 9, "locks": ["one"]}, "later": {"locks": ["one"]}},
    )
    done = project.make("-j2", "test")
    assert project.statuses() == {"v/forger": "passed", "v/later": "passed"}, done.text
    assert done.status == 0, done.text
    assert "Traceback" not in done.text
