"""What holds for units holds for scenarios: goals, variables, retest, retries, slots, locks, reports, advice."""

import json
import time
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from longpole.rts_tests.contracts.case_history import read_case_history
from tests.project import Project
from tests.rts_tests.scenario.suites import cases, with_scenarios
from tests.terminal import Terminal

PASSES = "name: passes\nsteps: [{name: one, run: 'true', expect: {exit_code: 0}}]\n"
FAILS = "name: fails\nsteps: [{name: one, run: 'false', expect: {exit_code: 0}}]\n"
CELLS = f"{PASSES}matrix: {{A: [x, y]}}\n"
TAGGED = f"{PASSES}tags: [net]\n"
FLAKY = """
name: flaky
steps:
  - {name: steady, run: 'true', expect: {exit_code: 0}}
  - {name: once, run: test -e $OUT || (touch $OUT; exit 1), expect: {exit_code: 0}}
"""


@pytest.fixture
def small(project: Project) -> Project:
    """Six scenarios in each of two variants."""
    files = {
        "top.yml": PASSES,
        "clone/bare.yml": PASSES,
        "clone/fails.yml": FAILS,
        "net/tagged.yml": TAGGED,
        "net/cells.yml": CELLS,
    }
    return with_scenarios(project, files, variants={"v": {}, "w": {}})


def ran(project: Project) -> set[str]:
    return set(project.statuses())


@pytest.mark.parametrize(
    ("goal", "units"),
    [
        ("test-v-clone-bare", {"v/clone/bare"}),
        ("test-v-clone", {"v/clone/bare", "v/clone/fails"}),
        ("test-w-net-cells", {"w/net/cells--x", "w/net/cells--y"}),
        ("test-w-net-cells--y", {"w/net/cells--y"}),
        ("test-v-top", {"v/top"}),
    ],
)
def test_a_goal_of_scenarios(small: Project, goal: str, units: set[str]) -> None:
    small.make(goal)
    assert ran(small) == units


def test_a_scenario_wins_over_the_group_of_its_name(project: Project) -> None:
    with_scenarios(project, {"clone.yml": PASSES, "clone/bare.yml": PASSES})
    project.make("test-v-clone")
    assert ran(project) == {"v/clone"}
    project.make("test")
    assert ran(project) == {"v/clone", "v/clone/bare"}


def test_make_shows_what_it_would_do(small: Project) -> None:
    shown = small.make("-n", "test-v-net-cells--x").out
    assert "longpole.rts_tests.scenario.unit .longpole/scenarios.json v scenarios/net/cells.yml x" in shown
    assert small.runs == []


def test_a_filter_takes_ids_and_tags(small: Project) -> None:
    small.make("test", FILTER="*/clone/*")
    assert ran(small) == {f"{variant}/clone/{name}" for variant in "vw" for name in ("bare", "fails")}
    small.make("test", FILTER="v/* label:net")
    assert ran(small) == {"v/net/tagged"}


def test_shards_are_a_partition(small: Project) -> None:
    parts = []
    for shard in ("1/2", "2/2"):
        small.make("-j2", "test", SHARD=shard)
        parts.append(ran(small))
    assert parts[0].isdisjoint(parts[1])
    assert len(parts[0] | parts[1]) == 12
    assert min(map(len, parts)) > 0


def test_retest_runs_what_failed(small: Project) -> None:
    small.make("-j2", "test")
    (small.root / "scenarios/clone/fails.yml").write_text(PASSES)
    assert small.make("retest").status == 0
    assert small.statuses() == {"v/clone/fails": "passed", "w/clone/fails": "passed"}


def test_a_failure_says_how_to_run_it_again(small: Project) -> None:
    done = small.make("-j2", "test")
    assert "again: make test-v-clone-fails" in done.out
    assert "case:  fails#one (scenarios/clone/fails.yml:2)" in done.out


def test_retries_tell_flaky_from_failed(project: Project, tmp_path: Path) -> None:
    variants = {"v": {"env": {"OUT": str(tmp_path / "ran")}}}
    with_scenarios(project, {"flaky.yml": FLAKY, "fails.yml": FAILS}, variants=variants, retries=1)
    project.make("test")
    assert project.statuses() == {"v/flaky": "flaky", "v/fails": "failed"}
    assert cases(project.records()["v/flaky"]) == {"steady": "passed", "once": "passed"}


def test_stress_runs_a_scenario_many_times(small: Project) -> None:
    passing = small.longpole("stress", "v/clone/bare", "--count", "5", "-j2")
    assert passing.status == 0, passing.text
    assert "none of 5 failed" in passing.out
    failing = small.longpole("stress", "test-v-clone-fails", "--count", "2", "-j2")
    assert failing.status == 1
    assert "scenarios/clone/fails.yml:2" in failing.out
    assert "again:   make test-v-clone-fails" in failing.out


def _overlap(spans: Mapping[str, tuple[float, float]]) -> bool:
    ordered = sorted(spans.values())
    return any(begin < end for (_, end), (begin, _) in pairwise(ordered))


def _spans(project: Project) -> dict[str, tuple[float, float]]:
    """When each unit ran, by the clock of its steps, which wrote it."""
    found = {}
    for path in (project.root.parent / "spans").iterdir():
        begin, end = map(float, path.read_text().split())
        found[path.name] = (begin, end)
    return found


SPAN = "date +%s.%N >$SPANS/$NAME; sleep 0.1; date +%s.%N >>$SPANS/$NAME"


def _spanning(project: Project, names: str, text: str, **more: Any) -> Project:
    (project.root.parent / "spans").mkdir()
    files = {f"{name}.yml": f"name: x\nenv: {{NAME: {name}}}\nsteps: [{{name: one, run: {text}}}]\n" for name in names}
    variants = {"v": {"env": {"SPANS": str(project.root.parent / "spans")}}}
    return with_scenarios(project, files, variants=variants, names=variants["v"]["env"], **more)


def test_scenarios_that_use_one_fixed_name_do_not_meet(project: Project) -> None:
    _spanning(project, "abc", f"test /tmp/longpole-fixed = x; {SPAN}")
    project.make("-j4", "test")
    spans = _spans(project)
    assert len(spans) == 3
    assert not _overlap(spans)


def test_slots_limit_them(project: Project) -> None:
    _spanning(project, "abc", SPAN, slots=2, limits={"slots": 2})
    project.make("-j4", "test")
    assert not _overlap(_spans(project))


def test_a_new_or_changed_file_is_part_of_the_next_run(small: Project) -> None:
    _wait_for_the_next_second(small)
    (small.root / "scenarios/new").mkdir()
    (small.root / "scenarios/new/one.yml").write_text(PASSES)
    small.make("test-v-new-one")
    assert ran(small) == {"v/new/one"}
    _wait_for_the_next_second(small)
    (small.root / "scenarios/new/one.yml").write_text(TAGGED)
    small.make("test", FILTER="label:net")
    assert "v/new/one" in ran(small)
    _wait_for_the_next_second(small)
    (small.root / "scenarios/new/one.yml").unlink()
    done = small.make("test-v-new-one")
    assert done.status == 2
    assert "test-v-new-one" in done.text
    assert "Traceback" not in done.text
    assert small.make("list").out.count("\n") == 13, "the other twelve, and their sum"


def _wait_for_the_next_second(project: Project) -> None:
    """File systems and makes compare times; what was rendered becomes a little older."""
    import os

    before = time.time() - 5
    for path in (project.root / ".longpole").iterdir():
        os.utime(path, (before, before))
    for path in (project.root / "scenarios", *(project.root / "scenarios").rglob("*")):
        os.utime(path, (before - 5, before - 5))


def test_junit_has_the_steps(small: Project) -> None:
    small.make("-j2", "test-v")
    root = ET.fromstring((small.last / "junit.xml").read_text())
    found = {(each.get("classname"), each.get("name")) for each in root.iter("testcase")}
    assert any(name == "one" and "fails" in str(of) for of, name in found), found
    failures = [each for each in root.iter("testcase") if each.find("failure") is not None]
    assert len(failures) == 1
    assert "scenarios/clone/fails.yml:2" in ET.tostring(failures[0]).decode()


def test_compare_tells_of_steps(small: Project) -> None:
    small.make("-j2", "test-v")
    (small.root / "scenarios/clone/fails.yml").write_text(PASSES.replace("passes", "fails"))
    small.make("-j2", "test-v")
    done = small.longpole("compare")
    assert "v/clone/fails" in done.out
    assert "fails#one" in done.out


def test_the_history_of_steps_is_kept(small: Project) -> None:
    small.make("-j2", "test-v")
    history = read_case_history(small.root / ".longpole", "v", "clone/fails")
    assert history.cases["fails#one"].status == "failed"
    assert (small.root / ".longpole/cases/v/clone/fails.jsonl").is_file()
    assert read_case_history(small.root / ".longpole", "v", "../v/clone/fails").cases == {}


def test_tune_has_nothing_to_say_about_them(small: Project) -> None:
    small.make("-j2", "test")
    done = small.longpole("tune")
    assert done.status == 0, done.text
    assert "Traceback" not in done.text


def test_the_live_view_and_the_plain_one_name_them(small: Project) -> None:
    with Terminal(small, "make", "-j2", "test-v", "LONGPOLE_VIEW=live") as terminal:
        assert terminal.wait() == 2
        assert "v/clone/fails" in terminal.text


def test_list_shows_them(small: Project) -> None:
    rows = json.loads(small.longpole("list", "--json").out)
    units = rows["units"] if isinstance(rows, dict) else rows
    assert {row["id"] for row in units} >= {"v/clone/bare", "w/net/cells--x"}
    (tagged,) = [row for row in units if row["id"] == "v/net/tagged"]
    assert tagged["labels"] == ["net"]
    assert tagged["target"] == "test-v-net-tagged"
