"""Where projects are measured: a folder in memory, and one on a disk."""

import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from longpole.rts_tests.machine.file_systems import file_system

_IN_MEMORY = Path("/dev/shm")  # noqa: S108  what is made in it has a name by chance and is closed to others
_ON_DISK = (Path("/var/tmp"), Path.home())  # noqa: S108  as above
_ROOM = 2 << 30
_KEPT_IN_MEMORY = ("tmpfs", "ramfs", "devtmpfs")


def memory() -> Path:
    """In memory, so that figures do not depend on what a disk did in the minutes before; else the folder for TMPDIR."""
    return _IN_MEMORY if _has_room(_IN_MEMORY) else Path(tempfile.gettempdir())


def disk(candidates: Iterable[Path] | None = None) -> Path | None:
    """The first folder with room on a disk: TMPDIR's, /var/tmp or the home folder; None when there is none."""
    folders = (Path(tempfile.gettempdir()), *_ON_DISK) if candidates is None else candidates
    return next((folder for folder in folders if _has_room(folder) and not in_memory(file_system(folder))), None)


def _has_room(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free >= _ROOM and os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        return False


def in_memory(kind: str) -> bool:
    """Whether a file system of this kind has no disk below it."""
    return kind in _KEPT_IN_MEMORY
