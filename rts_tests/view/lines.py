"""The text about a unit: one line, and below it the explanation of a failure. The views write it."""

import secrets
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from longpole.rts_tests.contracts.colour import Colour, coloured
from longpole.rts_tests.contracts.harmless import harmless, harmless_note
from longpole.rts_tests.contracts.quantities import seconds
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import GREEN, NOT_FAILURES, Status
from longpole.rts_tests.supervise.watch import Log
from longpole.rts_tests.view.shorten import middle

EXCERPT_LINES = 20
COMMAND_LENGTH = 1000
"""Characters of a command that are shown; the record has the whole command."""

_WORDS: dict[Status, tuple[str, Colour]] = {
    Status.PASSED: ("PASS", Colour.GREEN),
    Status.FAILED: ("FAIL", Colour.RED),
    Status.TIMEOUT: ("TIMEOUT", Colour.RED),
    Status.CRASHED: ("CRASH", Colour.RED),
    Status.LEAKED: ("LEAK", Colour.RED),
    Status.SEED_DEPENDENT: ("SEED", Colour.RED),
    Status.FLAKY: ("FLAKY", Colour.YELLOW),
    Status.SKIPPED: ("SKIP", Colour.YELLOW),
    Status.CANCELLED: ("CANCEL", Colour.YELLOW),
    Status.ERROR: ("ERROR", Colour.RED),
}


class Lines:
    """Formats the texts about units. With `timed`, lines hold times; without it they are the same in every run.

    `actions` disables GitHub's workflow commands in a unit's output. `verbosity` is that of the settings.
    """

    _has_commands = True
    """Whether the command of a unit says more than its name."""

    def __init__(self, *, colour: bool, actions: bool = False, verbosity: int = 0, timed: bool = True) -> None:
        self._colour = colour
        self._actions = actions
        self._verbosity = verbosity
        self._timed = timed

    def started(self, name: str, command: Sequence[str]) -> str | None:
        """`START eop/gc[3]` and its command; None if starts are not shown, and always without `timed`."""
        if self._verbosity < 1 or not self._timed:
            return None
        return f"START {harmless(name, colour=False)}\n{_command(command)}"

    def log_lines(self, record: Record) -> int | None:
        """How many lines of its log are shown for a unit; None for all."""
        if self._verbosity > 1:
            return None
        return 0 if record.status in NOT_FAILURES else EXCERPT_LINES

    def unit(self, record: Record, log: Log) -> str | None:
        """`PASS eop/gc[3]  1.23s`, with a note and an excerpt of the log if it did not pass; None if not shown."""
        if self._is_hidden(record):
            return None
        if self._verbosity < 1 and record.had_nothing_to_do:
            return None
        word, colour = _WORDS[record.status]
        shown = coloured(word, colour) if self._colour else word
        name = harmless(record.id, colour=False)
        lines = [f"{shown} {name}  {seconds(record.wall_s)}" if self._timed else f"{shown} {name}"]
        lines += self._about(record)
        told = self._told(record, log)
        lines += told
        if told and self._colour:
            lines[-1] += "\x1b[0m"
        if told and self._actions:  # a test's output must not give commands to the workflow
            token = secrets.token_hex(16)
            lines = [f"::stop-commands::{token}", *lines, f"::{token}::"]
        return "\n".join(lines)

    def _is_hidden(self, record: Record) -> bool:
        return self._verbosity < 0 and record.status in GREEN

    def _about(self, record: Record) -> list[str]:
        """What Longpole says about a unit."""
        lines = []
        if self._verbosity > 0 and not self._timed and self._has_commands:
            lines.append(_command(record.command))
        if record.note and record.status != Status.CANCELLED:
            note = record.note if self._timed else record.stable_note or record.note
            lines.append(f"    {harmless_note(note)}")
        return lines + [f"    attempt {number}, {_attempt(attempt)}" for number, attempt in enumerate(record.tries, 1)]

    def _told(self, record: Record, log: Log) -> list[str]:
        """What the unit itself said, as far as it is shown."""
        count = self.log_lines(record)
        return [] if count == 0 else [f"  | {harmless(line, colour=self._colour)}" for line in log(count)]


def _command(command: Sequence[str]) -> str:
    words = shlex.join(command).replace("\n", "\\n")
    return f"    $ {middle(harmless_note(words), COMMAND_LENGTH)}"


def _attempt(attempt: Mapping[str, Any]) -> str:
    seed = "" if attempt["seed"] is None else f" from {attempt['seed']}"
    return f"{attempt['kind']}{seed}: {attempt['status']}"
