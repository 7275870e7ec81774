"""The pipeline of GitLab CI: rendered, valid by GitLab's own schema, ours to replace or not, and its jobs executed."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from longpole.commands.render import render as render_command
from longpole.gen.render.folders import CI_KINDS, template_folders
from longpole.gen.render.gitlab import FILE, gitlab_ci
from longpole.gen.render.workflows import Called
from longpole.gen.suite.read import suite_from_bytes
from tests.gen.render.gitlab_runner import GitLab, merged
from tests.gen.render.test_plain_workflow import BUILD, SCRIPTS
from tests.gen.render.test_workflows import CHECK
from tests.project import REPOSITORY, Project, records_in

OWN = Path("templates/workflows/project")
SHARDED = {"x86_64-linux": {"default": "checked", "shards": 3}}
ALL = {
    "x86_64-linux": {"default": "checked", "shards": 2, "nightly": True},
    "aarch64-linux": {"default": "build", "nightly": True},
    "aarch64-darwin": {"default": "checked"},
}


def suite(name: str = "calc", **changes: Any) -> bytes:
    defaults = {"build": ["{make}", "{target_dir}"], "run": ["{target_dir}/t", "{module}"]}
    found = {"version": 1, "name": name, "defaults": defaults, "variants": {"fast": {}}, "modules": {"a": {}, "b": {}}}
    return json.dumps({**found, "platforms": ALL, **changes}).encode()


def rendered(text: bytes, own: Path = Path("none")) -> str:
    return gitlab_ci(suite_from_bytes(text, "suite.yaml"), template_folders(REPOSITORY), own, Called())


def validate(path: Path) -> "subprocess.CompletedProcess[str]":
    assert CHECK, "check-jsonschema is missing; ./configure installs it"
    check = [CHECK, "--builtin-schema", "vendor.gitlab-ci", str(path)]
    return subprocess.run(check, capture_output=True, text=True, check=False)


def test_it_is_what_it_was(golden: Callable[[str, str], None]) -> None:
    golden("gitlab-ci.yml", rendered(suite()))


def test_it_is_valid_by_the_published_schema_which_finds_mistakes(tmp_path: Path) -> None:
    path = tmp_path / "ci.yml"
    path.write_text(rendered(suite()))
    done = validate(path)
    assert done.returncode == 0, done.stdout + done.stderr
    path.write_text(rendered(suite()).replace("    when: always\n", "    when: ever\n"))
    assert validate(path).returncode != 0


@pytest.mark.parametrize("name", ["true", "1e3", "null", "0x1F", "a.b-c", "_", "no"])
def test_names_that_mean_something_else_in_yaml_stay_names(name: str) -> None:
    system = {"x86_64-linux": {"default": "checked"}}
    job = yaml.safe_load(rendered(suite(name, platforms=system)))["test-x86_64-linux"]
    assert job["artifacts"]["name"] == f"{name}-results-x86_64-linux"
    assert re.fullmatch(r"\w[-\w ]*", job["artifacts"]["expose_as"])  # GitLab refuses the whole file otherwise


def test_each_platform_is_done_where_and_when_the_suite_says() -> None:
    text = rendered(suite())
    jobs = yaml.safe_load(text)
    assert {name for name in jobs if not name.startswith(".")} == {
        "workflow",
        "build-x86_64-linux",
        "shard-x86_64-linux",
        "union-x86_64-linux",
        "test-aarch64-linux",
        "build-only-aarch64-linux",
    }
    scheduled = '$CI_PIPELINE_SOURCE == "schedule"'
    assert jobs["test-aarch64-linux"]["rules"] == [{"if": scheduled, "when": "on_success"}]
    assert jobs["build-only-aarch64-linux"]["rules"] == [{"if": scheduled, "when": "never"}, {"when": "on_success"}]
    assert jobs["shard-x86_64-linux"]["rules"] == [{"when": "on_success"}]
    assert jobs["union-x86_64-linux"]["rules"] == [{"when": "always"}]
    assert jobs["shard-x86_64-linux"]["parallel"] == 2
    assert "# GitLab has no machine for aarch64-darwin that Longpole knows.\n" in text


def test_results_are_kept_when_tests_fail_or_take_too_long() -> None:
    document = yaml.safe_load(rendered(suite()))
    for name in ("shard-x86_64-linux", "union-x86_64-linux", "test-aarch64-linux"):
        job = merged(document, name)
        assert job["artifacts"]["when"] == "always"
        assert (job["timeout"], job["variables"]["RUNNER_SCRIPT_TIMEOUT"]) == ("1h", "50m")
    reports = {name: job["artifacts"].get("reports") for name, job in document.items() if "artifacts" in job}
    junit = {"junit": "longpole-results/junit.xml"}
    assert reports == {  # the shards' cases are reported once, by their union
        "build-x86_64-linux": None,
        "shard-x86_64-linux": None,
        "union-x86_64-linux": junit,
        "test-aarch64-linux": junit,
    }


# -- files of the project -------------------------------------------------------------------------------------------


def with_platforms(project: Project, platforms: dict[str, Any]) -> Project:
    path = project.root / "suite.yaml"
    path.write_text(json.dumps({**json.loads(path.read_text()), "platforms": platforms}))
    return project


@pytest.fixture
def pair(project: Project) -> Project:
    return project.write({"a": "", "b": ""})


def test_a_suite_without_platforms_is_tested_on_one_and_later_renders_keep_it(pair: Project) -> None:
    done = pair.longpole("render", "--ci=gitlab")
    assert done.status == 0, done.text
    assert f"wrote {FILE}\n" in done.out
    first = (pair.root / FILE).read_text()
    assert "\ntest-x86_64-linux:\n" in first
    (pair.root / FILE).write_text(first.replace("1h", "2h"))
    assert pair.longpole("render", "--check").status == 1
    assert pair.longpole("render").status == 0
    assert (pair.root / FILE).read_text() == first


@pytest.mark.parametrize("own", ["test:\n  script: make check\n", "# `longpole render --ci=gitlab`?\n", ""])
def test_somebody_else_s_pipeline_is_left_alone(pair: Project, own: str) -> None:
    (pair.root / FILE).write_text(own)
    done = pair.longpole("render", "--ci=gitlab")
    assert done.status == 2
    assert f"{FILE}: the file there was not rendered by Longpole, and is left alone" in done.err
    assert f"move its jobs into {OWN}/gitlab-ci.yml, and render again" in done.err
    assert pair.longpole("render").status == 0
    assert (pair.root / FILE).read_text() == own


def test_a_pipeline_of_another_suite_is_left_alone(pair: Project) -> None:
    assert pair.longpole("render", "--ci=gitlab").status == 0
    first = (pair.root / FILE).read_text()
    shutil.copy(pair.root / "suite.yaml", pair.root / "more.yaml")
    done = pair.longpole("render", "--suite", "more.yaml", "-o", "more.mk", "--ci=gitlab")
    assert done.status == 2
    assert f"{FILE}: this file was rendered from another suite, and is left alone" in done.err
    assert (pair.root / FILE).read_text() == first


def test_github_and_gitlab_live_side_by_side(pair: Project) -> None:
    assert pair.longpole("render", "--ci=github-plain").status == 0
    assert pair.longpole("render", "--ci=gitlab").status == 0
    with_platforms(pair, {"x86_64-linux": {"default": "checked", "shards": 2}})
    assert pair.longpole("render").status == 0
    assert "parallel: 2" in (pair.root / FILE).read_text()
    assert "shard: 2, shards: 2" in (pair.root / ".github/workflows/ci.yml").read_text()


def test_platforms_without_a_machine_are_refused_and_nothing_is_left(pair: Project) -> None:
    with_platforms(pair, {"aarch64-darwin": {"default": "checked"}})
    done = pair.longpole("render", "--ci=gitlab")
    assert done.status == 2
    assert "suite.yaml: GitLab has a machine for none of the platforms" in done.err
    assert not (pair.root / FILE).exists()


def test_jobs_and_setup_of_the_project_s_own_are_added(pair: Project) -> None:
    (pair.root / OWN).mkdir(parents=True)
    jobs = "workflow:\n  rules:\n    - if: $CI_COMMIT_TAG\n\nlint:\n  script:\n    - !reference [x]\n\n\n    - ruff\n"
    (pair.root / OWN / "gitlab-ci.yml").write_text(jobs)
    (pair.root / OWN / "gitlab-setup.yml").write_text("  image: rust:1\n  before_script:\n    - ./install\n")
    done = pair.longpole("render", "--ci=gitlab")
    assert done.status == 0, done.text
    text = (pair.root / FILE).read_text()
    assert text.endswith(f"\n\n{jobs}")
    assert text.count("\nworkflow:") == 1
    assert ".longpole-setup:\n  image: rust:1\n  before_script:\n    - ./install\n" in text
    assert "pip install" not in text


def test_the_setups_of_the_page_are_valid(tmp_path: Path) -> None:
    page = (REPOSITORY / "docs/ci.md").read_text()
    setups = re.findall(r"^```yaml\n(  image: .*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(setups) == 2
    for setup in setups:
        (tmp_path / "gitlab-setup.yml").write_text(setup)
        path = tmp_path / "ci.yml"
        path.write_text(rendered(suite(), tmp_path))
        job = merged(yaml.safe_load(path.read_text()), "test-aarch64-linux")
        assert "longpole" in job["before_script"][0]
        assert validate(path).returncode == 0


@pytest.mark.parametrize(("jobs", "what"), [("a: [", "not YAML"), ("- a\n", "not a mapping of jobs")])
def test_jobs_that_gitlab_could_not_read_are_refused(pair: Project, jobs: str, what: str) -> None:
    (pair.root / OWN).mkdir(parents=True)
    (pair.root / OWN / "gitlab-ci.yml").write_text(jobs)
    done = pair.longpole("render", "--ci=gitlab")
    assert done.status == 2
    assert f"{OWN}/gitlab-ci.yml: {what}" in done.err
    assert not (pair.root / FILE).exists()


def test_the_option_takes_every_kind() -> None:
    (option,) = [each for each in render_command.params if each.name == "ci"]
    assert tuple(getattr(option.type, "choices", ())) == CI_KINDS


# -- the jobs, executed ---------------------------------------------------------------------------------------------


@pytest.fixture
def gitlab(project: Project, tmp_path: Path) -> GitLab:
    """A project with one platform in three shards, whose artifacts differ from build to build."""
    (project.root / "program.sh").write_text("#!/bin/sh\nexec sh units/$1.sh\n: ")
    project.write(
        SCRIPTS, defaults={"build": BUILD, "artifact": "{target_dir}/program", "run": ["{artifact}", "{module}"]}
    )
    with_platforms(project, SHARDED)
    pip = tmp_path / "bin/pip"
    pip.parent.mkdir()
    pip.write_text("#!/bin/sh\n[ \"$*\" = 'install longpole' ]\n")
    pip.chmod(0o755)
    assert project.longpole("render", "--ci=gitlab").status == 0
    made = GitLab(project, tmp_path / "gitlab", environ={"PATH": f"{pip.parent}:{project.environ['PATH']}"})
    made.begin()
    return made


def change(gitlab: GitLab, unit: str, script: str) -> None:
    (gitlab.project.root / "units" / f"{unit}.sh").write_text(f"{script}\n")


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "dash"])
def test_a_change_is_built_once_tested_in_shards_and_proven(gitlab: GitLab, shell: str) -> None:
    gitlab.shell = shell
    assert gitlab.job("build-x86_64-linux") == ["success"], gitlab.log
    assert gitlab.job("shard-x86_64-linux") == ["success"] * 3, gitlab.log
    assert gitlab.job("union-x86_64-linux") == ["success"], gitlab.log
    assert "4 units in 3 shards, each run exactly once" in gitlab.log
    results = gitlab.artifacts / "union-x86_64-linux.1/longpole-results"
    assert {"report.txt", "report.html", "junit.xml"} <= {path.name for path in results.iterdir()}
    assert len({record["artifact_sha256"] for record in records_in(results)}) == 1
    assert json.loads((results / "run.json").read_text())["commit"] == "0" * 40


@pytest.mark.slow
def test_a_failing_unit_and_a_lost_shard_make_the_union_red(gitlab: GitLab) -> None:
    change(gitlab, "b", "exit 3")
    assert gitlab.job("build-x86_64-linux") == ["success"]
    assert sorted(gitlab.job("shard-x86_64-linux")) == ["failed", "success", "success"]
    assert gitlab.job("union-x86_64-linux") == ["failed"]
    assert "4 units in 3 shards, each run exactly once" in gitlab.log
    assert "4 units: 3 passed, 1 failed" in gitlab.log
    shutil.rmtree(gitlab.artifacts / "shard-x86_64-linux.2")
    gitlab.log = ""
    assert gitlab.job("union-x86_64-linux") == ["failed"]
    assert "shard 2/3 is missing" in gitlab.log
    assert "not run" in (gitlab.artifacts / "union-x86_64-linux.1/longpole-results/report.txt").read_text()


@pytest.mark.slow
def test_a_shard_that_is_there_twice_is_named_though_all_that_ran_has_passed(gitlab: GitLab) -> None:
    assert gitlab.job("build-x86_64-linux") == ["success"]
    assert gitlab.job("shard-x86_64-linux") == ["success"] * 3
    (shard,) = gitlab.artifacts.glob("shard-x86_64-linux.1")
    shutil.copytree(shard / "longpole-shards/1-of-3", shard / "longpole-shards/2-of-3")
    shutil.rmtree(gitlab.artifacts / "shard-x86_64-linux.2")
    assert gitlab.job("union-x86_64-linux") == ["failed"]
    assert "shard 1/3 is present 2 times" in gitlab.log


@pytest.mark.slow
def test_history_is_kept_from_pipeline_to_pipeline_and_schedules_have_other_seeds(gitlab: GitLab) -> None:
    with_platforms(gitlab.project, {"x86_64-linux": {"default": "checked", "nightly": True}})
    assert gitlab.project.longpole("render").status == 0
    for source, commit, known in (("push", "0" * 40, 0), ("schedule", f"{'0' * 40}+2026-01-31", 4)):
        gitlab.begin()
        gitlab.source = source
        assert gitlab.job("test-x86_64-linux") == ["success"], gitlab.log
        results = gitlab.artifacts / "test-x86_64-linux.1/longpole-results"
        assert json.loads((results / "run.json").read_text())["commit"] == commit
        plan = json.loads((results / "plan.json").read_text())
        assert len([row for row in plan["units"] if row[6] == "history"]) == known
        assert (results / "junit.xml").exists()
