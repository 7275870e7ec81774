"""The status of an attempt, of a record or of a planned unit, and named sets of statuses."""

from enum import StrEnum


class Status(StrEnum):
    """A status; reports list counts in this order. Files contain its text."""

    PASSED = "passed"
    FAILED = "failed"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    LEAKED = "leaked"
    SEED_DEPENDENT = "seed-dependent"
    FLAKY = "flaky"
    ERROR = "error"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    NOT_RUN = "not run"
    """The status of a planned unit without a record; no record has it."""


RECORDED = tuple(status for status in Status if status is not Status.NOT_RUN)
"""The statuses that a record may have."""

RETRIED = frozenset({Status.FAILED, Status.TIMEOUT, Status.CRASHED, Status.LEAKED})
"""Statuses of an attempt after which another attempt is worthwhile."""

SHRUNK = RETRIED | {Status.FLAKY, Status.SEED_DEPENDENT}
"""Statuses of a unit that may fail with fewer of its seeds, too."""

FAILED_BEFORE = SHRUNK | {Status.ERROR}
"""Statuses that put a unit first in the next run."""

GREEN = frozenset({Status.PASSED, Status.SKIPPED})
"""Statuses that never fail a run; `retest` runs the units that have another one."""

NOT_FAILURES = GREEN | {Status.CANCELLED}
"""Statuses that are not a failure of the unit itself; a cancelled unit still fails its run."""

UNFINISHED = frozenset({Status.CANCELLED, Status.NOT_RUN})
"""Statuses of units whose outcome is unknown, because the run ended before they did."""
