"""make as a child of ours that a terminal cannot tell from make itself, and how the run below it ended.

make turns every status but 0 into 2. So the run tells its own through a pipe, whose number make passes on in the
environment.
"""

import os
import signal
from collections.abc import Callable, Mapping, Sequence

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.machine import processes

STATUS = "LONGPOLE_STATUS"


def run_make(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run make to its end; return the status of the run below it, or make's own where no run failed.

    What the terminal sends reaches make as well, and we wait for what comes of it; what is sent to us is passed on.
    Raises `UseError` when there is no make.
    """
    import subprocess  # the run below imports this file too, and does not need it

    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGHUP))
    for number in (signal.SIGINT, signal.SIGQUIT):
        _handle(number, lambda *_: None)

    def in_make() -> None:
        processes.signal_on_parent_death(signal.SIGTERM)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)

    try:
        make = subprocess.Popen(
            argv,
            env={**environ, STATUS: f"{writer}:{os.fstat(writer).st_ino}"},
            pass_fds=[writer],
            preexec_fn=in_make,  # noqa: PLW1509  there is one thread
        )
    except OSError as error:
        what = f"cannot be executed: {error.strerror}"
        raise UseError.at(argv[0], what, "install GNU make, and have it in PATH") from None
    os.close(writer)
    for number in (signal.SIGTERM, signal.SIGHUP):
        _handle(number, lambda number, _: make.send_signal(number))
    signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    ended = make.wait()
    _handle(signal.SIGINT, signal.SIG_IGN)  # Python ends with the default, and all is decided
    statuses = _told(reader)
    os.close(reader)
    if ended == -signal.SIGINT:
        return ExitStatus.INTERRUPTED
    return max(statuses, default=0) or (128 - ended if ended < 0 else ended)


def _handle(number: signal.Signals, handler: Callable[[int, object], None] | signal.Handlers) -> None:
    """Set a handler, which make does not inherit; what our caller ignores stays ignored, which make inherits."""
    if signal.getsignal(number) != signal.SIG_IGN:
        signal.signal(number, handler)


def _told(reader: int) -> list[int]:
    try:
        return [int(word) for word in os.read(reader, 65536).split() if word.isdigit()]
    except BlockingIOError:  # nothing was told, and something that was left running holds the other end
        return []


def telling(work: Callable[[], int]) -> int:
    """Call `work`, which is a run, and tell its exit status to the `longpole run` above us, if there is one."""
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


def _writer(said: str) -> int | None:
    """The pipe's end, kept from everybody below; None where it is not that which `longpole run` opened."""
    try:
        writer, inode = map(int, said.split(":"))
        if os.fstat(writer).st_ino == inode:
            os.set_inheritable(writer, False)
            return writer
    except (ValueError, OSError):
        pass
    return None
