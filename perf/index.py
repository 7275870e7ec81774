"""An index of result files: what readers ask about many of them, without reading them again."""

import json
import sqlite3
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import repeat
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from longpole.perf import index_file, index_rows
from longpole.perf.index_file import Opened
from longpole.perf.index_tables import as_time
from longpole.perf.sources import Source

if TYPE_CHECKING:
    from longpole.perf.model import Failure, Skip, Unit


class Run(NamedTuple):
    """One result file, without its numbers, see `model.Result`. `id` is of one index only.

    `reference_mean` is the mean of the reference workload, in its unit; `benchmarks` is how many were measured. This
    and `Point` are named tuples because there are tens of thousands of them: a dataclass takes four times as long.
    """

    id: int
    platform: str
    commit: str
    measured_at: datetime
    path: str
    failed: bool
    reason: str | None
    tool: str | None
    reference_mean: float | None
    benchmarks: int = 0
    machine: Mapping[str, str] = MappingProxyType({})


class Point(NamedTuple):
    """What a run measured of a benchmark's metric, see `model.Metric`."""

    run: int
    benchmark: str
    metric: str
    mean: float
    deviation: float | None
    count: int  # type: ignore[assignment]  # tuple.count, which nobody needs
    unit: "Unit"
    lower_is_better: bool


@dataclass(frozen=True, slots=True)
class Table:
    """The means of a metric on a platform: a row for each run, a column for each benchmark, None where there is none.

    `runs` are in the order of `Index.runs`; runs without the metric are not among them. `benchmarks` are sorted; the
    unit of each, and whether lower is better, are those of the latest run that has it.
    """

    runs: tuple[Run, ...]
    benchmarks: tuple[str, ...]
    means: list[list[float | None]]
    units: "tuple[Unit, ...]" = ()
    lower_is_better: tuple[bool, ...] = ()


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


@dataclass(frozen=True, slots=True)
class _Shape:
    """The benchmarks of a row of numbers, in its order, and their positions by name."""

    benchmarks: tuple[str, ...]
    units: "tuple[Unit, ...]"
    better: tuple[bool, ...]
    positions: Mapping[str, int]


class Index:
    """What a source held when the index was opened. Only `open` makes one."""

    def __init__(self, opened: Opened, source: Source, state_dir: Path) -> None:
        self._source = source
        self._state_dir = state_dir
        self._runs: dict[str | None, dict[int, Run]] = {}
        self._ids: dict[str, int] = {}
        self._use(opened)

    @classmethod
    def open(cls, source: Source, state_dir: Path) -> "Index":
        """The index of `source`, brought up to date. It is kept in `state_dir`, or only in memory if it cannot be."""
        return cls(index_file.opened(source, state_dir), source, state_dir)

    def platforms(self) -> list[str]:
        """The platforms with a run, sorted."""
        return self._texts("SELECT DISTINCT platform FROM runs WHERE id <= :last ORDER BY platform")

    def benchmarks(self, platform: str | None = None) -> list[str]:
        """The names of benchmarks, sorted."""
        query = (
            "SELECT DISTINCT benchmark FROM named_series"
            " WHERE first <= :last AND (:platform IS NULL OR platform = :platform) ORDER BY benchmark"
        )
        return self._texts(query, platform=platform)

    def metrics(self, platform: str | None = None, benchmark: str | None = None) -> list[str]:
        """The names of metrics, sorted."""
        query = (
            "SELECT DISTINCT metric FROM named_series WHERE first <= :last"
            " AND (:platform IS NULL OR platform = :platform) AND (:benchmark IS NULL OR benchmark = :benchmark)"
            " ORDER BY metric"
        )
        return self._texts(query, platform=platform, benchmark=benchmark)

    def runs(
        self, platform: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> list[Run]:
        """The runs measured at `since` or later and before `until`, by time of measurement, then path."""
        return [
            run
            for run in self._runs_of(platform).values()
            if (since is None or run.measured_at >= since) and (until is None or run.measured_at < until)
        ]

    def points(
        self, platform: str | None = None, benchmark: str | None = None, metric: str | None = None
    ) -> list[Point]:
        """What was measured: by platform, metric, and then in the order of `runs`."""
        position = {run: number for number, run in enumerate(self._order(platform))}
        shapes = self._shapes()
        found: list[Point] = []
        for where in self.platforms() if platform is None else [platform]:
            for name in self.metrics(where, benchmark) if metric is None else [metric]:
                for run, shape, numbers in sorted(self._numbers(where, name), key=lambda row: position[row[0]]):
                    of = shapes(shape)
                    if benchmark is None:
                        unpacked = (*index_rows.unpack(numbers), of.units, of.better)
                        found.extend(map(Point._make, zip(repeat(run), of.benchmarks, repeat(name), *unpacked)))
                    elif (at := of.positions.get(benchmark)) is not None:
                        number = index_rows.unpack_one(numbers, at)
                        found.append(Point(run, benchmark, name, *number, of.units[at], of.better[at]))
        return found

    def table(self, platform: str, metric: str) -> Table:
        """The means of one metric on one platform."""
        rows = {run: (shape, numbers) for run, shape, numbers in self._numbers(platform, metric)}
        shapes = self._shapes()
        benchmarks = tuple(
            sorted(set().union(*(shapes(shape).benchmarks for shape in {row[0] for row in rows.values()})))
        )
        runs: list[Run] = []
        means: list[list[float | None]] = []
        latest: dict[str, tuple[Unit, bool]] = {}
        last_shape = None
        for run in self.runs(platform):
            if run.id in rows:
                shape, numbers = rows[run.id]
                runs.append(run)
                row, of = index_rows.means(numbers), shapes(shape)
                if of.benchmarks != benchmarks:
                    row = [None if (at := of.positions.get(name)) is None else row[at] for name in benchmarks]
                means.append(row)
                if shape != last_shape:
                    latest |= zip(of.benchmarks, zip(of.units, of.better, strict=True), strict=True)
                    last_shape = shape
        units, better = zip(*map(latest.__getitem__, benchmarks), strict=True) if benchmarks else ((), ())
        return Table(tuple(runs), benchmarks, means, units, better)

    def samples(self, run_id: int, benchmark: str, metric: str) -> tuple[float, ...]:
        """The raw samples, empty if only their mean was kept."""
        query = (
            "SELECT shape, lengths, samples FROM samples WHERE id = :run"
            " AND metric = (SELECT id FROM names WHERE name = :metric)"
        )
        for shape, lengths, samples in self._rows(query, run=run_id, metric=metric):
            at = self._shapes()(shape).positions.get(benchmark)
            return () if at is None else index_rows.samples_at(lengths, samples, at)
        return ()

    def skips(self, platform: str | None = None) -> "list[Skip]":
        """The skips, by time of decision."""
        from longpole.perf.model import Skip

        query = (
            'SELECT platform, "commit", decided_at, why, queue_depth, "trigger" FROM skips JOIN files USING (id)'
            " WHERE id <= :last AND (:platform IS NULL OR platform = :platform) ORDER BY decided_at, path"
        )
        rows = self._rows(query, platform=platform)
        return [Skip(where, commit, as_time(at), *others) for where, commit, at, *others in rows]

    def failures(self, platform: str | None = None) -> "list[tuple[Run, Failure]]":
        """What failed, in the order of `runs`."""
        from longpole.perf.model import Failure

        of_run: dict[int, list[Failure]] = {}
        for run, name, message in self._rows("SELECT id, name, message FROM failures WHERE id <= :last ORDER BY rowid"):
            of_run.setdefault(run, []).append(Failure(name, message))
        if not of_run:
            return []
        return [(run, failure) for run in self.runs(platform) for failure in of_run.get(run.id, ())]

    def unreadable(self) -> list[Unreadable]:
        """The files that could not be read, by path."""
        query = "SELECT path, why, newer FROM unreadable JOIN files USING (id) WHERE id <= :last ORDER BY path"
        return [Unreadable(path, why, bool(newer)) for path, why, newer in self._rows(query)]

    def summary(self) -> Summary:
        """How much there is."""
        query = (
            "SELECT count(*), coalesce(sum(failed), 0), min(measured_at), max(measured_at),"
            " (SELECT count(*) FROM skips WHERE id <= :last), (SELECT count(*) FROM unreadable WHERE id <= :last)"
            " FROM runs WHERE id <= :last"
        )
        ((runs, failed, first, last, skips, unreadable),) = self._rows(query)
        first, last = (None if each is None else as_time(each) for each in (first, last))
        return Summary(runs, failed, skips, unreadable, first, last, self._newest_version)

    def _runs_of(self, platform: str | None) -> dict[int, Run]:
        """The runs of a platform, or all, by their ids, in order."""
        if platform not in self._runs:
            query = (
                'SELECT id, platform, "commit", measured_at, path, failed, reason, tool, machine, reference_mean,'
                " benchmarks FROM runs JOIN files USING (id)"
                " WHERE id <= :last AND (:platform IS NULL OR platform = :platform)"
            )
            machine = cache(json.loads)
            runs = {}
            rows = sorted(self._rows(query, platform=platform), key=itemgetter(3, 4))  # quicker than sqlite's
            for run, where, commit, at, path, failed, reason, tool, about, reference, count in rows:
                known = (run, where, commit, as_time(at), path)
                runs[run] = Run(*known, bool(failed), reason, tool, reference, count, machine(about))
            self._runs[platform] = runs
            self._ids.update((run.path, run.id) for run in runs.values())
        return self._runs[platform]

    def _order(self, platform: str | None) -> list[int]:
        """The ids of the runs of a platform, or all, in order."""
        if platform in self._runs:
            return list(self._runs[platform])
        query = (
            "SELECT measured_at, path, id FROM runs JOIN files USING (id)"
            " WHERE id <= :last AND (:platform IS NULL OR platform = :platform)"
        )
        rows = sorted(self._rows(query, platform=platform))
        self._ids.update((path, run) for _, path, run in rows)
        return [run for _, _, run in rows]

    def _numbers(self, platform: str, metric: str) -> list[tuple[int, int, bytes]]:
        """Run, shape and numbers of each row of a metric on a platform."""
        query = (
            "SELECT id, shape, numbers FROM numbers WHERE id <= :last"
            " AND platform = (SELECT id FROM names WHERE name = :platform)"
            " AND metric = (SELECT id FROM names WHERE name = :metric)"
        )
        return self._rows(query, platform=platform, metric=metric)

    def _shapes(self) -> "Callable[[int], _Shape]":
        """A function from the id of a shape to the shape."""
        columns = {row[0]: row[1:] for row in self._rows("SELECT id, benchmark, unit, lower_is_better FROM columns")}

        @cache
        def of_id(shape: int) -> _Shape:
            ((packed,),) = self._rows("SELECT columns FROM shapes WHERE id = :shape", shape=shape)
            names, units, better = zip(*(columns[each] for each in index_rows.unpack_ids(packed)), strict=True)
            return _Shape(names, units, tuple(map(bool, better)), {name: at for at, name in enumerate(names)})

        return of_id

    def _texts(self, query: str, **values: object) -> list[str]:
        return [text for (text,) in self._rows(query, **values)]

    def _rows(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        """All rows of a query. If the database turns out to be damaged it is made anew, with the ids of known runs."""
        try:
            return self._connection.execute(query, {"last": self._last, **values}).fetchall()
        except sqlite3.DatabaseError:
            self._connection.close()
            self._use(index_file.rebuilt(self._source, self._state_dir, self._ids))
        return self._connection.execute(query, {"last": self._last, **values}).fetchall()

    def _use(self, opened: Opened) -> None:
        self._connection, self._last, self._newest_version = opened.connection, opened.last, opened.newest_version
        weakref.finalize(self, opened.connection.close)
