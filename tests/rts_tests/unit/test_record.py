"""What recipes exit with: the unit's own status where it has one, else what shells and `timeout` say."""

import pytest

from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import RECORDED, Status
from longpole.rts_tests.unit.record import joined, reply_of
from tests.made_up import record


def ended(status: Status, exit_code: int | None = None, signal: str | None = None) -> Record:
    return record("v/u", status=status, exit_code=exit_code, signal=signal)


@pytest.mark.parametrize(
    ("unit", "reply"),
    [
        (ended(Status.PASSED, 0), 0),
        (ended(Status.FAILED, 3), 3),
        (ended(Status.FAILED, 255), 255),
        (ended(Status.CRASHED, signal="SIGKILL"), 137),
        (ended(Status.CRASHED, signal="SIGSEGV"), 139),
        (ended(Status.CRASHED, signal="signal 35"), 163),
        (ended(Status.TIMEOUT, signal="SIGTERM"), 124),
        (ended(Status.CANCELLED, signal="SIGTERM"), 130),
        (ended(Status.LEAKED, 0), 1),
        (ended(Status.FLAKY, 7), 1),
        (ended(Status.SEED_DEPENDENT, 7), 1),
        (ended(Status.ERROR), 2),
    ],
    ids=lambda each: each.status if isinstance(each, Record) else each,
)
def test_a_recipe_exits_with(unit: Record, reply: int) -> None:
    assert reply_of(unit) == reply


@pytest.mark.parametrize("status", [status for status in RECORDED if status is not Status.PASSED])
def test_no_other_status_is_a_success(status: Status) -> None:
    assert reply_of(ended(status)) != 0


def test_notes_are_one_line() -> None:
    assert joined(["exit status 1", None, "left running: 7 sleep"]) == "exit status 1; left running: 7 sleep"
    assert joined([None, None]) is None
