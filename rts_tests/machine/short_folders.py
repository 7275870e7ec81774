"""Folders with paths short enough for the names of Unix sockets in them, which have room for about 100 bytes.

Each is registered in another folder before it is made, so that whoever removes that one can remove these, too.
"""

import os
import stat

from longpole.rts_tests.machine.trees import remove_tree

REGISTRY = "short"
"""The name of the registry in the folder of a run for TMPDIRs."""
_WHERE = "/tmp"  # noqa: S108  the names are random, and the folders closed to others
_PREFIX = "lp-"


def make_short_folder(registry: str) -> str:
    """Make an empty folder for this user alone, registered in the folder `registry`; return its path.

    Raises `OSError`.
    """
    os.makedirs(registry, mode=0o700, exist_ok=True)
    while True:
        name = os.urandom(4).hex()
        path = f"{_WHERE}/{_PREFIX}{name}"
        try:
            os.close(os.open(f"{registry}/{name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            os.mkdir(path, 0o700)
        except FileExistsError:
            continue  # by whomever; a registered folder of another user is not removed
        return path


def remove_short_folder(path: str, registry: str) -> OSError | None:
    """Remove the folder and its registration; return why something is left, None if nothing is."""
    problem = remove_tree(path)
    if problem is None:
        try:
            os.unlink(f"{registry}/{os.path.basename(path).removeprefix(_PREFIX)}")
        except OSError:
            pass  # the registry goes with what it is in
    return problem


def remove_short_folders(registry: str) -> OSError | None:
    """Remove all folders that are registered and belong to this user; return why one is left, None if none is."""
    problem = None
    try:
        names = os.listdir(registry)
    except OSError:
        return None
    for name in names:
        path = f"{_WHERE}/{_PREFIX}{name}"
        if _is_ours(path):
            problem = remove_short_folder(path, registry) or problem
    return problem


def _is_ours(path: str) -> bool:
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
