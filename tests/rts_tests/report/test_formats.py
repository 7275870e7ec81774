"""Every format of the report, printed and written to a file; and choices of units."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.project import Project


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = Project(tmp_path_factory.mktemp("formats") / "project")
    project.write({"fine": "", "slow": "sleep 0.1", "bad": "printf '\\033[31mno\\033[0m <b>\\n'; exit 3"})
    project.make("test")
    yield project
    project.end()


@pytest.mark.parametrize("form", ["text", "brief", "json", "junit", "markdown", "html", "trace", "issue"])
def test_every_format_can_be_written_to_a_file(ran: Project, form: str) -> None:
    printed = ran.longpole("report", "--format", form)
    written = ran.longpole("report", "--format", form, "-o", f"out.{form}")
    assert (printed.status, written.status) == (1, 1)
    assert (written.out, written.err) == ("", "")
    assert (ran.root / f"out.{form}").read_text() == printed.out != ""


@pytest.mark.parametrize(("form", "name"), [("junit", "junit.xml"), ("trace", "trace.json")])
def test_formats_that_are_files_of_the_run_are_the_same(ran: Project, form: str, name: str) -> None:
    assert ran.longpole("report", "--format", form).out == (ran.last / name).read_text()


def test_json_has_all_of_every_record(ran: Project) -> None:
    report = json.loads(ran.longpole("report", "--format", "json").out)
    assert report["version"] == 1
    assert (report["suite"], report["run"], report["passed"]) == ("tiny", ran.last.name, False)
    assert report["counts"] == {"passed": 2, "failed": 1}
    assert report["makespan"]["longest"] == "v/slow"
    records = ran.records()
    for outcome in report["outcomes"]:
        assert outcome["status"] == records[outcome["id"]]["status"]
        assert {"version": 1, **outcome["record"]} == records[outcome["id"]]


def _ids(report: dict[str, Any]) -> list[str]:
    return [outcome["id"] for outcome in report["outcomes"]]


def test_json_can_be_of_the_failed_or_the_slowest_alone(ran: Project) -> None:
    failed = json.loads(ran.longpole("report", "--format", "json", "--failed").out)
    assert _ids(failed) == ["v/bad"]
    assert failed["counts"] == {"passed": 2, "failed": 1}  # of the whole run
    assert _ids(json.loads(ran.longpole("report", "--format", "json", "--slowest", "1").out)) == ["v/slow"]
    assert _ids(json.loads(ran.longpole("report", "--format", "json", "--slowest", "9", "--failed").out)) == ["v/bad"]


def test_the_text_lists_as_many_of_the_slowest_as_asked_for(ran: Project) -> None:
    lines: Callable[..., list[str]] = lambda *more: ran.longpole("report", *more).out.splitlines()  # noqa: E731
    slow = lines("--slowest", "1")
    assert sum(line.startswith("  ") and line.endswith(("v/slow", "v/fine", "v/bad")) for line in slow) == 1
    failed = lines("--failed")
    assert "slowest:" not in failed
    assert "  v/bad: failed: exit status 3" in failed


@pytest.mark.parametrize("form", ["junit", "html", "markdown", "trace", "issue", "brief"])
def test_a_choice_of_units_is_for_text_and_json(ran: Project, form: str) -> None:
    done = ran.longpole("report", "--format", form, "--failed")
    assert done.status == 2
    assert "--failed" in done.err
    assert "Traceback" not in done.err


def test_a_file_that_cannot_be_written_is_one_message(ran: Project) -> None:
    done = ran.longpole("report", "--format", "html", "-o", "no/such/folder.html")
    assert done.status == 2
    assert done.err == "longpole: no/such/folder.html: No such file or directory; name a file that can be written\n"
