"""Fixtures of the tests of the pytest client, whose modules can be imported here."""

import sys
from pathlib import Path

import pytest

from tests.clients.pytest.client import CLIENT, Folder

sys.path.append(str(CLIENT))


@pytest.fixture
def tests(tmp_path: Path) -> Folder:
    """An empty folder for tests."""
    return Folder(tmp_path / "project")
