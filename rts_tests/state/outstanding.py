"""Which units `retest` runs: those whose latest outcome, over all runs of this checkout, is not a pass.

The latest outcome of a unit is that of the newest run that planned it with the same words: its record there, or none
if the run ended before the unit did. For a unit that no kept run planned, the history has the status of its last
record.

Which class is in which fork changes from run to run. So what counts of forks are their classes: see
`state.outstanding_classes`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.history import read_history
from longpole.rts_tests.contracts.plan import Module, Plan, forks_by_module, read_plan
from longpole.rts_tests.contracts.record_file import read_records
from longpole.rts_tests.contracts.records import Record, RunInfo, read_run_info
from longpole.rts_tests.contracts.status import GREEN, Status
from longpole.rts_tests.state.outstanding_classes import OutstandingClasses
from longpole.rts_tests.state.retention import is_running, read_ending
from longpole.rts_tests.state.run_folders import run_dirs


@dataclass(frozen=True, slots=True)
class Outstanding:
    """The targets of all such units; and for some modules with forks the only classes that are outstanding.

    The forks of such a module are in it all together, because the classes are distributed anew.
    """

    targets: frozenset[str] = frozenset()
    classes: Mapping[Module, frozenset[str]] = field(default_factory=dict)
    cases: Mapping[str, tuple[Case, ...]] = field(default_factory=dict)
    """The only cases that are outstanding, by target, of units that told of all their cases."""


def outstanding(state: Path, plan: Plan) -> Outstanding:
    """Return what is outstanding. A unit that never ran, or a class that never did, is not.

    Raises `UseError` if there is no run at all, or if the last one is damaged.
    """
    forks = {module: OutstandingClasses(units) for module, units in forks_by_module(plan.units).items()}
    undecided = {unit.target: unit.id for unit in plan.units if unit.fork is None}
    runs = run_dirs(state)
    found: set[str] = set()
    cases: dict[str, tuple[Case, ...]] = {}
    for run in reversed(runs):
        if not undecided and all(classes.decided for classes in forks.values()):
            break
        try:
            regrouped = _regrouped(run, plan)
            unchanged = {target: name for target, name in undecided.items() if target not in regrouped}
            decided = _not_passed(run, unchanged, forks, cases)
        except UseError:
            if run == runs[-1]:
                raise
            continue
        found |= {target for target, passed in decided.items() if not passed}
        for target in decided:
            del undecided[target]
    history = read_history(state).units if undecided or forks else {}
    if not runs and not history:
        raise UseError.at("retest", "there is no run yet", "type `make test`")
    known = {target: history[name].status for target, name in undecided.items() if name in history}
    found |= {target for target, status in known.items() if status not in GREEN}
    for classes in forks.values():
        classes.by_history({name: row.status for name, row in history.items()})
        found |= classes.targets
    named = {module: classes.names for module, classes in forks.items()}
    return Outstanding(frozenset(found), {module: names for module, names in named.items() if names}, cases)


def _regrouped(run: Path, plan: Plan) -> set[str]:
    """The targets of units that had other words in a run, such as other tests: that run says nothing about them."""
    if not any(module.args for module in plan.modules.values()):
        return set()
    try:
        modules = read_plan(run / "plan.json").modules
    except UseError:  # of another version, or not there
        return set()
    others = {name for name, module in plan.modules.items() if name in modules and modules[name].args != module.args}
    return {unit.target for unit in plan.units if unit.module in others}


def outstanding_cases(record: Record) -> tuple[Case, ...]:
    """The cases for which a unit that did not pass has to run again; none if all of it has to.

    That is so if it may have told of fewer cases than it has: it was ended or crashed, or failed although its cases did
    not. A test that was skipped is among them if others failed: it may depend on one of these.
    """
    if not record.told_all or all(case.status in GREEN for case in record.cases):
        return ()
    return tuple(case for case in record.cases if case.status is not Status.PASSED)


def _not_passed(
    run: Path,
    undecided: dict[str, str],
    forks: Mapping[Module, OutstandingClasses],
    cases: dict[str, tuple[Case, ...]],
) -> dict[str, bool]:
    """For each undecided target whose outcome this run decides, whether it passed; also lets `forks` look at it.

    Enters the outstanding ones of its `cases`.
    """
    info = read_run_info(run)
    planned = [target for _, target, _ in info.planned if target in undecided]
    of_forks = [classes for classes in forks.values() if not classes.decided and classes.planned_in(info)]
    records: Mapping[str, Record] | None = None  # if all passed, that is known without reading them
    under_way = False
    if not _all_green(run, info):
        records, under_way = read_records(run, info), is_running(run)
    for classes in of_forks:
        classes.look(run, info, records, under_way=under_way)
    if records is None:
        return dict.fromkeys(planned, True)
    for target in planned:
        if target in records and (failed := outstanding_cases(records[target])):
            cases[target] = failed
    return {
        target: target in records and records[target].status in GREEN
        for target in planned
        if target in records or not under_way
    }


def _all_green(run: Path, info: RunInfo) -> bool:
    ending = read_ending(run)
    counts = {} if ending is None or ending.counts is None else ending.counts
    return counts.keys() <= GREEN and sum(counts.values()) == len(info.planned)
