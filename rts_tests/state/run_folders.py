"""The runs in a state directory, and the run that a user names."""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from longpole.rts_tests.contracts.errors import UseError

EXECUTIONS = "executions.json"
"""The file of a run of executions, see `state/executed.py`; it is written before `run.json`."""


def state_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Return `$LONGPOLE_STATE`, or `.longpole` in the current folder."""
    return Path(environ.get("LONGPOLE_STATE") or ".longpole")


def run_dirs(state: Path) -> list[Path]:
    """Return the test runs that are kept, oldest first. Runs of executions do not count as the last run."""
    return [run for run in all_run_dirs(state) if not is_of_executions(run)]


def all_run_dirs(state: Path) -> list[Path]:
    """Return all runs that are kept, oldest first: a run's name begins with its UTC time."""
    try:
        folders: Iterable[Path] = (state / "runs").iterdir()
        return sorted(path for path in folders if (path / "run.json").is_file())
    except FileNotFoundError:
        return []


def is_of_executions(run: str | os.PathLike[str]) -> bool:
    """Whether a run is not a test run, but executed units many times, as `longpole stress` does."""
    return os.path.exists(f"{os.fspath(run)}/{EXECUTIONS}")


def find_run(state: Path, name: str | None) -> Path:
    """Return the run that a user names; raises `UseError` if no run or more than one has this name.

    A name is `last` (also None), `previous`, `-3` for the third newest test run and so on; a folder; or a run's name,
    a unique beginning of it, or its last 8 digits.
    """
    runs = run_dirs(state)
    all_runs = all_run_dirs(state)
    name = name if name is not None else "last"
    back = {"last": 1, "previous": 2}.get(name, int(name[1:]) if re.fullmatch("-[1-9][0-9]{0,8}", name) else 0)
    if back and not runs:
        raise UseError.at(str(state), "no run is kept here", "type `make test`")
    if 0 < back <= len(runs):
        return runs[-back]
    for candidate in (Path(name), state / "runs" / name):
        if name and (candidate / "run.json").is_file():
            return candidate
    named = [run for run in all_runs if name and (run.name.startswith(name) or run.name.endswith(f"-{name}"))]
    if len(named) == 1:
        return named[0]
    what = f"{len(named)} runs match this name" if named else "no such run"
    if back:
        what = "only one run is kept" if len(runs) == 1 else f"only {len(runs)} runs are kept"
    raise UseError.at(name or "RUN", what, "`longpole runs` lists them")
