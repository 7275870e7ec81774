"""What a build leaves in its run: `builds/<name>.log`, what it printed, and `builds/<name>.json`, its times and result.

The process that runs a build writes both. A build that was killed with everything else leaves no `.json`, and at most
the partial log `builds/<name>.log.part`.
"""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from longpole.rts_tests.contracts.files import read_json, write_atomic
from longpole.rts_tests.contracts.records import VERSION, encode, is_time

FOLDER = "builds"
MAX_SECONDS = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """One build of one run. `name` is that of the variant; `started_at` is UTC, after the wait for other builds."""

    name: str
    started_at: str
    wall_s: float
    waited_s: float
    """Seconds for which it waited for another build of the same folder."""
    exit_code: int
    """0 if it succeeded, 128 + n if signal n ended it, 127 if it could not be executed."""


def build_log_path(run: str | os.PathLike[str], name: str) -> str:
    """The path of a build's log in a run; there is no file if the build printed nothing."""
    return f"{os.fspath(run)}/{FOLDER}/{name}.log"


def write_build(folder: Path, build: Build) -> None:
    """Write `<name>.json` into a run's folder of builds by rename; raises `OSError`."""
    write_atomic(folder / f"{build.name}.json", encode(asdict(build)))


def read_builds(run: Path) -> Mapping[str, Build]:
    """Return the builds of a run that have ended, by name, in the order of their starts; damaged files are left out."""
    builds = [build for path in sorted((run / FOLDER).glob("*.json")) if (build := _read(path)) is not None]
    return {build.name: build for build in sorted(builds, key=lambda build: build.started_at)}


def _read(path: Path) -> Build | None:
    try:
        data = read_json(path)
        if data.pop("version") != VERSION:
            return None
        build = Build(**{name: value for name, value in data.items() if name in Build.__dataclass_fields__})
        return build if _is_sound(build) and build.name == path.stem else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _is_sound(build: Build) -> bool:
    """Whether every field has its type and a possible value: the file may be anyone's."""
    return (
        type(build.name) is str
        and is_time(build.started_at)
        and type(build.exit_code) is int
        and 0 <= build.exit_code < 256
        and all(type(value) in (int, float) and 0 <= value < MAX_SECONDS for value in (build.wall_s, build.waited_s))
    )
