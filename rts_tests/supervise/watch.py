"""What the supervisor tells whoever watches a run; the views implement it."""

from collections.abc import Callable, Sequence
from typing import Protocol

from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.unit.running import RunningUnit

Log = Callable[[int | None], list[str]]
"""The last lines of a unit's log: as many as asked for, or all of them for None."""


class View(Protocol):
    """Shows a run. It is made and called in the supervisor's process. Times are of the monotonic clock."""

    @property
    def next_tick(self) -> float | None:
        """When `tick` is wanted; None for a view that wakes nobody up."""

    def begin(self, units: Sequence[Unit]) -> None:
        """These units, in plan order, are about to be run; whatever else was planned is not."""

    def started(self, running: RunningUnit) -> None:
        """A unit runs."""

    def finished(self, record: Record, log: Log) -> None:
        """A unit has ended, and its record and log are written."""

    def message(self, text: bytes) -> None:
        """Whole lines that make said on standard error."""

    def tick(self, now: float) -> None:
        """Time has passed."""

    def resumed(self, paused_s: float) -> None:
        """The run was stopped for so long and goes on, maybe elsewhere on the screen."""

    def close(self) -> None:
        """No unit runs any more: print what is held back and leave the terminal as it was found. May be repeated."""
