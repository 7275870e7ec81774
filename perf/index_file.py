"""The database of an index: in the state directory, or in memory where that cannot be written.

It is derived from the source, so it is thrown away whenever it does not fit: when it is of another schema or source,
when files are gone from the source, or when the database is damaged. It is made anew under another name and then
renamed: a process that reads the old one goes on reading it. New files are added in place; ids only grow, and a reader
asks for those that were there when it began.
"""

import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from longpole.perf.index_tables import TABLES, USER_VERSION
from longpole.perf.progress import progress
from longpole.perf.sources import Source

_WAIT_S = 60.0
"""How long to wait for another process that brings the same index up to date."""
_FEW = 200
"""So many files are indexed without a progress bar."""
_UNUSED_S = 30 * 86_400.0
"""Indexes of other sources that nobody has used for so long are removed."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A database that is up to date. Files up to the id `last` count. `newest_version` is of any result file seen."""

    connection: sqlite3.Connection
    last: int
    newest_version: int | None


def opened(source: Source, folder: Path) -> Opened:
    """The database of `source`, brought up to date. `folder` is made if it is missing."""
    path = _path(source, folder)
    try:
        return _current(path, source) or _brought_up_to_date(path, source)
    except (OSError, sqlite3.Error):
        return in_memory(source, {})


def rebuilt(source: Source, folder: Path, ids: Mapping[str, int]) -> Opened:
    """The database, made anew because the one there was is damaged. `ids` are kept by the paths they belong to."""
    path = _path(source, folder)
    try:
        with _locked(path):
            return _rebuild(path, source, ids)
    except (OSError, sqlite3.Error):
        return in_memory(source, ids)


def in_memory(source: Source, ids: Mapping[str, int]) -> Opened:
    """The database, in memory only."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    _fill(connection, source, ids)
    return _state(connection)


def _path(source: Source, folder: Path) -> Path:
    return folder / f"index-{sha256(source.place.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}.sqlite"


def _current(path: Path, source: Source) -> Opened | None:
    """The database, if it is up to date."""
    found = _connected(path, source)
    if found is None:
        return None
    connection, key = found
    if key == source.key:
        with suppress(OSError):
            os.utime(path)  # it is in use, see `_remove_unused`
        return _state(connection)
    connection.close()
    return None


def _brought_up_to_date(path: Path, source: Source) -> Opened:
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path):
        current = _current(path, source)  # maybe another process has done it meanwhile
        if current is not None:
            return current
        try:
            return _extended(path, source) or _rebuild(path, source, {})
        except sqlite3.Error:
            return _rebuild(path, source, {})


def _connected(path: Path, source: Source) -> tuple[sqlite3.Connection, str] | None:
    """A connection to a database of this source and schema, and its key; None if there is none that can be read."""
    if not path.is_file():
        return None
    uri = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(uri, _WAIT_S, isolation_level=None, check_same_thread=False, uri=True)
    try:
        ((version,),) = connection.execute("PRAGMA user_version")
        if version == USER_VERSION:
            ((place, key),) = connection.execute("SELECT place, key FROM state")
            if place == source.place:
                return connection, key
    except (sqlite3.Error, ValueError):
        pass  # it is damaged: it will be rebuilt
    connection.close()
    return None


def _extended(path: Path, source: Source) -> Opened | None:
    """The database with what is new in the source; None if it does not fit."""
    found = _connected(path, source)
    if found is None:
        return None
    connection, key = found
    added = source.added_since(key)
    if added is None:
        there, known = source.files(), dict(connection.execute("SELECT path, identity FROM files"))
        if not known.items() <= there.items():
            connection.close()
            return None
        added = {path: there[path] for path in there if path not in known}
    _write(connection, source, added, {})
    return _state(connection)


def _rebuild(path: Path, source: Source, ids: Mapping[str, int]) -> Opened:
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(new, isolation_level=None)) as connection:
            # Nobody reads the file before it is whole, and it is renamed only then.
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            _fill(connection, source, ids)
        # A journal that a killed process has left belongs to the old file, which must be gone before it.
        for old in (path, Path(f"{path}-journal")):
            old.unlink(missing_ok=True)
        os.rename(new, path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    _remove_unused(path.parent)
    return _state(sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False))


def _fill(connection: sqlite3.Connection, source: Source, ids: Mapping[str, int]) -> None:
    connection.executescript(TABLES)
    connection.execute(f"PRAGMA user_version = {USER_VERSION}")
    _write(connection, source, source.files(), ids)


def _write(connection: sqlite3.Connection, source: Source, files: Mapping[str, str], ids: Mapping[str, int]) -> None:
    """Add files of the source, all or none."""
    from longpole.perf.index_workers import encoded_files
    from longpole.perf.index_writer import Writer

    connection.execute("BEGIN IMMEDIATE")
    try:
        writer = Writer(connection, ids)
        encoded = encoded_files(source, list(files))
        for file in progress(encoded, "Indexing", len(files)) if len(files) > _FEW else encoded:
            writer.add(file, files[file.path])
        writer.finish(source.place, source.key)
        connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise


def _state(connection: sqlite3.Connection) -> Opened:
    ((last, newest_version),) = connection.execute("SELECT last, newest_version FROM state")
    return Opened(connection, last, newest_version)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keep other processes from writing the same index. Raises `TimeoutError`."""
    from filelock import FileLock

    with FileLock(f"{path}.lock", timeout=_WAIT_S):
        yield


def _remove_unused(folder: Path) -> None:
    """Remove indexes of sources that nobody has asked for in a long time. Locks, which are empty, stay."""
    before = time.time() - _UNUSED_S
    for path in folder.glob("index-*"):
        with suppress(OSError):  # another process was faster, or may, which we may not
            if path.suffix != ".lock" and path.stat().st_mtime < before:
                path.unlink()
