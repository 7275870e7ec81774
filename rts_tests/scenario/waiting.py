"""Waits for a process and its pipes: one poll loop over a pidfd and descriptors, without threads.

A wait ends when the process has ended, and its pipes have, or `PIPES_S` after the process: what it started in the
background may hold them, and write more. Then nothing is killed; a pipe that is still open goes to `Meanwhile`, where
it is read and forgotten, so that a daemon does not die of a closed pipe.
"""

import math
import os
import select
import signal
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from longpole.rts_tests.machine import processes
from longpole.rts_tests.scenario.talk import Talk

PIPES_S = 5.0
"""How long a step waits for its pipes after its process has ended."""
GRACE_S = 2.0
"""How long a process group has between SIGTERM and SIGKILL."""
MAX_OUTPUT_BYTES = 64 << 20
"""What is kept of one stream."""

_CHUNK = 1 << 16
_WITHOUT_PIDFD_S = 0.01
_SLICE_S = 1.0
"""How long a wait with a deadline is at most, to notice that this process was stopped meanwhile, by Ctrl-Z."""
_LATE_S = 0.5
_LAST_S = 0.1

Meanwhile = dict[int, Callable[[], None]]
"""Descriptors that are polled beside a step's own. The callable reads one, and removes it at its end."""


def pause(seconds: float, meanwhile: Meanwhile) -> None:
    """Wait, and read meanwhile what has to be read."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        poll = select.poll()
        for descriptor in meanwhile:
            poll.register(descriptor, select.POLLIN)
        for descriptor, _ in poll.poll(left * 1000 + 1):
            meanwhile[descriptor]()


class Stream:
    """A pipe, and what was read from it."""

    def __init__(self) -> None:
        self.reader = -1
        self.dropped = 0
        self._chunks: list[bytes] = []
        self._size = 0

    def read(self) -> bytes:
        """Read what there is, and return it; the pipe is closed at its end, which is an error of a terminal.

        A signal's handler may raise after any call, but not inside `extend`: so nothing is lost that was read.
        """
        before = len(self._chunks)
        try:
            self._chunks.extend(map(os.read, (self.reader,), (_CHUNK,)))
        except OSError:
            pass
        data = self._chunks[-1] if len(self._chunks) > before else b""
        if not data:
            self.close()
        elif self._size < MAX_OUTPUT_BYTES:
            self._size += len(data)
        else:
            del self._chunks[-1]
            self.dropped += len(data)
        return data

    def data(self) -> bytes:
        """All that was read and kept."""
        return b"".join(self._chunks)

    def close(self) -> None:
        """Close the pipe, if it is open."""
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
            try:
                data = os.read(reader, _CHUNK)
            except OSError:
                data = b""
            if not data:
                os.close(reader)
                del meanwhile[reader]

        meanwhile[reader] = drain


class HeldEnds(Protocol):
    """Ends of a process's descriptors that are held open while it runs, and what talks to it."""

    talk: Talk | None

    def close_theirs(self) -> None:
        """The process has ended."""


class Wait:
    """The wait for one process and its pipes.

    The process is reaped last, so that its number, which is that of its group, belongs to nobody else until then.
    """

    def __init__(self, pid: int, streams: Iterable[Stream], meanwhile: Meanwhile, ends: "HeldEnds") -> None:
        self.timed_out = False
        self.held = False
        """Whether something else than the process still had a pipe open at the end."""
        self.stopped_s = 0.0
        """For how long this process was stopped while it waited."""
        self._pid = pid
        self._status: int | None = None
        self._ended = False
        self._streams = {stream.reader: stream for stream in streams if stream.reader >= 0}
        self._meanwhile = meanwhile
        self._talk = ends.talk
        self._held = ends
        self._writer = -1
        """What is polled for writing."""
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

    def run(self, deadline: float | None, pipes_s: float) -> None:
        """Wait for the end, of all by the rules of this module. `deadline` is by the monotonic clock."""
        kill_at = pipes_until = None
        while self._streams or not self._ended:
            now = time.monotonic() - self.stopped_s
            if self._ended:
                pipes_until = pipes_until or now + pipes_s
                if now >= pipes_until:
                    self.held = True
                    return
            elif (deadline is not None and now >= deadline) or self._is_silent(now):
                self.timed_out = self._talk is None or self._talk.problem is None
                deadline, kill_at = None, now + GRACE_S
                processes.kill_group(self._pid, signal.SIGTERM)
            if kill_at is not None and now >= kill_at:
                kill_at = None
                processes.kill_group(self._pid)
            answer = None if self._talk is None or self._ended else self._talk.until(now)
            self._turn(now, None if self._ended else deadline, kill_at, pipes_until, answer)

    def _is_silent(self, now: float) -> bool:
        """Whether a dialog has waited too long."""
        until = None if self._talk is None else self._talk.until(now)
        if self._talk is None or until is None or now < until:
            return False
        self._talk.expire()
        return True

    def end(self) -> None:
        """End the group as after a timeout, and read what it still prints; a second exception kills it."""
        try:
            self.run(-math.inf, _LAST_S)
        finally:
            self.timed_out = False
            processes.kill_group(self._pid)

    def _turn(self, now: float, *ends: float | None) -> None:
        """Wait for what happens next, but not beyond one of `ends`."""
        waits = [max(0.0, end - now) for end in ends if end is not None]
        if self._handle < 0 and not self._ended:
            waits.append(_WITHOUT_PIDFD_S)
        wait = min(*waits, _SLICE_S) if waits else None
        self._poll_writer()
        events = self._poll.poll(None if wait is None else wait * 1000 + 1)
        late = 0.0 if wait is None else time.monotonic() - self.stopped_s - now - wait
        if late > _LATE_S:
            self.stopped_s += late
        for descriptor, _ in events:
            if descriptor == self._handle:
                self._poll.unregister(descriptor)
                self._has_ended()
            elif descriptor in self._streams:
                self._read(descriptor)
            elif descriptor == self._writer and self._talk is not None:
                self._talk.write()
            else:
                self._call(descriptor)
        if self._handle < 0 and self._status is None:  # without pidfds
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self._status = status
                self._has_ended()

    def _has_ended(self) -> None:
        self._ended = True
        self._held.close_theirs()

    def _poll_writer(self) -> None:
        """Poll for writing exactly while there is something to write."""
        wanted = self._talk.descriptor if self._talk is not None and self._talk.wants_to_write else -1
        if wanted != self._writer:
            if self._writer >= 0:
                self._poll.unregister(self._writer)
            if wanted >= 0:
                self._poll.register(wanted, select.POLLOUT)
            self._writer = wanted

    def _read(self, descriptor: int) -> None:
        stream = self._streams[descriptor]
        data = stream.read()
        if self._talk is not None:
            self._talk.heard(data)
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
            self._handle = -1
        if self._status is None:
            self._status = os.waitpid(self._pid, 0)[1]
        return self._status
