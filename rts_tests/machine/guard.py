"""The guard: the parent of the supervisor, which does nothing but outlive it.

Should the supervisor be killed, even with SIGKILL, the kernel hands its children to the nearest subreaper above it: to
us. We end them all, so that neither make nor a unit nor what a unit started lives on. Should make above us be killed,
the kernel tells us (or, where it does not, our parent changes), and we let the supervisor end at once. Ctrl-C reaches
the whole foreground group; the supervisor ignores it and is told by us, once a keystroke.
"""

import os
import select
import signal
import sys
from collections.abc import Callable

from longpole.rts_tests.machine import processes

ABORT_GRACE_S = 0.6
POLL_S = 0.5
PARENT_DIED = signal.SIGUSR2

_SWEEP = r"""
trap '' INT HUP TERM
read -r mark && [ -n "$mark" ] || exit
read -r end && exit
for round in 1 2 3 4 5 6 7 8 9; do
  found=$(grep -lsF -e "$mark" /proc/[0-9]*/environ)
  [ -n "$found" ] || exit
  for each in $found; do
    each=${each#/proc/}
    kill -9 "${each%/environ}"
  done
done 2>/dev/null
"""
"""What ends a run whose guard and supervisor were killed at once: it finds the run's name in processes' environments.

A shell of its own, so that whoever kills by name or by command line does not kill it too.
"""


def guarded(  # long: what is blocked, handed over and given back again is one sequence, to be read from top to bottom
    work: Callable[[], int], mark: str, *, with_parent: bool = True, meanwhile: Callable[[], None] | None = None
) -> int:
    """Call `work` in a forked child and return its exit status, or minus the signal that ended it.

    When this returns, no process that `work` started is left. Must be called while there is but one thread. Processes
    whose environment holds `mark` are ended even if this process and its child are killed at the same time (Linux).
    `with_parent` says that there is a make above us, without which there is nobody to work for. `meanwhile` is called
    as soon as the child runs; what arrives until it returns is heard then, so it must be short.
    """
    parent = os.getppid() if with_parent else None
    processes.adopt_orphans()
    held, line = os.pipe()  # both sides of the fork hold `line`; the sweeper hears when neither does any more
    reader, writer = os.pipe()
    for descriptor in (reader, writer):
        os.set_blocking(descriptor, False)
    handled = (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, PARENT_DIED)
    signal.pthread_sigmask(signal.SIG_BLOCK, handled)  # until both sides listen, nothing is lost and nobody dies
    pid = os.fork()
    if pid == 0:
        _child(work, reader, writer)
    sweeper = _start_sweeper(held)
    os.close(held)
    if sweeper:
        os.write(line, f"{mark}\n".encode())
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in handled:
        signal.signal(number, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, handled)
    if with_parent:
        processes.signal_on_parent_death(PARENT_DIED)
    if meanwhile is not None:
        meanwhile()
    status = _watch(pid, reader, parent)
    if sweeper:
        os.write(line, b"end\n")
        os.close(line)
        os.waitpid(sweeper, 0)
    if status < 0:  # it was killed, and left to us what it would have ended
        processes.end_descendants()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    os.close(reader)
    os.close(writer)
    return status


def _start_sweeper(line: int) -> int:
    """Start the shell that reads `line` and sweeps at its end; its pid, 0 for none."""
    if sys.platform != "linux":
        return 0
    environ = {"PATH": os.environ.get("PATH", os.defpath)}
    actions = [(os.POSIX_SPAWN_DUP2, line, 0)]
    try:
        return os.posix_spawnp("sh", ["sh", "-c", _SWEEP], environ, file_actions=actions, setpgroup=0, setsigmask=[])
    except OSError:
        return 0


def _child(work: Callable[[], int], reader: int, writer: int) -> None:
    try:
        os.close(reader)
        os.close(writer)
        processes.signal_on_parent_death(signal.SIGQUIT)
        os._exit(work())
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os.kill(os.getpid(), signal.SIGKILL)  # so that the guard ends what is left


def _watch(pid: int, reader: int, parent: int | None) -> int:
    alive = True
    deadline: int | None = None  # in polls
    while True:
        ready, _, _ = select.select([reader], [], [], ABORT_GRACE_S if deadline else POLL_S)
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if deadline is not None and not ready:
            processes.kill(pid)
            deadline = None
        for number in os.read(reader, 4096) if ready else b"":
            if number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                processes.kill(pid, signal.SIGTERM)
            elif number == signal.SIGQUIT:
                processes.kill(pid, signal.SIGQUIT)
        if alive and parent is not None and os.getppid() != parent:
            alive = False
            processes.kill(pid, signal.SIGQUIT)
            deadline = 1
