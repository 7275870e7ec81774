"""The client for JUnit with a real Maven and a real JVM.

Where one of them is missing these tests are left out. Maven downloads what it does not have.
"""

import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from tests.clients.junit.maven import Odd, built
from tests.left_out import leave_out


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark these tests; leave them out where a program is missing."""
    ours = [item for item in items if item.path.parent == Path(__file__).parent]
    for item in ours:
        item.add_marker("jvm")
        item.add_marker("slow")
    missing = [name for name in ("java", "mvn") if shutil.which(name) is None]
    needs = f"{' and '.join(missing)} (Debian: apt install maven)"
    leave_out(config, items, ours, needs if missing else None)


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder of the client and the odd project, built by the first of the test processes that needs them."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "junit"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "lock"):
        return built(folder)


@pytest.fixture
def odd(built_once: Path, tmp_path: Path) -> Odd:
    """The odd project, to list and run its classes."""
    return Odd(built_once, tmp_path)
