"""The processes of the machine at one moment, as /proc shows them (Linux)."""

import os
import sys
from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Process(NamedTuple):
    """Parent and group of a process, and in clock ticks: when it started, since boot, and its CPU time.

    The CPU time includes that of the children that it has waited for.
    """

    parent: int
    group: int
    started: int
    cpu: int = 0


def process_table() -> dict[int, Process]:
    """All processes by pid; empty without /proc, or if it cannot be listed."""
    try:
        names = os.listdir("/proc") if sys.platform == "linux" else []
    except OSError:
        return {}
    found = ((int(name), process_of(int(name))) for name in names if name.isdigit())
    return {pid: process for pid, process in found if process is not None}


def process_of(pid: int) -> Process | None:
    """The process `pid`; None if there is none."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        return Process(int(fields[1]), int(fields[2]), int(fields[19]), sum(map(int, fields[11:15])))
    except (OSError, IndexError, ValueError):
        return None


def below(table: Mapping[int, Process], roots: Iterable[int]) -> list[int]:
    """The pids of everything that descends from `roots`, parents before children; no pid twice, and no root."""
    children: dict[int, list[int]] = {}
    for pid, process in table.items():
        children.setdefault(process.parent, []).append(pid)
    order = list(dict.fromkeys(roots))
    count = len(order)
    known = set(order)
    for parent in order:  # it grows meanwhile
        new = [pid for pid in children.get(parent, ()) if pid not in known]
        known.update(new)
        order.extend(new)
    return order[count:]
