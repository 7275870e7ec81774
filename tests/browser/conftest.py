"""A real Chromium, driven by playwright: Debian's `chromium`, or the one that CHROMIUM names.

Where one of the two is missing these tests are left out.
"""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from longpole.rts_tests.contracts.history import History
from longpole.rts_tests.report.comparison import Comparison
from longpole.rts_tests.report.formats.html import report_html
from longpole.rts_tests.report.summary import Summary
from tests.browser.opened import Open, Opened
from tests.left_out import leave_out
from tests.rts_tests.report.made import made_record, made_run

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
    needs = f"{' and '.join(missing)} (`apt install chromium`, `pip install playwright`)"
    leave_out(config, items, ours, needs if missing else None)


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


@pytest.fixture
def opened(chromium: "Browser", tmp_path: Path) -> Iterator[Open]:
    """Open a run's report from a file; a context manager whose keywords are playwright's."""

    @contextmanager
    def open_report(
        summary: Summary,
        history: History | None = None,
        *,
        comparison: Comparison | None = None,
        at: str = "",
        **options: Any,
    ) -> Iterator[Opened]:
        path = tmp_path / "report.html"
        path.write_bytes(report_html(summary, history, comparison))
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        try:
            found = Opened(context.new_page())
            found.page.on("console", lambda message: found.said.append(message.text))
            found.page.on("pageerror", lambda error: found.said.append(str(error)))
            found.page.on("request", lambda request: found.asked.append(request.url))
            found.page.goto(path.as_uri() + at)
            if options.get("java_script_enabled", True):
                found.page.wait_for_selector("html[data-ready=true]")
            yield found
        finally:
            context.close()

    yield open_report


@pytest.fixture
def run(tmp_path: Path) -> Summary:
    """Three workers: a long pole on the first, a failure on the second, a third that is idle for most of the time."""
    records = [
        made_record("eop/pole", wall_s=9.0, lane=0),
        *(
            made_record(f"eop/gc[{n}]", wall_s=1.0, started_s=float(n), lane=1, first_seed=n, seed_count=3)
            for n in range(5)
        ),
        made_record("inc/bad", wall_s=2.0, started_s=5.0, lane=1, status="failed", note="exit status 3"),
        made_record("inc/late", wall_s=1.0, started_s=0.0, lane=2, status="timeout", note="took longer than 1 s"),
        *(made_record(f"inc/gc[{n}]", wall_s=0.5, started_s=1 + n * 0.5, lane=2) for n in range(3)),
    ]
    logs = {"inc/bad": b"\x1b[31mheap.c:7: poisoned\x1b[0m\n", "inc/late": b"waiting\n"}
    return made_run(
        tmp_path / "run", records, planned=[*(record.id for record in records), "inc/Never"], logs=logs, jobs=3
    )
