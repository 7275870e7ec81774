"""`report`: everything after the last unit of a large run: reading records, learning, and writing the reports."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bench import budgets
from bench.measure import Contender, Rounds, environment, interleaved
from bench.project import CHECKOUT
from bench.result import Figure, Result
from longpole.rts_tests.contracts.history import merge_history
from longpole.rts_tests.contracts.records import (
    Record,
    RunInfo,
    encode,
    fields_of,
    log_path,
    record_path,
    write_run_info,
)
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.state.run_folders import new_run_dir

KNOWN_RUNS = 10
"""Durations that the history holds of every unit before the run is merged."""

# The step of a run that comes after its units; that it is private to rts_tests.run.run keeps others from calling it.
_FINISH = """\
import os, sys
from pathlib import Path
from longpole.rts_tests.run.report import report
from longpole.rts_tests.run.request import Request
request = Request.from_environ((), {**os.environ, "LONGPOLE_STATE": sys.argv[2]})
sys.exit(report(Path(sys.argv[1]), 0, request))
"""


def measure(scratch: Path, *, quick: bool, rounds: Rounds, say: Callable[[str], None]) -> Result:
    """Measure and return what was found. Raises `CannotMeasure`."""
    units = 1000 if quick else budgets.RECORDS
    state = scratch / "state"
    run = make_run(state, units)
    environ = environment(CHECKOUT, scratch)
    finish = Contender("report and history", (sys.executable, "-c", _FINISH, str(run), str(state)), scratch, environ)
    again = Contender("report again", (sys.executable, "-m", "longpole", "report", str(run)), scratch, environ)
    measured = interleaved([finish, again], rounds, scratch, say)
    done = measured[finish.name]
    figures = (
        Figure(f"report and history of {units:,} records", done.wall_s, "s", None if quick else budgets.REPORT_S),
        Figure(f"report and history of {units:,} records, peak memory", done.peak_rss_bytes / 1e6, "MB"),
        Figure(f"`longpole report` of {units:,} records", measured[again.name].wall_s, "s"),
    )
    notes = () if not quick else (f"the budget is for {budgets.RECORDS:,} records, which --quick leaves out",)
    return Result("report", (), figures, (), notes)


def make_run(state: Path, units: int) -> Path:
    """A run that has just ended, with a record and a log a unit, all passed, and a history that knows every unit."""
    run = new_run_dir(state, datetime.now(UTC))
    records = [_record(index) for index in range(units)]
    for record in records:
        Path(record_path(run, record.target)).write_bytes(encode(fields_of(record)))
        Path(log_path(run, record.target)).write_bytes(b"ok\n")
    write_run_info(run, _run_info(records))
    outcomes = ((record.id, record.status, record.wall_s) for _ in range(KNOWN_RUNS) for record in records)
    merge_history(state, outcomes)
    return run


def _record(index: int) -> Record:
    variant, module, chunk = f"v{index % 4}", f"m{index // 4 % 25}", index // 100
    target = f"test-{variant}-{module}-{chunk}"
    return Record(
        id=f"{variant}/{module}[{chunk}]",
        target=target,
        variant=variant,
        module=module,
        chunk=chunk,
        seed=chunk * 10,
        first_seed=chunk * 10,
        seed_count=10,
        command=("target/rts-test", f"test_{module}", str(chunk * 10), "10"),
        status=Status.PASSED,
        exit_code=0,
        signal=None,
        started_at="2026-01-02T03:04:05.678Z",
        started_s=index // 2 * 0.25,
        wall_s=0.25,
        user_s=0.2,
        sys_s=0.01,
        max_rss_bytes=20_000_000,
        attempts=1,
        lane=index % 2,
        host="here",
        artifact_sha256="0" * 64,
        reproducer=f"make {target}",
    )


def _run_info(records: list[Record]) -> RunInfo:
    return RunInfo(
        suite="many",
        started_at="2026-01-02T03:04:05.678Z",
        plan_hash="0" * 64,
        commit="0" * 40,
        commit_source="git rev-parse HEAD",
        seed_override=None,
        jobs=2,
        host="here",
        machine="a machine",
        cores=2,
        goals=("test",),
        filter=None,
        shard=None,
        planned=tuple((record.id, record.target, 0.25) for record in records),
    )
