"""A run's private folders, outside the state directory: one for the units' TMPDIRs, one for the pipes.

Before they are made, their names are written to the run's own folder. So, however a run ends, the next run knows what
to remove: the folders of runs that have ended, and nothing else. Pipes are in memory if possible: there a pipe for each
unit is cheap, while on a disk making and removing so many slows down file creation for some seconds afterwards.
"""

import os
import shutil
import stat
import tempfile
from pathlib import Path

from longpole.rts_tests.contracts.files import write_atomic
from longpole.rts_tests.state.retention import is_running

PREFIX = "longpole-"
_NOTE = "private"
_IN_MEMORY = Path("/dev/shm")  # noqa: S108  folders in it get random names and are closed to others


def make_private(run: Path) -> tuple[Path, Path]:
    """Make and return the folders of a run for TMPDIRs and for pipes, readable by its user only; raises `OSError`."""
    folder = Path(tempfile.gettempdir()) / f"{PREFIX}{run.name}"
    pipes = folder / "pipes"
    if os.access(_IN_MEMORY, os.W_OK | os.X_OK):
        pipes = _IN_MEMORY / f"{PREFIX}{run.name}"
    write_atomic(run / _NOTE, b"\0".join(map(os.fsencode, (folder, pipes))))
    folder.mkdir(mode=0o700)
    pipes.mkdir(mode=0o700)
    return folder, pipes


def remove_private(run: Path) -> None:
    """Remove a run's private folders if they still are folders of this user with the run's name."""
    note = run / _NOTE
    try:
        for name in note.read_bytes().split(b"\0"):
            _remove(Path(os.fsdecode(name)), run)
    except FileNotFoundError:
        return
    except OSError:
        return  # the next run tries again
    note.unlink(missing_ok=True)


def _remove(path: Path, run: Path) -> None:
    if path.name != f"{PREFIX}{run.name}" or not path.is_absolute():
        return
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return  # it was never made, or has been removed
    if stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid():
        _open_up(path)
        shutil.rmtree(path)


def _open_up(path: Path) -> None:
    """Give us access to folders below `path` that a unit has closed to everyone, itself included."""
    for folder, names, _ in os.walk(path):
        for name in names:
            child = os.path.join(folder, name)
            if not os.path.islink(child):
                os.chmod(child, 0o700)


def sweep(runs: list[Path]) -> None:
    """Remove the private folders of runs that have ended."""
    for run in runs:
        if (run / _NOTE).exists() and not is_running(run):
            remove_private(run)
