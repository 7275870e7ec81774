"""File systems that are mounted."""

import os
from pathlib import Path


def file_system(folder: Path, mounts: str | None = None) -> str:
    """The kind of file system that a folder is on, such as `ext4`; empty where the system does not tell.

    `mounts` is the text of /proc/self/mounts; the last mount on the longest path counts.
    """
    if mounts is None:
        try:
            mounts = Path("/proc/self/mounts").read_text()
        except OSError:
            return ""
    path = Path(os.path.realpath(folder))
    longest, kind = -1, ""
    for line in mounts.splitlines():
        _, point, of_kind, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        if path.is_relative_to(point) and len(point) >= longest:
            longest, kind = len(point), of_kind
    return kind
