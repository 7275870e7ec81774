"""The process that starts the programs of `longpole perf run`, one after another, and measures them.

It is a process of its own because the kernel counts a program's peak memory from before its exec: it is never lower
than that of the process which started it. Longpole has tens of megabytes; this Python, without site packages, has ten,
and imports no more than it needs. It also has a working folder, a session and descendants of its own: it outlives
Longpole for long enough to end what is running.

    python -I -S launcher.py PARENT OUT ERR

PARENT is the pid of Longpole, OUT and ERR are file descriptors of files for standard output and standard error.

A `Request` comes on standard input, its `Answer` goes to standard output, one at a time, both as `marshal` writes them:
the two processes are the same Python. The answer to None is None. SIGTERM ends the program that is running. At the end
of standard input everything that is still running is killed.

On Linux it adopts what programs leave behind, and gets SIGTERM when Longpole is killed. Both are kept over an exec, so
that `ctypes` is not in the process that measures.
"""

import marshal
import os
import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType
from typing import IO

GRACE_S = 1.0
"""Between SIGTERM and SIGKILL."""
_IGNORED_BY_PYTHON = [signal.SIGPIPE, signal.SIGXFSZ]
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_SERVE = "--serve"

Request = tuple[str, list[str], dict[str, str], str, float, str, bool]
"""The path of a program; its argument list, environment and folder; its timeout in seconds; where its standard output
goes, `out`, `err` or `null`; whether its process group is killed when it has ended."""
Answer = tuple[str, int, int, float, int, bool]
"""Why it could not be started, or empty; its wait status; wall nanoseconds; CPU seconds; `ru_maxrss`, 0 if that may be
the memory of this process; whether it timed out."""
_CLEARLY_ABOVE = 1.05
"""Above our own peak by so much is a program's own; the kernel's two figures of our own may differ a little."""


class _Running:
    """The program that is running: its process group, 0 if there is none, and how often it has been told to end."""

    def __init__(self, parent: int) -> None:
        self.parent = parent
        self.group = 0
        self.asked = 0
        self.timed_out = False

    def on_timeout(self, number: int, frame: FrameType | None) -> None:
        self.timed_out = self.timed_out or not self.asked
        self.end(number, frame)

    def end(self, number: int, frame: FrameType | None) -> None:
        """Ask the group to end; the second time kill it."""
        if self.group:
            self.asked += 1
            signal.setitimer(signal.ITIMER_REAL, GRACE_S)
            kill_group(self.group, signal.SIGTERM if self.asked == 1 else signal.SIGKILL)


def kill_group(group: int, number: int) -> None:
    """Signal a process group that may be gone; 0, which would be our own, is none."""
    if not group:
        return
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
        pass


def serve(parent: int, requests: IO[bytes], answers: IO[bytes], out: int, err: int) -> None:
    """Execute what the process `parent` requests until there is no more."""
    running = _Running(parent)
    signal.signal(signal.SIGTERM, running.end)
    signal.signal(signal.SIGALRM, running.on_timeout)
    null = os.open(os.devnull, os.O_RDWR)
    descriptors = {"out": out, "err": err, "null": null}
    while True:
        try:
            request = marshal.load(requests)  # noqa: S302  from our parent
        except EOFError:
            return
        if request is None:
            _answer(answers, None)
            continue
        *_, stdout, ends_group = request
        _reap()
        for file in (out, err):
            os.ftruncate(file, 0)
            os.lseek(file, 0, os.SEEK_SET)
        streams = (null, descriptors[stdout], err)
        answer = _execute(running, request, streams)
        if ends_group or running.asked:
            kill_group(running.group, signal.SIGKILL)
        running.group = 0
        _answer(answers, answer)


def _answer(answers: IO[bytes], answer: Answer | None) -> None:
    marshal.dump(answer, answers)
    answers.flush()


def _execute(running: _Running, request: Request, streams: tuple[int, int, int]) -> Answer:
    """Start a program in a process group of its own, wait for its end, and return what it took."""
    program, argv, environ, cwd, timeout_s, _, _ = request
    running.group, running.asked, running.timed_out = 0, 0, False
    actions = [(os.POSIX_SPAWN_DUP2, descriptor, number) for number, descriptor in enumerate(streams)]
    try:
        os.chdir(cwd)
    except OSError as error:
        return (f"the folder {cwd}: {error.strerror}", 0, 0, 0.0, 0, False)
    try:
        begin = time.perf_counter_ns()
        pid = os.posix_spawn(
            program, argv, environ, file_actions=actions, setpgroup=0, setsigmask=[], setsigdef=_IGNORED_BY_PYTHON
        )
    except OSError as error:
        return (f"{program} cannot be executed: {error.strerror}", 0, 0, 0.0, 0, False)
    running.group = pid
    signal.setitimer(signal.ITIMER_REAL, timeout_s)
    if os.getppid() != running.parent:  # Longpole was killed before there was a group to end
        running.end(signal.SIGTERM, None)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter_ns() - begin
    signal.setitimer(signal.ITIMER_REAL, 0)
    peak = usage.ru_maxrss if usage.ru_maxrss > _peak_of_this_process() * _CLEARLY_ABOVE else 0
    return ("", status, wall, usage.ru_utime + usage.ru_stime, peak, running.timed_out)


def _peak_of_this_process() -> int:
    """The peak memory in KiB that every program is counted to have had; 0 where it is counted from its exec."""
    try:
        with open("/proc/self/status", "rb") as file:
            return next((int(line.split()[1]) for line in file if line.startswith(b"VmHWM:")), 0)
    except OSError:
        return 0


# -- what programs leave behind ---------------------------------------------------------------------------------------


def _reap() -> None:
    """Take note of adopted processes that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _end_all() -> None:
    """Kill all descendants. The children of one that ends become ours, so that one look after another finds all."""
    while pids := _children():
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        for pid in pids:
            try:
                os.waitpid(pid, 0)
            except ChildProcessError:
                pass


def _children() -> list[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", "rb") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def _adopt() -> None:
    """Become the parent of orphaned descendants, and get SIGTERM with the parent's end (Linux)."""
    import ctypes

    prctl = ctypes.CDLL(None).prctl
    prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)


def main(argv: Sequence[str]) -> None:
    """Prepare this process, and serve."""
    if argv[-1] != _SERVE:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # until there is something to end
        if sys.platform == "linux":
            _adopt()
        os.execv(sys.executable, [sys.executable, "-I", "-S", *argv, _SERVE])  # noqa: S606  no shell is needed
    try:
        serve(int(argv[1]), sys.stdin.buffer, sys.stdout.buffer, int(argv[2]), int(argv[3]))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Longpole was killed; Python would flush, and fail again
    finally:
        _end_all()


if __name__ == "__main__":
    main(sys.argv)
