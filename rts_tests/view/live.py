"""The live view: lines that scroll, and below them a region that is redrawn.

The cursor stays visible, at the end of the region. So anything else that is written to the terminal, such as a shell's
prompt after Ctrl-Z, appears below the region, and if we are killed the terminal needs no repair. The start or end of a
unit draws nothing: it is noted, and the next tick draws all changes. There are at most ten ticks a second.
"""

import math
import os
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from longpole.rts_tests.contracts.harmless import harmless
from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import NOT_FAILURES, Status
from longpole.rts_tests.supervise.watch import Log
from longpole.rts_tests.unit.running import RunningUnit
from longpole.rts_tests.view.frame import Picture, frame, room_for
from longpole.rts_tests.view.lines import Lines
from longpole.rts_tests.view.plain import Plain, write
from longpole.rts_tests.view.time_left import TimeLeft

REDRAW_S = 0.1
"""Seconds from one redraw to the next if something has changed."""
CLOCK_S = 1.0
"""Seconds from one redraw to the next if only time has passed."""
STDERR = 2


class Live(Plain):
    """Draws the progress of a run below the lines that it writes. `jobs` units run at once, None for any number."""

    def __init__(
        self,
        descriptor: int,
        lines: Lines,
        in_order: Path | None,
        *,
        jobs: int | None,
        flaky_passes: bool,
        order: Sequence[str] = (),
    ) -> None:
        super().__init__(descriptor, lines, in_order, order=order)
        self._left = TimeLeft(jobs)
        self._fine = NOT_FAILURES | ({Status.FLAKY} if flaky_passes else set())
        self._running: dict[str, RunningUnit] = {}
        self._done = self._failed = self._total = 0
        self._text: list[str] = []
        self._changed = False
        self._drawn_at = -math.inf
        self._height = 0

    @property
    def next_tick(self) -> float | None:
        """See `View`."""
        if self._changed:
            return self._drawn_at + REDRAW_S
        return self._drawn_at + CLOCK_S if self._running else None

    def begin(self, units: Sequence[Unit]) -> None:
        """See `View`."""
        super().begin(units)
        self._left.begin(units)
        self._total = len(units)

    def not_run(self, units: Sequence[Unit]) -> None:
        """See `View`."""
        super().not_run(units)
        self._left.not_run(units)
        self._total -= len(units)
        self._changed = True

    def started(self, running: RunningUnit) -> None:
        """See `View`."""
        super().started(running)
        self._left.started(running.unit, running.lane, running.attempt.started)
        self._running[running.unit.target] = running
        self._changed = True

    def listing(self, running: RunningUnit) -> None:
        """See `View`."""
        super().listing(running)
        self._running[running.unit.target] = running
        self._changed = True

    def listed(self, running: RunningUnit) -> None:
        """See `View`."""
        del self._running[running.unit.target]
        self._changed = True

    def finished(self, record: Record, log: Log) -> None:
        """See `View`."""
        super().finished(record, log)
        running = self._running.pop(record.target, None)
        if running is None:  # it ended without a process
            self._left.drop(record.target)
        else:
            self._left.finished(
                running.unit,
                running.lane,
                running.attempt.ended,
                took_s=record.wall_s,
                cpu_s=record.cpu_s,
                slowdown=record.slowdown,
            )
        self._done += 1
        self._failed += record.status not in self._fine
        self._changed = True

    def output(self, text: bytes) -> None:
        """See `View`: above the region."""
        for line in text.decode(errors="replace").splitlines():
            self._say(harmless(line, colour=True))

    def message(self, text: bytes) -> None:
        """See `View`: above the region if standard error is a terminal, else unchanged."""
        if self._total and os.isatty(STDERR):
            self.output(text)
        else:
            super().message(text)

    def tick(self, now: float) -> None:
        """See `View`."""
        due = self.next_tick
        if due is not None and now >= due:
            self._drawn_at = now
            self._changed = False
            if self._in_foreground():
                columns, rows = self._size()
                self._draw(frame(self._picture(now, rows), columns))
            else:  # another process uses the terminal: add lines, move nothing
                self._height = 0
                self._draw([])

    def resumed(self, paused_s: float) -> None:
        """See `View`: the old region stays where it is, above the lines of the shell."""
        if self._height:
            self._height = 0
            self._changed = True
            self._drawn_at = -math.inf

    def close(self) -> None:
        """See `View`."""
        super().close()
        self._draw([])
        self._running.clear()
        self._changed = False
        self._total = 0

    def _say(self, text: str) -> None:
        self._text.append(text)
        self._changed = True

    def _picture(self, now: float, rows: int) -> Picture:
        running = [(each.unit, now - each.attempt.started - each.attempt.paused_s) for each in self._running.values()]
        shown = [
            (unit.id, elapsed, None if unit.listing else unit.upper_s * self._left.factor(unit))
            for unit, elapsed in islice(running, room_for(rows))
        ]
        return Picture(self._done, self._failed, self._total, self._left.left_s(running), shown, len(running))

    def _draw(self, lines: Sequence[str]) -> None:
        """Replace the region by the new lines and a new region, in one write."""
        up = f"\x1b[{self._height - 1}A" if self._height > 1 else ""
        back = f"\r{up}" if self._height else ""
        clear = "\x1b[J" if self._height and (self._text or not lines) else ""
        text = "".join(f"{line}\n" for line in self._text)
        self._text.clear()
        erase = ["\x1b[K"] * (len(lines) - 1) + ["\x1b[J"]
        region = "\n".join(map(str.__add__, erase, lines))
        self._height = len(lines)
        if data := f"{back}{clear}{text}{region}":
            write(self._descriptor, data.encode(errors="replace"))

    def _in_foreground(self) -> bool:
        try:
            return os.tcgetpgrp(self._descriptor) == os.getpgrp()
        except OSError:  # not our controlling terminal
            return True

    def _size(self) -> tuple[int, int]:
        """Columns and rows; 80 x 24 if the terminal does not report its size."""
        try:
            columns, rows = os.get_terminal_size(self._descriptor)
        except OSError:
            columns = rows = 0
        return columns or 80, rows or 24
