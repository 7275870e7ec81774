"""Real runs of forks: what the report, JUnit, the comparison and the proof of shards make of them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fork_suites import results, write_forks
from tests.project import Project
from tests.rts_tests.report.junit_schema import checked

pytestmark = pytest.mark.xdist_group("fork runs")  # one worker makes the runs that all of it look at

CLASSES = {f"com.Class{index}": "" for index in range(5)} | {
    "com.Fails": "import os\nprint('printed')\nassert not os.path.exists('broken'), 'expected 1\\nfound 2'",
    "odd [name] $x": "",
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A run in which a case fails, between two in which none does."""
    project = write_forks(Project(tmp_path_factory.mktemp("forks") / "project"), CLASSES)
    assert project.make("test").status == 0
    (project.root / "broken").touch()
    failed = project.make("test", GITHUB_ACTIONS="true")
    assert failed.status == 2
    (project.root / "printed").write_text(failed.out)
    (project.root / "broken").unlink()
    assert project.make("test").status == 0
    yield project
    project.end()


def test_junit_has_a_case_for_each_and_the_same_names_in_any_fork(ran: Project) -> None:
    names = []
    for run in ran.runs:
        root = checked((run / "junit.xml").read_bytes())
        names.append(sorted((case.get("classname"), case.get("name")) for case in root.iter("testcase")))
    assert names == [[(name, "it()") for name in sorted(CLASSES)]] * 3


def test_the_report_shows_the_failed_case_and_a_command_that_runs_it_alone(ran: Project) -> None:
    text = ran.longpole("report", "--failed", "previous").out
    assert "    case:  com.Fails#it()\n      | Traceback (most recent call last):" in text
    assert "\n      | AssertionError: expected 1\n      | found 2\n" in text
    assert "    again: make test-v-m SELECT='com.Fails#it'\n" in text
    assert text.endswith("2 units: 1 passed, 1 failed; 7 cases: 6 passed, 1 failed\n")


def test_github_is_told_of_the_failed_case(ran: Project) -> None:
    lines = (ran.root / "printed").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith("::error")]
    assert re.sub(r"fork-\d", "fork-K", line) == (
        "::error title=com.Fails#it()::v/m[fork-K]: failed: expected 1%0Aagain: make test-v-m SELECT='com.Fails#it'"
    )


def test_the_command_runs_the_class_again(project: Project) -> None:
    write_forks(project, CLASSES)
    done = project.make("test-v-m", "SELECT=com.Fails#it")
    assert done.status == 0, done.text
    assert results(project) == {"com.Fails": "passed"}
    assert done.out.endswith("2 units: 1 passed, 1 skipped; 1 case: 1 passed\n")


def test_the_comparison_knows_the_case_whatever_its_fork(ran: Project) -> None:
    worse = ran.longpole("compare", "-3", "previous")
    assert worse.status == 1
    assert "\ncases that got worse:\n  v/m: com.Fails#it(): passed -> failed: expected 1\n" in worse.out
    better = json.loads(ran.longpole("compare", "--json").out)
    assert [(case["class"], case["change"]) for case in better["cases"] if case["change"] in ("worse", "better")] == [
        ("com.Fails", "better")
    ]
    assert not better["got_worse"]


@pytest.mark.slow
def test_shards_prove_that_each_class_ran_once(project: Project) -> None:
    write_forks(project, CLASSES)
    for number in (1, 2):
        assert project.make("test", f"SHARD={number}/2").status == 0
    runs = [str(run) for run in project.runs]
    proven = project.longpole("prove-shards", "--into", "all", *runs)
    assert (proven.status, proven.out) == (0, "2 units, and 7 classes in 2 shards, each run exactly once\n")
    names = {case.get("classname") for case in checked((project.root / "all/junit.xml").read_bytes()).iter("testcase")}
    assert names == set(CLASSES)
    assert project.longpole("prove-shards", "all").out == "2 units, and 7 classes in 1 run, each run exactly once\n"
    Path(project.root, "classes", "com.New").write_text("")
    assert project.make("test", "SHARD=2/2").status == 0
    other = project.longpole("prove-shards", runs[0], str(project.last))
    assert other.status == 1
    assert "distributed the classes of v/m differently; only one of them found com.New" in other.err
