"""The tables of an index."""

from datetime import UTC, datetime, timedelta

USER_VERSION = 1003
"""The number of this schema, times 1000, and that of the version of result files that are read.

An index with another one is rebuilt: change it with the tables, with what is written to them, and with the version.
"""
TABLES = """
    CREATE TABLE state (place TEXT NOT NULL, key TEXT NOT NULL, newest_version INTEGER, last INTEGER NOT NULL);
    CREATE TABLE files (
        id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, identity TEXT NOT NULL, digest BLOB UNIQUE
    );
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY, platform TEXT NOT NULL, "commit" TEXT NOT NULL, measured_at INTEGER NOT NULL,
        failed INTEGER NOT NULL, reason TEXT, tool TEXT, machine TEXT NOT NULL, reference_mean REAL,
        benchmarks INTEGER NOT NULL
    );
    CREATE TABLE skips (
        id INTEGER PRIMARY KEY, platform TEXT NOT NULL, "commit" TEXT NOT NULL, decided_at INTEGER NOT NULL,
        why TEXT NOT NULL, queue_depth INTEGER, "trigger" TEXT
    );
    CREATE TABLE failures (id INTEGER NOT NULL, name TEXT NOT NULL, message TEXT NOT NULL);
    CREATE TABLE unreadable (id INTEGER PRIMARY KEY, why TEXT NOT NULL, newer INTEGER NOT NULL);
    CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE columns (
        id INTEGER PRIMARY KEY, benchmark TEXT NOT NULL, unit TEXT NOT NULL, lower_is_better INTEGER NOT NULL,
        UNIQUE (benchmark, unit, lower_is_better)
    );
    CREATE TABLE shapes (id INTEGER PRIMARY KEY, columns BLOB NOT NULL UNIQUE);
    CREATE TABLE series (
        platform INTEGER NOT NULL, metric INTEGER NOT NULL, "column" INTEGER NOT NULL, first INTEGER NOT NULL,
        PRIMARY KEY (platform, metric, "column")
    ) WITHOUT ROWID;
    CREATE VIEW named_series AS
        SELECT platforms.name AS platform, metrics.name AS metric, benchmark, first
        FROM series JOIN columns ON columns.id = "column"
        JOIN names AS platforms ON platforms.id = platform JOIN names AS metrics ON metrics.id = metric;
    CREATE TABLE numbers (
        platform INTEGER NOT NULL, metric INTEGER NOT NULL, id INTEGER NOT NULL, shape INTEGER NOT NULL,
        numbers BLOB NOT NULL, PRIMARY KEY (platform, metric, id)
    ) WITHOUT ROWID;
    CREATE TABLE samples (
        id INTEGER NOT NULL, metric INTEGER NOT NULL, shape INTEGER NOT NULL, lengths BLOB NOT NULL,
        samples BLOB NOT NULL, PRIMARY KEY (id, metric)
    ) WITHOUT ROWID;
"""
"""`id` is that of the file, everywhere; only files that became a run or a skip have a digest. Times are microseconds
since 1970. `series.first` is the first file with that series."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(time: datetime) -> int:
    """A time as it is stored."""
    return (time - _EPOCH) // _MICROSECOND


def as_time(stored: int) -> datetime:
    """A time that was stored."""
    return _EPOCH + timedelta(microseconds=stored)
