"""What each unit of a suite costs, from the records of runs: seconds on an idle machine and of CPU, what it takes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path
from statistics import median

from longpole.rts_tests.contracts.builds import Build, read_builds
from longpole.rts_tests.contracts.duration import alone_s
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.history import LEAST_THREADED_S, History
from longpole.rts_tests.contracts.order import ordered
from longpole.rts_tests.contracts.plan import Plan, Unit, read_plan
from longpole.rts_tests.contracts.record_file import read_records
from longpole.rts_tests.contracts.records import Record, RunInfo, read_run_info, seconds_since_1970
from longpole.rts_tests.contracts.status import Status

MAX_RUNS = 10
"""The newest runs of which the records count."""
MOST_GAP_S = 1.0
"""A longer time between two units of one place is no overhead: there was nothing to run."""


@dataclass(frozen=True, slots=True)
class Work:
    """One unit: its time on an idle machine and its CPU time, seconds; on how many cores at once; what it takes.

    `after` are the builds that must have ended, by name.
    """

    id: str
    alone_s: float
    cpu_s: float
    threads: float = 1.0
    slots: int = 1
    exclusive: bool = False
    locks: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def computes(self) -> float:
        """The part of its time for which it needs its cores, at most 1."""
        return min(1.0, self.cpu_s / self.threads / self.alone_s) if self.alone_s > 0 else 0.0


@dataclass(frozen=True, slots=True)
class RunRead:
    """A run that has ended: what was asked, its records by target, and its builds by name."""

    path: Path
    info: RunInfo
    records: Mapping[str, Record]
    builds: Mapping[str, Build]

    @property
    def whole(self) -> bool:
        """Whether it was asked to run the whole suite, and every unit has a record."""
        info = self.info
        part = info.filter or info.shard or info.select or "test" not in info.goals
        return not part and bool(self.records) and len(self.records) == len(info.planned)

    @property
    def makespan_s(self) -> float:
        """From the start of the first build or unit to the end of the last unit, in seconds; 0 if nothing ran."""
        ran = [record for record in self.records.values() if _ran(record)]
        begun = seconds_since_1970(self.info.started_at)
        starts = [record.started_s for record in ran]
        starts += [seconds_since_1970(build.started_at) - begun for build in self.builds.values()]
        return max((record.started_s + record.wall_s for record in ran), default=0.0) - min(starts, default=0.0)


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite as it would run now: its works in the order of their starts, its builds, and what it was learnt from.

    `gap_s` is what a place is empty between two units. `jobs` is None if a run was not told how many.
    """

    plan: Plan
    works: tuple[Work, ...]
    builds: Mapping[str, float]
    gap_s: float
    cores: int
    jobs: int | None
    runs: tuple[RunRead, ...]
    guessed: int
    """How many units have no record that counts, so that their time is an estimate."""


def read_run(path: Path) -> RunRead:
    """Read a run's folder. Raises `UseError`."""
    info = read_run_info(path)
    return RunRead(path, info, read_records(path, info), read_builds(path))


def suite_of(latest: RunRead, others: Iterable[RunRead], history: History) -> Suite:
    """The suite of a run, with the records of other runs on an equal machine; `others` are the newest first.

    Raises `UseError` if the run's plan cannot be read, or if no unit of it ran.
    """
    plan = ordered(read_plan(latest.path / "plan.json"), history)
    machine = latest.info.machine, latest.info.cores
    alike = (run for run in others if (run.info.machine, run.info.cores) == machine and run.path != latest.path)
    runs = (latest, *islice(alike, MAX_RUNS - 1))
    planned = {name for name, _, _ in latest.info.planned}
    units = [unit for unit in plan.units if unit.id in planned]
    measured = _measured(runs)
    if not any(unit.id in measured for unit in units):
        raise UseError.at(str(latest.path), "no unit of this run has ended", "run `make test` first")
    builds = {name: build.wall_s for name, build in latest.builds.items() if build.exit_code == 0}
    works = tuple(_work(plan, unit, measured.get(unit.id), builds) for unit in units)
    guessed = sum(unit.id not in measured for unit in units)
    kept = replace(plan, units=tuple(units))
    return Suite(kept, works, builds, _gap_s(latest), latest.info.cores, latest.info.jobs, runs, guessed)


def _ran(record: Record) -> bool:
    return record.status is not Status.CANCELLED and not record.had_nothing_to_do


def _measured(runs: Sequence[RunRead]) -> dict[str, list[Record]]:
    """The records of each unit that passed; those of failures only of units that never passed."""
    every: dict[str, list[Record]] = {}
    for run in runs:
        for record in run.records.values():
            if _ran(record):
                every.setdefault(record.id, []).append(record)
    return {
        name: [record for record in records if record.status is Status.PASSED] or records
        for name, records in every.items()
    }


def _work(plan: Plan, unit: Unit, records: Sequence[Record] | None, builds: Mapping[str, float]) -> Work:
    module = plan.modules[unit.module]
    after = tuple(name for name in plan.builds_of(unit) if name in builds)
    takes = (module.slots, module.exclusive, module.locks, after)
    if not records:
        return Work(unit.id, unit.estimate_s, unit.estimate_s * unit.computes, 1.0, *takes)
    threads = max([1.0, *(each.cpu_s / each.wall_s for each in records if each.wall_s > LEAST_THREADED_S)])
    alone = median(alone_s(each.wall_s, each.cpu_s, each.slowdown, threads) for each in records)
    return Work(unit.id, alone, median(each.cpu_s for each in records), threads, *takes)


def _gap_s(run: RunRead) -> float:
    """The median time for which a place was empty between two units that had nothing to wait for, in seconds."""
    lanes: dict[int, list[Record]] = {}
    for record in run.records.values():
        if _ran(record):
            lanes.setdefault(record.lane, []).append(record)
    gaps = []
    for lane in lanes.values():
        lane.sort(key=lambda record: record.started_s)
        for record, following in pairwise(lane):
            gap = following.started_s - following.waited_s - record.started_s - record.wall_s
            if 0 <= gap < MOST_GAP_S:
                gaps.append(gap)
    return median(gaps) if gaps else 0.0
