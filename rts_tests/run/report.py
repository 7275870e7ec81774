"""Everything after the last unit: learn, write the reports, print the summary, decide the exit status."""

import gc
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from longpole.rts_tests.contracts.builds import read_builds
from longpole.rts_tests.contracts.case_history import merge_case_history
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.history import Computing, merge_history
from longpole.rts_tests.contracts.load import read_load
from longpole.rts_tests.contracts.real_state import RealState
from longpole.rts_tests.contracts.record_file import read_records
from longpole.rts_tests.contracts.records import Record, RunInfo, holds_run_info, write_run_info
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report.formats.text import report_text
from longpole.rts_tests.report.publish import Text, publish
from longpole.rts_tests.report.summary import summarize
from longpole.rts_tests.run.request import Request
from longpole.rts_tests.state import retention
from longpole.rts_tests.supervise.broken import why_killed
from longpole.rts_tests.supervise.exit import SupervisorExit

RETEST = "retest"
ANYTHING = ("*",)
"""A selection of whole classes."""


def report(
    run: Path,
    info: RunInfo,
    ended: int,
    request: Request,
    *,
    real_state: RealState | None = None,
    text: Text | None = None,
) -> ExitStatus:
    """Report a run from its files, `info` and `real_state`, which nothing could change during the run.

    `ended` is the exit status of its supervisor, or minus the signal that killed it. `text` makes what is printed,
    unless that is the usual report.
    """
    gc.disable()  # until the process ends, soon: with 200,000 cases the collector took a third of the time
    _restore(run, info)
    records = read_records(run, info)
    summary = summarize(run, info, records, read_load(run), read_builds(run), real_state=real_state)
    learn(request.state, run.name, records, info)
    publish(summary, request.environ, text or report_text)
    retention.conclude(run, summary.counts, summary.makespan.wall_s, request.state, time.time())
    status = _status(run, ended, failed=bool(summary.failures))
    return ExitStatus.FAILED if status == ExitStatus.PASSED and summary.failed else status


def _restore(run: Path, info: RunInfo) -> None:
    """Write `run.json` again if something changed it: the report, `retest` and `prove-shards` believe it."""
    if holds_run_info(run, info):
        return
    print(f"longpole: {run}/run.json was changed during the run, and is written again", file=sys.stderr)
    try:
        write_run_info(run, info)
    except OSError as error:
        print(f"longpole: {run}/run.json: {error.strerror}", file=sys.stderr)


def learn(state: Path, run: str, records: Mapping[str, Record], info: RunInfo) -> None:
    """Merge what the records tell into the histories of units and of cases; what cannot be written is reported."""
    try:
        _learn_units(state, run, records, info)
    except OSError as error:
        print(f"longpole: nothing was learnt from this run: {error}", file=sys.stderr)
    seeded, selection = info.seed_override is not None, info.select
    if not selection and _is_partial(records, info):
        selection = ANYTHING
    try:
        merge_case_history(state, records.values(), run=run, seeded=seeded, selection=selection)
    except OSError as error:
        print(f"longpole: the history of cases learnt nothing from this run: {error}", file=sys.stderr)


def _learn_units(state: Path, run: str, records: Mapping[str, Record], info: RunInfo) -> None:
    """Merge outcomes, durations and peaks of units into their history; raises `OSError`.

    If SEED chose the seeds, durations and peaks of units with seeds are not learnt, because a chunk that ran one seed
    says nothing about a chunk that runs ten. Nor are those of units that ran only some of their cases or classes. The
    memory that a skipped unit used says nothing about what it needs.
    """
    seeded = info.seed_override is not None
    some_classes = bool(info.select) or RETEST in info.goals
    own = {
        target
        for target, record in records.items()
        if not (seeded and record.seed_count) and not (some_classes and record.fork is not None) and not record.selected
    }
    outcomes = [
        (record.id, record.status, record.wall_s if target in own else None) for target, record in records.items()
    ]
    ran = own - {target for target, record in records.items() if record.status == Status.SKIPPED}
    peaks = {record.id: record.max_rss_bytes for target, record in records.items() if target in ran}
    computing = {
        record.id: Computing(record.cpu_s, record.slowdown)
        for record in records.values()
        if record.slowdown is not None
    }
    merge_history(state, outcomes, peaks=peaks, computing=computing, run=run)


def _is_partial(records: Mapping[str, Record], info: RunInfo) -> bool:
    """Whether the run may have left out units of a module, so that tests that it did not tell of may still exist."""
    parts = {target for target, record in records.items() if record.fork is not None or record.chunk is not None}
    return bool(info.filter or info.shard or RETEST in info.goals or parts.intersection(info.goals))


def _status(run: Path, ended: int, *, failed: bool) -> ExitStatus:
    if ended == SupervisorExit.CANCELLED:
        return ExitStatus.INTERRUPTED
    if ended < 0:
        left = "everything that it had started was ended; `make retest` runs what is left"
        print(f"longpole: {why_killed(run, -ended)}; {left}", file=sys.stderr)
        return ExitStatus.FAILED
    if ended == SupervisorExit.UNITS_FAILED and not failed:
        what = "a unit failed or did not run, but the records do not show it: they were changed during the run"
        print(f"longpole: {what}", file=sys.stderr)
    if ended == SupervisorExit.NOTHING_RAN and not failed:
        return ExitStatus.NOTHING_SELECTED
    if failed or ended in (SupervisorExit.BROKEN, SupervisorExit.UNITS_FAILED):
        return ExitStatus.FAILED
    if ended != SupervisorExit.ENDED:
        print("longpole: every unit passed, but make failed; see its messages above", file=sys.stderr)
        return ExitStatus.FAILED
    return ExitStatus.PASSED
