"""Real shells, and man; where one of them is missing these tests are left out."""

import shutil
from pathlib import Path

import pytest

from tests.left_out import leave_out


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark these tests; leave them out where a program is missing."""
    ours = [item for item in items if item.path.parent == Path(__file__).parent]
    for item in ours:
        item.add_marker("shells")
        item.add_marker("slow")
    missing = [name for name in ("bash", "zsh", "fish", "man") if shutil.which(name) is None]
    leave_out(config, items, ours, f"{' and '.join(missing)} (Debian: apt install)" if missing else None)
