"""The workflow of benchmarks, its jobs executed: gate, measure, collect, publish, and the alarm."""

import json
import os
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from longpole.perf.model import Benchmark, Metric
from tests.gen.render.runner import Runner
from tests.issues import Issues
from tests.perf.branches import Repository as Branch
from tests.perf.branches import files_of
from tests.perf.ledger.fake_github import fake_github, runs
from tests.perf.results import result
from tests.project import Project, tool

pytestmark = pytest.mark.slow

WORKFLOW = Path(".github/workflows/benchmarks.yml")
BENCH = {"version": 1, "defaults": {"rounds": 2}, "benchmarks": {"quick": {"run": ["sh", "program.sh"]}}}
PLATFORMS = ("x86_64-linux", "aarch64-darwin")


class Repository:
    """A project with two platforms to measure, its remote, and the runner."""

    def __init__(self, project: Project, folder: Path) -> None:
        self.project = project
        self.issues = Issues(folder)
        (Path(self.issues.environ["PATH"].split(":")[0]) / "gh").rename(folder / "programs/gh-model")
        gh = folder / "programs/gh"  # `gh auth setup-git` changes git's configuration, which needs none here
        gh.write_text(f'#!/bin/sh\n[ "$1" = auth ] || exec {folder}/programs/gh-model "$@"\n')
        gh.chmod(0o755)
        project.write({"a": ""})
        suite = json.loads((project.root / "suite.yaml").read_text())
        suite["platforms"] = {name: {"default": "build", "benchmarks": True} for name in PLATFORMS}
        (project.root / "suite.yaml").write_text(json.dumps(suite))
        (project.root / "bench.yaml").write_text(json.dumps(BENCH))
        (project.root / "program.sh").write_text("")
        (project.root / ".gitignore").write_text("/.longpole/\n")
        assert project.longpole("render", "--ci=github-plain").status == 0
        self.remote = folder / "server/owner/project"
        self.git("init", "-q", "-b", "main")
        self.git("init", "-q", "--bare", "-b", "main", str(self.remote))
        self.git("remote", "add", "origin", str(self.remote))
        self.runner = Runner(project, folder / "github")
        self.runner.environ = {
            **self.issues.environ,
            "PATH": f"{folder}/programs:{project.environ['PATH']}",
            "GITHUB_API_URL": "http://127.0.0.1:9",  # nobody answers there
            "GITHUB_SERVER_URL": f"file://{folder}/server",
            "GITHUB_REPOSITORY": "owner/project",
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_WORKFLOW_REF": "owner/project/.github/workflows/benchmarks.yml@refs/heads/main",
        }

    def git(self, *words: str) -> str:
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        command = [tool("git"), "-C", str(self.project.root), *identity, *words]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def push(self, program: str) -> str:
        """A commit with this program; its name."""
        (self.project.root / "program.sh").write_text(program)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", f"Program {program!r}")
        self.git("push", "-q", "origin", "main")
        sha = self.git("rev-parse", "HEAD")
        event = {"github.sha": sha, "github.event.repository.default_branch": "main"}
        self.runner.begin(sha[:8], **event)
        self.runner.environ["GITHUB_SHA"] = sha
        return sha

    def job(self, name: str) -> list[str]:
        return self.runner.job(self.project.root / WORKFLOW, name)

    def is_wanted(self, name: str, event: str = "push") -> bool:
        """Whether a job of a run that was not cancelled runs on the main branch, by its condition."""
        condition = yaml.safe_load((self.project.root / WORKFLOW).read_text())["jobs"][name]["if"]
        known = {"github.ref_name": "main", "github.event_name": event, **self.runner.values}
        words = condition.removeprefix("${{").removesuffix("}}").replace("!cancelled()", "True")
        words = re.sub(r"[a-z]\w*(?:\.\w+)+", lambda found: repr(known.get(found[0], "")), words)
        return bool(eval(words.replace("&&", "and").replace("||", "or").strip()))

    def results(self) -> list[str]:
        """The files on the branch `perf` of the remote."""
        if "perf" not in self.git("ls-remote", "--heads", "origin"):
            return []
        self.git("fetch", "-q", "origin", "+perf:refs/remotes/origin/perf")
        return self.git("ls-tree", "-r", "--name-only", "origin/perf").splitlines()


@pytest.fixture
def repository(project: Project, tmp_path: Path) -> Repository:
    return Repository(project, tmp_path)


def test_a_commit_is_measured_on_all_platforms_collected_and_published(repository: Repository) -> None:
    sha = repository.push("exit 0")
    assert repository.job("gate") == ["success"], repository.runner.log
    matrix = json.loads(repository.runner.values["needs.gate.outputs.matrix"])
    assert sorted((row["platform"], row["commit"]) for row in matrix) == sorted((name, sha) for name in PLATFORMS)
    assert repository.job("measure") == ["success", "success"], repository.runner.log
    assert {f"benchmark-results-{sha}-{name}" for name in PLATFORMS} <= set(os.listdir(repository.runner.artifacts))
    assert repository.job("collect") == ["success"], repository.runner.log
    assert sorted(path.split("/")[1] for path in repository.results()) == sorted(PLATFORMS)
    assert repository.job("publish") == ["success"], repository.runner.log
    assert (repository.runner.artifacts / "github-pages/index.html").is_file()
    assert repository.job("stalled") == ["success"], repository.runner.log
    assert repository.issues.open == []


def test_a_platform_without_results_is_recorded_as_failed_and_loses_no_other_s(repository: Repository) -> None:
    sha = repository.push("exit 0")
    assert repository.job("gate") == ["success"]
    repository.job("measure")
    lost = repository.runner.artifacts / f"benchmark-results-{sha}-aarch64-darwin"
    subprocess.run(["rm", "-r", str(lost)], check=True)
    repository.job("collect")
    texts = [repository.git("show", f"origin/perf:{path}") for path in repository.results()]
    measured = {row["platform"]: bool(row["benchmarks"]) for row in map(json.loads, texts)}
    assert measured == {"x86_64-linux": True, "aarch64-darwin": False}


def test_a_benchmark_that_fails_is_red_and_its_failure_is_collected(repository: Repository) -> None:
    repository.push("exit 3")
    assert repository.job("gate") == ["success"]
    assert repository.job("measure") == ["failure", "failure"]
    assert repository.job("collect") == ["success"], repository.runner.log
    (first, _) = (json.loads(repository.git("show", f"origin/perf:{path}")) for path in repository.results())
    assert first["failures"][0]["name"] == "quick"


def test_a_commit_within_the_window_is_skipped_and_that_is_recorded(repository: Repository) -> None:
    repository.push("exit 0")
    for name in ("gate", "measure", "collect"):
        repository.job(name)
    sha = repository.push("exit 0 # again")
    with fake_github(lambda *_: runs()) as github:
        repository.runner.environ["GITHUB_API_URL"] = github.url
        assert repository.job("gate") == ["success"], repository.runner.log
    assert repository.runner.values["needs.gate.outputs.measure"] == "false"
    assert repository.job("collect") == ["success"], repository.runner.log
    skips = [path for path in repository.results() if path.startswith("skips/")]
    assert {json.loads(repository.git("show", f"origin/perf:{path}"))["commit"] for path in skips} == {sha}
    assert len(skips) == len(PLATFORMS)


def test_where_nothing_was_measured_the_page_waits_for_the_next_day(repository: Repository) -> None:
    repository.push("exit 0")
    jobs = ("publish", "stalled")
    assert repository.job("gate") == ["success"], repository.runner.log
    assert [repository.is_wanted(name) for name in jobs] == [True, True]
    repository.runner.values["needs.gate.outputs.measure"] = "false"
    assert [repository.is_wanted(name) for name in jobs] == [False, False]
    assert [repository.is_wanted(name, "schedule") for name in jobs] == [True, True]
    repository.runner.values["needs.gate.outputs.measure"] = ""  # the gate has failed
    assert [repository.is_wanted(name) for name in jobs] == [False, True]


def test_a_range_with_a_change_is_measured_first(repository: Repository) -> None:
    """The change is in one of five commits; twenty others, of which nothing is known, are a wider gap."""
    commits = [repository.push(f"exit 0 # {number}") for number in range(41)]
    measured = {number: 1000.0 if number <= 10 else 1300.0 for number in (*range(11), *range(16, 21), 40)}
    results = (
        result(
            platform=platform,
            commit=commits[number],
            measured_at=datetime(2026, 4, 20, tzinfo=UTC) + timedelta(hours=number),
            benchmarks=(Benchmark("quick", {"size": Metric.of("B", (size,))}),),
        )
        for number, size in measured.items()
        for platform in PLATFORMS
    )
    Branch(repository.remote).commit(files_of(*results))
    repository.runner.environ["GITHUB_EVENT_NAME"] = "schedule"
    with fake_github(lambda *_: runs()) as github:
        repository.runner.environ["GITHUB_API_URL"] = github.url
        assert repository.job("gate") == ["success"], repository.runner.log
    matrix = json.loads(repository.runner.values["needs.gate.outputs.matrix"])
    assert {commits.index(row["commit"]) for row in matrix} <= {11, 12, 13, 14, 15}, repository.runner.log
    assert {row["platform"] for row in matrix} == set(PLATFORMS)


def test_one_issue_is_open_while_the_newest_commits_have_no_results(repository: Repository) -> None:
    first = repository.push("exit 0")
    for name in ("gate", "measure", "collect"):
        repository.job(name)
    repository.push("exit 0 # 2")
    repository.push("exit 0 # 3")
    repository.results()

    def stalled(limit: str) -> str:
        words = ("perf", "stalled", "--issue", "--main", "origin/main", "--commits", limit)
        done = repository.project.longpole(*words, **repository.runner.environ)
        assert done.status == 0, done.text
        return done.out

    assert "opened https://github.example/" in stalled("1")
    assert "updated issue 1" in stalled("2")
    (issue,) = repository.issues.open
    assert issue["title"] == "The newest commits have no benchmark results"
    assert f"the last is {first[:12]}, 2 commits ago" in issue["body"]
    assert "closed issue 1" in stalled("3")
    assert repository.issues.open == []
