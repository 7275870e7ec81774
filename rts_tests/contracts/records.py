"""Records: what one unit left behind in a run, and where a run keeps things."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import write_atomic
from longpole.rts_tests.contracts.status import RECORDED, Status

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One unit of one run. Times are seconds; `started_s` counts from the run's start on a clock that never jumps."""

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
    tries: tuple[Mapping[str, Any], ...] = ()
    """What each attempt came to, where there was more than one; see `rts_tests.unit.attempts.Attempt`."""
    waited_s: float = 0.0
    waited_for: str | None = None
    """How long it waited for slots, memory, a named lock or to be alone before it started, and for what most of it."""

    @property
    def cpu_s(self) -> float:
        """User and system time."""
        return self.user_s + self.sys_s


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """`run.json`: what was planned, by whom, on what. `planned` is `(id, target, estimate)` in plan order."""

    suite: str
    started_at: str
    plan_hash: str
    commit: str | None
    commit_source: str
    seed_override: int | str | None
    """What SEED said: one seed, or several as it writes them."""
    jobs: int | None
    host: str
    machine: str
    cores: int
    goals: tuple[str, ...]
    filter: str | None
    shard: str | None
    flaky: str = "fail"
    planned: tuple[tuple[str, str, float], ...]


_RECORD_FIELDS = frozenset(Record.__dataclass_fields__)
_RUN_FIELDS = frozenset(RunInfo.__dataclass_fields__)


_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


def utc(seconds: float) -> str:
    """A point in time as ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def encode(fields: Mapping[str, Any]) -> bytes:
    """One versioned JSON object on one line."""
    return f"{_ENCODER.encode({'version': VERSION, **fields})}\n".encode(errors="replace")


def fields_of(record: Record) -> dict[str, Any]:
    """The record as a mapping, without the copying that `dataclasses.asdict` does: this is on the hot path."""
    return {name: getattr(record, name) for name in Record.__dataclass_fields__}


def record_path(run: str | os.PathLike[str], target: str) -> str:
    """Where a run keeps the record of a target."""
    return f"{os.fspath(run)}/units/{target}.json"


def log_path(run: str | os.PathLike[str], target: str) -> str:
    """Where a run keeps the log of a target."""
    return f"{os.fspath(run)}/units/{target}.log"


def read_record(path: str | os.PathLike[str]) -> Record | None:
    """The record in a file; None when it is missing or damaged, which a report counts as no record."""
    try:
        with open(path, "rb") as file:
            data = json.loads(file.read())
        if data.pop("version") != VERSION:
            return None
        known = {name: value for name, value in data.items() if name in _RECORD_FIELDS}
        known["command"] = tuple(known["command"])
        known["tries"] = tuple(known.get("tries", ()))
        known["status"] = Status(known["status"])
        record = Record(**known)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return record if record.status in RECORDED else None


def write_run_info(run: Path, info: RunInfo) -> None:
    """Write `run.json`, once, by rename."""
    write_atomic(run / "run.json", encode(asdict(info)))


def read_run_info(run: Path) -> RunInfo:
    """Read `run.json`; `UseError` when it is missing or damaged."""
    path = run / "run.json"
    try:
        data = json.loads(path.read_bytes())
        if data.pop("version") != VERSION:
            raise ValueError("another version")
        known = {name: value for name, value in data.items() if name in _RUN_FIELDS}
        known["planned"] = tuple((row[0], row[1], row[2]) for row in known["planned"])
        known["goals"] = tuple(known["goals"])
        return RunInfo(**known)
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        what = f"not a run that can be read ({error})"
        remedy = "name another run; `ls` its parent folder shows them"
        raise UseError.at(str(path), what, remedy) from None


def read_records(run: Path, info: RunInfo) -> dict[str, Record]:
    """Target to record, for every planned unit that left a readable one that is its own."""
    found = {}
    for name, target, _ in info.planned:
        record = read_record(record_path(run, target))
        if record is not None and record.id == name:
            found[target] = record
    return found
