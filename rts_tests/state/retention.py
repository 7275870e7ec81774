"""Which runs are kept: a pure decision, and the removal that follows from it.

A run that is under way holds a lock (flock) on `lock` in its folder, from before its `run.json` is there until the last
of its processes has ended, however it ended: the kernel lets go of it. Whoever wants to know whether a run is under way
asks for the lock, shared and without waiting, so that askers never meet each other, only the run.

A run is renamed out of the way first and deleted then: it is listed whole or not at all. What a killed removal has
left, the next one deletes. When a run ends it notes what it amounts to in `ended.json`, so that nobody has to read or
measure a hundred runs to find out which of them are old.
"""

import errno
import fcntl
import json
import os
import re
import shutil
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import write_atomic
from longpole.rts_tests.contracts.records import VERSION, encode
from longpole.rts_tests.state.run_folders import is_of_executions

_NAME = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[0-9a-f]{8}")
_REMOVING = ".removing"
"""Below `runs`, so that a rename into it never leaves the file system."""
_UNITS_OF_AGE = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_NO_LOCKS_HERE = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)


@dataclass(frozen=True, slots=True)
class Limits:
    """What is kept: runs this old at most (seconds), this many, this many bytes of disk in all."""

    age_s: float = 30 * 86400.0
    runs: int = 100
    bytes: int = 1_000_000_000


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Kept:
    """A run that is kept; `started` is seconds since the epoch, `bytes` what it takes on the disk."""

    name: str
    started: float
    bytes: int
    running: bool
    executions: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """`ended.json`: what a run that has ended amounts to. A run that was killed did not count its outcomes."""

    bytes: int
    counts: dict[str, int] | None = None
    makespan_s: float | None = None


def expired(runs: Iterable[Kept], now: float, limits: Limits = LIMITS) -> list[Kept]:
    """The runs to remove, oldest first, so that the rest is within `limits`.

    Never one that is under way, never the newest, and never the newest test run, from which `make report` and
    `make retest` work. These count all the same. Of the others the oldest go first, and no more of them than must.
    """
    newest_first = sorted(runs, key=lambda run: (run.started, run.name), reverse=True)
    tested = next((run for run in newest_first if not run.executions), None)
    stays = [run for index, run in enumerate(newest_first) if index == 0 or run.running or run is tested]
    number, size = len(stays), sum(run.bytes for run in stays)
    gone = []
    for run in newest_first[1:]:
        if run.running or run is tested:
            continue
        number, size = number + 1, size + run.bytes
        if number > limits.runs or size > limits.bytes or now - run.started > limits.age_s:
            gone.append(run)
    return gone[::-1]


# -- locks ------------------------------------------------------------------------------------------------------------


def hold(run: Path) -> int:
    """Mark a run as under way until this process and all it forks have ended; raises `OSError`.

    The descriptor that is returned is not passed on to programs that are executed. On a file system without locks the
    run goes on; there nobody takes it for ended.
    """
    descriptor = os.open(run / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in _NO_LOCKS_HERE:
            os.close(descriptor)
            raise
    return descriptor


def is_running(run: str | os.PathLike[str]) -> bool:
    """Whether a run is under way; also where that cannot be known, so that nobody removes it."""
    try:
        descriptor = os.open(f"{os.fspath(run)}/lock", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


# -- what is kept -----------------------------------------------------------------------------------------------------


def started(name: str) -> float | None:
    """When a run began, by its name, in seconds since the epoch; None for a folder that Longpole did not name."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    year, month, day, hour, minute, second, milliseconds = map(int, match.groups())
    try:
        return datetime(year, month, day, hour, minute, second, milliseconds * 1000, UTC).timestamp()
    except ValueError:
        return None


def size_of(folder: str | os.PathLike[str]) -> int:
    """Bytes of disk that a folder takes, all that is in it included; what vanishes meanwhile counts nothing."""
    total = 0
    folders = [os.fspath(folder)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    status = entry.stat(follow_symlinks=False)
                    total += max(status.st_size, status.st_blocks * 512)
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
        except OSError:
            continue
    return total


def read_ending(run: str | os.PathLike[str]) -> Ending | None:
    """What a run noted when it ended; None when it did not, or not in a way that can be read."""
    try:
        with open(f"{os.fspath(run)}/ended.json", "rb") as file:
            data = json.loads(file.read())
        if data["version"] != VERSION:
            return None
        ending = Ending(data["bytes"], data.get("counts"), data.get("makespan_s"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return ending if type(ending.bytes) is int and isinstance(ending.counts, dict | None) else None


def ending_of(run: str | os.PathLike[str]) -> Ending:
    """What a run amounts to; measured, and noted for the next time, where it could not do that itself."""
    ending = read_ending(run)
    if ending is None:
        ending = Ending(size_of(run))
        if not is_running(run):
            _note(run, ending)
    return ending


def _note(run: str | os.PathLike[str], ending: Ending) -> None:
    try:
        write_atomic(f"{os.fspath(run)}/ended.json", encode(asdict(ending)))
    except OSError:
        pass  # a run that may only be read is measured each time


def kept_run(run: Path) -> Kept:
    """One run, as the decision wants it."""
    begun = started(run.name)
    if begun is None:
        begun = (run / "run.json").stat().st_mtime
    return Kept(run.name, begun, ending_of(run).bytes, is_running(run), is_of_executions(run))


# -- removing ---------------------------------------------------------------------------------------------------------


def conclude(run: Path, counts: dict[str, int], makespan_s: float, state: Path, now: float) -> None:
    """The last thing a run does: note what it amounts to, and remove the runs that are kept no longer.

    It never fails a run: what cannot be removed is said on standard error.
    """
    _note(run, Ending(size_of(run), counts, round(makespan_s, 6)))
    try:
        prune(state, now)
    except OSError as error:
        print(f"longpole: old runs cannot be removed: {error.filename}: {error.strerror}", file=sys.stderr)


def prune(state: Path, now: float, limits: Limits = LIMITS) -> list[str]:
    """Remove the runs that are kept no longer; return their names. Folders that others named are left alone."""
    folder = f"{os.fspath(state)}/runs"
    runs = []
    for name in os.listdir(folder):
        begun = started(name)
        if begun is not None and os.path.exists(f"{folder}/{name}/run.json"):
            run = f"{folder}/{name}"
            runs.append(Kept(name, begun, ending_of(run).bytes, False, is_of_executions(run)))
    if not expired(runs, now, limits):  # then neither if some of them are under way, and nobody needs to ask
        return []
    runs = [replace(each, running=is_running(f"{folder}/{each.name}")) for each in runs]
    return [each.name for each in expired(runs, now, limits) if remove(state / "runs" / each.name)]


def remove(run: Path) -> bool:
    """Remove a run unless it is under way or gone; return whether it was this call that did. Raises `OSError`."""
    aside = run.parent / _REMOVING
    if is_running(run):
        return False
    removed = False
    while not removed and os.path.lexists(run):
        aside.mkdir(exist_ok=True)
        try:
            os.rename(run, aside / f"{run.name}.{os.getpid()}")
            removed = True
        except FileNotFoundError:
            pass  # another removal took the run, or its last act was to take `aside` away
    _sweep(aside)
    return removed


def _sweep(aside: Path) -> None:
    """Delete what was renamed into `aside`, now or by a removal that was killed."""
    try:
        names = os.listdir(aside)
    except FileNotFoundError:
        return
    for name in names:
        path = aside / name
        if path.is_symlink():
            path.unlink(missing_ok=True)
        else:
            shutil.rmtree(path, ignore_errors=True)
    try:
        os.rmdir(aside)
    except OSError:
        pass  # another removal is at work in it


def parse_age(text: str) -> float:
    """`7d`, `12h`, `30m`, `90s` or `2w` in seconds; raises `UseError`."""
    seconds = parse_seconds(text)
    if seconds is None:
        remedy = "give a number and one of s, m, h, d, w, as in --older 7d"
        raise UseError.at("--older", f"{text!r} is not an age", remedy)
    return seconds


def parse_seconds(text: str) -> float | None:
    """A number and a unit of time, as `parse_age` takes them; None for anything else."""
    match = re.fullmatch(r"([0-9]{1,6})([smhdw])", text)
    return float(int(match[1]) * _UNITS_OF_AGE[match[2]]) if match else None
