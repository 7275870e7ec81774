"""How a unit can end, and that its record, its log, make's status and the report all say the same."""

import json
import os
import re
from dataclasses import dataclass

import pytest

from tests.project import Done, Project, sections, shell

pytestmark = pytest.mark.xdist_group("outcomes")  # one worker makes the runs that all of it look at

LIMIT = {"timeout": 0.5}


def is_executed(words: str) -> str:
    """A line that waits until the last process in the background is what it is to become."""
    return f"until grep -qa '{words}' /proc/$!/cmdline; do :; done"


SCRIPTS = {
    "fine": "echo all is well",
    "fails": "echo broken >&2; exit 7",
    "crashes": "echo soon; kill -SEGV $$",
    "sleeps": "echo before; sleep 300",
    "is_deaf": shell(
        "trap '' TERM", "echo deaf", "(trap '' TERM; while :; do sleep 300; done) &", "while :; do sleep 300; done"
    ),
    "cleans_up": shell("trap 'echo cleaned; exit 3' TERM", "sleep 300 & wait"),
    "leaves_child": shell("sleep 301 &", is_executed("301"), "echo done"),
    "leaves_session": shell("setsid sleep 302 &", is_executed("^sleep"), "echo done"),
    "leaves_quiet_child": shell("sleep 303 >/dev/null 2>&1 </dev/null &", is_executed("303"), "echo done"),
    "leaves_quiet_session": shell(
        "setsid sh -c 'sleep 304; true' >/dev/null 2>&1 </dev/null &", is_executed("^sh.-c"), "echo done"
    ),
    "fails_and_leaves": "sleep 305 & exit 9",
    "ends_late": "(sleep 0.02; echo late) & echo early",
}
SPECS = dict.fromkeys(["sleeps", "is_deaf", "cleans_up"], LIMIT)
LEAKS = {
    "leaves_child": "sleep 301",
    "leaves_session": "sleep 302",
    "leaves_quiet_child": "sleep 303",
    "leaves_quiet_session": "sleep 304",
}


@dataclass(frozen=True)
class Gallery:
    """One run of all these units."""

    project: Project
    done: Done


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    project = Project(tmp_path_factory.mktemp("outcomes") / "project")
    modules = {name: {"only": ["v"], **SPECS.get(name, {})} for name in SCRIPTS}
    project.write(
        SCRIPTS,
        modules={**modules, "once": {"except": ["v"]}},
        variants={"v": {}, "absent": {"run": ["./no-such-program", "{module}"]}, "folder": {"run": ["./units"]}},
    )
    return Gallery(project, project.make("-j8", "test"))


@pytest.mark.parametrize(
    ("unit", "status", "code", "number"),
    [
        ("fine", "passed", 0, None),
        ("ends_late", "passed", 0, None),
        ("fails", "failed", 7, None),
        ("crashes", "crashed", None, "SIGSEGV"),
        ("sleeps", "timeout", None, "SIGTERM"),
        ("is_deaf", "timeout", None, "SIGKILL"),
        ("cleans_up", "timeout", 3, None),
        ("leaves_child", "leaked", 0, None),
        ("leaves_session", "leaked", 0, None),
        ("leaves_quiet_child", "leaked", 0, None),
        ("leaves_quiet_session", "leaked", 0, None),
        ("fails_and_leaves", "failed", 9, None),
    ],
)
def test_the_record_says_how_it_ended(
    gallery: Gallery, unit: str, status: str, code: int | None, number: str | None
) -> None:
    record = gallery.project.records()[f"v/{unit}"]
    assert (record["status"], record["exit_code"], record["signal"]) == (status, code, number)


@pytest.mark.parametrize("unit", ["absent/once", "folder/once"])
def test_a_command_that_cannot_be_executed_is_an_error_that_names_it(gallery: Gallery, unit: str) -> None:
    record = gallery.project.records()[unit]
    assert record["status"] == "error"
    assert record["command"][0] in record["note"]
    assert "cannot be executed" in record["note"]
    assert record["note"].encode() in gallery.project.log(record["target"])


def test_every_unit_left_a_record_whatever_the_others_did(gallery: Gallery) -> None:
    assert len(gallery.project.records()) == len(SCRIPTS) + 2


@pytest.mark.parametrize(("unit", "command"), LEAKS.items())
def test_what_a_unit_left_behind_is_named(gallery: Gallery, unit: str, command: str) -> None:
    note = gallery.project.records()[f"v/{unit}"]["note"]
    assert note.startswith("left running: ")
    assert command in note


def test_a_failure_that_leaves_something_says_both(gallery: Gallery) -> None:
    note = gallery.project.records()["v/fails_and_leaves"]["note"]
    assert note.startswith("exit status 9; left running: ")


def test_what_units_left_behind_is_ended(gallery: Gallery) -> None:
    assert gallery.project.processes() == {}


def test_a_timeout_says_which_limit_it_met(gallery: Gallery) -> None:
    assert gallery.project.records()["v/sleeps"]["note"] == "took longer than 0.5 s"


def test_a_unit_may_clean_up_when_its_time_is_over(gallery: Gallery) -> None:
    assert b"cleaned" in gallery.project.log("test-v-cleans_up")


def test_output_that_comes_a_moment_after_the_end_is_kept(gallery: Gallery) -> None:
    assert gallery.project.log("test-v-ends_late") == b"early\nlate\n"


def test_logs_hold_both_streams(gallery: Gallery) -> None:
    assert gallery.project.log("test-v-fails") == b"broken\n"


def test_a_unit_is_announced_by_one_line_and_a_failure_with_the_tail_of_its_log(gallery: Gallery) -> None:
    out = gallery.done.out
    assert re.search(r"^PASS v/fine  \d+\.\d\d s$", out, re.MULTILINE)
    assert re.search(r"^FAIL v/fails  \d+\.\d\d s\n    exit status 7\n  \| broken$", out, re.MULTILINE)
    for word, unit in [("CRASH", "crashes"), ("TIMEOUT", "sleeps"), ("LEAK", "leaves_child")]:
        assert len(re.findall(rf"^{word} v/{unit}  ", out, re.MULTILINE)) == 1


def test_passing_output_stays_in_the_log(gallery: Gallery) -> None:
    assert "all is well" not in gallery.done.text


def test_make_fails_and_its_own_lines_about_units_are_not_shown(gallery: Gallery) -> None:
    assert gallery.done.status == 2
    assert "test-v-" not in gallery.done.err
    assert "run-units" not in gallery.done.text
    assert "not remade" not in gallery.done.text


def test_each_failure_is_reported_once_in_plan_order(gallery: Gallery) -> None:
    lines = [line for line in sections(gallery.done.out)["failures"] if not line.startswith("    ")]
    reported = [line.split(":")[0].strip() for line in lines]
    statuses = gallery.project.statuses()
    plan = [row[0] for row in json.loads((gallery.project.last / "run.json").read_bytes())["planned"]]
    assert reported == [name for name in plan if statuses[name] != "passed"]


def test_a_failures_log_and_reproducer_are_given_and_right(project: Project) -> None:
    project.write({"fails": "echo broken; exit 7", "fine": ""})
    lines = sections(project.make("test").out)["failures"]
    log, again = lines[1].split()[1], lines[2].split(maxsplit=1)[1]
    assert (project.root / log).read_bytes() == b"broken\n"
    assert project.run("sh", "-c", again).status != 0
    assert {name: row["exit_code"] for name, row in project.records().items()} == {"v/fails": 7}


def test_a_unit_stopped_by_job_control_is_ended_at_its_deadline(project: Project) -> None:
    project.write({"stops": "kill -STOP $$"}, modules={"stops": LIMIT})
    project.make("test")
    assert project.statuses() == {"v/stops": "timeout"}


def test_an_unbounded_number_of_children_is_ended(project: Project) -> None:
    project.write({"many": "i=0; while [ $i -lt 50 ]; do setsid sleep 310 & i=$((i+1)); done; exit 0"})
    project.make("test")
    assert project.statuses() == {"v/many": "leaked"}
    assert project.processes() == {}


def test_a_daemon_without_environment_does_not_outlive_the_run(project: Project) -> None:
    command = f"sleep 31{os.getpid()}"
    project.write({"daemon": f"env -i setsid {command} >/dev/null 2>&1 & sleep 0.05"})
    project.make("test")
    assert command not in project.run("ps", "-eo", "args").out
