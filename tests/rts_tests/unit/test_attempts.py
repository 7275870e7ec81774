"""When a unit is run again, with which seeds, and what its attempts amount to."""

import pytest

from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.unit.attempts import OTHER, SAME, Attempt, next_attempt, verdict
from tests.made_up import attempt

PASSED, FAILED, TIMEOUT, CRASHED, LEAKED = (
    Status.PASSED, Status.FAILED, Status.TIMEOUT, Status.CRASHED, Status.LEAKED,
)  # fmt: skip
FLAKY, DEPENDENT, CANCELLED, ERROR = Status.FLAKY, Status.SEED_DEPENDENT, Status.CANCELLED, Status.ERROR
SKIPPED = Status.SKIPPED


def attempts(*statuses: Status, last: str = SAME) -> list[Attempt]:
    """Attempts with these statuses, the last of this kind."""
    kinds = [*[SAME] * (len(statuses) - 1), last]
    return [attempt(kind, status) for kind, status in zip(kinds, statuses, strict=True)]


@pytest.mark.parametrize(
    ("statuses", "retries", "seeded", "kind"),
    [
        ((PASSED,), 2, True, None),
        ((FAILED,), 0, True, None),
        ((FAILED,), 1, True, SAME),
        ((TIMEOUT,), 1, False, SAME),
        ((CRASHED,), 1, False, SAME),
        ((LEAKED,), 1, False, SAME),
        ((CANCELLED,), 1, True, None),
        ((ERROR,), 1, True, None),
        ((SKIPPED,), 1, True, None),
        ((FAILED, SKIPPED), 5, True, None),
        ((FAILED, FAILED), 2, True, SAME),
        ((FAILED, FAILED), 1, True, OTHER),
        ((FAILED, FAILED), 1, False, None),
        ((FAILED, PASSED), 5, True, None),
        ((FAILED, FAILED, FAILED), 2, True, OTHER),
    ],
)
def test_what_follows(statuses: tuple[Status, ...], retries: int, seeded: bool, kind: str | None) -> None:
    assert next_attempt(attempts(*statuses), retries, seeded=seeded) == kind


def test_nothing_follows_other_seeds() -> None:
    assert next_attempt(attempts(FAILED, FAILED, last=OTHER), 5, seeded=True) is None


@pytest.mark.parametrize(
    ("statuses", "last", "status"),
    [
        ((PASSED,), SAME, PASSED),
        ((FAILED,), SAME, FAILED),
        ((LEAKED,), SAME, LEAKED),
        ((CANCELLED,), SAME, CANCELLED),
        ((SKIPPED,), SAME, SKIPPED),
        ((FAILED, SKIPPED), SAME, FAILED),
        ((FAILED, PASSED), SAME, FLAKY),
        ((FAILED, FAILED, PASSED), SAME, FLAKY),
        ((FAILED, FAILED, PASSED), OTHER, DEPENDENT),
        ((FAILED, CRASHED), SAME, FAILED),
        ((CRASHED, FAILED, TIMEOUT), OTHER, CRASHED),
        ((FAILED, CANCELLED), SAME, CANCELLED),
        ((FAILED, TIMEOUT, ERROR), OTHER, ERROR),
    ],
)
def test_what_they_amount_to(statuses: tuple[Status, ...], last: str, status: Status) -> None:
    assert verdict(attempts(*statuses, last=last)) == status
