"""What all benchmarks of a run have in common: the machine's mood of that hour, which no benchmark is to blame for.

A reference workload that was measured in the same minutes is the best measure of it. Without one, it is what the other
benchmarks of the run have in common: for each benchmark, the median over all others of how far they are from their own
median over all runs. The benchmark itself is left out, so that its own change does not hide itself; but a change that
slows most benchmarks down looks like a slow machine. Only metrics in seconds have a mood.
"""

from collections.abc import Mapping, Sequence
from math import exp, log
from statistics import median

from longpole.perf.model import Result

LEAST_OTHERS = 4
"""Of fewer other benchmarks the median says too little."""
MOST_SINGLE = 50
"""Of more benchmarks than these, each counts in the common factor that it is divided by: it hardly moves the median."""

Values = Sequence[Mapping[str, float]]
"""Of each run, the mean of each benchmark in one metric."""


def by_reference(runs: Sequence[Result]) -> list[float] | None:
    """What to divide each run's times by, 1 in the middle; None unless all have the same reference workload."""
    means = [run.reference.mean for run in runs if run.reference is not None and run.reference.mean > 0]
    workloads = {run.machine.get("reference") for run in runs}
    if not means or len(means) < len(runs) or len(workloads) > 1:
        return None
    middle = median(means)
    return [mean / middle for mean in means]


def by_others(values: Values) -> list[dict[str, float]]:
    """What to divide each benchmark of each run by: the others' common factor, 1 where there are too few others."""
    levels = _levels(values)
    factors = []
    for run in values:
        away = {name: log(value / levels[name]) for name, value in run.items() if name in levels and value > 0}
        if len(run) > MOST_SINGLE:
            factors.append(dict.fromkeys(run, _common(list(away.values()))))
        else:
            factors.append({name: _common([each for other, each in away.items() if other != name]) for name in run})
    return factors


def common(before: Values, after: Values) -> float | None:
    """How much greater the second runs are in common: the median ratio over benchmarks; None of too few benchmarks."""
    first, second = _levels(before), _levels(after)
    ratios = [second[name] / first[name] for name in first if name in second]
    return median(ratios) if len(ratios) > LEAST_OTHERS else None


def _common(away: Sequence[float]) -> float:
    return exp(median(away)) if len(away) >= LEAST_OTHERS else 1.0


def _levels(values: Values) -> dict[str, float]:
    """The median of each benchmark over all runs; only those with positive values."""
    every: dict[str, list[float]] = {}
    for run in values:
        for name, value in run.items():
            every.setdefault(name, []).append(value)
    return {name: median(known) for name, known in every.items() if min(known) > 0}
