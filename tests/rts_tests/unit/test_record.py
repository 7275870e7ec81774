"""What recipes exit with: the unit's own status where it has one, else what shells and `timeout` say."""

from dataclasses import replace
from typing import Any

import pytest

from longpole.rts_tests.contracts.plan import PlanModule
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.seeds import Seeds
from longpole.rts_tests.contracts.status import GREEN, RECORDED, Status
from longpole.rts_tests.unit.attempts import SAME
from longpole.rts_tests.unit.record import MAX_REASON, note_of, reason_of, reply_of, status_of
from longpole.rts_tests.unit.running import RunningAttempt
from tests.made_up import record


def ended(status: Status, exit_code: int | None = None, signal: str | None = None) -> Record:
    return record("v/u", status=status, exit_code=exit_code, signal=signal)


@pytest.mark.parametrize(
    ("unit", "reply"),
    [
        (ended(Status.PASSED, 0), 0),
        (ended(Status.SKIPPED, 77), 0),
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


@pytest.mark.parametrize("status", [status for status in RECORDED if status not in GREEN])
def test_no_other_status_is_a_success(status: Status) -> None:
    assert reply_of(ended(status)) != 0


MODULE = PlanModule("m", 1.0, None, 0, 0, 30.0, {})


def attempt(**fields: Any) -> RunningAttempt:
    return RunningAttempt(
        **{"kind": SAME, "seeds": Seeds((), "takes none"), "command": ("x",), "started": 0.0, **fields}
    )


@pytest.mark.parametrize(
    ("fields", "status", "note"),
    [
        ({"status": 0}, Status.PASSED, None),
        ({"status": 3}, Status.FAILED, "exit status 3"),
        ({"status": -9}, Status.CRASHED, "ended by SIGKILL"),
        ({"status": 0, "left": ((7, "sleep 9"),)}, Status.LEAKED, "left running: 7 sleep 9"),
        ({"status": -15, "ended_by": Status.TIMEOUT}, Status.TIMEOUT, "took longer than 30 s"),
        ({"status": 0, "ended_by": Status.TIMEOUT}, Status.TIMEOUT, "took longer than 30 s"),
        ({"status": -15, "ended_by": Status.CANCELLED}, Status.CANCELLED, "the run was interrupted"),
        ({"status": None, "problem": "no such program"}, Status.ERROR, "no such program"),
        ({"status": None, "problem": "gone", "ended_by": Status.CANCELLED}, Status.ERROR, "gone"),
    ],
)
def test_the_status_and_the_note_of_an_attempt(fields: dict[str, Any], status: Status, note: str | None) -> None:
    made = attempt(**fields)
    assert status_of(made, MODULE) == status
    if status is not Status.ERROR:
        assert note_of(made, status, MODULE, None) == note


def test_a_note_is_one_line_and_its_stable_form_has_no_pid() -> None:
    made = attempt(status=1, problem="odd", left=((7, "sleep 9"), (8, "x")), or_left_by=("v/a", "v/b"))
    left = "left running, by this unit or by v/a, v/b"
    assert note_of(made, Status.FAILED, MODULE, "runs/1/t") == (
        f"exit status 1; odd; {left}: 7 sleep 9; 8 x; its TMPDIR is kept in runs/1/t"
    )
    assert note_of(made, Status.FAILED, MODULE, None, stable=True) == f"exit status 1; odd; {left}: sleep 9; x"


def test_processes_that_may_be_left_are_not_mentioned_after_a_pass() -> None:
    allows = replace(MODULE, leaks="allow")
    made = attempt(status=0, left=((7, "sleep 9"),))
    assert status_of(made, allows) == Status.PASSED
    assert note_of(made, Status.PASSED, allows, None) is None
    assert note_of(attempt(status=2, left=((7, "sleep 9"),)), Status.FAILED, allows, None) is not None


@pytest.mark.parametrize(
    ("fields", "status", "note"),
    [
        ({"status": 77}, Status.SKIPPED, "exit status 77"),
        ({"status": 77, "skip_reason": "no device"}, Status.SKIPPED, "no device"),
        ({"status": 78}, Status.FAILED, "exit status 78"),
        ({"status": 0}, Status.PASSED, None),
        ({"status": -77}, Status.CRASHED, "ended by signal 77"),
        ({"status": 77, "ended_by": Status.TIMEOUT}, Status.TIMEOUT, "took longer than 30 s"),
        ({"status": 77, "left": ((7, "x"),)}, Status.LEAKED, "exit status 77; left running: 7 x"),
    ],
)
def test_only_an_exit_status_that_the_suite_names_is_a_skip(
    fields: dict[str, Any], status: Status, note: str | None
) -> None:
    made = attempt(**fields)
    assert status_of(made, MODULE, (3, 77)) == status
    assert note_of(made, status, MODULE, None) == note


def test_what_a_skipped_unit_may_leave_running_is_not_mentioned() -> None:
    allows = replace(MODULE, leaks="allow")
    made = attempt(status=77, left=((7, "sleep 9"),), skip_reason="no device")
    assert status_of(made, allows, (77,)) == Status.SKIPPED
    assert note_of(made, Status.SKIPPED, allows, None) == "no device"


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], None),
        (["", " \t", "\x1b[2J\x07"], None),
        (["first", "no device ", "", " "], "no device"),
        (["\x1b[31mred\x1b[0m ##[error]"], "red # #[error]"),
        (["x" * MAX_REASON], "x" * MAX_REASON),
        (["x" * MAX_REASON + "y"], "x" * (MAX_REASON - 1) + "…"),
    ],
)
def test_the_reason_of_a_skip_is_the_last_line_with_something_to_read(lines: list[str], reason: str | None) -> None:
    assert reason_of(lines) == reason
