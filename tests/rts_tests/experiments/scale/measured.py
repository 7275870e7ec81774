"""Measurements made up for tests."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from longpole.rts_tests.experiments.scale.machine import Machine
from longpole.rts_tests.experiments.scale.measurement import Measurement
from longpole.rts_tests.experiments.scale.scaling_of import results_of
from longpole.rts_tests.experiments.scale.trials import Trial

MACHINE = Machine("Linux", "x86_64", "A Processor", 2)


def trial(jobs: int, wall_s: float, *, number: int = 1, problems: Sequence[str] = ()) -> Trial:
    """A run without units."""
    return Trial(
        number=number, jobs=jobs, wall_s=wall_s, cpu_s=1.0, units_s=wall_s, others=0.02, problems=tuple(problems)
    )


def measurement(
    walls: Mapping[int, Sequence[float]],
    *,
    units: Mapping[str, float] | None = None,
    failed: Sequence[Trial] = (),
    suite: str = "demo",
    machine: Machine = MACHINE,
    interrupted: bool = False,
) -> Measurement:
    """A measurement with these times by number of jobs; each unit takes its time, a little more in each next run."""
    units = units if units is not None else {"v/a": 0.5, "v/b": 1.5}
    trials = [Trial(number=0, jobs=max(walls, default=1), wall_s=9.0, cpu_s=1.0)]
    for jobs, times in walls.items():
        for index, wall_s in enumerate(times):
            durations = {name: seconds * (1 + index / 100) for name, seconds in units.items()}
            trials.append(replace(trial(jobs, wall_s, number=len(trials)), durations=durations))
    trials += failed
    return Measurement(
        suite=suite,
        commit="0123456789abcdef0123456789abcdef01234567",
        started_at="2026-11-21T10:15:00.123Z",
        machine=machine,
        slots=None,
        selectors=(),
        filter="",
        units=tuple(units),
        jobs=tuple(sorted({*walls, *(each.jobs for each in failed)})),
        runs=max(map(len, walls.values()), default=1),
        seed=1,
        trials=tuple(trials),
        results=results_of(trials, machine.cores, 1),
        interrupted=interrupted,
    )
