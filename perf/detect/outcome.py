"""What detection finds: change points, each blamed on the commits between two measured ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

ALL_BENCHMARKS = "(all benchmarks)"
"""The name, in place of a benchmark's, of what all benchmarks of a platform have in common."""
VERSION = 1


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """A series changed between the runs of two commits, or of one, if those are the same: then its code did not.

    `range` has the commits of the main branch after `commit_before`, up to `commit_after`: one of them has changed the
    series. `ratio` is after / before. `q_value` is the least false discovery rate at which this is a discovery.
    `recovered_at` is the first commit after which the series was back where it had been.
    """

    platform: str
    benchmark: str
    metric: str
    commit_before: str
    commit_after: str
    range: tuple[str, ...]
    measured_at: datetime
    ratio: float
    p_value: float
    q_value: float
    kind: Literal["regression", "improvement"]
    recovered_at: str | None = None
    runs_before: int = 0
    runs_after: int = 0

    @property
    def within_one_commit(self) -> bool:
        """Whether the code was the same before and after, so that something else has changed."""
        return self.commit_before == self.commit_after


@dataclass(frozen=True, slots=True)
class Detection:
    """The change points of all series, by time, and how much was looked at.

    `runs_elsewhere` were measured at commits that are not on the main branch; they were left out.
    """

    change_points: tuple[ChangePoint, ...]
    series: int
    points: int
    runs: int
    runs_elsewhere: int = 0


def as_json(detection: Detection) -> Mapping[str, Any]:
    """The document of `longpole perf detect --json`."""
    return {
        "version": VERSION,
        "runs": detection.runs,
        "series": detection.series,
        "points": detection.points,
        "runs_elsewhere": detection.runs_elsewhere,
        "change_points": [_row(each) for each in detection.change_points],
    }


def _row(change: ChangePoint) -> dict[str, Any]:
    return {
        "platform": change.platform,
        "benchmark": change.benchmark,
        "metric": change.metric,
        "kind": change.kind,
        "ratio": change.ratio,
        "commit_before": change.commit_before,
        "commit_after": change.commit_after,
        "range": list(change.range),
        "measured_at": change.measured_at.isoformat(),
        "p_value": change.p_value,
        "q_value": change.q_value,
        "recovered_at": change.recovered_at,
        "runs_before": change.runs_before,
        "runs_after": change.runs_after,
    }
