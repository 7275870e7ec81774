"""`longpole shrink`: find the seeds that make a chunk fail.

First every seed runs alone. If none fails alone, all of them run together. If that fails, the failure depends on what
ran before, and bisection searches for the shortest range of seeds that still fails.
"""

import os
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from longpole.rts_tests.contracts.commit import Commit, find_commit
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.harmless import harmless
from longpole.rts_tests.contracts.plan import Plan, Unit
from longpole.rts_tests.contracts.record_file import read_records
from longpole.rts_tests.contracts.records import Record, RunInfo, read_run_info
from longpole.rts_tests.contracts.seeds import Seeds, parse_override, seed_text, unit_seeds
from longpole.rts_tests.contracts.status import SHRUNK, Status
from longpole.rts_tests.experiments.experiment import (
    Experiment,
    Round,
    current_plan,
    failed_of,
    failure_lines,
    find_unit,
    status_of,
    why_cut_short,
)
from longpole.rts_tests.run.request import Request
from longpole.rts_tests.state.run_folders import run_dirs
from longpole.rts_tests.supervise.executions import Execution

TAIL_LINES = 5


def narrowing(count: int) -> Generator[range, object, range]:
    """Yield the ranges of `count` items to try, which fail together but not alone; return the shortest that failed.

    Send it a true value if the range that it yielded failed. It first searches for the shortest beginning that fails,
    then for the shortest end of that. It returns the last range that failed, or all; if failures are not deterministic,
    a shorter range may fail as well.
    """
    passes, end = 1, count
    while end - passes > 1:
        middle = (passes + end) // 2
        if (yield range(middle)):
            end = middle
        else:
            passes = middle
    first, alone = 0, end - 1
    while alone - first > 1:
        middle = (first + alone) // 2
        if (yield range(middle, end)):
            first = middle
        else:
            alone = middle
    return range(first, end)


def searching(count: int) -> Generator[range, str | None, None]:
    """Yield the ranges of `count` seeds to try, none of which fails alone; send it the status of a failure, else None.

    The first range is all seeds. If that times out, the search ends: a slow range cannot be told from a stuck one.
    """
    status = yield range(count)
    if status not in (None, Status.TIMEOUT):
        yield from narrowing(count)


@dataclass(slots=True)
class Chunk:
    """A unit whose seeds are examined, and the results so far."""

    unit: Unit
    seeds: Seeds
    tried: int = 0
    failed_alone: int = 0
    alone: list[Record] = field(default_factory=list)
    together: tuple[Record, Seeds] | None = None
    done: bool = False
    executed: int = 0

    @property
    def singles(self) -> list[int]:
        """Its seeds, each once."""
        return list(dict.fromkeys(self.seeds.values))

    def execution(self, values: Iterable[int]) -> Execution:
        """The next execution of the unit, with these seeds."""
        self.executed += 1
        return Execution(replace(self.unit, execution=self.executed), Seeds(tuple(values), "SEED"))


def shrink(name: str | None, jobs: int, *, fail_fast: bool, environ: Mapping[str, str] = os.environ) -> int:
    """Find the failing seeds of a unit, or of every unit that failed in the last run; return the exit status.

    Raises `UseError`.
    """
    request = Request.from_environ(("shrink",), environ)
    plan = current_plan(request)
    commit = find_commit(Path(), request.commit)
    chunks, notes = _chunks(plan, name, commit, request)
    for note in notes:
        print(f"longpole: {note}")
    if not chunks:
        print("longpole: no unit of the last run that failed takes seeds; there is nothing to shrink")
        return ExitStatus.PASSED
    experiment = Experiment(
        "shrink",
        plan,
        [chunk.unit for chunk in chunks],
        commit,
        request,
        asked=[name or "the last run", *(["-x"] if fail_fast else [])],
        jobs=jobs,
        fail_fast=fail_fast,
    )
    try:
        last = _look(experiment, chunks, fail_fast=fail_fast)
        lines = [line for chunk in chunks for line in chunk_lines(chunk, experiment.run)]
        kept = [f"kept in: {experiment.run}/units"] if any(chunk.alone or chunk.together for chunk in chunks) else []
        experiment.conclude("\n".join(["", *why_cut_short(experiment.run, last.ended), *lines, *kept]) + "\n")
    finally:
        experiment.close()
    return status_of(last.ended, failed=any(chunk.failed_alone or chunk.together for chunk in chunks))


# -- which seeds ------------------------------------------------------------------------------------------------------


def _chunks(plan: Plan, name: str | None, commit: Commit, request: Request) -> tuple[list[Chunk], list[str]]:
    """The units to examine with their seeds, and notes about skipped units. Raises `UseError`."""
    failed, notes = _failed(plan, request.state)
    if name is None:
        if not run_dirs(request.state):
            what = "there is no run yet to take failing units from"
            raise UseError.at("", what, "type `make test`, or name a unit")
        return [Chunk(unit, seeds) for unit, seeds in failed.items()], notes
    unit = find_unit(plan, name)
    seeds = unit_seeds(unit, plan.modules[unit.module], commit.sha, request.seeds)
    if request.seeds is None and request.commit is None:
        seeds = failed.get(unit, seeds)  # those that failed, even if there is a new commit
    if not seeds.values:
        raise UseError.at("", f"{unit.id} takes no seeds", "name a unit that takes seeds")
    return [Chunk(unit, seeds)], []


def _failed(plan: Plan, state: Path) -> tuple[dict[Unit, Seeds], list[str]]:
    """The failing units of the last run that take seeds, in plan order, with the seeds that they ran with."""
    runs = run_dirs(state)
    if not runs:
        return {}, []
    info = read_run_info(runs[-1])
    records = read_records(runs[-1], info)
    failed: dict[Unit, Seeds] = {}
    notes: list[str] = []
    units = {unit.target: unit for unit in plan.units}
    for target, record in records.items():
        if record.status not in SHRUNK or not record.seed_count:
            continue
        unit = units.get(target)
        seeds = None if unit is None else _seeds_of(record, unit, plan, info)
        if unit is None or seeds is None:
            notes.append(f"{record.id} has changed in the suite since it failed, and is skipped")
        else:
            failed[unit] = seeds
    return failed, notes


def _seeds_of(record: Record, unit: Unit, plan: Plan, info: RunInfo) -> Seeds | None:
    """The seeds that a unit failed with; None if the suite splits its module differently now.

    Older records hold only the first seed; then the seeds are derived from the plan and that run's commit, if the first
    one agrees.
    """
    override = None if info.seed_override is None else parse_override(str(info.seed_override))
    derived = unit_seeds(unit, plan.modules[unit.module], info.commit, override)
    if len(derived.values) != record.seed_count:
        return None
    if record.seeds is None or record.seed_source is None:
        return derived if derived.first == record.seed else None
    try:
        values = parse_override(record.seeds) or ()
    except UseError:  # not written by Longpole
        return None
    return Seeds(values, record.seed_source) if len(values) == record.seed_count else None


# -- search ----------------------------------------------------------------------------------------------------------


def _look(experiment: Experiment, chunks: Sequence[Chunk], *, fail_fast: bool) -> Round:
    """Execute round after round and note the results in `chunks`; return the last round."""
    singles = [chunk.execution([value]) for chunk in chunks for value in chunk.singles]
    found = experiment.execute(iter(singles), total=len(singles))
    records = experiment.failures()
    for chunk in chunks:
        _note_singles(chunk, found, records)
    if not found.cut_short and not (fail_fast and any(chunk.failed_alone for chunk in chunks)):
        suspects = [chunk for chunk in chunks if not chunk.failed_alone and len(chunk.singles) > 1]
        found = _look_at_ranges(experiment, suspects) or found
    return found


def _note_singles(chunk: Chunk, found: Round, records: Sequence[Record]) -> None:
    counts = found.tally.counts(chunk.unit.id)
    chunk.tried = failed_of(counts) + counts.get(Status.PASSED, 0)
    chunk.failed_alone = failed_of(counts)
    order = {value: index for index, value in enumerate(chunk.singles)}
    mine = [each for each in records if each.unit_id == chunk.unit.id]
    chunk.alone = sorted(mine, key=lambda each: order[each.first_seed or 0])
    chunk.done = chunk.tried == len(order) and (chunk.failed_alone > 0 or len(order) == 1)


def _look_at_ranges(experiment: Experiment, chunks: Iterable[Chunk]) -> Round | None:
    """Execute one range of each chunk per round, until the shortest failing range of each is known."""
    searches = {chunk.unit.id: (chunk, searching(len(chunk.seeds.values))) for chunk in chunks}
    trying = {name: next(search) for name, (_, search) in searches.items()}
    found = None
    while trying:
        executions = {
            name: searches[name][0].execution(searches[name][0].seeds.values[each.start : each.stop])
            for name, each in trying.items()
        }
        found = experiment.execute(iter(executions.values()), total=len(executions))
        if found.cut_short:
            break
        failed = {record.id: record for record in experiment.failures()}
        for name, execution in executions.items():
            chunk, search = searches[name]
            failure = failed.get(execution.unit.id)
            if failure is not None:
                chunk.together = (failure, execution.seeds)
            try:
                trying[name] = search.send(failure.status if failure else None)
            except StopIteration:
                chunk.done = True
                del trying[name]
    return found


# -- report ----------------------------------------------------------------------------------------------------------


def chunk_lines(chunk: Chunk, run: Path) -> list[str]:
    """The lines of the report about one unit."""
    name, number = chunk.unit.id, len(chunk.singles)
    if chunk.failed_alone:
        of = (
            f"{number} seeds" if chunk.tried == number else f"the {chunk.tried} seeds that were tried, out of {number},"
        )
        lines = [f"{name}: {chunk.failed_alone} of {of} fail{'s' * (chunk.failed_alone == 1)} alone"]
        for record in chunk.alone:
            lines += failure_lines(record, run, f"seed {record.first_seed}", tail=TAIL_LINES)
            lines.append(f"    again: {harmless(record.reproducer, colour=False)}")
        if more := chunk.failed_alone - len(chunk.alone):
            lines.append(f"  and {more} more, which were only counted")
        return lines
    if chunk.together:
        record, seeds = chunk.together
        lines = [f"{name}: none of {number} seeds fails alone, but these do together:"]
        lines += failure_lines(record, run, f"seeds {seed_text(seeds.values)}", tail=TAIL_LINES)
        lines.append(f"    again: {harmless(record.reproducer, colour=False)}")
        if record.status == Status.TIMEOUT:
            lines.append("  one of them gets stuck, or they take too long together")
        elif chunk.done:
            lines.append(f"  {seeds.values[-1]} fails only after those before it")
        else:
            lines.append("  a shorter range may fail, too")
        return lines
    if chunk.done:
        neither = f"neither one of {number} seeds alone nor all together" if number > 1 else f"seed {chunk.seeds.first}"
        often = f"  to see how often it fails: longpole stress {chunk.unit.target} --count 100"
        return [f"{name}: nothing failed, {neither}" if number > 1 else f"{name}: {neither} did not fail", often]
    return [f"{name}: {chunk.tried} of {number} seeds tried alone, none failed"]
