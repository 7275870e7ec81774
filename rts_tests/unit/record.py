"""The results of a unit that has settled: its attempts, its record, and the exit status of its recipe."""

import signal
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict

from longpole.rts_tests.contracts.harmless import harmless_note
from longpole.rts_tests.contracts.plan import PlanModule
from longpole.rts_tests.contracts.quantities import count
from longpole.rts_tests.contracts.records import LogState, Record, utc
from longpole.rts_tests.contracts.seeds import seed_text
from longpole.rts_tests.contracts.status import GREEN, Status
from longpole.rts_tests.unit.attempts import SAME, Attempt, verdict
from longpole.rts_tests.unit.command import reproducer
from longpole.rts_tests.unit.results import last_cases, last_classes, named, note_of_cases, shortened_note
from longpole.rts_tests.unit.running import RunningAttempt, RunningUnit

_REPLIES = {
    Status.PASSED: 0,
    Status.SKIPPED: 0,
    Status.TIMEOUT: 124,
    Status.LEAKED: 1,
    Status.SEED_DEPENDENT: 1,
    Status.FLAKY: 1,
    Status.CANCELLED: 130,
    Status.ERROR: 2,
}
"""Exit statuses of recipes, as `timeout` and shells use them; for failed and crashed units it is the unit's own."""


_CUT_OFF = frozenset({Status.CRASHED, Status.NOT_RUN})
"""Statuses of cases behind which others may not have run, and told nothing."""
_MUST_NOT_SKIP = "skipped, which NO_SKIP forbids"
MAX_REASON = 300
"""Characters of a line of output that are taken as the reason why a unit was skipped."""


def status_of(attempt: RunningAttempt, module: PlanModule, skips: Collection[int] = ()) -> Status:
    """Return the status of an attempt that has settled; `skips` are the exit statuses that mean `skipped`."""
    if attempt.status is None:
        return Status.ERROR if attempt.skip_reason is None else Status.SKIPPED
    if attempt.ended_by is not None:
        return attempt.ended_by
    if attempt.status and attempt.status not in skips:
        return Status.CRASHED if attempt.status < 0 else Status.FAILED
    if module.timeout_cpu_s is not None and attempt.user_s + attempt.sys_s > module.timeout_cpu_s:
        return Status.TIMEOUT  # it ended between two looks
    if attempt.left and module.leaks == "fail":
        return Status.LEAKED
    return Status.SKIPPED if attempt.status else Status.PASSED


def finish_results(running: RunningUnit, own: Status) -> Status:
    """Return the status of the attempt under way with its results, which the unit has from now on.

    `own` is its status without them. An attempt with other seeds says nothing about the cases of the unit.
    """
    attempt = running.attempt
    results = attempt.results
    assert results is not None
    exit_code = attempt.status if attempt.status is not None and attempt.status >= 0 else None
    status, output = results.finish(own, exit_code, attempt.tmpdir)
    running.capture.add(output)
    told = results.told
    if told is not None and attempt.kind == SAME:
        running.cases, mended = last_cases(running.cases, told.cases)
        running.classes = last_classes(running.classes, told.classes)
        running.told_all = (
            exit_code is not None
            and attempt.ended_by is None
            and told.problem is None
            and not any(case.status in _CUT_OFF for case in told.cases)
        )
        red = {case.id for case in running.cases if case.status not in GREEN}
        running.mended = tuple(name for name in dict.fromkeys((*running.mended, *mended)) if name not in red)
    return status


def reason_of(output: Iterable[str]) -> str | None:
    """Return why a unit was skipped: the last line of its output with something to read, harmless and not too long.

    None if there is no such line.
    """
    lines = (harmless_note(line).strip() for line in reversed([*output]))
    reason = next(filter(None, lines), None)
    return reason if reason is None or len(reason) <= MAX_REASON else f"{reason[: MAX_REASON - 1]}…"


def note_of(
    attempt: RunningAttempt, status: Status, module: PlanModule, kept: str | None, *, stable: bool = False
) -> str | None:
    """Return a note about an attempt that has settled, in one line; None if there is nothing to say.

    `kept` is where its TMPDIR is kept. With `stable`, the note has no pids: it is the same in every run.
    """
    notes = [_cause(attempt, status, module, stable=stable), attempt.problem, *_notes_of_results(attempt)]
    allowed = status in GREEN and module.leaks == "allow"
    if attempt.left and attempt.ended_by is None and not allowed:
        whose = f", by this unit or by {', '.join(attempt.or_left_by)}" if attempt.or_left_by else ""
        processes = (command if stable else f"{pid} {command}" for pid, command in attempt.left)
        notes.append(f"left running{whose}: {'; '.join(processes)}")
    if kept is not None:
        notes.append(f"its TMPDIR is kept in {kept}")
    return "; ".join(filter(None, notes)) or None


def _notes_of_results(attempt: RunningAttempt) -> Iterator[str | None]:
    told = attempt.results.told if attempt.results is not None else None
    if told is not None:
        yield note_of_cases(told.cases)
        yield told.problem and shortened_note(told.problem)


def _cause(attempt: RunningAttempt, status: Status, module: PlanModule, *, stable: bool) -> str | None:
    code = attempt.status
    if code is None:
        return None
    if status == Status.TIMEOUT and not _is_told(attempt):
        return _exceeded(attempt, module, stable=stable)
    if status == Status.CANCELLED:
        return "the run was interrupted"
    if code < 0:
        return f"ended by {_signal_name(-code)}"
    ended = f"exit status {code}" if code else None
    if attempt.must_not_skip:
        return (
            f"{ended}: {_MUST_NOT_SKIP}" if attempt.skip_reason is None else f"{_MUST_NOT_SKIP}: {attempt.skip_reason}"
        )
    return (attempt.skip_reason or ended) if status == Status.SKIPPED else ended


def _is_told(attempt: RunningAttempt) -> bool:
    """Whether it was a case that took too long; the attempt has ended by itself."""
    told = attempt.results.told if attempt.results is not None else None
    return attempt.ended_by is None and told is not None and any(case.status is Status.TIMEOUT for case in told.cases)


def _exceeded(attempt: RunningAttempt, module: PlanModule, *, stable: bool) -> str:
    """Which limit an attempt met: that of its time, or that of its CPU time."""
    if attempt.ended_by is not None and attempt.cpu_s is None:
        return f"took longer than {module.timeout_s:g} s"
    used = f"used more than {module.timeout_cpu_s:g} s of CPU"
    return used if stable else f"{used}: {max(attempt.cpu_s or 0.0, attempt.user_s + attempt.sys_s):.2f} s"


def attempt_of(
    attempt: RunningAttempt, status: Status, note: str | None, stable_note: str | None, begun: float
) -> Attempt:
    """Return the `Attempt` of an attempt that has settled; `begun` is the run's start on the monotonic clock."""
    code = attempt.status
    return Attempt(
        kind=attempt.kind,
        seed=attempt.seeds.first,
        status=status,
        exit_code=code if code is not None and code >= 0 else None,
        signal=_signal_name(-code) if code is not None and code < 0 else None,
        note=note,
        stable_note=stable_note if stable_note != note else None,
        started_s=round(attempt.started - begun, 6),
        wall_s=max(0.0, round(attempt.ended - attempt.started - attempt.paused_s, 6)),
        user_s=attempt.user_s,
        sys_s=attempt.sys_s,
        max_rss_bytes=attempt.max_rss_bytes,
    )


def record_of(  # long: one field a line
    running: RunningUnit, sha: str | None, host: str, call: str, again: Mapping[str, str]
) -> Record:
    """Return the record of a unit after its last attempt; `sha` is the commit, `call` how a user calls make.

    `again` has the commands that run units again, by target, of those that make does not know.
    """
    unit = running.unit
    first, *more = running.attempts
    status = verdict(running.attempts)
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
        status=status,
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
        reproducer=again.get(unit.target) or reproducer(unit, running.seeds, sha, call, failed=status not in GREEN),
        note=_whole_note(first.note, running),
        stable_note=first.stable_note and _whole_note(first.stable_note, running),
        waited_s=running.waited_s,
        waited_for=running.waited_for,
        tries=tuple(asdict(attempt) for attempt in running.attempts) if more else (),
        seeds=seed_text(running.seeds.values) or None,
        seed_source=running.seeds.source if running.seeds.values else None,
        execution=unit.execution,
        cwd=running.cwd,
        slowdown=running.slowdown,
        log=LogState.EMPTY if running.capture.empty else LogState.KEPT,
        fork=unit.fork,
        cases=running.cases,
        classes=running.classes,
        selected=running.selected,
        told_all=running.told_all and status is Status.FAILED,
    )


def _whole_note(note: str | None, running: RunningUnit) -> str | None:
    """The note of the first attempt, which of its failures passed in a later one, and which cases alone it ran."""
    notes = [note]
    if running.mended:
        notes.append(f"passed when run again: {named(running.mended)}")
    if running.selected:
        notes.append(f"only {count(len(running.selected), 'case')} ran again: {named(running.selected)}")
    return "; ".join(filter(None, notes)) or None


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
