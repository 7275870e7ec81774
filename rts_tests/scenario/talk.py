"""What is written to the input of a command while it runs: nothing, a text, or a dialog that waits for its output.

A text is written through a pipe, in pieces, as the command reads. A dialog sends each of its texts when the pattern
before it has been found in what the command has printed since the one before, on either stream. When all is sent, the
descriptor is closed: the end of a pipe, but not that of a terminal, of which there is another one.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from longpole.rts_tests.scenario.model import Input, Terminal
from longpole.rts_tests.scenario.patterns import compiled
from longpole.rts_tests.scenario.variables import Variables

ANSWER_S = 30.0
"""How long a dialog waits for a pattern, by default."""
MAX_HEARD = 1 << 20
"""Characters of the output in which a pattern is searched, from the end."""
_PIECE = 1 << 16
_CONTROL = re.compile(r"\x1b(?:\[[0-?]*+[ -/]*+[@-~]|\][^\x07\x1b]*+(?:\x07|\x1b\\)|[ -/]++[0-~]|[=>78cDEHMNOZ])")
"""Control sequences of terminals (ECMA-48)."""


@dataclass(frozen=True, slots=True)
class Line:
    """A pattern that is waited for, for `timeout_s` seconds, and what is sent then. Variables are replaced."""

    wait: re.Pattern[str]
    send: bytes
    timeout_s: float = ANSWER_S


@dataclass(frozen=True, slots=True)
class Source:
    """The input of a command: a text, or a dialog; and the terminal that it has. Variables are replaced."""

    text: bytes | None
    lines: tuple[Line, ...]
    terminal: Terminal | None


def source_of(given: Input, variables: Variables) -> Source | None:
    """Return the input of a command; None if it is empty. Raises `ValueError` for a pattern that is not valid."""
    if given.stdin is None and given.terminal is None and not given.dialog:
        return None
    text = None if given.stdin is None else os.fsencode(variables.expand(given.stdin))
    lines = tuple(
        Line(
            compiled(variables.expand_pattern(each.wait)),
            os.fsencode(variables.expand(each.send)),
            ANSWER_S if each.timeout_s is None else each.timeout_s,
        )
        for each in given.dialog
    )
    return Source(text, lines, given.terminal)


def _seen(text: str) -> str:
    """What somebody at a terminal sees of it, roughly: no colours, no moves of the cursor, ordinary ends of lines."""
    return _CONTROL.sub("", text).replace("\r\n", "\n") if "\x1b" in text else text.replace("\r\n", "\n")


class Talk:
    """Writes to `descriptor`, which is non-blocking. `problem` says why a dialog did not come to its end."""

    def __init__(self, descriptor: int, text: bytes = b"", lines: Sequence[Line] = ()) -> None:
        self.descriptor = descriptor
        self.problem: str | None = None
        self._pending = memoryview(text)
        self._lines = list(lines)
        self._heard = ""
        self._until: float | None = None
        self._close_if_done()

    @property
    def wants_to_write(self) -> bool:
        """Whether there is something to write."""
        return self.descriptor >= 0 and len(self._pending) > 0

    def until(self, now: float) -> float | None:
        """When the wait for the pattern under way is too long; None if there is none."""
        if not self._lines or self.problem is not None:
            return None
        if self._until is None:
            self._until = now + self._lines[0].timeout_s
        return self._until

    def heard(self, data: bytes) -> None:
        """Take what the command has printed."""
        if not self._lines or self.problem is not None:
            return
        self._heard = (self._heard + data.decode(errors="replace"))[-MAX_HEARD:]
        while self._lines and (found := self._lines[0].wait.search(_seen(self._heard))):
            self._heard = _seen(self._heard)[found.end() :]
            self._pending = memoryview(bytes(self._pending) + self._lines.pop(0).send)
            self._until = None
        self._close_if_done()

    def write(self) -> None:
        """Write as much as is possible now. A command that reads no more is no error."""
        try:
            written = os.write(self.descriptor, self._pending[:_PIECE])
        except BlockingIOError:
            return
        except OSError:
            written = len(self._pending)
        self._pending = self._pending[written:]
        self._close_if_done()

    def expire(self) -> None:
        """Nothing that matches has been printed in time."""
        self.problem = f"{self._awaited()} was not printed within {self._lines[0].timeout_s:g} s"

    @property
    def under_way(self) -> str | None:
        """What a dialog waits for, in words; None if it waits for nothing."""
        return f"while {self._awaited()} was waited for" if self._lines else None

    def end(self) -> None:
        """The command has ended, and all that it has printed was heard."""
        if self._lines and self.problem is None:
            self.problem = f"the command ended before {self._awaited()} was printed"
        self.close()

    def _awaited(self) -> str:
        return f"`{self._lines[0].wait.pattern}` of the dialog"

    def _close_if_done(self) -> None:
        if not self._lines and not len(self._pending):
            self.close()

    def close(self) -> None:
        """Write no more."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
