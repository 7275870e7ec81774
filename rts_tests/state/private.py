"""A run's private folders, outside the state directory: one for the units' TMPDIRs, one for the pipes.

They are written down in the run's own folder before they are made, so that whatever ends a run, the next one knows what
to remove: the folders of runs that are over, and nothing else. Pipes are kept in memory where there is a place: a pipe
for every unit, made and removed, is cheap there, and on a disk makes whatever is made in the seconds after it dear.
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
_IN_MEMORY = Path("/dev/shm")  # noqa: S108  the folders made in it are named by chance and closed to others


def make_private(run: Path) -> tuple[Path, Path]:
    """Make the folders of a run for TMPDIRs and for pipes, readable by its user alone; raises `OSError`."""
    folder = Path(tempfile.gettempdir()) / f"{PREFIX}{run.name}"
    pipes = folder / "pipes"
    if os.access(_IN_MEMORY, os.W_OK | os.X_OK):
        pipes = _IN_MEMORY / f"{PREFIX}{run.name}"
    write_atomic(run / _NOTE, b"\0".join(map(os.fsencode, (folder, pipes))))
    folder.mkdir(mode=0o700)
    pipes.mkdir(mode=0o700)
    return folder, pipes


def remove_private(run: Path) -> None:
    """Remove a run's private folders, as far as they are still that: folders of ours by the run's name."""
    note = run / _NOTE
    try:
        for name in note.read_bytes().split(b"\0"):
            _remove(Path(os.fsdecode(name)), run)
    except FileNotFoundError:
        return
    except OSError:
        return  # not yet: the next run tries again
    note.unlink(missing_ok=True)


def _remove(path: Path, run: Path) -> None:
    if path.name != f"{PREFIX}{run.name}" or not path.is_absolute():
        return
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return  # it was never made, or is gone already
    if stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid():
        _open_up(path)
        shutil.rmtree(path)


def _open_up(path: Path) -> None:
    """Let us into folders that a unit closed to everyone, itself included."""
    for folder, names, _ in os.walk(path):
        for name in names:
            child = os.path.join(folder, name)
            if not os.path.islink(child):
                os.chmod(child, 0o700)


def sweep(runs: list[Path]) -> None:
    """Remove the private folders that runs which are over have left."""
    for run in runs:
        if (run / _NOTE).exists() and not is_running(run):
            remove_private(run)
