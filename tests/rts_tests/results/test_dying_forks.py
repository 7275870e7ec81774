"""A fork that dies, at any moment: no class is lost, none counts twice, and the run fails."""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.project import Project
from tests.rts_tests.results import dying_client
from tests.rts_tests.results.dying_client import CLASSES
from tests.tiers import slow

CLIENT = str(Path(dying_client.__file__))
DEATHS = 50


def modules(number: int, *, stealing: bool) -> dict[str, Any]:
    """Modules of two forks each; where in its stream the victim dies depends on the module's name."""
    command = [sys.executable, "-S", CLIENT]
    forks = {"list": [*command, "list"], "run": [*command, "run"], "max_forks": 2, "stealing": stealing}
    return {f"m{index}": {"forks": forks} for index in range(number)}


def suite(project: Project, number: int, *, stealing: bool) -> Project:
    for folder in ("victims", "completed"):
        (project.root / folder).mkdir(parents=True, exist_ok=True)
    return project.write({}, modules=modules(number, stealing=stealing))


def completed(project: Project, module: str) -> list[str]:
    path = project.root / "completed" / module
    return path.read_text().split() if path.exists() else []


@pytest.mark.parametrize("deaths", [3, *slow(DEATHS)])
@pytest.mark.parametrize("stealing", [False, True])
def test_a_fork_that_is_killed_loses_no_class_and_fails_the_run(
    project: Project, deaths: int, *, stealing: bool
) -> None:
    suite(project, deaths, stealing=stealing)
    done = project.make("-k", "-j3", "test", KILL="1")
    assert done.status == 2, done.text
    by_module: dict[str, list[dict[str, Any]]] = {}
    for record in project.records().values():
        by_module.setdefault(record["module"], []).append(record)
    assert len(by_module) == deaths
    unfinished = set()
    for module, records in by_module.items():
        assert Counter(record["status"] for record in records)["crashed"] == 1, module
        rows = [row for record in records for row in record.get("classes", ())]
        assert sorted(name for name, *_ in rows) == CLASSES, module
        passed = {name for name, status, _ in rows if status == "passed"}
        assert passed == set(completed(project, module)), module
        crashed = [name for name, status, _ in rows if status == "crashed"]
        assert len(crashed) <= 1, module
        assert {status for _, status, _ in rows} <= {"passed", "crashed", "not run"}
        if stealing:
            assert {status for _, status, _ in rows} <= {"passed", "crashed"}
        cases = [row for record in records for row in record.get("cases", ())]
        assert sorted(case[0] for case in cases) == CLASSES, module
        unfinished |= {f"{module}/{name}" for name in CLASSES if name not in passed}
    again = project.make("-j3", "retest")
    assert again.status == 0, again.text
    run_again = {
        f"{record['module']}/{row[0]}" for record in project.records().values() for row in record.get("classes", ())
    }
    assert unfinished <= run_again


@pytest.mark.parametrize("stealing", [False, True])
def test_a_test_that_ends_its_fork_with_status_0_fails_the_run(project: Project, *, stealing: bool) -> None:
    suite(project, 1, stealing=stealing)
    done = project.make("-k", "test", EXIT=CLASSES[2])
    assert done.status == 2, done.text
    rows = {row[0]: row[1] for record in project.records().values() for row in record.get("classes", ())}
    assert rows[CLASSES[2]] == "crashed"
    assert set(rows) == set(CLASSES)
    (record,) = (record for record in project.records().values() if record["status"] == "error")
    assert "exited with status 0 and did not send fork_completed" in record["note"]
