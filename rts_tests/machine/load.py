"""How busy the cores are while a run lasts, from Linux's /proc, read some four times a second.

Two things are learnt from it. The sums of /proc/stat at the end of the run tell the CPU time of other programs apart
from our own. And the slowdown: the factor by which a thread that computes takes longer than it would alone. The kernel
counts for each process for how long it ran, and for how long it wanted to run and had no core: the slowdown is the sum
of both over the first, for some of the processes that the units have at the moment. That also holds where the cores are
not shared equally, by priorities, control groups or sessions. Where there are no such processes, the number of threads
that want to run, compared with the number of cores, takes its place. The integral of the slowdown over time is kept, so
that the mean over the life of a unit costs two additions.

Some systems show no such files (macOS), or files that say nothing (some sandboxes show zeros). Then nothing is known,
and nothing is said.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from longpole.rts_tests.contracts.load import Load
from longpole.rts_tests.machine.processes import children_of

EVERY_S = 0.25
"""The interval of looks, unless events keep the caller from it."""
AT_LEAST_EVERY_S = 1.0
"""The interval while events come all the time: at an event, the unit that has just ended does not want to run."""
_RECENT = 0.5
"""The weight of the latest look: one look is a moment only."""
MAX_PROCESSES = 16
"""The most processes of units of which the times are read in one look."""
_ENOUGH_S = 0.01
"""If the processes that were looked at wanted to run for less than this, their times say nothing."""
_PLAUSIBLE = 0.2
"""The part by which the seconds of all cores may differ from those on the clock."""
_LEAST_S = 0.5
"""Nothing is said about a shorter time, in which the kernel counts some dozens of ticks."""


Mark = tuple[float, float]
"""A moment, and the integral of the slowdown up to it; both in seconds."""


@dataclass(frozen=True, slots=True)
class Look:
    """The counters at one moment: core-seconds of the cores that we may use, and threads that want to run."""

    busy_s: float
    idle_s: float
    stolen_s: float
    runnable: int
    machine_cores: int


def parse(text: str, usable: frozenset[int], ticks: int) -> Look | None:
    """Return the counters in the text of /proc/stat, where `ticks` make a second; None if it is not such a text.

    See proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal. Guests are part of `user`.
    """
    busy = idle = stolen = machine_cores = 0
    runnable = None
    try:
        for line in text.splitlines():
            if line.startswith("cpu") and line[3:4].isdigit():
                machine_cores += 1
                name, *words = line.split()
                if int(name[3:]) in usable:
                    user, nice, system, rest, waiting, irq, softirq, steal = map(int, words[:8])
                    busy += user + nice + system + irq + softirq
                    idle += rest + waiting
                    stolen += steal
            elif line.startswith("procs_running "):
                runnable = int(line.split()[1])
    except (ValueError, IndexError):
        return None
    if runnable is None or machine_cores == 0 or busy + idle == 0:
        return None
    return Look(busy / ticks, idle / ticks, stolen / ticks, runnable, machine_cores)


class LoadMeter:
    """Watches the cores on behalf of one process, from `begin` on. Times are seconds of the monotonic clock."""

    def __init__(self, proc: str = "/proc") -> None:
        self._proc = proc
        self._usable = frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else frozenset()
        self._ticks = os.sysconf("SC_CLK_TCK")
        self._first: Look | None = None
        self._last: Look | None = None
        self._begun = self._looked_at = 0.0
        self._own_before_s = 0.0
        self._runnable = 0.0
        self._times: dict[int, tuple[float, float]] = {}  # by pid: for how long it ran, and waited for a core
        self._ran_s = self._waited_s = 0.0
        self._slowdown = 1.0
        self._integral = 0.0

    def begin(self, now: float) -> None:
        """Start to watch."""
        self._begun = self._looked_at = now
        self._first = self._last = self._read()
        self._runnable = 0.0 if self._first is None else max(0, self._first.runnable - 1)
        self._own_before_s = _own_s()

    @property
    def next_look(self) -> float | None:
        """When to call `look` next; None if this system does not tell."""
        return None if self._last is None else self._looked_at + EVERY_S

    def look(self, now: float, processes: Iterable[int], *, quiet: bool) -> None:
        """Read the counters if it is time; `quiet` if the caller was woken by nothing but the clock.

        `processes` are the pids of units that run.
        """
        if self._last is None or now < self._looked_at + (EVERY_S if quiet else AT_LEAST_EVERY_S):
            return
        new = self._read()
        if new is None:
            return
        old, self._last = self._last, new
        self._integral = self.mark(now)[1]
        self._looked_at = now
        others = max(0, new.runnable - 1)  # we ourselves run at this moment
        self._runnable = _RECENT * others + (1 - _RECENT) * self._runnable
        busy_s, idle_s = new.busy_s - old.busy_s, new.idle_s - old.idle_s
        idle = idle_s / (busy_s + idle_s) if busy_s + idle_s > 0 else 0.0
        crowd = max(0.0, self._runnable / new.machine_cores - 1)
        stolen = 1 + max(0.0, (new.stolen_s - old.stolen_s) / busy_s) if busy_s > 0 else 1.0
        self._slowdown = (self._slowdown_of(processes) or 1 + crowd * (1 - idle)) * stolen

    def _slowdown_of(self, processes: Iterable[int]) -> float | None:
        """The slowdown of these processes and their children; None if they wanted no core, or the kernel tells not."""
        pids = list(islice(processes, MAX_PROCESSES))
        for pid in pids:  # it grows meanwhile
            if len(pids) < MAX_PROCESSES:
                pids += children_of(pid)
        times = {pid: seconds for pid in pids[:MAX_PROCESSES] if (seconds := self._times_of(pid)) is not None}
        self._ran_s *= 1 - _RECENT
        self._waited_s *= 1 - _RECENT
        for pid, (ran_s, waited_s) in times.items():
            ran_before_s, waited_before_s = self._times.get(pid, (0.0, 0.0))
            self._ran_s += max(0.0, ran_s - ran_before_s)
            self._waited_s += max(0.0, waited_s - waited_before_s)
        self._times = times
        if self._ran_s <= 0 or self._ran_s + self._waited_s < _ENOUGH_S:
            return None
        return 1 + self._waited_s / self._ran_s

    def _times_of(self, pid: int) -> tuple[float, float] | None:
        """For how long a process ran, and waited for a core, in seconds; see Documentation/scheduler/sched-stats."""
        try:
            with open(f"{self._proc}/{pid}/schedstat", "rb", buffering=0) as file:
                ran_ns, waited_ns, _ = file.read(100).split()
            return int(ran_ns) / 1e9, int(waited_ns) / 1e9
        except (OSError, ValueError):
            return None

    def mark(self, now: float) -> Mark:
        """The state at `now`, from which `slowdown` takes the mean."""
        return now, self._integral + self._slowdown * (now - self._looked_at)

    def slowdown(self, since: Mark, now: float) -> float | None:
        """Return the mean slowdown from a mark up to `now`; None if this system does not tell."""
        if self._last is None or now <= since[0]:
            return None
        return round(max(1.0, (self.mark(now)[1] - since[1]) / (now - since[0])), 3)

    def load(self, now: float) -> Load | None:
        """Return what the cores did since `begin`; None if the system does not tell, or tells what cannot be.

        Our own part is the CPU time of this process and of those that it has waited for.
        """
        first, last = self._first, self._read()
        if first is None or last is None or now - self._begun < _LEAST_S:
            return None
        load = Load(
            cores=len(self._usable),
            busy_s=round(last.busy_s - first.busy_s, 2),
            idle_s=round(last.idle_s - first.idle_s, 2),
            stolen_s=round(last.stolen_s - first.stolen_s, 2),
            own_s=round(_own_s() - self._own_before_s, 2),
        )
        there_were_s = load.cores * (now - self._begun)
        plausible = abs(load.total_s - there_were_s) <= _PLAUSIBLE * there_were_s
        plausible = plausible and min(load.busy_s, load.idle_s, load.stolen_s) >= 0
        return load if plausible and load.own_s <= load.busy_s + _PLAUSIBLE * there_were_s else None

    def _read(self) -> Look | None:
        try:
            descriptor = os.open(f"{self._proc}/stat", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            parts = []
            while data := os.read(descriptor, 65536):
                parts.append(data)
        except OSError:
            return None
        finally:
            os.close(descriptor)
        return parse(b"".join(parts).decode("ascii", "replace"), self._usable, self._ticks)


def _own_s() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
