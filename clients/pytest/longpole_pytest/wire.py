"""The wire protocol, version 1: one line of JSON per event, on what was standard output when the process began.

Two processes write such lines: the one that runs the tests, and its watcher (`watcher.py`). A lock that the kernel
releases when its holder dies keeps their lines apart. What both must know is in memory that they share: which file the
output belongs to, and how much of it has been told.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import tempfile
from contextlib import contextmanager
from typing import Iterator, List

from longpole_pytest.genuine import Genuine

PREFIX = b"@@LONGPOLE@@ "
CLIENT = "longpole-pytest 1"
FLUSH_BYTES = 64 * 1024
FLUSH_S = 10.0
"""Output that is older, or more, is told although its file has not ended."""

_PIECE = 256 * 1024
_STATE = struct.Struct("<3QH")
_MAX_SUITE = 8192 - _STATE.size
_STREAMS = 3


class Wire:
    """Writes events. `streams` are the files in which output waits to be told: ours, and the two of pytest's capture.

    The first one is where descriptors 1 and 2 lead beneath pytest's capture; what pytest has captured is moved there
    after each phase of a test. So whatever ends the process, all output that was not told is in these files.
    """

    def __init__(self, output: int) -> None:
        """Events go to the descriptor `output`."""
        self._output = output
        self._state = mmap.mmap(-1, _STATE.size + _MAX_SUITE)
        self._files = [tempfile.TemporaryFile(buffering=0) for _ in range(_STREAMS)]  # noqa: SIM115  open until the end
        self._lock = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
        self._depth = 0
        self.streams = [file.fileno() for file in self._files]
        flags = fcntl.fcntl(self.streams[0], fcntl.F_GETFL)
        fcntl.fcntl(self.streams[0], fcntl.F_SETFL, flags | os.O_APPEND)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep the other process from writing and from reading the streams."""
        if not self._depth:
            Genuine.lockf(self._lock, fcntl.LOCK_EX)
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth:
                Genuine.lockf(self._lock, fcntl.LOCK_UN)

    def tell(self, event: str, **fields: object) -> None:
        """Write one event. A reader that is gone is no error of the tests."""
        body = Genuine.dumps({"event": event, **fields}, separators=(",", ":"), default=str).encode()
        line = memoryview(PREFIX + body + b"\n")
        with self.locked():
            try:
                while line:
                    line = line[Genuine.write(self._output, line) :]
            except OSError:
                pass

    # -- what both processes know -------------------------------------------------------------------------------

    @property
    def suite(self) -> str:
        """The file to which output belongs now; empty if it belongs to none."""
        length = _STATE.unpack_from(self._state)[_STREAMS]
        return self._state[_STATE.size : _STATE.size + length].decode("utf-8", "surrogateescape")

    @suite.setter
    def suite(self, name: str) -> None:
        data = name.encode("utf-8", "surrogateescape")
        data = data if len(data) <= _MAX_SUITE else b""
        with self.locked():
            told = _STATE.unpack_from(self._state)[:_STREAMS]
            _STATE.pack_into(self._state, 0, *told, len(data))
            self._state[_STATE.size : _STATE.size + len(data)] = data

    def _told(self) -> List[int]:
        return list(_STATE.unpack_from(self._state)[:_STREAMS])

    def _set_told(self, told: List[int]) -> None:
        _STATE.pack_into(self._state, 0, *told, _STATE.unpack_from(self._state)[_STREAMS])

    # -- output -------------------------------------------------------------------------------------------------

    def pending(self) -> int:
        """The number of bytes of output that have not been told."""
        return sum(max(0, Genuine.fstat(fd).st_size - told) for fd, told in zip(self.streams, self._told()))

    def take(self, stream: int, whole: bool = True) -> str:
        """Return what one stream has beyond what was told, and count it as told; the caller holds the lock.

        Unless `whole`, a character that is not complete yet is left for the next time.
        """
        told = self._told()
        size = Genuine.fstat(self.streams[stream]).st_size
        told[stream] = told[stream] if told[stream] <= size else 0  # somebody has truncated it
        data = bytearray()
        while told[stream] + len(data) < size:
            piece = Genuine.pread(
                self.streams[stream], min(_PIECE, size - told[stream] - len(data)), told[stream] + len(data)
            )
            if not piece:
                break
            data += piece
        if not whole:
            del data[len(data) - _incomplete(data) :]
        told[stream] += len(data)
        self._set_told(told)
        return data.decode("utf-8", "replace")

    def emptied(self, stream: int) -> None:
        """The stream begins anew: pytest has read and truncated it; the caller holds the lock."""
        told = self._told()
        told[stream] = 0
        self._set_told(told)

    def add(self, text: str) -> None:
        """Append to the output that waits to be told."""
        data = memoryview(text.encode("utf-8", "replace"))
        while data:
            data = data[Genuine.write(self.streams[0], data) :]

    def flush(self, whole: bool = False) -> None:
        """Tell all output that waits, as output of the current file, or as nobody's."""
        with self.locked():
            for stream in range(_STREAMS):
                self.tell_output(self.take(stream, whole))

    def tell_output(self, text: str) -> None:
        """Tell output of the current file, or nobody's, in lines of moderate length."""
        for start in range(0, len(text), _PIECE):
            piece, suite = text[start : start + _PIECE], self.suite
            if suite:
                self.tell("suite_output", suite=suite, text=piece)
            elif piece.strip():
                self.tell("unattributed_output", text=piece)


def _incomplete(data: bytearray) -> int:
    """The number of bytes at the end that begin a character of UTF-8 without completing it."""
    for back in range(1, min(4, len(data) + 1)):
        byte = data[-back]
        if byte < 0x80:
            return 0
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return back if back < needed else 0
    return 0
