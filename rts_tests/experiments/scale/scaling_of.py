"""From trials to what they say: a pure function."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from longpole.rts_tests.contracts.median import median, quantile
from longpole.rts_tests.experiments.scale.trials import WARM_UP, Trial
from longpole.rts_tests.statistics.intervals import Interval, median_interval, ratio_interval
from longpole.rts_tests.statistics.scaling import CLOSE, Scaling, amdahl, recommended_jobs, usl


@dataclass(frozen=True, slots=True)
class Spread:
    """The median, the 95th percentile and the maximum of durations, in seconds."""

    p50_s: float
    p95_s: float
    max_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A number of jobs, and its valid trials. Speedup and efficiency are relative to the fewest jobs of all levels."""

    jobs: int
    runs_s: tuple[float, ...]
    failed: int
    median_s: float
    interval_s: Interval
    speedup: float
    speedup_interval: Interval
    efficiency: float
    """The speedup over the ratio of the jobs; 1 where twice the jobs take half the time."""
    units: Spread
    """Of all units in all runs."""
    by_unit: Mapping[str, tuple[float, ...]]
    """The durations of each unit in its runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What the trials say; levels by number of jobs, without those of which no trial is valid."""

    levels: tuple[Level, ...]
    amdahl: Scaling | None
    amdahl_jobs: tuple[int, ...]
    """The numbers of jobs to which Amdahl's law is fitted: those up to the number of cores, if these are two."""
    usl: Scaling | None
    recommended: int | None
    rivals: tuple[int, ...] = ()
    """Fewer jobs than recommended that may be as good: their interval reaches down to the time of the recommended."""
    may_gain: bool
    """Whether the most jobs were the fastest, so that even more may be faster."""


def results_of(trials: Sequence[Trial], cores: int, seed: int) -> Results:
    """Return what the trials say, without the warm-up. The same seed gives the same intervals."""
    chance = random.Random(seed)  # noqa: S311  the intervals have to repeat
    by_jobs: dict[int, list[Trial]] = {}
    for trial in sorted(trials, key=lambda trial: trial.jobs):
        if trial.number != WARM_UP:
            by_jobs.setdefault(trial.jobs, []).append(trial)
    valid = {jobs: [trial for trial in each if trial.valid] for jobs, each in by_jobs.items()}
    valid = {jobs: each for jobs, each in valid.items() if each}
    if not valid:
        return Results(levels=(), amdahl=None, amdahl_jobs=(), usl=None, recommended=None, may_gain=False)
    base = next((jobs, [trial.wall_s for trial in each]) for jobs, each in valid.items())
    levels = tuple(
        _level(jobs, each, len(by_jobs[jobs]) - len(each), base, chance) for jobs, each in sorted(valid.items())
    )
    times = {level.jobs: level.median_s for level in levels}
    on_cores = {jobs: seconds for jobs, seconds in times.items() if jobs <= cores}
    fitted = on_cores if len(on_cores) > 1 else times
    recommended = recommended_jobs(times)
    return Results(
        levels=levels,
        amdahl=amdahl(fitted),
        amdahl_jobs=tuple(fitted),
        usl=usl(times),
        recommended=recommended,
        rivals=tuple(
            level.jobs
            for level in levels
            if level.jobs < recommended and level.interval_s[0] <= times[recommended] * (1 + CLOSE)
        ),
        may_gain=len(times) > 1 and recommended == max(times),
    )


def _level(
    jobs: int, trials: Sequence[Trial], failed: int, base: tuple[int, list[float]], chance: random.Random
) -> Level:
    walls = [trial.wall_s for trial in trials]
    by_unit: dict[str, list[float]] = {}
    for trial in trials:
        for name, duration in trial.durations.items():
            by_unit.setdefault(name, []).append(duration)
    base_jobs, base_walls = base
    speedup = median(base_walls) / median(walls)
    is_base = jobs == base_jobs
    return Level(
        jobs=jobs,
        runs_s=tuple(walls),
        failed=failed,
        median_s=median(walls),
        interval_s=median_interval(walls, chance),
        speedup=speedup,
        speedup_interval=(1.0, 1.0) if is_base else ratio_interval(base_walls, walls, chance),
        efficiency=speedup * base_jobs / jobs,
        units=spread_of([duration for durations in by_unit.values() for duration in durations]),
        by_unit={name: tuple(durations) for name, durations in by_unit.items()},
    )


def spread_of(durations: Sequence[float]) -> Spread:
    """Return the spread of durations; zeros if there are none, as when every unit was a fork without a class."""
    if not durations:
        return Spread(0.0, 0.0, 0.0)
    return Spread(quantile(durations, 0.5), quantile(durations, 0.95), max(durations))
