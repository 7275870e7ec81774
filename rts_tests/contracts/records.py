"""Types of a run's files: the record of a unit, `run.json`, and the paths of logs."""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from longpole.rts_tests.contracts.cases import Case, ClassResult, case_rows, class_rows
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import read_json, read_regular, write_atomic
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.contracts.unit_ids import unit_id

VERSION = 1
MAX_ESTIMATE_S = 1e15


class LogState(StrEnum):
    """Whether a unit has a log: yes; no, because it printed nothing; no, because the log could not be written."""

    KEPT = "kept"
    EMPTY = "empty"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One unit of one run. Times are seconds; `started_s` counts from the run's start on a monotonic clock."""

    id: str
    target: str
    variant: str
    module: str
    chunk: int | None
    seed: int | None
    first_seed: int | None
    seed_count: int
    command: tuple[str, ...]
    status: Status
    exit_code: int | None
    signal: str | None
    started_at: str
    started_s: float
    wall_s: float
    user_s: float
    sys_s: float
    max_rss_bytes: int
    attempts: int
    lane: int
    host: str
    artifact_sha256: str | None
    reproducer: str
    note: str | None = None
    stable_note: str | None = None
    """The note without the parts that differ between runs of one outcome, such as pids; None if there are none."""
    tries: tuple[Mapping[str, Any], ...] = ()
    """The attempts, if there was more than one; see `rts_tests.unit.attempts.Attempt`."""
    waited_s: float = 0.0
    waited_for: str | None = None
    """How long it waited for slots, memory, a named lock or to be alone before it started, and mostly for which."""
    log: LogState = LogState.KEPT
    """Older records have no such field, and always have a log."""
    seeds: str | None = None
    """The seeds of the unit, as SEED= takes them, `70-79`; None if it takes no seeds, and in older records."""
    seed_source: str | None = None
    """The source of the seeds; see `Seeds.source`."""
    execution: int | None = None
    """The number of the execution, from 1, if the unit was executed many times."""
    cwd: str | None = None
    """The unit's working directory, relative to the suite's folder; None if it is that folder."""
    slowdown: float | None = None
    """How many threads wanted each core while it ran, at least 1; None if the system does not tell, and if older."""
    fork: int | None = None
    """The number of the fork, from 0; None for units that are none."""
    cases: tuple[Case, ...] = ()
    """The tests that it ran, if it told of them."""
    classes: tuple[ClassResult, ...] = ()
    """The classes of a fork."""
    selected: tuple[str, ...] = ()
    """The names of the only cases that it was to run; none if it was to run all."""
    told_all: bool = False
    """Whether it ended by itself, and told of every case that it was to run; older records do not say."""

    @property
    def cpu_s(self) -> float:
        """User and system time together, in seconds."""
        return self.user_s + self.sys_s

    @property
    def had_nothing_to_do(self) -> bool:
        """Whether it is a fork for which no class was left, so that no process was started."""
        return self.fork is not None and self.status is Status.SKIPPED and self.exit_code is None

    @property
    def unit_id(self) -> str:
        """The id of the planned unit, without the number of the execution."""
        return unit_id(self.variant, self.module, self.chunk, self.fork)


_SETTERS = tuple((field.name, getattr(Record, field.name).__set__) for field in fields(Record))
_DEFAULTS = {field.name: field.default for field in fields(Record) if field.default is not MISSING}


def record_of(values: Mapping[str, Any]) -> Record:
    """`Record(**values)` in a third of its time, which was two fifths of reading a record; unknown names are ignored.

    Raises `KeyError` for a missing value.
    """
    every = {**_DEFAULTS, **values}
    record = object.__new__(Record)
    for name, enter in _SETTERS:
        enter(record, every[name])
    return record


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """`run.json`: the plan, the request and the machine. `planned` is `(id, target, estimate in s)` in plan order."""

    suite: str
    started_at: str
    plan_hash: str
    commit: str | None
    commit_source: str
    seed_override: int | str | None
    """The value of SEED: one seed as a number, or several in SEED's notation."""
    jobs: int | None
    host: str
    machine: str
    cores: int
    goals: tuple[str, ...]
    filter: str | None
    shard: str | None
    flaky: str = "fail"
    call: str = "make"
    """How a user calls make for a run like this one, as in `PREBUILT=1 make`; older runs do not say."""
    select: tuple[str, ...] = ()
    """The terms of `--select` or SELECT, which select classes and cases of forks."""
    planned: tuple[tuple[str, str, float], ...]


_RUN_FIELDS = frozenset(RunInfo.__dataclass_fields__)


# No record contains itself, and the check for that took a fifth of the time.
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False)
_HEAD = f'{{"version":{VERSION},'


@lru_cache(maxsize=4)
def _to_the_second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def utc(seconds: float) -> str:
    """Return a time in seconds since 1970 as ISO 8601 in UTC, to the millisecond, in the notation of `datetime`."""
    whole, fraction = divmod(seconds, 1)
    microseconds = round(fraction * 1e6)
    if microseconds == 1_000_000:
        whole, microseconds = whole + 1, 0
    return f"{_to_the_second(int(whole))}.{microseconds // 1000:03}Z"


def seconds_since_1970(text: str) -> float:
    """The time that `utc` wrote. Raises `ValueError` for any other text."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return moment.timestamp()


def is_time(value: object) -> bool:
    """Whether `value` is a time as `utc` writes it."""
    try:
        return type(value) is str and seconds_since_1970(value) >= 0
    except (ValueError, OverflowError):
        return False


def encode(fields: Mapping[str, Any]) -> bytes:
    """Return one versioned JSON object on one line; `fields` must not be empty."""
    return f"{_HEAD}{_ENCODER.encode(fields)[1:]}\n".encode(errors="replace")


_RARE = ("cases", "classes", "selected", "told_all")
_SIMPLE = tuple(name for name in Record.__dataclass_fields__ if name not in _RARE)


def fields_of(record: Record) -> dict[str, Any]:
    """Return the record as a mapping, without the copies of `dataclasses.asdict`: this is on the hot path."""
    fields = {name: getattr(record, name) for name in _SIMPLE}
    if record.cases:
        fields["cases"] = case_rows(record.cases)
    if record.classes:
        fields["classes"] = class_rows(record.classes)
    if record.selected:
        fields["selected"] = record.selected
    if record.told_all:
        fields["told_all"] = True
    return fields


def error_log_path(run: str | os.PathLike[str], target: str) -> str:
    """Return where the standard error of a unit is, if it is apart from its standard output."""
    return f"{os.fspath(run)}/units/{target}.err"


def log_path(run: str | os.PathLike[str], target: str) -> str:
    """The path of a target's log in a run."""
    return f"{os.fspath(run)}/units/{target}.log"


def write_run_info(run: Path, info: RunInfo) -> None:
    """Write `run.json` by rename; raises `OSError`."""
    write_atomic(run / "run.json", encode(asdict(info)))


def holds_run_info(run: Path, info: RunInfo) -> bool:
    """Whether `run.json` is as `write_run_info` wrote it."""
    try:
        return read_regular(run / "run.json") == encode(asdict(info))
    except OSError:
        return False


def read_run_info(run: Path) -> RunInfo:
    """Read `run.json`; raises `UseError` if it is missing or damaged."""
    path = run / "run.json"
    try:
        data = read_json(path)
        if data.pop("version") != VERSION:
            raise ValueError("another version")
        known = {name: value for name, value in data.items() if name in _RUN_FIELDS}
        known["planned"] = tuple((row[0], row[1], row[2]) for row in known["planned"])
        known["goals"] = tuple(known["goals"])
        known["select"] = tuple(known.get("select", ()))
        info = RunInfo(**known)
        if not _is_sound(info):
            raise ValueError("a field has an impossible value")
        return info
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        what = f"not a readable run ({error})"
        remedy = "name another run; its parent folder contains them"
        raise UseError.at(str(path), what, remedy) from None


def _is_sound(info: RunInfo) -> bool:
    """Whether every field has its type and a possible value, so that no reader has to check again."""
    texts = (info.suite, info.plan_hash, info.commit_source, info.host, info.machine)
    texts_or_none = (info.commit, info.filter, info.shard)
    return (
        all(type(value) is str for value in (*texts, info.flaky, info.call, *info.goals, *info.select))
        and is_time(info.started_at)
        and all(value is None or type(value) is str for value in texts_or_none)
        and (info.seed_override is None or type(info.seed_override) in (int, str))
        and type(info.cores) is int
        and (info.jobs is None or type(info.jobs) is int)
        and all(map(_is_planned, info.planned))
    )


def _is_planned(row: tuple[object, object, object]) -> bool:
    name, target, estimate_s = row
    return (
        type(name) is str
        and type(target) is str
        and target.isprintable()  # it becomes part of a path
        and "/" not in target
        and isinstance(estimate_s, int | float)
        and type(estimate_s) is not bool
        and 0 <= estimate_s < MAX_ESTIMATE_S
    )
