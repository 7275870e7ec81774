"""What became of a unit: the statuses of attempts, records and outcomes, and the sets of them that have a name."""

from enum import StrEnum


class Status(StrEnum):
    """A status, in the order in which counts of them are listed. Files hold its text."""

    PASSED = "passed"
    FAILED = "failed"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    LEAKED = "leaked"
    SEED_DEPENDENT = "seed-dependent"
    FLAKY = "flaky"
    ERROR = "error"
    CANCELLED = "cancelled"
    NOT_RUN = "not run"
    """A planned unit that left no record; no record holds it."""


RECORDED = tuple(status for status in Status if status is not Status.NOT_RUN)
"""The statuses that a record may have."""

RETRIED = frozenset({Status.FAILED, Status.TIMEOUT, Status.CRASHED, Status.LEAKED})
"""Statuses of an attempt after which another attempt can tell more."""

SHRUNK = RETRIED | {Status.FLAKY, Status.SEED_DEPENDENT}
"""Statuses of a unit of whose seeds fewer may fail as well."""

FAILED_BEFORE = SHRUNK | {Status.ERROR}
"""Statuses that put a unit first in the next run."""

NOT_FAILURES = frozenset({Status.PASSED, Status.CANCELLED})
"""Statuses that report no failure of the unit's own; a cancelled unit still fails its run."""

UNFINISHED = frozenset({Status.CANCELLED, Status.NOT_RUN})
"""Statuses of units whose outcome is not known, because the run ended before they did."""
