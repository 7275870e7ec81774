"""A failed build is what a report begins with: its excerpt, and how many units it kept from running."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from longpole.rts_tests.contracts.builds import read_builds
from tests.project import Done, Project

BUILD = """
i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo "cc -c part$i.c"; done
echo "heap.c:3:9: error: 'struct heap' has no member named 'top'"
i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo "cc -c rest$i.c"; done
exit 2
"""
UNITS = 23
HEADLINE = f"build of bad failed: exit status 2; {UNITS + 1} units were not run"


def written(root: Path, build: str = BUILD, **options: Any) -> Project:
    project = Project(root / "project")
    (project.root / "build.sh").write_text(build)
    scripts = {"fails": "exit 3", **{f"m{number}": "" for number in range(UNITS)}}
    variants = {"good": {}, "bad": {"build": ["sh", "build.sh"]}}
    return project.write(scripts, variants=variants, **options)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Done]:
    project = written(tmp_path_factory.mktemp("failed_build"))
    summary = str(project.root / "summary.md")
    return project, project.make("-j2", "test", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=summary)


def test_the_report_begins_with_the_build_its_cause_and_what_it_kept_from_running(run: tuple[Project, Done]) -> None:
    project, _ = run
    head, section, failures, *_ = project.longpole("report").out.strip().split("\n\n")
    assert head.startswith("tiny: commit ")
    lines = section.splitlines()
    assert lines[0] == HEADLINE
    assert "  | heap.c:3:9: error: 'struct heap' has no member named 'top'" in lines
    assert lines[-3] == "  | cc -c rest60.c"
    assert any(line.startswith("  | [... ") for line in lines)
    assert lines[-2] == f"    log:   .longpole/runs/{project.last.name}/builds/bad.log"
    assert lines[-1] == "    again: make build-bad"
    assert failures.startswith("failures:\n  good/fails: failed")


def test_the_report_names_none_of_the_units_that_it_kept_from_running(run: tuple[Project, Done]) -> None:
    done = run[1]
    report = done.out[done.out.index("tiny: commit") :]
    assert "bad/" not in report
    assert "\nnot run:" not in report
    assert "\n\nagain:    make retest, which runs every unit that failed or did not finish\n\n" in report
    assert report.endswith(f"{2 * UNITS + 2} units: {UNITS} passed, 1 failed, {UNITS + 1} not run\n")


def test_brief_is_ten_lines_with_the_cause(run: tuple[Project, Done]) -> None:
    lines = run[0].longpole("report", "--format", "brief").out.splitlines()
    assert lines[0] == f"FAIL {HEADLINE}; again: make build-bad"
    assert any("heap.c:3:9: error:" in line for line in lines[1:4])
    assert "bad/" not in "\n".join(lines)
    assert len(lines) <= 10


def test_json_has_the_builds(run: tuple[Project, Done]) -> None:
    report = json.loads(run[0].longpole("report", "--format", "json").out)
    (build,) = report["builds"]
    assert (build["name"], build["exit_code"]) == ("bad", 2)


def test_junit_says_which_build_kept_a_case_from_running(run: tuple[Project, Done]) -> None:
    root = ElementTree.parse(run[0].last / "junit.xml").getroot()
    (bad,) = (suite for suite in root if suite.get("name") == "bad")
    assert {case.find("error").get("message") for case in bad.findall("testcase")} == {HEADLINE}  # type: ignore[union-attr]
    assert "heap.c:3:9: error:" in (bad.findtext("system-err") or "")


def test_a_workflow_gets_one_annotation_for_the_build(run: tuple[Project, Done]) -> None:
    errors = [line for line in run[1].out.splitlines() if line.startswith("::error")]
    assert [line.partition("::error title=")[2].partition("::")[0] for line in errors] == ["build of bad", "good/fails"]
    assert f"::{HEADLINE}%0A" in errors[0]
    assert "heap.c:3:9: error:" in errors[0]


@pytest.mark.parametrize("form", ["markdown", "issue"])
def test_so_do_step_summary_and_issue(run: tuple[Project, Done], form: str) -> None:
    text = run[0].longpole("report", "--format", form).out
    assert HEADLINE in text.replace("\\", "")
    assert "\n    heap.c:3:9: error: 'struct heap' has no member named 'top'\n" in text
    assert "bad/" not in text


def test_a_hostile_build_stays_text(tmp_path: Path) -> None:
    project = written(tmp_path, r"printf '\033[2Jerror: \033]8;;x\007red\n##[error]planted\n\n'; exit 1")
    done = project.make("test")
    report = done.out[done.out.index("tiny: commit") :]
    assert "  | error: red\n  | # #[error]planted\n" in report
    assert "\x1b" not in report


def test_a_build_that_prints_nothing_and_one_that_is_interrupted(tmp_path: Path) -> None:
    project = written(tmp_path, "exit 1")
    head = f"build of bad failed: exit status 1; {UNITS + 1} units were not run\n"
    assert f"{head}    log:   none, it printed nothing\n" in project.make("test").out
    (path,) = (project.last / "builds").glob("*.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"exit_code": 130}))
    assert "build of bad" not in project.longpole("report").out


@pytest.mark.parametrize(
    "change",
    [{"exit_code": "1"}, {"wall_s": -1}, {"name": "../../x"}, {"started_at": None}, {"exit_code": 1e999}, {"name": 7}],
)
def test_a_build_with_impossible_values_is_left_out(tmp_path: Path, change: dict[str, Any]) -> None:
    row = {
        "version": 1,
        "name": "v",
        "started_at": "2027-01-15T08:00:00.000Z",
        "wall_s": 1,
        "waited_s": 0,
        "exit_code": 1,
    }
    (tmp_path / "builds").mkdir()
    path = tmp_path / "builds" / "v.json"
    path.write_text(json.dumps(row))
    assert list(read_builds(tmp_path)) == ["v"]
    path.write_text(json.dumps(row | change))
    assert read_builds(tmp_path) == {}
