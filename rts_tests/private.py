"""A run's private folder: pipes and the units' TMPDIRs, outside the state directory, where FIFOs can surely be made.

It is written down in the run's own folder before it is made, so that whatever ends a run, the next one knows what to
remove: the folders of runs that are over, and nothing else.
"""

import os
import shutil
import stat
import tempfile
from pathlib import Path

from rts_tests.files import write_atomic
from rts_tests.retention import is_running

PREFIX = "longpole-"
_NOTE = "private"


def make_private(run: Path) -> Path:
    """Make the private folder of a run, readable by its user alone, and return it; raises `OSError`."""
    path = Path(tempfile.gettempdir()) / f"{PREFIX}{run.name}"
    write_atomic(run / _NOTE, os.fsencode(path))
    path.mkdir(mode=0o700)
    return path


def remove_private(run: Path) -> None:
    """Remove a run's private folder, if it left one that is still that: a folder of ours by a run's name."""
    note = run / _NOTE
    try:
        path = Path(os.fsdecode(note.read_bytes()))
        if path.name != f"{PREFIX}{run.name}" or not path.is_absolute():
            return
        status = os.lstat(path)
        if stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid():
            _open_up(path)
            shutil.rmtree(path)
    except FileNotFoundError:
        pass  # it was never made, or is gone already
    except OSError:
        return  # not yet: the next run tries again
    note.unlink(missing_ok=True)


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
