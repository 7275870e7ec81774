"""Runs make as a child process that behaves on a terminal like make itself, and returns the exit status of the run.

make turns every status but 0 into 2. So the run below make writes its own status to a pipe, whose number it finds in
the environment.
"""

import os
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.machine import processes

if TYPE_CHECKING:
    import subprocess

STATUS = "LONGPOLE_STATUS"


def run_make(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run make to its end; return the highest status of the runs below it, or make's own if no run failed.

    The terminal's signals reach make directly, and we wait for make; SIGTERM and SIGHUP to us are passed on to make.
    Raises `UseError` if make cannot be executed.
    """
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGHUP))
    for number in (signal.SIGINT, signal.SIGQUIT):
        _handle(number, lambda *_: None)
    environ = {**environ, STATUS: f"{writer}:{os.fstat(writer).st_ino}"}
    make = start_make(argv, environ, blocked, pass_fds=(writer,))
    os.close(writer)
    for number in (signal.SIGTERM, signal.SIGHUP):
        _handle(number, lambda number, _: make.send_signal(number))
    signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    ended = make.wait()
    _handle(signal.SIGINT, signal.SIG_IGN)  # Python restores the default at its end, and the result is known
    statuses = _statuses_from(reader)
    os.close(reader)
    if ended == -signal.SIGINT:
        return ExitStatus.INTERRUPTED
    return max(statuses, default=0) or (128 - ended if ended < 0 else ended)


def start_make(
    argv: Sequence[str],
    environ: Mapping[str, str],
    blocked: Iterable[int],
    *,
    pass_fds: Sequence[int] = (),
    stdin: int | None = None,
    output: int | None = None,
) -> "subprocess.Popen[bytes]":
    """Start make, which ends when this process does; return it. `blocked` are the signals that it blocks.

    `output` is the descriptor of its standard output and standard error; None for ours. Raises `UseError` if make
    cannot be executed. The caller must have one thread only.
    """
    import subprocess  # the run below imports this file, too, and does not need it

    me = os.getpid()

    def in_make() -> None:
        _end_with(me)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)

    try:
        return subprocess.Popen(
            argv,
            env=environ,
            pass_fds=pass_fds,
            stdin=stdin,
            stdout=output,
            stderr=output,
            preexec_fn=in_make,  # noqa: PLW1509  there is one thread
        )
    except OSError as error:
        what = f"cannot be executed: {error.strerror}"
        raise UseError.at(argv[0], what, "install GNU make and put it in PATH") from None


def _handle(number: signal.Signals, handler: Callable[[int, object], None] | signal.Handlers) -> None:
    """Set a handler, which make does not inherit. A signal that our caller ignores stays ignored, also in make."""
    if signal.getsignal(number) != signal.SIG_IGN:
        signal.signal(number, handler)


def _end_with(parent: int) -> None:
    """Let this process end when `parent` does, also if `parent` ended before the kernel knew whom to tell."""
    processes.signal_on_parent_death(signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(ExitStatus.INTERRUPTED)


def _statuses_from(reader: int) -> list[int]:
    try:
        return [int(word) for word in os.read(reader, 65536).split() if word.isdigit()]
    except BlockingIOError:  # no run wrote a status, and a process that was left running holds the other end
        return []


def reporting_status(work: Callable[[], int]) -> int:
    """Call `work`, a run, and return its exit status; write it to the pipe of the `longpole run` above, if any.

    Raises what `work` raises; the status written then is that of a `UseError`, else `MISUSE`.
    """
    writer = _writer(os.environ.pop(STATUS, ""))
    status: int = ExitStatus.MISUSE
    try:
        status = work()
    except UseError as error:
        status = error.exit_code
        raise
    finally:
        if writer is not None:
            os.write(writer, b"%d\n" % status)
            os.close(writer)
    return status


def _writer(value: str) -> int | None:
    """Return the pipe's end, which no child inherits; None if it is not the one that `longpole run` opened."""
    try:
        writer, inode = map(int, value.split(":"))
        if os.fstat(writer).st_ino == inode:
            os.set_inheritable(writer, False)
            return writer
    except (ValueError, OSError):
        pass
    return None
