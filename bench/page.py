"""`page`: how long `report.html` takes to be written, and to be there in a real Chromium with its timeline drawn."""

import shutil
import time
from importlib.util import find_spec
from pathlib import Path

from bench import budgets
from bench.measure import Conditions, Rounds
from bench.report import make_run
from bench.result import Figure, Result
from longpole.rts_tests.contracts.record_file import read_records
from longpole.rts_tests.contracts.records import read_run_info
from longpole.rts_tests.report.formats.html import earlier_runs, report_html
from longpole.rts_tests.report.summary import summarize

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run")
SMALL = 72


def measure(conditions: Conditions) -> Result:
    """Measure and return what was found. Raises `CannotMeasure`."""
    quick, rounds = conditions.quick, conditions.rounds
    figures = []
    pages = {}
    for units in (SMALL, 1000 if quick else budgets.RECORDS):
        conditions.say(f"a run of {units:,} units")
        _, run = make_run(conditions.scratch, units)
        info = read_run_info(run)
        summary = summarize(run, info, read_records(run, info))
        taken = []
        for _ in range(rounds.most + 1):
            begun = time.perf_counter()
            page = report_html(summary, earlier_runs(run))
            taken.append((time.perf_counter() - begun) * 1000)
        pages[units] = run / "report.html"
        pages[units].write_bytes(page)
        budget = budgets.PAGE_SMALL_MS if units == SMALL else None if quick else budgets.PAGE_MS
        figures.append(Figure(f"report.html of {units:,} units, written", tuple(taken[1:]), "ms", budget))
    chromium = shutil.which("chromium")
    if chromium is None or find_spec("playwright") is None:
        return Result("page", (), tuple(figures), ("opening it: Chromium or playwright is not installed",))
    for units, path in pages.items():
        conditions.say(f"opening {units:,} units")
        opened = opened_s(chromium, path, rounds)
        budget = None if quick and units != SMALL else budgets.PAGE_OPEN_S
        figures.append(Figure(f"report.html of {units:,} units, opened", opened, "s", budget))
    return Result("page", (), tuple(figures))


def opened_s(chromium: str, path: Path, rounds: Rounds) -> tuple[float, ...]:
    """Seconds, a value a round, from asking for the page until its timeline and table are on the screen."""
    from playwright.sync_api import sync_playwright

    taken = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for _ in range(rounds.most + 1):
            page = browser.new_page()
            begun = time.perf_counter()
            page.goto(path.as_uri())
            page.wait_for_selector("html[data-ready]")
            page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
            taken.append(time.perf_counter() - begun)
            page.close()
        browser.close()
    return tuple(taken[1:])
