"""A run of scenarios that is killed, however and whenever, leaves no sandbox, no short folder and no process."""

import os
import random
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.project import Project, eventually
from tests.rts_tests.scenario.suites import with_scenarios

COUNT = 100
MOMENTS = 9
LONGEST_S = 4.0
"""The last moment at which a run is killed."""

SCENARIO = """
name: One that leaves a daemon
repos: [{{name: r, branches: [{{name: main, files: [{{path: a, content: b}}]}}]}}]
steps:
  - name: Daemon
    run: |
      touch $SOCKETS/{mark}
      env -i setsid sh -c 'exec </dev/null >/dev/null 2>&1; cd /; while :; do sleep 2; done' {mark} &
    expect: {{exit_code: 0}}
  - name: Clone
    run: git clone $REMOTE_R clone
    expect: {{exit_code: 0}}
  - name: Close
    run: mkdir -p a/b && chmod 0 a
  - name: Wait
    run: sleep 0.05
"""


def _children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _group(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    os.killpg(process.pid, number)


def _below(depth: int) -> Callable[["subprocess.Popen[bytes]", signal.Signals], None]:
    def kill(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
        pid = process.pid
        for _ in range(depth):
            pid = next(iter(_children(pid)), pid)  # before the run has begun there is only make
        os.kill(pid, number)

    return kill


def _all(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    """Make, the guard and the supervisor: all whose names or command lines say that they are Longpole's or make."""
    guards = _children(process.pid)
    supervisors = [pid for guard in guards for pid in _children(guard) if b"supervise" in _command(pid)]
    for pid in (*supervisors, *guards, process.pid):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


WAYS = {
    "Ctrl-C": (_group, signal.SIGINT),
    "SIGTERM of make": (_below(0), signal.SIGTERM),
    "SIGKILL of make": (_below(0), signal.SIGKILL),
    "SIGKILL of the guard": (_below(1), signal.SIGKILL),
    "SIGKILL of the supervisor": (_below(2), signal.SIGKILL),
    "SIGKILL of all": (_all, signal.SIGKILL),
}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_a_run_that_is_killed_at_any_moment_leaves_nothing(way: str, project: Project, tmp_path: Path) -> None:
    temporary = tmp_path / "t"
    temporary.mkdir()
    project.environ["TMPDIR"] = str(temporary)
    mark = f"scenario-{project.mark}"
    text = SCENARIO.format(mark=mark)
    with_scenarios(project, {f"g/s{n}.yml": text for n in range(COUNT)}, short_folders=["SOCKETS"])
    moments = random.Random(way)

    def left() -> list[object]:
        return [
            *project.processes().items(),
            *_with_argument(mark),
            *(path for private in temporary.iterdir() for path in private.iterdir()),
            *(path for path in Path("/tmp").glob("lp-*") if (path / mark).exists()),
        ]

    act, number = WAYS[way]
    for _ in range(MOMENTS):
        process = project.start("make", "-j8", "test", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        moment_s = moments.uniform(0, LONGEST_S)
        try:
            process.wait(moment_s)
        except subprocess.TimeoutExpired:
            act(process, number)
        process.wait()
        try:
            eventually("nothing is left", lambda: not left())
        except AssertionError:
            assert left() == [], f"killed after {moment_s:.3f} s"


def _with_argument(mark: str) -> list[str]:
    """The processes that have `mark` as an argument, whatever has become of their environments."""
    commands = {int(name): _command(int(name)) for name in os.listdir("/proc") if name.isdigit()}
    return [f"{pid} {command!r}" for pid, command in commands.items() if mark.encode() in command.split(b"\0")]
