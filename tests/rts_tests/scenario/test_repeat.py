"""Steps that are repeated until their checks hold."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.project import Project
from tests.rts_tests.scenario.suites import cases, with_scenarios

HOLDS = """
name: Holds
steps:
  - name: counts
    run: echo x >>runs; wc -l <runs
    eventually: {within: 60, every: 1ms}
    expect: {exit_code: 0, output_contains: ['3']}
  - name: looks
    run: wc -l <runs
    expect: {output_contains: ['3']}
  - name: once
    run: echo
    eventually: {within: 5}
"""
NEVER = """
name: Never
steps:
  - name: never
    run: echo x >>runs; exit 7
    eventually: {within: 300ms, every: 10ms}
    expect: {exit_code: 0}
  - name: hangs
    run: echo on; sleep 1000
    eventually: {within: 200ms}
    expect: {exit_code: 0}
  - name: each run has the timeout
    run: sleep 1000
    timeout: 10ms
    eventually: {within: 200ms, every: 1ms}
"""
LATER = """
name: Later
steps:
  - name: begins
    run: (sleep 0.2; mkdir there) >/dev/null 2>&1 &
  - name: the folder comes later
    run: 'true'
    cwd: there
    eventually: {within: 60, every: 1ms}
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    files = {"holds.yml": HOLDS, "never.yml": NEVER, "later.yml": LATER}
    project = with_scenarios(Project(tmp_path_factory.mktemp("repeat") / "project"), files)
    project.make("-j3", "test")
    yield project
    project.end()


def messages(project: Project, unit: str) -> dict[str, Any]:
    return {row[1]: row[4] for row in project.records()[unit]["cases"] if row[2] != "passed"}


def test_a_step_is_run_until_its_checks_hold(ran: Project) -> None:
    assert cases(ran.records()["v/holds"]) == {"counts": "passed", "looks": "passed", "once": "passed"}
    log = ran.log("test-v-holds").decode()
    (line,) = [line for line in log.splitlines() if "1. counts" in line]
    assert line.endswith(" 3 runs")
    assert "3. once" in log and "1 runs" not in log


def test_a_step_that_never_holds_fails_as_its_last_run(ran: Project) -> None:
    statuses = cases(ran.records()["v/never"])
    assert statuses == {
        "never": "failed",
        "hangs": "timeout",
        "each run has the timeout": "timeout",
    }
    said = messages(ran, "v/never")
    assert re.fullmatch(r"after \d+ runs? in 0.3 s: exit_code: 0: it is 7", said["never"])
    assert said["hangs"].startswith("after 1 run in 0.2 s: took longer than 0.")
    assert re.fullmatch(r"after \d+ runs? in 0.2 s: took longer than 0.01 s", said["each run has the timeout"])


def test_a_step_that_cannot_be_started_yet_is_repeated_too(ran: Project) -> None:
    assert cases(ran.records()["v/later"]) == {"begins": "passed", "the folder comes later": "passed"}


@pytest.mark.slow
def test_a_run_that_hangs_says_less_than_the_run_before(tmp_path: Path) -> None:
    text = """
name: Hangs later
steps:
  - name: hangs later
    run: echo x >>runs; test $(wc -l <runs) -gt 1 && sleep 1000; echo first; exit 5
    eventually: {within: 5s, every: 1ms}
    expect: {exit_code: 0}
"""
    project = with_scenarios(Project(tmp_path / "project"), {"later.yml": text})
    project.make("test")
    assert messages(project, "v/later") == {"hangs later": "after 2 runs in 5 s: exit_code: 0: it is 5"}


@pytest.mark.slow
def test_endless_output_of_a_program_that_is_left_running_stops_nothing(tmp_path: Path) -> None:
    text = """
name: Flood
steps:
  - {name: floods, run: (while :; do cat /dev/zero; done) &}
  - {name: goes on, run: echo on, eventually: {within: 60, every: 1ms}, expect: {exit_code: 0, output_contains: [on]}}
"""
    project = with_scenarios(Project(tmp_path / "project"), {"flood.yml": text})
    assert project.make("test").status == 0
    log = project.log("test-v-flood")
    assert len(log) < 10_000_000
    assert b"waited 5 s for what it left running, which has its output open" in log
    assert project.processes() == {}
