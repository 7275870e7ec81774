"""The results of a unit that has settled: its attempts, its record, and the exit status of its recipe."""

import signal
from dataclasses import asdict

from longpole.rts_tests.contracts.plan import PlanModule
from longpole.rts_tests.contracts.records import LogState, Record, utc
from longpole.rts_tests.contracts.seeds import seed_text
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.unit.attempts import Attempt, verdict
from longpole.rts_tests.unit.command import reproducer
from longpole.rts_tests.unit.running import RunningAttempt, RunningUnit

_REPLIES = {
    Status.PASSED: 0,
    Status.TIMEOUT: 124,
    Status.LEAKED: 1,
    Status.SEED_DEPENDENT: 1,
    Status.FLAKY: 1,
    Status.CANCELLED: 130,
    Status.ERROR: 2,
}
"""Exit statuses of recipes, as `timeout` and shells use them; for failed and crashed units it is the unit's own."""


def status_of(attempt: RunningAttempt, module: PlanModule) -> tuple[Status, str | None]:
    """Return the status of an attempt that has settled, and a note about it or None."""
    code = attempt.status
    if code is None:
        return Status.ERROR, attempt.problem
    note = None
    if attempt.ended_by == Status.TIMEOUT:
        status, note = Status.TIMEOUT, f"took longer than {module.timeout_s:g} s"
    elif attempt.ended_by == Status.CANCELLED:
        status, note = Status.CANCELLED, "the run was interrupted"
    elif code < 0:
        status, note = Status.CRASHED, f"ended by {_signal_name(-code)}"
    elif code:
        status, note = Status.FAILED, f"exit status {code}"
    elif attempt.left and module.leaks == "fail":
        status = Status.LEAKED
    else:
        status = Status.PASSED
    notes = [note, attempt.problem]
    if attempt.left and attempt.ended_by is None and not (status == Status.PASSED and module.leaks == "allow"):
        whose = f", by this unit or by {', '.join(attempt.or_left_by)}" if attempt.or_left_by else ""
        notes.append(f"left running{whose}: {'; '.join(attempt.left)}")
    return status, joined(notes)


def joined(notes: list[str | None]) -> str | None:
    """Return the notes in one line; None if there is none."""
    return "; ".join(filter(None, notes)) or None


def attempt_of(attempt: RunningAttempt, status: Status, note: str | None, begun: float) -> Attempt:
    """Return the `Attempt` of an attempt that has settled; `begun` is the run's start on the monotonic clock."""
    code = attempt.status
    return Attempt(
        kind=attempt.kind,
        seed=attempt.seeds.first,
        status=status,
        exit_code=code if code is not None and code >= 0 else None,
        signal=_signal_name(-code) if code is not None and code < 0 else None,
        note=note,
        started_s=round(attempt.started - begun, 6),
        wall_s=max(0.0, round(attempt.ended - attempt.started - attempt.paused_s, 6)),
        user_s=attempt.user_s,
        sys_s=attempt.sys_s,
        max_rss_bytes=attempt.max_rss_bytes,
    )


def record_of(running: RunningUnit, sha: str | None, host: str) -> Record:
    """Return the record of a unit after its last attempt; `sha` is the commit under test."""
    unit = running.unit
    first, *more = running.attempts
    return Record(
        id=unit.id,
        target=unit.target,
        variant=unit.variant,
        module=unit.module,
        chunk=unit.chunk,
        seed=running.seeds.first,
        first_seed=running.seeds.first,
        seed_count=len(running.seeds.values),
        command=running.command,
        status=verdict(running.attempts),
        exit_code=first.exit_code,
        signal=first.signal,
        started_at=utc(running.started_at),
        started_s=first.started_s,
        wall_s=round(sum(attempt.wall_s for attempt in running.attempts), 6),
        user_s=sum(attempt.user_s for attempt in running.attempts),
        sys_s=sum(attempt.sys_s for attempt in running.attempts),
        max_rss_bytes=max(attempt.max_rss_bytes for attempt in running.attempts),
        attempts=len(running.attempts),
        lane=running.lane,
        host=host,
        artifact_sha256=running.artifact_sha256,
        reproducer=reproducer(unit, running.seeds, sha),
        note=first.note,
        waited_s=running.waited_s,
        waited_for=running.waited_for,
        tries=tuple(asdict(attempt) for attempt in running.attempts) if more else (),
        seeds=seed_text(running.seeds.values) or None,
        seed_source=running.seeds.source if running.seeds.values else None,
        execution=unit.execution,
        log=LogState.EMPTY if running.capture.empty else LogState.KEPT,
    )


def reply_of(record: Record) -> int:
    """Return the exit status of the unit's recipe: for failed and crashed units the unit's own."""
    if record.status in _REPLIES:
        return _REPLIES[record.status]
    if record.signal is not None:
        return 128 + _signal_number(record.signal)
    return record.exit_code or 1


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _signal_number(name: str) -> int:
    return int(name.removeprefix("signal ")) if name.startswith("signal ") else signal.Signals[name]
