"""The data of the HTML report's script: one block of JSON that is safe inside a script element."""

import json
from collections.abc import Mapping
from typing import Any

from longpole.rts_tests.contracts.history import History
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.report.summary import Outcome, Summary

_PLANNED = ("id", "target", "variant", "status", "failed", "expected", "past")
_RECORDED = ("start", "wall", "cpu", "rss", "lane", "seed", "seeds", "note", "again", "log")


def data(summary: Summary, history: History) -> str:
    """A JSON object with the units as columns. Times are seconds from the start of the first unit."""
    statuses = list(summary.counts)
    variants = list(dict.fromkeys(_variant(outcome) for outcome in summary.outcomes))
    longest = summary.makespan.longest
    text = json.dumps(
        {
            "version": 1,
            "statuses": statuses,
            "variants": variants,
            "span": round(summary.makespan.wall_s, 4),
            "bound": round(summary.makespan.bound_s, 4),
            "longest": next((n for n, outcome in enumerate(summary.outcomes) if outcome is longest), None),
            "units": _columns(summary, history, _numbers(statuses), _numbers(variants)),
        },
        separators=(",", ":"),
    )  # in ASCII, so that no character of a name can break a line
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _variant(outcome: Outcome) -> str:
    return outcome.id.partition("/")[0]


def _numbers(names: list[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names)}


def _columns(
    summary: Summary, history: History, statuses: Mapping[str, int], variants: Mapping[str, int]
) -> dict[str, tuple[Any, ...]]:
    """One tuple per column, one value per unit; None if a unit left no record."""
    begun = min((outcome.record.started_s for outcome in summary.outcomes if outcome.record), default=0.0)
    rows: list[tuple[Any, ...]] = []
    for outcome in summary.outcomes:
        known = history.units.get(outcome.id)
        planned = (
            outcome.id,
            outcome.target,
            variants[_variant(outcome)],
            statuses[outcome.status],
            int(outcome.failed),
            round(outcome.estimate_s, 4),
            known.before(summary.run.name) if known else (),
        )
        recorded = _recorded(outcome.record, outcome, begun) if outcome.record else (None,) * len(_RECORDED)
        rows.append(planned + recorded)
    names = _PLANNED + _RECORDED
    return dict(zip(names, zip(*rows, strict=True) if rows else ((),) * len(names), strict=True))


def _recorded(record: Record, outcome: Outcome, begun: float) -> tuple[Any, ...]:
    return (
        round(record.started_s - begun, 4),
        round(record.wall_s, 4),
        round(record.cpu_s, 4),
        record.max_rss_bytes,
        record.lane,
        record.first_seed,
        record.seed_count,
        record.note,
        None if record.reproducer == f"make {outcome.target}" else record.reproducer,
        int(outcome.log is not None),
    )
