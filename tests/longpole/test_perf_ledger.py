"""`longpole perf ledger`: every commit of a real repository on each platform, its proof, and how the proof fails."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from longpole.command_line import cli
from longpole.perf.model import Failure, Skip
from longpole.rts_tests.contracts.errors import UseError
from tests.perf.ledger.repository import FIRST, Repository
from tests.perf.results import result

ARM, X86 = "aarch64-linux", "x86_64-linux"


def measured(commit: str, minutes: int = 0, platform: str = ARM, **others: object) -> object:
    return result(platform=platform, commit=commit, measured_at=FIRST + timedelta(minutes=minutes), **others)


class History:
    """Eight commits, one of them a merge; two of them and three others are measured on one platform."""

    def __init__(self, folder: Path) -> None:
        self.repository = repository = Repository(folder / "repository")
        self.main = [repository.commit(f"change {number}") for number in range(4)]
        repository.git("checkout", "-q", "-b", "side")
        self.side = repository.commit("aside")
        repository.git("checkout", "-q", "main")
        self.main.append(repository.merge("side"))
        self.main += [repository.commit("\x1b[31mred\x1b[0m | `x`"), *(repository.commit() for _ in range(2))]
        repository.git("checkout", "-q", "-b", "loose")
        self.loose = repository.commit("loose")
        repository.git("checkout", "-q", "main")
        skip = Skip(ARM, self.main[2], FIRST, "25 runs queued", 25, "push")
        failed = measured(self.main[3], benchmarks=(), failures=(Failure("build", "no compiler"),), reason="push")
        items = [measured(self.main[1]), measured(self.main[4], 60), measured(self.side), failed, skip]
        items += [measured(self.loose), measured("f" * 40)]
        repository.publish(*items, measured(self.main[7], platform=X86))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    return History(tmp_path_factory.mktemp("history"))


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONGPOLE_STATE", str(tmp_path / "state"))


def call(history: History, *words: str) -> Result:
    return CliRunner().invoke(cli, ["perf", "ledger", "--repo", str(history.repository.folder), *words])


def test_every_commit_is_in_one_state(history: History) -> None:
    shown = json.loads(call(history, "--json").output)
    assert (shown["version"], shown["commits"]) == (1, 8)
    arm, x86 = shown["platforms"]
    states = [entry["state"] for entry in arm["entries"]]
    assert states == ["unknown", "measured", "skipped", "failed", "measured", "unknown", "unknown", "unknown"]
    assert [entry["commit"] for entry in arm["entries"]] == history.main
    assert arm["entries"][2] == {
        "commit": history.main[2],
        "state": "skipped",
        "by": history.main[4],
        "why": "25 runs queued",
        "queue_depth": 25,
        "at": "2026-04-20T12:00:00+00:00",
        "runs": 0,
        "failures": 0,
    }
    assert arm["ranges"][1] == {"before": history.main[1], "commit": history.main[4], "commits": history.main[2:5]}
    assert {each["commit"]: each["where"] for each in arm["elsewhere"]} == {
        history.side: "merged",
        history.loose: "of another branch",
        "f" * 40: "not in the repository",
    }
    assert x86["states"] == {"measured": 1, "represented": 0, "skipped": 0, "failed": 0, "unknown": 7}


def test_the_text_has_states_gaps_what_is_elsewhere_and_days(history: History) -> None:
    text = call(history).output
    assert text.startswith(f"8 commits of main of {history.repository.folder}, 2026-04-20 to 2026-04-20\n\n")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert f"aarch64-linux 2 0 1 1 4 50.0 % {history.main[4][:12]}, 3 commits behind" in lines
    assert f"x86_64-linux 1 0 0 0 7 12.5 % {history.main[7][:12]}" in lines
    assert f"aarch64-linux 2 unmeasured {history.main[1][:12]}..{history.main[4][:12]}" in lines
    assert f"aarch64-linux {history.side[:12]} 1 result merged" in lines
    assert "2026-04-20 8 2 / 4 1 / 1" in lines


def test_what_is_not_measured_is_listed_with_its_reason_and_is_harmless(history: History) -> None:
    done = call(history, "--unmeasured", "--platform", ARM)
    assert "\x1b" not in done.output
    lines = [" ".join(line.split()) for line in done.output.splitlines()]
    by = f"in the range of {history.main[4][:12]}"
    assert lines[1:3] == [
        f"aarch64-linux skipped {history.main[2][:12]} 2026-04-20 25 runs queued (25 runs waiting); {by} change 2",
        f"aarch64-linux failed {history.main[3][:12]} 2026-04-20 push; {by} change 3",
    ]
    assert len(lines) == 6


def test_the_ledger_is_proven_against_rev_list(history: History) -> None:
    done = call(history, "--verify")
    assert done.exit_code == 0
    of = f"8 commits of main of {history.repository.folder}, each once"
    assert done.output.splitlines() == [
        f"aarch64-linux: proven: {of}; 2 ranges, disjoint and complete",
        f"x86_64-linux: proven: {of}; 1 range, disjoint and complete",
    ]


def test_the_proof_fails_for_a_list_that_is_not_the_branch(history: History, tmp_path: Path) -> None:
    def verify(commits: list[str]) -> Result:
        (tmp_path / "commits").write_text("".join(f"{commit}\n" for commit in commits))
        return call(history, "--verify", "--commits", str(tmp_path / "commits"), "--platform", ARM)

    assert verify(history.main).exit_code == 0
    without = verify([*history.main[:3], *history.main[4:]])
    assert without.exit_code == 1
    assert without.output == f"aarch64-linux: 1 missing from the ledger: {history.main[3][:12]}\n"
    swapped = verify([*history.main[:2], history.main[3], history.main[2], *history.main[4:]])
    assert (swapped.exit_code, "out of order" in swapped.output) == (1, True)
    other = verify([*history.main, history.side])
    assert (other.exit_code, "none of the branch" in other.output) == (1, True)


def test_a_list_alone_is_proven_against_itself(history: History, tmp_path: Path) -> None:
    (tmp_path / "commits").write_text("".join(f"{commit}\n" for commit in history.main))
    words = [
        "perf",
        "ledger",
        "--results",
        str(tmp_path / "results"),
        "--commits",
        str(tmp_path / "commits"),
        "--verify",
    ]
    (tmp_path / "results").mkdir()
    for number, data in enumerate([measured(history.main[1]), measured(history.main[6])]):
        from longpole.perf.files import to_bytes

        (tmp_path / "results" / f"{number}.json").write_bytes(to_bytes(data))  # type: ignore[arg-type]
    done = CliRunner().invoke(cli, words)
    assert (done.exit_code, "2 ranges, disjoint and complete" in done.output) == (0, True)


def test_another_main_branch(history: History) -> None:
    shown = json.loads(call(history, "--main", "side", "--json").output)
    assert shown["commits"] == 5
    assert shown["platforms"][0]["entries"][-1]["state"] == "measured"


def test_a_shallow_clone_is_refused(history: History, tmp_path: Path) -> None:
    folder = history.repository.folder
    history.repository.git(
        "clone", "-q", "--depth", "1", "--no-single-branch", f"file://{folder}", str(tmp_path / "clone")
    )
    done = CliRunner().invoke(cli, ["perf", "ledger", "--repo", str(tmp_path / "clone")])
    assert isinstance(done.exception, UseError)
    assert "a shallow clone: commits are missing" in str(done.exception)


def test_mistakes_are_told(history: History, tmp_path: Path) -> None:
    assert "use one of --verify, --unmeasured, --json" in call(history, "--verify", "--json").output
    unknown = call(history, "--platform", "aarch64_linux").exception
    assert "no result of this platform" in str(unknown)
    assert "did you mean 'aarch64-linux'?" in str(unknown)
    (tmp_path / "empty").mkdir()
    nothing = call(history, "--results", str(tmp_path / "empty")).exception
    assert isinstance(nothing, UseError)
    assert (nothing.exit_code, "no results; collect some" in str(nothing)) == (4, True)
