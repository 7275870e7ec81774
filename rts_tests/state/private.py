"""A run's private folders, outside the state directory: one for the units' TMPDIRs, one for the pipes.

Before they are made, their names are written to the run's own folder. So, however a run ends, the next run knows what
to remove: the folders of runs that have ended, and nothing else. Pipes are in memory if possible: there a pipe for each
unit is cheap, while on a disk making and removing so many slows down file creation for some seconds afterwards.
"""

import os
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from longpole.rts_tests.contracts.errors import Problem
from longpole.rts_tests.contracts.files import write_atomic
from longpole.rts_tests.machine.short_folders import REGISTRY, remove_short_folders
from longpole.rts_tests.machine.trees import remove_tree
from longpole.rts_tests.machine.work_trees import work_tree_around

PREFIX = "longpole-"
NOTE = "private"
"""The file in the run's folder that names the private folders, with NULs between them."""
_IN_MEMORY = Path("/dev/shm")  # noqa: S108  folders in it get random names and are closed to others


def make_private(run: Path, fill: Callable[[Path], None]) -> tuple[Path, Path]:
    """Make and return the folders of a run for TMPDIRs and for pipes, readable by its user only; raises `OSError`.

    `fill` makes the pipes. If there is no room in memory, they are made below the other folder.
    """
    folder = _temporary() / f"{PREFIX}{run.name}"
    in_memory = _IN_MEMORY / f"{PREFIX}{run.name}"
    write_atomic(run / NOTE, b"\0".join(map(os.fsencode, (folder, in_memory))))
    folder.mkdir(mode=0o700)
    if os.access(_IN_MEMORY, os.W_OK | os.X_OK):
        try:
            in_memory.mkdir(mode=0o700)
            fill(in_memory)
        except OSError:
            remove_tree(in_memory)
        else:
            return folder, in_memory
    on_disk = folder / "pipes"
    on_disk.mkdir(mode=0o700)
    fill(on_disk)
    return folder, on_disk


def _temporary() -> Path:
    """The folder for temporary files, or another one if that is in a git work tree and the other is not.

    A unit that uses git in its TMPDIR would find that work tree, and change it.
    """
    chosen = tempfile.gettempdir()
    for folder in (chosen, "/tmp", "/var/tmp"):  # noqa: S108  what is made there has a random name and is closed
        if work_tree_around(folder) is None and os.access(folder, os.W_OK | os.X_OK):
            return Path(folder)
    return Path(chosen)


def remove_private(run: Path) -> None:
    """Remove a run's private folders; print a message on standard error if something cannot be removed."""
    problem = _remove(run)
    if problem is not None:
        what = f"cannot be removed: {problem.strerror}"
        message = Problem(str(problem.filename), None, None, what, "the next run tries again")
        print(f"longpole: {message}", file=sys.stderr)


def removal_of(run: Path) -> tuple[str, ...]:
    """The command that removes the private folders of a run that was killed with its guard."""
    return (sys.executable, "-EPm", __name__, os.path.abspath(run))


def _remove(run: Path) -> OSError | None:
    """Remove a run's private folders if they are folders of this user with the run's name; return why one is left."""
    problem = None
    try:
        for name in (run / NOTE).read_bytes().split(b"\0"):
            path = os.fsdecode(name)
            if os.path.isabs(path) and os.path.basename(path) == f"{PREFIX}{run.name}" and _is_ours(path):
                problem = remove_short_folders(os.path.join(path, REGISTRY)) or problem
                problem = remove_tree(path) or problem
        if problem is None:
            (run / NOTE).unlink()
    except FileNotFoundError:
        return None
    except OSError as error:
        return error
    return problem


def _is_ours(path: str) -> bool:
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return False  # it was never made, or has been removed
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()


def remove_private_of_ended(run: Path) -> None:
    """Remove the private folders of a run that has ended; the run itself has reported what cannot be removed."""
    _remove(run)


if __name__ == "__main__":
    remove_private_of_ended(Path(sys.argv[1]))
