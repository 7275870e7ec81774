"""Steps of scenarios in a real browser: folded, opened by a click, for scenarios that failed and that passed."""

from pathlib import Path

import pytest

from longpole.rts_tests.contracts.records import LogState
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report.summary import Summary
from tests.browser.opened import Open
from tests.rts_tests.report.made import made_record, made_run
from tests.rts_tests.report.test_page_steps import COMMAND, LOG


@pytest.fixture
def told(tmp_path: Path) -> Summary:
    """A scenario that failed and one that passed."""
    records = [
        made_record("v/a", command=COMMAND, status=Status.FAILED, log=LogState.KEPT),
        made_record("v/b", command=COMMAND, log=LogState.KEPT),
    ]
    return made_run(tmp_path / "run", records, logs={"v/a": LOG.encode(), "v/b": LOG.encode()})


def test_the_steps_of_a_failure_are_folded_out(opened: Open, told: Summary) -> None:
    with opened(told) as it:
        failed = it.page.locator(".failure .step", has_text="look")
        assert failed.locator("pre").is_visible()
        passed = it.page.locator(".failure .step", has_text="1. clone")
        assert not passed.locator("pre").is_visible()
        passed.locator("summary").click()
        shown = passed.locator("pre").inner_text()
        assert shown.splitlines()[:3] == ["$ git clone /x", "in /tmp/s/work", "exit code 0"]
        assert it.said == []


def test_the_steps_of_a_scenario_that_passed_are_there_when_it_is_opened(opened: Open, told: Summary) -> None:
    with opened(told) as it:
        assert not it.page.locator("#steps").is_visible()
        it.page.locator("#rows [role=row]", has=it.page.locator(".id", has_text="v/b")).locator(".id").click()
        step = it.page.locator("#unit .step", has_text="1. clone")
        step.locator("summary").click()
        assert "| ok       7. not a step" in step.locator("pre").inner_text()
        assert it.said == []
