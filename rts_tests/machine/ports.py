"""TCP ports for units: each gets ports of its own, which no other run of this machine gives to its units.

A port is reserved until its unit has ended, or the run, however it ends, because the kernel releases both reservations:
the lock (flock) on `ports/NUMBER` in the folder that all runs of a user share, and, on Linux, a socket with an abstract
name, which all users in the same network namespace see. Other programs know nothing of either. So a port is given only
if nobody has bound it, and comes from outside the range from which the kernel takes ports for programs that let it
choose.
"""

import errno
import fcntl
import os
import socket
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from longpole.rts_tests.contracts.errors import UseError

FIRST, LAST = 20_000, 32_767
"""The ports that are given if the kernel does not use them."""
ENOUGH = 1000
_LOWEST, _HIGHEST = 1024, 65_535
_USUAL_RANGE = (49_152, 65_535)
"""IANA's dynamic ports (RFC 6335), which systems other than Linux use."""
_RANGE_FILE = "/proc/sys/net/ipv4/ip_local_port_range"
_NOT_HERE = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT)


def kernels_range() -> tuple[int, int]:
    """The first and the last port that the kernel gives to programs that let it choose."""
    try:
        with open(_RANGE_FILE, "rb") as file:
            first, last = map(int, file.read().split())
    except (OSError, ValueError):
        return _USUAL_RANGE
    return first, last


def candidates(first: int, last: int) -> Sequence[int]:
    """The ports that may be given if the kernel uses those from `first` to `last`; at least `ENOUGH`."""
    usual = range(FIRST, LAST + 1)
    for ports in (usual, range(_LOWEST, _HIGHEST + 1)):
        outside = [port for port in ports if not first <= port <= last]
        if len(outside) >= ENOUGH:
            return outside
    return usual


@dataclass(frozen=True, slots=True)
class _Held:
    """A reserved port; `path` is locked through `descriptor`."""

    port: int
    path: Path
    descriptor: int
    everywhere: socket.socket | None

    def release(self) -> None:
        os.unlink(self.path)
        os.close(self.descriptor)
        if self.everywhere is not None:
            self.everywhere.close()


class Ports:
    """The ports of one run's units. Nothing is made before the first one is reserved."""

    def __init__(self, folder: Path, ports: Sequence[int] | None = None) -> None:
        """`folder` is shared by all runs of the user; `ports` are those that may be given."""
        self._folder = folder / "ports"
        self._ports = ports
        self._held: dict[str, dict[str, _Held]] = {}

    def reserve(self, unit: str, name: str) -> int:
        """The port `name` of a unit, the same until it is released, and mostly that of earlier runs.

        Raises `UseError` if none is free, or the folder cannot be used.
        """
        held = self._held.setdefault(unit, {})
        if name not in held:
            try:
                held[name] = self._reserve(f"{unit}:{name}")
            except OSError as error:
                what = f"ports cannot be reserved here: {error.strerror}"
                raise UseError.at(str(self._folder), what, "set LONGPOLE_SLOTS_DIR to a folder of your own") from None
        return held[name].port

    def release(self, unit: str) -> None:
        """Give up the ports of a unit, which has ended."""
        for held in self._held.pop(unit, {}).values():
            held.release()

    def close(self) -> None:
        """Give up all ports."""
        for unit in list(self._held):
            self.release(unit)

    def _reserve(self, key: str) -> _Held:
        if self._ports is None:
            self._ports = candidates(*kernels_range())
        os.makedirs(self._folder, 0o700, exist_ok=True)
        begin = zlib.crc32(key.encode()) % len(self._ports)
        for number in range(len(self._ports)):
            held = self._take(self._ports[(begin + number) % len(self._ports)])
            if held is not None:
                return held
        what = f"none of {len(self._ports)} ports is free, from {min(self._ports)} to {max(self._ports)}"
        raise UseError.at("{port:NAME}", what, "end what uses them, or run fewer units at a time")

    def _take(self, port: int) -> _Held | None:
        """The port, reserved; None if it is used or reserved."""
        path = self._folder / str(port)
        descriptor = _lock(path)
        if descriptor is None:
            return None
        held = _Held(port, path, descriptor, _machine_wide(port))
        if (held.everywhere is None and sys.platform == "linux") or not is_free(port):
            held.release()
            return None
        return held


def _lock(path: Path) -> int | None:
    """Open and lock the file; None if another process has. Raises `OSError`."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        if os.fstat(descriptor).st_nlink:
            return descriptor
        os.close(descriptor)  # it was released, and its file removed, since it was opened


def _machine_wide(port: int) -> socket.socket | None:
    """A socket that no other process has, under a name for the port; None if one has it, and not on Linux."""
    if sys.platform != "linux":
        return None
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        made.bind(f"\0longpole-port-{port}")
    except OSError:
        made.close()
        return None
    return made


def is_free(port: int) -> bool:
    """Whether nobody has bound the TCP port, on any address of this machine."""
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):  # noqa: S104  it never listens
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind((address, port))
        except OSError as error:
            if error.errno not in _NOT_HERE:
                return False
    return True
