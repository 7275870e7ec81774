"""Writes result files into the tables of an index."""

import sqlite3
from collections.abc import Mapping
from functools import cache

from longpole.perf.index_encode import Encoded
from longpole.perf.index_rows import Row, pack_ids

_AT_ONCE = 4 * 1024 * 1024
"""How many bytes of numbers are held back, so that rows are written many at a time."""


class Writer:
    """Adds files to an index, in a transaction of the caller. `ids` are the ids that files are to have, by path."""

    def __init__(self, connection: sqlite3.Connection, ids: Mapping[str, int]) -> None:
        self._connection = connection
        self._ids = ids
        ((last,),) = connection.execute("SELECT coalesce(max(id), 0) FROM files")
        self._last = max([last, *ids.values()])
        self.newest_version: int | None = None
        self._numbers: list[tuple[object, ...]] = []
        self._samples: list[tuple[object, ...]] = []
        self._held = 0
        self._series: set[tuple[int, int, int]] = set()
        self._name = cache(self._new_name)
        self._column = cache(self._new_column)
        self._shape = cache(self._new_shape)

    def add(self, file: Encoded, identity: str) -> None:
        """Add a file, unless there is one of this path. Of files of the same content only one counts."""
        if self._row("SELECT 1 FROM files WHERE path = ?", file.path) is not None:
            return
        file_id = self._ids.get(file.path, self._last + 1)
        self._last = max(self._last, file_id)
        if file.version is not None:
            self.newest_version = max(self.newest_version or 0, file.version)
        known = file.digest is not None and self._row("SELECT 1 FROM files WHERE digest = ?", file.digest) is not None
        self._insert("files", (file_id, file.path, identity, None if known else file.digest))
        if file.unreadable is not None:
            self._insert("unreadable", (file_id, *file.unreadable))
        elif file.skip is not None and not known:
            self._insert("skips", (file_id, *file.skip))
        elif file.run is not None and not known:
            self._add_run(file_id, file, file.run)

    def finish(self, place: str, key: str) -> None:
        """Write what was held back, and which state of the source this is."""
        self._flush()
        query = "SELECT max(newest_version), (SELECT coalesce(max(id), 0) FROM files) FROM state"
        ((newest, last),) = self._connection.execute(query)
        versions = [each for each in (self.newest_version, newest) if each is not None]
        self._connection.execute("DELETE FROM state")
        self._insert("state", (place, key, max(versions, default=None), last))

    def _add_run(self, file_id: int, file: Encoded, run: tuple[object, ...]) -> None:
        self._insert("runs", (file_id, *run))
        for failure in file.failures:
            self._insert("failures", (file_id, *failure))
        platform = self._name(file.platform)
        for row in file.rows:
            metric, shape = self._name(row.metric), self._shape(row.columns)
            if (platform, metric, shape) not in self._series:
                self._add_series(platform, metric, row, file_id)
                self._series.add((platform, metric, shape))
            self._numbers.append((platform, metric, file_id, shape, row.numbers))
            if row.samples:
                self._samples.append((file_id, metric, shape, row.lengths, row.samples))
            self._held += len(row.numbers) + len(row.samples)
        if self._held > _AT_ONCE:
            self._flush()

    def _add_series(self, platform: int, metric: int, row: Row, file_id: int) -> None:
        rows = [(platform, metric, self._column(*column), file_id) for column in row.columns]
        self._connection.executemany("INSERT OR IGNORE INTO series VALUES (?, ?, ?, ?)", rows)

    def _flush(self) -> None:
        self._connection.executemany("INSERT INTO numbers VALUES (?, ?, ?, ?, ?)", self._numbers)
        self._connection.executemany("INSERT INTO samples VALUES (?, ?, ?, ?, ?)", self._samples)
        self._numbers, self._samples, self._held = [], [], 0

    def _new_name(self, name: str) -> int:
        return self._interned("names", ("name",), (name,))

    def _new_column(self, benchmark: str, unit: str, lower_is_better: bool) -> int:
        return self._interned("columns", ("benchmark", "unit", "lower_is_better"), (benchmark, unit, lower_is_better))

    def _new_shape(self, columns: tuple[tuple[str, str, bool], ...]) -> int:
        return self._interned("shapes", ("columns",), (pack_ids(self._column(*each) for each in columns),))

    def _interned(self, table: str, names: tuple[str, ...], values: tuple[object, ...]) -> int:
        """The id of a row of these values, which is made if there is none."""
        where = " AND ".join(f"{name} = ?" for name in names)
        row = self._row(f"SELECT id FROM {table} WHERE {where}", *values)  # noqa: S608  names of our own
        if row is None:
            return self._insert(table, (None, *values))
        assert isinstance(row[0], int)
        return row[0]

    def _insert(self, table: str, values: tuple[object, ...]) -> int:
        marks = ", ".join("?" * len(values))
        made = self._connection.execute(f"INSERT INTO {table} VALUES ({marks})", values).lastrowid  # noqa: S608  as above
        assert made is not None
        return made

    def _row(self, query: str, *values: object) -> tuple[object, ...] | None:
        row: tuple[object, ...] | None = self._connection.execute(query, values).fetchone()
        return row
