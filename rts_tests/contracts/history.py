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


@dataclass(frozen=True, slots=True)
class UnitHistory:
    """The last durations in seconds and peaks of memory in bytes, oldest first, and the last status (a record's)."""

    durations_s: tuple[float, ...] = ()
    status: str | None = None
    peaks_bytes: tuple[int, ...] = ()

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
    for units in data["platforms"].values():
        for row in units.values():
            durations = row["durations_s"]
            if not all(type(value) in (int, float) and 0 <= value < 1e9 for value in durations):
                raise ValueError("a duration that is none")
            if not all(type(value) is int and 0 < value < 2**63 for value in row.get("peaks_bytes", ())):
                raise ValueError("a peak of memory that is none")
            if not isinstance(row.get("status"), str):
                raise ValueError("a status that is none")
    return data


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
    known = {
        name: UnitHistory(tuple(row["durations_s"]), row["status"], tuple(row.get("peaks_bytes", ())))
        for name, row in rows.items()
    }
    return History(known, data.get("shared") is True)


def merge_history(
    state: Path,
    outcomes: Iterable[tuple[str, str, float | None]],
    key: str | None = None,
    *,
    peaks: Mapping[str, int] = MappingProxyType({}),
) -> None:
    """Add `(unit id, status, wall seconds)` of one run, under the history's lock; no seconds where they do not count.

    Only durations of passed units teach an estimate: a failure ends early, a timeout late. `peaks` are bytes by unit
    id, whatever became of the unit. Raises `OSError` when the state directory cannot be written.
    """
    from filelock import FileLock  # 38 ms, and only at the end of a run

    path = history_path(state)
    state.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock"):
        data = _read(path)
        rows = data["platforms"].setdefault(key or platform_key(), {})
        for name, status, wall_s in outcomes:
            row = rows.setdefault(name, {"durations_s": [], "status": status})
            row["status"] = status
            if status == Status.PASSED and wall_s is not None:
                row["durations_s"] = [*row["durations_s"], round(wall_s, 4)][-KEPT:]
            if peaks.get(name):
                row["peaks_bytes"] = [*row.get("peaks_bytes", ()), peaks[name]][-KEPT:]
        write_atomic(path, (json.dumps(data, separators=(",", ":"), sort_keys=True) + "\n").encode())
