"""The files of a project, as far as they can be the project's own."""

import os
from collections.abc import Iterator
from pathlib import Path

MAX_DEPTH = 8
MAX_FILES = 100_000
_NOT_ITS_OWN = ("node_modules", "site-packages", "venv", "vendor", "__pycache__")


def files_below(root: Path, *, built: bool = False) -> Iterator[str]:
    """The paths of files relative to `root`, those of a folder before those of the folders in it, each sorted.

    Left out are hidden folders, environments of Python, what package managers fetch, and folders of Longpole's; and
    other folders in which things are built, unless `built`. Links are not followed.
    """
    left = MAX_FILES
    for folder, folders, files in os.walk(root):
        below = os.path.relpath(folder, root)
        depth = 0 if below == "." else below.count("/") + 1
        folders[:] = sorted(name for name in folders if depth < MAX_DEPTH and _is_its_own(folder, name, built=built))
        for name in sorted(files):
            yield name if depth == 0 else f"{below}/{name}"
        left -= len(files)
        if left < 0:
            return


def _is_its_own(folder: str, name: str, *, built: bool) -> bool:
    if name.startswith((".", "target-")) or name in _NOT_ITS_OWN or os.path.lexists(f"{folder}/{name}/pyvenv.cfg"):
        return False
    return built or name not in ("build", "dist", "target")
