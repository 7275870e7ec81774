"""What detection can see in each series: its false alarms, and the smallest change, from runs of the same commit.

Runs of the same commit differ by noise alone. So a change point between two of them is a false alarm, and a change that
is injected into them is one whose size is known. Power is the share of the places at which an injected change is found
by the runs that follow it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

from longpole.perf.commits import Commits
from longpole.perf.detect import segments
from longpole.perf.detect.common_factor import Array
from longpole.perf.detect.detect import (
    FALSE_DISCOVERIES,
    LEAST_DEVIATIONS,
    Family,
    Options,
    Progress,
    at_boundary,
    each_family,
)
from longpole.perf.detect.fdr import q_values
from longpole.perf.detect.noise import Noise, p_of_medians
from longpole.perf.detect.outcome import ALL_BENCHMARKS
from longpole.perf.index import Index

POWER = 0.95
MORE_RUNS = (3, 5, 9)
"""For how many runs after a change it is said how small the change may be."""
_FEWEST_PLACES = 20
"""Places at which a change is injected, at least: of fewer, a share of 95 % means nothing."""
_LARGEST = 10.0
"""The largest change that is tried, as a logarithm."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """One series. Changes and noise are relative: 0.05 for 5 %.

    `pairs` are consecutive runs of the same commit. `false_alarm_rate` is the number of changes found between such runs
    over their number. `smallest_changes` are those that are found with 95 % power by the number of runs that is their
    key; None if there are too few runs of the same commits, or none is small enough. `within_run` is the share of the
    noise's variance that more samples a run would lower, None where runs do not say how their samples deviate.
    """

    platform: str
    benchmark: str
    metric: str
    runs: int
    pairs: int
    false_alarm_rate: float | None
    noise: float
    smallest_changes: dict[int, float | None]
    within_run: float | None
    common: float
    """The noise of the common factor that was divided out."""
    has_reference: bool
    places: int
    """How often there are three runs of one commit in a row, into which a change can be injected."""

    @property
    def smallest_change(self) -> float | None:
        """The change that is found three runs after it: what a threshold cannot be below."""
        return self.smallest_changes[segments.SHORTEST]

    @property
    def threshold(self) -> float | None:
        """The least threshold to use."""
        return self.smallest_change


def calibrate(
    index: Index, commits: Commits | None, options: Options, progress: Progress = iter
) -> tuple[Calibration, ...]:
    """The calibration of each series that `options` ask for, as `detect` would test them together."""
    families = list(each_family(index, commits, options, progress))
    points = sum(int(np.count_nonzero(~np.isnan(family.values))) for family in families)
    tests = max(1, points // segments.SHORTEST)
    p_values = [step.p_value for family in families for step in family.steps]
    discoveries = sum(q <= FALSE_DISCOVERIES for q in q_values(p_values, tests))
    alpha = FALSE_DISCOVERIES * max(1, discoveries) / tests
    return tuple(each for family in families for each in _calibrated(index, family, alpha))


def _calibrated(index: Index, family: Family, alpha: float) -> list[Calibration]:
    within = _within_run(index, family)
    common = 0.0
    if ALL_BENCHMARKS in family.benchmarks:
        common = float(np.expm1(Noise.of(_known(family.values[:, -1])[0]).scale))
    found = []
    for column, benchmark in enumerate(family.benchmarks):
        values, rows = _known(family.values[:, column])
        if len(values) < 2 * segments.SHORTEST:
            continue
        names = [family.runs[row].commit for row in rows]
        noise = Noise.of(values)
        pairs = sum(name == following for name, following in pairwise(names))
        alarms = sum(
            step.column == column
            and step.p_value <= alpha
            and abs(step.shift) >= LEAST_DEVIATIONS * step.scale
            and family.runs[at := at_boundary(family, step)].commit == family.runs[at - 1].commit
            for step in family.steps
        )
        share = within.get(benchmark)
        found.append(
            Calibration(
                family.platform,
                benchmark,
                family.metric,
                len(values),
                pairs,
                alarms / pairs if pairs else None,
                float(np.expm1(noise.scale)),
                {runs: smallest_change(noise, _windows(noise, names, runs), alpha) for runs in MORE_RUNS},
                None if share is None else min(1.0, share / noise.scale**2),
                common,
                any(run.reference_mean for run in family.runs),
                len(_windows(noise, names, segments.SHORTEST)),
            )
        )
    return found


def smallest_change(noise: Noise, windows: Array, alpha: float) -> float | None:
    """The least slowdown that has a p-value of `alpha` or less in 95 % of the windows, a row each; None for none.

    Bisection: the larger the change, the more places it is found at.
    """
    if len(windows) < _FEWEST_PLACES:
        return None
    least = LEAST_DEVIATIONS * noise.scale

    def power(size: float) -> float:
        return float(np.mean((p_of_medians(windows + size, noise) <= alpha) & (np.median(windows, 1) + size >= least)))

    low, high = 0.0, _LARGEST
    if power(high) < POWER:
        return None
    while high - low > 1e-4:
        middle = (low + high) / 2
        low, high = (low, middle) if power(middle) >= POWER else (middle, high)
    return float(np.expm1(high))


def _windows(noise: Noise, names: Sequence[str], size: int) -> Array:
    """The deviations of each `size` consecutive runs of the same commit."""
    starts = [at for at in range(len(names) - size + 1) if len(set(names[at : at + size])) == 1]
    return np.array([noise.deviations[at : at + size] for at in starts], dtype=np.float64).reshape(len(starts), size)


def _known(values: Array) -> tuple[Array, list[int]]:
    rows = np.flatnonzero(~np.isnan(values))
    return values[rows], rows.tolist()


def _within_run(index: Index, family: Family) -> dict[str, float]:
    """The variance of each benchmark's mean of a run, relative to the mean squared, that its samples say."""
    variances: dict[str, list[float]] = {}
    for point in index.points(family.platform, metric=family.metric):
        if point.deviation is not None and point.count > 1 and point.mean > 0:
            variances.setdefault(point.benchmark, []).append((point.deviation / point.mean) ** 2 / point.count)
    return {name: median(found) for name, found in variances.items()}


def lowering(calibration: Calibration) -> list[str]:
    """What would lower the smallest change of a series, with numbers of its own data."""
    found = []
    if calibration.places < _FEWEST_PLACES:
        needed = f"{_FEWEST_PLACES} times {segments.SHORTEST} runs of one commit in a row are needed"
        return [f"measure some commits again: {needed}, and there are {calibration.places}"]
    for runs, change in calibration.smallest_changes.items():
        before = calibration.smallest_change
        if runs > segments.SHORTEST and change is not None and (before is None or change < 0.95 * before):
            found.append(f"{runs} runs after a change instead of {segments.SHORTEST} show {100 * change:.1f} %")
    if calibration.within_run is not None and calibration.within_run >= 0.1:
        found.append(f"more samples a run: they make up {100 * calibration.within_run:.0f} % of the variance")
    if not calibration.has_reference and calibration.common > calibration.noise:
        found.append(
            f"a reference workload: the machine's mood varies by {100 * calibration.common:.1f} %, "
            f"and what is left after it was estimated by {100 * calibration.noise:.1f} %"
        )
    return found or ["quieter machines: neither more samples nor a few more runs would"]
