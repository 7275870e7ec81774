"""The first act of a run: it makes its folder, and removes what runs left that were killed before they could.

A run's folder is made under another name, locked, and renamed then. So whoever sees a run's name and a free lock sees a
run that has ended. If that run has no `run.json`, it ended while it was being prepared, and no command shows it.
"""

import os
import re
from datetime import datetime
from pathlib import Path

from longpole.rts_tests.machine.trees import remove_tree
from longpole.rts_tests.state.private import NOTE, remove_private_of_ended
from longpole.rts_tests.state.retention import hold, is_running, remove, started

_BEING_MADE = ".new-"
_BEFORE_RUN_JSON = re.compile(
    rf"lock|units|{NOTE}|plan\.json|executions\.json|({NOTE}|plan\.json|executions\.json|run\.json)\.[0-9]+\.tmp"
)
"""What a run makes before `run.json`. A folder that contains anything else was not left by a run in preparation."""


def begin_run(state: Path, now: datetime) -> tuple[Path, int]:
    """Make `runs/<UTC time>-<8 hex>`, with its folder `units`; return it, and the descriptor of its lock (see `hold`).

    Raises `OSError`; then nothing is left.
    """
    number = os.urandom(4).hex()
    new = state / "runs" / f"{_BEING_MADE}{number}"
    run = state / "runs" / f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}Z-{number}"
    descriptor = -1
    for last in (*[False] * 99, True):
        try:
            (new / "units").mkdir(parents=True, exist_ok=True)
            descriptor = hold(new)
            os.rename(new, run)
        except OSError as error:
            if descriptor >= 0:
                os.close(descriptor)
            descriptor = -1
            if last or not isinstance(error, FileNotFoundError):  # else a sweep took it for what a killed run had left
                remove_tree(new)
                raise
        else:
            break
    return run, descriptor


def sweep(state: Path) -> None:
    """Remove private folders of runs that have ended, and the folders of runs that ended before they began.

    What cannot be removed is left: only the run whose it is reports it.
    """
    runs = state / "runs"
    for name in os.listdir(runs):
        run = runs / name
        if os.path.islink(run):
            continue
        if os.path.exists(run / NOTE) and not is_running(run):
            remove_private_of_ended(run)
        if _is_run(name) and not os.path.exists(run / "run.json") and not is_running(run):
            _remove_unfinished(run)


def _is_run(name: str) -> bool:
    return started(name) is not None or name.startswith(_BEING_MADE)


def _remove_unfinished(run: Path) -> None:
    try:
        units = run / "units"
        if os.path.exists(run / NOTE):  # a private folder is left
            return
        if all(map(_BEFORE_RUN_JSON.fullmatch, os.listdir(run))) and not (units.is_dir() and os.listdir(units)):
            remove(run)
    except OSError:
        pass  # the next run tries again
