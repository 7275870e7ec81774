"""The interface through which the supervisor shows a run; the views implement it."""

from collections.abc import Callable, Sequence
from typing import Protocol

from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.unit.running import RunningUnit

Log = Callable[[int | None], list[str]]
"""Returns the excerpt of a unit's log: at most so many lines, and marks where some are left out; for None all."""


class View(Protocol):
    """Shows a run. It is made and called in the supervisor's process. Times are seconds of the monotonic clock."""

    @property
    def next_tick(self) -> float | None:
        """When to call `tick` next; None for a view that needs no calls."""

    def begin(self, units: Sequence[Unit]) -> None:
        """These units, in plan order, are about to run; other planned units will not."""

    def not_run(self, units: Sequence[Unit]) -> None:
        """These units, which `begin` announced, will not run: something that they need could not be built."""

    def started(self, running: RunningUnit) -> None:
        """A unit has started."""

    def listing(self, running: RunningUnit) -> None:
        """A listing has started, for which the forks of a module wait."""

    def listed(self, running: RunningUnit) -> None:
        """It has ended."""

    def finished(self, record: Record, log: Log) -> None:
        """A unit has ended, and its record and log are written."""

    def output(self, text: bytes) -> None:
        """Show complete lines that builds wrote to standard output."""

    def message(self, text: bytes) -> None:
        """Show complete lines that make wrote to standard error."""

    def tick(self, now: float) -> None:
        """Time has passed."""

    def resumed(self, paused_s: float) -> None:
        """The run was stopped for `paused_s` and goes on, maybe elsewhere on the screen."""

    def close(self) -> None:
        """No unit runs any more: print the rest, and restore the terminal. May be repeated."""
