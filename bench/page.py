"""`page`: how long `report.html` takes to be written, and to be there in a real Chromium with its timeline drawn."""

import shutil
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from bench import budgets
from bench.measure import Rounds
from bench.report import make_run
from bench.result import Figure, Result
from longpole.rts_tests.contracts.records import read_records, read_run_info
from longpole.rts_tests.report.formats.html import earlier_runs, report_html
from longpole.rts_tests.report.summary import summarize

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run")
SMALL = 72
WRITE_SMALL_MS = 50.0
WRITE_MS = 1000.0
OPEN_S = 2.0


def measure(scratch: Path, *, quick: bool, rounds: Rounds, say: Callable[[str], None]) -> Result:
    """Measure and return what was found."""
    figures = []
    pages = {}
    for units in (SMALL, 1000 if quick else budgets.RECORDS):
        run = make_run(scratch / f"state-{units}", units)
        info = read_run_info(run)
        summary = summarize(run, info, read_records(run, info))
        taken = []
        for _ in range(rounds.most):
            begun = time.perf_counter()
            page = report_html(summary, earlier_runs(run))
            taken.append(time.perf_counter() - begun)
        pages[units] = run / "report.html"
        pages[units].write_bytes(page)
        budget = WRITE_SMALL_MS if units == SMALL else None if quick else WRITE_MS
        figures.append(Figure(f"report.html of {units:,} units, written", median(taken) * 1000, "ms", budget))
    chromium = shutil.which("chromium")
    if chromium is None or find_spec("playwright") is None:
        return Result("page", (), tuple(figures), ("opening it: Chromium or playwright is missing",))
    for units, path in pages.items():
        say(f"opening {units:,} units")
        budget = None if quick and units != SMALL else OPEN_S
        figures.append(
            Figure(f"report.html of {units:,} units, opened", _opened_s(chromium, path, rounds), "s", budget)
        )
    return Result("page", (), tuple(figures))


def _opened_s(chromium: str, path: Path, rounds: Rounds) -> float:
    """Median seconds from asking for the page until its timeline and table are on the screen."""
    from playwright.sync_api import sync_playwright

    taken = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for _ in range(rounds.most):
            page = browser.new_page()
            begun = time.perf_counter()
            page.goto(path.as_uri())
            page.wait_for_selector("html[data-ready]")
            page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
            taken.append(time.perf_counter() - begun)
            page.close()
        browser.close()
    return median(taken)
