"""The report in a real browser: it opens, it can be searched, driven by keys, heard, read on a phone, in the dark."""
# long: one page in one browser, which all of its tests share

import re
from pathlib import Path

import pytest

from longpole.rts_tests.contracts.history import History, UnitHistory
from longpole.rts_tests.report.summary import Summary
from tests.browser.contrast import CONTRAST
from tests.browser.opened import Open
from tests.rts_tests.report.made import HOSTILE, made_record, made_run

CANARY = "window.canary = 1"
INJECTIONS = [
    f"</script><script>{CANARY}</script>",
    f'<img src=x onerror="{CANARY}">',
    f"<svg onload='{CANARY}'>",
    f'"><details open ontoggle="{CANARY}">',
    f"javascript:{CANARY}",
    f"<!--<script>{CANARY}",
    f"</pre></details></main><iframe srcdoc='<script>parent.{CANARY}</script>'>",
]


def test_the_page_opens_without_a_word_and_asks_for_nothing(opened: Open, run: Summary) -> None:
    with opened(run) as it:
        assert it.said == []
        assert [url.split("/")[-1] for url in it.asked] == ["report.html"]
        assert it.page.title() == "made: 3 of 12 units did not pass"
        assert it.page.locator("#shown").inner_text() == "12 units"


def test_without_a_script_there_are_the_summary_and_the_failures(opened: Open, run: Summary) -> None:
    with opened(run, java_script_enabled=False) as it:
        assert it.page.locator("h1").inner_text() == "3 of 12 units did not pass"
        assert it.page.locator("pre").first.inner_text() == "heap.c:7: poisoned\n"
        assert it.page.locator("details").count() == 3
        assert not it.page.locator("#filter").is_visible()
        assert "need JavaScript" in it.page.locator("main").inner_text()


def test_failures_come_first_then_the_longest(opened: Open, run: Summary) -> None:
    with opened(run) as it:
        assert it.ids()[:5] == ["inc/bad", "inc/late", "inc/Never", "eop/pole", "eop/gc[0]"]


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("gc", 8),
        ("GC eop", 5),
        ("eop/gc*", 5),
        ("*[1]", 2),
        ("gc[", 8),
        ("e?p/*", 6),
        ("no such", 0),
        ("never", 1),
        ("gc*", 0),
    ],
)
def test_the_filter_takes_words_and_globs(opened: Open, run: Summary, query: str, number: int) -> None:
    with opened(run) as it:
        it.page.get_by_role("searchbox", name="unit").fill(query)
        assert len(it.ids()) == number
        assert it.page.locator("#shown").inner_text() == f"{number} of 12 units"
        assert ("No unit matches" in it.page.locator("#rows").inner_text()) == (number == 0)


def test_the_filter_takes_variant_and_outcomes_and_reaches_the_failures(opened: Open, run: Summary) -> None:
    with opened(run) as it:
        it.page.get_by_label("variant").select_option("inc")
        assert len(it.ids()) == 6
        it.page.get_by_role("checkbox", name="failed 1").check()
        assert it.ids() == ["inc/bad"]
        it.page.get_by_role("checkbox", name="timeout 1").check()
        assert it.ids() == ["inc/bad", "inc/late"]
        it.page.get_by_role("searchbox").fill("late")
        assert it.page.locator(".failure:visible b").all_inner_texts() == ["inc/late"]


def test_rows_are_sorted_by_any_column(opened: Open, run: Summary) -> None:
    with opened(run) as it:
        button = it.page.get_by_role("button", name="time", exact=True)
        button.click()
        assert it.ids()[0] == "eop/pole"
        assert it.page.get_by_role("columnheader", name="time", exact=True).get_attribute("aria-sort") == "descending"
        button.click()
        assert it.ids()[0] == "inc/Never"
        it.page.get_by_role("button", name="unit").click()
        assert it.ids() == sorted(it.ids())


def test_the_table_is_walked_by_keys_and_enter_opens_a_unit(opened: Open, run: Summary) -> None:
    with opened(run) as it:
        table = it.page.get_by_role("grid", name="Units")
        table.focus()
        for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"):
            it.page.keyboard.press(key)
        selected = it.page.locator("[aria-selected=true]")
        assert selected.locator(".id").inner_text() == "inc/late"
        assert table.get_attribute("aria-activedescendant") == selected.get_attribute("id")
        it.page.keyboard.press("End")
        assert selected.get_attribute("aria-rowindex") == table.get_attribute("aria-rowcount") == "13"
        it.page.keyboard.press("Home")
        it.page.keyboard.press("Enter")
        dialog = it.page.get_by_role("dialog", name="inc/bad")
        assert dialog.is_visible()
        for words in ("failed: exit status 3", "make test-inc-bad", "2.00 s, expected 1.00 s", "heap.c:7: poisoned"):
            assert words in dialog.inner_text()
        it.page.keyboard.press("Escape")
        assert not dialog.is_visible()
        assert it.page.evaluate("document.activeElement.id") == "table"


def test_the_timeline_is_walked_by_keys_and_says_where_it_is(opened: Open, run: Summary) -> None:
    with opened(run) as it:
        it.page.locator("#timeline").focus()
        heard = []
        for key in ("ArrowRight", "ArrowDown", "ArrowRight", "ArrowLeft", "ArrowRight", "ArrowDown", "Home", "ArrowUp"):
            it.page.keyboard.press(key)
            heard.append(it.page.locator("#said").inner_text().split(",")[0])
        assert heard == [
            "eop/pole",
            "eop/gc[4]",
            "inc/bad",
            "eop/gc[4]",
            "inc/bad",
            "inc/gc[2]",
            "eop/pole",
            "eop/pole",
        ]
        assert it.page.locator("#said").inner_text() == "eop/pole, passed, 9.00 s, worker 1, from 0.00 s"
        it.page.keyboard.press("Enter")
        assert it.page.get_by_role("dialog", name="eop/pole").is_visible()


def test_every_control_is_reached_by_tab_in_the_order_of_the_page(opened: Open, run: Summary) -> None:
    with opened(run) as it:
        reached = []
        for _ in range(40):
            it.page.keyboard.press("Tab")
            script = "(e => e.id || e.className || e.tagName + ' ' + e.textContent)(document.activeElement)"
            reached.append(it.page.evaluate(script))
            if reached[-1] == "table":
                break
        order = ["skip", "query", "variant", "INPUT ", "SUMMARY", "copy", "log", "zoom-in", "timeline", "table"]
        places = [next(n for n, name in enumerate(reached) if name.startswith(start)) for start in order]
        assert places == sorted(places)
        assert reached.count("INPUT ") == 4  # passed, failed, timeout, not run


def test_what_is_seen_has_a_name_and_a_role(opened: Open, run: Summary) -> None:
    history = History({"eop/pole": UnitHistory((8.0, 8.5), "passed")})
    with opened(run, history) as it:
        for role, name in [
            ("banner", None),
            ("main", None),
            ("search", "Filter"),
            ("searchbox", "unit"),
            ("combobox", "variant"),
            ("group", "outcome"),
            ("application", re.compile("Timeline, one lane per worker")),
            ("region", "Timeline"),
            ("region", "Failures"),
            ("region", "log of inc/bad"),
            ("grid", "Units"),
            ("img", "earlier 8.00 s, 8.50 s"),
        ]:
            assert it.page.get_by_role(role, name=name).count() == 1, (role, name)
        assert it.page.get_by_role("row").count() == 13
        assert [head.inner_text() for head in it.page.get_by_role("heading").all()] == [
            "3 of 12 units did not pass",
            "Failures",
            "Timeline",
            "Units",
        ]
        assert it.page.evaluate("document.documentElement.lang") == "en"


PAIRS = [
    *(("on-bar", "bar", 4.5), ("on-pole", "pole", 4.5), ("on-bad", "bad", 4.5), ("quiet", "track", 4.5)),
    *(("on-build", "build", 4.5), ("bad", "bar", 1.5), ("link", "ground", 3)),
    *((bar, ground, 3) for bar in ("bar", "pole", "bad", "build") for ground in ("track", "ground")),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_enough_contrast(opened: Open, tmp_path: Path, scheme: str) -> None:
    codes = [*range(30, 38), *range(40, 48), *range(90, 98), *range(100, 108), 2, 7]
    log = "".join(f"\x1b[{code}mcode {code}\x1b[0m\n" for code in codes) + "\x1b[33;41mboth\x1b[0m \x1b[31;7mturned\n"
    records = [made_record("v/a", status="failed", note="exit status 1"), made_record("v/b", lane=1, wall_s=0.2)]
    with opened(made_run(tmp_path, records, logs={"v/a": log.encode()}), color_scheme=scheme) as it:
        dark = it.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        assert dark == (scheme == "dark")
        assert it.page.evaluate(CONTRAST, PAIRS) == []


def test_the_dark_page_is_dark(opened: Open, run: Summary) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        with opened(run, color_scheme=scheme) as it:
            colour = it.page.evaluate("getComputedStyle(document.body).backgroundColor")
            grounds.append(max(map(int, re.findall(r"\d+", colour))))
    assert grounds[0] > 240
    assert grounds[1] < 40


def test_a_phone_shows_it_without_scrolling_sideways(opened: Open, tmp_path: Path) -> None:
    name = "a-variant-of-some-length/" + "module" * 30
    record = made_record(
        name, status="failed", note="n" * 300, command=("sh", "x" * 500), reproducer="make " + "y" * 300
    )
    summary = made_run(tmp_path, [record, made_record("v/b", lane=1)], logs={name: b"z" * 5000}, machine="m" * 200)
    options = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
    with opened(summary, **options) as it:
        measure = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        assert it.page.evaluate(measure) == [390, 390]
        assert it.page.locator("#rows [role=row]").first.bounding_box()["width"] <= 390
        it.page.locator("#rows [role=row]").first.tap()
        assert it.page.get_by_role("dialog").is_visible()
        assert it.page.evaluate(measure) == [390, 390]
        box = it.page.get_by_role("dialog").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390


@pytest.mark.parametrize("text", [*INJECTIONS, *HOSTILE])
def test_what_tests_say_is_never_run(opened: Open, tmp_path: Path, text: str) -> None:
    name = f"v/{text}".replace("\0", "")
    record = made_record(
        name, target="t", status="failed", note=text, reproducer=text, command=(text,), host=text, variant=text
    )
    summary = made_run(
        tmp_path, [record], suite=text, logs={name: text.encode(errors="replace")}, host=text, commit=text
    )
    with opened(summary) as it:
        it.page.locator("#rows [role=row]").first.click()
        it.page.wait_for_selector("dialog[open]")
        assert it.page.evaluate("window.canary") is None
        assert it.said == []
        assert len(it.asked) == 1
        assert it.page.locator("img, iframe, #rows script, svg[onload]").count() == 0


def test_the_policy_stops_a_script_that_got_in(opened: Open, run: Summary) -> None:
    with opened(run) as it:
        it.page.evaluate(
            f"() => {{ const s = document.createElement('script'); s.text = '{CANARY}'; document.body.append(s);"
            f"const d = document.createElement('div'); d.innerHTML = `<img src=x onerror='{CANARY}'>`;"
            " document.body.append(d); }"
        )
        it.page.wait_for_timeout(100)
        assert it.page.evaluate("window.canary") is None
        assert any("Content Security Policy" in line for line in it.said)


@pytest.fixture(scope="module")
def ten_thousand(tmp_path_factory: pytest.TempPathFactory) -> tuple[Summary, History]:
    records = [
        made_record(
            f"v{n % 5}/m{n // 50}[{n % 50}]",
            target=f"t{n}",
            lane=n % 8,
            started_s=n // 8 * 0.5,
            wall_s=0.3 + n % 7 / 40,
        )
        for n in range(10_000)
    ]
    history = History({record.id: UnitHistory((0.3, 0.4) * 5, "passed") for record in records})
    return made_run(tmp_path_factory.mktemp("many"), records), history


def test_ten_thousand_units_are_shown_and_filtered(opened: Open, ten_thousand: tuple[Summary, History]) -> None:
    with opened(*ten_thousand) as it:
        assert it.said == []
        assert it.page.locator("#shown").inner_text() == "10,000 units"
        table = it.page.get_by_role("grid")
        assert table.get_attribute("aria-rowcount") == "10001"
        assert 30 < it.page.locator("#rows [role=row]").count() < 100
        table.focus()
        it.page.keyboard.press("End")
        it.page.wait_for_selector("[aria-rowindex='10001']")
        assert it.page.locator("[aria-rowindex='10001']").is_visible()
        it.page.get_by_role("searchbox").fill("v3/m*[13]")
        assert it.page.locator("#shown").inner_text() == "200 of 10,000 units"
        it.page.wait_for_selector("[aria-rowindex='2']")


def test_a_run_of_nothing_opens_too(opened: Open, tmp_path: Path) -> None:
    with opened(made_run(tmp_path, [], planned=[])) as it:
        assert it.said == []
        assert it.page.locator("#shown").inner_text() == "0 units"


def test_the_canvas_shows_pole_failure_and_idle_tail(opened: Open, run: Summary) -> None:
    colour = """
    ([lane, time]) => {
      const canvas = document.querySelector("#timeline canvas");
      const ratio = canvas.width / canvas.clientWidth;
      const x = 26 + time / 9 * (canvas.clientWidth - 26);
      const [r, g, b] = canvas.getContext("2d").getImageData(x * ratio, (22 + lane * 26 + 4) * ratio, 1, 1).data;
      const style = getComputedStyle(document.documentElement);
      const names = { bar: 0, pole: 0, bad: 0, track: 0 };
      const hex = `#${[r, g, b].map((c) => c.toString(16).padStart(2, "0")).join("")}`;
      return Object.keys(names).find((name) => style.getPropertyValue(`--${name}`).trim() === hex) ?? hex;
    }
    """
    with opened(run) as it:
        it.page.get_by_role("searchbox").focus()

        def seen(lane: int, time: float) -> str:
            return str(it.page.evaluate(colour, [lane, time]))

        assert seen(0, 8.5) == "pole"
        assert seen(1, 0.9) == "bar"
        assert seen(1, 6.8) == "bad"
        assert seen(2, 0.9) == "bad"
        tail = {seen(2, 4.1 + n / 50) for n in range(40)}  # hatched: neither one colour nor a unit's
        assert len(tail) > 1
        assert tail.isdisjoint({"bar", "bad", "pole"})
