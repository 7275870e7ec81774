"""Runs one command at a time: starts it in a process group of its own, hands on what it prints, and limits its time.

There is no thread, and no process beside the command's. A pipe for each stream and one for the signal that a child has
ended are polled together. A process that the command leaves behind may hold its pipes open for ever, so the command
has ended when its own process has, and what its pipes hold by then has been read.
"""

from __future__ import annotations

import os
import select
import signal
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType, TracebackType

    Feed = Callable[[bytes], None]

GRACE_S = 1.0
"""Seconds between SIGTERM and SIGKILL for a command that takes too long."""
MAX_SILENCE_S = 5.0
"""Seconds after which `on_output` is called, though there is none: what was gathered may be told."""
_PIECE = 32768
_PIECES_LEFT = 32
"""A pipe of Linux holds no more than this many pieces."""
_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_RESTORED = (signal.SIGPIPE, signal.SIGXFSZ)
"""Signals that Python ignores, and commands should not."""


class Command:
    """What is run, where, and for how many seconds at most; None for no limit."""

    __slots__ = ("argv", "cwd", "environ", "timeout")

    def __init__(self, argv: Sequence[str], environ: Mapping[str, str], cwd: str, timeout: float | None) -> None:
        self.argv, self.environ, self.cwd, self.timeout = argv, environ, cwd, timeout


class Ended:
    """How a command ended. `status` is its exit status, or -n for signal n; None if it could not be started."""

    __slots__ = ("problem", "seconds", "status", "timed_out")

    def __init__(self, status: int | None, seconds: float, *, timed_out: bool = False, problem: str = "") -> None:
        self.status, self.seconds, self.timed_out, self.problem = status, seconds, timed_out, problem


class Processes:
    """Runs commands; a context manager, which handles signals of this process meanwhile."""

    def __init__(self) -> None:
        self._pid = 0
        self._wake, self._woken = os.pipe()
        for descriptor in (self._wake, self._woken):
            os.set_blocking(descriptor, False)

    def __enter__(self) -> Processes:
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._woken, warn_on_full_buffer=False)
        for number in _ENDING:
            signal.signal(number, self._stop)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        signal.set_wakeup_fd(-1)
        os.close(self._wake)
        os.close(self._woken)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        """End with the command: the envelope that would say how it ended is missing, and Longpole says why."""
        if self._pid:
            _kill(self._pid, number)
        os._exit(128 + number)

    def run(self, command: Command, on_output: Feed, on_stdout: Feed | None) -> Ended:
        """Run the command. Its output goes to `on_output`, and standard output to `on_stdout`, too, if that is there.

        `on_output` is called with nothing at times, while the command prints nothing.
        """
        begin = time.monotonic()
        streams = [os.pipe() for _ in range(1 if on_stdout is None else 2)]
        # A signal that came between the start and the assignment would leave the command behind.
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        try:
            self._pid = _start(command, [write for _, write in streams])
        except OSError as error:
            for read, _ in streams:
                os.close(read)
            what = f"cannot be started: {error.filename or command.argv[0]}: {error.strerror}"
            return Ended(None, time.monotonic() - begin, problem=what)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
            for _, write in streams:
                os.close(write)
        feeds = {read: on_output for read, _ in streams}
        if on_stdout is not None:
            feeds[streams[0][0]] = _to_both(on_stdout, on_output)
        for read in feeds:
            os.set_blocking(read, False)
        status, timed_out = self._wait(feeds, None if command.timeout is None else begin + command.timeout, on_output)
        ended = Ended(status, time.monotonic() - begin, timed_out=timed_out)
        self._pid = 0
        for read, feed in feeds.items():
            for _ in range(_PIECES_LEFT):  # no more: something that the command left may print for ever
                if not _read(read, feed):
                    break
            os.close(read)
        return ended

    def _wait(self, feeds: Mapping[int, Feed], end: float | None, on_output: Feed) -> tuple[int, bool]:
        """Hand on output until the command has ended; return its status, and whether it took too long."""
        poll = select.poll()
        for descriptor in (*feeds, self._wake):
            poll.register(descriptor, select.POLLIN)
        timed_out = False
        while True:
            pid, waited = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(waited), timed_out
            left = MAX_SILENCE_S if end is None else min(MAX_SILENCE_S, end - time.monotonic())
            if left <= 0 and end is not None:
                _kill(self._pid, signal.SIGKILL if timed_out else signal.SIGTERM)
                timed_out, end = True, time.monotonic() + GRACE_S
                continue
            ready = poll.poll(left * 1000)
            for descriptor, _ in ready:
                if descriptor == self._wake:
                    _read(self._wake, _ignore)
                elif not _read(descriptor, feeds[descriptor]):
                    poll.unregister(descriptor)
            if not ready:
                on_output(b"")


def _start(command: Command, streams: Sequence[int]) -> int:
    os.chdir(command.cwd)
    program = command.argv[0]
    if "/" not in program:
        places = (os.path.join(folder, program) for folder in os.get_exec_path(command.environ))
        program = next((place for place in places if os.access(place, os.X_OK) and not os.path.isdir(place)), program)
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, streams[0], 1),
        (os.POSIX_SPAWN_DUP2, streams[-1], 2),
    ]
    return os.posix_spawn(
        program,
        list(command.argv),
        dict(command.environ),
        file_actions=actions,
        setpgroup=0,
        setsigdef=_RESTORED,
        setsigmask=(),
    )


def _to_both(first: Feed, second: Feed) -> Feed:
    def feed(data: bytes) -> None:
        first(data)
        second(data)

    return feed


def _read(descriptor: int, feed: Feed) -> bool:
    """Hand on a piece that can be read now; return whether more may come."""
    try:
        data = os.read(descriptor, _PIECE)
    except BlockingIOError:
        return False
    if data:
        feed(data)
    return bool(data)


def _ignore(data: bytes) -> None:
    pass


def _kill(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return
