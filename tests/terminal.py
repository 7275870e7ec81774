"""A terminal for tests: a real pseudo-terminal with a command in its foreground, and an emulator that shows its screen.

What a person sees is `screen`, and above it what has scrolled off. The emulator is told what the command wrote, byte by
byte, so a stray escape code is seen as it would be.
"""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Self

import pyte

from tests.project import DEADLINE_S, Project, eventually


class Terminal:
    """A command with a terminal of its own, of so many columns and rows."""

    def __init__(
        self,
        project: Project,
        *argv: str,
        columns: int = 80,
        rows: int = 24,
        environ: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        environ = {**project.environ, "TERM": "xterm", **environ}
        self.raw = b""
        self._screen = pyte.HistoryScreen(columns, rows, history=10_000, ratio=1.0)
        self._stream = pyte.ByteStream(self._screen)
        self.status: int | None = None
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            try:
                self.descriptor = 0
                self._tell_size(columns, rows)
                os.chdir(project.root)
                os.execvpe(argv[0], argv, environ)
            finally:
                os._exit(127)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
        os.close(self.descriptor)

    def _tell_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns: int, rows: int) -> None:
        """Change the size, as dragging a window's corner does."""
        self._screen.resize(rows, columns)
        self._tell_size(columns, rows)

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self.descriptor, keys)

    def read(self, seconds: float = 0.0) -> bool:
        """Take in what was written; False at the end."""
        if not select.select([self.descriptor], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.descriptor, 65536)
        except OSError:  # the other side of a terminal ends in EIO
            return False
        self.raw += data
        self._stream.feed(data)
        return data != b""

    def wait(self) -> int:
        """Read to the end; the command's exit status."""
        while self.read(DEADLINE_S):
            pass
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.status

    def until(self, what: str, holds: Callable[[], object]) -> None:
        """Read until the screen is so."""

        def is_so() -> bool:
            self.read(0.2)
            return bool(holds())

        try:
            eventually(what, is_so)
        except AssertionError as error:
            raise AssertionError(f"{error}; the screen:\n{self.text}") from None

    @property
    def lines(self) -> list[str]:
        """All lines, first those that have scrolled off, without trailing blanks."""
        columns = self._screen.columns
        above = ["".join(row[index].data for index in range(columns)).rstrip() for row in self._screen.history.top]
        return above + [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """All lines as one text, without blank lines at its end."""
        return "\n".join(self.lines).rstrip("\n") + "\n"

    @property
    def is_sane(self) -> bool:
        """Whether the cursor is visible and at a line's start, and colours are as they were."""
        cursor = self._screen.cursor
        default = (cursor.attrs.fg, cursor.attrs.bg, cursor.attrs.bold, cursor.attrs.reverse)
        return not cursor.hidden and cursor.x == 0 and default == ("default", "default", False, False)
