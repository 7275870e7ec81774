"""The report as one JSON object, for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from longpole.rts_tests.contracts.records import fields_of
from longpole.rts_tests.report.summary import Outcome, Summary

VERSION = 1


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "id": outcome.id,
        "target": outcome.target,
        "status": outcome.status,
        "failed": outcome.failed,
        "estimate_s": outcome.estimate_s,
        "log": outcome.log,
        "record": fields_of(outcome.record) if outcome.record else None,
    }


def json_report(summary: Summary, outcomes: Sequence[Outcome] | None = None) -> bytes:
    """Counts and makespan of the whole run, with its outcomes in plan order, or only with `outcomes`.

    `record` is null if the unit was not run. Times are seconds.
    """
    info = asdict(summary.info)
    del info["planned"]
    span, load = summary.makespan, summary.load
    report = {
        "version": VERSION,
        "run": summary.run.name,
        "folder": str(summary.run),
        **info,
        "passed": not summary.failures,
        "counts": summary.counts,
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
        "builds": [asdict(build) for build in summary.builds.values()],
        "outcomes": [_outcome(outcome) for outcome in (summary.outcomes if outcomes is None else outcomes)],
    }
    return (json.dumps(report, indent=1) + "\n").encode()
