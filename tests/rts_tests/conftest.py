"""A small disk: a file system of its own, for which a user needs nothing but the kernel's leave (user namespaces)."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from longpole.rts_tests.scenario.isolation import find_library
from tests.left_out import leave_out
from tests.project import Done, Project, shell

_UNSHARE = ("unshare", "--user", "--map-root-user", "--mount")

SmallDisk = Callable[..., Done]


def _is_allowed() -> bool:
    try:
        return subprocess.run([*_UNSHARE, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what asks for a small disk; leave out what needs namespaces where there can be none."""
    for item in items:
        if "small_disk" in getattr(item, "fixturenames", ()):
            item.add_marker("userns")
    found = [item for item in items if item.get_closest_marker("userns") is not None]
    needs = "`unshare` (util-linux) and a kernel that lets users have namespaces"
    leave_out(config, items, found, None if not found or _is_allowed() else needs)
    clocks = [item for item in items if "libfaketime" in getattr(item, "fixturenames", ())]
    installed = not clocks or find_library(os.environ.get("PATH", os.defpath)) is not None
    leave_out(config, items, clocks, None if installed else "libfaketime; run ./configure")


@pytest.fixture
def libfaketime() -> None:
    """For tests that need this library."""


@pytest.fixture
def deep_trees(tmp_path: Path) -> Iterator[None]:
    """For tests that make trees which pytest cannot remove, as it recurses: they are removed whatever fails."""
    yield
    subprocess.run(["rm", "-rf", *tmp_path.iterdir()], check=True)


@pytest.fixture
def small_disk(project: Project) -> SmallDisk:
    """Run a script in the project, whose folder `state` is a file system of the given size, and the runs' state."""

    def run(size: str, *lines: str) -> Done:
        (project.root / "state").mkdir(exist_ok=True)
        mount = f"mount -t tmpfs -o size={size} tmpfs state"
        script = shell("set -e", mount, "export LONGPOLE_STATE=state", "make help >/dev/null", "set +e", *lines)
        return project.run(*_UNSHARE, "sh", "-c", script)

    return run
