"""The usable memory: the machine's, or the limit of this process's control groups if that is lower."""

import os
from pathlib import Path


def usable_memory(root: Path = Path("/")) -> int:
    """Return the usable memory in bytes; `root` is the folder of `proc` and `sys`."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([machine, *_cgroup_limits(root)])


def _cgroup_limits(root: Path) -> list[int]:
    """Return the limits in bytes of our control groups and of their parents.

    Without a limit the kernel shows `max`, which is left out, or a huge number. In a container the group's path may be
    valid on the host only; the mounted group is then the container's own.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except (OSError, ValueError):
        return []
    limits = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            mount, file = root / "sys/fs/cgroup", "memory.max"
        elif "memory" in controllers.split(","):
            mount, file = root / "sys/fs/cgroup/memory", "memory.limit_in_bytes"
        else:
            continue
        group = mount / path.lstrip("/")
        for folder in (group, *group.parents):
            if folder == mount.parent:
                break
            try:
                limits.append(int((folder / file).read_text()))
            except (OSError, ValueError):
                pass  # `max`, or the root group, which has no such file
    return limits
