"""What is known of groups of tests that are regrouped: what was known of their tests becomes what is known of them.

The history of cases moves with the tests. The history of units knows a group by its name, so each new group is given
one duration, the sum of its tests' and of what a unit cost beside them, and the last status of what it is made of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from longpole.gen.tune.groups import Known, known_tests, named_test, spread
from longpole.gen.tune.regroup_text import Change
from longpole.gen.tune.relearn import Rows, rewrite_history
from longpole.rts_tests.contracts.case_history_moves import move_cases
from longpole.rts_tests.contracts.history import History, UnitHistory
from longpole.rts_tests.contracts.median import median
from longpole.rts_tests.contracts.status import GREEN, Status


def relearn_groups(state: Path, changes: Sequence[Change]) -> None:
    """Rewrite the histories of units and of cases, under their locks; raises `OSError`."""

    def regroup_all(key: str, rows: Rows) -> None:
        for change in changes:
            for variant in change.old[0].module.variants:
                regroup_rows(rows, variant, change, known_of(state, change, variant, key))

    rewrite_history(state, regroup_all)
    for change in changes:
        for variant in change.old[0].module.variants:
            _move(state, change, variant)


def with_new_groups(history: History, state: Path, changes: Sequence[Change]) -> History:
    """The history of this platform as it will be with the changes."""
    units = dict(history.units)
    for change in changes:
        for variant in change.old[0].module.variants:
            names = [f"{variant}/{group.module.name}" for group in change.old]
            past = {name: units.pop(name) for name in names if name in units}
            rows: Rows = {
                name: {"durations_s": list(each.durations_s), "status": each.status or "", "threads": each.threads}
                for name, each in past.items()
            }
            regroup_rows(rows, variant, change, known_of(state, change, variant))
            for name, row in rows.items():
                units[name] = UnitHistory(tuple(row["durations_s"]), row["status"], threads=row.get("threads", 1.0))
    return replace(history, units=units)


def known_of(state: Path, change: Change, variant: str, key: str | None = None) -> dict[str, Known]:
    """What is known of the tests of each old group, by its name."""
    return {group.module.name: known_tests(state, variant, group, key) for group in change.old}


def regroup_rows(rows: Rows, variant: str, change: Change, known: Mapping[str, Known]) -> None:
    """Replace the rows of the old groups in one variant by those of the new ones."""
    names = [group.module.name for group in change.old]
    old = {name: rows.pop(f"{variant}/{name}", None) for name in names}
    took: dict[str, float] = {}
    beside = []
    for group in change.old:
        each, row = known[group.module.name], old[group.module.name]
        if row is not None and row["durations_s"]:
            unit_s = median(row["durations_s"])
            each = spread(each, group.tests, unit_s)
            beside.append(max(0.0, unit_s - sum(each.seconds.values())))
        took |= each.seconds
    of_test = {test: group.module.name for group in change.old for test in group.tests}
    for new in change.new:
        before = {of_test[test]: row for test in new.tests if (row := old[of_test[test]]) is not None}
        timed = [took[test] for test in new.tests if test in took]
        if not before:
            continue
        made: dict[str, Any] = {"durations_s": [], "status": _status(new.tests, before, known)}
        if timed:
            made["durations_s"] = [round(sum(timed) + (median(beside) if beside else 0.0), 4)]
        peaks = [size for each in before.values() for size in each.get("peaks_bytes", ())]
        if peaks:
            made["peaks_bytes"] = [max(peaks)]
        threads = max(each.get("threads", 1.0) for each in before.values())
        if threads > 1:
            made["threads"] = threads
        rows[f"{variant}/{new.name}"] = made


def _status(tests: Sequence[str], before: Mapping[str, Mapping[str, Any]], known: Mapping[str, Known]) -> str:
    """Red if one of its tests is, or may be: because the group that it comes from is red, and none of its tests is."""
    for name, row in before.items():
        red = known[name].red
        if row["status"] not in GREEN and (not red or not red.isdisjoint(tests)):
            return str(row["status"])
    return Status.PASSED


def _move(state: Path, change: Change, variant: str) -> None:
    new_of = {test: new.name for new in change.new for test in new.tests}
    results = change.old[0].module.results
    source = results.source if results is not None else ""

    def module_of(class_name: str, case: str) -> str | None:
        test = named_test(f"{class_name}#{case}" if class_name and case else class_name or case, source, new_of)
        return None if test is None else new_of[test]

    move_cases(state, variant, [group.module.name for group in change.old], module_of)
