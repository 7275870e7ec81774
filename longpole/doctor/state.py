"""The folder of runs: its file system, its runs, its history."""

import fcntl
import os
import tempfile
from pathlib import Path

from longpole.doctor.finding import Finding, Level
from longpole.doctor.machine import space
from longpole.rts_tests.contracts.files import read_json
from longpole.rts_tests.contracts.history import history_path
from longpole.rts_tests.contracts.quantities import count
from longpole.rts_tests.machine.file_systems import file_system
from longpole.rts_tests.state.run_folders import all_run_dirs

_OVER_A_NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "fuse.glusterfs", "drvfs")
_ELSEWHERE = "set LONGPOLE_STATE to a folder on a local disk"


def kept(state: Path, name: str) -> list[Finding]:
    """What was found of the folder of runs; it is called `name` in messages. Nothing is written there."""
    folder = next(path for path in (state.absolute(), *state.absolute().parents) if os.path.exists(path))
    if not folder.is_dir():  # it, or a folder in its path
        return [Finding("runs", f"{name} is a file", Level.WRONG, "move it away, or set LONGPOLE_STATE")]
    found = _folder(folder, name if folder == state.absolute() else f"{name} (not there yet)")
    if found.level is Level.WRONG:
        return [found]
    return [found, *_runs(state), *_history(state, name)]


def _folder(folder: Path, place: str) -> Finding:
    found = space("state", folder, place, _ELSEWHERE)
    if found.level is Level.WRONG:
        return found
    if not _locks(folder):
        return Finding("state", f"{found.what}; files cannot be locked there", Level.WRONG, _ELSEWHERE)
    if file_system(folder) in _OVER_A_NETWORK:
        what = f"{found.what}; a network makes files and locks slow, and only one machine may use the folder"
        return Finding("state", what, Level.NOTE, _ELSEWHERE)
    return found


def _locks(folder: Path) -> bool:
    """Whether a file there can be locked."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _runs(state: Path) -> list[Finding]:
    try:
        runs = all_run_dirs(state)
    except OSError as error:
        return [Finding("runs", f"cannot be read: {error.strerror}", Level.WRONG, "make the folder readable")]
    last = f", the last one is {runs[-1].name}" if runs else ""
    return [Finding("runs", f"{count(len(runs), 'run')} kept{last}")]


def _history(state: Path, name: str) -> list[Finding]:
    """What was found of durations of earlier runs. Only looked at: a run sets a damaged file aside, this does not."""
    path = history_path(state)
    if not os.path.lexists(path):
        return [Finding("history", "none yet; the first run uses the weights of the suite")]
    try:
        units = sum(len(rows) for rows in read_json(path)["platforms"].values())
    except OSError as error:
        return [
            Finding("history", f"cannot be read: {error.strerror}", Level.WRONG, f"make {name}/{path.name} readable")
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        what = f"{name}/{path.name} is damaged"
        return [Finding("history", what, Level.NOTE, "nothing: the next run sets it aside and begins a new one")]
    return [Finding("history", f"durations of {count(units, 'unit')}")]
