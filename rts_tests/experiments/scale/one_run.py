"""One trial: an ordinary run of make, in a state directory of its own.

The state directory is made anew for each trial from the project's: the same plan, the same history, and so the same
order. What the run learns and leaves stays in it: the project's history, its last run and what `retest` runs are as
they were before.
"""

import os
import resource
import select
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import read_regular
from longpole.rts_tests.contracts.quantities import count
from longpole.rts_tests.contracts.record_file import records_path
from longpole.rts_tests.experiments.scale.trials import Planned, Trial
from longpole.rts_tests.make.run_make import start_make
from longpole.rts_tests.report.summary import Summary, read_summary
from longpole.rts_tests.state.run_folders import all_run_dirs

LOOK_S = 0.25
"""The interval at which the progress of a run is looked at."""
OUTPUT = "output.txt"
_NOT_COPIED = ("runs", "locks")
MAX_NAMED = 5
TAIL_LINES = 5


class Interruption:
    """Whether a signal has asked for an end. It is passed on to make, if that is running."""

    def __init__(self) -> None:
        self.seen = False
        self._make: subprocess.Popen[bytes] | None = None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def watch(self, make: "subprocess.Popen[bytes] | None") -> None:
        """From now on `make` is what runs."""
        self._make = make
        if self.seen:
            self._end_make()

    def _on_signal(self, *_: object) -> None:
        self.seen = True
        self._end_make()

    def _end_make(self) -> None:
        if self._make is not None:
            self._make.send_signal(signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs the selected units. Make is called with `before`, `-jN` and `after`; `state` is the project's own."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    environ: Mapping[str, str]
    units: frozenset[str]
    state: Path
    interruption: Interruption

    def run(self, planned: Planned, folder: Path, show: Callable[[int], None] | None) -> Trial | None:
        """Run the units once, with their state in `folder`, a new one; return what was measured, None if interrupted.

        `show` is called with the number of units that have ended, while the run goes on. Raises `UseError` if make
        cannot be executed, and `OSError`.
        """
        copy_state(self.state, folder)
        cpu_s, begun = _cpu_s(), time.monotonic()
        look = None if show is None else lambda: show(_ended_in(folder))
        status = self.make([f"-j{planned.jobs}", *self.after], folder, folder / OUTPUT, look)
        wall_s, cpu_s = time.monotonic() - begun, _cpu_s() - cpu_s
        if self.interruption.seen:
            return None
        trial = Trial(number=planned.number, jobs=planned.jobs, wall_s=wall_s, cpu_s=cpu_s)
        return _measured(trial, status, folder, self.units)

    def make(self, arguments: Sequence[str], state: Path, output: Path, look: Callable[[], None] | None = None) -> int:
        """Run make to its end, with its output in a file; return its exit status. Calls `look` while it runs."""
        environ = {**self.environ, "LONGPOLE_STATE": str(state)}
        with output.open("wb") as file:
            argv = [*self.before, *arguments]
            make = start_make(argv, environ, (), stdin=subprocess.DEVNULL, output=file.fileno())
            self.interruption.watch(make)
            try:
                _wait(make, look)
            finally:
                self.interruption.watch(None)
        return make.returncode


def copy_state(state: Path, into: Path) -> None:
    """Copy the state directory without its runs, with the times that make compares. Raises `OSError`."""
    shutil.copytree(state, into, ignore=_ignored(state), symlinks=True)


def _ignored(state: Path) -> Callable[[str, list[str]], list[str]]:
    """What is not copied: runs and locks, files that are being written, and what is neither file, folder nor link."""

    def is_copied(folder: str, name: str) -> bool:
        if name.endswith(".tmp") or (Path(folder) == state and name in _NOT_COPIED):
            return False
        mode = os.lstat(os.path.join(folder, name)).st_mode
        return stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)

    return lambda folder, names: [name for name in names if not is_copied(folder, name)]


def _wait(make: "subprocess.Popen[bytes]", look: Callable[[], None] | None) -> None:
    """Wait for the end of make, and look now and then."""
    if look is None:
        make.wait()
        return
    ended = os.pidfd_open(make.pid) if hasattr(os, "pidfd_open") else -1
    while make.poll() is None:
        if ended >= 0:
            select.select([ended], [], [], LOOK_S)
        else:
            try:
                make.wait(LOOK_S)
            except subprocess.TimeoutExpired:
                pass
        look()
    if ended >= 0:
        os.close(ended)


def _cpu_s() -> float:
    """The CPU time of all children that have ended, and of theirs, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _ended_in(folder: Path) -> int:
    """How many units of the run in this state directory have ended."""
    total = 0
    for run in all_run_dirs(folder):
        try:
            total += read_regular(records_path(run)).count(b"\n")
        except OSError:
            pass  # it has no record yet
    return total


def _measured(trial: Trial, status: int, folder: Path, units: frozenset[str]) -> Trial:
    runs = all_run_dirs(folder)
    try:
        summary = read_summary(runs[-1]) if runs else None
    except UseError as error:
        return replace(trial, problems=(str(error),))
    if summary is None:
        return replace(trial, problems=("no unit was run", *tail_of(folder / OUTPUT)))
    return replace(
        trial,
        units_s=summary.makespan.wall_s,
        others=summary.load.others_share if summary.load else None,
        problems=_problems(summary, status, folder, units),
        durations={each.id: each.wall_s for each in summary.outcomes if each.ran},
    )


def _problems(summary: Summary, status: int, folder: Path, units: frozenset[str]) -> tuple[str, ...]:
    """Why a run does not count; empty if it does."""
    failed = summary.failures
    if failed:
        named = [f"{each.id} ({each.status})" for each in failed[:MAX_NAMED]]
        more = [f"{len(failed) - MAX_NAMED:,} more"] if len(failed) > MAX_NAMED else []
        return (f"{count(len(failed), 'unit')} failed: {', '.join([*named, *more])}",)
    if {each.id for each in summary.outcomes} != units:
        return ("it ran other units: the suite was changed meanwhile",)
    return (f"make ended with status {status}", *tail_of(folder / OUTPUT)) if status else ()


def tail_of(output: Path) -> list[str]:
    """The last lines of make's output."""
    try:
        return read_regular(output).decode(errors="replace").splitlines()[-TAIL_LINES:]
    except OSError:
        return []
