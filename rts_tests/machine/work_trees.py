"""Where git finds a repository from a folder, by what is in the folder and in those above it."""

import os


def work_tree_around(folder: str) -> str | None:
    """The innermost folder, from `folder` upwards, that has a `.git` or is a bare repository; None if none is."""
    path = os.path.realpath(folder)
    while True:
        if os.path.lexists(f"{path}/.git"):
            return path
        if os.path.lexists(f"{path}/HEAD") and os.path.isdir(f"{path}/objects") and os.path.isdir(f"{path}/refs"):
            return path
        above = os.path.dirname(path)
        if above == path:
            return None
        path = above
