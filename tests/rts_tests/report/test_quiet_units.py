"""A unit that prints nothing leaves no log, and no report names one."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from longpole.rts_tests.contracts.records import LogState
from longpole.rts_tests.report.formats.html import report_html
from longpole.rts_tests.report.formats.text import report_text
from tests.made_up import made_up, record
from tests.project import Project


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A run with a unit that says why it fails, and units that say nothing."""
    project = Project(tmp_path_factory.mktemp("quiet") / "project")
    project.write({"says": "echo why; exit 3", "quiet": "exit 3", "fine": ""})
    project.make("test")
    yield project
    project.end()


def test_only_output_becomes_a_log(ran: Project) -> None:
    assert [path.name for path in (ran.last / "units").iterdir()] == ["test-v-says.log"]
    states = {name: row["log"] for name, row in ran.records().items()}
    assert states == {"v/says": "kept", "v/quiet": "empty", "v/fine": "empty"}


def test_the_text_names_the_log_that_is_there_and_no_other(ran: Project) -> None:
    lines = ran.longpole("report").out.splitlines()
    after = {line.split(":")[0].strip(): following for line, following in itertools.pairwise(lines)}
    assert after["v/says"] == f"    log:   .longpole/runs/{ran.last.name}/units/test-v-says.log"
    assert after["v/quiet"] == "    log:   none, it printed nothing"


def test_programs_see_no_log_where_there_is_none(ran: Project) -> None:
    outcomes = json.loads(ran.longpole("report", "--format", "json").out)["outcomes"]
    logs = {row["id"]: row["log"] for row in outcomes}
    assert Path(logs.pop("v/says")).name == "test-v-says.log"
    assert logs == {"v/quiet": None, "v/fine": None}
    cases = ElementTree.parse(ran.last / "junit.xml").getroot().iter("testcase")
    assert {case.get("name"): case.findtext("system-out") for case in cases} == {
        "says": "why\n",
        "quiet": "",
        "fine": None,
    }


def test_the_page_links_the_log_that_is_there_and_no_other(ran: Project) -> None:
    page = (ran.last / "report.html").read_text()
    assert 'href="units/test-v-says.log"' in page
    assert 'href="units/test-v-quiet.log"' not in page
    assert '<p class="note">It wrote nothing.</p>' in page
    data = json.loads(page.split('<script type="application/json" id="data">')[1].split("</script>")[0])
    units = data["units"]
    assert dict(zip(units["id"], units["log"], strict=True)) == {"v/says": 1, "v/quiet": 0, "v/fine": 0}


def test_a_log_that_was_lost_is_not_taken_for_one_that_is_empty() -> None:
    summary = made_up([record("v/x", status="failed", log=LogState.LOST)])
    assert "    log:   none, it could not be written\n" in report_text(summary)
    assert '<p class="note">Its log could not be written.</p>' in report_html(summary).decode()


def test_stress_says_that_an_execution_printed_nothing(ran: Project) -> None:
    assert "    log:   none, it printed nothing\n" in ran.longpole("stress", "v/quiet", "--count", "1").out
