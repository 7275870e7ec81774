"""Finds out which unit left a process running.

A process that a unit starts and leaves running becomes our child when its own parent ends, as we are the subreaper. It
has the unit's name in its environment, or is still in the unit's process group. If neither is true, we proceed by
elimination: when a unit ends, every process that it left is already our child. So a process that appeared while units
ran belongs to one of them, but not to a unit that had ended before the process started, or that began after it. It is
attributed to the suspect that ends last.
"""

import os
import time
from collections.abc import Collection, Container, Iterable

from longpole.rts_tests.machine import processes
from longpole.rts_tests.unit.running import RunningUnit

BUILD_MARK = b"LONGPOLE_BUILD="
"""Part of the environment of builds, and so of servers that they leave running on purpose, such as compiler caches."""

_UNIT_MARK = b"LONGPOLE_UNIT="
_TICK_S = 0.02


class Leftovers:
    """Environments and suspects of our children that are neither units nor make."""

    def __init__(self) -> None:
        self._environments: dict[int, bytes] = {}
        self._suspects: dict[int, dict[int, str]] = {}

    def gone(self, pid: int) -> None:
        """Forget a child that has been reaped: the kernel may reuse its pid."""
        self._environments.pop(pid, None)
        self._suspects.pop(pid, None)

    def of(self, running: RunningUnit, ours: Container[int], alive: Collection[RunningUnit]) -> list[int]:
        """Return the pids of processes that `running`, which has ended, left; empty if the kernel lists no children.

        `ours` are our children that no unit left; `alive` are all units that have not settled, including `running`.
        """
        strangers = [pid for pid in processes.children_of(os.getpid()) if pid not in ours]
        return [pid for pid in strangers if self._is_of(pid, running, alive)]

    def _is_of(self, pid: int, running: RunningUnit, alive: Collection[RunningUnit]) -> bool:
        environ = self._environments.get(pid)
        if not environ:
            environ = self._environments[pid] = processes.environment_of(pid)
        if _UNIT_MARK + running.unit.id.encode() in environ.split(b"\0") or _group_of(pid) == running.attempt.pid:
            return True
        if _UNIT_MARK in environ or BUILD_MARK in environ:
            return False
        suspects = self._suspects.get(pid)
        if suspects is None:
            suspects = self._suspects[pid] = _suspects(pid, alive)
        others = {unit.token for unit in alive} - {running.token}
        return running.token in suspects and others.isdisjoint(suspects)

    def others(self, pids: Iterable[int], running: RunningUnit) -> list[str]:
        """Return the ids of the other units that may have left one of `pids`."""
        suspects = (item for pid in pids for item in self._suspects.get(pid, {}).items())
        return sorted({name for token, name in suspects if token != running.token})


def _suspects(pid: int, alive: Iterable[RunningUnit]) -> dict[int, str]:
    """Return token and id of every unit that had begun when the process started."""
    started = processes.started_at(pid)
    if started is None:
        return {}
    now = time.monotonic()
    since_boot = time.clock_gettime(time.CLOCK_BOOTTIME)
    began = now - (since_boot - started) + _TICK_S
    groups = {unit.attempt.pid: unit for unit in alive}
    of_group = groups.get(_group_of(pid))
    if of_group is not None:  # its parent ended, but its unit runs on
        return {of_group.token: of_group.unit.id}
    return {running.token: running.unit.id for running in alive if running.attempt.started <= began}


def _group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0
