"""Finds the files that a unit left in its TMPDIR. No link is followed, and nothing but a regular file is opened.

The unit wrote these folders, so a name in them may be anything: a link to a file of the user, a device, a pipe. Each
folder is opened relative to the one above it, without following a link; so nothing outside of TMPDIR is reached.
"""

import os
import stat
from collections.abc import Iterator
from fnmatch import fnmatchcase

MAX_NAMES = 200_000
"""Names that are looked at for one unit."""
MAX_DEPTH = 100

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_ANY = "**"


class Folder:
    """A unit's TMPDIR. Raises `OSError` if it is gone, or no folder any more; `close` must follow."""

    def __init__(self, path: str) -> None:
        self._root = os.open(path, _FOLDER)
        self._looked_at = 0

    def close(self) -> None:
        """Close the folder."""
        os.close(self._root)

    def matches(self, pattern: str) -> list[str]:
        """Return the paths that match a glob, relative to the folder, sorted; `**` is any number of folders.

        As in a shell, only a dot matches one at the beginning of a name. Raises `OverflowError` for too many names.
        """
        parts = [part for part in pattern.split("/") if part not in ("", ".")]
        if ".." in parts:
            return []
        if parts[-1:] == [_ANY]:
            parts.append("*")
        return sorted(set(self._below(self._root, parts, ""))) if parts else []

    def _below(self, folder: int, parts: list[str], path: str) -> Iterator[str]:
        """The paths in an open folder that match; `path` is that of the folder, with a slash at its end."""
        first, rest = parts[0], parts[1:]
        if first == _ANY:
            yield from self._below(folder, rest, path)
            for name in self._names(folder):
                if not name.startswith("."):
                    yield from self._within(folder, name, parts, path)
            return
        glob = _is_glob(first)
        names = [name for name in self._names(folder) if _matches(name, first)] if glob else [first]
        for name in names:
            if rest:
                yield from self._within(folder, name, rest, path)
            elif _kind(name, folder) not in ((None, stat.S_IFDIR) if glob else (None,)):
                yield path + name

    def _within(self, folder: int, name: str, parts: list[str], path: str) -> Iterator[str]:
        """The paths in the folder `name` of an open folder that match; none if it is no folder, or too deep."""
        if path.count("/") >= MAX_DEPTH:
            return
        try:
            below = os.open(name, _FOLDER, dir_fd=folder)
        except OSError:
            return
        try:
            yield from self._below(below, parts, f"{path}{name}/")
        finally:
            os.close(below)

    def _names(self, folder: int) -> list[str]:
        try:
            names = os.listdir(folder)
        except OSError:
            return []
        self._looked_at += len(names)
        if self._looked_at > MAX_NAMES:
            raise OverflowError
        return names

    def open(self, path: str) -> int:
        """Return a descriptor of the regular file `path`, which `matches` returned.

        Raises `OSError`; its `strerror` says if it is no regular file.
        """
        *folders, name = path.split("/")
        folder = os.dup(self._root)
        try:
            for each in folders:
                below = os.open(each, _FOLDER, dir_fd=folder)
                os.close(folder)
                folder = below
            kind = _kind(name, folder)
            if kind == stat.S_IFLNK:
                raise OSError(0, "it is a link, and links are not followed")
            if kind != stat.S_IFREG:
                raise OSError(0, "it is not a regular file")
            file = os.open(name, _FILE, dir_fd=folder)
        finally:
            os.close(folder)
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            raise OSError(0, "it is not a regular file")
        return file


def _kind(name: str, folder: int) -> int | None:
    """What a name is, as in `stat`; None if there is none."""
    try:
        return stat.S_IFMT(os.lstat(name, dir_fd=folder).st_mode)
    except (OSError, ValueError):
        return None


def _is_glob(text: str) -> bool:
    return any(character in text for character in "*?[")


def _matches(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern) and (not name.startswith(".") or pattern.startswith("."))
