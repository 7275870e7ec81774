"""What earlier runs taught: durations and the last outcome per unit and platform.

One file, `.longpole/history.json`, merged under a lock after each run. It never fails a run: a damaged file is set
aside under another name with a warning, and learning starts again.
"""

import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from longpole.rts_tests.contracts.files import write_atomic
from longpole.rts_tests.contracts.median import median
from longpole.rts_tests.contracts.status import Status

VERSION = 1
KEPT = 10
"""How many durations are kept a unit, whose median is the estimate; and how many peaks, whose maximum counts."""
MAX_RUNS = 100
"""Names of runs beyond which those are removed that no duration is of any more."""


@dataclass(frozen=True, slots=True)
class UnitHistory:
    """The last durations in seconds and peaks of memory in bytes, oldest first, and the last status (a record's)."""

    durations_s: tuple[float, ...] = ()
    status: str | None = None
    peaks_bytes: tuple[int, ...] = ()

    runs: tuple[str, ...] = ()
    """The name of the run of each duration; empty for durations of which it is not known."""

    def index_of(self, run: str) -> int | None:
        """Where the duration of a run stands; None if there is none of that run."""
        return self.runs.index(run) if run in self.runs else None

    def before(self, run: str) -> tuple[float, ...]:
        """The durations of runs that began before `run`: names of runs begin with their time."""
        known = (*self.runs, *[""] * (len(self.durations_s) - len(self.runs)))
        return tuple(seconds for seconds, name in zip(self.durations_s, known, strict=True) if name < run)

    @property
    def estimate_s(self) -> float | None:
        """Median of the kept durations; None when the unit never passed."""
        return median(self.durations_s) if self.durations_s else None

    @property
    def peak_bytes(self) -> int:
        """The highest of the kept peaks; 0 when none is known."""
        return max(self.peaks_bytes, default=0)


@dataclass(frozen=True, slots=True)
class History:
    """Unit id to what is known of it, on this kind of platform."""

    units: Mapping[str, UnitHistory] = field(default_factory=dict)
    shared: bool = False
    """Whether it is one that is shipped to every machine: then it says `"shared": true`."""


def platform_key() -> str:
    """The kind of platform that durations are comparable on: `linux-x86_64`. Deliberately coarse."""
    return f"{sys.platform}-{os.uname().machine}"


def history_path(state: Path) -> Path:
    """Where a state directory keeps its history."""
    return state / "history.json"


def _parse(text: str) -> dict[str, Any]:
    data = json.loads(text)
    if not isinstance(data, dict) or data.get("version") != VERSION or not isinstance(data.get("platforms"), dict):
        raise ValueError("not a history of this version")
    names = data.get("runs", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("names of runs that are none")
    for units in data["platforms"].values():
        for row in units.values():
            durations = row["durations_s"]
            if not all(type(value) in (int, float) and 0 <= value < 1e9 for value in durations):
                raise ValueError("a duration that is none")
            if not all(type(value) is int and 0 < value < 2**63 for value in row.get("peaks_bytes", ())):
                raise ValueError("a peak of memory that is none")
            if not isinstance(row.get("status"), str):
                raise ValueError("a status that is none")
            if not _are_indexes(row.get("runs", []), len(durations), len(names)):
                raise ValueError("runs that are none")
    return data


def _are_indexes(indexes: object, durations: int, names: int) -> bool:
    """Whether these are indexes into the names of runs, -1 for none; as many as durations, or none at all."""
    if not isinstance(indexes, list) or len(indexes) not in (0, durations):
        return False
    return all(type(index) is int and -1 <= index < names for index in indexes)


def _set_aside(path: Path, why: str) -> None:
    aside = path.with_name(f"{path.name}.corrupt")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.corrupt-{number}")
    try:
        os.replace(path, aside)
    except OSError:
        return
    print(f"longpole: {path}: {why}; set aside as {aside.name}, learning starts again", file=sys.stderr)


def _read(path: Path) -> dict[str, Any]:
    empty: dict[str, Any] = {"version": VERSION, "platforms": {}}
    try:
        return _parse(path.read_bytes().decode())
    except FileNotFoundError:
        return empty
    except OSError as error:
        print(f"longpole: {path}: {error.strerror}; going on without it", file=sys.stderr)
        return empty
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        _set_aside(path, f"damaged ({error})")
        return empty


def read_history(state: Path, key: str | None = None) -> History:
    """The history of this platform, empty when there is none yet."""
    data = _read(history_path(state))
    rows = data["platforms"].get(key or platform_key(), {})
    runs = [*data.get("runs", ()), ""]  # -1 is the last: not known
    known = {
        name: UnitHistory(
            tuple(row["durations_s"]),
            row["status"],
            tuple(row.get("peaks_bytes", ())),
            tuple(runs[index] for index in row.get("runs", ())),
        )
        for name, row in rows.items()
    }
    return History(known, data.get("shared") is True)


def merge_history(
    state: Path,
    outcomes: Iterable[tuple[str, str, float | None]],
    key: str | None = None,
    *,
    peaks: Mapping[str, int] = MappingProxyType({}),
    run: str = "",
) -> None:
    """Add `(unit id, status, wall seconds)` of one run, under the history's lock; no seconds where they do not count.

    Only durations of passed units teach an estimate: a failure ends early, a timeout late. `peaks` are bytes by unit
    id, whatever became of the unit; `run` is the run's name. Raises `OSError` when the history cannot be written.
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
                    row["runs"] = [*numbers, number][-KEPT:]
                row["durations_s"] = [*row["durations_s"], round(wall_s, 4)][-KEPT:]
            if peaks.get(name):
                row["peaks_bytes"] = [*row.get("peaks_bytes", ()), peaks[name]][-KEPT:]
        write_atomic(path, (json.dumps(data, separators=(",", ":"), sort_keys=True) + "\n").encode())


def _number_of(run: str, data: dict[str, Any]) -> int:
    """The run's index in the table of names, in which it is entered; -1 for a run without a name.

    Names are in a table because ten of them a unit would be most of the file. Those that no row has any more go.
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
