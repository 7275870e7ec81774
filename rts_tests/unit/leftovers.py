"""Whose is a process that was left behind?

What a unit starts and leaves becomes our child when its own parent ends, as we are the subreaper. It carries the unit's
name in its environment, or is in the unit's process group still. If it has got rid of both, we go by elimination: when
a unit ends, whatever it has left is our child by then, so a process that appeared while units ran is of one of them,
and not of those that had ended before it was there, or began after it. It is put down to the last of the others to end.
"""

import os
import time
from collections.abc import Collection, Container, Iterable

from longpole.rts_tests.machine import processes
from longpole.rts_tests.unit.running import RunningUnit

BUILD_MARK = b"LONGPOLE_BUILD="
"""In the environment of builds, and so of servers that they leave on purpose, such as a compiler cache's."""

_UNIT_MARK = b"LONGPOLE_UNIT="
_TICK_S = 0.02


class Leftovers:
    """What is known of our children that are neither units nor make."""

    def __init__(self) -> None:
        self._environments: dict[int, bytes] = {}
        self._suspects: dict[int, dict[int, str]] = {}

    def gone(self, pid: int) -> None:
        """A child of ours has been reaped."""
        self._environments.pop(pid, None)
        self._suspects.pop(pid, None)

    def of(self, running: RunningUnit, ours: Container[int], alive: Collection[RunningUnit]) -> list[int]:
        """The processes that `running`, which has ended, left; empty where the kernel does not tell.

        `ours` are our children that nobody left, `alive` are all units that have not settled, `running` among them.
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
        left = {each.token for each in alive} - {running.token}
        return running.token in suspects and left.isdisjoint(suspects)

    def others(self, pids: Iterable[int], running: RunningUnit) -> list[str]:
        """Ids of the other units that one of `pids` may be of as well."""
        suspects = (item for pid in pids for item in self._suspects.get(pid, {}).items())
        return sorted({name for token, name in suspects if token != running.token})


def _suspects(pid: int, alive: Iterable[RunningUnit]) -> dict[int, str]:
    """Token and id of every unit that had begun when the process did."""
    started = processes.started_at(pid)
    if started is None:
        return {}
    now = time.monotonic()
    since_boot = time.clock_gettime(time.CLOCK_BOOTTIME)
    began = now - (since_boot - started) + _TICK_S
    groups = {each.attempt.pid: each for each in alive}
    of_group = groups.get(_group_of(pid))
    if of_group is not None:  # it was taken from under its unit, which runs on
        return {of_group.token: of_group.unit.id}
    return {each.token: each.unit.id for each in alive if each.attempt.started <= began}


def _group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0
