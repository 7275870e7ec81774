"""A unit's output on its way into its log: all of it up to a cap, beyond that its head and its tail."""

import os
from collections import deque

from longpole.rts_tests.contracts.files import write_atomic


class Capture:
    """Collects output in memory and writes it once, at the end; a unit that lives long is spilled to disk meanwhile.

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
        """Take in what the unit wrote."""
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
        """Append to the partial log what has come since the last time, so that a long unit can be watched.

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
        """The log: head, a line about what is missing, tail."""
        if not self._tail:
            return bytes(self._head)
        tail = b"".join(self._tail)
        cut = max(0, len(tail) - self._half)
        missing = self._dropped + cut
        if not missing:
            return bytes(self._head) + tail
        said = f"\n[longpole: {missing} bytes are left out here; a log keeps {self._cap} bytes]\n"
        return bytes(self._head) + said.encode() + tail[cut:]

    def last_lines(self, count: int | None) -> list[str]:
        """The last lines, for the terminal; for None all that the log holds."""
        if count is None:
            return self.text().decode(errors="replace").splitlines()
        text = b"".join(self._tail)[-65536:] if self._tail else bytes(self._head[-65536:])
        return text.decode(errors="replace").splitlines()[-count:]

    @property
    def empty(self) -> bool:
        """Whether nothing has come."""
        return not self._head and not self._tail

    def discard(self) -> None:
        """Write no log, and drop the partial one."""
        if self._spilled:
            try:
                os.unlink(self._part)
            except OSError:
                pass  # it is gone, or goes with the run

    def finish(self) -> None:
        """Write the log by rename and drop the partial one; no log where nothing came. Raises `OSError`."""
        if self.empty:
            return
        write_atomic(self._path, self.text())
        if self._spilled:
            os.unlink(self._part)
