"""The kind of a failure: a pure function of a unit's attempts.

A unit that fails is run again with the same seeds. If it passes then, it is flaky: same input, different outcome. If it
never passes, and it takes seeds, it is run once with other seeds: if it passes with those, its failure depends on the
seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from longpole.rts_tests.contracts.status import RETRIED, Status

SAME = "same seeds"
OTHER = "other seeds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt of a unit that has ended. Times are seconds; `started_s` counts from the run's start."""

    kind: str
    seed: int | None
    status: Status
    exit_code: int | None
    signal: str | None
    note: str | None
    stable_note: str | None
    """The note without the parts that differ between runs of one outcome; None if there are none."""
    started_s: float
    wall_s: float
    user_s: float
    sys_s: float
    max_rss_bytes: int


def next_attempt(attempts: Sequence[Attempt], retries: int, *, seeded: bool) -> str | None:
    """Return the kind of the next attempt, SAME or OTHER; None if there is to be none."""
    last = attempts[-1]
    if last.status not in RETRIED or last.kind == OTHER or not retries:
        return None
    if len(attempts) <= retries:
        return SAME
    return OTHER if seeded else None


def verdict(attempts: Sequence[Attempt]) -> Status:
    """Return the unit's status: that of the only or the cancelled attempt, `flaky`, `seed-dependent`, or the first."""
    first, last = attempts[0], attempts[-1]
    if last.status in (Status.CANCELLED, Status.ERROR):
        return last.status
    if last.status != Status.PASSED or len(attempts) == 1:
        return first.status
    return Status.SEED_DEPENDENT if last.kind == OTHER else Status.FLAKY
