"""A run of executions from start to end: the common part of `longpole stress` and `longpole shrink`.

It has a folder, a guard, a supervisor and make processes like a test run. But it does not change the history, it does
not count as the last run, and when it has ended its `run.json` lists the failing executions that are kept.
"""

import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from longpole.rts_tests.contracts.commit import Commit
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.harmless import harmless_note, harmless_text
from longpole.rts_tests.contracts.last_render import MAKEFILE, makefile_in_force
from longpole.rts_tests.contracts.log_tail import excerpt_of
from longpole.rts_tests.contracts.nearest import nearest
from longpole.rts_tests.contracts.plan import Plan, Unit
from longpole.rts_tests.contracts.record_file import all_records
from longpole.rts_tests.contracts.records import Record, log_path, read_run_info, write_run_info
from longpole.rts_tests.contracts.status import NOT_FAILURES, Status
from longpole.rts_tests.forks.assignment import Assignment, read_assignment
from longpole.rts_tests.machine.guard import guarded
from longpole.rts_tests.report.formats.real_state import section
from longpole.rts_tests.report.publish import say
from longpole.rts_tests.report.summary import NO_LOG
from longpole.rts_tests.run.prepare import make_job, plan_in_force, run_info
from longpole.rts_tests.run.real_state import watch
from longpole.rts_tests.run.request import Request
from longpole.rts_tests.run.up_to_date import MAKE, makefile_up_to_date
from longpole.rts_tests.state import retention
from longpole.rts_tests.state.executed import Executed, write_executed
from longpole.rts_tests.state.private import removal_of, remove_private
from longpole.rts_tests.state.run_folders import run_dirs
from longpole.rts_tests.supervise.broken import keep_error, why_killed
from longpole.rts_tests.supervise.executions import Execution, Executions, Tally
from longpole.rts_tests.supervise.exit import SupervisorExit
from longpole.rts_tests.supervise.supervisor import supervise
from longpole.rts_tests.unit.environment import without_make
from longpole.rts_tests.view.choose import make_view
from longpole.rts_tests.view.settings import Settings


def current_plan(request: Request) -> Plan:
    """The plan; make renders it again first if it is stale. Raises `UseError` if that fails."""
    makefile_up_to_date(request)
    return plan_in_force(request.state)


def find_unit(plan: Plan, name: str) -> Unit:
    """The unit with this id or make target. Raises `UseError`, with a suggestion, if there is none."""
    for unit in plan.units:
        if name in (unit.id, unit.target):
            return unit
    modules: dict[str, list[str]] = {}
    for unit in plan.units:
        modules.setdefault(f"{unit.variant}/{unit.module}", []).append(unit.id)
        modules.setdefault(f"test-{unit.variant}-{unit.module}", []).append(unit.target)
    if name in modules:
        what, remedy = (
            f"{name!r} stands for {len(modules[name])} units",
            f"name one of them, such as {min(modules[name])}",
        )
    else:
        what, remedy = f"there is no unit {name!r}", "`longpole list` shows them all"
        remedy = f"did you mean {near}? {remedy}" if (near := _near(name, modules)) else remedy
    raise UseError.at("", what, remedy, exit_code=ExitStatus.NOTHING_SELECTED)


def _near(name: str, modules: Mapping[str, Sequence[str]]) -> str | None:
    """The unit with the most similar name: of the most similar module, the same chunk if it exists. None if none is."""
    module = re.sub(r"(\[(fork-)?[0-9]+\]|(-fork)?-[0-9]+)$", "", name)
    chunk = name.removeprefix(module)
    near = nearest(module, modules) or nearest(name, modules)
    if near is None:
        return None
    return near + chunk if near + chunk in modules[near] else min(modules[near])


@dataclass(frozen=True, slots=True)
class Round:
    """The result of some executions: how the supervisor ended, and the number of each outcome."""

    ended: int
    tally: Tally

    @property
    def cut_short(self) -> bool:
        """Whether it was interrupted, killed, or could not even build."""
        return self.ended != SupervisorExit.ENDED


class Experiment:
    """One run of executions of `units`, in one or more rounds. The caller must call `close`, whatever happens."""

    def __init__(
        self,
        kind: str,
        plan: Plan,
        units: Sequence[Unit],
        commit: Commit,
        request: Request,
        *,
        asked: Sequence[str],
        jobs: int,
        fail_fast: bool,
    ) -> None:
        self._kind = kind
        self._units = tuple(units)
        self._jobs = jobs
        self._counts: Counter[str] = Counter()
        self._span_s = 0.0
        self._state = request.state
        now = datetime.now(UTC)
        environ = {**without_make(request.environ), "LONGPOLE_STATE": str(self._state), "MAKEFLAGS": f"-j{jobs}"}
        asks = replace(request, goals=(kind, *asked), jobs=jobs, fail_fast=fail_fast, retries=0, environ=environ)

        def write(run: Path) -> None:
            write_executed(run, Executed(kind))
            write_run_info(run, run_info(plan, commit, asks, now))

        assignments = _assignments(self._state, units)
        lanes = Executions(units, iter(()), jobs=jobs).lanes
        makefile = str(makefile_in_force(self._state) or MAKEFILE)
        job = make_job(plan, units, commit, asks, now=now, make=MAKE, makefile=makefile, targets=lanes, write=write)
        self._job = replace(job, assignments=assignments)
        self.run = self._job.run
        self._watched = watch(plan, units, request)

    def execute(
        self, executions: Iterator[Execution], *, total: int | None = None, for_s: float | None = None
    ) -> Round:
        """Run executions until there are no more, or for `for_s` seconds; `total` is their number, if known."""
        found = Executions(
            self._units, executions, jobs=self._jobs, total=total, for_s=for_s, environ=self._job.environ
        )
        job = replace(self._job, executions=found)
        work = partial(supervise, job, partial(make_view, Settings()))
        mark, failed = f"LONGPOLE_RUN={self.run.name}", partial(keep_error, self.run)
        ended = guarded(work, mark, failed=failed, sweep=removal_of(self.run))
        found.clear_progress()
        for unit in self._units:
            self._counts.update(found.tally.counts(unit.id))
        self._span_s += found.tally.span_s
        if ended == SupervisorExit.ENDED:
            self._job = replace(self._job, builds=())
        return Round(ended, found.tally)

    def failures(self) -> list[Record]:
        """The records of the failing executions that are kept, sorted by unit and number."""
        return sorted(all_records(self.run).values(), key=lambda record: (record.unit_id, record.execution or 0))

    def conclude(self, report: str) -> bool:
        """Print the report and keep it with the run.

        Return whether the run fails because guarded folders were changed, which is added to the report.
        """
        state = self._watched.finish(self.run) if self._watched is not None else None
        report += "".join(f"{line}\n" for line in section(state))
        try:
            info = read_run_info(self.run)
            planned = tuple((each.id, each.target, 0.0) for each in self.failures())
            write_run_info(self.run, replace(info, planned=planned))
            write_executed(self.run, Executed(self._kind, dict(self._counts), report))
        except OSError as error:
            print(f"longpole: {error.filename or self.run}: {error.strerror}", file=sys.stderr)
        say(harmless_text(report))
        retention.conclude(self.run, dict(self._counts), self._span_s, self._state, time.time())
        return state is not None and state.failed

    def close(self) -> None:
        """Give back its place on the machine, and remove the private folders."""
        if self._job.shared is not None:
            self._job.shared.close()
        remove_private(self.run)


def _assignments(state: Path, units: Sequence[Unit]) -> dict[tuple[str, str], Assignment]:
    """The classes of the forks among `units`: those that they had when they last ran. Raises `UseError`."""
    found = {}
    for unit in (unit for unit in units if unit.fork is not None):
        assignment = next(
            (each for run in reversed(run_dirs(state)) if (each := read_assignment(run, unit.variant, unit.module))),
            None,
        )
        if assignment is None or not assignment.of_fork(unit.fork or 0):
            what = f"{unit.id} had no classes in the last run" if assignment else f"{unit.id} has not run yet"
            remedy = f"its classes are those of its last run: type `make {unit.target}`"
            raise UseError.at("", what, remedy, ExitStatus.NOTHING_SELECTED)
        found[unit.variant, unit.module] = assignment
    return found


def status_of(ended: int, *, failed: bool) -> int:
    """The exit status of `longpole`, from how the last round ended and whether anything failed."""
    if ended == SupervisorExit.CANCELLED:
        return ExitStatus.INTERRUPTED
    return ExitStatus.FAILED if failed or ended != SupervisorExit.ENDED else ExitStatus.PASSED


def why_cut_short(run: Path, ended: int) -> list[str]:
    """The first lines of the report about a round of `run` that was cut short; empty if it was not."""
    if ended == SupervisorExit.ENDED:
        return []
    if ended == SupervisorExit.CANCELLED:
        return ["interrupted; so far:"]
    if ended < 0:
        return [f"{why_killed(run, -ended)}, and what it had started was ended; until then:"]
    return ["make failed, see above; until then:"]


def failed_of(counts: Mapping[str, int]) -> int:
    """How many executions failed; interrupted ones do not count."""
    return sum(number for status, number in counts.items() if status not in NOT_FAILURES)


def counts_text(counts: Mapping[str, int]) -> str:
    """`97 passed, 2 failed, 1 timeout`; without interrupted executions."""
    return ", ".join(f"{number} {status}" for status, number in counts.items() if status != Status.CANCELLED)


def failure_lines(record: Record, run: Path, title: str, *, tail: int) -> list[str]:
    """Lines about a failing execution: how it ended, an excerpt of its log, and the name of its log file."""
    note = f": {harmless_note(record.note)}" if record.note else ""
    lines = [f"  {title}: {record.status}{note}"]
    lines += [f"    | {harmless_note(line)}" for line in excerpt_of(log_path(run, record.target), tail)]
    return [*lines, f"    log:   {NO_LOG.get(record.log, f'{record.target}.log')}"]
