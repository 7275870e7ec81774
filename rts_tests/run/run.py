"""One run, from goals to report: prepare ─▶ supervise ─▶ report, each a function of what came before.

The supervisor is forked after everything is prepared, and what it recorded is read back from the disk by the process
that guards it: whatever ends the supervisor, there is a report.
"""

import platform
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from longpole.rts_tests.contracts.commit import Commit, find_commit
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.history import merge_history
from longpole.rts_tests.contracts.partition import parse_shard
from longpole.rts_tests.contracts.plan import Plan, Unit, read_plan
from longpole.rts_tests.contracts.records import RunInfo, read_records, read_run_info, utc, write_run_info
from longpole.rts_tests.contracts.seeds import parse_override, seed_text, unit_seeds
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.limits.slots import Shared, folder_of
from longpole.rts_tests.limits.turns import Limits
from longpole.rts_tests.machine.guard import guarded
from longpole.rts_tests.machine.memory import usable_memory
from longpole.rts_tests.machine.processes import usable_cores
from longpole.rts_tests.make.handover import make_pipes
from longpole.rts_tests.report.publish import publish
from longpole.rts_tests.report.summary import summarize
from longpole.rts_tests.run.select import parse_retries, parse_slots, select
from longpole.rts_tests.state import retention
from longpole.rts_tests.state.private import make_private, remove_private, sweep
from longpole.rts_tests.state.run_folders import all_run_dirs, new_run_dir, run_dirs, state_dir
from longpole.rts_tests.supervise.job import Job
from longpole.rts_tests.supervise.supervisor import EXIT_CANCELLED, EXIT_ENDED, supervise
from longpole.rts_tests.unit.command import refuse_scattered
from longpole.rts_tests.view.settings import settings

AUTO_MEMORY = 80
"""Per cent of what the machine, or the cgroup, has: `limits.memory: auto`."""


def run(goals: Sequence[str], make: str, makefile: str, environ: Mapping[str, str]) -> int:
    """Run the units of `goals` and report; return the exit status of `longpole`.

    Raises `UseError` when nothing can be run.
    """
    again = _outstanding(state_dir(environ)) if "retest" in goals else None
    if again == set() and set(goals) == {"retest"}:
        print("longpole: every unit of the last run passed; there is nothing to run again")
        return ExitStatus.PASSED
    if _only_shows(environ):
        return _show(goals, again, make, makefile, environ)
    job = _prepare(goals, again, make, makefile, environ)
    try:
        ended = guarded(lambda: supervise(job), f"LONGPOLE_RUN={job.run.name}")
    finally:
        if job.shared is not None:
            job.shared.close()
        remove_private(job.run)
    return _report(job.run, ended, environ)


def _flags(environ: Mapping[str, str]) -> str:
    """Make's single-letter flags: the first word of MAKEFLAGS, which begins with a dash where there are none."""
    first = environ.get("MAKEFLAGS", "").split(" ", 1)[0]
    return "" if first.startswith("-") or "=" in first else first


def _only_shows(environ: Mapping[str, str]) -> bool:
    return not set("nqt").isdisjoint(_flags(environ))


def _jobs(environ: Mapping[str, str]) -> int | None:
    """What `-j` said; 1 without it, None where it is unknown (no limit, or a make that does not tell)."""
    words = environ.get("MAKEFLAGS", "").split()
    numbers = [word[2:] for word in words if word.startswith("-j") and word[2:].isdigit()]
    if numbers:
        return int(numbers[-1])
    return None if any(word.startswith(("-j", "--jobserver")) for word in words) else 1


def _selection(goals: Sequence[str], again: set[str] | None, environ: Mapping[str, str]) -> tuple[Plan, list[Unit]]:
    plan = read_plan(state_dir(environ) / "plan.json")
    shard = parse_shard(environ.get("SHARD"))
    return plan, select(plan, goals, pattern=environ.get("FILTER"), shard=shard, again=again)


def _outstanding(state: Path) -> set[str]:
    """Targets of the last run that did not pass or never finished."""
    runs = run_dirs(state)
    if not runs:
        raise UseError.at("retest", "there is no run yet", "type `make test`")
    info = read_run_info(runs[-1])
    records = read_records(runs[-1], info)
    return {target for _, target, _ in info.planned if target not in records or records[target].status != Status.PASSED}


def _prepare(goals: Sequence[str], again: set[str] | None, make: str, makefile: str, environ: Mapping[str, str]) -> Job:
    override = parse_override(environ.get("SEED"))
    shown = settings(environ)
    plan, units = _selection(goals, again, environ)
    refuse_scattered(plan, units, override)
    commit = find_commit(Path(), environ)
    limits = limits_of(plan, environ)
    shared = share(plan, units, limits, environ)
    now = datetime.now(UTC)
    run_dir, private, pipes = open_run(state_dir(environ), now, [unit.target for unit in units])
    info = replace(
        run_info(plan, commit, override, now, goals=goals, jobs=_jobs(environ)),
        filter=environ.get("FILTER") or None,
        shard=environ.get("SHARD") or None,
        planned=tuple((unit.id, unit.target, unit.estimate_s) for unit in units),
    )
    write_run_info(run_dir, info)
    fail_fast = environ.get("FAIL_FAST", "") not in ("", "0")
    return Job(
        plan=plan,
        units={unit.target: unit for unit in units},
        commit=commit,
        seed_override=override,
        run=run_dir,
        private=private,
        pipes=pipes,
        make=make,
        makefile=makefile,
        builds=builds_of(plan, units, environ),
        environ=environ,
        fail_fast=fail_fast,
        retries=parse_retries(environ.get("RETRIES")),
        warm=environ.get("WARM", "") != "0",
        jobs=info.jobs,
        shown=shown,
        limits=limits,
        shared=shared,
    )


def open_run(state: Path, now: datetime, targets: Iterable[str]) -> tuple[Path, Path, Path]:
    """Make a run's folder, held from now on, and its private ones for TMPDIRs and for pipes; raises `UseError`."""
    try:
        run_dir = new_run_dir(state, now)
        retention.hold(run_dir)
        sweep(all_run_dirs(state))
        private, pipes = make_private(run_dir)
        make_pipes(pipes, targets)
    except OSError as error:
        what = f"a run cannot be kept here: {error.strerror}"
        remedy = "make room, or set LONGPOLE_STATE or TMPDIR to a folder that can be written"
        raise UseError.at(str(error.filename or state), what, remedy) from None
    return run_dir, private, pipes


def run_info(
    plan: Plan,
    commit: Commit,
    override: Sequence[int] | None,
    now: datetime,
    *,
    goals: Sequence[str],
    jobs: int | None,
) -> RunInfo:
    """`run.json` of a run of this plan, here and now, in which nothing is planned yet."""
    return RunInfo(
        suite=plan.suite,
        started_at=utc(now.timestamp()),
        plan_hash=plan.hash,
        commit=commit.sha,
        commit_source=commit.source,
        seed_override=given(override),
        jobs=jobs,
        host=socket.gethostname(),
        machine=f"{platform.system()} {platform.release()} {platform.machine()}",
        cores=usable_cores(),
        goals=tuple(goals),
        filter=None,
        shard=None,
        flaky=plan.flaky,
        planned=(),
    )


def given(override: Sequence[int] | None) -> int | str | None:
    """What SEED said, as `run.json` has it."""
    return override if override is None else override[0] if len(override) == 1 else seed_text(override)


def limits_of(plan: Plan, environ: Mapping[str, str]) -> Limits:
    """How much units of all runs may take together: what LONGPOLE_SLOTS says, else the suite; memory in bytes."""
    slots = parse_slots(environ.get("LONGPOLE_SLOTS")) or plan.slots
    memory = plan.memory
    return Limits(
        usable_cores() if slots == "auto" else slots,
        usable_memory() * AUTO_MEMORY // 100 if memory == "auto" else memory,
    )


def share(plan: Plan, units: Sequence[Unit], limits: Limits, environ: Mapping[str, str]) -> Shared | None:
    """What this run shares with others; nothing for a run inside a unit, which has its place already.

    A run without limits, locks and exclusive units shares only to let other runs' exclusive units be alone; where it
    cannot, it goes on. Otherwise raises `UseError`.
    """
    if "LONGPOLE_UNIT" in environ:
        return None
    try:
        return Shared(folder_of(environ))
    except UseError:
        modules = [plan.modules[name] for name in {unit.module for unit in units}]
        if limits != Limits() or any(module.exclusive or module.locks for module in modules):
            raise
        return None


def builds_of(plan: Plan, units: Sequence[Unit], environ: Mapping[str, str]) -> tuple[str, ...]:
    """The variants to build, in the order of their heaviest units; none where the artifacts come from elsewhere."""
    if environ.get("PREBUILT"):
        return ()
    return tuple(name for name in dict.fromkeys(unit.variant for unit in units) if plan.variants[name].builds)


def _show(goals: Sequence[str], again: set[str] | None, make: str, makefile: str, environ: Mapping[str, str]) -> int:
    """What `make -n` asks for: the builds that make would run, then every unit's command, in plan order."""
    from longpole.rts_tests.unit.command import unit_command

    override = parse_override(environ.get("SEED"))
    plan, units = _selection(goals, again, environ)
    refuse_scattered(plan, units, override)
    sha = find_commit(Path(), environ).sha
    builds = [f"build-{name}" for name in builds_of(plan, units, environ)]
    status = 0
    if builds:
        argv = [make, "--no-print-directory", "-f", makefile, *builds]
        status = subprocess.run(argv, env=dict(environ), close_fds=False, check=False).returncode
    lines = []
    for unit in units:
        seeds = unit_seeds(unit, plan.modules[unit.module], sha, override)
        lines.append(f"{shlex.join(unit_command(plan, unit, seeds, make))}  # {unit.id}")
    print("\n".join(lines), flush=True)
    return status


def _report(run_dir: Path, ended: int, environ: Mapping[str, str]) -> int:
    """Everything after the last unit: learn, write the reports, print the summary, decide the exit status."""
    info = read_run_info(run_dir)
    records = read_records(run_dir, info)
    summary = summarize(run_dir, info, records)
    try:
        own = info.seed_override is None  # a chunk that ran one seed says nothing about one that runs ten
        outcomes = [
            (record.id, record.status, record.wall_s if own or record.seed_count == 0 else None)
            for record in records.values()
        ]
        peaks = {record.id: record.max_rss_bytes for record in records.values() if own or record.seed_count == 0}
        merge_history(state_dir(environ), outcomes, peaks=peaks)
    except OSError as error:
        print(f"longpole: nothing was learnt from this run: {error}", file=sys.stderr)
    publish(summary, environ)
    retention.conclude(run_dir, summary.counts, summary.makespan.wall_s, state_dir(environ), time.time())
    if ended == EXIT_CANCELLED:
        return ExitStatus.INTERRUPTED
    if ended < 0:
        how = f"the supervisor was killed by signal {-ended}; everything that it had started was ended"
        print(f"longpole: {how}; `make retest` runs what is left", file=sys.stderr)
        return ExitStatus.FAILED
    if summary.failures:
        return ExitStatus.FAILED
    if ended != EXIT_ENDED:
        print("longpole: every unit passed, but make failed; see its messages above", file=sys.stderr)
        return ExitStatus.FAILED
    return ExitStatus.PASSED
