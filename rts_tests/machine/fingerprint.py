"""What folders contain, as far as it can be told quickly: to see afterwards whether something has changed in them.

Of each entry: its kind and mode, its size, its modification time, the target of a link, and a hash of what a small file
contains. Links are not followed, but for those that the caller names. Files are opened without a wait and without a new
access time.
"""

import os
import stat
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

MAX_ENTRIES = 200_000
"""Further entries are not looked at; so many take some seconds."""
MAX_HASHED = 1 << 16
"""Bytes of a file up to which its content is looked at."""
MAX_HASHED_IN_ALL = 1 << 26

_OPEN = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW
_NO_NEW_ATIME = getattr(os, "O_NOATIME", 0)
_KINDS = {
    stat.S_IFDIR: "folder",
    stat.S_IFREG: "file",
    stat.S_IFLNK: "link",
    stat.S_IFIFO: "pipe",
    stat.S_IFSOCK: "socket",
}


class Entry(NamedTuple):
    """What is known of an entry. `content` is the target of a link, or a hash that is valid in this process only."""

    mode: int
    size: int
    mtime_ns: int
    content: str | int | None


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The entries by their paths, those that were named and all below them, and what could not be looked at.

    `complete` is false if there were too many entries: then nothing is known of those that are missing.
    """

    entries: Mapping[str, Entry]
    problems: tuple[str, ...] = ()
    complete: bool = True


class Change(NamedTuple):
    """A path, and what happened to it."""

    path: str
    what: str


def fingerprint(paths: Iterable[str], excluded: Collection[str] = (), max_entries: int = MAX_ENTRIES) -> Fingerprint:
    """Look at `paths`, absolute ones, and at all below them, but for `excluded`, absolute paths without links.

    A path that does not exist is no problem: then it has no entries.
    """
    look = _Look(excluded, max_entries)
    complete = all([look.at(path) for path in paths])
    return Fingerprint(look.entries, tuple(look.problems), complete)


class _Look:
    """One look at several folders."""

    def __init__(self, excluded: Collection[str], max_entries: int) -> None:
        self.entries: dict[str, Entry] = {}
        self.problems: list[str] = []
        self._excluded = frozenset(excluded)
        self._max_entries = max_entries
        self._may_read = MAX_HASHED_IN_ALL

    def at(self, path: str) -> bool:
        """Add a path, what it points to if it is a link, and all below that; return whether that was all."""
        real = os.path.realpath(path)
        for each in dict.fromkeys((path, real)):
            if each not in self.entries:
                self._add(each, partial(os.lstat, each))
        folders = [real] if os.path.isdir(real) and not self._is_excluded(real) else []
        while folders:
            if len(self.entries) >= self._max_entries:
                self.problems.append(f"{path}: more than {self._max_entries:,} entries; the rest is not looked at")
                return False
            self._add_folder(folders)
        return True

    def _is_excluded(self, path: str) -> bool:
        return any(path == folder or path.startswith(f"{folder}/") for folder in self._excluded)

    def _add_folder(self, folders: list[str]) -> None:
        """Take a folder, and add what it contains; its own folders join `folders` unless they were looked at before."""
        folder = folders.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    path = entry.path
                    if path in self._excluded or path in self.entries:
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(path)
                    self._add(path, partial(_status, entry))
        except FileNotFoundError:
            pass  # it has just been removed, which is a change
        except OSError as error:
            self.problems.append(f"{folder}: {error.strerror}")

    def _add(self, path: str, status_of: Callable[[], os.stat_result]) -> None:
        try:
            status = status_of()
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            self.problems.append(f"{path}: {error.strerror}")
            return
        content: str | int | None = None
        try:
            if stat.S_ISLNK(status.st_mode):
                content = os.readlink(path)
            elif stat.S_ISREG(status.st_mode) and 0 < status.st_size <= min(MAX_HASHED, self._may_read):
                self._may_read -= status.st_size
                content = hash(_read(path))
        except FileNotFoundError:
            pass
        except OSError as error:
            self.problems.append(f"{path}: its content cannot be read: {error.strerror}")
        self.entries[path] = Entry(status.st_mode, status.st_size, status.st_mtime_ns, content)


def _status(entry: os.DirEntry[str]) -> os.stat_result:
    return entry.stat(follow_symlinks=False)


def _read(path: str) -> bytes:
    try:
        descriptor = os.open(path, _OPEN | _NO_NEW_ATIME)
    except PermissionError:  # only the owner may leave the access time as it is
        descriptor = os.open(path, _OPEN)
    try:
        return os.read(descriptor, MAX_HASHED + 1)
    finally:
        os.close(descriptor)


# -- differences ------------------------------------------------------------------------------------------------------


def changes(before: Fingerprint, after: Fingerprint) -> list[Change]:
    """Return what changed, sorted by path.

    A folder is not named for what was made or removed in it, because that is named itself. What was made or removed is
    not known unless both looks were complete.
    """
    old, new = before.entries, after.entries
    found: list[Change] = []
    if before.complete and after.complete:
        found += [Change(path, f"was made, a {kind_of(new[path])}") for path in new.keys() - old.keys()]
        found += [Change(path, f"was removed, a {kind_of(old[path])}") for path in old.keys() - new.keys()]
    parents = {os.path.dirname(change.path) for change in found}
    for path in old.keys() & new.keys():
        if old[path] != new[path] and (what := _what(old[path], new[path], named=path in parents)):
            found.append(Change(path, what))
    return sorted(found)


def _what(old: Entry, new: Entry, *, named: bool) -> str:
    """What changed; empty for a folder if that is only what `named` changes in it explain."""
    if stat.S_IFMT(old.mode) != stat.S_IFMT(new.mode):
        return f"was a {kind_of(old)}, is a {kind_of(new)}"
    parts = []
    if stat.S_IMODE(old.mode) != stat.S_IMODE(new.mode):
        parts.append(f"mode {stat.S_IMODE(old.mode):04o} is now {stat.S_IMODE(new.mode):04o}")
    if stat.S_ISDIR(old.mode):
        if not parts and not named:
            parts.append("something was made or removed in it")
    elif stat.S_ISLNK(old.mode):
        parts += [f"points to {new.content}, not to {old.content}"] if old.content != new.content else []
    elif old.size != new.size:
        parts.append(f"{old.size:,} bytes are now {new.size:,}")
    elif old.content != new.content and None not in (old.content, new.content):
        parts.append("its content changed")
    if not parts and not stat.S_ISDIR(old.mode) and old.mtime_ns != new.mtime_ns:
        parts.append("was written again")
    return ", ".join(parts)


def kind_of(entry: Entry) -> str:
    """`file`, `folder`, `link` and so on."""
    return _KINDS.get(stat.S_IFMT(entry.mode), "device")
