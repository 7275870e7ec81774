"""Which units `retest` runs: those whose latest outcome, over all runs of this checkout, is not a pass.

The latest outcome of a unit is that of the newest run that planned it: its record there, or none if the run ended
before the unit did. For a unit that no kept run planned, the history has the status of its last record.
"""

from pathlib import Path

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.history import read_history
from longpole.rts_tests.contracts.plan import Plan
from longpole.rts_tests.contracts.record_file import read_records
from longpole.rts_tests.contracts.records import read_run_info
from longpole.rts_tests.contracts.status import GREEN
from longpole.rts_tests.state.retention import is_running, read_ending
from longpole.rts_tests.state.run_folders import run_dirs


def outstanding(state: Path, plan: Plan) -> set[str]:
    """The targets of all such units. A unit that never ran is not one of them.

    Raises `UseError` if there is no run at all, or if the last one is damaged.
    """
    undecided = {unit.target: unit.id for unit in plan.units}
    runs = run_dirs(state)
    found: set[str] = set()
    for run in reversed(runs):
        if not undecided:
            return found
        try:
            decided = _not_passed(run, undecided)
        except UseError:
            if run == runs[-1]:
                raise
            continue
        found |= {target for target, passed in decided.items() if not passed}
        for target in decided:
            del undecided[target]
    history = read_history(state).units
    if not runs and not history:
        raise UseError.at("retest", "there is no run yet", "type `make test`")
    known = {target: history[name].status for target, name in undecided.items() if name in history}
    return found | {target for target, status in known.items() if status not in GREEN}


def _not_passed(run: Path, undecided: dict[str, str]) -> dict[str, bool]:
    """For each undecided target whose outcome this run decides, whether it passed."""
    info = read_run_info(run)
    planned = [target for _, target, _ in info.planned if target in undecided]
    ending = read_ending(run)
    counts = {} if ending is None or ending.counts is None else ending.counts
    if counts.keys() <= GREEN and sum(counts.values()) == len(info.planned):
        return dict.fromkeys(planned, True)  # known without reading every record
    records = read_records(run, info)
    under_way = is_running(run)
    return {
        target: target in records and records[target].status in GREEN
        for target in planned
        if target in records or not under_way
    }
