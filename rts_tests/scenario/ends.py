"""The descriptors of a process that is started, and our ends of them: pipes, or a terminal."""

import os
from collections.abc import Mapping

from longpole.rts_tests.scenario.model import Terminal
from longpole.rts_tests.scenario.talk import Source, Talk
from longpole.rts_tests.scenario.waiting import Meanwhile, Stream

_OF_TERMINAL = -1
_TERM = "xterm-256color"


class Ends:
    """The descriptors of one process. `terminal` is the path of its terminal, if it has one."""

    def __init__(self, source: Source | None) -> None:
        self.out, self.err = Stream(), Stream()
        self.talk: Talk | None = None
        self.terminal: str | None = None
        self._source = source
        self._theirs: list[int] = []

    def open(self) -> tuple[int, int, int]:
        """Return what the process gets as input, output and error output; -1 is its terminal. Raises `OSError`."""
        source = self._source
        if source is not None and source.terminal is not None:
            writer = self._open_terminal(source.terminal)
            if source.text is None:
                self.talk = Talk(writer, lines=source.lines)
                return _OF_TERMINAL, _OF_TERMINAL, _OF_TERMINAL
            os.close(writer)
            return self._stdin(source), _OF_TERMINAL, _OF_TERMINAL
        stdin = self._stdin(source)
        return stdin, self._pipe(self.out), self._pipe(self.err)

    def _pipe(self, stream: Stream) -> int:
        stream.reader, writer = os.pipe()
        self._theirs.append(writer)
        return writer

    def _stdin(self, source: Source | None) -> int:
        if source is None:
            reader = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        else:
            reader, writer = os.pipe()
            os.set_blocking(writer, False)
            self.talk = Talk(writer, source.text or b"", source.lines)
        self._theirs.append(reader)
        return reader

    def _open_terminal(self, size: Terminal) -> int:
        """Open a terminal; return a descriptor to type into it."""
        import fcntl  # few steps have a terminal
        import struct
        import termios

        self.out.reader, theirs = os.openpty()
        self._theirs.append(theirs)
        self.terminal = os.ttyname(theirs)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size.rows, size.columns, 0, 0))
        writer = os.dup(self.out.reader)
        os.set_blocking(writer, False)
        return writer

    def printed(self) -> tuple[bytes, bytes]:
        """Return what was printed on both streams. A line of a terminal ends with a newline, as that of a pipe."""
        out, err = self.out.data(), self.err.data()
        return out.replace(b"\r\n", b"\n") if self.terminal is not None else out, err

    def close_theirs(self) -> None:
        """Close what only the process uses: when it has begun, or in a terminal when it has ended.

        A terminal that nobody has open is hung up, and with it a process that only closes its output before it ends.
        """
        while self._theirs:
            os.close(self._theirs.pop())

    def close(self) -> None:
        """Close all."""
        self.leave(None)

    def leave(self, meanwhile: Meanwhile | None) -> None:
        """Close our ends, or leave to later steps what is still open."""
        self.close_theirs()
        if self.talk is not None:
            self.talk.close()
        for stream in (self.out, self.err):
            stream.leave(meanwhile)


def with_terminal(environ: Mapping[str, str], terminal: str | None) -> Mapping[str, str]:
    """The environment in which programs know what kind of terminal they have."""
    return environ if terminal is None or environ.get("TERM") else {**environ, "TERM": _TERM}
