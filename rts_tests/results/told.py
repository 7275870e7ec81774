"""What readers of results have in common: their interface, and what their results mean for the status of a unit."""

from dataclasses import dataclass
from typing import Protocol

from longpole.rts_tests.contracts.cases import Case, ClassResult
from longpole.rts_tests.contracts.status import GREEN, Status

ENDED_BY_FORCE = frozenset({Status.CRASHED, Status.TIMEOUT, Status.CANCELLED, Status.ERROR})
"""Statuses of an attempt that could not tell all: it was ended, or did not start."""

MAX_CASES = 1_000_000
"""Cases that are read of one attempt; what tells of more of them has a problem."""


@dataclass(frozen=True, slots=True)
class End:
    """How an attempt ended. `status` is its own, without results; `tmpdir` still exists.

    `claimed` are the classes that the fork took from the queue, in order; None if it was given its classes.
    """

    status: Status
    exit_code: int | None
    tmpdir: str
    claimed: tuple[str, ...] | None = None
    unclaimed: tuple[str, ...] = ()
    """Classes that no fork took, and none will; they count as this one's."""


@dataclass(frozen=True, slots=True)
class Told:
    """What an attempt told. `classes` are told by forks only.

    `problem` says why the results cannot be trusted as they are; None if they can. `output` ends the log.
    """

    cases: tuple[Case, ...] = ()
    classes: tuple[ClassResult, ...] = ()
    problem: str | None = None
    output: bytes = b""


class Reader(Protocol):
    """Reads the results of one attempt."""

    def feed(self, data: bytes) -> bytes:
        """Take a piece of the standard output; return what goes to the log for it. Never raises."""

    def finish(self, end: End) -> Told:
        """Return what was told, after all output has been fed. Never raises."""


def final_status(own: Status, told: Told) -> Status:
    """The status of an attempt with results: they turn green into red, and never red into green.

    An attempt that failed by itself has taken too long if the first of its cases that is red has.
    """
    if own not in GREEN and own is not Status.FAILED:
        return own
    first = next((case.status for case in told.cases if case.status not in GREEN), None)
    if told.problem is not None:
        return Status.ERROR if own in GREEN else own
    if first is Status.TIMEOUT:
        return Status.TIMEOUT
    return Status.FAILED if first is not None else own
