"""What a page's address names: a unit, a filter, a part of the time; and what can be copied from the page."""

import re
from pathlib import Path

import pytest

from longpole.rts_tests.report.summary import Summary
from tests.browser.opened import Open
from tests.rts_tests.report.made import made_record, made_run


def test_each_unit_has_an_address(opened: Open, run: Summary) -> None:
    with opened(run, at="#eop/gc[3]") as it:
        dialog = it.page.get_by_role("dialog", name="eop/gc[3]")
        assert dialog.is_visible()
        it.close()
        assert not dialog.is_visible()
        assert it.address == ""
        it.page.locator("#rows .id").first.click()
        assert it.address == "#inc/bad"
        assert it.page.locator("#unit-name a").get_attribute("href") == "#inc/bad"
        it.page.go_back()
        assert not it.page.get_by_role("dialog").is_visible()
        it.page.go_forward()
        assert it.page.get_by_role("dialog", name="inc/bad").is_visible()
        assert it.said == []


def test_the_filter_is_in_the_address(opened: Open, run: Summary) -> None:
    with opened(run) as it:
        it.page.get_by_role("searchbox").fill("inc b*d*")
        it.page.get_by_label("variant").select_option("inc")
        it.page.get_by_role("checkbox", name="failed 1").check()
        address = it.address
        assert address == "#?q=inc+b*d*&variant=inc&outcome=failed"
    with opened(run, at="#?q=*gc*&variant=eop&outcome=passed") as it:
        assert it.page.locator("#shown").inner_text() == "5 of 12 units"
        assert it.page.get_by_role("searchbox").input_value() == "*gc*"
        it.page.locator("#rows .id").first.click()
        assert re.search(r"#eop/gc\[\d\]\?q=\*gc\*&variant=eop&outcome=passed$", it.address)


NOWHERE = ["#no/such[1]", "#?q=%", "#%E0%A4%A", "#?variant=none&outcome=x&time=a_b", "#?time=9_1", "#units", "##"]


@pytest.mark.parametrize("at", NOWHERE)
def test_an_address_that_names_nothing_is_no_error(opened: Open, run: Summary, at: str) -> None:
    with opened(run, at=at) as it:
        assert it.said == []
        assert not it.page.get_by_role("dialog").is_visible()


def test_an_address_is_only_data(opened: Open, run: Summary) -> None:
    with opened(run, at="#<img src=x onerror=alert(1)>?q=%3Cscript%3E&outcome=<b>") as it:
        assert it.said == []
        assert it.page.locator("img").count() == 0
        assert it.page.locator("#said").inner_text().startswith("There is no unit <img")


def test_every_unit_name_in_the_page_is_a_link_to_it(opened: Open, tmp_path: Path) -> None:
    summary = made_run(tmp_path, [made_record("v/a")], planned=["v/a", "v/never[2]"])
    with opened(summary) as it:
        it.page.locator(".names summary").click()
        it.page.get_by_role("link", name="v/never[2]").click()
        assert it.page.get_by_role("dialog", name="v/never[2]").is_visible()


@pytest.mark.parametrize("clipboard", ["there", "missing"])
def test_a_button_copies_the_reproducer(opened: Open, run: Summary, clipboard: str) -> None:
    with opened(run, permissions=["clipboard-read", "clipboard-write"]) as it:
        if clipboard == "missing":
            it.page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        it.page.evaluate("document.addEventListener('copy', () => { window.copied = document.activeElement.value; })")
        it.page.locator(".failure .copy").first.click()
        it.page.get_by_role("button", name="Copied").wait_for()
        if clipboard == "there":
            assert it.page.evaluate("navigator.clipboard.readText()") == "make test-inc-bad"
        else:
            assert it.page.evaluate("window.copied") == "make test-inc-bad"
        assert it.said == []


def test_without_a_script_there_is_no_button_to_copy(opened: Open, run: Summary) -> None:
    with opened(run, java_script_enabled=False) as it:
        assert it.page.locator(".copy:visible").count() == 0


def test_the_dialog_copies_too(opened: Open, run: Summary) -> None:
    with opened(run, at="#eop/gc[2]", permissions=["clipboard-read", "clipboard-write"]) as it:
        it.page.get_by_role("dialog").get_by_role("button", name="Copy").click()
        it.page.get_by_role("button", name="Copied").wait_for()
        assert it.page.evaluate("navigator.clipboard.readText()") == "make test-eop-gc[2]"
