"""The page about performance in a real browser: charts with gaps, addresses, keys, a phone, hostile names, banners."""
# long: one page in one browser, which all of its tests share

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from longpole.perf.model import Benchmark, Metric, Result, Skip
from longpole.perf.publish.changes import Changes
from longpole.perf.publish.contents import About
from longpole.perf.publish.publish import Site
from longpole.perf.publish.write import FILES, write
from tests.browser.contrast import CONTRAST
from tests.browser.opened import Opened
from tests.perf.publish.made import (
    ABOUT,
    commits,
    failed,
    made_site,
    result,
    sha,
    skip,
    step,
    story,
)
from tests.project import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Visit = Callable[..., AbstractContextManager[Opened]]
NOW = "2026-04-23T12:00:00Z"
"""Soon after the last result of `story`."""


@pytest.fixture
def visit(chromium: "Browser", tmp_path: Path) -> Visit:
    """Write a site and open it from a file, or at `base`; the browser's clock stands at `now`."""

    @contextmanager
    def open_site(
        site: Site, at: str = "", *, now: str = NOW, base: str | None = None, **options: Any
    ) -> Iterator[Opened]:
        write(tmp_path / "site", site.index, site.files)
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        try:
            found = Opened(context.new_page())
            found.page.clock.set_fixed_time(now)
            found.page.on("console", lambda message: found.said.append(message.text))
            found.page.on("pageerror", lambda error: found.said.append(str(error)))
            found.page.on("request", lambda request: found.asked.append(request.url))
            found.page.goto((base or (tmp_path / "site").as_uri()) + "/index.html" + at)
            found.page.wait_for_selector("html[data-ready]")
            yield found
        finally:
            context.close()

    return open_site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return made_site(tmp_path, story(), changes=Changes((step(4, 6),)))


WATCH = """
() => {
  const real = window.uPlot;
  window.drawn = [];
  window.uPlot = class extends real {
    constructor(options, data, place) {
      super(options, data, place);
      window.drawn.push({ data, place: place.getAttribute("aria-label") });
    }
  };
  window.uPlot.paths = real.paths;
}
"""


def charts(it: Opened, at: str) -> list[Any]:
    """What is drawn at an address: the data of each chart that is in sight."""
    it.page.evaluate(WATCH)
    go(it, at)
    it.page.wait_for_function("() => window.drawn.length > 0")
    found: list[Any] = it.page.evaluate("window.drawn.map(({ data, place }) => [place, data])")
    return found


def go(it: Opened, at: str) -> None:
    """Follow an address within the page."""
    before = it.page.evaluate("document.documentElement.dataset.ready")
    it.page.evaluate("(at) => { location.hash = at; }", at)
    it.page.wait_for_function("(before) => document.documentElement.dataset.ready !== before", arg=before)


def names(it: Opened) -> list[str]:
    return it.page.locator(".card h3").all_inner_texts()


# -- opening it -------------------------------------------------------------------------------------------------------


def test_it_opens_from_a_file_and_asks_for_its_own_files_only(visit: Visit, site: Site) -> None:
    with visit(site) as it:
        it.page.wait_for_selector("html[data-drawn]")
        assert it.said == []
        assert names(it) == ["check", "parse"]
        asked = [url.split("/site/")[1] for url in it.asked]
        assert asked[0] == "index.html"
        assert all(url.startswith(f"{FILES}/") for url in asked[1:])
        assert it.page.title() == "made"


def test_it_works_below_any_path_of_a_web_server(visit: Visit, site: Site, tmp_path: Path) -> None:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with visit(site, base=f"http://127.0.0.1:{server.server_port}/site") as it:
                assert names(it) == ["check", "parse"]
                assert it.said == []
        finally:
            server.shutdown()
            thread.join()


def test_without_a_script_it_says_what_is_missing(chromium: "Browser", site: Site, tmp_path: Path) -> None:
    write(tmp_path / "site", site.index, site.files)
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((tmp_path / "site/index.html").as_uri())
    assert "need JavaScript" in page.locator("body").inner_text()
    context.close()


def test_an_empty_branch_is_a_page_too(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    with visit(made_site(tmp_path, [])) as it:
        assert "There are no results yet." in it.page.locator("main").inner_text()
        for view in ("changes", "coverage", "compare", "suite"):
            go(it, f"#{view}")
        assert it.said == []


def test_a_site_that_was_published_again_asks_to_be_loaded_again(visit: Visit, site: Site, tmp_path: Path) -> None:
    with visit(site, "#coverage") as it:
        for path in (tmp_path / "site" / FILES).glob("series-*"):
            path.unlink()
        go(it, "#compare?metric=size")
        assert "The site may have been published again" in it.page.get_by_role("alert").inner_text()
        assert it.page.get_by_role("button", name="Load the page again").is_visible()


# -- charts -----------------------------------------------------------------------------------------------------------


def test_a_commit_without_a_result_is_a_gap(visit: Visit, site: Site) -> None:
    with visit(site, "#coverage") as it:
        drawn = dict(charts(it, "#trends?platform=x86_64-linux"))
        label = next(place for place in drawn if place.startswith("parse."))
        places, values = drawn[label]
        assert places == list(range(10))
        expected = [0.5, 0.5, 0.505, None, 0.5, None, 0.625, 0.625, None, None]
        assert values == [None if each is None else pytest.approx(each) for each in expected]
        assert "x86_64-linux: 6 of 10 commits measured, 500.0 ms to 625.0 ms, 625.0 ms at 0007cccccc" in label


PIXELS = """
([low, high]) => {
  const canvas = document.querySelector("#large canvas");
  const over = document.querySelector("#large .u-over").getBoundingClientRect();
  const at = canvas.getBoundingClientRect();
  const position = (place) => over.left - at.left + (place + 0.6) / 10.2 * over.width;
  const [left, right] = [position(low) + 6, position(high) - 6];
  const context = canvas.getContext("2d");
  const { data } = context.getImageData(left, over.top - at.top, right - left, over.height);
  let coloured = 0;
  for (let i = 0; i < data.length; i += 4) {
    const rgb = data.slice(i, i + 3);
    if (data[i + 3] > 0 && Math.max(...rgb) - Math.min(...rgb) > 60) coloured += 1;
  }
  return coloured;
}
"""


def test_nothing_is_drawn_across_a_gap(visit: Visit, tmp_path: Path) -> None:
    with visit(made_site(tmp_path, story()), "#trends?platform=x86_64-linux&benchmark=parse") as it:
        it.page.wait_for_selector("#large canvas")
        assert it.page.evaluate(PIXELS, [0, 1]) > 0
        assert it.page.evaluate(PIXELS, [2, 4]) == 0


STRIP = """
(commit) => {
  const strip = document.querySelector(".strip canvas");
  const over = document.querySelector("#large .u-over").getBoundingClientRect();
  const x = over.left - strip.getBoundingClientRect().left + (commit + 0.6) / 10.2 * over.width;
  return [...strip.getContext("2d").getImageData(x, 0, 1, 1).data];
}
"""


def test_the_strip_below_stands_under_the_commits_of_the_chart(visit: Visit, site: Site) -> None:
    with visit(site, "#trends?platform=x86_64-linux&benchmark=parse") as it:
        it.page.wait_for_selector(".strip canvas")
        opaque = [it.page.evaluate(STRIP, commit)[3] == 255 for commit in range(10)]
        assert opaque == [state == "m" for state in "mmmsmfmmus"]  # only what is measured is as high as the strip


def test_along_runs_every_run_is_a_point(visit: Visit, site: Site) -> None:
    with visit(site, "#coverage") as it:
        drawn = charts(it, "#trends?benchmark=parse&along=runs")
        places, *lines = drawn[0][1]
        assert len(places) == 8 + 3
        assert [sum(value is not None for value in line) for line in lines] == [3, 8]


def test_relative_lines_are_divided_by_their_medians(visit: Visit, site: Site) -> None:
    with visit(site, "#coverage") as it:
        _, line = charts(it, "#trends?benchmark=parse&scale=relative&platform=aarch64-linux")[0][1]
        assert [value for value in line if value is not None] == [1, 1, 1]


def test_numbers_are_shown_in_units_that_people_read(visit: Visit, tmp_path: Path) -> None:
    extra: dict[str, Any] = {"size": Metric("B", 3 * 2**20), "ratio": Metric("1", 1234.5), "tiny": Metric("s", 2.5e-7)}
    with visit(made_site(tmp_path, [result(3, {"parse": 90.0}, **extra)]), "#trends?benchmark=parse") as it:
        assert "90" not in it.page.locator(".readout").inner_text()
        it.page.locator("#large").focus()
        it.page.keyboard.press("End")
        assert "1.500 min" in it.page.locator(".readout").inner_text()
        it.page.locator(".card .latest span").nth(2).wait_for()
        latest = it.page.locator(".card .latest").all_inner_texts()
        assert latest == ["3.000 MiB", "1,235", "250.0 ns"]


# -- addresses --------------------------------------------------------------------------------------------------------


def test_a_view_has_an_address_that_opens_it_again_and_back_leads_to_the_one_before(visit: Visit, site: Site) -> None:
    with visit(site) as it:
        it.page.get_by_role("link", name="parse").click()
        it.page.wait_for_selector("#large")
        assert it.address == "#trends?benchmark=parse"
        it.page.get_by_label("metric").select_option("size")
        assert it.address == "#trends?benchmark=parse&metric=size"
        it.page.get_by_role("checkbox", name="aarch64-linux").uncheck()
        assert it.address == "#trends?platform=x86_64-linux&benchmark=parse&metric=size"
        it.page.get_by_label("from", exact=True).fill("0002")
        address = it.address
        assert address == "#trends?platform=x86_64-linux&benchmark=parse&metric=size&from=0002"
        it.page.go_back()
        it.page.wait_for_selector(".card")
        assert (it.address, names(it)) == ("", ["check", "parse"])
        it.page.go_forward()
        it.page.wait_for_selector("#large")
        assert it.address == address
        it.page.reload()
        it.page.wait_for_selector("#large")
        assert it.page.get_by_label("from", exact=True).input_value() == "0002"
        assert it.page.locator("#shown").inner_text() == "8 commits, 2026-04-21 to 2026-04-22"
        assert it.said == []


@pytest.mark.parametrize(
    "at",
    [
        "#",
        "#nowhere",
        "#trends?platform=gone&benchmark=gone&metric=gone",
        "#trends?from=zzz&to=%",
        "#compare?a=gone&b=",
        "#trends?commit=gone",
        "#trends?from=2027-01-01&to=2020-01-01",
    ],
)
def test_an_address_of_something_that_is_not_there_is_no_error(visit: Visit, site: Site, at: str) -> None:
    with visit(site, at) as it:
        assert it.page.locator("main").inner_text() != ""
        assert it.said == []


def test_a_range_is_made_of_commits_or_days(visit: Visit, site: Site) -> None:
    with visit(site, "#trends?from=2026-04-21&to=2026-04-21") as it:
        assert it.page.locator("#shown").inner_text() == "4 commits, 2026-04-21 to 2026-04-21"
        it.page.get_by_label("from", exact=True).fill("nothing")
        assert it.page.get_by_label("from", exact=True).get_attribute("aria-invalid") == "true"


def test_the_filter_takes_words_and_globs(visit: Visit, site: Site) -> None:
    with visit(site) as it:
        for text, expected in (("PAR", ["parse"]), ("*e*", ["check", "parse"]), ("ch*", ["check"]), ("zz", [])):
            it.page.get_by_role("searchbox", name="benchmark").fill(text)
            it.page.wait_for_function("(n) => document.querySelectorAll('.card').length === n", arg=len(expected))
            assert names(it) == expected
        assert "No benchmark matches zz" in it.page.locator("main").inner_text()
        it.page.get_by_role("button", name="Reset").click()
        it.page.wait_for_selector(".card")
        assert it.address == "#trends"


# -- by keyboard, and by ear ------------------------------------------------------------------------------------------


def test_a_chart_is_walked_by_keys_and_says_where_it_is(visit: Visit, site: Site) -> None:
    with visit(site, "#trends?benchmark=parse&platform=x86_64-linux") as it:
        chart = it.page.get_by_role("application", name="time of parse")
        chart.focus()
        heard = []
        for key in ("ArrowRight", "ArrowRight", "End", "ArrowLeft", "Home"):
            it.page.keyboard.press(key)
            heard.append(it.page.locator("#said").inner_text().split(",")[0])
        assert heard == [f"{number:04x}cccccc" for number in (0, 1, 7, 6, 0)]
        for _ in range(2):
            it.page.keyboard.press("ArrowRight")
        assert (
            it.page.locator("#said").inner_text() == "0002cccccc, 2026-04-21, 505.0 ms (3 runs, 500.0 ms to 510.0 ms)"
        )
        it.page.keyboard.press("Enter")
        dialog = it.page.get_by_role("dialog")
        dialog.wait_for()
        assert it.address.endswith("commit=0002cccccc")
        assert len(dialog.get_by_role("row").all()) == 1 + 3
        it.page.keyboard.press("Escape")
        dialog.wait_for(state="hidden")
        eventually("the address names no commit", lambda: "commit" not in it.address)
        chart.focus()
        it.page.keyboard.press("+")
        it.page.wait_for_function("() => location.hash.includes('from=')")
        it.page.wait_for_function("() => document.activeElement.id === 'large'")
        it.page.keyboard.press("0")
        it.page.wait_for_function("() => !location.hash.includes('from=')")


def test_what_a_chart_shows_is_a_table_too(visit: Visit, site: Site) -> None:
    with visit(site, "#trends?benchmark=parse") as it:
        it.page.get_by_text("Table of 7 commits").click()
        it.page.locator(".folded tr").first.wait_for()
        rows = [row.inner_text().split("\t") for row in it.page.locator(".folded tr").all()]
        assert [each.strip() for each in rows[0]] == [
            "commit",
            "date",
            "aarch64-linux",
            "since before",
            "runs",
            "x86_64-linux",
            "since before",
            "runs",
        ]
        assert [each.strip() for each in rows[1]] == ["0008cccccc", "2026-04-22", "750.0 ms", "±0 %", "1", "", "", ""]
        assert [each.strip() for each in rows[3]] == [
            "0006cccccc",
            "2026-04-22",
            "",
            "",
            "",
            "625.0 ms",
            "+25.0 %",
            "1",
        ]


FOCUSED = """
() => {
  const at = document.activeElement;
  return [at.id || at.tagName, at.getAttribute("aria-label") || at.labels?.[0]?.textContent || at.textContent];
}
"""


def test_every_control_has_a_name_and_is_reached_by_tab(visit: Visit, site: Site) -> None:
    with visit(site, "#trends?benchmark=parse") as it:
        reached = []
        for _ in range(60):
            it.page.keyboard.press("Tab")
            reached.append(it.page.evaluate(FOCUSED))
        ids = [name for name, _ in reached]
        for wanted in ("metric", "beside", "from", "to", "scale", "along", "reset", "large"):
            assert wanted in ids
        assert all(label.strip() for _, label in reached)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_and_lines_have_enough_contrast(visit: Visit, site: Site, scheme: str) -> None:
    lines = [(f"s{number}", "ground", 3) for number in range(1, 7)]
    marks = [("measured", "ground", 3), ("failed", "ground", 3), ("bad", "ground", 4.5), ("good", "ground", 4.5)]
    with visit(site, color_scheme=scheme, now="2027-01-01T00:00:00Z") as it:
        for view in ("trends", "trends?benchmark=parse", "changes", "coverage", "compare"):
            go(it, f"#{view}")
            assert it.page.evaluate(CONTRAST, [*lines, *marks]) == [], view


PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
SMALL = """
() => [...document.querySelectorAll("a, button, input, select, summary, .chip")]
  .filter((e) => e.checkVisibility() && !e.closest(".skip, .unseen, .chip, table, footer"))
  .map((e) => [e.id || e.textContent, e.getBoundingClientRect()])
  .filter(([, { width, height }]) => Math.min(width, height) < 24)
  .map(([name]) => name)
"""


@pytest.mark.parametrize(
    "at", ["", "#trends?benchmark=parse", "#changes", "#coverage", "#compare", "#trends?benchmark=parse&commit=0002"]
)
def test_a_phone_shows_it_without_scrolling_sideways(visit: Visit, tmp_path: Path, at: str) -> None:
    long = "a_benchmark_with_a_name_of_some_length" * 5
    items = [*story(), result(8, {long: 1.0}), failed(9, "x" * 500), skip(8, "w" * 150, platform="aarch64-linux")]
    made = made_site(tmp_path, items, changes=Changes((step(4, 6),)), about=replace(ABOUT, title="T" * 200))
    with visit(made, at, **PHONE) as it:
        if "commit" not in at:
            it.page.locator("#filters > summary").tap()
        measure = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        assert it.page.evaluate(measure) == [390, 390]
        assert it.page.evaluate(SMALL) == []
        assert (it.page.locator("#filters").get_attribute("open") is None) == ("commit" in at)


# -- the other views --------------------------------------------------------------------------------------------------


def test_changes_name_the_commits_that_they_may_be_due_to(visit: Visit, site: Site) -> None:
    with visit(site, "#changes") as it:
        row = it.page.locator("tbody tr").inner_text()
        for words in ("▲ +25.0 %", "parse", "x86_64-linux", "0004cccccc…0006cccccc 2 commits", "2026-04-22", "< 0.001"):
            assert words in row
        assert "1 change; 1 regression still there" in it.page.locator("main").inner_text()
        it.page.get_by_role("link", name="parse").click()
        it.page.wait_for_selector("#large")
        assert "benchmark=parse" in it.address


def test_small_changes_are_shown_to_those_who_ask(visit: Visit, tmp_path: Path) -> None:
    points = (step(4, 6), step(1, 2, ratio=0.97, kind="improvement"), step(1, 2, ratio=1.12, metric="size"))
    with visit(made_site(tmp_path, story(), changes=Changes(points)), "#changes") as it:
        marks = it.page.locator("tbody td:first-child")
        assert marks.all_inner_texts() == ["▲ +25.0 %", "▲ +12.0 %"]
        assert it.page.locator("nav a").nth(1).inner_text() == "Changes2"
        it.page.get_by_label("changes of").select_option("1 % or more")
        it.page.wait_for_function("() => document.querySelectorAll('tbody tr').length === 3")
        assert it.address == "#changes?least=1"
        it.page.get_by_label("Metric of the changes").select_option("size")
        it.page.wait_for_function("() => document.querySelectorAll('tbody tr').length === 1")
        assert (it.address, marks.all_inner_texts()) == ("#changes?of=size&least=1", ["▲ +12.0 %"])
        it.page.get_by_label("changes of").select_option("10 % or more")
        assert it.said == []


def test_a_change_of_all_benchmarks_and_one_without_a_commit_are_called_so(visit: Visit, tmp_path: Path) -> None:
    changes = Changes((step(4, 6, benchmark="(all benchmarks)"), step(2, 2, kind="improvement", ratio=0.9)))
    with visit(made_site(tmp_path, story(), changes=changes), "#changes") as it:
        rows = it.page.locator("tbody tr").all_inner_texts()
        assert "all benchmarks" in rows[0]
        assert "0002cccccc no commit: the code was the same" in rows[1]
        go(it, "#trends?benchmark=check")
        assert "all benchmarks" in it.page.locator("section", has_text="Changes").inner_text()
        go(it, "#trends")
        assert it.page.locator(".card", has_text="check").locator(".mark").count() == 0
        assert it.said == []


def test_a_page_without_changes_says_why(visit: Visit, tmp_path: Path) -> None:
    made = made_site(tmp_path, story(), changes=Changes(why_not="scipy is not installed"))
    with visit(made, "#changes") as it:
        assert "Changes were not computed: scipy is not installed." in it.page.locator("main").inner_text()
        assert "scipy is not installed" in it.page.locator("#banners").inner_text()


def test_coverage_accounts_for_every_commit(visit: Visit, site: Site) -> None:
    with visit(site, "#coverage") as it:
        text = it.page.locator("main").inner_text()
        assert "6 of 10 commits measured (60.0 %)" in text
        assert "3 of 10 commits measured (30.0 %)" in text
        rows = it.page.locator("section", has_text="Unmeasured commits").locator("tbody tr")
        found = {row.split("\n")[0].split("\t")[0].strip(): row for row in rows.all_inner_texts()}
        assert "skipped: waits for others, 4 in the queue" in found["0009cccccc"]
        assert "failed" in found["0005cccccc"]
        assert "represented by 0004cccccc" in found["0003cccccc"]
        it.page.get_by_role("combobox", name="State").select_option("skipped")
        assert it.address == "#coverage?state=skipped"
        skips = it.page.locator("section", has=it.page.get_by_role("heading", name="Skips"))
        assert "too many runs" in skips.inner_text()
        assert "21" in skips.inner_text()
        it.page.locator("details.message summary", has_text="build").click()
        assert it.page.locator("pre").inner_text() == "no compiler\n"


def test_two_commits_are_compared(visit: Visit, site: Site) -> None:
    with visit(site, "#compare?a=0002&b=0006&platform=x86_64-linux") as it:
        rows = [row.split("\t") for row in it.page.locator("tbody tr").all_inner_texts()]
        first = [cell.strip() for cell in rows[0]]
        assert first == ["parse", "505.0 ms", "625.0 ms", "+23.8 %", "", "worse", "3, 1"]
        second = [cell.strip() for cell in rows[1]]
        assert second[0] == "check"
        assert second[5] == "within the spread"
        it.page.get_by_role("button", name="Swap").click()
        it.page.wait_for_function("() => document.querySelector('tbody').innerText.includes('better')")
        assert it.address == "#compare?platform=x86_64-linux&a=0006cccccc&b=0002cccccc"
        it.page.get_by_label("after").fill("0003")
        it.page.get_by_label("after").press("Enter")
        it.page.wait_for_function(
            "() => document.querySelector('main').innerText.includes('was not measured at 0003cccccc')"
        )


def suite(commit: int, makespan: float, units: dict[str, float]) -> Result:
    """A run of a test suite, as `from-run` records it."""
    made = result(commit, {f"unit {name}": time for name, time in units.items()}, run=30)
    whole = Benchmark("suite", {"makespan": Metric("s", makespan), "cpu": Metric("s", makespan * 2)})
    return replace(made, benchmarks=(whole, *made.benchmarks))


def test_the_suite_shows_its_makespan_and_its_long_pole(visit: Visit, tmp_path: Path) -> None:
    runs = [suite(0, 10, {"gc": 8, "text": 3}), suite(1, 12, {"gc": 9, "text": 3}), suite(4, 12, {"gc": 2, "text": 11})]
    with visit(made_site(tmp_path, [*story(), *runs]), "#suite") as it:
        rows = [
            [cell.strip() for cell in row.split("\t")] for row in it.page.locator("section tbody tr").all_inner_texts()
        ]
        assert [(row[0], row[3], row[4], row[5]) for row in rows] == [
            ("text", "1", "11.00 s", "91.7 %"),
            ("gc", "2", "8.500 s", "77.5 %"),
        ]
        label = it.page.get_by_role("application").get_attribute("aria-label") or ""
        assert "x86_64-linux makespan: 3 of 10 commits measured, 10.00 s to 12.00 s" in label
        assert "longest unit: 3 of 10 commits measured, 8.000 s to 11.00 s" in label
        it.page.get_by_role("link", name="Trends").click()
        it.page.wait_for_selector(".card")
        assert names(it) == ["check", "parse", "unit gc", "unit text"]


def test_without_runs_of_a_suite_there_is_no_view_of_it(visit: Visit, site: Site) -> None:
    with visit(site) as it:
        assert it.page.locator("nav a").all_inner_texts() == ["Trends", "Changes1", "Coverage", "Compare"]


# -- banners ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2026-04-23T12:00:00Z", ""),
        ("2026-04-29T08:00:00Z", "The newest result of x86_64-linux is 7 days old."),
        ("2026-06-22T12:00:00Z", "The newest result is 61 days old."),
    ],
)
def test_results_that_are_old_are_stale(visit: Visit, site: Site, now: str, said: str) -> None:
    with visit(site, now=now) as it:
        text = it.page.locator("#banners").inner_text()
        assert ("Stale." in text) == bool(said)
        assert said in text


def test_a_platform_without_the_newest_commit_or_that_failed_makes_it_partial(visit: Visit, tmp_path: Path) -> None:
    with visit(made_site(tmp_path, [*story(), failed(9)])) as it:
        text = it.page.locator("#banners").inner_text()
        assert "0008cccccc, the newest measured commit, was not measured on x86_64-linux." in text
        assert "The newest run failed on x86_64-linux." in text


def test_a_platform_of_which_there_are_only_skips_has_no_result_yet(visit: Visit, tmp_path: Path) -> None:
    with visit(made_site(tmp_path, [*story(), skip(3, platform="riscv64-linux")])) as it:
        assert it.page.locator("#banners").inner_text().endswith("riscv64-linux has no result yet.")
        for at in ("#coverage", "#compare", "#changes"):
            go(it, at)
        assert it.said == []


def test_results_of_a_newer_longpole_are_missed_aloud(visit: Visit, tmp_path: Path) -> None:
    others = {"runs/p/2026/04/new.json": b'{"version": 4, "kind": "result"}', "runs/p/2026/04/bad.json": b"{"}
    with visit(made_site(tmp_path, story(), others=others)) as it:
        text = it.page.locator("#banners").inner_text()
        assert "Newer results. 1 result file is of version 4" in text
        assert "1 file could not be read." in text
        go(it, "#coverage")
        assert "runs/p/2026/04/new.json" in it.page.locator("main").inner_text()


# -- hostile names ----------------------------------------------------------------------------------------------------

CANARY = "window.canary = 1"
HOSTILE = [
    f"</script><script>{CANARY}</script>",
    f'<img src=x onerror="{CANARY}">',
    f"\"'><svg onload='{CANARY}'>",
    f"javascript:{CANARY}//",
    "${" + CANARY + "}`",
    "a,b&platform=x?y#z+%41",
    "שלום פרס",
    "é" * 200,
    "__proto__",
    "unit ../../etc/passwd",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_names_from_results_are_text_and_nothing_else(visit: Visit, tmp_path: Path, text: str) -> None:
    metric = Metric("s", 0.5)
    run = Result("x86_64-linux", sha(4), result(4, {}).measured_at, (Benchmark(text, {"time": metric, text: metric}),))
    change = step(4, 6, benchmark=text)
    refusal = Skip("x86_64-linux", sha(3), run.measured_at, text, 3, text)
    broken = replace(failed(5), failures=(replace(failed(5).failures[0], name=text, message=text),))
    site = made_site(
        tmp_path,
        [run, refusal, broken],
        commits(10, subject=text),
        Changes((change,)),
        About(text, "https://git.example.com/{sha}"),
    )
    with visit(site) as it:
        it.page.locator(".card h3 a").click()
        it.page.wait_for_selector("#large")
        assert it.page.locator("h2 .name").inner_text() == text
        address = it.address
        for at in ("#changes", "#coverage", "#compare", "#suite", "#trends?commit=0004", address):
            go(it, at)
            assert it.page.locator("main img, main svg, main script, main iframe").count() == 0
        assert it.page.locator("h2 .name").inner_text() == text
        assert it.page.evaluate("window.canary") is None
        assert it.page.evaluate("({}).polluted") is None
        assert it.said == []
        assert it.page.title() == text.strip()


def test_the_policy_stops_a_script_that_got_in(visit: Visit, site: Site) -> None:
    with visit(site) as it:
        it.page.evaluate(
            f"() => {{ const s = document.createElement('script'); s.text = '{CANARY}'; document.body.append(s);"
            f"const d = document.createElement('div'); d.innerHTML = `<a style='color: red' onclick='{CANARY}'>x</a>`;"
            " document.body.append(d); d.firstChild.click(); }"
        )
        assert it.page.evaluate("window.canary") is None
        assert any("Content Security Policy" in line for line in it.said)
