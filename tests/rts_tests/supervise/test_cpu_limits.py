"""`timeout_cpu`: how much CPU time all processes of a unit may use together."""

import re

from longpole.rts_tests.contracts.seeds import Seeds
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.machine.process_table import Process
from longpole.rts_tests.supervise.cpu_limits import LEAST_S, CpuLimits, cpu_ticks
from longpole.rts_tests.unit.attempts import SAME
from longpole.rts_tests.unit.running import RunningAttempt
from tests.project import Project

FOR_EVER = "while :; do :; done"
A_MOMENT = "i=0; while [ $i -lt 100 ]; do i=$((i+1)); done"
NOTE = re.compile(r"used more than ([0-9.]+) s of CPU: ([0-9.]+) s")


def used(project: Project, name: str) -> float:
    """The CPU seconds in a unit's note, which must name its limit."""
    match = NOTE.fullmatch(project.records()[f"v/{name}"]["note"])
    assert match is not None and match[1] == "0.3"
    return float(match[2])


def test_a_unit_that_computes_for_too_long_is_ended(project: Project) -> None:
    project.write(
        {"endless": FOR_EVER, "waits": "sleep 0.6", "short": A_MOMENT, "fails": f"{A_MOMENT}; exit 3"},
        limits={"timeout_cpu": 0.3, "timeout": 300},
    )
    done = project.make("-j4", "test")
    statuses = {"v/endless": "timeout", "v/waits": "passed", "v/short": "passed", "v/fails": "failed"}
    assert project.statuses() == statuses, done.text
    assert used(project, "endless") > 0.3
    assert project.records()["v/endless"]["stable_note"] == "used more than 0.3 s of CPU"
    assert project.history()["v/endless"]["durations_s"] == []


def test_all_processes_of_a_unit_count(project: Project) -> None:
    a_child = "sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'"
    project.write(
        {"many": f"while :; do {a_child}; done", "apart": f"setsid sh -c '{FOR_EVER}' & wait"},
        limits={"timeout_cpu": 0.3, "timeout": 300},
    )
    done = project.make("-j2", "test")
    assert project.statuses() == {"v/many": "timeout", "v/apart": "timeout"}, done.text
    assert min(used(project, "many"), used(project, "apart")) > 0.3


def test_a_unit_that_has_ended_before_anybody_looked_is_judged_all_the_same(project: Project) -> None:
    computes = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"
    project.write({"computes": computes}, modules={"computes": {"timeout_cpu": 0.001}})
    done = project.make("test")
    assert project.statuses() == {"v/computes": "timeout"}, done.text
    assert "used more than 0.001 s of CPU: " in done.out


def test_the_times_of_a_group_and_of_all_below_it_are_added_once() -> None:
    table = {
        1: Process(0, 1, 0, 1000),
        7: Process(1, 7, 0, 1),
        8: Process(7, 7, 0, 10),
        9: Process(8, 9, 0, 100),
        10: Process(1, 7, 0, 200),
        11: Process(10, 11, 0, 400),
    }
    assert cpu_ticks(table, 7) == 711
    assert cpu_ticks(table, 99) == 0


def attempt(**fields: object) -> RunningAttempt:
    fields = {"kind": SAME, "seeds": Seeds((), "takes none"), "command": ("x",), "started": 0.0, **fields}
    return RunningAttempt(**fields)  # type: ignore[arg-type]


def test_looks_are_as_rare_as_the_limit_allows() -> None:
    limits = CpuLimits(4)
    assert limits.next_look is None
    limits.watch(attempt(), 60.0, 100.0)
    assert limits.next_look == 115.0
    assert limits.exceeded(114.0) == []
    assert limits.next_look == 115.0
    assert limits.exceeded(115.0) == []
    assert limits.next_look == 130.0
    limits.watch(attempt(), 0.001, 115.0)
    assert limits.next_look == 115.0 + LEAST_S


def test_what_has_ended_is_watched_no_more() -> None:
    limits = CpuLimits(1)
    limits.watch(attempt(ended=1.0), 1.0, 0.0)
    limits.watch(attempt(ended_by=Status.CANCELLED), 1.0, 0.0)
    assert limits.exceeded(9.0) == []
    assert limits.next_look is None
