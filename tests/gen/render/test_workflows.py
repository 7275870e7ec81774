"""The workflows: rendered from the suite's platforms, committed, valid, and harmless."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from longpole.gen.render.folders import GITHUB_PLAIN, WORKFLOWS_OF_PROJECT, template_folders
from longpole.gen.render.workflows import ACTIONS, FOLDER, NAMES, RUNNERS, workflows
from longpole.gen.suite.model import Platform
from longpole.gen.suite.read import load_suite, suite_from_bytes
from tests.project import REPOSITORY, Done, Project, tool

PROJECTS = [REPOSITORY, REPOSITORY / "examples/nix-adopter"]
PLAIN = [REPOSITORY / "tests/golden" / f"plain-{name}" for name in NAMES]
FILES = [*(project / FOLDER / name for project in PROJECTS for name in NAMES), *PLAIN]
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


def test_those_without_nix_are_what_they_were(golden: Callable[[str, str], None]) -> None:
    suite = load_suite(str(PROJECTS[1] / "suite.yaml"))
    suite = replace(suite, path="suite.yaml")
    found = workflows(suite, template_folders(REPOSITORY), Path("none"), GITHUB_PLAIN)
    for path in PLAIN:
        golden(path.name, found[path.name.removeprefix("plain-")])


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
def test_zizmor_finds_nothing(path: Path) -> None:
    zizmor = shutil.which("zizmor", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert zizmor, "zizmor is missing; ./configure installs it"
    done = subprocess.run([zizmor, "--offline", "--no-config", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@every_file
def test_every_action_is_pinned_by_its_commit_with_the_version_beside_it(path: Path) -> None:
    used = re.findall(r"uses: (.*)", path.read_text())
    assert used
    assert set(used) <= set(ACTIONS.values())
    for action in ACTIONS.values():
        assert re.fullmatch(r"[\w-]+/[\w-]+(/[\w-]+)?@[0-9a-f]{40} # v[0-9]+(\.[0-9]+)*", action)


@every_file
def test_permissions_are_the_least(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {"contents": "read"}
    more = {name: job["permissions"] for name, job in workflow["jobs"].items() if "permissions" in job}
    reads, writes = {"contents": "read", "issues": "read"}, {"contents": "read", "issues": "write"}
    needed = {
        "nightly.yml": {"open": reads, "issue": writes},
        "benchmarks.yml": {
            "gate": {"contents": "read", "actions": "read"},
            "collect": {"contents": "write"},
            "publish": {"contents": "read", "pages": "write", "id-token": "write"},
            "stalled": writes,
        },
    }
    assert more == needed.get(path.name.removeprefix("plain-"), {})


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
        if "run" in step and "NEEDS" not in step["run"]:  # a program of three lines, which has its own test
            assert "\n" not in step["run"].strip()
            assert not re.search(r"&&|;|\|", step["run"])


@every_file
def test_nothing_that_others_write_is_put_into_a_command(path: Path) -> None:
    for step in steps(load(path)):
        assert set(re.findall(r"\$\{\{ *(\w+)", step.get("run", ""))) <= {"matrix"}


@pytest.mark.parametrize("project", PROJECTS, ids=["longpole", "nix-adopter"])
def test_each_platform_is_done_where_the_suite_says(project: Path) -> None:
    suite = load_suite(str(project / "suite.yaml"))
    ci, nightly = (load(project / FOLDER / name) for name in NAMES[:2])
    rows = ci["jobs"]["test"]["strategy"]["matrix"]["include"]
    assert [(row["system"], row["checked"]) for row in rows] == [
        (platform.name, str(platform.checked).lower())
        for platform in suite.platforms
        if not platform.checked or platform.shards == 1
    ]
    assert {step["run"] for step in ci["jobs"]["test"]["steps"] if "run" in step} == {
        f"nix build .#{suite.name} --print-build-logs",
        f"nix build .#{suite.name}-results --out-link longpole-results",
    }
    assert parts(ci) == shards_of([platform for platform in suite.platforms if platform.checked])
    whole = [row["system"] for row in nightly["jobs"]["checked"]["strategy"]["matrix"]["include"]]
    assert whole == [platform.name for platform in suite.platforms if platform.nightly and platform.shards == 1]
    assert parts(nightly) == shards_of([platform for platform in suite.platforms if platform.nightly])


def parts(workflow: dict[str, Any]) -> list[tuple[str, str, str]]:
    """System, number and total of each shard in the workflow's matrix."""
    rows = workflow["jobs"]["shard"]["strategy"]["matrix"]["include"] if "shard" in workflow["jobs"] else []
    return [(row["system"], row["shard"], row["shards"]) for row in rows]


def shards_of(platforms: list[Platform]) -> list[tuple[str, str, str]]:
    return [
        (platform.name, str(number), str(platform.shards))
        for platform in platforms
        if platform.shards > 1
        for number in range(1, platform.shards + 1)
    ]


def files(name: str) -> list[Path]:
    return [path for path in FILES if path.name.endswith(name)]


def test_the_issue_waits_for_every_job() -> None:
    for path in files("nightly.yml"):
        jobs = load(path)["jobs"]
        assert jobs["issue"]["needs"] == [name for name in jobs if name != "issue"]


def test_a_change_is_tested_once() -> None:
    for path in files("ci.yml"):
        workflow = load(path)
        assert set(workflow["on"]) == {"push", "pull_request", "merge_group"}
        assert workflow["on"]["push"] == {"branches": ["main", "master"]}
        assert workflow["concurrency"]["group"] == "ci-${{ github.event.pull_request.number || github.run_id }}"


def test_shards_test_what_was_built_once() -> None:
    for path in files(".yml"):
        jobs = load(path)["jobs"]
        if "shard" in jobs:
            (upload,) = [step["with"]["name"] for step in jobs["build"]["steps"] if "upload" in step.get("uses", "")]
            (download,) = [
                step["with"]["name"] for step in jobs["shard"]["steps"] if "download" in step.get("uses", "")
            ]
            assert upload == download == "artifacts-${{ matrix.system }}"
            assert "build" in jobs["shard"]["needs"]
            assert jobs["union"]["if"] == "${{ !cancelled() }}"


# -- the gate ------------------------------------------------------------------------------------------------------


def gate(path: Path, **results: str) -> Done:
    (step,) = load(path)["jobs"]["gate"]["steps"]
    needs = {name: {"result": result, "outputs": {}} for name, result in results.items()}
    done = subprocess.run(
        [tool("bash"), "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        env={**os.environ, "NEEDS": json.dumps(needs, indent=2)},
        capture_output=True,
        text=True,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def test_one_gate_waits_for_all_jobs_whatever_they_do() -> None:
    for path in files("ci.yml"):
        jobs = load(path)["jobs"]
        assert jobs["gate"]["needs"] == [name for name in jobs if name != "gate"]
        assert jobs["gate"]["if"] == "${{ always() }}"  # a required check that is skipped counts as passed
        assert gate(path, test="success", union="success").status == 0


@pytest.mark.parametrize("result", ["failure", "cancelled", "skipped"])
def test_the_gate_is_red_for_anything_but_success_and_names_it(result: str) -> None:
    done = gate(FILES[0], test="success", shard=result, union="success")
    assert done.status == 1
    assert done.err == f"not successful: {{'shard': '{result}'}}\n"


def test_results_are_uploaded_also_on_failure() -> None:
    for path in FILES:
        for job in load(path)["jobs"].values():
            for step in (step for step in job["steps"] if "upload-artifact" in step.get("uses", "")):
                if "artifacts-" not in step["with"]["name"]:  # those of a build that failed are of no use
                    assert re.search(r"!cancelled\(\)|always\(\)", step["if"])


def test_the_project_s_own_tests_run_on_every_python_that_is_supported() -> None:
    job = load(FILES[0])["jobs"]["python"]
    goals = {row["python"]: row["goal"] for row in job["strategy"]["matrix"]["include"]}
    assert goals == {"3.11": "check-all", "3.12": "check", "3.13": "check", "3.14": "check"}
    assert [step["run"] for step in job["steps"] if "run" in step] == ["./configure", "make ${{ matrix.goal }}"]


def test_a_suite_has_the_workflows_that_its_platforms_ask_for() -> None:
    text = (REPOSITORY / "suite.yaml").read_text().replace("nightly: true", "nightly: false")
    text = text.replace("benchmarks: true", "benchmarks: false")
    found = workflows(suite_from_bytes(text.encode(), "suite.yaml"), template_folders(REPOSITORY), Path("none"))
    assert list(found) == ["ci.yml"]


def test_benchmarks_run_on_all_platforms_at_once_and_end_no_other_run() -> None:
    for path in files("benchmarks.yml"):
        workflow = load(path)
        assert workflow["concurrency"] == {"group": "benchmarks-${{ github.run_id }}", "cancel-in-progress": "false"}
        strategy = workflow["jobs"]["measure"]["strategy"]
        assert strategy["fail-fast"] == "false"
        assert "max-parallel" not in strategy
        assert workflow["jobs"]["collect"]["if"] == "${{ always() }}"


def test_benchmarks_run_on_the_platforms_that_the_suite_names() -> None:
    for project in PROJECTS:
        measured = [each.name for each in load_suite(str(project / "suite.yaml")).platforms if each.benchmarks]
        jobs = load(project / FOLDER / "benchmarks.yml")["jobs"]
        for job in ("gate", "stalled"):
            run = jobs[job]["steps"][-1 if job == "stalled" else -2]["run"]
            assert run.startswith(f"longpole perf {job}")
            assert re.findall(r"--platform (\S+)", run) == measured
        runners = json.loads(jobs["measure"]["runs-on"].split("'")[1])
        assert runners == {name: RUNNERS[name] for name in measured}


def test_what_needs_history_checks_out_all_of_it() -> None:
    for path in files("benchmarks.yml"):
        jobs = load(path)["jobs"]
        depths = {name: job["steps"][0]["with"].get("fetch-depth") for name, job in jobs.items()}
        assert depths == {"gate": "0", "measure": None, "collect": None, "publish": "0", "stalled": "0"}


def test_a_platform_without_a_machine_is_named_and_left_out() -> None:
    text = (REPOSITORY / "suite.yaml").read_text().replace("aarch64-linux:", "riscv64-linux:")
    found = workflows(suite_from_bytes(text.encode(), "suite.yaml"), template_folders(REPOSITORY), Path("none"))
    assert "# GitHub has no machine for riscv64-linux.\n" in found["ci.yml"]
    assert "system: riscv64-linux" not in found["ci.yml"]


# -- which kind ----------------------------------------------------------------------------------------------------


@pytest.fixture
def split(project: Project) -> Project:
    """A project with a platform in two shards."""
    project.write({"a": "", "b": ""})
    suite = json.loads((project.root / "suite.yaml").read_text())
    suite["platforms"] = {"x86_64-linux": {"default": "checked", "shards": 2}}
    (project.root / "suite.yaml").write_text(json.dumps(suite))
    return project


def test_the_kind_is_kept_by_later_renders_until_another_is_asked_for(split: Project) -> None:
    path = split.root / FOLDER / "ci.yml"
    for option, mark, tool_of in (
        ("--ci=github-plain", "`longpole render --ci=github-plain`", "run: longpole prove-shards"),
        ("--ci", "`longpole render --ci`", "run: nix run .#longpole -- prove-shards"),
    ):
        assert split.longpole("render", option).status == 0
        first = path.read_text()
        assert mark in first
        assert tool_of in first
        path.write_text(first.replace("timeout-minutes: 60", "timeout-minutes: 61"))
        assert split.longpole("render", "--check").status == 1
        assert split.longpole("render").status == 0
        assert path.read_text() == first


def test_shards_get_target_directories_artifacts_and_the_outputs_of_steps(split: Project) -> None:
    suite = json.loads((split.root / "suite.yaml").read_text())
    suite["steps"] = {"corpus": {"build": ["true"], "output": "made/corpus"}}
    suite["defaults"] |= {"build": ["true"], "artifact": "bin/{variant}", "need": ["corpus"]}
    (split.root / "suite.yaml").write_text(json.dumps(suite))
    assert split.longpole("render", "--ci=github-plain").status == 0
    text = (split.root / FOLDER / "ci.yml").read_text()
    assert 'run: "tar -cf longpole-artifacts -- target-v bin/v made/corpus"\n' in text


def test_more_shards_than_units_are_refused(split: Project) -> None:
    path = split.root / "suite.yaml"
    path.write_text(path.read_text().replace('"shards": 2', '"shards": 3'))
    done = split.longpole("render", "--ci=github-plain")
    assert done.status == 2
    assert "suite.yaml: x86_64-linux has 3 shards, but the suite has 2 units; use fewer shards" in done.err
    assert not (split.root / ".github").exists()


def test_an_unknown_kind_is_refused(split: Project) -> None:
    done = split.longpole("render", "--ci=gitea")
    assert done.status == 2
    assert "'github', 'github-plain', 'gitlab'" in done.err
    assert not (split.root / ".github").exists()


def test_workflows_call_the_makefile_and_the_suite_that_there_are(split: Project) -> None:
    shutil.rmtree(split.root / ".longpole")
    (split.root / "Makefile").write_text("all:\n\ttrue\n")
    (split.root / "suite.yaml").rename(split.root / "tests.yaml")
    done = split.longpole("render", "--suite", "tests.yaml", "-o", "longpole.mk", "--ci=github-plain")
    assert done.status == 0, done.text
    text = (split.root / FOLDER / "ci.yml").read_text()
    assert "run: longpole render --quiet --suite tests.yaml -o longpole.mk\n" in text
    assert "longpole prove-shards --suite tests.yaml --into longpole-results" in text


def test_steps_of_the_project_s_own_install_what_it_needs(split: Project) -> None:
    folder = split.root / "templates/workflows/project"
    folder.mkdir(parents=True)
    (folder / "setup.yml").write_text("      - run: ./configure && echo $PWD/.venv/bin >>$GITHUB_PATH\n")
    assert split.longpole("render", "--ci=github-plain").status == 0
    text = (split.root / FOLDER / "ci.yml").read_text()
    assert "pip install" not in text
    assert text.count("      - run: ./configure && echo $PWD/.venv/bin >>$GITHUB_PATH\n") == 2


def test_a_suite_without_platforms_is_tested_on_one_without_nix_and_refused_with_it(project: Project) -> None:
    """As `longpole init` writes no platforms; GitHub's default machine tests such a suite."""
    project.write({"a": "", "b": ""})
    done = project.longpole("render", "--ci")
    assert done.status == 2
    assert "add `platforms:`, see docs/suite.md; `--ci=github-plain` needs none" in done.err
    assert not (project.root / ".github").exists()
    done = project.longpole("render", "--ci=github-plain")
    assert done.status == 0, done.text
    path = project.root / FOLDER / "ci.yml"
    rows = load(path)["jobs"]["test"]["strategy"]["matrix"]["include"]
    assert rows == [{"system": "x86_64-linux", "runner": "ubuntu-24.04", "checked": "true"}]
    path.write_text(path.read_text().replace("timeout-minutes: 60", "timeout-minutes: 61"))
    assert project.longpole("render").status == 0
    assert "timeout-minutes: 61" not in path.read_text()
    assert validate(path).returncode == 0
    assert not (project.root / "nix").exists()
