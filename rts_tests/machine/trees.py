"""Remove and move trees of folders that units have made, whatever they look like.

A tree may be a million folders deep, may be closed to its owner (`chmod 0`), may change meanwhile, and may contain
links to anywhere. So nothing here recurses, no path becomes longer than the caller's, and no link is followed: each
name is resolved in a folder that is open (`dir_fd`), and a folder is opened with O_NOFOLLOW.

To remove a deep tree with two open folders, a folder's subfolders are first renamed into the top folder of the tree,
where they wait for their turn; then the folder is empty and can be removed. So each folder is renamed once. The rename
also fails for a mount point, whose content is thus never touched.
"""

import errno
import os
import shutil
import stat
from collections.abc import Callable
from typing import TypeVar

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_HANDLE = getattr(os, "O_PATH", 0) | os.O_NOFOLLOW | os.O_CLOEXEC
NOT_A_FOLDER = (errno.ENOTDIR, errno.ELOOP)
"""How it fails, by platform, to open a link or a file as a folder that is no link."""
_CLOSED = (errno.EACCES, errno.EPERM)
_OPEN = stat.S_IRWXU
_MAX_LISTINGS = 100
"""How often a folder is listed again because it is not empty yet: another process may go on filling it."""
_T = TypeVar("_T")


def remove_tree(path: str | os.PathLike[str], *, within: int | None = None) -> OSError | None:
    """Remove a file, a link or a folder with all that is below it; return why something is left, None if nothing is.

    The error is the first of possibly many, and its `filename` is the path of what could not be removed. `path` may be
    relative to the open folder `within`. Never raises `OSError`.
    """
    folder, name = os.path.split(os.path.normpath(os.fspath(path)))
    try:
        parent = os.open(folder or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=within)
    except FileNotFoundError:
        return None
    except OSError as error:
        return error
    try:
        return _remove(name, parent, os.fspath(path))
    finally:
        os.close(parent)


def _remove(name: str, parent: int, path: str) -> OSError | None:
    try:
        top = _opened(name, parent)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in NOT_A_FOLDER:
            return _first(path, lambda: os.unlink(name, dir_fd=parent))
        return _named(error, path)
    try:
        if os.fstat(top).st_dev != os.fstat(parent).st_dev:
            return OSError(errno.EBUSY, "it is another file system", path)
        removal = _Removal(top, path)
        removal.empty()
    except OSError as error:  # it was closed again, or is on a disk that fails
        return _named(error, path)
    finally:
        os.close(top)
    return removal.problem or _first(path, lambda: os.rmdir(name, dir_fd=parent))


class _Removal:
    """Empties one open folder, the top of a tree; `problem` is the first thing that could not be removed."""

    def __init__(self, top: int, path: str) -> None:
        self.problem: OSError | None = None
        self._top = top
        self._path = path
        self._prefix = f".{os.urandom(8).hex()}-"  # not the name of anything in the tree
        self._number = 0
        self._waiting: list[str] = []
        """The names of folders that have been moved to the top folder and are not empty yet."""

    def empty(self) -> None:
        """Remove what the top folder contains. Raises `OSError` if it cannot be listed."""
        self._empty(self._top, self._path)
        while self._waiting:
            name = self._waiting.pop()
            path = f"{self._path}/{name}"
            try:
                folder = _opened(name, self._top)
            except OSError as error:
                self._left(error, path)
                continue
            try:
                self._empty(folder, path)
                os.rmdir(name, dir_fd=self._top)
            except OSError as error:
                self._left(error, path)
            finally:
                os.close(folder)

    def _empty(self, folder: int, path: str) -> None:
        """Remove the files of an open folder, and move its folders to the top. Raises `OSError`.

        Some file systems leave entries out of a listing while others are removed. So a folder is listed until a listing
        has nothing that can be removed.
        """
        for _ in range(_MAX_LISTINGS):
            removed = False
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith(self._prefix):
                        continue  # it waits here
                    try:
                        self._take(folder, entry)
                        removed = True
                    except OSError as error:
                        self._left(error, f"{path}/{entry.name}")
            if not removed:
                return

    def _take(self, folder: int, entry: "os.DirEntry[str]") -> None:
        if not entry.is_dir(follow_symlinks=False):
            os.unlink(entry.name, dir_fd=folder)
            return
        self._number += 1
        name = f"{self._prefix}{self._number}"

        def rename() -> None:
            os.rename(entry.name, name, src_dir_fd=folder, dst_dir_fd=self._top)

        try:
            _unlocking(entry.name, folder, rename)
        except OSError as error:
            try:
                os.rmdir(entry.name, dir_fd=folder)  # one of another user can still be removed if it is empty
            except OSError:
                raise error from None
        else:
            self._waiting.append(name)

    def _left(self, error: OSError, path: str) -> None:
        if self.problem is None and error.errno != errno.ENOENT:  # else another process has removed it
            self.problem = _named(error, path)


def _opened(name: str, parent: int) -> int:
    """Open a folder for listing and changing, also one that is closed to its owner. Raises `OSError`."""
    folder = _unlocking(name, parent, lambda: os.open(name, _FOLDER, dir_fd=parent))
    try:
        mode = os.fstat(folder).st_mode
        if mode & _OPEN != _OPEN:
            os.fchmod(folder, _OPEN)
    except OSError:
        pass  # it is another user's; we may be allowed to change it nevertheless
    return folder


def _unlocking(name: str, parent: int, act: Callable[[], _T]) -> _T:
    """Call `act`; if the folder `name` does not permit it, give its owner access and repeat. Raises `OSError`."""
    try:
        return act()
    except OSError as error:
        if error.errno not in _CLOSED:
            raise
        try:
            _give_access(name, parent)
        except OSError:
            raise error from None
        return act()


def _give_access(name: str, parent: int) -> None:
    """`chmod u+rwx` for a folder; never for what a link points to. Raises `OSError`.

    Linux has had no chmod that refuses links until 6.6; a descriptor that gives no access (O_PATH) serves instead.
    """
    if os.chmod in os.supports_follow_symlinks:
        os.chmod(name, _OPEN, dir_fd=parent, follow_symlinks=False)
        return
    handle = os.open(name, _HANDLE, dir_fd=parent)
    try:
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        os.chmod(f"/proc/self/fd/{handle}", _OPEN)
    finally:
        os.close(handle)


def _first(path: str, act: Callable[[], None]) -> OSError | None:
    """Call `act`; return its error, with `path`, but None if there is nothing to remove any more."""
    try:
        act()
    except FileNotFoundError:
        return None
    except OSError as error:
        return _named(error, path)
    return None


def _named(error: OSError, path: str) -> OSError:
    return OSError(error.errno, error.strerror, path)


def move_tree(source: str, target: str) -> None:
    """Move a folder, also to another file system; `target` must not exist. Raises `OSError`; then no `target` is left.

    On another file system it is copied. Files, links and folders are, but not pipes and sockets, which have no content;
    a tree with paths that are too long for the system raises `OSError`. The source may be left, in part or as a whole.
    """
    folder, name = os.path.split(source)
    parent = os.open(folder or ".", _FOLDER & ~os.O_NOFOLLOW)
    try:
        _unlocking(name, parent, lambda: os.rename(source, target))
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    else:
        return
    finally:
        os.close(parent)
    try:
        _copy(source, target)
    except OSError:
        remove_tree(target)
        raise
    remove_tree(source)


def _copy(source: str, target: str) -> None:
    """Copy a tree; folders get the permissions that they had, but stay open to their owner. Raises `OSError`."""
    os.mkdir(target, 0o700)
    folders = [""]
    while folders:
        inside = folders.pop()
        with os.scandir(source + inside) as entries:
            for entry in entries:
                to = f"{target}{inside}/{entry.name}"
                if entry.is_symlink():
                    os.symlink(os.readlink(entry.path), to)
                elif entry.is_dir():
                    os.mkdir(to, stat.S_IMODE(entry.stat().st_mode) | _OPEN)
                    folders.append(f"{inside}/{entry.name}")
                elif entry.is_file():
                    shutil.copy2(entry.path, to, follow_symlinks=False)
