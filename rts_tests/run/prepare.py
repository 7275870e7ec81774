"""From a request to a job: everything that is decided, created or reserved before the first unit starts."""

import os
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from longpole.rts_tests.contracts.commit import Commit, find_commit
from longpole.rts_tests.contracts.debug_ports import refuse_debug_ports
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.history import read_history
from longpole.rts_tests.contracts.last_render import file_option
from longpole.rts_tests.contracts.order import ordered
from longpole.rts_tests.contracts.plan import Plan, Unit, read_plan, write_plan
from longpole.rts_tests.contracts.project_python import project_python
from longpole.rts_tests.contracts.records import RunInfo, utc, write_run_info
from longpole.rts_tests.contracts.seeds import seed_text
from longpole.rts_tests.limits.slots import Shared
from longpole.rts_tests.limits.turns import Capacity
from longpole.rts_tests.machine.memory import usable_memory
from longpole.rts_tests.machine.processes import usable_cores
from longpole.rts_tests.machine.trees import remove_tree
from longpole.rts_tests.make.handover import make_pipes
from longpole.rts_tests.results.selected import names_to_select
from longpole.rts_tests.run.request import Request
from longpole.rts_tests.run.select import select
from longpole.rts_tests.state.begin import begin_run, sweep
from longpole.rts_tests.state.outstanding import Outstanding
from longpole.rts_tests.state.private import make_private, remove_private
from longpole.rts_tests.supervise.job import Job
from longpole.rts_tests.supervise.ready import groups_of
from longpole.rts_tests.unit.command import refuse_scattered

MAX_SELECTED = 60_000
"""Bytes of the names of cases in a command, of which Linux takes 128 KiB in a word; with more, the unit runs whole."""
RETEST = "retest"
AUTO_MEMORY = 80
"""`limits.memory: auto` as per cent of the memory of the machine or the cgroup."""


def plan_in_force(state: Path) -> Plan:
    """The rendered plan with estimates from history, in the order in which units start. Raises `UseError`."""
    return ordered(read_plan(state / "plan.json"), read_history(state))


def selected(request: Request, again: Outstanding | None) -> tuple[Plan, list[Unit]]:
    """The plan, and the units that the request selects. `again` holds what `retest` stands for.

    Raises `UseError`.
    """
    plan = plan_in_force(request.state)
    targets = None if again is None else again.targets
    units = select(
        plan,
        request.goals,
        only=request.filter,
        shard=request.shard,
        again=targets,
        selection=request.selection,
    )
    refuse_scattered(plan, units, request.seeds)
    refuse_debug_ports(plan, units, request.environ)
    return plan, units


def prepare(request: Request, again: Outstanding | None, make: str, makefile: str) -> tuple[Job, RunInfo]:
    """Select units, create the run's folders, and take a place on the machine; return the job that holds all of it.

    Also returns what `run.json` says, which a unit could rewrite later. Raises `UseError`; then no run is left behind.
    """
    plan, units = selected(request, again)
    commit = find_commit(Path(), request.commit)
    now = datetime.now(UTC)
    planned = tuple((unit.id, unit.target, unit.estimate_s) for unit in units)
    info = replace(run_info(plan, commit, request, now), planned=planned, call=call_of(request, makefile))

    def write(run: Path) -> None:
        write_plan(run / "plan.json", plan)  # `longpole prove-shards` reads it
        write_run_info(run, info)

    targets = [unit.target for unit in units]
    job = make_job(plan, units, commit, request, now=now, make=make, makefile=makefile, targets=targets, write=write)
    if again is not None and set(request.goals) == {RETEST}:
        names = names_again(plan, units, request, again)
        cases = {target: again.cases[target] for target in names}
        job = replace(job, classes_again=again.classes, cases_again=cases)
    return job, info


def names_again(
    plan: Plan, units: Iterable[Unit], request: Request, again: Outstanding | None
) -> dict[str, tuple[str, ...]]:
    """By target, the names of the cases that `retest`, if nothing else is asked for, runs alone, if the unit can."""
    found: dict[str, tuple[str, ...]] = {}
    if again is None or set(request.goals) != {RETEST}:
        return found
    for unit in units:
        cases, results = again.cases.get(unit.target), plan.modules[unit.module].results
        if cases is None or results is None or plan.select_command(unit) is None:
            continue
        names = names_to_select(cases, results.source)
        if names and sum(len(name.encode(errors="replace")) + 1 for name in names) <= MAX_SELECTED:
            found[unit.target] = names
    return found


def make_job(  # long: every field of a job is named once
    plan: Plan,
    units: Sequence[Unit],
    commit: Commit,
    request: Request,
    *,
    now: datetime,
    make: str,
    makefile: str,
    targets: Sequence[str],
    write: Callable[[Path], None],
) -> Job:
    """Take a place on the machine and create the run's folders, with a pipe for each of `targets`.

    `write` fills the run's own folder, which is held from now on. Raises `UseError`; then nothing is left behind.
    """
    capacity = capacity_of(plan, request)
    shared = share(plan, units, capacity, request)
    try:
        run, private, pipes = _make_folders(request.state, now, targets, write)
    except OSError as error:
        if shared is not None:
            shared.close()
        raise _not_kept(error, request.state) from None
    builds = builds_of(plan, units, request)
    return Job(
        plan=plan,
        units={unit.target: unit for unit in units},
        commit=commit,
        seed_override=request.seeds,
        run=run,
        private=private,
        pipes=pipes,
        make=make,
        python=project_python(request.environ, plan.python),
        makefile=makefile,
        builds=builds,
        groups=groups_of((unit, plan.builds_of(unit) if builds else ()) for unit in units),
        environ=request.environ,
        fail_fast=request.fail_fast,
        retries=request.retries,
        no_skip=request.no_skip,
        warm=request.warm,
        call=call_of(request, makefile),
        jobs=request.jobs,
        shuffled=request.shuffled,
        capacity=capacity,
        shared=shared,
        state=request.state,
        slots_dir=request.slots_dir,
        sharded=request.shard is not None and request.shard[1] > 1,
        selection=request.selection,
    )


def _make_folders(
    state: Path, now: datetime, targets: Sequence[str], write: Callable[[Path], None]
) -> tuple[Path, Path, Path]:
    """The run's own folder, and its private ones for TMPDIRs and for pipes. Raises `OSError`; then none is left."""
    run, _ = begin_run(state, now)
    try:
        sweep(state)
        private, pipes = make_private(run, partial(make_pipes, targets=targets))
        write(run)
    except OSError:
        remove_private(run)
        remove_tree(run)
        raise
    return run, private, pipes


def _not_kept(error: OSError, state: Path) -> UseError:
    remedy = "free some space, or set LONGPOLE_STATE or TMPDIR to a folder that can be written"
    return UseError.at(str(error.filename or state), f"a run cannot be kept here: {error.strerror}", remedy)


def call_of(request: Request, makefile: str) -> str:
    """How a user calls make for a run like this one, as in `PREBUILT=1 make -f longpole.mk`."""
    return f"{'PREBUILT=1 ' * request.prebuilt}{'NO_SKIP=1 ' * request.no_skip}make{file_option(makefile)}"


def run_info(plan: Plan, commit: Commit, request: Request, now: datetime) -> RunInfo:
    """The content of `run.json` for a run of this plan on this machine, with no planned units yet."""
    return RunInfo(
        suite=plan.suite,
        started_at=utc(now.timestamp()),
        plan_hash=plan.hash,
        commit=commit.sha,
        commit_source=commit.source,
        seed_override=_seed_override(request.seeds),
        jobs=request.jobs,
        host=socket.gethostname(),
        machine=f"{os.uname().sysname} {os.uname().release} {os.uname().machine}",
        cores=usable_cores(),
        goals=request.goals,
        filter=request.filter.text if request.filter else None,
        select=request.selection.words if request.selection else (),
        shard=None if request.shard is None else "/".join(map(str, request.shard)),
        flaky=plan.flaky,
        planned=(),
    )


def _seed_override(override: Sequence[int] | None) -> int | str | None:
    """The value of SEED in the form that `run.json` holds."""
    return override if override is None else override[0] if len(override) == 1 else seed_text(override)


def capacity_of(plan: Plan, request: Request) -> Capacity:
    """The capacity for the units of all runs together: slots from LONGPOLE_SLOTS, else the suite; memory in bytes."""
    slots = request.slots or plan.slots
    memory = plan.memory
    return Capacity(
        usable_cores() if slots == "auto" else slots,
        usable_memory() * AUTO_MEMORY // 100 if memory == "auto" else memory,
    )


def share(plan: Plan, units: Sequence[Unit], capacity: Capacity, request: Request) -> Shared | None:
    """The state that this run shares with others; None for a run inside a unit, which has its place already.

    A run without limits, locks and exclusive units shares only so that exclusive units of other runs run alone. If that
    is not possible, such a run goes on without it; any other run raises `UseError`.
    """
    if request.in_unit:
        return None
    try:
        return Shared(request.slots_dir)
    except UseError:
        modules = [plan.modules[name] for name in {unit.module for unit in units}]
        if capacity != Capacity() or any(module.exclusive or module.locks for module in modules):
            raise
        return None


def builds_of(plan: Plan, units: Sequence[Unit], request: Request) -> tuple[str, ...]:
    """The steps and variants to build, in the order of the heaviest units that need them; none with PREBUILT."""
    if request.prebuilt:
        return ()
    return tuple(dict.fromkeys(name for unit in units for name in plan.builds_of(unit)))
