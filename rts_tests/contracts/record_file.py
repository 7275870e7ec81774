"""`records.jsonl`: the records of a run, one line each, appended by the supervisor alone while the run goes on.

The hard part is that a reader may come at any moment, and the writer may end at any moment. So a line counts only if it
ends with a newline. Readers ignore the torn last line of a killed writer. If a full disk cuts a line off, the writer
truncates the file before the next record, or, if it cannot, ends the torn line with a newline. When the run ends, two
more lines make one record of 100,000 quick to find: an index, and a trailer of fixed width with the offset of the
index. No reader needs or trusts them: the record at an indexed offset must be the requested one. The file may contain
anything; lines that are not records are ignored. Of several records of one target the last one counts.

Older runs kept each record in `units/<target>.json`; these are read, too.
"""

import errno
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO

from longpole.rts_tests.contracts.cases import cases_in, classes_in
from longpole.rts_tests.contracts.files import open_regular, parse_json
from longpole.rts_tests.contracts.records import (
    VERSION,
    LogState,
    Record,
    RunInfo,
    encode,
    fields_of,
    is_time,
    record_of,
)
from longpole.rts_tests.contracts.status import RECORDED, Status

NAME = "records.jsonl"

_INDEX_HEAD = b'{"version":%d,"index":{' % VERSION
_TRAILER = b'{"version":%d,"index_at":"%%016x"}\n' % VERSION
_TRAILER_SIZE = len(_TRAILER % 0)
_TRAILER_PATTERN = re.compile(re.escape(_TRAILER).replace(b"%016x", rb"([0-9a-f]{16})"))
_PLACE = re.compile(rb"([0-9]{1,15}),([0-9]{1,9})\]")

_TEXTS = ("id", "target", "variant", "module", "host", "reproducer")
_TEXTS_OR_NONE = ("signal", "artifact_sha256", "note", "stable_note", "waited_for", "seeds", "seed_source", "cwd")
_SECONDS = ("started_s", "wall_s", "user_s", "sys_s", "waited_s")
_COUNTS = ("seed_count", "max_rss_bytes", "attempts", "lane")
_COUNTS_OR_NONE = ("chunk", "seed", "first_seed", "exit_code", "execution", "fork")
_texts, _texts_or_none = attrgetter(*_TEXTS), attrgetter(*_TEXTS_OR_NONE)
_seconds, _counts, _counts_or_none = attrgetter(*_SECONDS), attrgetter(*_COUNTS), attrgetter(*_COUNTS_OR_NONE)
_APPEND = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
"""A unit may have put a link or a pipe in the place of the file."""

MAX_SECONDS = 1e9
MAX_COUNT = 2**63


def records_path(run: str | os.PathLike[str]) -> str:
    """The path of a run's records."""
    return f"{os.fspath(run)}/{NAME}"


# -- writing ----------------------------------------------------------------------------------------------------------


class RecordWriter:
    """Appends records to the file of one run; an existing file is continued."""

    def __init__(self, run: str | os.PathLike[str]) -> None:
        self._path = records_path(run)
        self._descriptor = -1
        self._size = 0
        self._torn = False  # whether the file ends with part of a line
        self._index: dict[str, tuple[int, int]] = {}

    def write(self, record: Record) -> None:
        """Append one record. Raises `OSError`; the file is then as before, and a later record may fit again."""
        if self._descriptor < 0:
            self._open()
        line = encode(fields_of(record))
        self._append(line)
        self._index[record.target] = (self._size - len(line), len(line))

    def close(self) -> None:
        """Append the index and close the file; no record may follow. Without room for the index, readers do without."""
        if self._descriptor < 0:
            return
        trailer = _TRAILER % (self._size + self._torn)
        try:
            self._append(encode({"index": self._index}) + trailer)
        except OSError:
            pass
        os.close(self._descriptor)
        self._descriptor = -1

    def _append(self, data: bytes) -> None:
        whole = b"\n" + data if self._torn else data
        written = 0
        try:
            while written < len(whole):  # more than one write only if the disk is full or a signal interrupts
                written += os.write(self._descriptor, whole[written:])
        except OSError:
            if written:
                self._truncate()
            raise
        self._torn = False
        self._size += len(whole)

    def _truncate(self) -> None:
        try:
            os.ftruncate(self._descriptor, self._size)
        except OSError:
            self._torn = True
            self._size = os.fstat(self._descriptor).st_size

    def _open(self) -> None:
        descriptor = os.open(self._path, _APPEND, 0o666)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise OSError(errno.EINVAL, "not a regular file", self._path)
            if status.st_size:
                self._continue(descriptor, status.st_size)
        except OSError:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def _continue(self, descriptor: int, size: int) -> None:
        """Read the records of an earlier round, then cut off its index, or the torn last line of a killed one."""
        self._index, self._size = {}, 0
        with open(descriptor, "rb", closefd=False) as file:
            begin = _index_at(file)
            file.seek(0)
            for line in _lines(file):
                if self._size == begin:
                    break
                record = record_in(line)
                if record is not None:
                    self._index[record.target] = (self._size, len(line))
                self._size += len(line)
        if self._size < size:
            os.ftruncate(descriptor, self._size)


# -- reading ----------------------------------------------------------------------------------------------------------


def all_records(run: str | os.PathLike[str]) -> dict[str, Record]:
    """Return all readable records of a run by target, including those of units outside its plan."""
    try:
        with open_regular(records_path(run)) as file:
            return {record.target: record for record in _records(_lines(file))}
    except FileNotFoundError:
        names = sorted(Path(run, "units").glob("*.json"))
        return {record.target: record for record in map(_old_record, names) if record is not None}
    except OSError:
        return {}


def read_records(run: str | os.PathLike[str], info: RunInfo) -> dict[str, Record]:
    """Return the readable records of planned units by target, in plan order; a record must have its unit's id."""
    records = all_records(run)
    own = ((target, records.get(target), name) for name, target, _ in info.planned)
    return {target: record for target, record, name in own if record is not None and record.id == name}


def read_record_of(run: str | os.PathLike[str], target: str) -> Record | None:
    """Return the record of one target, None if it has no readable one. Other records are not parsed."""
    quoted = json.dumps(target, ensure_ascii=False).encode(errors="replace")
    try:
        with open_regular(records_path(run)) as file:
            record = _by_index(file, quoted)
            if record is not None and record.target == target:
                return record
            file.seek(0)
            likely = (line for line in _lines(file) if quoted in line)
            last = None
            for candidate in _records(likely):
                last = candidate if candidate.target == target else last
            return last
    except FileNotFoundError:
        record = _old_record(Path(run, "units", f"{target}.json"))
        return record if record is not None and record.target == target else None
    except OSError:
        return None


def record_in(line: bytes) -> Record | None:
    """Return the record in a line, or in a file of one record; None if it is not a valid record."""
    try:
        data = parse_json(line)
        if data.pop("version") != VERSION:
            return None
        data["command"] = tuple(data["command"])
        data["tries"] = tuple(data.get("tries", ()))
        data["status"] = Status(data["status"])
        data["log"] = LogState(data.get("log", LogState.KEPT))
        if "cases" in data:
            data["cases"] = cases_in(data["cases"])
        if "classes" in data:
            data["classes"] = classes_in(data["classes"])
        if "selected" in data:
            data["selected"] = tuple(data["selected"])
        record = record_of(data)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return record if _is_sound(record) else None


def _old_record(path: Path) -> Record | None:
    try:
        with open_regular(path) as file:
            return record_in(file.read())
    except (OSError, ValueError):  # `ValueError`: a name that is not valid for a file
        return None


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The complete lines of a file."""
    return (line for line in file if line.endswith(b"\n"))


def _records(lines: Iterable[bytes]) -> Iterator[Record]:
    for line in lines:
        if not line.startswith(_INDEX_HEAD):  # the index is long
            record = record_in(line)
            if record is not None:
                yield record


def _index_at(file: BinaryIO) -> int | None:
    """The offset of the index; None if there is none, as while a run goes on."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TRAILER_SIZE))
    trailer = _TRAILER_PATTERN.fullmatch(file.read(_TRAILER_SIZE))
    if trailer is None or (begin := int(trailer[1], 16)) >= size:
        return None
    file.seek(begin)
    return begin if file.read(len(_INDEX_HEAD)) == _INDEX_HEAD else None


def _by_index(file: BinaryIO, quoted: bytes) -> Record | None:
    """Return the record at the offset that the index has for a target; it may be that of another target."""
    begin = _index_at(file)
    if begin is None:
        return None
    file.seek(begin)
    index = file.read()
    key = quoted + b":["
    at = index.find(key)
    place = _PLACE.match(index, at + len(key)) if at >= 0 else None
    if place is None or int(place[1]) + int(place[2]) > begin:
        return None
    file.seek(int(place[1]))
    return record_in(file.read(int(place[2])))


def _is_sound(record: Record) -> bool:
    """Whether every field has its type and a possible value, so that no reader has to check again."""
    return (
        all(type(value) is str for value in _texts(record))
        and is_time(record.started_at)
        and all(value is None or type(value) is str for value in _texts_or_none(record))
        and all(_is_seconds(value) for value in _seconds(record))
        and (record.slowdown is None or _is_seconds(record.slowdown))
        and all(_is_count(value) for value in _counts(record))
        and all(value is None or _is_count(value) for value in _counts_or_none(record))
        and all(type(word) is str for word in (*record.command, *record.selected))
        and type(record.told_all) is bool
        and all(map(_is_attempt, record.tries))
        and record.status in RECORDED
        and record.target.isprintable()  # it becomes part of a path
        and "/" not in record.target
    )


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and type(value) is not bool and 0 <= value < MAX_SECONDS


def _is_count(value: object) -> bool:
    return isinstance(value, int) and type(value) is not bool and 0 <= value < MAX_COUNT


def _is_attempt(value: object) -> bool:
    """Whether an entry of `tries` has the fields that reports show; see `Attempt` in `unit/attempts.py`."""
    return (
        isinstance(value, dict)
        and all(type(value.get(name)) is str for name in ("kind", "status"))
        and all(value.get(name) is None or type(value[name]) is str for name in ("note", "signal"))
        and all(value.get(name) is None or _is_count(value[name]) for name in ("seed", "exit_code"))
        and {"seed", "note"} <= value.keys()
        and _is_seconds(value.get("wall_s"))
    )
