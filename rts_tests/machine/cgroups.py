"""The control groups of this process, and what they limit; see cgroups(7).

In a container the group's path may be valid on the host only; the mounted group is then the container's own.
"""

from collections.abc import Iterator
from pathlib import Path


def group_folders(root: Path, controller: str) -> Iterator[tuple[Path, bool]]:
    """The folders of our groups with this controller and of their parents; whether they are of version 2.

    `root` is the folder of `proc` and `sys`. Some of the folders may not exist.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except (OSError, ValueError):
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        unified = controllers == ""
        if not unified and controller not in controllers.split(","):
            continue
        mount = root / "sys/fs/cgroup" / ("" if unified else controller)
        group = mount / path.lstrip("/")
        for folder in (group, *group.parents):
            if folder == mount.parent:
                break
            yield folder, unified


def cpu_limit(root: Path = Path("/")) -> float | None:
    """The least number of cores that our groups may use in each period; None if they have no limit."""
    limits = []
    for folder, unified in group_folders(root, "cpu"):
        try:
            if unified:
                quota, period = (folder / "cpu.max").read_text().split()
            else:
                quota, period = ((folder / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
            if int(quota) > 0 and int(period) > 0:  # -1 is no limit in version 1
                limits.append(int(quota) / int(period))
        except (OSError, ValueError):
            pass  # `max`, or the root group, which has no such file
    return min(limits, default=None)


def process_limit(root: Path = Path("/")) -> int | None:
    """The least number of processes and threads that our groups may have; None if they have no limit."""
    limits = []
    for folder, _ in group_folders(root, "pids"):
        try:
            limits.append(int((folder / "pids.max").read_text()))
        except (OSError, ValueError):
            pass  # as above
    return min(limits, default=None)
