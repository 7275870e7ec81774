"""How even the forks of a module were, and what stealing won: from records, and the assignment that a run kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report.cases import without_fork
from longpole.rts_tests.report.summary import Summary


@dataclass(frozen=True, slots=True)
class Balance:
    """The forks of a module in a variant that ran classes, two at least. Durations are wall times in seconds.

    `unit` is `variant/module`; `alone` the class that the longest fork ran, if that was its only one.
    """

    unit: str
    forks: int
    longest_s: float
    mean_s: float
    alone: str | None
    stolen_s: float | None = None
    """How much longer the longest fork would have taken without stealing; None if forks did not steal."""

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
            forks.setdefault(without_fork(outcome.id), []).append(record)
    return [_balance(unit, records) for unit, records in forks.items() if len(records) > 1]


def _balance(unit: str, records: Sequence[Record]) -> Balance:
    longest = max(records, key=lambda record: record.wall_s)
    return Balance(
        unit=unit,
        forks=len(records),
        longest_s=longest.wall_s,
        mean_s=sum(record.wall_s for record in records) / len(records),
        alone=longest.classes[0].name if len(longest.classes) == 1 else None,
    )
