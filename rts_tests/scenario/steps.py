"""Runs the command line of a step until it has ended, and collects its output.

One poll loop waits for the process (a pidfd) and for its pipes. A step has ended when its process has, and its pipes:
what it started in the background may hold them, and write more, for `PIPES_S` seconds. Then the step has ended all the
same; nothing is killed, and a pipe that is still open goes to `meanwhile`, where it is read and forgotten, so that a
daemon does not die of a closed pipe.
"""

import os
import select
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from longpole.rts_tests.machine import processes
from longpole.rts_tests.scenario.start import KILLED, start
from longpole.rts_tests.scenario.variables import Variables

PIPES_S = 5.0
"""How long a step waits for its pipes after its process has ended."""
GRACE_S = 2.0
"""How long a process group has between SIGTERM and SIGKILL."""
MAX_OUTPUT_BYTES = 64 << 20
"""What is kept of one stream."""

_CHUNK = 1 << 16
_WITHOUT_PIDFD_S = 0.01
_MAX_WAIT_S = 3600.0
_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""White space by Unicode's property White_Space; `str.strip` takes four control characters more."""

Meanwhile = dict[int, Callable[[], None]]
"""Descriptors that are polled beside a step's own. The callable reads one, and removes it at its end."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command line ended. `problem` says why it could not be started; the exit code is -1 then.

    `dropped` is the number of bytes of output that were not kept.
    """

    exit_code: int
    stdout: bytes
    stderr: bytes
    seconds: float
    timed_out: bool = False
    problem: str | None = None
    dropped: int = 0

    @property
    def output(self) -> str:
        """Standard output without white space at its ends, a newline, and standard error likewise, if not empty."""
        return "\n".join(text for text in (stripped(self.stdout), stripped(self.stderr)) if text)


def stripped(data: bytes) -> str:
    """Return `data` as text, undecodable bytes replaced, without white space at both ends."""
    return data.decode(errors="replace").strip(_SPACE)


def folder_of(cwd: str | None, variables: Variables, work: str) -> str:
    """Return the folder in which a step with this `cwd` is run, to which the paths of its checks are relative."""
    return work if cwd is None else os.path.join(work, variables.expand(cwd))


def run_step(
    text: str,
    *,
    cwd: str,
    environ: Mapping[str, str],
    timeout_s: float | None = None,
    meanwhile: Meanwhile | None = None,
) -> Outcome:
    """Run `text`, in which variables are expanded, in `cwd`, with empty input, and wait for its end.

    After `timeout_s` its process group gets SIGTERM, and SIGKILL two seconds later. If an exception, such as
    KeyboardInterrupt, ends the wait, the group is killed.
    """
    began = time.monotonic()
    out, err = _Stream(), _Stream()
    try:
        with _empty() as stdin, out.writer() as stdout, err.writer() as stderr:
            started = start(text, cwd=cwd, environ=environ, stdin=stdin, stdout=stdout, stderr=stderr)
    except (OSError, ValueError) as error:
        out.close()
        err.close()
        return Outcome(KILLED, b"", b"", time.monotonic() - began, problem=why_not(error, cwd))
    wait = _Wait(started.pid, (out, err), meanwhile if meanwhile is not None else {})
    try:
        wait.run(None if timeout_s is None else began + timeout_s)
    except BaseException:
        processes.kill_group(started.pid)
        raise
    finally:
        status = wait.close()
        for stream in (out, err):
            stream.leave(meanwhile)
    code, message = started.ended(status)
    seconds = time.monotonic() - began
    return Outcome(code, out.data(), err.data() + message, seconds, wait.timed_out, dropped=out.dropped + err.dropped)


def why_not(error: OSError | ValueError, cwd: str) -> str:
    """Why a command line could not be started in the folder `cwd`, in a sentence."""
    if not isinstance(error, OSError):
        return f"the command cannot be executed: {error}"
    if error.filename == cwd:
        return f"the working directory {cwd} cannot be entered: {error.strerror}"
    return f"{error.filename or 'the command'} cannot be executed: {error.strerror}"


@contextmanager
def _empty() -> Iterator[int]:
    descriptor = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


class _Stream:
    """A pipe, and what was read from it."""

    def __init__(self) -> None:
        self.reader = -1
        self.dropped = 0
        self._chunks: list[bytes] = []
        self._size = 0

    @contextmanager
    def writer(self) -> Iterator[int]:
        """Make the pipe; its other end is open in the body."""
        self.reader, writer = os.pipe()
        try:
            yield writer
        finally:
            os.close(writer)

    def read(self) -> None:
        """Read what there is; the pipe is closed at its end."""
        data = os.read(self.reader, _CHUNK)
        if not data:
            self.close()
        elif self._size < MAX_OUTPUT_BYTES:
            self._chunks.append(data)
            self._size += len(data)
        else:
            self.dropped += len(data)

    def data(self) -> bytes:
        return b"".join(self._chunks)

    def close(self) -> None:
        if self.reader >= 0:
            os.close(self.reader)
            self.reader = -1

    def leave(self, meanwhile: Meanwhile | None) -> None:
        """Close the pipe, or leave it to later steps if it is still open."""
        if meanwhile is None or self.reader < 0:
            self.close()
            return
        reader, self.reader = self.reader, -1

        def drain() -> None:
            if not os.read(reader, _CHUNK):
                os.close(reader)
                del meanwhile[reader]

        meanwhile[reader] = drain


class _Wait:
    """The wait for one process and its pipes.

    The process is reaped last, so that its number, which is that of its group, belongs to nobody else until then.
    """

    def __init__(self, pid: int, streams: Iterable[_Stream], meanwhile: Meanwhile) -> None:
        self.timed_out = False
        self._pid = pid
        self._status: int | None = None
        self._ended = False
        self._streams = {stream.reader: stream for stream in streams}
        self._meanwhile = meanwhile
        self._poll = select.poll()
        self._handle = -1
        if hasattr(os, "pidfd_open"):
            try:
                self._handle = os.pidfd_open(pid)
                self._poll.register(self._handle, select.POLLIN)
            except OSError:
                pass  # an old kernel, or no descriptor is left
        for descriptor in (*self._streams, *meanwhile):
            self._poll.register(descriptor, select.POLLIN)

    def run(self, deadline: float | None) -> None:
        """Wait for the end, of all by the rules of this module. `deadline` is by the monotonic clock."""
        kill_at = pipes_until = None
        while self._streams or not self._ended:
            now = time.monotonic()
            if self._ended:
                pipes_until = pipes_until or now + PIPES_S
                if now >= pipes_until:
                    return
            elif deadline is not None and now >= deadline:
                self.timed_out, deadline, kill_at = True, None, now + GRACE_S
                processes.kill_group(self._pid, signal.SIGTERM)
            if kill_at is not None and now >= kill_at:
                kill_at = None
                processes.kill_group(self._pid)
            self._turn(now, None if self._ended else deadline, kill_at, pipes_until)

    def _turn(self, now: float, *ends: float | None) -> None:
        """Wait for what happens next, but not beyond one of `ends`."""
        waits = [max(0.0, end - now) for end in ends if end is not None]
        if self._handle < 0 and not self._ended:
            waits.append(_WITHOUT_PIDFD_S)
        milliseconds = min(*waits, _MAX_WAIT_S) * 1000 + 1 if waits else None
        for descriptor, _ in self._poll.poll(milliseconds):
            if descriptor == self._handle:
                self._poll.unregister(descriptor)
                self._ended = True
            elif descriptor in self._streams:
                self._read(descriptor)
            else:
                self._call(descriptor)
        if self._handle < 0 and self._status is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self._ended, self._status = True, status

    def _read(self, descriptor: int) -> None:
        stream = self._streams[descriptor]
        stream.read()
        if stream.reader < 0:
            self._poll.unregister(descriptor)
            del self._streams[descriptor]

    def _call(self, descriptor: int) -> None:
        if descriptor in self._meanwhile:
            self._meanwhile[descriptor]()
        if descriptor not in self._meanwhile:
            self._poll.unregister(descriptor)

    def close(self) -> int:
        """Reap the process, which has ended or was killed; return its status, as `waitpid` does."""
        if self._handle >= 0:
            os.close(self._handle)
        return os.waitpid(self._pid, 0)[1] if self._status is None else self._status
