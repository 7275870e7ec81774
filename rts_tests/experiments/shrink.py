"""`longpole shrink`: which of a failing chunk's seeds fails.

First every seed alone. Where none fails alone, all of them together; if that fails, the failure depends on what ran
before, and the shortest range of seeds that still fails is looked for by bisection.
"""

import os
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from longpole.rts_tests.contracts.commit import Commit, find_commit
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
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
    """Ranges of `count` things to try, all of which together are known to fail and none alone; the shortest that fails.

    It is sent something true if the range that it yielded failed. First the shortest beginning that fails is looked
    for, then the shortest end of that. What it returns is the last range that failed, or all; where failures come and
    go, a shorter one may fail as well.
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
    """Ranges of `count` seeds to try, none of which fails alone; it is sent the status of one that failed, else None.

    All come first. Where they take longer than a unit may, there is no telling too long from stuck, and that is all.
    """
    status = yield range(count)
    if status not in (None, Status.TIMEOUT):
        yield from narrowing(count)


@dataclass(slots=True)
class Chunk:
    """A unit whose seeds are looked at, and what is known of them so far."""

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
        """Its next execution, with these seeds."""
        self.executed += 1
        return Execution(replace(self.unit, execution=self.executed), Seeds(tuple(values), "SEED"))


def shrink(name: str | None, jobs: int, *, fail_fast: bool, environ: Mapping[str, str] = os.environ) -> int:
    """Look for the failing seeds of a unit, or of every unit of the last run that failed; return the exit status.

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
        experiment.conclude("\n".join(["", *why_cut_short(last.ended), *lines, *kept]) + "\n")
    finally:
        experiment.close()
    return status_of(last.ended, failed=any(chunk.failed_alone or chunk.together for chunk in chunks))


# -- which seeds ------------------------------------------------------------------------------------------------------


def _chunks(plan: Plan, name: str | None, commit: Commit, request: Request) -> tuple[list[Chunk], list[str]]:
    """The units to look at with their seeds, and what there is to say about others. Raises `UseError`."""
    failed, notes = _failed(plan, request.state)
    if name is None:
        if not run_dirs(request.state):
            what = "there is no run yet of which the failing units could be taken"
            raise UseError.at("", what, "type `make test`, or name a unit")
        return [Chunk(unit, seeds) for unit, seeds in failed.items()], notes
    unit = find_unit(plan, name)
    seeds = unit_seeds(unit, plan.modules[unit.module], commit.sha, request.seeds)
    if request.seeds is None and request.commit is None:
        seeds = failed.get(unit, seeds)  # those that failed, though there has been a commit since
    if not seeds.values:
        raise UseError.at("", f"{unit.id} takes no seeds", "there is nothing to look for in it")
    return [Chunk(unit, seeds)], []


def _failed(plan: Plan, state: Path) -> tuple[dict[Unit, Seeds], list[str]]:
    """The failing units of the last run that take seeds, in plan order, with the seeds that they ran with."""
    runs = run_dirs(state)
    if not runs:
        return {}, []
    info = read_run_info(runs[-1])
    records = read_records(runs[-1], info)
    found: dict[Unit, Seeds] = {}
    notes: list[str] = []
    units = {unit.target: unit for unit in plan.units}
    for target, record in records.items():
        if record.status not in SHRUNK or not record.seed_count:
            continue
        unit = units.get(target)
        seeds = None if unit is None else _seeds_of(record, unit, plan, info)
        if unit is None or seeds is None:
            notes.append(f"{record.id} has changed in the suite since it failed, and is left out")
        else:
            found[unit] = seeds
    return found, notes


def _seeds_of(record: Record, unit: Unit, plan: Plan, info: RunInfo) -> Seeds | None:
    """The seeds that a unit failed with; None where the suite cuts it otherwise now.

    Older records name only the first; then they are what the plan says for that run's commit, if that agrees.
    """
    override = None if info.seed_override is None else parse_override(str(info.seed_override))
    derived = unit_seeds(unit, plan.modules[unit.module], info.commit, override)
    if len(derived.values) != record.seed_count:
        return None
    if record.seeds is None or record.seed_source is None:
        return derived if derived.first == record.seed else None
    try:
        values = parse_override(record.seeds) or ()
    except UseError:  # it was not Longpole that wrote it
        return None
    return Seeds(values, record.seed_source) if len(values) == record.seed_count else None


# -- looking ----------------------------------------------------------------------------------------------------------


def _look(experiment: Experiment, chunks: Sequence[Chunk], *, fail_fast: bool) -> Round:
    """Execute what is needed, round after round, and note in `chunks` what is found; the last round is returned."""
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
    """A range of each chunk a round, until the shortest that fails is known of each."""
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


# -- telling ----------------------------------------------------------------------------------------------------------


def chunk_lines(chunk: Chunk, run: Path) -> list[str]:
    """What was found of one unit."""
    name, number = chunk.unit.id, len(chunk.singles)
    if chunk.failed_alone:
        of = (
            f"{number} seeds" if chunk.tried == number else f"the {chunk.tried} seeds that were tried, out of {number},"
        )
        lines = [f"{name}: {chunk.failed_alone} of {of} fail{'s' * (chunk.failed_alone == 1)} alone"]
        for record in chunk.alone:
            lines += failure_lines(record, run, f"seed {record.first_seed}", tail=TAIL_LINES)
            lines.append(f"    again: {record.reproducer}")
        if more := chunk.failed_alone - len(chunk.alone):
            lines.append(f"  and {more} more, which were only counted")
        return lines
    if chunk.together:
        record, seeds = chunk.together
        lines = [f"{name}: none of {number} seeds fails alone, but these do together:"]
        lines += failure_lines(record, run, f"seeds {seed_text(seeds.values)}", tail=TAIL_LINES)
        lines.append(f"    again: {record.reproducer}")
        if record.status == Status.TIMEOUT:
            lines.append("  one of them gets stuck, or they take too long together")
        elif chunk.done:
            lines.append(f"  {seeds.values[-1]} fails after what those before it did")
        else:
            lines.append("  fewer may fail, too")
        return lines
    if chunk.done:
        neither = f"neither one of {number} seeds alone nor all together" if number > 1 else f"seed {chunk.seeds.first}"
        often = f"  how often it does: longpole stress {chunk.unit.target} --count 100"
        return [f"{name}: nothing failed, {neither}" if number > 1 else f"{name}: {neither} did not fail", often]
    return [f"{name}: {chunk.tried} of {number} seeds tried alone, none failed"]
