"""Real shells, and man.

Where one of them is missing these tests are left out, and the end of the test run says so; with LONGPOLE_NO_SKIPS=1, as
in CI, they are not, and fail.
"""

import os
import shutil
from pathlib import Path

import pytest

_LEFT_OUT = pytest.StashKey[str]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark these tests; leave them out where a program is missing."""
    ours = [item for item in items if item.path.parent == Path(__file__).parent]
    for item in ours:
        item.add_marker("shells")
        item.add_marker("slow")
    missing = [name for name in ("bash", "zsh", "fish", "man") if shutil.which(name) is None]
    if not ours or not missing or os.environ.get("LONGPOLE_NO_SKIPS") == "1":
        return
    config.stash[_LEFT_OUT] = (
        f"{len(ours)} tests in real shells were left out: {' and '.join(missing)} missing; `apt install`"
    )
    config.hook.pytest_deselected(items=ours)
    items[:] = [item for item in items if item not in ours]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out."""
    if _LEFT_OUT in config.stash:
        terminalreporter.write_line(config.stash[_LEFT_OUT], yellow=True)
