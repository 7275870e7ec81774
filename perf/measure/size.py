"""The size of what a program has written."""

import os
import stat


def size_of(path: str) -> int:
    """The bytes of a file, or of all regular files below a folder; links are not followed below it.

    Raises `OSError` if there is neither.
    """
    status = os.stat(path)
    if not stat.S_ISDIR(status.st_mode):
        return status.st_size
    total, folders = 0, [path]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    total += entry.stat(follow_symlinks=False).st_size
    return total
