"""What all runs of a user on this machine share: one folder, in which each shows what its units take and wait for.

    mutex        held for the moment in which a run looks and decides
    run-NAME     what a run's units take, and which wait; its lock shows that the run is there
    wake-NAME    a pipe on which the others tell it that something has become free
    exclusive    held shared by each run while units of it run, and not shared by an exclusive unit
    gate         held for the exclusive unit that is next: meanwhile no other unit starts

The locks are the kernel's (flock): it releases them when the processes that hold them have ended, however they ended.
All files are opened before the supervisor is forked, so that its guard holds the locks, too: should the supervisor be
killed, what its units take is free when they have been ended, and not before. No unit inherits any of it.
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

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.limits.turns import NOTHING, Limits, Need, Waiting

VERSION = 1
SHOWN = 64
"""Waiting units that a run shows to others, those that wait longest."""
STALE_S = 5.0
"""Units of a run that has not looked for so long, because somebody stopped it, wait in nobody's way."""

_RUN, _WAKE = "run-", "wake-"
_FLAGS = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Shown:
    """What a run shows: when it last looked, what its running units take in all, and which wait, the longest first."""

    at: float
    taken: Need = NOTHING
    waiting: tuple[Waiting, ...] = ()

    def encode(self) -> bytes:
        """The file's text."""
        rows = [(each.since, _row(each.need), (each.limits.slots, each.limits.memory)) for each in self.waiting]
        return json.dumps({"version": VERSION, "at": self.at, "taken": _row(self.taken), "waiting": rows}).encode()


def decode(data: bytes, now: float) -> Shown:
    """The inverse of `Shown.encode`; nothing where it cannot be read, no waiting units where it is stale."""
    try:
        read = json.loads(data)
        at = float(read["at"])
        if read["version"] != VERSION:
            return Shown(0.0)
        rows = read["waiting"] if now - at < STALE_S else ()
        waiting = tuple(Waiting(float(since), _need(need), _limits(limits)) for since, need, limits in rows)
        return Shown(at, _need(read["taken"]), waiting)
    except (ValueError, KeyError, TypeError, RecursionError):
        return Shown(0.0)  # of another version, or its run was killed while it wrote


def _row(need: Need) -> tuple[object, ...]:
    return need.slots, need.memory, need.locks, need.exclusive


def _need(row: list[object]) -> Need:
    slots, memory, locks, exclusive = row
    if not (isinstance(slots, int) and isinstance(memory, int) and isinstance(locks, list)):
        raise ValueError("not what a unit takes")
    return Need(slots, memory, tuple(map(str, locks)), exclusive is True)


def _limits(row: list[object]) -> Limits:
    slots, memory = (each if isinstance(each, int) else None for each in row)
    return Limits(slots, memory)


def folder_of(environ: Mapping[str, str]) -> Path:
    """`$LONGPOLE_SLOTS_DIR`, else `longpole` in the user's `$XDG_RUNTIME_DIR`, else `/tmp/longpole-UID`."""
    if said := environ.get("LONGPOLE_SLOTS_DIR"):
        return Path(said)
    runtime = environ.get("XDG_RUNTIME_DIR")
    if runtime:
        try:
            if os.stat(runtime).st_uid == os.getuid():  # else it is that of the user who called sudo
                return Path(runtime) / "longpole"
        except OSError:
            pass
    return Path(tempfile.gettempdir()) / f"longpole-{os.getuid()}"


class Shared:
    """A run's end of the folder. `wake` is readable when others have told that something has become free."""

    def __init__(self, folder: Path) -> None:
        """Make the folder where there is none, and this run's files in it; raises `UseError`."""
        self.folder = folder
        self.name = f"{os.getpid()}-{os.urandom(6).hex()}"
        self._open: list[int] = []
        try:
            self._dir = self._keep(_open_folder(folder))
            self._mutex, self._gate, self._exclusive = (self._file(name) for name in ("mutex", "gate", "exclusive"))
            self._mine = self._own_file()
            os.mkfifo(_WAKE + self.name, 0o600, dir_fd=self._dir)
            self.wake = self._keep(os.open(_WAKE + self.name, os.O_RDWR | _FLAGS, dir_fd=self._dir))
        except OSError as error:
            self.close()
            remedy = "set LONGPOLE_SLOTS_DIR to a folder of your own that can be written"
            raise UseError.at(str(folder), _why(error), remedy) from None

    def _keep(self, descriptor: int) -> int:
        self._open.append(descriptor)
        return descriptor

    def _file(self, name: str) -> int:
        descriptor = self._keep(os.open(name, os.O_RDWR | os.O_CREAT | _FLAGS, 0o600, dir_fd=self._dir))
        os.utime(descriptor)  # those who clean folders of temporary files leave young ones alone
        return descriptor

    def _own_file(self) -> int:
        """The file that shows this run: locked, and still there, as another run may have taken it for a dead one's."""
        while True:
            descriptor = self._file(_RUN + self.name)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_nlink:
                return descriptor

    def close(self) -> None:
        """Give everything back and take this run's files away."""
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
        """Whether we may look and decide now; if so, `leave` must follow."""
        return _lock(self._mutex, fcntl.LOCK_EX)

    def leave(self) -> None:
        """Let others look and decide."""
        fcntl.flock(self._mutex, fcntl.LOCK_UN)

    def others(self, now: float) -> dict[str, Shown]:
        """What the other runs show, by name. What dead ones have left is removed. Raises `OSError`."""
        found = {}
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
                else:
                    found[name] = decode(os.read(descriptor, _LARGEST), now)
            finally:
                os.close(descriptor)
        return found

    def show(self, shown: Shown) -> None:
        """Let others see it; raises `OSError`, when the disk is full, say."""
        data = shown.encode()
        os.ftruncate(self._mine, 0)
        if os.pwrite(self._mine, data, 0) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def tell(self, names: Iterable[str]) -> None:
        """Wake other runs: something has become free."""
        for name in names:
            try:
                pipe = os.open(_WAKE + name, os.O_WRONLY | _FLAGS, dir_fd=self._dir)
            except OSError:
                continue  # it has ended meanwhile
            try:
                os.write(pipe, b".")
            except OSError:
                pass  # it has been told often enough
            finally:
                os.close(pipe)

    def hear(self) -> None:
        """Read what others told."""
        try:
            os.read(self.wake, 65536)
        except BlockingIOError:
            pass

    # -- exclusive units --------------------------------------------------------------------------------------------

    def gate_is_open(self) -> bool:
        """Whether no exclusive unit is next; not to be asked by the run that closed the gate."""
        if not _lock(self._gate, fcntl.LOCK_SH):
            return False
        fcntl.flock(self._gate, fcntl.LOCK_UN)
        return True

    def close_gate(self) -> bool:
        """Keep units of other runs from starting; whether that was possible."""
        return _lock(self._gate, fcntl.LOCK_EX)

    def open_gate(self) -> None:
        """Let others start again."""
        fcntl.flock(self._gate, fcntl.LOCK_UN)

    def run_beside(self) -> bool:
        """Claim the machine together with others; whether no exclusive unit runs."""
        return _lock(self._exclusive, fcntl.LOCK_SH)

    def run_alone(self) -> bool:
        """Claim the machine for one unit; whether nothing else runs. Not to be asked while units of ours run."""
        return _lock(self._exclusive, fcntl.LOCK_EX)

    def run_nothing(self) -> None:
        """Claim nothing any more."""
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
        return "slots, memory and locks are shared in this folder, which is none"
    return f"slots, memory and locks cannot be shared in this folder: {error.strerror}"
