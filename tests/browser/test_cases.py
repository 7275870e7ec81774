"""Classes and cases in a real browser: folded out, found, addressed, opened; hostile ones are only text."""

from pathlib import Path

import pytest

from longpole.rts_tests.contracts.case_history import merge_case_history
from longpole.rts_tests.contracts.cases import Case, ClassResult
from longpole.rts_tests.contracts.history import History
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report.comparison import compare
from longpole.rts_tests.report.summary import Summary
from tests.browser.contrast import CONTRAST
from tests.browser.opened import Open, Opened
from tests.browser.test_report_page import CANARY, INJECTIONS, PAIRS
from tests.rts_tests.report.made import HOSTILE, made_record, made_run

PASSED, FAILED, SKIPPED, CRASHED = Status.PASSED, Status.FAILED, Status.SKIPPED, Status.CRASHED
FORK = "v/m[fork-0]"


def fork(number: int, classes: dict[str, list[Case]], **fields: object) -> Record:
    bad = {name: any(case.status not in (PASSED, SKIPPED) for case in cases) for name, cases in classes.items()}
    results = tuple(ClassResult(name, FAILED if bad[name] else PASSED, 1.0 + len(name) / 100) for name in classes)
    told = tuple(case for cases in classes.values() for case in cases)
    failed = {"status": FAILED, "note": "failed"} if any(bad.values()) else {}
    name = f"v/m[fork-{number}]"
    target = f"test-v-m-fork-{number}"
    parts = {"module": "m", "target": target, "fork": number, "lane": number, "cases": told, "classes": results}
    return made_record(name, **{**parts, **failed, **fields})


@pytest.fixture
def told(tmp_path: Path) -> Summary:
    """Two forks of two classes, a unit with cases of no class, and one without cases."""
    adds = Case("a.Bad", "adds()", FAILED, 0.5, "expected 1", "at Bad.java:17\n" * 3, "Bad.java:17", "printed\n")
    records = [
        fork(0, {"a.Fine": [Case("a.Fine", "one", PASSED, 0.2), Case("a.Fine", "two", SKIPPED, 0.0, "no network")],
                 "a.Bad": [Case("a.Bad", "fine", PASSED, 0.1), adds]}),
        fork(1, {"b.Gone": [Case("b.Gone", "", CRASHED, 0.1, "ended by SIGSEGV")],
                 "b.Twice": [Case("b.Twice", "same", PASSED, 0.1), Case("b.Twice", "same", PASSED, 0.3)]}),
        made_record("v/tap", cases=(Case("", "ok 1", PASSED, 0.1), Case("", "ok 2", PASSED, 0.2)), lane=2),
        made_record("w/plain", lane=3),
    ]  # fmt: skip
    log = b"[fork-0] === a.Bad ===\n[fork-0] the block of Bad\n"
    return made_run(tmp_path / "run", records, logs={FORK: log})


def names(it: Opened) -> list[str]:
    return [text.strip() for text in it.ids()]


def fold(it: Opened, name: str) -> None:
    it.page.locator("#rows [role=row]", has=it.page.locator(".id", has_text=name)).first.locator(".fold").click()


UNITS = [FORK, "v/m[fork-1]", "v/tap", "w/plain"]


def test_cases_are_folded_out_below_their_class_and_unit(opened: Open, told: Summary) -> None:
    with opened(told) as it:
        assert sorted(names(it)) == UNITS
        fold(it, FORK)
        assert names(it)[:3] == [FORK, "a.Bad", "a.Fine"]
        fold(it, "a.Fine")
        assert names(it)[:5] == [FORK, "a.Bad", "a.Fine", "one", "two"]
        fold(it, FORK)
        assert sorted(names(it)) == UNITS
        fold(it, FORK)
        assert names(it)[:5] == [FORK, "a.Bad", "a.Fine", "one", "two"]
        assert it.said == []


def test_a_class_that_told_of_no_case_has_none_below_it_and_a_case_without_a_class_is_below_its_unit(
    opened: Open, told: Summary
) -> None:
    with opened(told) as it:
        fold(it, "v/m[fork-1]")
        fold(it, "v/tap")
        assert names(it) == [FORK, "v/m[fork-1]", "b.Gone", "b.Twice", "v/tap", "ok 2", "ok 1", "w/plain"]
        assert it.page.locator("#rows .fold").count() == 4
        assert "ended by SIGSEGV" in it.page.locator("#rows [role=row]").nth(2).inner_text()


def test_rows_are_opened_and_closed_by_keys_and_heard(opened: Open, told: Summary) -> None:
    with opened(told) as it:
        table = it.page.get_by_role("treegrid", name="Units")
        table.focus()
        selected = it.page.locator("[aria-selected=true]")
        it.page.keyboard.press("ArrowDown")
        assert selected.get_attribute("aria-expanded") == "false"
        it.page.keyboard.press("ArrowRight")
        assert selected.get_attribute("aria-expanded") == "true"
        for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowDown"):
            it.page.keyboard.press(key)
        assert (selected.locator(".id").inner_text(), selected.get_attribute("aria-level")) == ("one", "3")
        it.page.keyboard.press("ArrowLeft")
        assert (selected.locator(".id").inner_text(), selected.get_attribute("aria-level")) == ("a.Fine", "2")
        it.page.keyboard.press("ArrowLeft")
        assert "one" not in names(it)
        it.page.keyboard.press("ArrowLeft")
        assert selected.locator(".id").inner_text() == FORK
        it.page.keyboard.press("Enter")
        assert it.page.get_by_role("dialog", name=FORK).is_visible()


@pytest.mark.parametrize(
    ("query", "shown", "counts"),
    [
        ("adds", [FORK, "a.Bad", "adds()"], "1 of 4 units, 1 of 9 cases"),
        ("a.bad ADDS", [FORK, "a.Bad", "adds()"], "1 of 4 units, 1 of 9 cases"),
        ("fork-0 fine", [FORK, "a.Bad", "fine", "a.Fine"], "1 of 4 units, 3 of 9 cases"),
        ("a.Bad#*", [FORK, "a.Bad"], "1 of 4 units, 2 of 9 cases"),
        ("*#same", ["v/m[fork-1]", "b.Twice"], "1 of 4 units, 2 of 9 cases"),
        ("ok", ["v/tap", "ok 2", "ok 1"], "1 of 4 units, 2 of 9 cases"),
        ("gone", ["v/m[fork-1]", "b.Gone"], "1 of 4 units, 1 of 9 cases"),
        ("plain", ["w/plain"], "1 of 4 units, 0 of 9 cases"),
        ("fork", [FORK, "v/m[fork-1]"], "2 of 4 units, 7 of 9 cases"),
    ],
)
def test_the_filter_finds_cases_and_shows_them(
    opened: Open, told: Summary, query: str, shown: list[str], counts: str
) -> None:
    with opened(told) as it:
        it.page.get_by_role("searchbox").fill(query)
        assert names(it)[: len(shown)] == shown
        assert it.page.locator("#shown").inner_text() == counts


def test_an_outcome_is_that_of_units_and_of_cases(opened: Open, told: Summary) -> None:
    with opened(told) as it:
        it.page.get_by_role("checkbox", name="skipped 1 case").check()
        assert names(it) == [FORK, "a.Fine", "two"]
        it.page.get_by_role("checkbox", name="skipped 1 case").uncheck()
        it.page.get_by_role("checkbox", name="failed").check()
        assert names(it) == [FORK, "v/m[fork-1]"]
        fold(it, FORK)
        assert names(it) == [FORK, "a.Bad", "adds()", "v/m[fork-1]"]
        it.page.get_by_label("variant").select_option("w")
        assert names(it) == []
        assert it.page.locator("#shown").inner_text() == "0 of 4 units, 0 of 9 cases"


def test_the_filter_reaches_the_failed_cases(opened: Open, told: Summary) -> None:
    with opened(told) as it:
        cases = it.page.locator("#failures .case:visible > summary b")
        it.page.get_by_role("searchbox").fill("m[fork-1]")
        assert it.page.locator(".failure:visible > summary b").all_inner_texts() == ["v/m[fork-1]"]
        it.page.locator(".failure:visible > summary").click()
        assert cases.all_inner_texts() == ["b.Gone"]
        it.page.get_by_role("searchbox").fill("same")
        assert cases.all_inner_texts() == []


@pytest.mark.parametrize(
    ("at", "title", "words"),
    [
        ("#v/m[fork-0]!a.Bad!adds()", "adds()", ["failed: expected 1", "0.50 s", "a.Bad", "at Bad.java:17", "printed"]),
        ("#v/m[fork-0]!a.Fine!two", "two", ["skipped: no network"]),
        ("#v/m[fork-0]!a.Bad", "a.Bad", ["failed", "1 passed, 1 failed", "the block of Bad"]),
        ("#v/m[fork-1]!b.Gone", "b.Gone", ["failed: ended by SIGSEGV"]),
        ("#v/m[fork-1]!b.Twice!same", "same", ["0.10 s"]),
        ("#v/m[fork-1]!b.Twice!same!2", "same", ["0.30 s"]),
        ("#v/tap!!ok%202", "ok 2", ["v/tap"]),
    ],
)
def test_each_class_and_case_has_an_address(opened: Open, told: Summary, at: str, title: str, words: list[str]) -> None:
    with opened(told, at=at) as it:
        dialog = it.page.get_by_role("dialog", name=title, exact=True)
        assert dialog.is_visible()
        for word in words:
            assert word in dialog.inner_text()
        assert it.page.locator("[aria-selected=true] .id").inner_text() == title
        href = it.page.locator("#unit-name a").get_attribute("href")
        it.close()
        assert it.address == ""
        it.page.locator("[aria-selected=true] .id").click()
        assert it.address == href
        assert it.said == []


def test_every_address_leads_back_to_its_row(opened: Open, tmp_path: Path) -> None:
    odd = ["!", "a!b", "?", "#", "%", "%21", "a/b[1]", "+", " ", "é", "\u202egnp", "a\nb", "\udcff", "x" * 500]
    record = fork(0, {name: [Case(name, each, PASSED) for each in odd] for name in odd})
    with opened(made_run(tmp_path / "run", [record])) as it:
        fold(it, FORK)
        it.page.locator("#rows [aria-level='2'] .fold").first.click()
        rows = it.page.locator("#rows .id")
        assert rows.count() == 1 + 2 * len(odd)
        for index in range(rows.count()):
            rows.nth(index).click()
            address, row = it.address, it.page.locator("[aria-selected=true]").get_attribute("id")
            it.close()
            it.page.locator("#rows .id").nth(index - 1).click()
            it.close()
            it.page.evaluate("(address) => { location.hash = address; }", address)
            it.page.locator("dialog[open]").wait_for()
            assert it.page.locator("[aria-selected=true]").get_attribute("id") == row
            it.close()
        assert it.said == []


def test_the_link_of_a_failed_case_opens_it(opened: Open, tmp_path: Path) -> None:
    odd = "a!b?#%+ é\udcff\u202e"
    summary = made_run(tmp_path / "run", [fork(0, {odd: [Case(odd, odd, FAILED, 0.0, "no")]})])
    with opened(summary) as it:
        it.page.locator(".failure .case > summary").click()
        it.page.locator(".failure .case .link a").click()
        assert it.page.locator("dialog[open] .facts").first.inner_text().startswith("outcome")
        assert it.page.locator("[aria-selected=true]").get_attribute("aria-level") == "3"


@pytest.mark.parametrize(
    "at", ["#v/m[fork-0]!none", "#v/m[fork-0]!a.Bad!none", "#v/m[fork-0]!a.Bad!adds()!2", "#w/plain!x", "#!", "#!!"]
)
def test_an_address_of_no_case_is_no_error(opened: Open, told: Summary, at: str) -> None:
    with opened(told, at=at) as it:
        assert it.said == []
        assert not it.page.get_by_role("dialog").is_visible()
        assert it.page.locator("#said").inner_text().startswith("There is no case ")


def test_without_a_script_failed_cases_are_there(opened: Open, told: Summary) -> None:
    with opened(told, java_script_enabled=False) as it:
        it.page.locator(".failure .case > summary").first.click()
        text = it.page.locator(".failure").first.inner_text()
        for word in ("at Bad.java:17", "printed", "make test-v-m SELECT='a.Bad#adds'"):
            assert word in text


def test_a_case_shows_its_earlier_durations(opened: Open, tmp_path: Path) -> None:
    for number, took in enumerate((1.0, 2.0, 3.0)):
        record = fork(0, {"C": [Case("C", "c", PASSED, took)]})
        merge_case_history(tmp_path, [record], run=f"2027-{number}")
    summary = made_run(tmp_path / "runs" / "2027-2", [record])
    with opened(summary, at="#v/m[fork-0]!C!c") as it:
        assert "1.00 s, 2.00 s" in it.page.get_by_role("dialog", name="c", exact=True).inner_text()
        assert it.page.locator("#rows svg").first.get_attribute("aria-label") is not None


def test_what_changed_of_cases_since_the_previous_run(opened: Open, tmp_path: Path) -> None:
    before = [
        fork(0, {"A": [Case("A", "broke", PASSED, 1.0), Case("A", "slower", PASSED, 1.0), Case("A", "old", PASSED)]}),
        fork(1, {"B": [Case("B", "mended", FAILED)], "C": [Case("C", "c", PASSED)]}),
    ]
    after = [
        fork(0, {"B": [Case("B", "mended", PASSED)], "D": [Case("D", "d", PASSED), Case("D", "e", PASSED)]}),
        fork(1, {"A": [Case("A", "broke", FAILED, 1.0), Case("A", "slower", PASSED, 9.0), Case("A", "new", PASSED)]}),
    ]
    one, other = (made_run(tmp_path / name, told) for name, told in (("one", before), ("other", after)))
    with opened(other, comparison=compare(one, other, History())) as it:
        section = it.page.get_by_role("region", name="Since the previous run")
        kinds = [text for text in section.locator("summary").all_inner_texts() if "case" in text]
        assert kinds == ["1 case broke: passed before", "1 case mended: did not pass before", "1 case slower",
                         "2 cases appeared", "2 cases disappeared"]  # fmt: skip
        for summary in section.locator("summary").all():
            summary.click()
        assert "A#slower 1.00 s to 9.00 s" in section.inner_text()
        section.get_by_role("link", name="A#broke").click()
        assert it.address == "#v/m[fork-1]!A!broke"
        it.page.keyboard.press("Escape")
        it.page.get_by_role("searchbox").fill("mended")
        visible = [text for text in section.locator("summary:visible").all_inner_texts() if "case" in text]
        assert visible == ["1 case mended: did not pass before", "2 cases disappeared"]
        assert it.said == []


@pytest.mark.parametrize("text", [*HOSTILE, *INJECTIONS])
def test_what_cases_say_is_never_run(opened: Open, tmp_path: Path, text: str) -> None:
    case = Case(text, text, FAILED, 1.0, text, text, text, text)
    summary = made_run(tmp_path / "run", [fork(0, {text: [case]})])
    with opened(summary) as it:
        fold(it, FORK)
        it.page.locator("#rows .fold").nth(1).click()
        it.page.locator("#rows [aria-level='3']").first.click()
        assert it.page.locator("dialog .facts").first.is_visible()
        it.page.get_by_role("searchbox").press("Escape")
        assert it.page.evaluate(CANARY.split(" =")[0]) is None
        assert it.said == []
        assert it.page.locator("img, iframe").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_of_cases_has_enough_contrast(opened: Open, told: Summary, scheme: str) -> None:
    with opened(told, color_scheme=scheme) as it:
        for closed in it.page.locator(".failure .case > summary, .failure .block > summary").all():
            if closed.is_visible():
                closed.click()
        fold(it, FORK)
        fold(it, "a.Fine")
        it.page.get_by_role("checkbox", name="skipped 1 case").check()
        it.page.get_by_role("checkbox", name="failed").check()
        assert it.page.evaluate(CONTRAST, PAIRS) == []


@pytest.mark.parametrize("wide", [360, 900, 1280])
def test_long_names_do_not_scroll_the_page_sideways(opened: Open, tmp_path: Path, wide: int) -> None:
    name = "com.example." + "part." * 40 + "Test"
    long = Case(name, "case" * 100, FAILED, 1.0, "m" * 300, "d" * 500, "l" * 300, "o" * 500)
    summary = made_run(tmp_path / "run", [fork(0, {name: [long], "b.Whole": [Case("b.Whole", "", CRASHED, 0.1)]})])
    with opened(summary, viewport={"width": wide, "height": 740}) as it:
        measure = "document.documentElement.scrollWidth <= window.innerWidth"
        it.page.locator(".failure .case > summary").first.click()
        fold(it, FORK)
        fold(it, "c.e.p.")
        assert it.page.evaluate(measure)
        it.page.locator("#rows [aria-level='3'] .id").click()
        assert it.page.evaluate(measure)
        dialog = it.page.get_by_role("dialog")
        assert dialog.evaluate("(it) => it.scrollWidth <= it.clientWidth")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    """200,000 cases in 2,000 classes and 8 forks."""
    forks = [
        fork(number, {
            f"com.example.pkg{c % 50}.Some{c}Test": [
                Case(f"com.example.pkg{c % 50}.Some{c}Test", f"does_something_{k}()", PASSED, 0.01) for k in range(100)
            ]
            for c in range(number, 2000, 8)
        })
        for number in range(8)
    ]  # fmt: skip
    return made_run(tmp_path_factory.mktemp("many"), forks)


def test_two_hundred_thousand_cases_are_shown_and_filtered(opened: Open, many: Summary) -> None:
    with opened(many) as it:
        assert it.page.locator("#shown").inner_text() == "8 units, 200,000 cases"
        it.page.get_by_role("searchbox").fill("Some77Test does_something_7()")
        assert names(it) == ["v/m[fork-5]", "com.example.pkg27.Some77Test", "does_something_7()"]
        it.page.get_by_role("searchbox").fill("does")
        table = it.page.get_by_role("treegrid")
        assert table.get_attribute("aria-rowcount") == str(8 + 2000 + 1)
        assert it.page.locator("#rows [role=row]").count() < 100
        assert it.said == []
