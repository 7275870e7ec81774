"""The data of the page: what its scripts read, as files of JavaScript that call `longpole.NAME(…)` with JSON.

They are scripts because a page that is opened from a file may not fetch JSON. `site` is what every view needs, `series`
the numbers of a metric on a platform, `details` what is read only by those who look for it: subjects, skips, failures.
All of it is ASCII, so no character of a name has a meaning in a script.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from longpole.perf.changes import Change
from longpole.perf.detect.outcome import ALL_BENCHMARKS
from longpole.perf.ledger.ledger import Entry, State
from longpole.perf.model import Failure, Skip
from longpole.perf.publish.axis import Axis
from longpole.perf.publish.changes import Changes
from longpole.perf.publish.columns import column

if TYPE_CHECKING:
    from longpole.perf.index import Run, Table, Unreadable

VERSION = 1
MAX_SKIPS = 2000
MAX_FAILURES = 300
MAX_MESSAGE = 2000
MAX_UNREADABLE = 100
"""What is newer, or the end of a message, is kept; the page says how many there are."""

LETTERS = {
    State.MEASURED: "m",
    State.REPRESENTED: "r",
    State.SKIPPED: "s",
    State.FAILED: "f",
    State.UNKNOWN: "u",
}


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of a platform: its runs by time of measurement, and the state of each commit of the axis."""

    platform: str
    runs: "Sequence[Run]"
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class About:
    """What the page says of itself.

    `commit_url` has `{sha}` in it, and may be empty. Results older than `stale_after_s` seconds are stale.
    """

    title: str
    commit_url: str = ""
    stale_after_s: int = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Known:
    """All that `site` tells, but for the numbers. `series` has (platform, metric, file) for each file of numbers."""

    axis: Axis
    accounts: Sequence[Account]
    benchmarks: Sequence[str]
    metrics: Sequence[str]
    series: Sequence[tuple[str, str, str]]
    changes: Changes
    unreadable: "Sequence[Unreadable]"
    newest_version: int | None


def call(name: str, *values: object) -> bytes:
    """A script that calls `longpole.NAME` with the values."""
    texts = (json.dumps(value, separators=(",", ":"), allow_nan=False) for value in values)
    return f"longpole.{name}({','.join(texts)});\n".encode("ascii")


def site(about: About, known: Known, details: str) -> dict[str, Any]:
    """What every view needs. `details` is the name of the file of details."""
    names = [account.platform for account in known.accounts]
    return {
        "version": VERSION,
        "title": about.title,
        "commitUrl": about.commit_url,
        "staleAfter": about.stale_after_s,
        "commits": {
            "sha": [commit.sha for commit in known.axis.commits],
            "at": [_epoch(commit.committed_at) for commit in known.axis.commits],
        },
        "earlier": known.axis.earlier,
        "elsewhere": known.axis.elsewhere,
        "platforms": [_platform(account, known.axis) for account in known.accounts],
        "benchmarks": known.benchmarks,
        "metrics": known.metrics,
        "series": [
            [names.index(platform), known.metrics.index(metric), file] for platform, metric, file in known.series
        ],
        "changes": {"whyNot": known.changes.why_not, "points": _points(known, names)},
        "unreadable": {
            "newer": sum(each.newer for each in known.unreadable),
            "damaged": sum(not each.newer for each in known.unreadable),
            "version": known.newest_version,
        },
        "details": details,
    }


def series(table: "Table", runs: Mapping[int, int], benchmarks: Mapping[str, int]) -> dict[str, Any]:
    """The numbers of a metric on a platform; `runs` and `benchmarks` are the places of these in `site`.

    `runs` is null where the table has all of the platform's runs. The numbers of a benchmark are whole numbers of 10 to
    the power of minus `places`.
    """
    places, values = [], []
    for numbers in zip(*table.means, strict=True):
        decimal_places, whole = column(numbers)
        places.append(decimal_places)
        values.append(whole)
    return {
        "runs": None if len(table.runs) == len(runs) else [runs[run.id] for run in table.runs],
        "benchmarks": [benchmarks[name] for name in table.benchmarks],
        "units": table.units,
        "lower": [int(lower) for lower in table.lower_is_better],
        "places": places,
        "values": values,
    }


def details(known: Known, skips: Sequence[Skip], failures: "Sequence[tuple[Run, Failure]]") -> dict[str, Any]:
    """Subjects of commits, why they are not measured, skips, failures, and files that cannot be read."""
    platforms = {account.platform: number for number, account in enumerate(known.accounts)}
    numbers = known.axis.numbers
    return {
        "subjects": [commit.subject for commit in known.axis.commits],
        "why": [_reasons(account.entries) for account in known.accounts],
        "skips": [
            [
                platforms[skip.platform],
                numbers.get(skip.commit, skip.commit),
                _epoch(skip.decided_at),
                skip.why,
                skip.queue_depth,
                skip.trigger,
            ]
            for skip in skips[-MAX_SKIPS:]
        ],
        "allSkips": len(skips),
        "failures": [
            [platforms[run.platform], numbers[run.commit], _epoch(run.measured_at), failure.name, _end(failure.message)]
            for run, failure in failures[-MAX_FAILURES:]
        ],
        "allFailures": len(failures),
        "unreadable": [[each.path, each.why, int(each.newer)] for each in known.unreadable[:MAX_UNREADABLE]],
    }


def _platform(account: Account, axis: Axis) -> dict[str, Any]:
    return {
        "name": account.platform,
        "states": "".join(LETTERS[entry.state] for entry in account.entries),
        "commit": [axis.numbers[run.commit] for run in account.runs],
        "at": [_epoch(run.measured_at) for run in account.runs],
        "failed": [number for number, run in enumerate(account.runs) if run.failed],
    }


def _points(known: Known, platforms: Sequence[str]) -> list[list[Any]]:
    """The change points of series that there are, a row each; the benchmark -1 is what all have in common."""
    benchmarks = {ALL_BENCHMARKS: -1} | {name: number for number, name in enumerate(known.benchmarks)}
    metrics = {name: number for number, name in enumerate(known.metrics)}
    numbers = known.axis.numbers

    def row(change: Change) -> list[Any]:
        return [
            platforms.index(change.platform),
            benchmarks[change.benchmark],
            metrics[change.metric],
            numbers.get(change.commit_before, change.commit_before),
            numbers.get(change.commit_after, change.commit_after),
            round(change.ratio, 6),
            int(change.kind == "regression"),
            None if change.q_value is None else float(f"{change.q_value:.3g}"),
            None if change.recovered_at is None else numbers.get(change.recovered_at, change.recovered_at),
        ]

    return [
        row(change)
        for change in known.changes.points
        if change.platform in platforms and change.benchmark in benchmarks and change.metric in metrics
    ]


def _reasons(entries: Iterable[Entry]) -> dict[int, list[Any]]:
    """Why commits are not measured, by their places: the reason, the queue's depth, and the time."""
    return {
        place: [entry.why, entry.queue_depth, _epoch(entry.at)]
        for place, entry in enumerate(entries)
        if entry.state in (State.SKIPPED, State.FAILED)
    }


def _end(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE else f"…{message[-MAX_MESSAGE:]}"


def _epoch(at: datetime | None) -> int | None:
    """Whole seconds since 1970."""
    return None if at is None else int(at.timestamp())
