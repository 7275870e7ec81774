"""Tests with the tools of other languages are left out where these are missing."""

import shutil
from pathlib import Path

import pytest

from tests.gen.adapters.projects import go_program
from tests.left_out import leave_out


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that need Go or Maven where they are missing."""
    ours = [item for item in items if item.get_closest_marker("golang") is not None]
    leave_out(config, items, ours, None if go_program() is not None else "go (Debian: apt install golang-go)")
    jvm = [item for item in items if item.path.parent == Path(__file__).parent and item.get_closest_marker("jvm")]
    missing = [name for name in ("javac", "mvn") if shutil.which(name) is None]
    leave_out(config, items, jvm, f"{' and '.join(missing)} (Debian: apt install maven)" if missing else None)
