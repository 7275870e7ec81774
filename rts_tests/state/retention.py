"""Which runs are kept: a pure decision, and the removal that follows from it.

A run that is under way holds a lock (flock) on `lock` in its folder. It takes the lock before the folder gets its name
(`state/begin.py`), and the kernel releases it when the last of its processes has ended, for whatever reason. To learn
whether a run is under way, try a shared lock without waiting: it conflicts with the run's lock only, not with those of
other readers.

To remove a run, rename it first and delete it then: so it is listed completely or not at all. The next removal deletes
what a killed one has left. When a run ends, it writes its size and counts to `ended.json`, so that a hundred runs need
not be read or measured to find the old ones.
"""

import errno
import fcntl
import os
import re
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import read_json, write_atomic
from longpole.rts_tests.contracts.records import VERSION, encode
from longpole.rts_tests.machine.trees import NOT_A_FOLDER, remove_tree
from longpole.rts_tests.state.run_folders import is_of_executions

_NAME = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[0-9a-f]{8}")
_REMOVING = ".removing"
"""Below `runs`, so that a rename into it never leaves the file system."""
_UNITS_OF_AGE = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_NO_LOCKS_HERE = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)


@dataclass(frozen=True, slots=True)
class RetentionLimits:
    """Which runs are kept: the maximum age in seconds, number of runs, and bytes of disk for all runs together."""

    age_s: float = 30 * 86400.0
    runs: int = 100
    bytes: int = 1_000_000_000


LIMITS = RetentionLimits()


@dataclass(frozen=True, slots=True)
class Kept:
    """A run that is kept; `started` is in seconds since 1970, `bytes` is its size on disk."""

    name: str
    started: float
    bytes: int
    running: bool
    executions: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """`ended.json`: size and counts by status of a run that has ended; a killed run has no counts and no makespan."""

    bytes: int
    counts: dict[str, int] | None = None
    makespan_s: float | None = None


def expired(runs: Iterable[Kept], now: float, limits: RetentionLimits = LIMITS) -> list[Kept]:
    """Return the runs to remove, oldest first, so that the rest is within `limits`.

    Runs under way, the newest run, and the newest test run, which `make report` and `make retest` use, are never
    removed, but count. Of the others the oldest are removed, and as few as possible.
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
    """Mark a run as under way until this process and all its forks have ended; return the lock's descriptor.

    Executed programs do not inherit the descriptor. Raises `OSError`, but not on a file system without locks, where
    every run counts as under way.
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
    """Return whether a run is under way; also true if that is unknown, so that it is not removed."""
    try:
        descriptor = os.open(f"{os.fspath(run)}/lock", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
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
    """Return when a run began, according to its name, in seconds since 1970; None if it is not the name of a run."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    year, month, day, hour, minute, second, milliseconds = map(int, match.groups())
    try:
        return datetime(year, month, day, hour, minute, second, milliseconds * 1000, UTC).timestamp()
    except ValueError:
        return None


def size_of(folder: str | os.PathLike[str]) -> int:
    """Return the bytes of disk that the content of a folder takes; what vanishes meanwhile is not counted."""
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
    """Read `ended.json`; return None if it is missing or not readable."""
    try:
        data = read_json(f"{os.fspath(run)}/ended.json")
        if data["version"] != VERSION:
            return None
        ending = Ending(data["bytes"], data.get("counts"), data.get("makespan_s"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return ending if type(ending.bytes) is int and isinstance(ending.counts, dict | None) else None


def ending_of(run: str | os.PathLike[str]) -> Ending:
    """Return the `Ending` of a run. If the run wrote none, measure its size, and write that unless it is under way."""
    ending = read_ending(run)
    if ending is None:
        ending = Ending(size_of(run))
        if not is_running(run) and not os.path.islink(run):
            _note(run, ending)
    return ending


def _note(run: str | os.PathLike[str], ending: Ending) -> None:
    try:
        write_atomic(f"{os.fspath(run)}/ended.json", encode(asdict(ending)))
    except OSError:
        pass  # a read-only run is measured each time


def kept_run(run: Path) -> Kept:
    """Return what `expired` needs to know about a run; raises `OSError`."""
    begun = started(run.name)
    if begun is None:
        begun = (run / "run.json").stat().st_mtime
    return Kept(run.name, begun, ending_of(run).bytes, is_running(run), is_of_executions(run))


# -- removing ---------------------------------------------------------------------------------------------------------


def conclude(run: Path, counts: dict[str, int], makespan_s: float, state: Path, now: float) -> None:
    """Write `ended.json`, then remove expired runs: the last act of a run.

    It never fails a run: if runs cannot be removed, it prints a warning on standard error.
    """
    _note(run, Ending(size_of(run), counts, round(makespan_s, 6)))
    try:
        prune(state, now)
    except OSError as error:
        print(f"longpole: cannot remove old runs: {error.filename}: {error.strerror}", file=sys.stderr)


def prune(state: Path, now: float, limits: RetentionLimits = LIMITS) -> list[str]:
    """Remove expired runs; return their names. Folders without the name of a run are left alone.

    Raises `OSError`.
    """
    folder = f"{os.fspath(state)}/runs"
    runs = []
    for name in os.listdir(folder):
        begun = started(name)
        if begun is not None and os.path.exists(f"{folder}/{name}/run.json"):
            run = f"{folder}/{name}"
            runs.append(Kept(name, begun, ending_of(run).bytes, False, is_of_executions(run)))
    if not expired(runs, now, limits):  # none would expire if no run were under way, so none does
        return []
    runs = [replace(kept, running=is_running(f"{folder}/{kept.name}")) for kept in runs]
    return [kept.name for kept in expired(runs, now, limits) if remove(state / "runs" / kept.name)]


def remove(run: Path) -> bool:
    """Remove a run unless it is under way or gone; return whether this call removed it. Raises `OSError`."""
    aside = run.parent / _REMOVING
    if is_running(run):
        return False
    removed = False
    while not removed and os.path.lexists(run):
        folder = _aside(aside)
        try:
            os.rename(run, f"{run.name}.{os.getpid()}", dst_dir_fd=folder)
            removed = True
        except FileNotFoundError:
            pass  # another removal has renamed the run, or has just removed `aside`
        finally:
            os.close(folder)
    _delete(aside)
    return removed


def _aside(aside: Path) -> int:
    """Open the folder `aside`; make it if there is none, also in place of a file or a link. Raises `OSError`."""
    while True:
        try:
            return os.open(aside, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            aside.mkdir(exist_ok=True)
        except OSError as error:
            if error.errno not in NOT_A_FOLDER:
                raise
            aside.unlink(missing_ok=True)


def _delete(aside: Path) -> None:
    """Delete what this removal, or a killed one, renamed into `aside`; what is left goes with a later removal."""
    try:
        folder = os.open(aside, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return  # another removal has just removed it
    try:
        for name in os.listdir(folder):
            remove_tree(name, within=folder)
        os.rmdir(aside)
    except OSError:
        pass  # another removal uses it
    finally:
        os.close(folder)


def parse_age(text: str) -> float:
    """Return an age such as `7d`, `12h`, `30m`, `90s` or `2w` in seconds; raises `UseError`."""
    seconds = parse_seconds(text)
    if seconds is None:
        remedy = "give a number and one of s, m, h, d, w, as in --older 7d"
        raise UseError.at("--older", f"{text!r} is not an age", remedy)
    return seconds


def parse_seconds(text: str) -> float | None:
    """Return a duration in the notation of `parse_age` in seconds; None if it is not a valid duration."""
    match = re.fullmatch(r"([0-9]{1,6})([smhdw])", text)
    return float(int(match[1]) * _UNITS_OF_AGE[match[2]]) if match else None
