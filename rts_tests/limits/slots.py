"""The folder that all runs of a user on this machine share: each run shows there what its units take and wait for.

    mutex        held while a run looks and decides
    run-NAME     what a run's units take, and which wait; its lock shows that the run is alive
    wake-NAME    a pipe into which other runs write when something has become free
    exclusive    held shared by each run whose units run, or exclusively for an exclusive unit
    gate         held for the exclusive unit that is next: meanwhile no other unit starts

The locks are the kernel's (flock): it releases them when the processes that hold them have ended, for whatever reason.
All files are opened before the supervisor is forked, so that its guard holds the locks, too: if the supervisor is
killed, what its units take becomes free when the guard has ended them, and not before. Units inherit no descriptor.
"""

import errno
import fcntl
import json
import os
import stat
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import parse_json
from longpole.rts_tests.limits.turns import NOTHING, Capacity, Need, Waiting

VERSION = 1
MAX_SHOWN = 64
"""Waiting units that a run shows to others, those that wait longest."""
STALE_S = 5.0
"""If a run has not looked for this time, because somebody stopped it, its waiting units are ignored."""

MAX_COUNT = 2**63
"""Slots, and bytes of memory, of a run are less."""
MAX_SECONDS = 1e12

_RUN, _WAKE = "run-", "wake-"
_FLAGS = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Shown:
    """What a run shows: when it last looked (monotonic clock), what its running units take, and its waiting units.

    The unit that waits longest is the first.
    """

    at: float
    taken: Need = NOTHING
    waiting: tuple[Waiting, ...] = ()

    def encode(self) -> bytes:
        """Return the file's content."""
        rows = [(unit.since, _row(unit.need), (unit.capacity.slots, unit.capacity.memory)) for unit in self.waiting]
        return json.dumps({"version": VERSION, "at": self.at, "taken": _row(self.taken), "waiting": rows}).encode()


def decode(data: bytes, now: float) -> Shown:
    """Return what a file of `Shown.encode` shows: nothing if it is not readable, no waiting units if it is stale.

    A value that no run writes makes the whole file unreadable. Raises `ValueError` then.
    """
    try:
        read = parse_json(data)
        if read["version"] != VERSION:
            return Shown(0.0)
    except (ValueError, KeyError, TypeError):
        return Shown(0.0)  # its run was killed while it wrote the file
    try:
        at = _moment(read["at"])
        rows = read["waiting"] if now - at < STALE_S else ()
        waiting = tuple(Waiting(_moment(since), _need(need), _capacity(capacity)) for since, need, capacity in rows)
        return Shown(at, _need(read["taken"]), waiting)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not what a run shows: {error}") from None


def _row(need: Need) -> tuple[object, ...]:
    return need.slots, need.memory, need.locks, need.exclusive


def _need(row: list[Any]) -> Need:
    slots, memory, locks, exclusive = row
    if not (_is_count(slots) and _is_count(memory) and isinstance(locks, list)):
        raise ValueError("not what a unit takes")
    return Need(slots, memory, tuple(map(str, locks)), exclusive is True)


def _capacity(row: list[Any]) -> Capacity:
    slots, memory = row
    if not all(value is None or _is_count(value) for value in row):
        raise ValueError("not a capacity")
    return Capacity(slots, memory)


def _is_count(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 <= value < MAX_COUNT


def _moment(value: object) -> float:
    """A moment on the monotonic clock, in seconds."""
    if not isinstance(value, int | float) or type(value) is bool or not 0 <= value < MAX_SECONDS:
        raise ValueError("not a moment")
    return float(value)


def folder_of(environ: Mapping[str, str]) -> Path:
    """Return `$LONGPOLE_SLOTS_DIR`, else `longpole` in the user's `$XDG_RUNTIME_DIR`, else `/tmp/longpole-UID`."""
    if folder := environ.get("LONGPOLE_SLOTS_DIR"):
        return Path(folder)
    runtime = environ.get("XDG_RUNTIME_DIR")
    if runtime:
        try:
            if os.stat(runtime).st_uid == os.getuid():  # else it belongs to the user who called sudo
                return Path(runtime) / "longpole"
        except OSError:
            pass
    return Path(tempfile.gettempdir()) / f"longpole-{os.getuid()}"


class Shared:
    """One run's part of the folder. `wake` is readable when another run has released something."""

    def __init__(self, folder: Path) -> None:
        """Make the folder if there is none, and this run's files in it; raises `UseError`."""
        self.folder = folder
        self.name = f"{os.getpid()}-{os.urandom(6).hex()}"
        self.odd: dict[str, str] = {}
        """Files of other runs that say what no run can, and why; such runs are ignored."""
        self._open: list[int] = []
        try:
            self._dir = self._keep(_open_folder(folder))
            self._mutex, self._gate, self._exclusive = (self._file(name) for name in ("mutex", "gate", "exclusive"))
            self._mine = self._own_file()
            os.mkfifo(_WAKE + self.name, 0o600, dir_fd=self._dir)
            self.wake = self._keep(os.open(_WAKE + self.name, os.O_RDWR | _FLAGS, dir_fd=self._dir))
        except OSError as error:
            self.close()
            remedy = "set LONGPOLE_SLOTS_DIR to a writable folder of your own"
            raise UseError.at(str(folder), _why(error), remedy) from None

    def _keep(self, descriptor: int) -> int:
        self._open.append(descriptor)
        return descriptor

    def _file(self, name: str) -> int:
        descriptor = self._keep(os.open(name, os.O_RDWR | os.O_CREAT | _FLAGS, 0o600, dir_fd=self._dir))
        os.utime(descriptor)  # cleaners of temporary folders leave young files alone
        return descriptor

    def _own_file(self) -> int:
        """Open and lock the file that shows this run, until it is one that no other run has removed as a dead run's."""
        while True:
            descriptor = self._file(_RUN + self.name)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_nlink:
                return descriptor

    def close(self) -> None:
        """Release all locks and remove this run's files."""
        if self._open:
            self._remove(self.name)
        while self._open:
            os.close(self._open.pop())

    def _remove(self, name: str) -> None:
        for prefix in (_RUN, _WAKE):
            try:
                os.unlink(prefix + name, dir_fd=self._dir)
            except OSError:
                pass  # another run has done it

    # -- looking and deciding ---------------------------------------------------------------------------------------

    def enter(self) -> bool:
        """Return whether this run may look and decide now; if so, `leave` must follow."""
        return _lock(self._mutex, fcntl.LOCK_EX)

    def leave(self) -> None:
        """Let other runs look and decide."""
        fcntl.flock(self._mutex, fcntl.LOCK_UN)

    def others(self, now: float) -> dict[str, Shown]:
        """Return what the other runs show, by name, and remove the files of dead runs. Raises `OSError`."""
        runs = {}
        for file in os.listdir(self._dir):
            name = file.removeprefix(_RUN)
            if name in (file, self.name):
                continue
            try:
                descriptor = os.open(file, os.O_RDONLY | _FLAGS, dir_fd=self._dir)
            except OSError:
                continue  # it has ended meanwhile
            try:
                if _lock(descriptor, fcntl.LOCK_SH):
                    self._remove(name)
                elif stat.S_ISREG(os.fstat(descriptor).st_mode):
                    runs[name] = decode(os.read(descriptor, _MAX_BYTES), now)
                else:
                    raise ValueError("not a regular file")
            except ValueError as error:
                self.odd.setdefault(file, str(error))
            finally:
                os.close(descriptor)
        return runs

    def show(self, shown: Shown) -> None:
        """Write what other runs see of this one; raises `OSError`, for example if the disk is full."""
        data = shown.encode()
        os.ftruncate(self._mine, 0)
        if os.pwrite(self._mine, data, 0) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def wake_up(self, names: Iterable[str]) -> None:
        """Wake other runs, by name: something has become free."""
        for name in names:
            try:
                pipe = os.open(_WAKE + name, os.O_WRONLY | _FLAGS, dir_fd=self._dir)
            except OSError:
                continue  # it has ended meanwhile
            try:
                os.write(pipe, b".")
            except OSError:
                pass  # its pipe is full, so it will wake up
            finally:
                os.close(pipe)

    def clear_wake(self) -> None:
        """Empty the pipe `wake`."""
        try:
            os.read(self.wake, 65536)
        except BlockingIOError:
            pass

    # -- exclusive units --------------------------------------------------------------------------------------------

    def gate_is_open(self) -> bool:
        """Return whether no exclusive unit is next; the run that closed the gate must not call this."""
        if not _lock(self._gate, fcntl.LOCK_SH):
            return False
        fcntl.flock(self._gate, fcntl.LOCK_UN)
        return True

    def close_gate(self) -> bool:
        """Keep units of other runs from starting; return whether that was possible."""
        return _lock(self._gate, fcntl.LOCK_EX)

    def open_gate(self) -> None:
        """Let units of other runs start again."""
        fcntl.flock(self._gate, fcntl.LOCK_UN)

    def run_beside(self) -> bool:
        """Claim the machine together with other runs; return whether that was possible: no exclusive unit runs."""
        return _lock(self._exclusive, fcntl.LOCK_SH)

    def run_alone(self) -> bool:
        """Claim the machine for one unit; return whether that was possible: no other run's unit runs.

        Must not be called while units of this run run.
        """
        return _lock(self._exclusive, fcntl.LOCK_EX)

    def run_nothing(self) -> None:
        """Give up the claim."""
        fcntl.flock(self._exclusive, fcntl.LOCK_UN)


def _lock(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open_folder(folder: Path) -> int:
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        pass
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    status = os.fstat(descriptor)
    foreign = status.st_uid != os.getuid()
    if foreign or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        os.close(descriptor)
        raise PermissionError(errno.EPERM, "belongs to another user" if foreign else "can be written by other users")
    return descriptor


def _why(error: OSError) -> str:
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return "cannot share slots, memory and locks here: not a folder"
    return f"cannot share slots, memory and locks in this folder: {error.strerror}"
