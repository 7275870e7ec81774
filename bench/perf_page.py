"""`perf-page`: the page of 10,000 runs of 16 benchmarks: published, its size, and opened in a real Chromium."""

import random
import shutil
import time
from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from bench import budgets
from bench.measure import Conditions, Rounds
from bench.page import ARGUMENTS
from bench.perf_index import FIRST, PLATFORMS, result
from bench.result import Figure, Result
from longpole.perf.commits import Commit, Commits
from longpole.perf.files import write
from longpole.perf.index import Index
from longpole.perf.publish.changes import Changes
from longpole.perf.publish.contents import About
from longpole.perf.publish.publish import publish
from longpole.perf.sources import FolderSource

RUNS = 10_000
QUICK = 300
VIEWS = {
    "trends": "",
    "one benchmark": "#trends?benchmark=deep@O2",
    "along runs": "#trends?along=runs",
    "coverage": "#coverage",
    "a comparison": "#compare",
}
"""What is opened, by its address in the page."""

ON_SCREEN = "new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(() => seen(performance.now()))))"
"""Milliseconds from the start of the navigation until what was drawn is on the screen."""


def write_results(folder: Path, count: int) -> int:
    """Write runs on three platforms, of every second commit, and of every tenth three times. Returns the commits."""
    chance = random.Random(1)  # noqa: S311  data for a measurement
    commit = number = 0
    while number < count:
        for _ in range((3 if commit % 10 == 0 else 1) * len(PLATFORMS)):
            write(replace(result(number, chance), commit=sha(commit)), folder)
            number += 1
        commit += 2
    return commit


def sha(number: int) -> str:
    """The name of a commit of the main branch."""
    return f"{number * 2654435761 % 2**32:08x}{number:032x}"


def measure(conditions: Conditions) -> Result:
    """Measure and return what was found."""
    count, rounds = (QUICK if conditions.quick else RUNS), conditions.rounds
    folder, out = conditions.scratch / "results", conditions.scratch / "site"
    conditions.say(f"writing {count:,} results")
    number = write_results(folder, count)
    commits = Commits(
        tuple(Commit(sha(each), FIRST + timedelta(minutes=10 * each), f"change {each}") for each in range(number)),
        "made",
    )
    index = Index.open(FolderSource(folder), conditions.scratch / "state")
    published = []
    for _ in range(rounds.most):
        shutil.rmtree(out, ignore_errors=True)
        conditions.say("publishing")
        begun = time.perf_counter()
        made = publish(index, commits, Changes(), About("bench"), out)
        published.append(time.perf_counter() - begun)
    figures = [
        Figure(f"page of {made.runs:,} runs, published", tuple(published), "s"),
        Figure("its size", (made.size / 1e6,), "MB"),
    ]
    chromium = shutil.which("chromium")
    if chromium is None or find_spec("playwright") is None:
        return Result("perf-page", (), tuple(figures), ("opening it: Chromium or playwright is not installed",))
    budget = None if conditions.quick else budgets.PERF_PAGE_S
    for name, at in VIEWS.items():
        conditions.say(f"opening {name}")
        figures.append(Figure(f"opened at {name}", opened_s(chromium, out, at, rounds), "s", budget))
    return Result("perf-page", (), tuple(figures))


def opened_s(chromium: str, site: Path, at: str, rounds: Rounds) -> tuple[float, ...]:
    """Seconds from the start of the navigation until the first chart is on the screen; each round has a new browser."""
    from playwright.sync_api import sync_playwright

    taken = []
    with sync_playwright() as playwright:
        for _ in range(rounds.most):
            browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto((site / "index.html").as_uri() + at)
            page.wait_for_selector("html[data-drawn]")
            taken.append(float(page.evaluate(ON_SCREEN)) / 1000)
            browser.close()
    return tuple(taken)
