"""Forks that end early, whatever ends them: no class is lost, and none counts twice."""

import os
import random
import signal
from typing import Any

import pytest

from tests.fork_suites import RUN, Suite, assignment, results, shares
from tests.project import Project, eventually

WAITS = """
import os, time
open(name + "-waits", "w").close()
while not os.path.exists("go"):
    time.sleep(0.002)
"""


def interrupt(project: Project, *begun: str) -> None:
    """Start a run, interrupt it as soon as these files exist, and wait for its end."""
    process = project.start("make", "-j2", "test")
    eventually("it began", lambda: all((project.root / name).exists() for name in begun))
    os.killpg(process.pid, signal.SIGINT)
    process.communicate()
    eventually("all of it has ended", lambda: not project.processes())
    assert process.returncode != 0
    assert project.events()[-1]["exit"] == 130


@pytest.mark.parametrize("stealing", [False, True])
def test_what_was_done_before_an_interruption_stays(suite: Suite, stealing: bool) -> None:
    project = suite({"a": "", "b": WAITS, "c": ""}, max_forks=1, stealing=stealing)
    interrupt(project, "b-waits")
    assert project.statuses() == {"v/m[fork-0]": "cancelled"}
    assert results(project) == {"a": "passed", "b": "not run", "c": "not run"}
    (project.root / "go").touch()
    assert project.make("retest").status == 0
    assert results(project) == {"b": "passed", "c": "passed"}


def test_an_interruption_while_classes_are_listed_ends_the_listing(suite: Suite) -> None:
    project = suite({"a": ""}, list=["sh", "-c", "touch listing; test -e go || sleep 60; ls classes"])
    interrupt(project, "listing")
    assert project.statuses() == {}
    assert not (project.last / "forks" / "v" / "m.json").exists()
    (project.root / "go").touch()
    assert project.make("retest").status == 0
    assert results(project) == {"a": "passed"}


def test_an_interruption_while_forks_wait_for_a_slot(suite: Suite) -> None:
    project = suite({"a": WAITS, "b": ""}, limits={"slots": 1})
    interrupt(project, "a-waits")
    assert project.statuses() == {"v/m[fork-0]": "cancelled"}
    (project.root / "go").touch()
    assert project.make("retest").status == 0
    assert results(project) == {"a": "passed", "b": "passed"}


def test_a_fork_that_takes_too_long(suite: Suite) -> None:
    slow = "import time; print('begun', flush=True); time.sleep(60)"
    project = suite({"a": "", "b": slow, "c": ""}, max_forks=1, limits={"timeout": 1.5})
    assert project.make("test").status == 2
    assert project.statuses() == {"v/m[fork-0]": "timeout"}
    assert results(project) == {"a": "passed", "b": "timeout", "c": "not run"}


@pytest.mark.parametrize("end", ["import os; os._exit(0)", "import sys; sys.exit(0)"])
def test_a_test_that_ends_the_process_fails_the_run(suite: Suite, end: str) -> None:
    project = suite({"a": "", "b": end, "c": ""}, max_forks=1)
    assert project.make("test").status == 2
    assert results(project) == {"a": "passed", "b": "crashed", "c": "not run"}


def test_a_fork_that_cannot_start_runs_none_of_its_classes(suite: Suite) -> None:
    project = suite({"a": "", "b": ""}, run=["./nothing", "{classes_file}"], max_forks=1)
    assert project.make("test").status == 2
    assert project.statuses() == {"v/m[fork-0]": "error"}
    assert results(project) == {"a": "not run", "b": "not run"}


def test_after_the_first_failure_no_fork_starts(suite: Suite) -> None:
    project = suite({"a": "raise ValueError", "b": "", "c": ""}, max_forks=3)
    assert project.make("test", "FAIL_FAST=1").status == 2
    assert project.statuses() == {"v/m[fork-0]": "failed"}
    assert project.make("-k", "retest").status == 2
    assert results(project) == {"a": "failed", "b": "passed", "c": "passed"}


def test_after_a_listing_that_failed_no_fork_starts(suite: Suite) -> None:
    project = suite({"a": ""}, list=["false"], scripts={"other": "exit 0"}, module={"weight": 9})
    done = project.make("test", "FAIL_FAST=1")
    assert done.status == 2
    assert project.statuses() == {"v/m[fork-0]": "error"}


def test_recipes_that_wait_for_a_listing_get_another_unit(suite: Suite) -> None:
    listing = ["sh", "-c", "touch listing; until test -e go; do sleep 0.01; done; ls classes"]
    build = {"shell": "until test -e listing; do sleep 0.01; done"}
    module = {"weight": 9, "only": ["v"]}
    variants: dict[str, Any] = {"v": {}, "w": {"build": build}}
    project = suite({"a": "", "b": ""})
    modules = {"other": {"only": ["w"]}, "m": {**module, "forks": {"list": listing, "run": RUN, "max_forks": 2}}}
    project.write({"other": "touch go"}, modules=modules, variants=variants)
    done = project.make("-j3", "test")
    assert done.status == 0, done.text
    assert results(project) == {"a": "passed", "b": "passed"}


def test_shards_run_each_class_once_whatever_each_machine_knows(suite: Suite) -> None:
    project = suite({name: "" for name in "abcde"}, stealing=True)
    assert project.make("test").status == 0
    ran = {}
    for shard in ("1/2", "2/2"):
        assert project.make("test", f"SHARD={shard}").status == 0
        assert shares(project) == [["a", "c", "e"], ["b", "d"]]
        assert assignment(project)["stealing"] is False
        ran[shard] = results(project)
    assert sorted([*ran["1/2"], *ran["2/2"]]) == list("abcde")


CLASSES = {**{f"c{number}": f"open({f'c{number}-ran'!r}, 'w')" for number in range(12)}, "z0": WAITS, "z1": WAITS}


@pytest.mark.parametrize(
    ("rounds", "stealing"), [(2, False), *(pytest.param(25, each, marks=pytest.mark.slow) for each in (False, True))]
)
def test_forks_that_are_killed_at_any_moment_lose_and_double_no_class(
    suite: Suite, rounds: int, stealing: bool
) -> None:
    project = suite(CLASSES, stealing=stealing)
    for number in range(rounds):
        chance = random.Random(number)
        for path in [*project.root.glob("*-ran"), *project.root.glob("*-waits"), project.root / "go"]:
            path.unlink(missing_ok=True)
        process = project.start("make", "-k", "-j2", "test")
        _kill_one(project, after=chance.randrange(13), spin=chance.randrange(20_000))
        (project.root / "go").touch()
        process.communicate()
        assert process.returncode == 2
        assert results(project).keys() == CLASSES.keys()
        assert "crashed" in project.statuses().values()
        eventually("all of it has ended", lambda: not project.processes())


def _kill_one(project: Project, *, after: int, spin: int) -> None:
    """Kill a fork after so many classes have begun, or it alone waits, and a moment more."""

    def forks() -> list[int]:
        return [pid for pid, command in project.processes().items() if "tiny_client.py run" in command]

    def begun() -> bool:
        ran, waits = len([*project.root.glob("*-ran")]), [*project.root.glob("*-waits")]
        return ran >= after or bool(waits)

    eventually("a fork runs", forks)
    eventually("classes have begun", begun)
    for _ in range(spin):
        pass
    os.kill(forks()[0], signal.SIGKILL)


@pytest.mark.parametrize("stealing", [False, True])
def test_a_fork_without_its_port_runs_none_of_its_classes(suite: Suite, stealing: bool) -> None:
    project = suite({"a": "", "b": "", "c": ""}, run=[*RUN, "{port:web}"], stealing=stealing)
    ports = project.root.parent / "slots" / "ports"
    ports.parent.mkdir()
    ports.write_text("")
    assert project.make("-k", "test").status == 2
    assert project.statuses() == {"v/m[fork-0]": "error", "v/m[fork-1]": "error"}
    assert results(project) == {"a": "not run", "b": "not run", "c": "not run"}
    note = project.records()["v/m[fork-0]"]["note"]
    assert note.startswith(f"{ports}: ports cannot be reserved here: ")
    ports.unlink()
    assert project.make("retest").status == 0
    assert results(project) == {"a": "passed", "b": "passed", "c": "passed"}


def test_a_fork_that_waited_until_nothing_was_left_is_skipped(suite: Suite) -> None:
    project = suite({"a": "", "b": ""}, stealing=True, limits={"slots": 1})
    assert project.make("-j2", "test").status == 0
    assert project.statuses() == {"v/m[fork-0]": "passed", "v/m[fork-1]": "skipped"}
