"""Programs are executed, measured and ended, and nothing of them is left."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from longpole.perf.measure.bench import Command
from longpole.perf.measure.launch import Launcher
from longpole.rts_tests.contracts.errors import UseError
from tests.project import eventually

LONG_S = 600.0
LINUX = sys.platform == "linux"


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    with Launcher() as started:
        yield started


def command(*argv: str, cwd: Path | str = "/", statuses: tuple[int, ...] = (0,), **environ: str) -> Command:
    return Command(argv, str(cwd), {"PATH": os.environ["PATH"], **environ}, statuses)


def shell(text: str, cwd: Path | str = "/", statuses: tuple[int, ...] = (0,), **environ: str) -> Command:
    return command("sh", "-c", text, cwd=cwd, statuses=statuses, **environ)


def python(text: str) -> Command:
    return command(sys.executable, "-I", "-S", "-c", text)


def is_alive(pid: int) -> bool:
    """Whether a process has not ended; one that was not reaped yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until_gone(pid: int) -> None:
    try:
        eventually(f"process {pid} has ended", lambda: not is_alive(pid))
    except AssertionError:
        os.kill(pid, signal.SIGKILL)
        raise


def test_what_an_execution_takes(launcher: Launcher) -> None:
    slept = launcher.execute(command("sleep", "0.1"), LONG_S)
    assert (slept.why, slept.said, slept.output) == ("", "", b"")
    assert slept.wall_s >= 0.1
    assert slept.cpu_s < slept.wall_s
    worked = launcher.execute(python("import time\nwhile time.process_time() < 0.2: pass"), LONG_S)
    assert worked.cpu_s >= 0.2
    assert worked.wall_s > 0


def test_the_peak_of_memory_is_the_programs_own(launcher: Launcher) -> None:
    large = launcher.execute(python("x = bytearray(100 << 20)"), LONG_S).memory
    assert large is not None
    assert 100 << 20 < large < 200 << 20
    # less than what starts it has: how much is not known
    assert launcher.execute(command("true"), LONG_S).memory is None


def test_how_a_program_fails(launcher: Launcher) -> None:
    def why(what: Command) -> str:
        return launcher.execute(what, LONG_S).why

    assert why(shell("exit 3")) == "exit status 3"
    assert why(shell("exit 3", statuses=(0, 3))) == ""
    assert why(shell("exit 0", statuses=(3,))) == "exit status 0"
    assert why(shell("kill -SEGV $$")) == "ended by SIGSEGV"
    assert why(command("no-such-program")) == "there is no program 'no-such-program'"
    assert why(command("./no-such-program")) == "./no-such-program cannot be executed: No such file or directory"
    assert why(command("/etc/passwd")) == "/etc/passwd cannot be executed: Permission denied"
    assert why(command("true", cwd="/no/such/folder")) == "the folder /no/such/folder: No such file or directory"
    assert why(command("true")) == ""


def test_the_end_of_what_it_said(launcher: Launcher) -> None:
    failed = launcher.execute(shell("echo out; echo err >&2; printf '\\377' >&2; exit 1"), LONG_S)
    assert failed.said == "err\n\ufffd"
    beside = launcher.execute(shell("echo out; echo err >&2; exit 1"), LONG_S, measured=False)
    assert beside.said == "out\nerr"
    much = launcher.execute(shell("seq 100000 >&2; exit 1"), LONG_S)
    assert much.said.endswith("\n99999\n100000")
    assert len(much.said) <= 4096
    assert launcher.execute(shell("exit 1"), LONG_S).said == ""


def test_standard_output_is_kept_if_asked_for(launcher: Launcher) -> None:
    assert launcher.execute(shell("echo one; echo two"), LONG_S, output=True).output == b"one\ntwo\n"
    assert launcher.execute(shell("echo three"), LONG_S, output=True).output == b"three\n"
    assert launcher.execute(shell("test -t 0 || read line"), LONG_S).why == "exit status 1"


def test_a_program_gets_the_environment_and_the_folder_and_default_signals(launcher: Launcher, tmp_path: Path) -> None:
    seen = launcher.execute(
        shell("pwd; echo $A; env | grep -c LONGPOLE", tmp_path, (0, 1), A="b c"), LONG_S, output=True
    )
    assert seen.output.decode().splitlines() == [str(tmp_path), "b c", "0"]
    if LINUX:
        masks = launcher.execute(command("grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"), LONG_S, output=True).output
        blocked, ignored = (int(line.split()[1], 16) for line in masks.splitlines())
        assert blocked == 0
        # Python ignores these two
        assert not any(ignored >> (number - 1) & 1 for number in (signal.SIGPIPE, signal.SIGXFSZ))


def test_a_program_is_found_in_its_own_path(launcher: Launcher, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    program = tmp_path / "sub" / "mine"
    program.write_text("#!/bin/sh\necho mine\n")
    program.chmod(0o755)
    for path in (str(tmp_path / "sub"), "sub"):
        found = Command(("mine",), str(tmp_path), {"PATH": path})
        assert launcher.execute(found, LONG_S, output=True).output == b"mine\n"
    assert launcher.execute(Command(("sub/mine",), str(tmp_path), {}), LONG_S, output=True).output == b"mine\n"


def test_a_program_that_takes_too_long_is_ended_with_its_group(launcher: Launcher, tmp_path: Path) -> None:
    late = launcher.execute(shell("sleep 600 & echo $! > pid; wait", tmp_path), 0.2)
    assert late.why == "timed out after 0.2 s"
    wait_until_gone(int((tmp_path / "pid").read_text()))
    stubborn = launcher.execute(shell("trap '' TERM; while :; do sleep 600; done"), 0.2)
    assert stubborn.why == "timed out after 0.2 s"


def test_what_a_measured_program_leaves_in_its_group_is_ended(launcher: Launcher, tmp_path: Path) -> None:
    assert launcher.execute(shell("sleep 600 & echo $! > pid", tmp_path), LONG_S).why == ""
    wait_until_gone(int((tmp_path / "pid").read_text()))


def test_what_a_set_up_starts_runs_until_the_end(tmp_path: Path) -> None:
    with Launcher() as started:
        set_up = shell("sleep 600 & echo $! > pid", tmp_path)
        assert started.execute(set_up, LONG_S, measured=False).why == ""
        pid = int((tmp_path / "pid").read_text())
        assert started.execute(command("true"), LONG_S).why == ""
        assert is_alive(pid)
    wait_until_gone(pid)


def test_daemons_are_ended_at_the_end(tmp_path: Path) -> None:
    with Launcher() as started:
        started.execute(
            shell("setsid sh -c 'echo $$ > pid; exec sleep 600' & until test -s pid; do :; done", tmp_path), LONG_S
        )
        pid = int((tmp_path / "pid").read_text())
        assert is_alive(pid)
    wait_until_gone(pid)


def test_programs_that_cannot_be_started_end_nobody(launcher: Launcher) -> None:
    """The group of a program that was never started must not be taken for our own."""
    for wrong in (command("./none"), command("true", cwd="/none")):
        launcher.execute(wrong, LONG_S)
    assert launcher.execute(command("true"), LONG_S).why == ""


def test_a_launcher_that_was_killed_is_an_error_and_no_wait() -> None:
    with Launcher() as started, pytest.raises(UseError, match="was killed; measure again"):
        started.execute(shell("kill -9 $PPID"), LONG_S)


CANCELLED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
from longpole.perf.measure.bench import Command
from longpole.perf.measure.launch import Launcher

environ = dict(os.environ)
with Launcher() as launcher:
    for count in range(int(sys.argv[1])):
        try:
            # the program interrupts us at its begin, as a terminal may
            launcher.execute(Command(("sh", "-c", f"kill -INT {os.getpid()}; sleep 600"), "/", environ), 600.0)
        except KeyboardInterrupt:
            again = launcher.execute(Command(("echo", str(count)), "/", environ), 600.0, output=True)
            assert (again.why, again.output) == ("", b"%d\\n" % count), again
print("done")
"""


def test_an_interrupt_ends_the_program_and_the_next_one_runs() -> None:
    argv = [sys.executable, "-c", CANCELLED, "10"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("done\n", "")


KILLED = """
import os, sys
from longpole.perf.measure.bench import Command
from longpole.perf.measure.launch import Launcher

with Launcher() as launcher:
    script = f"echo $$ > pid; kill -9 {os.getpid()}; exec sleep 600"
    launcher.execute(Command(("sh", "-c", script), os.getcwd(), dict(os.environ)), 600.0)
"""


@pytest.mark.slow
def test_a_program_does_not_outlive_longpole_even_if_it_has_just_begun(tmp_path: Path) -> None:
    """The launcher may learn of Longpole's end before it knows the program that it has started."""
    pids = []
    for _ in range(10):
        killed = subprocess.run([sys.executable, "-c", KILLED], cwd=tmp_path, capture_output=True, check=False)
        assert killed.returncode == -signal.SIGKILL
        pids.append(int((tmp_path / "pid").read_text()))
    for pid in pids:
        wait_until_gone(pid)
