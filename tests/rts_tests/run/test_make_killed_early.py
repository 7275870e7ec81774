"""make killed while the run is still starting: no unit is started, and no process is left."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project import Project, eventually
from tests.tiers import slow

HOOK = """
import os, sys

def stop():
    global event
    event = ""
    with open(os.environ["HERE"], "w"):
        pass
    with open(os.environ["GO"]):
        pass

event = os.environ.pop("STOP_AT", "") if "supervise" in sys.orig_argv else ""
guard = os.getpid()
if event == "start":
    stop()
elif event == "in the child":
    os.register_at_fork(after_in_child=stop)
elif event:
    def heed(name, arguments):
        if event and os.getpid() == guard and event in (name, f"{name} {arguments[0] if arguments else ''}"):
            stop()

    sys.addaudithook(heed)
"""
"""Imported by the project's Python at its start. At the event STOP_AT the process that make started opens HERE, and
waits until GO is opened. The events are those of the interpreter's audit hooks, and the begin of the supervisor."""

EARLY = ("start", "import longpole.rts_tests.run.run", "os.mkdir", "os.fork", "in the child")
LATE = ("os.posix_spawn", "import longpole.rts_tests.run.report")


@pytest.fixture(scope="module")
def hooked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project whose Python can be stopped at an event while a run starts."""
    made = Project(tmp_path_factory.mktemp("hooked") / "project")
    folder = made.root.parent / "hook"
    folder.mkdir()
    (folder / "stop_at_event.py").write_text(HOOK)
    made.use_python_with(folder)
    (packages,) = (made.root.parent / "venv").glob("lib/python*/site-packages")
    with open(packages / "ours.pth", "a") as file:
        file.write("import stop_at_event\n")
    made.write({"quiet": "touch ran; sleep 300"})
    yield made
    made.end()


@pytest.fixture
def pipes(hooked: Project, tmp_path: Path) -> dict[str, str]:
    """Variables with two FIFOs, and no trace of an earlier test in the project."""
    (hooked.root / "ran").unlink(missing_ok=True)
    paths = {name: str(tmp_path / name) for name in ("HERE", "GO")}
    for path in paths.values():
        os.mkfifo(path)
    return paths


@pytest.mark.parametrize("event", [EARLY[0], EARLY[-1], *slow(*EARLY[1:-1], *LATE)])
def test_make_killed_while_the_guard_starts_leaves_no_run(hooked: Project, pipes: dict[str, str], event: str) -> None:
    process = hooked.start("make", "test", environ={**pipes, "STOP_AT": event})
    with open(pipes["HERE"]):
        pass  # it has come to the event
    process.kill()
    process.wait()
    with open(pipes["GO"], "w"):
        pass
    eventually("no process of the run is left", lambda: not hooked.processes())
    if event in EARLY:
        assert not (hooked.root / "ran").exists()


def test_a_run_that_is_a_grandchild_of_make_runs_and_ends_with_it(project: Project) -> None:
    project.write({"quiet": "touch ran; while [ ! -e go ]; do sleep 0.01; done"})
    wrapper = project.root / "python"
    wrapper.write_text(f'#!/bin/sh\n{project.python} "$@"\nstatus=$?\nexit $status\n')
    wrapper.chmod(0o755)
    local = project.root / ".longpole" / "local.mk"
    local.write_text(local.read_text().replace(project.python, str(wrapper)))
    process = project.start("make", "test")
    eventually("the unit runs", (project.root / "ran").exists)
    process.kill()
    process.wait()
    eventually("no process of the run is left", lambda: not project.processes())
    (project.root / "go").touch()
    assert project.make("test").status == 0


def test_a_makefile_of_an_older_version_does_not_pass_the_process_id_of_make(project: Project) -> None:
    project.write({"quiet": "exit 0"})
    makefile = project.root / "Makefile"
    text = makefile.read_text()
    assert text.count(" $(LONGPOLE_FILE) $$PPID\n") == 1
    makefile.write_text(text.replace(" $(LONGPOLE_FILE) $$PPID\n", " $(LONGPOLE_FILE)\n"))
    assert project.make("-o", "Makefile", "test").status == 0
    assert project.statuses() == {"v/quiet": "passed"}


def test_the_guard_killed_while_the_supervisor_starts_leaves_no_run(hooked: Project, pipes: dict[str, str]) -> None:
    process = hooked.start("make", "test", environ={**pipes, "STOP_AT": "in the child"})
    with open(pipes["HERE"]):
        pass
    (guard,) = (
        pid for pid in hooked.processes() if f"PPid:\t{process.pid}\n" in Path(f"/proc/{pid}/status").read_text()
    )
    os.kill(guard, signal.SIGKILL)
    process.wait()
    with open(pipes["GO"], "w"):
        pass
    eventually("no process of the run is left", lambda: not hooked.processes())
    assert not (hooked.root / "ran").exists()
