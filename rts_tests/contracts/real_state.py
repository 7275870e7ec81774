"""What a run changed in the user's own folders that the suite guards: `real-state.json` in the run's folder."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from longpole.rts_tests.contracts.files import read_json, write_atomic
from longpole.rts_tests.contracts.records import encode

VERSION = 1
NAME = "real-state.json"


@dataclass(frozen=True, slots=True)
class RealState:
    """The guarded folders as the suite names them; the first of their changes, each a path and what happened to it."""

    folders: tuple[str, ...]
    changes: tuple[tuple[str, str], ...] = ()
    changed: int = 0
    """How many changes there were, also those that are not kept."""
    problems: tuple[str, ...] = ()
    """What could not be looked at."""
    fails: bool = False
    """Whether a change makes the run fail, as on CI."""

    @property
    def failed(self) -> bool:
        """Whether it made the run fail."""
        return self.fails and self.changed > 0


def as_fields(state: RealState) -> dict[str, Any]:
    """The fields of the file and of the JSON report."""
    return asdict(state)


def write_real_state(run: str | os.PathLike[str], state: RealState) -> None:
    """Write `real-state.json` by rename; raises `OSError`."""
    write_atomic(f"{os.fspath(run)}/{NAME}", encode(as_fields(state)))


def read_real_state(run: str | os.PathLike[str]) -> RealState | None:
    """Return what a run changed; None if it guarded nothing, or if the file is damaged or of another version."""
    try:
        data = read_json(f"{os.fspath(run)}/{NAME}")
        return _state(data) if data["version"] == VERSION else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _state(data: Mapping[str, Any]) -> RealState | None:
    changes = tuple((path, what) for path, what in data["changes"])
    texts = (*data["folders"], *data["problems"], *(text for change in changes for text in change))
    sound = all(type(text) is str for text in texts) and type(data["changed"]) is int and type(data["fails"]) is bool
    if not sound:
        return None
    return RealState(tuple(data["folders"]), changes, data["changed"], tuple(data["problems"]), data["fails"])
