"""Messages between the supervisor and the zygote: tuples of plain values, some with a file descriptor.

`marshal` suffices, which needs neither an import of ours nor a parser. The zygote of a project's tests may run another
Python than the supervisor, so the format is one that all of them read.
"""

import array
import marshal
import socket
from collections import deque
from collections.abc import Sequence
from typing import Any

Message = tuple[Any, ...]

_LENGTH = 4
_READ = 65536
_DESCRIPTORS = 64
_FORMAT = 4


class Channel:
    """One end of a pair of stream sockets; messages arrive complete and in order."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._buffer = bytearray()
        self._descriptors: deque[int] = deque()

    def fileno(self) -> int:
        """The descriptor to wait for."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close this end; the other end then reads the end of file."""
        self._socket.close()

    def send(self, message: Message, descriptors: Sequence[int] = ()) -> None:
        """Send one message, with these descriptors; raises `OSError` if the other end is closed."""
        body = marshal.dumps(message, _FORMAT)
        data = memoryview(len(body).to_bytes(_LENGTH, "little") + body)
        ancillary = []
        if descriptors:
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
        sent = self._socket.sendmsg([data], ancillary)
        if sent < len(data):
            self._socket.sendall(data[sent:])

    def receive(self) -> list[Message]:
        """Read once and return the messages that are complete; raises `EOFError` if the other end is closed."""
        data, ancillary, _, _ = self._socket.recvmsg(_READ, socket.CMSG_SPACE(4 * _DESCRIPTORS))
        for level, kind, sent in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                descriptors = array.array("i")
                descriptors.frombytes(sent[: len(sent) - len(sent) % descriptors.itemsize])
                self._descriptors.extend(descriptors)
        if not data:
            raise EOFError
        self._buffer += data
        messages = []
        while len(self._buffer) >= _LENGTH:
            end = _LENGTH + int.from_bytes(self._buffer[:_LENGTH], "little")
            if len(self._buffer) < end:
                break
            messages.append(marshal.loads(self._buffer[_LENGTH:end]))  # noqa: S302  from ourselves
            del self._buffer[:end]
        return messages

    def descriptor(self) -> int:
        """Return the oldest received descriptor that was not returned yet; the caller owns it."""
        return self._descriptors.popleft()
