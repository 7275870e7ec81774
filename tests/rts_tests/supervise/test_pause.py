"""Ctrl-Z and fg: units stop, their timers with them, and go on."""

import os
import signal
from pathlib import Path

import pytest

from tests.project import DEADLINE_S, Project, eventually


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@pytest.mark.slow
def test_a_stopped_run_stops_its_units_and_their_timers(project: Project) -> None:
    project.write(
        {"x": "echo $$ > pid; (echo $BASHPID > /dev/null; read go < pipe) && exit 0"},
        modules={"x": {"timeout": 2}},
    )
    os.mkfifo(project.root / "pipe")
    process = project.start("make", "test")
    eventually("the unit runs", lambda: (project.root / "pid").exists() and (project.root / "pid").read_text().strip())
    unit = int((project.root / "pid").read_text())
    os.killpg(process.pid, signal.SIGTSTP)
    # a terminal stops the whole foreground group; whoever does not stop by itself is stopped by the supervisor
    eventually("the unit is stopped", lambda: _state(unit) == "T")
    begun = _uptime()
    eventually("more time has passed than the unit has", lambda: _uptime() - begun > 2.5)
    os.killpg(process.pid, signal.SIGCONT)
    eventually("the unit goes on", lambda: _state(unit) != "T")
    (project.root / "pipe").write_text("go\n")
    process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0
    record = project.records()["v/x"]
    assert record["status"] == "passed"
    assert record["wall_s"] < 2


def _uptime() -> float:
    return float(Path("/proc/uptime").read_text().split()[0])
