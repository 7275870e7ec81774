"""What the machine's cores did while a run lasted: `load.json` in the run's folder, which the supervisor writes."""

import json
import os
from dataclasses import asdict, dataclass

from longpole.rts_tests.contracts.files import read_json, write_atomic

VERSION = 1
NAME = "load.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Core-seconds of one run, of the cores that it may use. `own_s` is the part of `busy_s` that the run itself used.

    `stolen_s` is what the host of a virtual machine gave to others.
    """

    cores: int
    busy_s: float
    idle_s: float
    stolen_s: float
    own_s: float

    @property
    def total_s(self) -> float:
        """The core-seconds that there were."""
        return self.busy_s + self.idle_s + self.stolen_s

    @property
    def others_s(self) -> float:
        """The core-seconds that other programs, or other virtual machines, used."""
        return max(0.0, self.busy_s - self.own_s) + self.stolen_s

    @property
    def others_share(self) -> float:
        """The part of the cores that others used, from 0 to 1."""
        return self.others_s / self.total_s

    @property
    def idle_share(self) -> float:
        """The part of the cores that nobody used, from 0 to 1."""
        return self.idle_s / self.total_s


def write_load(run: str | os.PathLike[str], load: Load) -> None:
    """Write `load.json` by rename; raises `OSError`."""
    text = json.dumps({"version": VERSION, **asdict(load)}, separators=(",", ":"))
    write_atomic(f"{os.fspath(run)}/{NAME}", f"{text}\n".encode())


def read_load(run: str | os.PathLike[str]) -> Load | None:
    """Return the load of a run; None if it is unknown: an older run, a killed one, or a system that does not tell."""
    try:
        data = read_json(f"{os.fspath(run)}/{NAME}")
        if data.pop("version") != VERSION:
            return None
        load = Load(**{name: data[name] for name in Load.__dataclass_fields__})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    values = (load.busy_s, load.idle_s, load.stolen_s, load.own_s)
    sound = type(load.cores) is int and load.cores > 0
    sound = sound and all(type(value) in (int, float) and 0 <= value < 1e12 for value in values)
    return load if sound and load.total_s > 0 else None
