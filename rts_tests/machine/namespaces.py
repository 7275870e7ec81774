"""Namespaces of Linux for this process and all that it starts: mounts and a network of its own; see namespaces(7).

A process that may administrate the system (CAP_SYS_ADMIN) makes them directly. Any other one makes a user namespace
first (user_namespaces(7)), in which its user and group have the numbers that they have outside; so files that it makes
are its user's own. Some systems forbid that: by sysctl, by AppArmor, by the seccomp filter of a container. Whoever asks
is told why. All of it ends with the last process; nothing has to be undone.
"""

import ctypes
import errno
import fcntl
import os
import socket
import struct
import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache

_CLONE_NEWNS, _CLONE_NEWUSER, _CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
_MS_BIND, _MS_REC, _MS_PRIVATE, _MNT_DETACH = 4096, 16384, 1 << 18, 2
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
_FORBIDDEN = (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EINVAL, errno.ENOSPC, errno.EUSERS)
"""How the kernel refuses a namespace, or what is done in one."""
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Unavailable(Exception):
    """This machine, or this user, has no such namespaces; the message is why, in half a sentence."""


def enter(*, network: bool) -> None:
    """Get mounts of our own, and with `network` a network that has only a loopback.

    This process must have one thread. Raises `Unavailable`; the process may be in a namespace then, and should end.
    """
    if _libc is None:
        raise Unavailable("only Linux has namespaces")
    wanted = _CLONE_NEWNS | (_CLONE_NEWNET if network else 0)
    user, group = os.geteuid(), os.getegid()
    try:
        if user != 0 or not _try_unshare(wanted):
            _unshare(wanted | _CLONE_NEWUSER)
            _write("/proc/self/setgroups", "deny")
            _write("/proc/self/uid_map", f"{user} {user} 1")
            _write("/proc/self/gid_map", f"{group} {group} 1")
        _mount(None, "/", _MS_REC | _MS_PRIVATE)  # what is mounted here stays here
        if network:
            _raise_loopback()
    except OSError as error:
        if error.errno not in _FORBIDDEN:
            raise
        what = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
        raise Unavailable(f"namespaces are not allowed here: {what}") from None


def _try_unshare(flags: int) -> bool:
    try:
        _unshare(flags)
    except PermissionError:
        return False
    return True


def _unshare(flags: int) -> None:
    assert _libc is not None
    if _libc.unshare(flags) != 0:
        raise _error("unshare")


def _mount(source: str | None, target: str, flags: int) -> None:
    """mount(2). Raises `OSError` with the target as its `filename`."""
    assert _libc is not None
    from_ = None if source is None else os.fsencode(source)
    if _libc.mount(from_, os.fsencode(target), None, ctypes.c_ulong(flags), None) != 0:
        raise _error(target)


def _error(filename: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number), filename)


def _write(path: str, text: str) -> None:
    """In one call, as the kernel wants it. Raises `OSError`."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    except OSError as error:
        error.filename = path
        raise
    finally:
        os.close(descriptor)


def _raise_loopback() -> None:
    """Bring up the interface `lo`; see netdevice(7)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        name = b"lo".ljust(16, b"\0")
        (flags,) = struct.unpack_from("h", fcntl.ioctl(control, _SIOCGIFFLAGS, name + bytes(24)), 16)
        fcntl.ioctl(control, _SIOCSIFFLAGS, name + struct.pack("h", flags | _IFF_UP) + bytes(22))


@lru_cache(maxsize=1)
def why_not() -> str | None:
    """Why this process cannot get namespaces with a network; None if it can. A child tries it, once."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            enter(network=True)
        except (Unavailable, OSError) as error:
            os.write(writer, str(error).encode(errors="replace")[:1000])
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as file:
        message = file.read().decode(errors="replace")
    os.waitpid(pid, 0)
    return message or None


# -- mounts -----------------------------------------------------------------------------------------------------------


def hide(folder: str, by: str, visible: Iterable[str]) -> None:
    """Mount the folder `by` in the place of `folder`; of what was below it, only the paths in `visible` stay.

    They are absolute; those that do not exist, or are elsewhere, mean nothing. Mount points for them are made in `by`.
    Only after `enter`. Raises `OSError`; `NotADirectoryError` if a visible path is `folder` itself.
    """
    folder = os.path.realpath(folder)
    held: list[tuple[str, int]] = []
    try:
        for path in _outermost(folder, visible):
            try:
                held.append((path, os.open(path, os.O_PATH | os.O_CLOEXEC)))
            except OSError:
                continue  # nobody can see it
        _mount(by, folder, _MS_BIND | _MS_REC)
        for path, descriptor in held:
            source = f"/proc/self/fd/{descriptor}"
            if os.path.isdir(source):
                os.makedirs(path, exist_ok=True)
            else:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
            _mount(source, path, _MS_BIND | _MS_REC)
    finally:
        for _, descriptor in held:
            os.close(descriptor)


def _outermost(folder: str, paths: Iterable[str]) -> Sequence[str]:
    """Those of the paths that are below `folder` and not below another one, also by their real names."""
    names = {name for path in paths for name in (os.path.normpath(path), os.path.realpath(path))}
    if folder in names:
        raise NotADirectoryError(errno.ENOTDIR, "it is the folder of the suite itself", folder)
    kept: list[str] = []
    for name in sorted(names):
        if name.startswith(f"{folder}/") and not any(name.startswith(f"{outer}/") for outer in kept):
            kept.append(name)
    return kept


def show(folder: str) -> None:
    """Take away what `hide` has mounted in the place of a folder. Raises `OSError`."""
    assert _libc is not None
    folder = os.path.realpath(folder)
    if _libc.umount2(os.fsencode(folder), _MNT_DETACH) != 0:
        raise _error(folder)
