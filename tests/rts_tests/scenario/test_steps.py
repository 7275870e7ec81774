"""Running one command line: its streams, its end, and what it leaves."""

import json
import math
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.machine import processes
from longpole.rts_tests.scenario import steps, waiting
from longpole.rts_tests.scenario.steps import Outcome, folder_of, run_step
from longpole.rts_tests.scenario.variables import Variables
from longpole.rts_tests.scenario.waiting import Meanwhile
from tests.rts_tests.scenario.beside_bash import plain_environ, program


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return plain_environ(tmp_path / "bin")


@pytest.fixture
def meanwhile() -> Iterator[Meanwhile]:
    held: Meanwhile = {}
    yield held
    for descriptor in held:
        os.close(descriptor)


def _open_descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd")) if sys.platform == "linux" else set()


def test_streams_are_apart(tmp_path: Path, environ: dict[str, str]) -> None:
    program(tmp_path / "bin/both", "#!/bin/sh\necho out\necho err >&2\nexit 3\n")
    for text in ("both", "both; exit $?"):
        outcome = run_step(text, cwd=str(tmp_path), environ=environ)
        assert (outcome.exit_code, outcome.stdout, outcome.stderr) == (3, b"out\n", b"err\n"), text
        assert outcome.output == "out\nerr"
        assert not outcome.timed_out
        assert outcome.problem is None


def test_joined_streams_are_in_the_order_of_their_writes(tmp_path: Path, environ: dict[str, str]) -> None:
    program(tmp_path / "bin/turns", "#!/bin/sh\necho 1; echo 2 >&2; echo 3; echo 4 >&2\n")
    for text in ("turns 2>&1", "{ turns; } 2>&1"):
        outcome = run_step(text, cwd=str(tmp_path), environ=environ)
        assert (outcome.stdout, outcome.stderr) == (b"1\n2\n3\n4\n", b""), text


@pytest.mark.parametrize(
    ("stdout", "stderr", "output"),
    [
        (b"", b"", ""),
        (b" \n a \n\n", b"", "a"),
        (b"", b"\n b", "b"),
        (b"a\n", b"b\n", "a\nb"),
        (b"\r\n\t", b" b ", "b"),
        (b"\xe2\x80\xa9\xc2\xa0a\xc2\x85", b"\x1cb\x1f", "a\n\x1cb\x1f"),
        (b"a\xffb\xe2\x82", b"\xed\xa0\x80", "a\ufffdb\ufffd\n\ufffd\ufffd\ufffd"),
        (b"a\0b\x1b[0m", b"", "a\0b\x1b[0m"),
    ],
)
def test_output_is_both_streams_without_white_space_around_them(stdout: bytes, stderr: bytes, output: str) -> None:
    assert Outcome(0, stdout, stderr, 0.0).output == output


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_output_never_begins_or_ends_with_white_space(stdout: bytes, stderr: bytes) -> None:
    output = Outcome(0, stdout, stderr, 0.0).output
    assert output == output.strip(" \t\r\n\u2028\u3000")


def test_input_is_empty(tmp_path: Path, environ: dict[str, str]) -> None:
    for text in ("cat", "cat; readlink /proc/self/fd/0 || true"):
        outcome = run_step(text, cwd=str(tmp_path), environ=environ)
        assert outcome.exit_code == 0
        assert outcome.stdout in (b"", b"/dev/null\n")


def test_a_command_that_cannot_be_started_is_a_problem(tmp_path: Path, environ: dict[str, str]) -> None:
    before = _open_descriptors()
    here = os.getcwd()
    file = tmp_path / "file"
    file.touch()
    for folder in (tmp_path / "missing", file):
        outcome = run_step("true", cwd=str(folder), environ=environ)
        assert outcome.exit_code == -1
        assert outcome.problem is not None
        assert outcome.problem.startswith(f"the working directory {folder} cannot be entered: ")
    no_bash = run_step("exit 0", cwd=str(tmp_path), environ={**environ, "PATH": str(tmp_path)})
    assert no_bash.problem == "bash cannot be executed: No such file or directory"
    too_long = run_step("exit " + "0" * 3_000_000, cwd=str(tmp_path), environ=environ)
    assert too_long.problem is not None
    nul = run_step("exit \0", cwd=str(tmp_path), environ=environ)
    assert nul.problem is not None
    assert os.getcwd() == here
    assert _open_descriptors() == before


def test_the_process_leads_a_group_and_handles_signals_by_default(tmp_path: Path, environ: dict[str, str]) -> None:
    code = "import os, signal; print(os.getpgrp() == os.getpid(), "
    code += "[n for n in range(1, 32) if signal.getsignal(n) is signal.SIG_IGN], signal.pthread_sigmask(0, []))"
    program(tmp_path / "bin/look", f"#!{sys.executable} -I\n{code}\n")
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    try:
        outcome = run_step("look", cwd=str(tmp_path), environ=environ)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    assert outcome.stdout == b"True [13, 25] set()\n"  # Python itself ignores SIGPIPE and SIGXFSZ


def test_large_output_is_read_whole(tmp_path: Path, environ: dict[str, str]) -> None:
    outcome = run_step("head -c 3000000 /dev/zero; head -c 2000000 /dev/zero >&2", cwd=str(tmp_path), environ=environ)
    assert (len(outcome.stdout), len(outcome.stderr), outcome.dropped) == (3_000_000, 2_000_000, 0)


def test_endless_output_takes_bounded_memory(
    tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "MAX_OUTPUT_BYTES", 100_000)
    outcome = run_step("head -c 1000000 /dev/zero", cwd=str(tmp_path), environ=environ)
    assert 100_000 <= len(outcome.stdout) < 200_000
    assert len(outcome.stdout) + outcome.dropped == 1_000_000


def test_a_step_waits_for_what_writes_to_its_pipe_in_the_background(tmp_path: Path, environ: dict[str, str]) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    text = f"(read line <{fifo}; echo late $line) & (echo x >{fifo}) & exit 4"
    outcome = run_step(text, cwd=str(tmp_path), environ=environ)
    assert (outcome.exit_code, outcome.stdout) == (4, b"late x\n")


def test_a_daemon_that_keeps_the_pipe_open_survives_and_does_not_hang_the_step(
    tmp_path: Path, environ: dict[str, str], meanwhile: Meanwhile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "PIPES_S", 0.01)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    # it writes after its step has ended, and ends only if the writes succeed
    text = f"echo first; (read line <{fifo}; head -c 300000 /dev/zero && echo done >{fifo}) 2>/dev/null &"
    outcome = run_step(text, cwd=str(tmp_path), environ=environ, meanwhile=meanwhile)
    assert (outcome.exit_code, outcome.stdout, outcome.held) == (0, b"first\n", True)
    assert len(meanwhile) == 1
    after = run_step(f"echo go >{fifo}; cat {fifo}", cwd=str(tmp_path), environ=environ, meanwhile=meanwhile)
    assert (after.stdout, after.held) == (b"done\n", False)
    run_step("sleep 0", cwd=str(tmp_path), environ=environ, meanwhile=meanwhile)


def test_a_pipe_that_has_ended_meanwhile_is_forgotten(
    tmp_path: Path, environ: dict[str, str], meanwhile: Meanwhile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "PIPES_S", 0.01)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    run_step(f"read line <{fifo} &", cwd=str(tmp_path), environ=environ, meanwhile=meanwhile)
    assert len(meanwhile) == 2
    before = _open_descriptors()
    run_step(f"echo >{fifo}", cwd=str(tmp_path), environ=environ)
    while meanwhile:
        run_step("/bin/true", cwd=str(tmp_path), environ=environ, meanwhile=meanwhile)
    assert len(before) - len(_open_descriptors()) == 2 or sys.platform != "linux"


@pytest.fixture
def ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A path; when it exists, the clock of steps is a million seconds later, however slow the machine is."""
    path, clock = tmp_path / "ready", time.monotonic
    monkeypatch.setattr(waiting, "_SLICE_S", 0.01)
    monkeypatch.setattr(waiting, "_LATE_S", math.inf)
    for module in (steps, waiting):
        now = SimpleNamespace(monotonic=lambda: clock() + (1e6 if path.exists() else 0))
        monkeypatch.setattr(module, "time", now)
    return path


def test_a_timeout_ends_the_group_and_keeps_the_output(tmp_path: Path, environ: dict[str, str], ready: Path) -> None:
    text = f"trap 'echo caught; exit 5' TERM; echo before; touch {ready}; sleep 1000 & wait"
    outcome = run_step(text, cwd=str(tmp_path), environ=environ, timeout_s=1000)
    assert outcome.timed_out
    assert (outcome.exit_code, outcome.stdout) == (5, b"before\ncaught\n")


def test_a_group_that_ignores_the_timeout_is_killed(
    tmp_path: Path, environ: dict[str, str], ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "GRACE_S", 0.1)
    text = f"trap '' TERM; echo $$; touch {ready}; while :; do sleep 1000; done"
    outcome = run_step(text, cwd=str(tmp_path), environ=environ, timeout_s=1000)
    assert outcome.timed_out
    assert outcome.exit_code == -1
    assert processes.started_at(int(outcome.stdout)) is None


def test_a_timeout_without_shell_is_a_death_by_a_signal(tmp_path: Path, environ: dict[str, str]) -> None:
    outcome = run_step("sleep 1000", cwd=str(tmp_path), environ=environ, timeout_s=0.05)
    assert (outcome.timed_out, outcome.exit_code, outcome.output) == (True, -1, "")


def test_a_long_timeout_is_no_limit(tmp_path: Path, environ: dict[str, str]) -> None:
    outcome = run_step("/bin/true", cwd=str(tmp_path), environ=environ, timeout_s=366 * 24 * 3600.0)
    assert (outcome.timed_out, outcome.exit_code) == (False, 0)


_INTERRUPTED = """
import json, os, signal, sys
from longpole.rts_tests.scenario.steps import run_step

def interrupt(number, frame):
    raise KeyboardInterrupt

signal.signal(signal.SIGUSR2, interrupt)
outcomes, raised, before = [], False, os.listdir("/dev/fd")
try:
    run_step(sys.argv[1], cwd=sys.argv[2], environ=dict(os.environ), interrupted=outcomes.append)
except KeyboardInterrupt:
    raised = True
told = [(each.exit_code, each.stdout.decode(), each.timed_out) for each in outcomes]
print(json.dumps([raised, told, os.listdir("/dev/fd") == before]))
"""
"""A process of one thread, as a unit is: in the processes of pytest-xdist other threads may get a signal."""


def _interrupted(text: str, folder: Path, environ: dict[str, str]) -> Any:
    """Whether an exception was raised, the outcomes that were told, and whether all descriptors are closed.

    In `text`, `$PPID` is the process that gets SIGUSR2.
    """
    argv = (sys.executable, "-Pc", _INTERRUPTED, text, str(folder))
    done = subprocess.run(argv, env=environ, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def test_an_exception_ends_the_group_and_tells_what_there_was(tmp_path: Path, environ: dict[str, str]) -> None:
    text = "trap 'echo caught; exit 5' TERM; echo $$ >pid; echo begun; kill -USR2 $PPID; sleep 1000 & wait"
    assert _interrupted(text, tmp_path, environ) == [True, [[5, "begun\ncaught\n", False]], True]
    assert processes.started_at(int((tmp_path / "pid").read_text())) is None


def test_a_second_exception_kills_the_group(tmp_path: Path, environ: dict[str, str]) -> None:
    text = "trap 'kill -USR2 $PPID' TERM; echo $$ >pid; kill -USR2 $PPID; while :; do sleep 1000; done"
    assert _interrupted(text, tmp_path, environ) == [True, [], True]
    assert processes.started_at(int((tmp_path / "pid").read_text())) is None


def test_a_signal_while_the_process_is_started_is_met_by_the_wait(tmp_path: Path, environ: dict[str, str]) -> None:
    """However early it comes, the process does not go on."""
    for _ in range(5):
        raised, told, closed = _interrupted("echo $$ >pid; kill -USR2 $PPID; exec sleep 1000", tmp_path, environ)
        assert (raised, len(told), closed) == (True, 1, True)
        assert processes.started_at(int((tmp_path / "pid").read_text())) is None


def test_signals_are_as_before(tmp_path: Path, environ: dict[str, str]) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    run_step("/bin/true", cwd=str(tmp_path), environ=environ)
    run_step("/bin/true", cwd="/no/such/folder", environ=environ)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before


def test_time_for_which_the_run_was_stopped_does_not_count(
    tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by Ctrl-Z: the clock goes on while nothing runs, neither the step nor this process."""
    clock, jumps = time.monotonic, [1000.0]

    class Poll:
        def __init__(self) -> None:
            self._poll = select.poll()
            self.register, self.unregister = self._poll.register, self._poll.unregister

        def poll(self, milliseconds: float | None) -> list[tuple[int, int]]:
            jumps.append(0 if len(jumps) > 1 else 1000)
            return self._poll.poll(milliseconds)

    monkeypatch.setattr(waiting, "select", SimpleNamespace(poll=Poll, POLLIN=select.POLLIN))
    for module in (steps, waiting):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock() + sum(jumps)))
    outcome = run_step("sleep 0.2; echo end", cwd=str(tmp_path), environ=environ, timeout_s=100)
    assert (outcome.timed_out, outcome.stdout) == (False, b"end\n")
    assert outcome.seconds < 100


def test_without_pidfds_processes_are_waited_for_all_the_same(
    tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    outcome = run_step("sleep 0.05; echo a; exec >&- 2>&-; sleep 0.05; exit 3", cwd=str(tmp_path), environ=environ)
    assert (outcome.exit_code, outcome.stdout) == (3, b"a\n")
    assert run_step("sleep 1000", cwd=str(tmp_path), environ=environ, timeout_s=0.05).timed_out


def test_seconds_are_those_of_the_command(tmp_path: Path, environ: dict[str, str]) -> None:
    began = time.monotonic()
    outcome = run_step("sleep 0.05", cwd=str(tmp_path), environ=environ)
    assert 0.05 <= outcome.seconds <= time.monotonic() - began


@pytest.mark.parametrize(
    ("cwd", "folder"), [(None, "/w"), ("a", "/w/a"), ("/x", "/x"), ("$A/b", "/v/b"), ("x$NO", "/w/x$NO")]
)
def test_a_folder_is_relative_to_the_work_directory(cwd: str | None, folder: str) -> None:
    assert folder_of(cwd, Variables({"A": "/v"}), "/w") == folder
