"""Whatever is killed, and whenever: nothing stays behind, the history is whole, and the next run works."""

import json
import os
import pty
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.project import DEADLINE_S, Project, eventually, shell
from tests.tiers import slow

GONE_S = DEADLINE_S
"""How long the dead may take to be gone on a busy machine; a second on an idle one."""

LONG = {
    "sleeps": "touch started.sleeps; sleep 300",
    "is_deaf": shell("trap '' TERM INT HUP QUIT", "touch started.is_deaf", "while :; do sleep 300; done"),
    "has_children": shell("(setsid sleep 300 &) ; sleep 300 & touch started.has_children", "wait"),
}
QUICK = {"quick": ""}


@pytest.fixture(scope="module")
def has_learnt(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose units do not end by themselves, after one quick run that it learnt from; nothing changes it."""
    made = Project(tmp_path_factory.mktemp("long") / "project")
    made.write(QUICK | LONG, modules={name: {"weight": 9} for name in LONG})
    made.make("test-v-quick")
    return made


@pytest.fixture
def long(has_learnt: Project, project: Project) -> Project:
    """A copy of that project for one test."""
    shutil.copytree(has_learnt.root, project.root, dirs_exist_ok=True)
    return project


def start(project: Project, *argv: str) -> "subprocess.Popen[bytes]":
    """Start a run and wait until every unit of it is on its way."""
    process = project.start("make", *(argv or ("-j4", "test")))
    wait_until_started(project)
    return process


def wait_until_started(project: Project) -> None:
    """Wait until the quick unit is done and all others are on their way."""

    def is_so() -> bool:
        started = all((project.root / f"started.{name}").exists() for name in LONG)
        return started and len(project.runs) > 1 and "v/quick" in project.statuses()

    eventually("the run is under way", is_so)


def role(project: Project, process: "subprocess.Popen[bytes]", name: str) -> int:
    """The pid of one of a run's processes, by its place in the tree under the top make."""
    guard = _children(process.pid)[0]
    supervisor = _children(guard)[0]
    if name == "top make":
        return process.pid
    if name == "guard":
        return guard
    if name == "supervisor":
        return supervisor
    make = next(pid for pid in _children(supervisor) if "run-units" in project.processes().get(pid, ""))
    if name == "sub-make":
        return make
    return next(pid for pid in _children(supervisor) if "units/sleeps.sh" in project.processes().get(pid, ""))


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def works_afterwards(project: Project) -> None:
    """The next run is right, and the history still knows what it knew."""
    assert json.loads((project.root / ".longpole" / "history.json").read_bytes())["version"] == 1
    before = project.history()["v/quick"]["durations_s"]
    done = project.make("test-v-quick")
    assert done.status == 0, done.text
    assert project.statuses() == {"v/quick": "passed"}
    assert project.history()["v/quick"]["durations_s"][:-1] == before[-9:]
    assert not list((project.root / ".longpole").glob("*.corrupt*"))


@pytest.mark.parametrize("victim", ["supervisor", *slow("top make", "guard", "sub-make")])
def test_kill_9_leaves_no_process(long: Project, victim: str) -> None:
    process = start(long)
    os.kill(role(long, process, victim), signal.SIGKILL)
    eventually("no process of the run is left", lambda: not long.processes(), GONE_S)
    process.communicate()
    assert process.returncode != 0
    works_afterwards(long)


@pytest.mark.parametrize("victim", ["supervisor", "sub-make"])
def test_kill_9_below_the_guard_still_ends_in_a_report(long: Project, victim: str) -> None:
    process = start(long)
    os.kill(role(long, process, victim), signal.SIGKILL)
    out, err = process.communicate(timeout=GONE_S)
    assert b"4 units: 1 passed" in out
    assert b"Traceback" not in out + err
    if victim == "supervisor":
        assert b"the supervisor was killed by signal 9" in err


def test_a_run_passes_without_its_sweeper(project: Project) -> None:
    project.write({"waits": "touch started; read -r _ <go"})
    os.mkfifo(project.root / "go")
    for number in (signal.SIGKILL, signal.SIGSTOP):
        (project.root / "started").unlink(missing_ok=True)
        process = project.start("make", "test")
        eventually("the unit runs", (project.root / "started").exists)
        os.kill(_sweeper(process), number)
        (project.root / "go").write_text("\n")
        out, err = process.communicate(timeout=GONE_S)
        assert process.returncode == 0, err
        assert b"1 unit" in out
        assert b"Traceback" not in err
        assert not project.processes()


def _sweeper(process: "subprocess.Popen[bytes]") -> int:
    pids = _children(_children(process.pid)[0])
    (sweeper,) = [pid for pid in pids if b"environ" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return sweeper


def test_a_run_passes_without_a_shell_that_could_sweep(project: Project, tmp_path: Path) -> None:
    project.write({"quick": ""}, defaults={"run": ["/bin/sh", "units/{module}.sh"]})
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sh").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "bin" / "sh").chmod(0o755)
    done = project.make("test", PATH=f"{tmp_path}/bin:{project.environ['PATH']}")
    assert done.status == 0, done.text
    assert "1 unit" in done.out


@pytest.mark.slow
def test_kill_9_of_all_that_is_called_supervise_leaves_no_process(long: Project) -> None:
    process = start(long)
    for pid, command in long.processes().items():
        if "supervise" in command:
            os.kill(pid, signal.SIGKILL)
    eventually("nothing is left", lambda: not long.processes(), GONE_S)
    process.communicate()
    assert process.returncode == 2
    assert long.make("test-v-quick").status == 0


def test_kill_9_of_a_unit_is_that_unit_s_crash(long: Project) -> None:
    process = start(long, "-j4", "test", "FAIL_FAST=0")
    os.kill(role(long, process, "unit"), signal.SIGKILL)
    eventually("its record is there", lambda: "v/sleeps" in long.statuses())
    assert long.records()["v/sleeps"]["signal"] == "SIGKILL"
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate()


@pytest.mark.parametrize(
    ("victim", "moment"),
    [
        ("top make", 0),
        ("top make", 2),
        ("guard", 0),
        ("guard", 1),
        ("supervisor", 0),
        ("supervisor", 2),
        ("sub-make", 1),
    ],
)
@pytest.mark.slow
def test_kill_9_at_any_moment_of_a_short_run(project: Project, victim: str, moment: int) -> None:
    # Moments are points of the run's own progress, not of time: processes there, then the first records.
    scripts = {f"u{number}": "setsid sleep 300 & sleep 0.02" if number == 3 else "sleep 0.02" for number in range(8)}
    project.write({"quick": "", **scripts})
    project.make("test-v-quick")
    process = project.start("make", "-j2", "test")
    depth = {"top make": 0, "guard": 1, "supervisor": 2, "sub-make": 3}[victim]
    pid = process.pid

    def found() -> bool:
        nonlocal pid
        pid = process.pid
        try:
            for _ in range(depth):
                pid = next(iter(_children(pid)))
        except (StopIteration, OSError):
            return process.poll() is not None
        return len(project.runs) > 1 and len(project.records()) >= moment

    eventually("the victim is there", found)
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # the run was faster, which is a moment too
    eventually("no process of the run is left", lambda: not project.processes(), GONE_S)
    process.communicate()
    works_afterwards(project)


def test_interrupting_the_foreground_ends_units_and_reports(long: Project) -> None:
    process = start(long)
    os.killpg(process.pid, signal.SIGINT)  # as the terminal does: to everything in the foreground group
    out, err = process.communicate(timeout=GONE_S)
    assert process.returncode != 0
    statuses = long.statuses()
    assert {statuses[f"v/{name}"] for name in LONG} == {"cancelled"}
    assert b"4 units: 1 passed, 3 cancelled" in out
    assert b"Traceback" not in out + err
    assert not long.processes()
    works_afterwards(long)


@pytest.mark.slow
def test_an_interrupted_unit_may_clean_up(project: Project) -> None:
    project.write(
        {"tidy": shell("trap 'sleep 0.2; echo tidied; exit 0' TERM", "touch started", "sleep 300 & wait")},
        limits={"grace": 30},
    )
    for _ in range(5):  # who hears of it first, make or the supervisor, is a race
        (project.root / "started").unlink(missing_ok=True)
        process = project.start("make", "test")
        eventually("the unit started", (project.root / "started").exists)
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=GONE_S)
        assert project.log("test-v-tidy") == b"tidied\n"


def test_one_signal_to_the_whole_group_is_one_interruption(project: Project) -> None:
    script = shell("trap 'sleep 0.3; echo tidied; exit 0' TERM", "touch started", "sleep 300 & wait")
    project.write({"tidy": script}, limits={"grace": 30})
    process = project.start("make", "test")
    eventually("the unit started", (project.root / "started").exists)
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=GONE_S)
    assert project.log("test-v-tidy") == b"tidied\n"


@pytest.mark.slow
def test_a_second_interrupt_does_not_wait(project: Project) -> None:
    project.write(
        {"slow": shell("trap 'touch heard' TERM", "touch started", "while :; do sleep 0.05; done")},
        limits={"grace": 3000},
    )
    process = project.start("make", "test")
    eventually("the unit started", (project.root / "started").exists)
    os.killpg(process.pid, signal.SIGINT)
    eventually("the unit heard of it", (project.root / "heard").exists)

    def ended() -> bool:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        return process.poll() is not None

    eventually("the run ends", ended)
    assert project.statuses() == {"v/slow": "cancelled"}


def test_ctrl_c_at_a_terminal(long: Project) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(long.root)
        os.execvpe("make", ["make", "-j4", "test"], {**long.environ, "TERM": "xterm"})
    wait_until_started(long)
    os.write(terminal, b"\x03")
    text = b""
    try:
        while data := os.read(terminal, 65536):
            text += data
    except OSError:
        pass  # the other side of a terminal ends in EIO
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0
    os.close(terminal)
    assert b"4 units: 1 passed, 3 cancelled" in text
    assert b"\x1b[32mPASS\x1b[0m v/quick" in text
    assert not long.processes()


def test_sigterm_to_make_ends_units_and_reports(long: Project) -> None:
    process = start(long)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=GONE_S)
    assert process.returncode != 0
    assert b"4 units: 1 passed, 3 cancelled" in out
    assert not long.processes()


@pytest.mark.slow
def test_a_terminal_that_goes_away_ends_the_run(long: Project) -> None:
    process = start(long)
    os.killpg(process.pid, signal.SIGHUP)
    process.communicate(timeout=GONE_S)
    eventually("no process of the run is left", lambda: not long.processes(), GONE_S)
    works_afterwards(long)


def test_retest_after_an_interruption_runs_what_is_left(long: Project) -> None:
    process = start(long)
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=GONE_S)
    for name in LONG:
        (long.root / "units" / f"{name}.sh").write_text("exit 0\n")
    assert long.make("-j4", "retest").status == 0
    assert set(long.statuses()) == {f"v/{name}" for name in LONG}


def test_a_reader_that_goes_away_does_not_stop_the_run(project: Project) -> None:
    project.write({f"u{number}": "sleep 0.01" for number in range(20)})
    process = project.start("sh", "-c", "make -j2 test | head -n 1")
    out, _ = process.communicate(timeout=DEADLINE_S)
    assert out.startswith(b"PASS")
    eventually("the run ended", lambda: not project.processes())
    assert set(project.statuses().values()) == {"passed"}
    assert len(project.statuses()) == 20


def test_a_unit_that_is_handed_over_after_make_has_ended_is_not_run(project: Project) -> None:
    lingers = shell("trap 'touch told; read -r _ <go; exit 0' TERM", "touch started.lingers", "sleep 300 & wait")
    project.write({"lingers": lingers, "late": ""}, modules={"lingers": {"weight": 9}}, limits={"grace": 300})
    os.mkfifo(project.root / "go")
    process = project.start("make", "-j1", "test")
    eventually("the unit runs", (project.root / "started.lingers").exists)
    make = role(project, process, "sub-make")
    environ = Path(f"/proc/{make}/environ").read_bytes().split(b"\0")
    request = next(each.partition(b"=")[2] for each in environ if each.startswith(b"LONGPOLE_REQUEST="))
    os.kill(make, signal.SIGTERM)
    eventually("the unit is told to end, as nobody waits for it any more", (project.root / "told").exists)
    Path(os.fsdecode(request)).write_text("test-v-late\n")  # as a recipe's shell that outlives its make
    (project.root / "go").write_text("\n")
    process.communicate(timeout=GONE_S)
    assert project.statuses() == {"v/lingers": "cancelled"}
