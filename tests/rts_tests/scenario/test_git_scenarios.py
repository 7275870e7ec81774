"""examples/git-scenarios passes, step by step, under the reference interpreter and under the product.

A check that is broken on purpose is seen by both, whatever its kind.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from longpole.rts_tests.scenario.model import Settings
from longpole.rts_tests.scenario.shapes import EXPECT, SCENARIO, STEP
from tests.project import REPOSITORY, Project
from tests.rts_tests.scenario import product, reference
from tests.rts_tests.scenario.reference import StepVerdict, read

EXAMPLE = REPOSITORY / "examples/git-scenarios"
FILES = sorted(path for path in EXAMPLE.glob("scenarios/**/*.yml") if "fixtures" not in path.parts)
EXTENSIONS = EXAMPLE / "extensions"
GROUPS = sorted({path.parent.name for path in FILES})
SUBJECTS = (
    *("clone", "branch", "worktree", "merge", "conflict", "rebase", "stash"),
    *("submodule", "hooks", "tags", "sparse", "bundle", "daemon"),
)

BROKEN: dict[str, Any] = {
    "exit_code": 99,
    "dirs_exist": ["no/such/folder"],
    "files_exist": ["no/such/file"],
    "files_not_exist": ["$BASE_DIR/gitconfig"],
    "file_contains": [{"path": "$BASE_DIR/gitconfig", "content": "no such text"}],
    "file_not_contains": [{"path": "$BASE_DIR/gitconfig", "content": "defaultBranch"}],
    "output_contains": ["no such output"],
    "output_not_contains": [""],
    "is_git_worktree": [{"dir": "$WORK_DIR", "branch": ""}],
    "branch_exists": [{"repo": "$WORK_DIR", "branch": "*"}],
}
"""Checks that never hold."""


def settings(variant: str) -> Settings:
    """The settings of a variant, read from the suite without the product's reader."""
    suite = yaml.safe_load((EXAMPLE / "suite.yaml").read_text())
    scenarios, own = suite["scenarios"], suite["variants"][variant]
    assert scenarios["strict"] and scenarios["home"] == "sandbox"
    return Settings(
        str(EXAMPLE),
        str(EXAMPLE / "scenarios/fixtures"),
        strict=True,
        env=scenarios["env"] | own["env"],
        identity=(scenarios["identity"]["name"], scenarios["identity"]["email"]),
        gitconfig=scenarios["gitconfig"],
        home="sandbox",
        object_format=own["object_format"],
    )


def copied(project: Project, folder: Path) -> Project:
    """A suite of the example as a project of its own, rendered."""
    ignored = shutil.ignore_patterns(".longpole", "Makefile", "extensions")
    shutil.copytree(folder, project.root, dirs_exist_ok=True, ignore=ignored)
    project.render()
    return project


def keys(value: Any) -> set[str]:
    """All keys of mappings, at any depth."""
    if isinstance(value, dict):
        return set(value).union(*map(keys, value.values()))
    return set[str]().union(*map(keys, value)) if isinstance(value, list) else set()


def bare(verdicts: tuple[StepVerdict, ...]) -> list[tuple[str, int | None, tuple[tuple[str, bool], ...]]]:
    """Verdicts without the output, in which there are names of commits and dates."""
    return [(verdict.name, verdict.exit_code, verdict.checks) for verdict in verdicts]


def test_the_example_has_enough_of_each_subject_in_unique_files() -> None:
    assert len(FILES) >= 80
    by_group = {group: [path for path in FILES if path.parent.name == group] for group in SUBJECTS}
    assert {group for group, paths in by_group.items() if len(paths) < 3} == set()


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["sha1", "sha256"])
@pytest.mark.parametrize("group", GROUPS)
def test_the_example_passes_and_has_the_verdicts_of_the_reference(tmp_path: Path, group: str, variant: str) -> None:
    paths = [path for path in FILES if path.parent.name == group]
    tasks = [(path, settings(variant), tmp_path) for path in paths]
    expected = {path.name: reference.run(*task) for path, task in zip(paths, tasks, strict=True)}
    failed = {name: verdict for name, each in expected.items() for verdict in each if not verdict.passed}
    assert failed == {}
    found = dict(zip(expected, product.run(tasks), strict=True))
    assert {name: bare(each) for name, each in found.items()} == {name: bare(each) for name, each in expected.items()}


@pytest.mark.slow
@pytest.mark.parametrize("key", BROKEN)
def test_a_broken_check_of_the_example_is_seen(tmp_path: Path, key: str) -> None:
    scenario, number = next(
        (scenario, number)
        for scenario in (read(path.read_text()) for path in FILES)
        for number, step in enumerate(scenario["steps"])
        if key in (step.get("expect") or {})
    )
    for step in scenario["steps"]:
        if "exit_code" in step.get("expect", {}):
            step["expect"]["exit_code"] = int(step["expect"]["exit_code"])
    scenario["steps"][number]["expect"][key] = BROKEN[key]
    path = tmp_path / "broken.yml"
    path.write_text(json.dumps(scenario))
    task = (path, settings("sha1"), tmp_path)
    expected = reference.run(*task)
    assert [verdict.passed for verdict in expected] == [place != number for place in range(len(expected))]
    assert [check for check in expected[number].checks if not check[1]] == [(key, False)]
    assert [bare(each) for each in product.run([task])] == [bare(expected)]


@pytest.mark.slow
def test_the_example_passes_as_a_suite_with_as_many_cases_as_steps(project: Project) -> None:
    """All units of a variant, as the README runs them."""
    done = copied(project, EXAMPLE).make("-j2", "test-sha256")
    assert done.status == 0, done.text
    steps = sum(len(read(path.read_text())["steps"]) for path in FILES)
    assert f"{len(FILES)} units: {len(FILES)} passed; {steps} cases: {steps} passed" in done.out


@pytest.mark.slow
def test_a_step_that_fails_in_the_example_is_reported_with_its_line(project: Project) -> None:
    copied(project, EXAMPLE)
    path = project.root / "scenarios/tags/sort.yml"
    path.write_text(path.read_text().replace("v1.2 v1.9 v1.10-rc1", "v1.2 v1.9 v1.11"))
    done = project.make("-j2", "test-sha1-tags", "--keep-going")
    assert done.status != 0
    assert [unit for unit, status in project.statuses().items() if status != "passed"] == ["sha1/tags/sort"]
    assert "scenarios/tags/sort.yml:15" in done.text


@pytest.mark.slow
def test_each_extension_of_the_example_passes_or_is_skipped_with_a_reason(project: Project) -> None:
    done = copied(project, EXTENSIONS).make("-j2", "test")
    assert done.status == 0, done.text
    statuses = project.statuses()
    skipped = {unit.split("/")[1] for unit, status in statuses.items() if status == "skipped"}
    assert skipped <= {"conditions", "clock", "isolation"}
    assert {status for unit, status in statuses.items() if unit.split("/")[1] not in skipped} == {"passed"}
    assert project.longpole("scenario", "check").status == 0


def test_the_example_uses_each_extension() -> None:
    used = set[str]().union(*(keys(read(path.read_text())) for path in EXTENSIONS.glob("scenarios/*.yml")))
    extensions = {key.name for shape in (SCENARIO, STEP, EXPECT) for key in shape.keys.values() if key.extension}
    assert extensions - used == set()
