"""A real Chromium, driven by playwright: Debian's `chromium`, or the one that CHROMIUM names.

Where one of the two is missing these tests are left out, and the end of the test run says so; with LONGPOLE_NO_SKIPS=1,
as in CI, they are not, and fail.
"""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_LEFT_OUT = pytest.StashKey[str]()


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def _missing() -> list[str]:
    found = {"Chromium": _chromium(), "playwright": importlib.util.find_spec("playwright")}
    return [name for name, there in found.items() if not there]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what asks for a browser; leave it out where there can be none."""
    ours = [item for item in items if "chromium" in getattr(item, "fixturenames", ())]
    for item in ours:
        item.add_marker("browser")
        item.add_marker("slow")
    missing = _missing()
    if not ours or not missing or os.environ.get("LONGPOLE_NO_SKIPS") == "1":
        return
    config.stash[_LEFT_OUT] = (
        f"{len(ours)} tests in a real browser were left out: {' and '.join(missing)} missing; "
        "`apt install chromium`, `pip install playwright`"
    )
    config.hook.pytest_deselected(items=ours)
    items[:] = [item for item in items if item not in ours]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out."""
    if _LEFT_OUT in config.stash:
        terminalreporter.write_line(config.stash[_LEFT_OUT], yellow=True)


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    """One browser for all tests; each opens pages in a context of its own."""
    from playwright.sync_api import sync_playwright

    executable = _chromium()
    assert executable is not None, "these tests need Chromium (Debian: apt install chromium)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()
