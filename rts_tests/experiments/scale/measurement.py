"""A whole measurement, as JSON: what `--json` writes, and what a baseline is."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from longpole.rts_tests.experiments.scale.machine import Machine
from longpole.rts_tests.experiments.scale.scaling_of import Level, Results, Spread, spread_of
from longpole.rts_tests.experiments.scale.trials import WARM_UP, Trial
from longpole.rts_tests.statistics.scaling import Scaling

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What was measured, of what, where and how."""

    suite: str
    commit: str | None
    started_at: str
    machine: Machine
    slots: int | None
    """How many slots all runs on the machine share; None without a limit."""
    selectors: tuple[str, ...]
    filter: str
    """FILTER in force, with the selectors."""
    units: tuple[str, ...]
    """The ids of the selected units, sorted."""
    jobs: tuple[int, ...]
    runs: int
    seed: int
    trials: tuple[Trial, ...]
    results: Results
    interrupted: bool

    @property
    def excluded(self) -> tuple[Trial, ...]:
        """The trials that do not count, without the warm-up."""
        return tuple(trial for trial in self.trials if not trial.valid and trial.number != WARM_UP)

    @property
    def missing(self) -> tuple[int, ...]:
        """The numbers of jobs of which no trial is valid."""
        return tuple(sorted(set(self.jobs) - {level.jobs for level in self.results.levels}))

    @property
    def complete(self) -> bool:
        """Whether every number of jobs was measured."""
        return not self.interrupted and not self.missing


def as_json(measured: Measurement) -> dict[str, Any]:
    """Return the document; docs/json.md describes its fields."""
    results = measured.results
    return {
        "version": VERSION,
        "kind": "bench scale",
        "suite": measured.suite,
        "commit": measured.commit,
        "started_at": measured.started_at,
        "machine": asdict(measured.machine),
        "slots": measured.slots,
        "selectors": list(measured.selectors),
        "filter": measured.filter,
        "jobs": list(measured.jobs),
        "runs": measured.runs,
        "seed": measured.seed,
        "interrupted": measured.interrupted,
        "trials": [_trial(trial) for trial in measured.trials],
        "levels": [_level(level) for level in results.levels],
        "amdahl": _law(results.amdahl, results.amdahl_jobs),
        "usl": _law(results.usl, tuple(level.jobs for level in results.levels)),
        "recommended_jobs": results.recommended,
        "units": [
            {
                "id": name,
                "levels": [
                    {"jobs": level.jobs, "runs_s": _rounded(runs), **_spread(spread_of(runs))}
                    for level in results.levels
                    if (runs := level.by_unit.get(name))
                ],
            }
            for name in measured.units
        ],
    }


def _trial(trial: Trial) -> dict[str, Any]:
    return {
        "number": trial.number,
        "warm_up": trial.number == WARM_UP,
        "jobs": trial.jobs,
        "valid": trial.valid,
        "problems": list(trial.problems),
        "wall_s": round(trial.wall_s, 6),
        "cpu_s": round(trial.cpu_s, 6),
        "units_s": trial.units_s and round(trial.units_s, 6),
        "others": trial.others and round(trial.others, 4),
    }


def _level(level: Level) -> dict[str, Any]:
    return {
        "jobs": level.jobs,
        "runs_s": _rounded(level.runs_s),
        "failed": level.failed,
        "median_s": round(level.median_s, 6),
        "interval_s": _rounded(level.interval_s),
        "speedup": round(level.speedup, 6),
        "speedup_interval": _rounded(level.speedup_interval),
        "efficiency": round(level.efficiency, 6),
        "units": _spread(level.units),
    }


def _law(law: Scaling | None, jobs: tuple[int, ...]) -> Mapping[str, Any] | None:
    if law is None:
        return None
    return {
        "jobs": list(jobs),
        "alone_s": round(law.alone_s, 6),
        "contention": round(law.contention, 6),
        "coherency": round(law.coherency, 6),
        "peak_jobs": law.peak_jobs and round(law.peak_jobs, 3),
        "max_speedup": law.max_speedup and round(law.max_speedup, 3),
        "error": round(law.error, 6),
    }


def _spread(spread: Spread) -> dict[str, float]:
    return {name: round(value, 6) for name, value in asdict(spread).items()}


def _rounded(values: tuple[float, ...]) -> list[float]:
    return [round(value, 6) for value in values]
