"""The plain view, for a log, a pipe or a terminal: it writes lines and draws nothing."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from longpole.rts_tests.contracts.log_tail import excerpt_of
from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.contracts.records import Record, log_path
from longpole.rts_tests.supervise.watch import Log
from longpole.rts_tests.unit.running import RunningUnit
from longpole.rts_tests.view.lines import Lines
from longpole.rts_tests.view.order import InPlanOrder


class Plain:
    """Writes the lines of a unit in one write: as units end, or in plan order if `in_order` is the run's folder.

    With `order`, the targets of all units, that order counts instead of the plan's.
    """

    def __init__(self, descriptor: int, lines: Lines, in_order: Path | None, *, order: Sequence[str] = ()) -> None:
        self._descriptor = descriptor
        self._lines = lines
        self._run = in_order
        self._wanted = order
        self._order = InPlanOrder()

    @property
    def next_tick(self) -> float | None:
        """None: nothing is drawn."""
        return None

    def begin(self, units: Sequence[Unit]) -> None:
        """See `View`."""
        if self._run is not None:
            self._order.begin(self._wanted or [unit.target for unit in units])

    def not_run(self, units: Sequence[Unit]) -> None:
        """See `View`."""
        for text in self._order.drop(unit.target for unit in units):
            self._say(text)

    def started(self, running: RunningUnit) -> None:
        """See `View`."""
        text = self._lines.started(running.unit.id, running.command)
        if text is not None:
            self._say(text)

    def listing(self, running: RunningUnit) -> None:
        """See `View`."""
        text = self._lines.started(running.unit.id, running.command)
        if text is not None:
            self._say(text)

    def listed(self, running: RunningUnit) -> None:
        """Nothing is said: its forks say whether it failed."""

    def finished(self, record: Record, log: Log) -> None:
        """See `View`."""
        for text in self._released(record, log):
            self._say(text)

    def _released(self, record: Record, log: Log) -> Iterable[str]:
        if self._run is None:
            text = self._lines.unit(record, log)
            return () if text is None else (text,)
        if self._lines.log_lines(record) == 0:
            return self._order.add(record.target, self._lines.unit(record, log))
        # Read when its turn has come, so that the log is not kept in memory.
        stored = partial(_stored_lines, log_path(self._run, record.target))
        return self._order.add(record.target, partial(self._lines.unit, record, stored))

    def output(self, text: bytes) -> None:
        """See `View`."""
        write(self._descriptor, text)

    def message(self, text: bytes) -> None:
        """See `View`."""
        sys.stderr.buffer.write(text)
        sys.stderr.buffer.flush()

    def tick(self, now: float) -> None:
        """Nothing is drawn."""

    def resumed(self, paused_s: float) -> None:
        """Nothing is drawn."""

    def close(self) -> None:
        """See `View`."""
        for text in self._held():
            self._say(text)

    def _held(self) -> Iterator[str]:
        return self._order.rest()

    def _say(self, text: str) -> None:
        write(self._descriptor, f"{text}\n".encode(errors="replace"))


def write(descriptor: int, data: bytes) -> None:
    """Write `data`, in one write if possible; if the terminal has gone, go on without it."""
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    except OSError:
        pass


def _stored_lines(path: str, count: int | None) -> list[str]:
    """The excerpt of a log on disk, None for all of it; empty if it could not be written, which is reported."""
    if count is not None:
        return excerpt_of(path, count)
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
