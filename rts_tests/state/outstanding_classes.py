"""Which classes of a module with forks are outstanding: those whose latest outcome is not a pass.

The latest outcome of a class is that in the newest run in which it was given to a fork: in the fork's record, or none
if the run ended before. A class of which a selection left out tests has no pass in that run. A class that the newest
listing does not name has been removed, and is not outstanding.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.contracts.records import Record, RunInfo
from longpole.rts_tests.contracts.status import GREEN
from longpole.rts_tests.forks.assignment import Assignment, read_assignment
from longpole.rts_tests.forks.selection import parse_selection


class OutstandingClasses:
    """What the runs, looked at from the newest to the oldest, say about the classes of a module."""

    def __init__(self, forks: Sequence[Unit]) -> None:
        self._forks = {unit.target: unit for unit in forks}
        self._listed: frozenset[str] | None = None
        self._green: set[str] = set()
        self._red: set[str] = set()
        self._all = False

    @property
    def decided(self) -> bool:
        """Whether older runs have nothing to add."""
        return self._all or (self._listed is not None and self._listed <= self._green | self._red)

    @property
    def names(self) -> frozenset[str] | None:
        """The outstanding classes; None if all of the module are, whatever they are."""
        return None if self._all else frozenset(self._red & (self._listed or frozenset()))

    @property
    def targets(self) -> frozenset[str]:
        """The targets of all forks if anything is outstanding."""
        return frozenset(self._forks) if self._all or self.names else frozenset()

    def planned_in(self, info: RunInfo) -> list[Unit]:
        """The forks that a run planned."""
        return [self._forks[target] for _, target, _ in info.planned if target in self._forks]

    def look(self, run: Path, info: RunInfo, records: Mapping[str, Record] | None, *, under_way: bool) -> None:
        """Look at the next older run. `records` is None if every unit of it was green."""
        forks = self.planned_in(info)
        assignment = read_assignment(run, forks[0].variant, forks[0].module)
        if assignment is None:
            self._all = self._listed is None and not under_way and records is not None
            return
        if self._listed is None:
            self._listed = frozenset({*assignment.left_out, *assignment.queue})
        selection = parse_selection("\n".join([*info.select, ""]))
        for name, green in _outcomes(assignment, forks, records, under_way=under_way).items():
            in_part = selection is not None and selection.may_split(name)
            if name not in self._green and name not in self._red and not (green and in_part):
                (self._green if green else self._red).add(name)

    def by_history(self, status: Mapping[str, str | None]) -> None:
        """If no kept run lists the classes, take the last status of each fork, by unit id."""
        if self._listed is None and not self._all:
            known = [status.get(unit.id) for unit in self._forks.values()]
            self._all = any(each is not None and each not in GREEN for each in known)


def _outcomes(
    assignment: Assignment, forks: Sequence[Unit], records: Mapping[str, Record] | None, *, under_way: bool
) -> dict[str, bool]:
    """Whether each class that was given to one of `forks` was green there; not of forks that may still run."""
    outcomes: dict[str, bool] = {}
    ran: dict[str, bool] = {}
    for unit in forks:
        record = None if records is None else records.get(unit.target)
        planned = assignment.forks[unit.fork] if unit.fork is not None and unit.fork < len(assignment.forks) else ()
        if records is None or (record is None and not under_way):
            outcomes.update(dict.fromkeys(planned, records is None))
        elif record is not None:
            results = {each.name: each.status in GREEN for each in record.classes}
            if record.status not in GREEN and all(results.values()):  # whichever it was
                results = dict.fromkeys(results or planned, False)
            silent = record.status in GREEN and not results and not assignment.stealing  # it tells of no classes
            outcomes.update(dict.fromkeys(planned, silent))
            ran.update(results)
    return {**outcomes, **ran}
