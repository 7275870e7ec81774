"""The data of the HTML report's script: one block of JSON that is safe inside a script element."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from longpole.rts_tests.contracts.case_history import CaseHistory
from longpole.rts_tests.contracts.history import History
from longpole.rts_tests.contracts.records import Record, seconds_since_1970
from longpole.rts_tests.contracts.status import GREEN, Status
from longpole.rts_tests.report.formats.page.cases import ClassRow, Histories, case_columns, case_counts
from longpole.rts_tests.report.summary import Outcome, Summary

_PLANNED = ("id", "target", "variant", "status", "failed", "expected", "past", "before", "again")
_RECORDED = ("start", "wall", "cpu", "rss", "lane", "seed", "seeds", "note", "log")


def data(
    summary: Summary,
    history: History,
    previous: Summary | None = None,
    classes: Sequence[ClassRow] = (),
    histories: Histories = lambda _variant, _module: CaseHistory(),
) -> tuple[str, str]:
    """Two JSON objects: one with the units as columns, and one with their classes and cases, empty if there are none.

    Times are seconds from the start of the first unit.
    """
    counts = case_counts(classes)
    before = {outcome.id: outcome for outcome in previous.outcomes if outcome.record} if previous else {}
    earlier = (outcome.status for outcome in before.values())
    statuses = list(dict.fromkeys([*summary.counts, *counts, *(row.status for row in classes), *earlier]))
    numbers = _numbers(statuses)
    variants = list(dict.fromkeys(_variant(outcome) for outcome in summary.outcomes))
    pole = summary.makespan.longest if summary.makespan.limited_by_longest else None
    units = _in_page(
        {
            "version": 1,
            "statuses": statuses,
            "variants": variants,
            "span": round(summary.makespan.wall_s, 4),
            "bound": round(summary.makespan.bound_s, 4),
            "pole": next((n for n, outcome in enumerate(summary.outcomes) if outcome is pole), None),
            "previous": previous.run.name if previous else None,
            "builds": _builds(summary),
            "cases": _totals(classes, counts, numbers) if counts else None,
            "green": [numbers[status] for status in statuses if status in GREEN],
            "units": _columns(summary, history, before, numbers, _numbers(variants)) | _cases(summary, classes),
        }
    )
    return units, _in_page(case_columns(classes, summary, numbers, histories)) if counts else ""


def _in_page(value: Mapping[str, Any]) -> str:
    """The value as JSON in ASCII, so that no character of a name can break a line, and without any markup."""
    text = json.dumps(value, separators=(",", ":"), check_circular=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _totals(classes: Sequence[ClassRow], counts: Mapping[Status, int], statuses: Mapping[str, int]) -> dict[str, Any]:
    """How many classes and cases there are, and how many cases of each status, by its number."""
    of_status = {statuses[status]: number for status, number in counts.items()}
    return {"classes": len(classes), "cases": sum(counts.values()), "statuses": of_status}


def _variant(outcome: Outcome) -> str:
    return outcome.id.partition("/")[0]


def _numbers(names: list[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names)}


def _cases(summary: Summary, classes: Iterable[ClassRow]) -> dict[str, tuple[int, ...]]:
    """The column with the number of cases of each unit."""
    cases = Counter[int]()
    for row in classes:
        cases[row.unit] += len(row.cases)
    return {"cases": tuple(cases[number] for number in range(len(summary.outcomes)))}


def _columns(
    summary: Summary,
    history: History,
    before: Mapping[str, Outcome],
    statuses: Mapping[str, int],
    variants: Mapping[str, int],
) -> dict[str, tuple[Any, ...]]:
    """One tuple per column, one value per unit; None if a unit left no record."""
    begun = _begun(summary)
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
            _earlier(before.get(outcome.id), statuses),
            None if outcome.again == f"make {outcome.target}" else outcome.again,
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
        int(outcome.log is not None),
    )


def _begun(summary: Summary) -> float:
    """When the first unit started, in seconds from the start of the run."""
    return min((outcome.record.started_s for outcome in summary.outcomes if outcome.record), default=0.0)


def _earlier(outcome: Outcome | None, statuses: Mapping[str, int]) -> tuple[int, float] | None:
    """The outcome of a unit in the previous run, and its wall time in seconds."""
    return None if outcome is None else (statuses[outcome.status], round(outcome.wall_s, 4))


def _builds(summary: Summary) -> list[dict[str, Any]]:
    """The builds with their start in seconds from the start of the first unit, or else of the first build."""
    builds = list(summary.builds.values())
    if not builds:
        return []
    record = next((outcome.record for outcome in summary.outcomes if outcome.record), None)
    if record is None:
        zero = seconds_since_1970(builds[0].started_at)
    else:
        zero = seconds_since_1970(record.started_at) - record.started_s + _begun(summary)
    return [
        {
            "name": build.name,
            "start": round(seconds_since_1970(build.started_at) - zero, 4),
            "wall": round(build.wall_s, 4),
            "failed": build.exit_code != 0,
        }
        for build in builds
    ]
