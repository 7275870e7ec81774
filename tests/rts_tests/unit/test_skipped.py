"""A unit that ends with a `skip_status` is skipped: green, counted, and everything that reports it shows its reason."""

import json
from dataclasses import dataclass
from xml.etree import ElementTree

import pytest

from longpole.rts_tests.contracts.plan import Plan, read_plan
from tests.project import Done, Project, sections

pytestmark = pytest.mark.xdist_group("skipped")  # one worker makes the run that all of it looks at

REASON = "no device here"
SCRIPTS = {
    "fine": "echo all is well",
    "skips": f"echo looking; echo '{REASON}'; echo; exit 77",
    "is_silent": "exit 77",
    "is_hostile": r"printf 'no \033]0;title\007\033[31mred\033[0m ##[error]device\n\033[2J\n'; exit 77",
    "own": "exit 3",
    "none": "exit 77",
    "leaves": "sleep 306 & exit 77",
}
MODULES = {"own": {"skip_status": [3, 4]}, "none": {"skip_status": []}}
GREEN = ("fine", "skips", "is_silent", "is_hostile", "own")


@dataclass(frozen=True)
class Skipping:
    """One run in which units are skipped, and none fails."""

    project: Project
    done: Done


@pytest.fixture(scope="module")
def skipping(tmp_path_factory: pytest.TempPathFactory) -> Skipping:
    project = Project(tmp_path_factory.mktemp("skipped") / "project")
    project.write(
        {name: SCRIPTS[name] for name in GREEN}, defaults={"skip_status": 77}, modules={"own": MODULES["own"]}
    )
    return Skipping(project, project.make("-j2", "test"))


def test_a_run_with_skipped_units_passes_and_counts_them(skipping: Skipping) -> None:
    assert skipping.done.status == 0, skipping.done.text
    assert "\n5 units: 1 passed, 4 skipped\n" in skipping.done.out
    assert set(skipping.project.statuses().values()) == {"passed", "skipped"}


def test_a_module_s_statuses_replace_those_of_its_variant(skipping: Skipping) -> None:
    project = Project(skipping.project.root.parent / "other")
    project.write(
        {name: SCRIPTS[name] for name in ("own", "none", "skips")},
        defaults={"skip_status": 3},
        variants={"v": {}, "w": {"skip_status": 77}},
        modules={"none": MODULES["none"]},
    )
    assert project.make("-j2", "test").status == 2
    assert project.statuses() == {
        "v/own": "skipped",
        "v/none": "failed",
        "v/skips": "failed",
        "w/own": "failed",
        "w/none": "failed",
        "w/skips": "skipped",
    }


def test_a_skipped_unit_that_leaves_processes_running_is_leaked(skipping: Skipping) -> None:
    project = Project(skipping.project.root.parent / "leaving").write(
        {"leaves": SCRIPTS["leaves"]}, defaults={"skip_status": 77}
    )
    assert project.make("test").status == 2
    assert project.statuses() == {"v/leaves": "leaked"}


def test_no_skip_makes_a_skip_a_failure(tmp_path_factory: pytest.TempPathFactory) -> None:
    project = Project(tmp_path_factory.mktemp("no-skip") / "project")
    project.write({name: SCRIPTS[name] for name in ("fine", "skips", "is_silent")}, defaults={"skip_status": 77})
    done = project.make("-j2", "test", "NO_SKIP=1", "RETRIES=3")
    assert done.status == 2
    assert project.statuses() == {"v/fine": "passed", "v/skips": "failed", "v/is_silent": "failed"}
    records = project.records()
    assert records["v/skips"]["note"] == f"skipped, which NO_SKIP forbids: {REASON}"
    assert records["v/is_silent"]["note"] == "exit status 77: skipped, which NO_SKIP forbids"
    assert records["v/skips"]["attempts"] == 1  # it would skip again
    assert "again: NO_SKIP=1 make test-v-skips" in done.out
    assert project.make("test", NO_SKIP="0").status == 0


def test_the_reason_is_the_last_line_of_the_output_that_is_not_empty(skipping: Skipping) -> None:
    records = skipping.project.records()
    assert records["v/skips"]["note"] == REASON
    assert records["v/skips"]["exit_code"] == 77
    assert records["v/is_silent"]["note"] == "exit status 77"


def test_the_reason_is_harmless_wherever_it_is_shown(skipping: Skipping) -> None:
    note = skipping.project.records()["v/is_hostile"]["note"]
    assert "\x1b" not in note
    assert "\x07" not in note
    assert note.endswith("device")
    assert "\x1b" not in skipping.done.out
    assert "##[" not in skipping.done.out


def test_the_terminal_and_the_report_show_the_reason(skipping: Skipping) -> None:
    assert "\nSKIP v/skips  " in skipping.done.out
    assert f"\n    {REASON}\n" in skipping.done.out
    assert f"  v/skips: {REASON}" in sections(skipping.done.out)["skipped"]
    assert "failures" not in sections(skipping.done.out)
    failed = skipping.project.longpole("report", "--format", "text", "--failed")
    assert "\nskipped:" not in failed.out


def test_json_brief_and_markdown_count_them_as_no_failure(skipping: Skipping) -> None:
    data = json.loads(skipping.project.longpole("report", "--format", "json").out)
    (skipped,) = (each for each in data["outcomes"] if each["id"] == "v/skips")
    assert data["passed"]
    assert data["counts"] == {"passed": 1, "skipped": 4}
    assert (skipped["status"], skipped["failed"], skipped["record"]["note"]) == ("skipped", False, REASON)
    brief = skipping.project.longpole("report", "--format", "brief")
    assert (brief.status, brief.out) == (0, "5 units: 1 passed, 4 skipped\n")


def test_junit_says_skipped_with_the_reason(skipping: Skipping) -> None:
    root = ElementTree.fromstring((skipping.project.last / "junit.xml").read_bytes())
    (case,) = root.iterfind(".//testcase[@name='skips']")
    (skipped,) = case
    assert (skipped.tag, skipped.get("message")) == ("skipped", REASON)
    (suite,) = root.iterfind("testsuite")
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5",
        "failures": "0",
        "errors": "0",
        "skipped": "4",
    }


def test_the_page_s_headline_counts_them(skipping: Skipping) -> None:
    assert "1 unit passed, 4 skipped</h1>" in (skipping.project.last / "report.html").read_text()


def test_a_skip_teaches_no_duration_and_is_not_run_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    project = Project(tmp_path_factory.mktemp("again") / "project")
    project.write({"skips": SCRIPTS["skips"], "fine": SCRIPTS["fine"]}, defaults={"skip_status": 77})
    assert project.make("test").status == 0
    history = project.history()
    assert history["v/skips"] == {"durations_s": [], "status": "skipped"}
    again = project.make("retest")
    assert again.status == 0
    assert len(project.runs) == 1, again.text
    listed = json.loads(project.longpole("list", "--json").out)["units"]
    assert {row["id"]: row["estimate_from"] for row in listed}["v/skips"] != "history"


def test_a_unit_that_is_newly_skipped_is_a_different_outcome(tmp_path_factory: pytest.TempPathFactory) -> None:
    project = Project(tmp_path_factory.mktemp("compared") / "project")
    project.write({"one": "exit 0"}, defaults={"skip_status": 77})
    assert project.make("test").status == 0
    (project.root / "units" / "one.sh").write_text(SCRIPTS["skips"])
    assert project.make("test").status == 0
    done = project.longpole("compare")
    assert (done.status, f"  v/one: passed -> skipped: {REASON}" in done.out) == (0, True), done.text


def test_stress_does_not_count_a_skip_as_a_pass(tmp_path_factory: pytest.TempPathFactory) -> None:
    project = Project(tmp_path_factory.mktemp("stressed") / "project")
    project.write({"one": SCRIPTS["skips"]}, defaults={"skip_status": 77})
    done = project.longpole("stress", "v/one", "--count", "3")
    assert done.status == 0, done.text
    assert "v/one: 3 executions" in done.out
    assert "rate:  unknown, because every execution was skipped" in done.out


def test_the_plan_keeps_the_statuses(skipping: Skipping) -> None:
    plan: Plan = read_plan(skipping.project.root / ".longpole" / "plan.json")
    assert plan.variants["v"].skip_status == (77,)
    assert plan.modules["own"].skip_status == (3, 4)
    assert plan.modules["fine"].skip_status is None
