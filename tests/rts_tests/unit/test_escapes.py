"""A unit whose first process leaves its process group is ended like any other: at its timeout, by Ctrl-C, at once."""

import os
import shlex
import signal

import pytest

from longpole.rts_tests.machine.process_table import Process, below
from tests.project import Project, eventually, shell
from tests.rts_tests.warm.test_warm import add_warm_module
from tests.tiers import slow

ESCAPE = """
import os, signal, sys, time

def escape(how, deaf):
    ready, go = os.pipe()
    if os.fork() == 0:
        os.setpgid(0, 0)
        os.write(go, str(os.getpid()).encode())
        time.sleep(1000)
    signal.signal(signal.SIGTERM, signal.SIG_IGN if deaf else heed)
    os.setpgid(0, int(os.read(ready, 20)))
    if how == "session":
        os.setsid()
    open(f"started.{how}", "w").close()
    while True:
        time.sleep(1000)

def heed(*_):
    print("heard", flush=True)
    os._exit(0)

if __name__ == "__main__":
    escape(sys.argv[1], sys.argv[2:] == ["deaf"])
"""
WAYS = ("group", "session")


@pytest.fixture
def escaping(project: Project) -> Project:
    """A project with a unit for each way to leave the group it was started in."""
    (project.root / "escape.py").write_text(ESCAPE)
    return project


def script(way: str, *deaf: str) -> str:
    """A unit that becomes, in its first process, one that leaves its group."""
    return f"exec python3 escape.py {way} {' '.join(deaf)}"


def has_started(project: Project) -> bool:
    """Whether both units have left their groups."""
    return all((project.root / f"started.{way}").exists() for way in WAYS)


def test_at_its_timeout_it_gets_sigterm(escaping: Project) -> None:
    escaping.write(
        {way: script(way) for way in WAYS}, modules={key: {"timeout": 1} for key in WAYS}, limits={"grace": 300}
    )
    done = escaping.make("-j2", "test")
    assert escaping.statuses() == {f"v/{way}": "timeout" for way in WAYS}, done.text
    assert {way: escaping.log(f"test-v-{way}") for way in WAYS} == dict.fromkeys(WAYS, b"heard\n")
    assert not escaping.processes()


def test_after_the_grace_it_is_killed(escaping: Project) -> None:
    escaping.write({way: script(way, "deaf") for way in WAYS}, modules={key: {"timeout": 1} for key in WAYS})
    done = escaping.make("-j2", "test")
    assert escaping.statuses() == {f"v/{way}": "timeout" for way in WAYS}, done.text
    assert {row["signal"] for row in escaping.records().values()} == {"SIGKILL"}
    assert not escaping.processes()


@pytest.mark.parametrize("number", [signal.SIGINT, *slow(signal.SIGTERM, signal.SIGHUP)])
def test_an_interrupted_run_ends_it(escaping: Project, number: signal.Signals) -> None:
    escaping.write({way: script(way) for way in WAYS}, limits={"grace": 300})
    process = escaping.start("make", "-j2", "test")
    eventually("both units have left", lambda: has_started(escaping))
    os.killpg(process.pid, number)
    process.communicate()
    assert escaping.statuses() == {f"v/{way}": "cancelled" for way in WAYS}
    assert {way: escaping.log(f"test-v-{way}") for way in WAYS} == dict.fromkeys(WAYS, b"heard\n")
    assert not escaping.processes()


@pytest.mark.slow
def test_a_second_interrupt_kills_it(escaping: Project) -> None:
    escaping.write({way: script(way, "deaf") for way in WAYS}, limits={"grace": 3000})
    process = escaping.start("make", "-j2", "test")
    eventually("both units have left", lambda: has_started(escaping))

    def ended() -> bool:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        return process.poll() is not None

    eventually("the run ends", ended)
    assert escaping.statuses() == {f"v/{way}": "cancelled" for way in WAYS}
    assert not escaping.processes()


def test_what_descends_from_it_in_a_session_of_its_own_may_clean_up(project: Project) -> None:
    child = shell("trap 'echo tidied; exit 0' TERM", "echo here", "sleep 300 & wait")
    project.write({"parent": f"trap : TERM; setsid -w sh -c {shlex.quote(child)}"}, modules={"parent": {"timeout": 1}})
    done = project.make("test")
    assert project.statuses() == {"v/parent": "timeout"}, done.text
    assert b"here\n" in project.log("test-v-parent")
    assert b"tidied\n" in project.log("test-v-parent")


def test_a_process_gets_a_signal_once(project: Project) -> None:
    script = shell("trap 'echo heard >>heard' TERM", "touch started", "while [ ! -s heard ]; do sleep 0.01; done")
    project.write(
        {"counts": shell(script, "sleep 0.3", "exit 3")}, modules={"counts": {"timeout": 1}}, limits={"grace": 9}
    )
    project.make("test")
    assert project.statuses() == {"v/counts": "timeout"}
    assert (project.root / "heard").read_text() == "heard\n"


WARM = """
import sys
from functools import partial
sys.path.insert(0, {folder!r})
from escape import escape

def prepare(argv):
    return partial(main, argv)

def main(argv):
    escape(argv[0], argv[1:] == ["deaf"])
"""


@pytest.mark.parametrize("deaf", [[], *slow(["deaf"])])
def test_a_warm_unit_does_not_escape_either(escaping: Project, deaf: list[str]) -> None:
    add_warm_module(escaping, "escapes", WARM.format(folder=str(escaping.root)))
    run = ["{python}", "-m", "rts_tests.warm.escapes", "{module}", *deaf]
    modules = {key: {"timeout": 1} for key in WAYS}
    escaping.write({}, modules=modules, variants={"v": {"warm": True, "run": run}})
    done = escaping.make("-j2", "test")
    assert escaping.statuses() == {f"v/{way}": "timeout" for way in WAYS}, done.text
    assert all((escaping.root / f"started.{way}").exists() for way in WAYS)
    if not deaf:
        assert {way: escaping.log(f"test-v-{way}") for way in WAYS} == dict.fromkeys(WAYS, b"heard\n")
    assert not escaping.processes()


def test_all_that_descends_is_found_once_parents_first() -> None:
    table = {pid: Process(parent, 1, 0) for pid, parent in {1: 0, 2: 1, 3: 2, 4: 3, 5: 1, 6: 5, 7: 0}.items()}
    assert below(table, [2]) == [3, 4]
    assert below(table, [2, 3, 5]) == [4, 6] or below(table, [2, 3, 5]) == [6, 4]
    assert below(table, []) == []
    assert below({1: Process(1, 1, 0)}, [1]) == []
