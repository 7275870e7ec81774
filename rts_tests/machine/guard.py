"""The guard: the parent of the supervisor, whose only job is to outlive it.

If the supervisor is killed, even with SIGKILL, the kernel hands its children to the nearest subreaper above it: the
guard. The guard ends them all, so that neither make nor a unit nor what a unit started survives. If make above the
guard is killed, the kernel signals the guard, and the guard tells the supervisor to end at once. The guard also looks
itself, at its start and twice a second, whether it still descends from make: make may have been killed before the
kernel knew whom to signal, or the guard may be a grandchild of make. Ctrl-C reaches the whole foreground group; the
supervisor ignores it, and the guard sends it one SIGTERM per keystroke.
"""

import os
import select
import signal
import sys
from collections.abc import Callable, Sequence

from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.machine import processes

ABORT_GRACE_S = 0.6
POLL_S = 0.5
PARENT_DIED = signal.SIGUSR2

_SWEEP = r"""
trap '' INT HUP TERM
read -r mark && [ -n "$mark" ] || exit
set --
while read -r word; do
  set -- "$@" "$word"
done
below() {
  for child in $(cat /proc/"$1"/task/*/children); do
    echo "$child"
    below "$child"
  done
}
alive() {
  for file in $(grep -lsF -e "$mark" /proc/[0-9]*/environ); do
    file=${file#/proc/}
    echo "${file%/environ}"
    below "${file%/environ}"
  done
}
{
  for round in 1 2 3 4 5 6 7 8 9; do
    pids=$(alive)
    [ -n "$pids" ] || break
    kill -STOP $pids
    kill -9 $(alive) $pids
  done
} 2>/dev/null
[ $# -eq 0 ] || exec "$@"
"""
"""The sweeper: it ends a run whose guard and supervisor were killed at once, and removes what the run would have.

It finds processes by the run's name in their environments, and those that have removed it as descendants of the others.
All are stopped first, so that none ends or starts another while it looks. Then it executes what it was told.

It is a separate shell, so that a kill by name or command line does not reach it, too. For the same reason it reads what
it needs from its input.
"""


def guarded(  # long: block, hand over and restore are one sequence, to be read from top to bottom
    work: Callable[[], int],
    mark: str,
    *,
    failed: Callable[[BaseException], None],
    above: int | None = None,
    meanwhile: Callable[[], None] | None = None,
    clean: Callable[[], None] | None = None,
    sweep: Sequence[str] = (),
) -> int:
    """Call `work` in a forked child and return its exit status, or minus the signal that ended it.

    If `work` raises an exception, `failed` is called with it, and the child ends by SIGKILL.

    When this returns, no process that `work` started is left. The caller must have one thread only. Processes whose
    environment contains `mark` are ended even if this process and its child are killed at the same time (Linux).
    `above` is the process id of the make above that waits for the result, None if none does: if it ends, or has ended
    already, the work ends. `meanwhile` is called as soon as the child runs; it must be short, because signals are
    handled only after it returns. `clean` is called when all processes have ended; should this process be killed before
    it has returned, the command `sweep` is executed instead.
    """
    guard = os.getpid()
    processes.adopt_orphans()
    held, line = os.pipe()  # both sides of the fork hold `line`; the sweeper reads its end of file when both are gone
    reader, writer = os.pipe()
    for descriptor in (reader, writer):
        os.set_blocking(descriptor, False)
    handled = (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, PARENT_DIED)
    signal.pthread_sigmask(signal.SIG_BLOCK, handled)  # no signal is lost or kills before both sides listen
    pid = os.fork()
    if pid == 0:
        _child(work, failed, guard, above, (reader, writer))
    sweeper = _start_sweeper(held)
    os.close(held)
    if sweeper:
        try:
            words = (mark, *sweep) if not any("\n" in word for word in sweep) else (mark,)
            os.write(line, b"".join(os.fsencode(word) + b"\n" for word in words))
        except BrokenPipeError:
            pass  # it has been killed
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in handled:
        signal.signal(number, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, handled)
    if above is not None:
        processes.signal_on_parent_death(PARENT_DIED)
    if meanwhile is not None:
        meanwhile()
    status = _watch(pid, reader, above)
    if status < 0:  # the supervisor was killed, and did not end its children
        processes.end_descendants(spared=_sweeper_mark())
    if clean is not None:
        clean()
    if sweeper:
        processes.kill(sweeper)  # before the end of file, at which it would sweep
        os.waitpid(sweeper, 0)
    os.close(line)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    os.close(reader)
    os.close(writer)
    return status


def _sweeper_mark() -> bytes:
    """What the environment of this guard's sweeper contains; it outlives all others, should the guard be killed."""
    return f"LONGPOLE_SWEEPER_OF={os.getpid()}".encode()


def _start_sweeper(line: int) -> int:
    """Start the sweeper, which sweeps at the end of file of `line`; return its pid, 0 if there is none."""
    if sys.platform != "linux":
        return 0
    name, _, value = _sweeper_mark().decode().partition("=")
    environ = {"PATH": os.environ.get("PATH", os.defpath), name: value}
    actions = [(os.POSIX_SPAWN_DUP2, line, 0)]
    try:
        return os.posix_spawnp("sh", ["sh", "-c", _SWEEP], environ, file_actions=actions, setpgroup=0, setsigmask=[])
    except OSError:
        return 0


def _child(
    work: Callable[[], int],
    failed: Callable[[BaseException], None],
    guard: int,
    above: int | None,
    of_guard: tuple[int, int],
) -> None:
    try:
        for descriptor in of_guard:
            os.close(descriptor)
        processes.signal_on_parent_death(signal.SIGQUIT)
        if os.getppid() != guard or not _is_wanted(above):  # one was killed before the kernel knew whom to tell
            os._exit(ExitStatus.INTERRUPTED)
        os._exit(work())
    except BaseException as error:
        failed(error)
    finally:
        os.kill(os.getpid(), signal.SIGKILL)  # then the guard ends all that is left


def _is_wanted(above: int | None) -> bool:
    """Whether the make above, which waits for the result, lives; also true if none does."""
    return above is None or processes.is_below(above)


def _watch(pid: int, reader: int, above: int | None) -> int:
    wanted = True
    deadline: int | None = None  # in polls
    while True:
        if wanted and not _is_wanted(above):
            wanted = False
            processes.kill(pid, signal.SIGQUIT)
            deadline = 1
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
