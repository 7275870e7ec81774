"""examples/git-scenarios passes, step by step, under the reference interpreter and under the product.

A check that is broken on purpose is seen by both, whatever its kind.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from longpole.rts_tests.scenario.model import Settings
from tests.project import REPOSITORY
from tests.rts_tests.scenario import product, reference
from tests.rts_tests.scenario.reference import StepVerdict, read

EXAMPLE = REPOSITORY / "examples/git-scenarios"
FILES = sorted(EXAMPLE.glob("scenarios/**/*.yml"))
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
        str(EXAMPLE / "fixtures"),
        strict=True,
        env=scenarios["env"] | own["env"],
        identity=(scenarios["identity"]["name"], scenarios["identity"]["email"]),
        gitconfig=scenarios["gitconfig"],
        home="sandbox",
        object_format=own["object_format"],
    )


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
