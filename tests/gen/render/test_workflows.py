"""The workflows: rendered from the suite's platforms, committed, valid, and harmless."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from longpole.gen.render.folders import WORKFLOWS_OF_PROJECT, template_folders
from longpole.gen.render.workflows import ACTIONS, FOLDER, NAMES, workflows
from longpole.gen.suite.read import load_suite, suite_from_bytes
from tests.project import REPOSITORY, Project

PROJECTS = [REPOSITORY, REPOSITORY / "examples/nix-adopter"]
FILES = [project / FOLDER / name for project in PROJECTS for name in NAMES]
IDS = [str(path.relative_to(REPOSITORY)) for path in FILES]

CHECK = shutil.which("check-jsonschema", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")

every_file = pytest.mark.parametrize("path", FILES, ids=IDS)


def validate(path: Path) -> "subprocess.CompletedProcess[str]":
    assert CHECK, "check-jsonschema is missing; ./configure installs it"
    check = [CHECK, "--builtin-schema", "vendor.github-workflows", str(path)]
    return subprocess.run(check, capture_output=True, text=True, check=False)


def load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(path.read_text(), yaml.BaseLoader)  # `on` stays a word
    return found


def steps(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for job in workflow["jobs"].values():
        yield from job["steps"]


@pytest.mark.parametrize("project", PROJECTS, ids=["longpole", "nix-adopter"])
def test_what_is_committed_is_what_is_rendered(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    found = workflows(load_suite("suite.yaml"), template_folders(Path()), WORKFLOWS_OF_PROJECT)
    assert found == {name: (project / FOLDER / name).read_text() for name in NAMES}


@every_file
def test_it_is_valid_by_the_published_schema(path: Path) -> None:
    done = validate(path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_schema_finds_mistakes(tmp_path: Path) -> None:
    broken = tmp_path / "ci.yml"
    broken.write_text(FILES[0].read_text().replace("runs-on:", "run-on:"))
    assert validate(broken).returncode != 0


@every_file
def test_actionlint_has_nothing_to_say_where_it_is_installed(path: Path) -> None:
    actionlint = shutil.which("actionlint")
    if actionlint is not None:
        done = subprocess.run([actionlint, str(path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


@every_file
def test_every_action_is_pinned_by_its_commit_with_the_version_beside_it(path: Path) -> None:
    used = re.findall(r"uses: (.*)", path.read_text())
    assert used
    assert set(used) <= set(ACTIONS.values())
    for action in ACTIONS.values():
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v[0-9]+(\.[0-9]+)*", action)


@every_file
def test_permissions_are_the_least(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {"contents": "read"}
    more = {name: job["permissions"] for name, job in workflow["jobs"].items() if "permissions" in job}
    only = {"issue": {"contents": "read", "issues": "write"}} if path.name == "nightly.yml" else {}
    assert more == only


@every_file
def test_there_is_no_secret(path: Path) -> None:
    assert "secrets." not in path.read_text()
    workflow = load(path)
    assert "pull_request_target" not in workflow["on"]
    if "pull_request" in workflow["on"]:
        assert "github.token" not in path.read_text()
    checkouts = [step for step in steps(workflow) if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert {step["with"]["persist-credentials"] for step in checkouts} == {"false"}


@every_file
def test_every_job_ends_and_every_workflow_is_one_at_a_time(path: Path) -> None:
    workflow = load(path)
    assert workflow["concurrency"]["group"]
    for job in workflow["jobs"].values():
        assert 0 < int(job["timeout-minutes"]) <= 360


@every_file
def test_every_run_step_is_one_command(path: Path) -> None:
    for step in steps(load(path)):
        if "run" in step:
            assert "\n" not in step["run"].strip()
            assert not re.search(r"&&|;|\|", step["run"])


@every_file
def test_nothing_that_others_write_is_put_into_a_command(path: Path) -> None:
    for step in steps(load(path)):
        assert set(re.findall(r"\$\{\{ *(\w+)", step.get("run", ""))) <= {"matrix"}


@pytest.mark.parametrize("project", PROJECTS, ids=["longpole", "nix-adopter"])
def test_each_platform_is_done_where_the_suite_says(project: Path) -> None:
    suite = load_suite(str(project / "suite.yaml"))
    ci, nightly = (load(project / FOLDER / name) for name in NAMES)
    rows = ci["jobs"]["nix"]["strategy"]["matrix"]["include"]
    assert [(row["system"], row["checked"]) for row in rows] == [
        (platform.name, str(platform.checked).lower()) for platform in suite.platforms
    ]
    assert {step["run"] for step in ci["jobs"]["nix"]["steps"] if "run" in step} == {
        f"nix build .#{suite.name} --print-build-logs",
        f"nix build .#{suite.name}-results --out-link results",
    }
    whole = [row["system"] for row in nightly["jobs"]["checked"]["strategy"]["matrix"]["include"]]
    assert whole == [platform.name for platform in suite.platforms if platform.nightly and platform.shards == 1]
    parts = [(row["system"], row["shard"]) for row in nightly["jobs"]["shard"]["strategy"]["matrix"]["include"]]
    assert parts == [
        (platform.name, f"{number}-of-{platform.shards}")
        for platform in suite.platforms
        if platform.nightly and platform.shards > 1
        for number in range(1, platform.shards + 1)
    ]


def test_the_issue_waits_for_every_job() -> None:
    for path in FILES:
        if path.name == "nightly.yml":
            jobs = load(path)["jobs"]
            assert jobs["issue"]["needs"] == [name for name in jobs if name != "issue"]


def test_results_are_uploaded_also_on_failure() -> None:
    for path in FILES:
        workflow = load(path)
        for job in workflow["jobs"].values():
            uploads = [step for step in job["steps"] if "upload-artifact" in step.get("uses", "")]
            # A shard succeeds whatever its units do, so a step that only runs after success is enough there.
            for step in uploads:
                assert "!cancelled()" in step.get("if", "") or "shard" in step["with"]["name"]


def test_the_project_s_own_tests_run_on_every_python_that_is_supported() -> None:
    job = load(FILES[0])["jobs"]["python"]
    goals = {row["python"]: row["goal"] for row in job["strategy"]["matrix"]["include"]}
    assert goals == {"3.11": "check-all", "3.12": "check", "3.13": "check", "3.14": "check"}
    assert [step["run"] for step in job["steps"] if "run" in step] == ["./configure", "make ${{ matrix.goal }}"]


def test_a_suite_without_nightly_platforms_has_no_nightly_workflow(project: Project) -> None:
    text = (REPOSITORY / "suite.yaml").read_text().replace("nightly: true", "nightly: false")
    found = workflows(suite_from_bytes(text.encode(), "suite.yaml"), template_folders(REPOSITORY), Path("none"))
    assert list(found) == ["ci.yml"]


def test_a_platform_without_a_machine_is_named_and_left_out() -> None:
    text = (REPOSITORY / "suite.yaml").read_text().replace("aarch64-linux:", "riscv64-linux:")
    found = workflows(suite_from_bytes(text.encode(), "suite.yaml"), template_folders(REPOSITORY), Path("none"))
    assert "# GitHub has no machine for riscv64-linux.\n" in found["ci.yml"]
    assert "system: riscv64-linux" not in found["ci.yml"]
