"""`longpole perf gate`: what it prints and leaves, in GitHub Actions and outside, with a real repository and server."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from click.testing import Result as Called

from longpole.command_line import cli
from longpole.perf.files import read
from longpole.perf.model import Result, Skip
from longpole.rts_tests.contracts.errors import UseError
from tests.perf.ledger.fake_github import Answer, fake_github, runs
from tests.perf.ledger.repository import Repository
from tests.perf.results import result

ARM, X86 = "aarch64-linux", "x86_64-linux"
LONG_AGO = datetime(2026, 4, 20, tzinfo=UTC)


def measured(commit: str, platform: str = ARM, at: datetime = LONG_AGO) -> Result:
    return result(platform=platform, commit=commit, measured_at=at)


class Project:
    """A repository whose commits are `commits`, and a job of GitHub Actions in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.repository = Repository(folder / "repository")
        self.commits = [self.repository.commit(f"change {number}") for number in range(9)]
        self.environ: dict[str, str] = {}

    def call(self, *words: str) -> Called:
        return CliRunner().invoke(
            cli, ["perf", "gate", "--repo", str(self.repository.folder), *words], env=self.environ
        )

    def in_actions(self, url: str, event: str = "push") -> None:
        self.environ = {
            "GITHUB_API_URL": url,
            "GITHUB_REPOSITORY": "o/r",
            "GITHUB_RUN_ID": "100",
            "GITHUB_EVENT_NAME": event,
            "GITHUB_SHA": self.commits[-1],
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
        }

    @property
    def outputs(self) -> dict[str, str]:
        lines = (self.folder / "output").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def skips(self, folder: Path) -> list[Skip]:
        found = [read(path.read_bytes(), str(path)) for path in sorted(folder.rglob("*.json"))]
        return [item for item in found if isinstance(item, Skip)]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    for name in ("GITHUB_API_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_EVENT_NAME", "GITHUB_SHA"):
        monkeypatch.delenv(name, raising=False)
    for name in (
        "GITHUB_OUTPUT",
        "GITHUB_STEP_SUMMARY",
        "GITHUB_WORKFLOW_REF",
        "GITHUB_REF_NAME",
        "GITHUB_RUN_ATTEMPT",
        "http_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LONGPOLE_STATE", str(tmp_path / "state"))
    return Project(tmp_path)


def server(*listed: dict[str, Any]) -> Callable[[str, dict[str, str]], Answer]:
    return lambda path, parameters: runs(*listed)


def test_without_any_results_the_commit_is_measured(project: Project) -> None:
    done = project.call("--platform", ARM)
    assert done.output == f"{ARM}: measure {project.commits[-1][:12]}: the commit that triggered, not measured yet\n"
    assert done.exit_code == 0
    no_platform = project.call().exception
    assert "--platform: there are no results that would tell the platforms" in str(no_platform)


def test_in_actions_it_leaves_outputs_a_summary_and_a_record_of_each_skip(project: Project, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    project.repository.publish(measured(project.commits[0], at=now - timedelta(minutes=2)))
    out = tmp_path / "skips"
    with fake_github(server(*({"id": number, "status": "queued"} for number in range(12)))) as github:
        project.in_actions(github.url)
        done = project.call("--platform", ARM, "--platform", X86, "--out", str(out))
    assert done.exit_code == 0, done.output
    first, second = done.output.splitlines()
    assert first.startswith(f"{ARM}: skip: measured at ")
    assert first.endswith("min ago; the window is 30 min with more than 10 runs queued")
    assert second == f"{X86}: measure {project.commits[-1][:12]}: the commit that triggered, not measured yet"
    outputs = project.outputs
    assert outputs["measure"] == "true"
    assert outputs["commit"] == project.commits[-1]
    assert json.loads(outputs["matrix"]) == [{"platform": X86, "commit": project.commits[-1]}]
    summary = (tmp_path / "summary.md").read_text()
    assert f"Triggered by push of `{project.commits[-1][:12]}`, 12 other runs queued or under way." in summary
    assert f"| `{X86}` | measure `{project.commits[-1][:12]}` change 8 | the commit that" in summary
    assert f"| `{ARM}` | skip | measured at " in summary
    (skip,) = project.skips(out)
    assert (skip.platform, skip.commit, skip.queue_depth, skip.trigger) == (ARM, project.commits[-1], 12, "push")
    assert skip.why == first.removeprefix(f"{ARM}: skip: ")
    assert now <= skip.decided_at <= datetime.now(UTC)


def test_a_skip_is_in_the_ledger_once_it_is_collected(project: Project, tmp_path: Path) -> None:
    project.repository.publish(measured(project.commits[0], at=datetime.now(UTC)))
    assert "skip: measured at" in project.call("--queue", "3", "--out", str(tmp_path / "skips")).output
    (skip,) = project.skips(tmp_path / "skips")
    project.repository.publish(skip)
    words = ["perf", "ledger", "--repo", str(project.repository.folder), "--json"]
    entry = json.loads(CliRunner().invoke(cli, words).output)["platforms"][0]["entries"][-1]
    assert (entry["state"], entry["why"], entry["queue_depth"]) == ("skipped", skip.why, 3)


def test_nothing_to_measure(project: Project, tmp_path: Path) -> None:
    project.repository.publish(*(measured(project.commits[8], at=LONG_AGO + timedelta(n)) for n in range(3)))
    with fake_github(server()) as github:
        project.in_actions(github.url, "schedule")
        done = project.call("--out", str(tmp_path / "skips"))
    assert done.output == f"{ARM}: skip: every commit since the first measurement has 3 samples, or failed\n"
    assert project.outputs == {"measure": "false", "commit": project.commits[-1], "matrix": "[]"}
    assert [skip.trigger for skip in project.skips(tmp_path / "skips")] == ["schedule"]


def test_a_measured_commit_makes_place_for_the_middle_of_a_gap(project: Project) -> None:
    project.repository.publish(*(measured(project.commits[at]) for at in (0, 2, 8)))
    done = project.call("--trigger", "schedule")
    assert (
        f"{ARM}: measure {project.commits[5][:12]}: the middle of the widest unmeasured range, 5 commits" in done.output
    )


def test_a_run_by_hand_measures_whatever_the_queue_is_and_asks_nobody(project: Project) -> None:
    project.repository.publish(*(measured(project.commits[8], at=datetime.now(UTC)) for _ in range(9)))
    with fake_github(server(*({"id": number, "status": "queued"} for number in range(101, 150)))) as github:
        project.in_actions(github.url, "workflow_dispatch")
        done = project.call()
        assert github.asked == []
    assert done.output == f"{ARM}: measure {project.commits[-1][:12]}: asked for by hand\n"


def test_a_job_that_somebody_has_started_again_is_by_hand(project: Project) -> None:
    project.repository.publish(*(measured(project.commits[8], at=datetime.now(UTC)) for _ in range(9)))
    for attempt, decision in (("1", "skip"), ("2", "measure")):
        with fake_github(server()) as github:
            project.in_actions(github.url)
            project.environ["GITHUB_RUN_ATTEMPT"] = attempt
            assert f"{ARM}: {decision}" in project.call().output


def test_of_a_deep_queue_only_the_newest(project: Project) -> None:
    older = [{"id": number, "status": "queued"} for number in range(70, 100)]
    for newest, decision in (({"id": 101, "status": "queued"}, "skip"), ({"id": 99, "status": "queued"}, "measure")):
        with fake_github(server(*older, newest)) as github:
            project.in_actions(github.url)
            assert f"{ARM}: {decision}" in project.call("--platform", ARM).output


@pytest.mark.parametrize("answer", [Answer(500), Answer(403, b"{}", {"X-RateLimit-Remaining": "0"}), Answer(200, b"?")])
def test_an_api_that_fails_leads_to_a_measurement_with_the_reason(project: Project, answer: Answer) -> None:
    project.repository.publish(measured(project.commits[0], at=datetime.now(UTC)))
    with fake_github(lambda path, parameters: answer) as github:
        project.in_actions(github.url)
        done = project.call()
    assert "measure" in done.output
    assert "(the queue is not known: GitHub's API" in done.output
    assert "the queue is not known" in (project.folder / "summary.md").read_text()


def test_ranges_with_change_points_are_divided_first(project: Project, tmp_path: Path) -> None:
    project.repository.publish(*(measured(project.commits[at]) for at in (0, 2, 5, 8)))
    series = {"platform": ARM, "benchmark": "parse", "metric": "time", "ratio": 1.5, "kind": "regression"}
    point = {**series, "commit_before": project.commits[2], "commit_after": project.commits[5]}
    old = {**series, "commit_before": project.commits[5], "commit_after": project.commits[8]}
    points = [point, {**point, "platform": X86}, {**old, "recovered_at": project.commits[8]}]
    path = tmp_path / "changes.json"
    path.write_text(json.dumps({"version": 1, "change_points": points}))
    done = project.call("--changes", str(path), "--json")
    (decision,) = json.loads(done.output)["decisions"]
    assert decision["commit"] == project.commits[3]
    assert "a range with a change point" in decision["why"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not JSON"),
        ("[]", "not what `longpole perf detect --json` prints"),
        ('{"version": 2, "change_points": []}', "not what `longpole perf detect --json` prints"),
        ('{"version": 1, "change_points": [{}]}', "change_points.0.platform: Field required"),
        ('{"version": 1, "change_points": [5]}', "change_points.0: Input should be"),
    ],
)
def test_changes_that_are_none_are_refused_and_nothing_is_left(
    project: Project, tmp_path: Path, content: str, message: str
) -> None:
    (tmp_path / "changes.json").write_text(content)
    words = ("--platform", ARM, "--changes", str(tmp_path / "changes.json"), "--out", str(tmp_path / "skips"))
    assert message in str(project.call(*words).exception)
    assert not (tmp_path / "skips").exists()


@pytest.mark.parametrize("name", ["../x", "", "a b", "a\n", "x" * 101])
def test_a_name_that_no_platform_has_is_refused(project: Project, name: str) -> None:
    error = project.call("--platform", name).exception
    assert isinstance(error, UseError)
    assert "is not a name of a platform; use letters" in str(error)


def test_a_commit_by_a_part_of_its_name_and_one_that_is_none(project: Project) -> None:
    project.repository.publish(measured(project.commits[8]))
    done = project.call("--commit", project.commits[4][:10])
    assert f"measure {project.commits[4][:12]}: the commit that triggered" in done.output
    assert "--commit: no commit 'zzz'" in str(project.call("--commit", "zzz").exception)
    other = "f" * 40
    assert f"measure {other[:12]}" in project.call("--commit", other).output


def test_subjects_are_shown_as_text(project: Project, tmp_path: Path) -> None:
    project.commits.append(project.repository.commit("<img src=x> | `a` @someone [x](y) ![z](w) \x1b[31m"))
    with fake_github(server()) as github:
        project.in_actions(github.url)
        project.call("--platform", ARM)
    row = (tmp_path / "summary.md").read_text().splitlines()[-1]
    for markup in ("<img", "`a`", "@someone", "[x]", "![z]", "\x1b"):
        assert markup not in row
    assert row.count("|") == 4


def test_an_empty_file_of_changes_as_a_failed_detection_leaves_has_none(project: Project) -> None:
    changes = project.folder / "changes.json"
    changes.touch()
    called = project.call("--platform", ARM, "--queue", "0", "--changes", str(changes))
    assert called.exit_code == 0, called.output
    assert called.output == f"{ARM}: measure {project.commits[-1][:12]}: the commit that triggered, not measured yet\n"
