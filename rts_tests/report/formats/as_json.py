"""The report as one JSON object, for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.real_state import as_fields
from longpole.rts_tests.contracts.records import Record, fields_of
from longpole.rts_tests.report.balance import balances
from longpole.rts_tests.report.summary import Outcome, Summary

VERSION = 1


_TEXTS = ("message", "details", "location", "output")


def _case(case: Case) -> dict[str, Any]:
    texts = {name: text for name in _TEXTS if (text := getattr(case, name)) is not None}
    return {"class": case.class_name, "name": case.name, "status": case.status, "seconds": case.seconds, **texts}


def _record(record: Record) -> dict[str, Any]:
    """The record without what stands beside it, in a form that is easier to read."""
    return fields_of(replace(record, cases=(), classes=()))


def _outcome(outcome: Outcome) -> dict[str, Any]:
    record = outcome.record
    return {
        "id": outcome.id,
        "target": outcome.target,
        "status": outcome.status,
        "failed": outcome.failed,
        "estimate_s": outcome.estimate_s,
        "log": outcome.log,
        "record": _record(record) if record else None,
        "classes": [asdict(each) for each in record.classes] if record else [],
        "cases": [_case(case) for case in record.cases] if record else [],
    }


def json_report(summary: Summary, outcomes: Sequence[Outcome] | None = None) -> bytes:
    """Counts and makespan of the whole run, with its outcomes in plan order, or only with `outcomes`.

    `record` is null if the unit was not run. Times are seconds. Each outcome is one line.
    """
    info = asdict(summary.info)
    del info["planned"]
    span, load = summary.makespan, summary.load
    report = {
        "version": VERSION,
        "run": summary.run.name,
        "folder": str(summary.run),
        **info,
        "passed": not summary.failed,
        "counts": summary.counts,
        "case_counts": summary.case_counts,
        "makespan": {
            "wall_s": span.wall_s,
            "cpu_s": span.cpu_s,
            "units_s": span.units_s,
            "places": span.places,
            "at_once": span.at_once,
            "bound_s": span.bound_s,
            "longest": span.longest.id if span.longest else None,
            "longest_s": span.longest_s,
            "limited_by_longest": span.limited_by_longest,
        },
        "load": None if load is None else {**asdict(load), "others_s": load.others_s},
        "real_state": None if summary.real_state is None else as_fields(summary.real_state),
        "forks": [asdict(balance) for balance in balances(summary)],
        "builds": [asdict(build) for build in summary.builds.values()],
    }
    rows = [json.dumps(_outcome(outcome)) for outcome in (summary.outcomes if outcomes is None else outcomes)]
    head = json.dumps(report, indent=1).removesuffix("\n}")
    outcomes_text = ",\n  ".join(rows)
    return f'{head},\n "outcomes": [\n  {outcomes_text}\n ]\n}}\n'.encode()
