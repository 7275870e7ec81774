"""The usable memory: the machine's, or the limit of this process's control groups if that is lower."""

import os
from pathlib import Path

from longpole.rts_tests.machine.cgroups import group_folders


def usable_memory(root: Path = Path("/")) -> int:
    """Return the usable memory in bytes; `root` is the folder of `proc` and `sys`."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([machine, *_cgroup_limits(root)])


def _cgroup_limits(root: Path) -> list[int]:
    """Return the limits in bytes of our control groups and of their parents.

    Without a limit the kernel shows `max`, which is left out, or a huge number.
    """
    limits = []
    for folder, unified in group_folders(root, "memory"):
        try:
            limits.append(int((folder / ("memory.max" if unified else "memory.limit_in_bytes")).read_text()))
        except (OSError, ValueError):
            pass  # `max`, or the root group, which has no such file
    return limits
