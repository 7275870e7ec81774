"""An index of result files: what readers ask about many of them, without reading them again."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from longpole.perf.model import Failure, Skip, Unit
    from longpole.perf.sources import Source


@dataclass(frozen=True, slots=True)
class Run:
    """One result file, without its numbers. `id` is valid for one index only. `reference_mean` is in seconds."""

    id: int
    platform: str
    commit: str
    measured_at: datetime
    path: str
    failed: bool
    reason: str | None
    tool: str | None
    reference_mean: float | None


@dataclass(frozen=True, slots=True)
class Point:
    """What a run measured of a benchmark's metric, see `model.Metric`."""

    run: int
    benchmark: str
    metric: str
    mean: float
    deviation: float | None
    count: int
    unit: "Unit"
    lower_is_better: bool


@dataclass(frozen=True, slots=True)
class Table:
    """The means of a metric on a platform: a row for each run, a column for each benchmark, None where there is none.

    `runs` are in the order of `Index.runs`; runs without the metric are not among them. `benchmarks` are sorted.
    """

    runs: tuple[Run, ...]
    benchmarks: tuple[str, ...]
    means: list[list[float | None]]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that is no result file: why, and whether only a newer Longpole can read it."""

    path: str
    why: str
    newer: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """How much an index holds. `first` and `last` are times of measurement; `newest_version` of any file seen."""

    runs: int
    failed: int
    skips: int
    unreadable: int
    first: datetime | None
    last: datetime | None
    newest_version: int | None


class Index:
    """What a source holds, in an order that is quick to ask. Only `open` makes one."""

    @classmethod
    def open(cls, source: "Source", state_dir: "Path") -> "Index":
        """The index of `source`, brought up to date."""
        raise NotImplementedError

    def platforms(self) -> list[str]:
        """The platforms with a run, sorted."""
        raise NotImplementedError

    def benchmarks(self, platform: str | None = None) -> list[str]:
        """The names of benchmarks, sorted."""
        raise NotImplementedError

    def metrics(self, platform: str | None = None, benchmark: str | None = None) -> list[str]:
        """The names of metrics, sorted."""
        raise NotImplementedError

    def runs(
        self, platform: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> list[Run]:
        """The runs measured at `since` or later and before `until`, by time of measurement, then path."""
        raise NotImplementedError

    def points(
        self, platform: str | None = None, benchmark: str | None = None, metric: str | None = None
    ) -> list[Point]:
        """What was measured, in the order of `runs`."""
        raise NotImplementedError

    def table(self, platform: str, metric: str) -> Table:
        """The means of one metric on one platform."""
        raise NotImplementedError

    def samples(self, run_id: int, benchmark: str, metric: str) -> tuple[float, ...]:
        """The raw samples, empty if only their mean was kept."""
        raise NotImplementedError

    def skips(self, platform: str | None = None) -> "list[Skip]":
        """The skips, by time."""
        raise NotImplementedError

    def failures(self, platform: str | None = None) -> "list[tuple[Run, Failure]]":
        """What failed, by the order of `runs`."""
        raise NotImplementedError

    def unreadable(self) -> list[Unreadable]:
        """The files that could not be read, by path."""
        raise NotImplementedError

    def summary(self) -> Summary:
        """How much there is."""
        raise NotImplementedError
