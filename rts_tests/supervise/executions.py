"""Executions of units outside a test run: they are drawn one by one and counted; only failures are kept.

Make schedules them, too. Its targets are lanes, as many as executions may run at once. A lane hands over one execution
after another until the answer says that there are no more. So a million executions need neither a million targets nor a
million pipes. Those that pass are only counted.
"""

import itertools
import mmap
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.seeds import Seeds
from longpole.rts_tests.contracts.status import NOT_FAILURES, RECORDED, Status
from longpole.rts_tests.make.handover import NOT_RUN

MAX_KEPT = 100
"""Failing executions per unit that leave a record and a log; further ones are only counted."""
PROGRESS_S = 0.1
CLEAR_LINE = "\r\x1b[K"


class Execution(NamedTuple):
    """One planned execution: a unit with the execution's number, and its seeds."""

    unit: Unit
    seeds: Seeds


def executions_of(unit: Unit, seeds: Iterator[Seeds], first: int = 1) -> Iterator[Execution]:
    """Yield an execution of `unit` for each item of `seeds`, numbered from `first`."""
    return (Execution(replace(unit, execution=number), own) for number, own in zip(itertools.count(first), seeds))


class Tally:
    """The number of executions by unit and status, in memory that the supervisor shares with the guard above it.

    So the counts survive a supervisor that is killed.
    """

    def __init__(self, units: Sequence[Unit]) -> None:
        self._rows = {unit.id: row * len(RECORDED) for row, unit in enumerate(units)}
        size = 8 * len(RECORDED) * len(units)
        shared = memoryview(mmap.mmap(-1, size + 16))
        self._counts = shared[:size].cast("Q")
        self._span = shared[size:].cast("d")

    def add(self, name: str, status: str) -> None:
        """Count an execution of the unit with the id `name`."""
        self._counts[self._rows[name] + RECORDED.index(status)] += 1

    def counts(self, name: str) -> dict[str, int]:
        """Return the number of executions by status, `passed` first, without zeros."""
        row = self._rows[name]
        numbers = zip(RECORDED, self._counts[row : row + len(RECORDED)], strict=True)
        return {status: number for status, number in numbers if number}

    def begin(self, now: float) -> None:
        """Record the start of the first execution, on the monotonic clock."""
        self._span[0] = self._span[1] = now

    def end(self, now: float) -> None:
        """Record the end of the last execution so far."""
        self._span[1] = now

    @property
    def span_s(self) -> float:
        """Seconds from the first execution's start to the last one's end."""
        return float(self._span[1] - self._span[0])


class Executions:
    """Tells the supervisor which execution is next, with which seeds, and whether one that has ended is kept."""

    def __init__(
        self,
        units: Sequence[Unit],
        executions: Iterator[Execution],
        *,
        jobs: int,
        total: int | None = None,
        for_s: float | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.lanes = tuple(f"test-lane-{number}" for number in range(1, min(jobs, total or jobs) + 1))
        self.tally = Tally(units)
        self._executions = executions
        self._total = total
        self._for_s = for_s
        self._until: float | None = None
        self._begun = False
        self._under_way: dict[str, Execution] = {}
        self._failures: dict[str, int] = {}
        self._ended = 0
        self._shows = os.isatty(1) and environ.get("TERM") != "dumb"
        self._shown_at = 0.0

    def draw(self, now: float) -> Unit | None:
        """Return the next execution, None if there are no more. The time limit counts from the first call."""
        if not self._begun:
            self._begun = True
            self.tally.begin(now)
            self._until = None if self._for_s is None else now + self._for_s
        if self._until is not None and now >= self._until:
            return None
        execution = next(self._executions, None)
        if execution is None:
            return None
        self._under_way[execution.unit.id] = execution
        return execution.unit

    def seeds(self, unit: Unit) -> Seeds:
        """Return the seeds of an execution that is under way."""
        return self._under_way[unit.id].seeds

    def has_room(self, unit: Unit, status: str) -> bool:
        """Whether to keep an execution of the unit with this status."""
        return status not in NOT_FAILURES and self._failures.get(unit.planned.id, 0) < MAX_KEPT

    def ended(self, record: Record) -> bool:
        """Count an execution that has ended; return whether its record and log are kept."""
        unit = self._under_way.pop(record.id).unit
        name = unit.planned.id
        self._ended += 1
        now = time.monotonic()
        self.tally.add(name, record.status)
        self.tally.end(now)
        if record.status == Status.ERROR:  # the next one could not start, either
            self._executions = iter(())
        kept = self.has_room(unit, record.status)
        if record.status not in NOT_FAILURES:
            self._failures[name] = self._failures.get(name, 0) + 1
        if kept:
            self.clear_progress()  # its line comes next
        else:
            self._progress(now)
        return kept

    def _progress(self, now: float) -> None:
        if now >= self._shown_at + PROGRESS_S:
            self._shown_at = now
            total = "" if self._total is None else f" of {self._total}"
            failed = sum(self._failures.values())
            self._write(f"{CLEAR_LINE}{self._ended}{total}, {failed} failed")

    def clear_progress(self) -> None:
        """Remove the line of progress from the terminal."""
        self._write(CLEAR_LINE)

    def _write(self, text: str) -> None:
        if self._shows:
            try:
                os.write(1, text.encode())
            except OSError:
                self._shows = False  # the terminal went away


def lanes_makefile(lanes: Sequence[str]) -> str:
    """Return the makefile of a run of executions: a lane goes on as long as the answer is 0, and `NOT_RUN` ends it.

    A lane opens its pipe once, for reading and writing: if it opened it for each answer, it could read the end of file
    of the last one.
    """
    return f"""\
MAKEFLAGS += -rR
lanes = {" ".join(lanes)}
next = echo $@ >"$$LONGPOLE_REQUEST" && read -r status <&3 && test "$$status" = 0
run-units: $(lanes)
$(lanes):
\t@exec 3<>"$$LONGPOLE_REPLY/$@" && while $(next); do :; done; test "$$status" = {NOT_RUN}
.PHONY: run-units $(lanes)
"""
