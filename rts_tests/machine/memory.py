"""How much memory there is: the machine's, or where that is less, what its control groups allow this process."""

import os
from pathlib import Path


def usable_memory(root: Path = Path("/")) -> int:
    """Bytes; `root` is where `proc` and `sys` are."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([machine, *_cgroup_limits(root)])


def _cgroup_limits(root: Path) -> list[int]:
    """The limits of our groups and of those around them; where there is none, the kernel says `max` or a huge number.

    In a container the path may be one that only the host knows; then what is mounted is the container's own group.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except (OSError, ValueError):
        return []
    found = []
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
                found.append(int((folder / file).read_text()))
            except (OSError, ValueError):
                pass  # `max`, or the root group, which has no such file
    return found
