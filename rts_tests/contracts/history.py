"""The history: durations, peaks of memory and the last status of each unit in earlier runs, by platform.

It is one file, `.longpole/history.json`, merged under a lock after each run. It never fails a run: a damaged file is
renamed with a warning, and a new history begins.
"""

import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from longpole.rts_tests.contracts.duration import alone_s
from longpole.rts_tests.contracts.files import read_json, write_atomic
from longpole.rts_tests.contracts.median import median
from longpole.rts_tests.contracts.status import Status

VERSION = 1
MAX_KEPT = 10
"""Durations kept per unit, whose median is the estimate; also peaks of memory per unit, whose maximum counts."""
LEAST_THREADED_S = 0.1
"""In a shorter unit the ratio of CPU to wall time is mostly noise, and says nothing about its threads."""
MAX_RUNS = 100
"""Length of the table of run names at which names without a duration are removed."""


@dataclass(frozen=True, slots=True)
class Computing:
    """What a unit computed in one run, and how busy the machine was then; see `alone_s`."""

    cpu_s: float
    slowdown: float


@dataclass(frozen=True, slots=True)
class UnitHistory:
    """The last durations (seconds, as on an idle machine), peaks of memory (bytes), oldest first, and last status."""

    durations_s: tuple[float, ...] = ()
    status: str | None = None
    peaks_bytes: tuple[int, ...] = ()

    runs: tuple[str, ...] = ()
    """The name of the run of each duration; empty for a duration whose run is unknown."""

    threads: float = 1.0
    """How many cores the unit has used at once: the highest ratio of CPU to wall time in any run, at least 1."""

    computes: float = 1.0
    """The part of its time, on an idle machine, for which it needs a core, as last measured; from 0 to 1."""

    def index_of(self, run: str) -> int | None:
        """The index of a run's duration; None if there is none of that run."""
        return self.runs.index(run) if run in self.runs else None

    def before(self, run: str) -> tuple[float, ...]:
        """The durations (seconds) of runs that began before `run`: the name of a run begins with its start time."""
        names = (*self.runs, *[""] * (len(self.durations_s) - len(self.runs)))
        return tuple(seconds for seconds, name in zip(self.durations_s, names, strict=True) if name < run)

    @property
    def estimate_s(self) -> float | None:
        """Median of the kept durations, in seconds; None if the unit never passed."""
        return median(self.durations_s) if self.durations_s else None

    @property
    def peak_bytes(self) -> int:
        """The highest of the kept peaks, in bytes; 0 if none is known."""
        return max(self.peaks_bytes, default=0)


@dataclass(frozen=True, slots=True)
class History:
    """The history of each unit by id, on this kind of platform."""

    units: Mapping[str, UnitHistory] = field(default_factory=dict)
    shared: bool = False
    """Whether the same history is shipped to every machine: its file then has `"shared": true`."""


def platform_key() -> str:
    """The kind of platform, such as `linux-x86_64`, within which durations are comparable. Deliberately coarse."""
    return f"{sys.platform}-{os.uname().machine}"


def history_path(state: Path) -> Path:
    """The path of the history in a state directory."""
    return state / "history.json"


def _check(data: object) -> dict[str, Any]:
    if not isinstance(data, dict) or data.get("version") != VERSION or not isinstance(data.get("platforms"), dict):
        raise ValueError("not a history of this version")
    names = data.get("runs", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("not valid names of runs")
    for units in data["platforms"].values():
        for row in units.values():
            durations = row["durations_s"]
            if not all(type(value) in (int, float) and 0 <= value < 1e9 for value in durations):
                raise ValueError("not a valid duration")
            if not all(type(value) is int and 0 < value < 2**63 for value in row.get("peaks_bytes", ())):
                raise ValueError("not a valid peak of memory")
            threads = row.get("threads", 1.0)
            if type(threads) not in (int, float) or not 1 <= threads < 1e6:
                raise ValueError("not a valid number of threads")
            computes = row.get("computes", 1.0)
            if type(computes) not in (int, float) or not 0 <= computes <= 1:
                raise ValueError("not a valid part of the time")
            if not isinstance(row.get("status"), str):
                raise ValueError("not a valid status")
            if not _are_indexes(row.get("runs", []), len(durations), len(names)):
                raise ValueError("not valid indexes of runs")
    return data


def _are_indexes(indexes: object, durations: int, names: int) -> bool:
    """Whether `indexes` is empty, or has for each duration an index into the names of runs (-1: unknown)."""
    if not isinstance(indexes, list) or len(indexes) not in (0, durations):
        return False
    return all(type(index) is int and -1 <= index < names for index in indexes)


def set_aside(path: Path, reason: str) -> None:
    """Rename a file that cannot be used, and say so on standard error."""
    aside = path.with_name(f"{path.name}.corrupt")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.corrupt-{number}")
    try:
        os.replace(path, aside)
    except OSError as error:
        then = f"it cannot be set aside: {error.strerror}; continuing without history"
    else:
        then = f"set aside as {aside.name}, a new history begins"
    print(f"longpole: {path}: {reason}; {then}", file=sys.stderr)


def _read(path: Path) -> dict[str, Any]:
    empty: dict[str, Any] = {"version": VERSION, "platforms": {}}
    try:
        return _check(read_json(path))
    except FileNotFoundError:
        return empty
    except OSError as error:
        if os.path.exists(path) and not os.path.isfile(path):
            set_aside(path, str(error.strerror))
            return empty
        print(f"longpole: {path}: {error.strerror}; continuing without history", file=sys.stderr)
        return empty
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        set_aside(path, f"damaged ({error})")
        return empty


def read_history(state: Path, key: str | None = None) -> History:
    """Return the history of the platform `key` (default: this one), empty if there is none yet."""
    data = _read(history_path(state))
    rows = data["platforms"].get(key or platform_key(), {})
    runs = [*data.get("runs", ()), ""]  # index -1, an unknown run, is the last item
    units = {
        name: UnitHistory(
            tuple(row["durations_s"]),
            row["status"],
            tuple(row.get("peaks_bytes", ())),
            tuple(runs[index] for index in row.get("runs", ())),
            row.get("threads", 1.0),
            row.get("computes", 1.0),
        )
        for name, row in rows.items()
    }
    return History(units, data.get("shared") is True)


def merge_history(
    state: Path,
    outcomes: Iterable[tuple[str, str, float | None]],
    key: str | None = None,
    *,
    peaks: Mapping[str, int] = MappingProxyType({}),
    computing: Mapping[str, Computing] = MappingProxyType({}),
    run: str = "",
) -> None:
    """Add the outcomes of one run, each `(unit id, status, wall seconds)`, under the history's lock.

    The seconds are None if they must not count. Only durations of passed units count towards an estimate: a failure
    ends early, a timeout late. With an entry in `computing`, what is kept is not the wall time but what the unit would
    have taken on an idle machine. `peaks` are bytes by unit id, for any status; `run` is the run's name. Raises
    `OSError` if the history cannot be written.
    """
    from filelock import FileLock  # 38 ms, and only at the end of a run

    path = history_path(state)
    state.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock"):
        data = _read(path)
        rows = data["platforms"].setdefault(key or platform_key(), {})
        number = _number_of(run, data)
        for name, status, wall_s in outcomes:
            row = rows.setdefault(name, {"durations_s": [], "status": status})
            row["status"] = status
            if status == Status.PASSED and wall_s is not None:
                numbers = row.get("runs") or [-1] * len(row["durations_s"])
                if run or "runs" in row:
                    row["runs"] = [*numbers, number][-MAX_KEPT:]
                seconds = _alone(row, wall_s, computing[name]) if name in computing else wall_s
                row["durations_s"] = [*row["durations_s"], round(seconds, 4)][-MAX_KEPT:]
            if peaks.get(name):
                row["peaks_bytes"] = [*row.get("peaks_bytes", ()), peaks[name]][-MAX_KEPT:]
        write_atomic(path, (json.dumps(data, separators=(",", ":"), sort_keys=True) + "\n").encode())


def _alone(row: dict[str, Any], wall_s: float, computing: Computing) -> float:
    """The wall time as on an idle machine; enters `threads` and `computes` in the row, unless they are 1."""
    threads = max(row.get("threads", 1.0), round(computing.cpu_s / wall_s, 2) if wall_s > LEAST_THREADED_S else 1.0)
    if threads > 1:
        row["threads"] = threads
    seconds = alone_s(wall_s, computing.cpu_s, computing.slowdown, threads)
    computes = min(1.0, round(computing.cpu_s / threads / seconds, 2)) if seconds > 0 else 1.0
    if computes < 1 or "computes" in row:
        row["computes"] = computes
    return seconds


def _number_of(run: str, data: dict[str, Any]) -> int:
    """Enter the run in the table of names and return its index; -1 for a run without a name.

    The table keeps the file small: ten names per unit would be most of it. Names that no row refers to are removed.
    """
    if not run:
        return -1
    rows = [row for units in data["platforms"].values() for row in units.values()]
    names = data.setdefault("runs", [])
    if len(names) >= MAX_RUNS:
        used = sorted({index for row in rows for index in row.get("runs", ()) if index >= 0})
        moved = {old: new for new, old in enumerate(used)} | {-1: -1}
        for row in rows:
            if "runs" in row:
                row["runs"] = [moved[index] for index in row["runs"]]
        names[:] = [names[index] for index in used]
    if run not in names:
        names.append(run)
    return int(names.index(run))
