"""Processes: usable cores, adopting orphans, dying with a parent, finding and ending descendants.

Linux offers all of it. Elsewhere (macOS) the functions do less; each docstring says what.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Collection, Iterable

from longpole.rts_tests.machine.process_table import below, process_of, process_table

HANDLED_SIGNALS = [
    signal.Signals[name]
    for name in ("SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGPIPE", "SIGCHLD", "SIGTSTP", "SIGXFSZ")
]
"""Signals that the supervisor, or Python in it, handles or ignores; its children get the default handlers back."""

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36

_prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None


def usable_cores() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends (Linux); elsewhere init becomes it."""
    if _prctl is not None:
        _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def signal_on_parent_death(number: int) -> None:
    """Have the kernel send `number` to this process when its parent ends (Linux); elsewhere nothing."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def is_below(ancestor: int) -> bool:
    """Whether this process still descends from `ancestor`; where /proc does not say, whether `ancestor` exists."""
    pid = os.getppid()
    while pid != ancestor:
        if pid <= 1:
            return False
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                pid = int(file.read().rpartition(b")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            return ancestor > 0 and exists(ancestor)
    return True


def exists(pid: int) -> bool:
    """Whether there is a process `pid`, also one that has ended but was not reaped."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def children_of(pid: int) -> list[int]:
    """The pids of the direct children of a single-threaded process; empty if the kernel does not list them."""
    try:
        descriptor = os.open(f"/proc/{pid}/task/{pid}/children", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return []
    try:
        text = b""
        while data := os.read(descriptor, 4096):  # the kernel gives no more than a page at a time
            text += data
    except OSError:
        return []
    finally:
        os.close(descriptor)
    return [int(word) for word in text.split()]


def command_of(pid: int) -> str:
    """A process's command line, for messages; `?` if the process is gone."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read(400).rstrip(b"\0").split(b"\0")
    except OSError:
        return "?"
    return b" ".join(words).decode(errors="replace") or "?"


def environment_of(pid: int) -> bytes:
    """The environment a process was executed with, NUL-separated; empty if it cannot be read."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return file.read()
    except OSError:
        return b""


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """Signal one process; a process that is gone, or belongs to another user, is ignored."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def kill_group(group: int, number: int = signal.SIGKILL) -> bool:
    """Signal a process group; return whether it has any process."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def signal_trees(roots: Iterable[int], *numbers: signal.Signals) -> None:
    """Send signals to `roots`, which descend from this process, to their process groups, and to all below them.

    A process may leave its group, for another one or for a new session; its parent does not change by that. A process
    in the group of a root gets each signal through the group, every other one by itself, and each only once. A process
    may end, and the kernel may give its pid to another, between the look at /proc and the signal: so each is held by a
    pidfd (Linux 5.3), and must still be the process of the look. Processes of other users are ignored.
    """
    roots = list(roots)
    if not roots:
        return
    table = process_table()
    for number in numbers:
        for root in roots:
            kill_group(root, number)
    if not table:
        for root in roots:
            _signal_outside(root, roots, numbers)
        return
    ours = set(below(table, [os.getpid()]))
    own_roots = [root for root in roots if root in ours]  # a warm unit may have been reaped, and its pid given away
    for pid in [*own_roots, *below(table, own_roots)]:
        if table[pid].group not in roots:
            _signal_if_same(pid, table[pid].started, numbers)


def _signal_outside(pid: int, groups: Collection[int], numbers: Iterable[int]) -> None:
    try:
        group = os.getpgid(pid)
    except OSError:
        return
    for number in numbers if group not in groups else ():
        kill(pid, number)


def _signal_if_same(pid: int, started: int, numbers: Iterable[int]) -> None:
    try:
        handle = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else -1
    except ProcessLookupError:
        return
    except OSError:  # an old kernel, or no descriptor is left
        handle = -1
    try:
        now = process_of(pid)
        if now is None or now.started != started:
            return
        for number in numbers:
            if handle < 0:
                kill(pid, number)
            else:
                signal.pidfd_send_signal(handle, number)
    except OSError:
        pass
    finally:
        if handle >= 0:
            os.close(handle)


def end_descendants(*, spared: bytes | None = None) -> None:
    """Kill all descendants of this process and wait until none is left.

    The children of a process that ends become ours (we are the subreaper), so the loop ends only when there are no more
    children. Processes that appear between the look and the kill are found in the next round. A process whose
    environment contains `spared` is not killed. Children are killed before their parents: should this process be killed
    meanwhile, those that are left can still be found from those above them.
    """
    me = os.getpid()
    while True:
        pids = below(process_table(), [me]) or children_of(me)
        if spared is not None:
            pids = [pid for pid in pids if spared not in environment_of(pid) and _is_alive(pid)]
        for pid in reversed(pids):
            kill(pid)
        if not _reap_ended() or (spared is not None and not pids):
            return
        time.sleep(0.001)


def _reap_ended() -> bool:
    """Reap every child that has ended; return whether any child is left."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _is_alive(pid: int) -> bool:
    return started_at(pid) is not None


def started_at(pid: int) -> float | None:
    """Return when a living process started, in seconds since boot, to a clock tick; None if it has ended.

    Without /proc, always None.
    """
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[0] in (b"Z", b"X") else int(fields[19]) / os.sysconf("SC_CLK_TCK")
