"""How even the forks of a module were, and what stealing won: from records, and the assignment that a run kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.forks.assignment import Assignment, read_assignment
from longpole.rts_tests.report.summary import Summary

_UNFINISHED = frozenset({Status.CRASHED, Status.TIMEOUT, Status.NOT_RUN})
_RAN = frozenset({Status.PASSED, Status.FAILED})


@dataclass(frozen=True, slots=True)
class Balance:
    """The forks of a module in a variant that ran classes: two at least, or one that took them all from a queue.

    Durations are wall times in seconds.

    `unit` is `variant/module`; `alone` the class that the longest fork ran, if that was its only one.
    """

    unit: str
    forks: int
    longest_s: float
    mean_s: float
    alone: str | None
    stolen_s: float | None = None
    """How much longer the longest fork would have taken without stealing; None if forks did not steal."""
    repeated: int = 0
    """Cases that more than one fork told of: then the forks do not run the classes that they are given."""

    @property
    def ratio(self) -> float:
        """The longest fork divided by the mean of all; 1 if nothing took any time."""
        return self.longest_s / self.mean_s if self.mean_s > 0 else 1.0


def balances(summary: Summary) -> list[Balance]:
    """The balance of each module with several forks, in plan order."""
    forks: dict[str, list[Record]] = {}
    for outcome in summary.outcomes:
        record = outcome.record
        if record is not None and record.fork is not None and record.classes and record.status != Status.CANCELLED:
            forks.setdefault(f"{record.variant}/{record.module}", []).append(record)
    found = (_balance(unit, records, summary.run) for unit, records in forks.items())
    return [balance for balance in found if balance is not None]


def _balance(unit: str, records: Sequence[Record], run: Path) -> Balance | None:
    assignment = read_assignment(run, records[0].variant, records[0].module)
    if len(records) < 2 and not (assignment is not None and assignment.stealing and len(assignment.forks) > 1):
        return None
    longest = max(records, key=lambda record: record.wall_s)
    return Balance(
        unit=unit,
        forks=len(records),
        longest_s=longest.wall_s,
        mean_s=sum(record.wall_s for record in records) / len(records),
        alone=longest.classes[0].name if len(longest.classes) == 1 else None,
        stolen_s=stolen_s(records, assignment) if assignment is not None and assignment.stealing else None,
        repeated=_repeated(records),
    )


def _repeated(records: Sequence[Record]) -> int:
    own = [{(case.class_name, case.name) for case in record.cases if case.status in _RAN} for record in records]
    return sum(map(len, own)) - len(frozenset().union(*own))


def stolen_s(records: Sequence[Record], assignment: Assignment) -> float | None:
    """How much longer, in seconds, the longest fork would have taken if each had kept the classes planned for it.

    Negative if it would have taken less; None if a class was not completed, because then nobody knows. The durations
    are those of this run. A fork with several threads takes less than the sum of its classes, so the difference is
    scaled by the ratio of the forks' wall times to these sums.
    """
    if any(each.status in _UNFINISHED for record in records for each in record.classes):
        return None
    took = {each.name: each.seconds for record in records for each in record.classes}
    total_s = sum(took.values())
    planned_s = max((sum(took.get(name, 0.0) for name in fork) for fork in assignment.forks), default=0.0)
    actual_s = max((sum(each.seconds for each in record.classes) for record in records), default=0.0)
    wall_s = sum(record.wall_s for record in records)
    return (planned_s - actual_s) * (min(1.0, wall_s / total_s) if total_s else 0.0)
