"""Makespan and CPU time of a suite with other numbers of jobs, shards or builders, and what caps each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from longpole.perf.predict.simulate import Outcome, simulate
from longpole.perf.predict.work import Suite, Work
from longpole.rts_tests.contracts.partition import partition

LEVELS = (1, 2, 4, 8, 16, 32, 64)
PAYS = 0.1
"""Twice as many jobs pay if they save at least this part of the makespan."""
_POLE = 1.05
_BUSY = 0.9


class Over(StrEnum):
    """What there is more of at each level.

    Jobs are on one machine. Each shard has a machine of its own, which builds what it needs; builders share the builds.
    """

    JOBS = "jobs"
    SHARDS = "shards"
    BUILDERS = "builders"


class Cap(StrEnum):
    """What keeps the makespan from being shorter."""

    POLE = "long pole"
    CORES = "cores"
    PLACES = "places"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Level:
    """A predicted run. Seconds; `efficiency` is the work over what `count` of them could have done in the makespan.

    `pole` is the unit that the run cannot be shorter than, with its builds, and `pole_s` that time; `last` ended last.
    """

    over: Over
    count: int
    makespan_s: float
    cpu_s: float
    efficiency: float
    cap: Cap
    pole: str
    pole_s: float
    last: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """The levels of each kind, fewest first, and for which machine."""

    cores: int
    jobs: int
    """Jobs on each machine of shards and builders."""
    others: float
    """How many threads of other programs compute all the time on each machine."""
    levels: tuple[Level, ...]

    def of(self, over: Over) -> tuple[Level, ...]:
        """The levels of one kind."""
        return tuple(level for level in self.levels if level.over is over)


def predict(
    suite: Suite,
    counts: Sequence[int] = LEVELS,
    *,
    kinds: Sequence[Over] = tuple(Over),
    cores: int | None = None,
    jobs: int | None = None,
    others: float = 0.0,
    through: Callable[[Sequence[tuple[Over, int]]], Iterable[tuple[Over, int]]] = iter,
) -> Prediction:
    """Simulate the suite at each level, on machines with `cores`, each with `jobs` if these are not what varies.

    The defaults are the cores and the jobs of the run that it was learnt from. `through` shows progress.
    """
    cores = cores or suite.cores
    jobs = jobs or suite.jobs or cores
    asked = [(over, count) for over in kinds for count in counts]
    machine = _Machine(cores, jobs, others)
    levels = tuple(_level(suite, over, count, machine) for over, count in through(asked))
    return Prediction(cores, jobs, others, levels)


def stops_paying(levels: Sequence[Level]) -> tuple[Level, Level] | None:
    """The last level that pays, and the next one, which saves less than PAYS; None if all pay."""
    for level, following in pairwise(levels):
        if following.makespan_s > (1 - PAYS) * level.makespan_s:
            return level, following
    return None


@dataclass(frozen=True, slots=True)
class _Machine:
    cores: int
    jobs: int
    others: float


def _level(suite: Suite, over: Over, count: int, machine: _Machine) -> Level:
    cores, jobs = machine.cores, machine.jobs
    if over is Over.JOBS:
        outcomes, places = [_simulated(suite, suite.works, replace(machine, jobs=count))], count
    else:
        outcomes = list(_shards(suite, count, machine, build=over is Over.SHARDS))
        places = count * jobs
    lead_s = 0.0
    if over is Over.BUILDERS and suite.builds:
        lead_s = simulate((), suite.builds, jobs=jobs, cores=cores, others=machine.others).makespan_s
    longest = max(outcomes, key=lambda outcome: outcome.makespan_s)
    makespan_s = lead_s + longest.makespan_s
    cpu_s = sum(outcome.cpu_s for outcome in outcomes) + (sum(suite.builds.values()) if lead_s else 0.0)
    pole, pole_s = _pole(suite)
    work_s = sum(work.alone_s for work in suite.works)
    efficiency = min(1.0, work_s / (places * makespan_s)) if makespan_s > 0 else 1.0
    places_of_one = count if over is Over.JOBS else jobs
    cap = _cap(longest, makespan_s, (pole, pole_s), cores, places_of_one)
    return Level(over, count, makespan_s, cpu_s, efficiency, cap, pole, pole_s, longest.last)


def _simulated(suite: Suite, works: Sequence[Work], machine: _Machine, *, build: bool = True) -> Outcome:
    needed = {name for work in works for name in work.after}
    builds = {name: seconds for name, seconds in suite.builds.items() if name in needed and build}
    if not build:
        works = [replace(work, after=()) for work in works]
    slots = machine.cores if suite.plan.slots == "auto" else suite.plan.slots
    cores, jobs, others = machine.cores, machine.jobs, machine.others
    return simulate(works, builds, jobs=jobs, cores=cores, gap_s=suite.gap_s, slots=slots, others=others)


def _shards(suite: Suite, count: int, machine: _Machine, *, build: bool) -> Iterator[Outcome]:
    by_id = {work.id: work for work in suite.works}
    for units in partition(suite.plan, count):
        if units:
            yield _simulated(suite, [by_id[unit.id] for unit in units], machine, build=build)


def _pole(suite: Suite) -> tuple[str, float]:
    """The unit that ends last with any number of jobs and cores, and when: its longest build and then itself."""
    ends = [
        (max((suite.builds[name] for name in work.after), default=0.0) + work.alone_s + suite.gap_s, work.id)
        for work in suite.works
    ]
    end, name = max(ends)
    return name, end


def _cap(longest: Outcome, makespan_s: float, pole: tuple[str, float], cores: int, places: int) -> Cap:
    name, pole_s = pole
    if makespan_s <= _POLE * pole_s:
        return Cap.POLE
    if longest.cpu_s >= _BUSY * cores * longest.makespan_s:
        return Cap.CORES
    if longest.busy_s >= _BUSY * places * longest.makespan_s:
        return Cap.PLACES
    # Busy cores slow the long pole down, too: it may take longer than alone.
    at_once = longest.starts.get(name, longest.makespan_s) <= (_POLE - 1) * longest.makespan_s
    return Cap.POLE if longest.last == name and at_once else Cap.ORDER
