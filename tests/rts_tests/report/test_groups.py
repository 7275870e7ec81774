"""Reports tell kinds of failure apart: the worst first, in plan order within a kind."""

import re

from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.report.formats.html import report_html
from longpole.rts_tests.report.formats.text import MAX_NAMED, report_text
from tests.made_up import made_up, record

MIXED: list[Record | str] = [
    record("v/flaky", status="flaky"),
    "v/never",
    record("v/depends", status="seed-dependent"),
    record("v/fails", status="failed"),
    record("v/fine"),
    record("v/stopped", status="cancelled"),
    record("v/crashes", status="crashed"),
]
TITLES = [
    "failures:",
    "seed-dependent: failed with these seeds, passed with others:",
    "flaky: failed, then passed with the same seeds:",
    "interrupted:",
    "not run:",
]


def test_the_text_has_a_group_a_kind() -> None:
    text = report_text(made_up(MIXED)).split("\nslowest:")[0]
    assert [line for line in text.splitlines() if line.endswith(":") and not line.startswith(" ")] == TITLES
    assert re.findall(r"^  (v/\w+)", text, re.MULTILINE) == [
        "v/fails", "v/crashes", "v/depends", "v/flaky", "v/stopped", "v/never",
    ]  # fmt: skip


def test_the_command_that_runs_the_rest_stands_with_what_was_not_run() -> None:
    text = report_text(made_up(["v/never", record("v/skips", status="skipped", note="no device")]))
    retest = "    again: make retest, which runs every unit that failed or did not finish"
    assert f"\nnot run:\n  v/never\n{retest}\n\nskipped:\n  v/skips: no device\n\n" in text


def test_a_flaky_unit_is_told_where_it_fails_nothing_too() -> None:
    summary = made_up([record("v/flaky", status="flaky")], flaky="pass")
    assert not summary.failures
    assert "flaky: failed, then passed with the same seeds:\n  v/flaky: flaky" in report_text(summary)


def test_no_more_units_that_were_not_run_are_named_than_can_be_read() -> None:
    text = report_text(made_up([f"v/{number}" for number in range(MAX_NAMED + 5)]))
    assert text.count("\n  v/") == MAX_NAMED
    assert "\n  and 5 more\n    again: make retest" in text


def test_the_page_has_a_heading_a_kind_and_none_for_only_one() -> None:
    page = report_html(made_up(MIXED)).decode()
    assert re.findall(r'<h3 class="kind">(\S+)[:<]', page.replace("</h3>", "<")) == [
        "failures", "seed-dependent", "flaky", "interrupted",
    ]  # fmt: skip
    assert '<h3 class="kind">' not in report_html(made_up([record("v/fails", status="failed")])).decode()
