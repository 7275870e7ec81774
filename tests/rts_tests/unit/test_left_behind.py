"""Processes that units leave behind with nothing to be known by: no environment, no output, a session of their own."""

import os
from pathlib import Path

import pytest

from tests.project import Project, shell

HIDE = "env -i setsid {python} {daemon} {ready} >/dev/null 2>&1 </dev/null & while [ ! -e {ready} ]; do :; done"
DAEMON = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open(sys.argv[1], "w").close()
        time.sleep(1000)
os._exit(0)
"""


def hidden(project: Project, ready: str) -> str:
    """A line that leaves a daemon behind and goes on when that is on its own."""
    daemon = project.root / "daemon.py"
    daemon.write_text(DAEMON)
    return HIDE.format(python="/usr/bin/env python3", daemon=daemon, ready=project.root / ready)


def here(project: Project) -> list[int]:
    """Processes whose working directory is the project's: whatever else they got rid of, they keep that."""
    found = []
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                if os.path.samefile(each / "cwd", project.root):
                    found.append(int(each.name))
            except OSError:
                continue
    return found


def test_a_daemon_without_a_name_is_named_and_ended(project: Project) -> None:
    project.write({"quiet": "exit 0", "daemon": hidden(project, "ready")}, modules={"quiet": {"weight": 9}})
    done = project.make("-j1", "test")
    assert project.statuses() == {"v/quiet": "passed", "v/daemon": "leaked"}, done.text
    assert "daemon.py" in project.records()["v/daemon"]["note"]
    assert here(project) == []


def test_it_is_put_down_to_the_last_of_those_that_ran_when_it_began(project: Project) -> None:
    wait = "while ! grep -q v/{} .longpole/runs/*/records.jsonl 2>/dev/null; do :; done"
    scripts = {
        "before": "exit 0",
        "other": shell(wait.format("daemon"), wait.format("late")),
        "daemon": shell(wait.format("before"), hidden(project, "ready")),
        "late": wait.format("daemon"),
    }
    weights = {"before": 9, "other": 8, "daemon": 7, "late": 6}
    project.write(scripts, modules={name: {"weight": weight} for name, weight in weights.items()})
    done = project.make("-j2", "test")
    assert project.statuses() == {
        "v/before": "passed",
        "v/other": "leaked",
        "v/daemon": "passed",
        "v/late": "passed",
    }, done.text
    assert "left running, by this unit or by v/daemon: " in project.records()["v/other"]["note"]
    assert here(project) == []


@pytest.mark.slow
def test_a_hundred_units_that_leave_one_leave_none(project: Project) -> None:
    scripts = {"daemon": hidden(project, "ready-$2")}
    project.write(scripts, modules={"daemon": {"seeds": 100, "chunks": 100}})
    done = project.make("-j8", "test")
    assert set(project.statuses()) == {f"v/daemon[{number}]" for number in range(100)}
    assert "leaked" in project.statuses().values(), done.text
    assert len(list(project.root.glob("ready-*"))) == 100
    assert here(project) == []


COUNTING = """
import os
listdir = os.listdir
def counting(path="."):
    if path == "/proc":
        descriptor = os.open(os.environ["LISTINGS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        os.write(descriptor, b".")
        os.close(descriptor)
    return listdir(path)
os.listdir = counting
"""


def test_all_processes_are_looked_through_once_however_many_were_left(project: Project, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "sitecustomize.py").write_text(COUNTING)
    project.use_python_with(tmp_path / "lib")
    project.environ["LISTINGS"] = str(tmp_path / "listings")
    leave = "for number in $(seq 50); do setsid sleep 300 >/dev/null 2>&1 </dev/null & done"
    project.write({"leaves": leave})
    done = project.make("test")
    assert project.statuses() == {"v/leaves": "leaked"}, done.text
    assert project.records()["v/leaves"]["note"].count("sleep 300") > 1
    assert not project.processes()
    assert 1 <= (tmp_path / "listings").stat().st_size < 20


def test_what_is_left_on_purpose_fails_nothing_and_is_ended_too(project: Project) -> None:
    project.write({"daemon": hidden(project, "ready")}, modules={"daemon": {"leaks": "allow"}})
    done = project.make("-j1", "test")
    assert done.status == 0, done.text
    assert here(project) == []
