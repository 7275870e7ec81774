"""Executions of units apart from any test run: handed out one by one, counted, and only those that fail kept.

Make schedules them, too. Its targets are lanes, as many as executions may run at once; a lane hands over one execution
after another until it hears that there is no more. So a million executions need neither a million targets nor a million
pipes, and what is known of those that passed is their number.
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

KEPT = 100
"""Failing executions of one unit that leave a record and a log; those beyond are counted."""
PROGRESS_S = 0.1
CLEAR_LINE = "\r\x1b[K"


class Execution(NamedTuple):
    """One execution that is to be: a unit with the execution's number, and its seeds."""

    unit: Unit
    seeds: Seeds


def executions_of(unit: Unit, seeds: Iterator[Seeds], first: int = 1) -> Iterator[Execution]:
    """An execution of `unit` for each of `seeds`, numbered from `first`."""
    return (Execution(replace(unit, execution=number), each) for number, each in zip(itertools.count(first), seeds))


class Tally:
    """How many executions of each unit came to what; in memory that the supervisor shares with the guard above it.

    So it is known even of a run whose supervisor was killed.
    """

    def __init__(self, units: Sequence[Unit]) -> None:
        self._rows = {unit.id: row * len(RECORDED) for row, unit in enumerate(units)}
        size = 8 * len(RECORDED) * len(units)
        shared = memoryview(mmap.mmap(-1, size + 16))
        self._counts = shared[:size].cast("Q")
        self._span = shared[size:].cast("d")

    def add(self, name: str, status: str) -> None:
        """Count an execution of the unit called `name`."""
        self._counts[self._rows[name] + RECORDED.index(status)] += 1

    def counts(self, name: str) -> dict[str, int]:
        """Status to number, `passed` first, only those that occur."""
        row = self._rows[name]
        found = zip(RECORDED, self._counts[row : row + len(RECORDED)], strict=True)
        return {status: number for status, number in found if number}

    def begin(self, now: float) -> None:
        """Note when the first execution began."""
        self._span[0] = self._span[1] = now

    def end(self, now: float) -> None:
        """Note when the last one ended, so far."""
        self._span[1] = now

    @property
    def span_s(self) -> float:
        """Seconds from the first execution's start to the last one's end."""
        return float(self._span[1] - self._span[0])


class Executions:
    """What the supervisor asks: which execution is next, with which seeds, and whether one that has ended is kept."""

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
        """The next execution, None when there is no more. The time for which they go on counts from the first one."""
        if not self._begun:
            self._begun = True
            self.tally.begin(now)
            self._until = None if self._for_s is None else now + self._for_s
        if self._until is not None and now >= self._until:
            return None
        found = next(self._executions, None)
        if found is None:
            return None
        self._under_way[found.unit.id] = found
        return found.unit

    def seeds(self, unit: Unit) -> Seeds:
        """The seeds of an execution that is under way."""
        return self._under_way[unit.id].seeds

    def has_room(self, unit: Unit, status: str) -> bool:
        """Whether an execution of the unit that came to `status` is kept."""
        return status not in NOT_FAILURES and self._failures.get(unit.planned.id, 0) < KEPT

    def ended(self, record: Record) -> bool:
        """Count an execution; whether its record and log are kept."""
        unit = self._under_way.pop(record.id).unit
        name = unit.planned.id
        self._ended += 1
        now = time.monotonic()
        self.tally.add(name, record.status)
        self.tally.end(now)
        if record.status == Status.ERROR:  # the next one could not be started either
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
        """Take the progress off the terminal."""
        self._write(CLEAR_LINE)

    def _write(self, text: str) -> None:
        if self._shows:
            try:
                os.write(1, text.encode())
            except OSError:
                self._shows = False  # the terminal went away


def lanes_makefile(lanes: Sequence[str]) -> str:
    """The makefile of a run of executions: lanes that go on as long as they are answered 0, until they are told to end.

    A lane opens its pipe once, for reading and writing: opened anew for each answer it could meet the end of the last.
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
