"""`longpole perf bisect` and `compare` on commits of a real repository, whose branch holds the results."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from click.testing import Result as Done

from longpole.command_line import cli
from longpole.perf.model import Benchmark, Failure, Metric, Result
from longpole.rts_tests.contracts.errors import UseError
from tests.perf.compare.made_up import START
from tests.perf.ledger.repository import Repository

NAMES = tuple(f"bench-{number}" for number in range(6))
FIRST_BAD = 7
PLATFORM = "x86_64-linux"


class History:
    """A repository of 12 commits of which the eighth makes bench-3 a fifth slower, and runs of them."""

    def __init__(self, folder: Path) -> None:
        self.repository = Repository(folder)
        self.shas = [self.repository.commit(f"change {number}") for number in range(12)]
        self.random = Random(1)
        self.made = 0

    def run(self, commit: str) -> Result:
        self.made += 1
        slow = self.shas.index(commit) >= FIRST_BAD
        mood = self.random.lognormvariate(0, 0.1)
        levels = {name: 1.2 if slow and name == "bench-3" else 1.0 for name in NAMES}
        benchmarks = tuple(
            Benchmark(name, {"time": Metric("s", mood * level * self.random.lognormvariate(0, 0.01))})
            for name, level in levels.items()
        )
        return Result(PLATFORM, commit, START.replace(hour=self.made // 60, minute=self.made % 60), benchmarks)

    def measure(self, *numbers: int) -> None:
        self.repository.publish(*(self.run(self.shas[number]) for number in numbers))

    def call(self, command: str, *words: str) -> Done:
        return CliRunner().invoke(cli, ["perf", command, "--repo", str(self.repository.folder), *words])


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> History:
    monkeypatch.setenv("LONGPOLE_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    return History(tmp_path / "repository")


def bisection(done: Done) -> dict[str, Any]:
    assert done.exit_code == 0, done.output
    shown = json.loads(done.output)
    assert shown["version"] == 1
    (only,) = shown["bisections"]
    return {**only, "runs": shown["runs"]}


def test_the_runs_that_are_proposed_find_the_commit(history: History) -> None:
    """Asked again after each proposal, it ends with the commit; no other state is kept."""
    history.measure(0, 0, 11)
    words = ("--good", "HEAD~11", "--bad", "main", "--benchmark", "bench-3", "--json")
    for _ in range(20):
        shown = bisection(history.call("bisect", *words))
        if shown["state"] != "run":
            break
        for run in shown["runs"]:
            assert run["benchmarks"] == ["bench-3"]
            assert run["commit"] in run["command"]
            history.measure(*[history.shas.index(run["commit"])] * run["repeats"])
    assert (shown["state"], shown["suspects"]) == ("found", [history.shas[FIRST_BAD]])
    assert shown["ratio"] == pytest.approx(1.2, rel=0.05)
    assert shown["probability"] >= 0.98
    text = history.call("bisect", *words[:-1]).output
    assert f"found:\n    {history.shas[FIRST_BAD][:12]}  change 7" in text


def test_only_what_became_worse_is_searched_for(history: History) -> None:
    history.measure(0, 0, 0, 11, 11, 11)
    words = ("--good", history.shas[0][:10], "--bad", "HEAD", "--command", "go {commit} {benchmarks}")
    text = history.call("bisect", *words).output
    assert "bench-3, time, x86_64-linux" in text
    assert "bench-1," not in text
    assert "5 of 6 series became no worse, or by no more than noise" in text
    assert f"    go {history.shas[5]} bench-3\n" in text or f"    go {history.shas[6]} bench-3\n" in text


def test_changes_that_were_detected_are_searched_for(history: History, tmp_path: Path) -> None:
    history.measure(0, 0, 0, 11, 11, 11)
    point: dict[str, Any] = {"platform": PLATFORM, "benchmark": "bench-3", "metric": "time", "kind": "regression"}
    point |= {"commit_before": history.shas[2], "commit_after": history.shas[9], "ratio": 1.2}
    others = [
        {**point, "kind": "improvement"},
        {**point, "recovered_at": history.shas[10]},
        {**point, "commit_after": history.shas[3]},
    ]
    changes = tmp_path / "changes.json"
    changes.write_text(json.dumps({"version": 1, "change_points": [point, *others]}))
    shown = bisection(history.call("bisect", "--changes", str(changes), "--json"))
    assert (shown["good"], shown["bad"], shown["commits"]) == (history.shas[2], history.shas[9], 7)
    changes.write_text(json.dumps({"version": 1, "change_points": others}))
    none = history.call("bisect", "--changes", str(changes))
    assert none.output == "no regression lies in a range of several commits\n"
    changes.write_text(json.dumps({"version": 1, "change_points": [{**point, "ratio": -1}]}))
    assert isinstance(history.call("bisect", "--changes", str(changes)).exception, UseError)


def test_a_commit_that_failed_is_not_proposed(history: History) -> None:
    history.measure(0, 0, 0, 11, 11, 11)
    words = ("--good", "HEAD~11", "--bad", "HEAD", "--benchmark", "bench-3", "--json")
    (step,) = bisection(history.call("bisect", *words))["steps"]
    history.repository.publish(Result(PLATFORM, step["commit"], START, failures=(Failure("build"),)))
    (other,) = bisection(history.call("bisect", *words))["steps"]
    assert other["commit"] != step["commit"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--good", "HEAD", "--bad", "HEAD~3"), "is not before"),
        (("--good", "nothing", "--bad", "HEAD"), "nothing: no such commit in"),
        (("--good", "HEAD~3", "--bad", "HEAD", "--metric", "moons"), "no results of 'moons'"),
        (("--good", "HEAD~3", "--bad", "HEAD", "--main", "nowhere"), "nowhere"),
        (("--changes", "nowhere.json"), "nowhere.json"),
    ],
)
def test_what_cannot_be_searched_is_refused(history: History, words: tuple[str, ...], message: str) -> None:
    history.measure(0, 11)
    done = history.call("bisect", *words)
    assert isinstance(done.exception, UseError)
    assert message in str(done.exception)


@pytest.mark.parametrize("words", [(), ("--good", "HEAD"), ("--good", "a", "--bad", "b", "--changes", "c")])
def test_the_ends_or_the_changes_are_named(history: History, words: tuple[str, ...]) -> None:
    done = history.call("bisect", *words)
    assert (done.exit_code, "name --good and --bad, or --changes" in done.output) == (2, True)


def test_commits_are_compared_as_git_names_them(history: History) -> None:
    history.measure(*[4] * 12, *[8] * 12)
    done = history.call("compare", "HEAD~7", history.shas[8][:8])
    assert done.exit_code == 1
    assert f"before  HEAD~7 = {history.shas[4][:12]}, 12 runs" in done.output
    assert "regressions:\n  bench-3, time\n" in done.output
    assert "1 regression, 0 improvements, 5 unchanged" in done.output


def test_thresholds_are_those_of_the_history(history: History) -> None:
    """Eleven pairs are too few; of 22 the noise is known, and the mood of the machine divided out."""
    history.measure(*[4] * 12, *[8] * 12)
    shown = json.loads(history.call("compare", "HEAD~7", "HEAD~3", "--format", "json").output)
    assert all(each["calibrated"] for each in shown["differences"])
    assert all(0.01 <= each["threshold"] < 0.1 for each in shown["differences"])
    assert [each["metric"] for each in shown["common_factors"]] == ["time"]
    raw = json.loads(history.call("compare", "HEAD~7", "HEAD~3", "--format", "json", "--raw").output)
    least, most = (f(each["threshold"] for each in d["differences"]) for f, d in ((min, raw), (max, shown)))
    assert least > most


def test_a_commit_that_was_not_measured_is_named(history: History) -> None:
    history.measure(4)
    done = history.call("compare", "HEAD~7", "HEAD")
    assert isinstance(done.exception, UseError)
    assert f"HEAD: commit {history.shas[11][:12]} was not measured" in str(done.exception)
    unknown = history.call("compare", "HEAD~7", "no-such-branch").exception
    assert "no-such-branch: no file of this name, no such commit in" in str(unknown)
