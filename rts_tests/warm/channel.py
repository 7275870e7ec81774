"""Messages between the supervisor and the zygote: tuples of plain values, and with some of them a descriptor.

Both ends are the same Python, so `marshal` will do, which costs neither an import nor a parser.
"""

import array
import marshal
import socket
from collections import deque
from typing import Any

Message = tuple[Any, ...]

_LENGTH = 4
_READ = 65536
_DESCRIPTORS = 64


class Channel:
    """One end of a pair of stream sockets; what is sent arrives in order and whole."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._buffer = bytearray()
        self._descriptors: deque[int] = deque()

    def fileno(self) -> int:
        """The descriptor to wait for."""
        return self._socket.fileno()

    def close(self) -> None:
        """Let the other end see the end of file."""
        self._socket.close()

    def send(self, message: Message, descriptor: int | None = None) -> None:
        """Send one message; raises `OSError` when nobody is there to read it."""
        body = marshal.dumps(message)
        data = memoryview(len(body).to_bytes(_LENGTH, "little") + body)
        ancillary = []
        if descriptor is not None:
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))]
        sent = self._socket.sendmsg([data], ancillary)
        if sent < len(data):
            self._socket.sendall(data[sent:])

    def receive(self) -> list[Message]:
        """What can be read without waiting twice; raises `EOFError` when the other end is closed."""
        data, ancillary, _, _ = self._socket.recvmsg(_READ, socket.CMSG_SPACE(4 * _DESCRIPTORS))
        for level, kind, sent in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                found = array.array("i")
                found.frombytes(sent[: len(sent) - len(sent) % found.itemsize])
                self._descriptors.extend(found)
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
        """The descriptor that came with the first message whose descriptor was not taken yet."""
        return self._descriptors.popleft()
