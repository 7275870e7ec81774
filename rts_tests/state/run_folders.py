"""Where a state directory keeps its runs, and which of them a user names."""

import os
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from longpole.rts_tests.contracts.errors import UseError

EXECUTIONS = "executions.json"
"""What a run of executions was for and what it found; it is there before `run.json` is."""


def state_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """`$LONGPOLE_STATE`, or `.longpole` in the current folder."""
    return Path(environ.get("LONGPOLE_STATE") or ".longpole")


def run_dirs(state: Path) -> list[Path]:
    """The test runs that are kept, oldest first. Runs of executions are none: they are nobody's last run."""
    return [run for run in all_run_dirs(state) if not is_of_executions(run)]


def all_run_dirs(state: Path) -> list[Path]:
    """Everything that is kept, oldest first: a run's name begins with its UTC time."""
    try:
        found: Iterable[Path] = (state / "runs").iterdir()
        return sorted(path for path in found if (path / "run.json").is_file())
    except FileNotFoundError:
        return []


def is_of_executions(run: str | os.PathLike[str]) -> bool:
    """Whether a run executed some units many times, as `longpole stress` does, instead of testing."""
    return os.path.exists(f"{os.fspath(run)}/{EXECUTIONS}")


def new_run_dir(state: Path, now: datetime) -> Path:
    """Make `runs/<UTC time>-<8 hex>` with its `units`; raises `OSError`."""
    name = f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}Z-{os.urandom(4).hex()}"
    run = state / "runs" / name
    (run / "units").mkdir(parents=True)
    return run


def find_run(state: Path, name: str | None) -> Path:
    """The run that a user names; `UseError` when there is none, or more than one.

    A name is `last` (as is None), `previous`, `-3` for the third newest test run and so on; or a folder; or the name of
    any run, or so much of its beginning, or its last 8 digits, as tells it from the others.
    """
    runs = run_dirs(state)
    every = all_run_dirs(state)
    name = name if name is not None else "last"
    back = {"last": 1, "previous": 2}.get(name, int(name[1:]) if re.fullmatch("-[1-9][0-9]{0,8}", name) else 0)
    if back and not runs:
        raise UseError.at(str(state), "no run is kept here", "type `make test`")
    if 0 < back <= len(runs):
        return runs[-back]
    for candidate in (Path(name), state / "runs" / name):
        if name and (candidate / "run.json").is_file():
            return candidate
    found = [run for run in every if name and (run.name.startswith(name) or run.name.endswith(f"-{name}"))]
    if len(found) == 1:
        return found[0]
    what = f"{len(found)} runs are called so" if found else "there is no such run"
    if back:
        what = "only one run is kept" if len(runs) == 1 else f"only {len(runs)} runs are kept"
    raise UseError.at(name or "RUN", what, "`longpole runs` lists them")
