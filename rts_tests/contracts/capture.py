"""A log: all output of a unit or a build up to a cap, beyond that its head and its tail."""

import os
from collections import deque

from longpole.rts_tests.contracts.excerpt import excerpt
from longpole.rts_tests.contracts.files import write_atomic
from longpole.rts_tests.contracts.log_tail import HEAD_BYTES, READ_WHOLE, TAIL_BYTES, excerpt_in, lines_of


class Capture:
    """Collects output in memory and writes it once, at the end; `spill` writes what is there so far.

    With a cap of n bytes the first n/2 and the last n/2 are kept, and a line between them says how much is missing.
    """

    def __init__(self, path: str, cap: int) -> None:
        self._path = path
        self._part = f"{path}.part"
        self._half = cap // 2
        self._cap = cap
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._dropped = 0
        self._spilled = 0

    def add(self, data: bytes) -> None:
        """Add output."""
        room = self._half - len(self._head)
        if room >= len(data):
            self._head += data
            return
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        self._tail.append(data)
        self._tail_size += len(data)
        while self._tail_size - len(self._tail[0]) >= self._half:
            gone = self._tail.popleft()
            self._tail_size -= len(gone)
            self._dropped += len(gone)

    def spill(self) -> None:
        """Append new output to the partial log, so that a long unit or build can be watched.

        Raises `OSError`.
        """
        if len(self._head) == self._spilled:
            return
        descriptor = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)
        try:
            self._spilled += os.write(descriptor, memoryview(self._head)[self._spilled :])
        finally:
            os.close(descriptor)

    def text(self) -> bytes:
        """Return the log: head, a line about the missing bytes, if any, and tail."""
        if not self._tail:
            return bytes(self._head)
        tail = b"".join(self._tail)
        cut = max(0, len(tail) - self._half)
        missing = self._dropped + cut
        if not missing:
            return bytes(self._head) + tail
        gap = f"\n[longpole: {missing} bytes omitted here; a log keeps {self._cap} bytes]\n"
        return bytes(self._head) + gap.encode() + tail[cut:]

    def excerpt(self, count: int | None) -> list[str]:
        """Return the excerpt of `count` lines that explains a failure; for None all lines of the log."""
        if count is None:
            return lines_of(self.text())
        if min(self._cap, len(self._head) + self._tail_size) <= READ_WHOLE:
            return excerpt_in(self.text(), count)
        return excerpt(lines_of(bytes(self._head[:HEAD_BYTES]), self._end(TAIL_BYTES)), count)

    def last_lines(self) -> list[str]:
        """Return the last lines of the output, as many as an excerpt looks at."""
        return lines_of(self._end(TAIL_BYTES))

    def _end(self, size: int) -> bytes:
        """The last `size` bytes, without a copy of the others."""
        pieces: list[bytes] = []
        missing = size
        for piece in reversed(self._tail):
            if missing <= 0:
                break
            pieces.append(piece[-missing:])
            missing -= len(piece)
        if missing > 0:
            pieces.append(bytes(self._head[-missing:]))
        return b"".join(reversed(pieces))

    @property
    def empty(self) -> bool:
        """Whether there was no output."""
        return not self._head and not self._tail

    def discard(self) -> None:
        """Write no log, and remove the partial one."""
        if self._spilled:
            try:
                os.unlink(self._part)
            except OSError:
                pass  # it is gone, or will be removed with the run

    def finish(self) -> None:
        """Write the log by rename and remove the partial one; no log without output. Raises `OSError`."""
        if self.empty:
            return
        write_atomic(self._path, self.text())
        if self._spilled:
            os.unlink(self._part)
