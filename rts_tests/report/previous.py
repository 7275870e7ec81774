"""The run before a run, to compare with."""

from functools import partial
from pathlib import Path

from longpole.rts_tests.contracts.case_history import read_case_history
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.history import read_history
from longpole.rts_tests.contracts.records import read_run_info
from longpole.rts_tests.report.comparison import Comparison, compare
from longpole.rts_tests.report.summary import Summary, read_summary
from longpole.rts_tests.state.run_folders import run_dirs

MAX_RUNS = 5
"""How many runs back a run that planned half of the units is looked for."""


def compare_with_previous(summary: Summary) -> Comparison | None:
    """The comparison with the newest earlier run of the same suite that planned at least half of the units.

    None if there is none among the last few, or if the run is not in a state directory.
    """
    run = summary.run
    if run.parent.name != "runs" or not summary.outcomes:
        return None
    state = run.parent.parent
    earlier = [path for path in run_dirs(state) if path.name < run.name][-MAX_RUNS:]
    wanted = {outcome.id for outcome in summary.outcomes}
    for path in reversed(earlier):
        try:
            if 2 * len(wanted & _planned(path, summary.info.suite)) >= len(wanted):
                return compare(read_summary(path), summary, read_history(state), partial(read_case_history, state))
        except UseError:
            continue  # damaged, which is said where somebody asks for it
    return None


def _planned(run: Path, suite: str) -> set[str]:
    info = read_run_info(run)
    return {name for name, _, _ in info.planned} if info.suite == suite else set()
