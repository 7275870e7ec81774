"""What the kernel knows of processes: cores for them, adopting orphans, dying with a parent, ending descendants.

Linux offers all of it. Elsewhere (macOS) the functions do what process groups can do, and say so.
"""

import ctypes
import os
import signal
import sys
import time

HANDLED_SIGNALS = [
    signal.Signals[name]
    for name in ("SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGPIPE", "SIGCHLD", "SIGTSTP", "SIGXFSZ")
]
"""What the supervisor, or Python for it, handles or ignores, and what its children must get back as it was."""

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36

_prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None


def usable_cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends (Linux); elsewhere init does."""
    if _prctl is not None:
        _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def signal_on_parent_death(number: int) -> None:
    """Have the kernel send `number` to this process when its parent ends (Linux); elsewhere nothing."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def children_of(pid: int) -> list[int]:
    """The direct children of a single-threaded process; empty where the kernel does not tell."""
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


def _parents() -> dict[int, list[int]]:
    """Parent to children over all of /proc: also right where a process forks from a second thread."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    parent = int(file.read().rpartition(b")")[2].split()[1])
            except (OSError, IndexError, ValueError):
                continue
            children.setdefault(parent, []).append(int(name))
    return children


def descendants_of(pid: int) -> list[int]:
    """All processes below `pid`, parents before children; empty where there is no /proc."""
    if sys.platform != "linux":
        return []
    tree = _parents()
    found = list(tree.get(pid, ()))
    for each in found:
        found.extend(tree.get(each, ()))
    return found


def command_of(pid: int) -> str:
    """A process's command line for people, `?` when it is gone."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read(400).rstrip(b"\0").split(b"\0")
    except OSError:
        return "?"
    return b" ".join(words).decode(errors="replace") or "?"


def environment_of(pid: int) -> bytes:
    """The environment a process was executed with, NUL-separated; empty when it cannot be read."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return file.read()
    except OSError:
        return b""


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """Signal one process; one that is gone is what was wanted."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def kill_group(group: int, number: int = signal.SIGKILL) -> bool:
    """Signal a process group; return whether any process of it was there."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def end_descendants(*, spared: bytes | None = None) -> None:
    """Kill everything below this process and wait until nothing is left.

    What dies hands its children to us, the subreaper, so the loop ends only when there is no child any more. Processes
    that appear between looking and killing are found in the next round. A process whose environment holds `spared` is
    left alone.
    """
    me = os.getpid()
    while True:
        found = descendants_of(me) or children_of(me)
        if spared is not None:
            found = [pid for pid in found if spared not in environment_of(pid) and _is_alive(pid)]
        for pid in found:
            kill(pid)
        if not _reap_ended() or (spared is not None and not found):
            return
        time.sleep(0.001)


def _reap_ended() -> bool:
    """Reap every child that has ended; return whether there still are children."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _is_alive(pid: int) -> bool:
    return started_at(pid) is not None


def started_at(pid: int) -> float | None:
    """When a living process started, in seconds since the machine did, give or take a clock tick; None if it is over.

    Where there is no /proc this is None as well.
    """
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[0] in (b"Z", b"X") else int(fields[19]) / os.sysconf("SC_CLK_TCK")
