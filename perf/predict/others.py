"""How much other programs took of a machine while a run went on, from the slowdown that its records have."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from longpole.perf.predict.simulate import simulate
from longpole.perf.predict.work import RunRead, Suite

MAX_OTHERS = 64.0
_PRECISION = 0.02
_RUNS = 3
"""The newest runs of which the median counts."""


def usual_others(suite: Suite) -> float:
    """The median over the newest runs that a suite was learnt from; the threads that compute beside it all the time."""
    found = [others_in(suite, run) for run in suite.runs[:_RUNS]]
    return median(found)


def others_in(suite: Suite, run: RunRead) -> float:
    """How many threads that compute all the time would explain the slowdown of a run's units; 0 if none is needed."""
    ran = {record.id for record in run.records.values()}
    works = [replace(work, after=()) for work in suite.works if work.id in ran]
    wanted = slowdown_of(run)
    jobs = run.info.jobs or suite.cores

    def slowdown(others: float) -> float:
        return simulate(works, {}, jobs=jobs, cores=suite.cores, gap_s=suite.gap_s, others=others).slowdown

    low, high = 0.0, MAX_OTHERS
    if wanted <= 1 or slowdown(low) >= wanted:
        return 0.0
    while high - low > _PRECISION * max(1.0, low):
        middle = (low + high) / 2
        low, high = (middle, high) if slowdown(middle) < wanted else (low, middle)
    return low


def slowdown_of(run: RunRead) -> float:
    """The mean over the CPU time of a run's units; 1 where the system does not tell."""
    known: Sequence[tuple[float, float]] = [
        (record.cpu_s, record.slowdown) for record in run.records.values() if record.slowdown is not None
    ]
    cpu_s = sum(seconds for seconds, _ in known)
    return sum(seconds * slowdown for seconds, slowdown in known) / cpu_s if cpu_s > 0 else 1.0
