"""`builds`: the makespan of a suite in which one variant is built in 1 s and the other in 20, over the lower bound.

Builds and units sleep, so that what else the machine does changes little. No schedule on n jobs is shorter than all
builds and units together over n, or than the build of a variant and then its units on all n jobs.
"""

from bench import budgets
from bench.longpoles import longpoles
from bench.measure import Conditions, interleaved, jobs, wall_s
from bench.project import make_project
from bench.result import Comparison, Figure, Result

BUILDS_S = {"quick": 1.0, "slow": 20.0}
UNITS_S = {2.0: 3, 1.0: 4, 0.5: 8}
"""Seconds of a unit to the number of such units in each variant."""
QUICK_SCALE = 0.05


def suite_of(scale: float) -> str:
    """The suite, all its times multiplied by `scale`. A module is called what its units sleep, in seconds."""
    builds = ", ".join(f"{name}: {{build: [sleep, '{seconds * scale:g}']}}" for name, seconds in BUILDS_S.items())
    lines = [
        "version: 1",
        "name: builds",
        'defaults: {run: [sleep, "{module}"]}',
        f"variants: {{{builds}}}",
        "modules:",
    ]
    for seconds, count in UNITS_S.items():
        lines.append(f"  '{seconds * scale:g}': {{weight: {seconds * scale * count}, seeds: {count}, chunks: {count}}}")
    return "\n".join(lines) + "\n"


def least_s(scale: float, places: int) -> float:
    """Seconds below which no schedule on that many jobs gets."""
    units_s = sum(seconds * count for seconds, count in UNITS_S.items())
    everything_s = sum(BUILDS_S.values()) + units_s * len(BUILDS_S)
    one_after_another_s = max(BUILDS_S.values()) + max(units_s / places, *UNITS_S)
    return scale * max(everything_s / places, one_after_another_s)


def measure(conditions: Conditions) -> Result:
    """Measure and return what was found. Raises `CannotMeasure`."""
    scale = QUICK_SCALE if conditions.quick else 1.0
    contenders = []
    for side in longpoles(conditions):
        folder = conditions.scratch / side.folder
        folder.mkdir()
        project = make_project(folder, "builds", suite_of(scale), python=side.python)
        contenders.append(project.contender(side.name, "make", f"-j{jobs()}", "test"))
    measured = interleaved(contenders, conditions.rounds, conditions.scratch, conditions.say)
    least = least_s(scale, jobs())
    figures = []
    for contender in contenders:
        over = tuple(seconds / least for seconds in measured[contender.name].values(wall_s))
        what = f"{contender.name}: makespan over the bound, builds of 1 s and 20 s"
        figures.append(Figure(what, over, "x", None if conditions.quick else budgets.MAKESPAN))
    units = len(BUILDS_S) * sum(UNITS_S.values())
    comparison = Comparison(f"builds of 1 s and 20 s, -j{jobs()}", units, contenders[0].name, measured, {}, {})
    notes = (f"the bound is {least:g} s",)
    return Result("builds", (comparison,), tuple(figures), (), notes)
