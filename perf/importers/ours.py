"""Result files of Longpole itself: they are checked and taken over as they are."""

from typing import Any


def is_ours(content: object) -> bool:
    """Whether it is a result file, of this version or a later one."""
    version: Any = content.get("version") if isinstance(content, dict) else None
    return isinstance(content, dict) and "kind" in content and isinstance(version, int) and version > 2
