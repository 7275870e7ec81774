"""`perf-predict`: the makespan that `longpole perf predict` says for 1, 2, 4 and 8 jobs, against measured runs.

The project has units that compute, that sleep, and that do both, and one that must be alone. Predictions are learnt
from the runs with one number of jobs each, so that every number is predicted from every other one. What other programs
took while the run went on that is predicted, is put into the simulation: as many threads that compute all the time as
give the slowdown that the units' records have. On an idle machine there are none.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import budgets
from bench.measure import CannotMeasure, Conditions, once
from bench.project import Project, make_project
from bench.result import Figure, Result
from longpole.perf.predict.others import others_in, slowdown_of
from longpole.perf.predict.simulate import Outcome, simulate
from longpole.perf.predict.work import RunRead, Suite, read_run, suite_of
from longpole.rts_tests.contracts.history import read_history
from longpole.rts_tests.state.run_folders import run_dirs

JOBS = (1, 2, 4, 8)
UNITS = (
    *((f"computes-{number}", 0.2 + 0.15 * number, 0.0) for number in range(12)),
    *((f"sleeps-{number}", 0.05, 0.3 + 0.2 * number) for number in range(12)),
    *((f"both-{number}", 0.5, 0.5) for number in range(4)),
    ("alone", 0.2, 0.2),
)
"""Name, and about how many seconds it computes and sleeps."""
QUICK_SCALE = 0.2
SCRIPT = """\
import sys, time

computes, sleeps = float(sys.argv[1]), float(sys.argv[2])
for _ in range(4):
    for number in range(int(computes * 5_000_000)):
        pass
    time.sleep(sleeps / 4)
"""


def suite_text(scale: float) -> str:
    """The suite; a unit's times are arguments of its own command."""
    lines = ["version: 1", "name: mixed", "variants: {v: {}}", "modules:"]
    for name, computes, sleeps in UNITS:
        alone = "exclusive: true, " if name == "alone" else ""
        command = f"[{sys.executable!r}, -S, unit.py, '{computes * scale:g}', '{sleeps * scale:g}']"
        lines.append(f"  {name}: {{{alone}run: {command}}}")
    return "\n".join(lines) + "\n"


def measure(conditions: Conditions) -> Result:
    """Measure and return what was found. Raises `CannotMeasure`."""
    project = make_project(conditions.scratch, "mixed", suite_text(QUICK_SCALE if conditions.quick else 1.0))
    (project.folder / "unit.py").write_text(SCRIPT)
    _run(project, 2)  # does not count: until it has ended, the order is that of the weights
    runs: dict[int, list[RunRead]] = {jobs: [] for jobs in JOBS}
    for number in range(conditions.rounds.most):
        for jobs in JOBS:
            conditions.say(f"round {number + 1}/{conditions.rounds.most}: -j{jobs}")
            runs[jobs].append(_run(project, jobs))
    state = project.folder / ".longpole"
    figures = []
    for learnt in JOBS:
        suite = suite_of(runs[learnt][-1], reversed(runs[learnt]), read_history(state))
        for jobs, values in errors(suite, runs).items():
            what = f"makespan at -j{jobs}, predicted from runs at -j{learnt}, off by"
            figures.append(Figure(what, values, "%", None if conditions.quick else budgets.PREDICTED_PERCENT))
    return Result("perf-predict", (), tuple(figures), (), tuple(_notes(runs)))


def errors(suite: Suite, runs: Mapping[int, Sequence[RunRead]]) -> dict[int, tuple[float, ...]]:
    """By number of jobs: how far off the prediction is for each run, in per cent, without sign."""
    return {
        jobs: tuple(100 * abs(predicted(suite, run).makespan_s / run.makespan_s - 1) for run in measured)
        for jobs, measured in runs.items()
    }


def predicted(suite: Suite, run: RunRead) -> Outcome:
    """The suite simulated with the jobs of a run, beside as many other threads as explain the slowdown of its units."""
    assert run.info.jobs is not None
    others = others_in(suite, run)
    return simulate(suite.works, {}, jobs=run.info.jobs, cores=suite.cores, gap_s=suite.gap_s, others=others)


def _run(project: Project, jobs: int) -> RunRead:
    once(project.contender(f"make -j{jobs}", "make", f"-j{jobs}", "test"), project.folder.parent / "output.txt")
    run = read_run(run_dirs(Path(project.folder, ".longpole"))[-1])
    if run.info.jobs != jobs:
        raise CannotMeasure(f"the last run had {run.info.jobs} jobs, not {jobs}")
    return run


def _notes(runs: Mapping[int, Sequence[RunRead]]) -> list[str]:
    return [
        f"-j{jobs}: measured {', '.join(f'{run.makespan_s:.1f}' for run in measured)} s, "
        f"slowdown {', '.join(f'{slowdown_of(run):.2f}' for run in measured)}"
        for jobs, measured in runs.items()
    ]
