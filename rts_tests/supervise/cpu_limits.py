"""Limits of CPU time: which units have used more than `timeout_cpu`.

The kernel's own limit, RLIMIT_CPU, is one of each process; a unit is all of its processes together. So their times are
read from /proc, all units in one look, and as rarely as possible: a unit can use no more CPU seconds a second than
there are cores, so the next look is when it could reach its limit, had it used all cores since. Units without such a
limit cost nothing. Without /proc (macOS) a unit is judged when it has ended; see `unit.record.status_of`.
"""

import os
from collections.abc import Iterable, Mapping

from longpole.rts_tests.machine.process_table import Process, below, process_table
from longpole.rts_tests.unit.running import RunningAttempt

LEAST_S = 0.1
"""The shortest time between two looks."""


class CpuLimits:
    """Watches the attempts that have a limit. Times are seconds of the monotonic clock."""

    def __init__(self, cores: int) -> None:
        self._cores = cores
        self._ticks = os.sysconf("SC_CLK_TCK")
        self._watched: dict[int, tuple[RunningAttempt, float, float]] = {}  # by identity: attempt, limit, next look

    def watch(self, attempt: RunningAttempt, limit_s: float, now: float) -> None:
        """Watch an attempt that starts now, until it has ended."""
        self._watched[id(attempt)] = (attempt, limit_s, now + max(LEAST_S, limit_s / self._cores))

    @property
    def next_look(self) -> float | None:
        """When to call `exceeded` next; None if nothing is watched."""
        return min((look_at for _, _, look_at in self._watched.values()), default=None)

    def exceeded(self, now: float) -> list[RunningAttempt]:
        """The attempts that have used more than their limits; each is watched no more, and knows what it used."""
        if not self._watched:
            return []
        over = []
        self._watched = {key: row for key, row in self._watched.items() if row[0].ended_by is None and not row[0].ended}
        due = [row for row in self._watched.values() if now >= row[2]]
        table = process_table() if due else {}
        for attempt, limit_s, _ in due:
            used_s = cpu_ticks(table, attempt.pid) / self._ticks if attempt.pid else 0.0
            if used_s > limit_s:
                attempt.cpu_s = used_s
                over.append(attempt)
                del self._watched[id(attempt)]
            else:
                rest_s = max(LEAST_S, (limit_s - used_s) / self._cores)
                self._watched[id(attempt)] = (attempt, limit_s, now + rest_s)
        return over


def cpu_ticks(table: Mapping[int, Process], root: int) -> int:
    """The CPU time, in clock ticks, of a process, of its group, of all below them, and of what they have waited for."""
    group: Iterable[int] = (pid for pid, process in table.items() if process.group == root)
    members = dict.fromkeys([pid for pid in (root, *group) if pid in table])
    return sum(table[pid].cpu for pid in [*members, *below(table, members)])
