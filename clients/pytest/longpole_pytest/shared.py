"""What a process and its forks would share, and must not."""

from __future__ import annotations

import fcntl
import os
import stat
import sys
import threading
from typing import List, Optional, Set

_TOOLS = 6
"""The number of tools that may monitor a process."""


def why_not_forked(before: Set[int]) -> Optional[str]:
    """Why this process cannot be forked after it has imported the tests; None if it can.

    `before` are the descriptors that were open before.
    """
    if len(_threads()) > 1:
        names = sorted(thread.name for thread in threading.enumerate() if thread is not threading.main_thread())
        return "threads run after the tests were imported: %s" % (", ".join(names) or "none of Python")
    if _traced():
        return "a tracer is active after the tests were imported, such as that of coverage"
    for descriptor in sorted(open_descriptors() - before):
        what = _unsafe(descriptor)
        if what is not None:
            return "%s is open after the tests were imported, which forks would share" % what
    return None


def open_descriptors() -> Set[int]:
    """The descriptors that are open."""
    return {int(name) for name in os.listdir("/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd")}


def _traced() -> bool:
    monitoring = getattr(sys, "monitoring", None)  # from Python 3.12
    tools = [] if monitoring is None else [monitoring.get_tool(number) for number in range(_TOOLS)]
    return sys.gettrace() is not None or sys.getprofile() is not None or any(tools)


def _threads() -> List[str]:
    try:
        return os.listdir("/proc/self/task")
    except OSError:  # no /proc here
        return [thread.name for thread in threading.enumerate()]


def _unsafe(descriptor: int) -> Optional[str]:
    """What is open, if processes that share it get into each other's way; None for all else."""
    try:
        kind = os.fstat(descriptor).st_mode
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    except OSError:
        return None  # it was the listing itself
    if stat.S_ISSOCK(kind):
        return "a socket"
    if stat.S_ISREG(kind) and flags & os.O_ACCMODE != os.O_RDONLY and not flags & os.O_APPEND:
        try:
            return "%s" % os.readlink("/proc/self/fd/%d" % descriptor)
        except OSError:
            return "a file for writing"
    return None
