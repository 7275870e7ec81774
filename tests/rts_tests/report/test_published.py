"""What a run publishes: the report, the event stream, the trace, JUnit."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.project import Done, Project, sections, without_times

pytestmark = pytest.mark.xdist_group("published")  # one worker makes the runs that all of it look at

SCRIPTS = {
    "fine": "",
    "bad": "echo why; exit 3",
    "crash": "kill -ABRT $$",
    "gc": 'test "$2" != 1',
    "slow": "sleep 0.2",
    "slower": "sleep 0.3",
    "late": "sleep 300",
}


@dataclass(frozen=True)
class Both:
    """The same suite run by `-j1` and by `-j8`."""

    project: Project
    one: Done
    eight: Done

    @property
    def first(self) -> Path:
        return self.project.runs[0]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    project = Project(tmp_path_factory.mktemp("published") / "project")
    modules = {"gc": {"seeds": 4, "chunks": 4}, "late": {"timeout": 0.2}, "slower": {"weight": 9}}
    project.write(SCRIPTS, modules=modules, variants={"b": {}, "a": {}})
    one = project.make("-j1", "test")
    (project.root / ".longpole" / "history.json").unlink()  # so that both have the same plan
    return Both(project, one, project.make("-j8", "test"))


def _report(done: Done) -> str:
    return done.out[done.out.index("\ntiny: ") :]


def test_the_report_is_the_same_whatever_j_was(both: Both) -> None:
    one, eight = (without_times(_report(done)) for done in (both.one, both.eight))
    assert one == eight


def test_the_report_is_what_the_golden_file_says(both: Both, golden: Callable[[str, str], None]) -> None:
    golden("report.txt", without_times(_report(both.eight)))


def test_the_report_comes_last(both: Both) -> None:
    assert both.eight.out.rstrip().splitlines()[-1] == "20 units: 12 passed, 4 failed, 2 timeout, 2 crashed"


def test_the_slowest_five_are_listed_longest_first(both: Both) -> None:
    rows = [line.split() for line in sections(_report(both.eight))["slowest"]]
    assert len(rows) == 5
    times = [float(row[0]) for row in rows]
    assert times == sorted(times, reverse=True)
    took = {name: row["wall_s"] for name, row in both.project.records(both.project.runs[1]).items()}
    assert [row[2] for row in rows] == sorted(took, key=lambda name: (-took[name], name))[:5]


def test_the_makespan_is_held_against_its_lower_bound(both: Both) -> None:
    line = next(line for line in both.one.out.splitlines() if line.startswith("makespan: "))
    match = re.fullmatch(
        r"makespan: ([\d.]+) s, ([\d.]+) x ([\d.]+) s, the least for units of these durations \((.*)\)", line
    )
    assert match is not None
    span, ratio, bound = (float(match[index]) for index in (1, 2, 3))
    assert bound >= 0.3
    assert span == pytest.approx(ratio * bound, rel=0.05)  # three rounded numbers
    took_s = sum(row["wall_s"] for row in both.project.records(both.first).values())
    assert match[4] == f"{took_s:.2f} s of units, 1 at a time"


def test_the_report_can_be_printed_again(both: Both) -> None:
    again = both.project.longpole("report")
    assert again.status == 1
    assert again.out == _report(both.eight)
    assert both.project.longpole("report", both.first.name).out == _report(both.one)
    assert both.project.longpole("report", f".longpole/runs/{both.first.name}").out == _report(both.one)


def _events(run: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("number", [0, 1])
def test_events_are_versioned_and_in_order(both: Both, number: int) -> None:
    events = _events(both.project.runs[number])
    assert {event["version"] for event in events} == {1}
    assert [events[0]["event"], events[-1]["event"]] == ["run started", "run finished"]
    times = [str(event["time"]) for event in events]
    assert times == sorted(times)
    running: set[object] = set()
    seen: list[object] = []
    for event in events[1:-1]:
        if event["event"] == "unit started":
            assert event["id"] not in seen
            running.add(event["id"])
            seen.append(event["id"])
        else:
            assert event["event"] == "unit finished"
            running.remove(event["id"])
    assert running == set()
    assert len(seen) == 20


def test_with_one_job_one_unit_runs_at_a_time(both: Both) -> None:
    names = [event["event"] for event in _events(both.first)[1:-1]]
    assert names == ["unit started", "unit finished"] * 20


def test_events_and_records_agree(both: Both) -> None:
    records = both.project.records()
    finished = {event["id"]: event["status"] for event in both.project.events() if event["event"] == "unit finished"}
    assert finished == {name: row["status"] for name, row in records.items()}


@pytest.mark.parametrize("number", [0, 1])
def test_lanes_of_the_trace_do_not_overlap(both: Both, number: int) -> None:
    trace = json.loads((both.project.runs[number] / "trace.json").read_bytes())
    lanes: dict[int, list[tuple[int, int]]] = {}
    for event in trace["traceEvents"]:
        if event["ph"] == "X":
            lanes.setdefault(event["tid"], []).append((event["ts"], event["ts"] + event["dur"]))
    assert sum(map(len, lanes.values())) == 20
    assert len(lanes) == (1 if number == 0 else len(lanes)) <= 8
    for spans in lanes.values():
        assert all(first[1] <= second[0] for first, second in pairwise(sorted(spans)))


def test_every_lane_of_the_trace_has_a_name(both: Both) -> None:
    events = json.loads((both.project.last / "trace.json").read_bytes())["traceEvents"]
    named = {event["tid"] for event in events if event["name"] == "thread_name"}
    assert named == {event["tid"] for event in events if event["ph"] == "X"}


def test_junit_has_a_suite_a_variant_in_plan_order(both: Both) -> None:
    suites = ElementTree.parse(both.project.last / "junit.xml").getroot().findall("testsuite")
    assert sorted(suite.get("name") or "" for suite in suites) == ["a", "b"]
    planned = [row[0] for row in json.loads((both.project.last / "run.json").read_bytes())["planned"]]
    for suite in suites:
        names = [f"{case.get('classname')}/{case.get('name')}" for case in suite.findall("testcase")]
        assert names == [name for name in planned if name.startswith(f"{suite.get('name')}/")]
        assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("10", "4", "0")


def test_junit_says_why_and_how_to_see_it_again(both: Both) -> None:
    root = ElementTree.parse(both.project.last / "junit.xml").getroot()
    case = root.find("testsuite[@name='a']/testcase[@name='bad']")
    assert case is not None
    failure = case.find("failure")
    assert failure is not None
    assert (failure.get("type"), failure.get("message"), failure.text) == (
        "failed",
        "exit status 3",
        "again: make test-a-bad",
    )
    assert case.findtext("system-out") == "why\n"


def test_units_that_were_not_run_count_as_failures(project: Project) -> None:
    weights = {"bad": {"weight": 9}, "never": {"weight": 1}}
    project.write({"bad": "exit 1", "never": ""}, modules=weights)
    done = project.make("test", "FAIL_FAST=1")
    assert done.out.rstrip().endswith("2 units: 1 failed, 1 not run")
    assert "\nnot run:\n  v/never\n    again: make retest" in done.out
    (suite,) = ElementTree.parse(project.last / "junit.xml").getroot().findall("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "1")


def test_a_record_that_cannot_be_read_counts_as_not_run(project: Project) -> None:
    project.write({"one": "", "two": ""})
    project.make("test")
    path = project.last / "records.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"id":"v/one"', b'"id":["v/one"]'))
    done = project.longpole("report")
    assert done.status == 1
    assert "\nnot run:\n  v/one\n" in done.out


def test_colours_are_for_terminals_only(both: Both) -> None:
    assert "\x1b" not in both.eight.text
