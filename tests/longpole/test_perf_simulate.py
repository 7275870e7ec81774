"""`longpole perf simulate`: rates, histories of result files and of another program's, and what is refused."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from longpole.command_line import cli
from longpole.rts_tests.contracts.errors import UseError
from tests.perf.branches import files_of, write
from tests.perf.ledger.made import NOON, sha
from tests.perf.results import result


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONGPOLE_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


def call(*words: str) -> Result:
    return CliRunner().invoke(cli, ["perf", "simulate", *words])


def test_a_rate_needs_no_repository() -> None:
    done = call("--rate", "60/h", "--platforms", "2", "--duration", "6h")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0].endswith(" commits in 6 h at 60 an hour, seed 1; 2 platforms, 1 machine a platform")
    assert lines[1].startswith("queue: ")
    assert lines[3].split() == ["platform", "runs", "skipped", "measured", "covered", "median", "latency", "90", "%"]
    assert [line.split()[0] for line in lines[4:]] == ["platform-1", "platform-2"]
    assert call("--rate", "60/h", "--platforms", "2", "--duration", "6h").output == done.output
    assert call("--rate", "1/m", "--platforms", "2", "--duration", "6h").output == done.output
    assert call("--rate", "60/h", "--platforms", "2", "--duration", "6h", "--seed", "2").output != done.output


def test_json_has_all_numbers() -> None:
    shown = json.loads(call("--rate", "30/h", "--duration", "2h", "--json").output)
    assert (shown["version"], shown["seed"]) == (1, 1)
    assert shown["arrivals"] == shown["commits"] + 3
    (only,) = shown["platforms"]
    assert only["measured"] == len(only["samples"])
    assert shown["queue"]["max"] >= 1


def history(folder: Path) -> list[str]:
    """Result files of 60 commits an hour apart, of which every sixth was measured nine times; and the list of them."""
    commits = [sha(number) for number in range(60)]
    (folder / "results").mkdir(parents=True)
    measured = [
        result(commit=commits[number], measured_at=NOON + timedelta(hours=number, minutes=40 * again))
        for number in range(0, 60, 6)
        for again in range(9)
    ]
    write(folder / "results", files_of(*measured, result(commit="f" * 40)))
    lines = (f"{commit}\t{(NOON + timedelta(hours=at)).isoformat()}\n" for at, commit in enumerate(commits))
    (folder / "commits.tsv").write_text("".join(lines))
    return commits


def test_a_history_is_replayed_with_the_runs_that_there_were(tmp_path: Path) -> None:
    history(tmp_path)
    words = ("--results", "results", "--commits", "commits.tsv")
    shown = json.loads(call(*words, "--json").output)
    (replay,) = shown["replays"]
    assert replay["was"] == {"runs": 91, "measured": 10, "elsewhere": 1}
    (platform,) = replay["platforms"]
    assert platform["runs"] <= 90
    assert platform["measured"] >= 50
    assert replay["times"] == platform["measured"] / 10
    text = call(*words).output
    assert "x86-64-linux: 1 run of commits that are not of this branch left out" in text
    assert text.startswith("91 runs from 2026-04-20 to ")


def test_a_folder_with_its_list_of_commits(tmp_path: Path) -> None:
    history(tmp_path)
    (tmp_path / "commits.tsv").rename(tmp_path / "results" / "commits.tsv")
    assert call("results").output == call("--results", "results", "--commits", "results/commits.tsv").output


def test_a_folder_of_another_programs_results_is_imported(tmp_path: Path) -> None:
    commits = [sha(number) for number in range(6)]
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "commits.tsv").write_text("".join(f"{commit}\n" for commit in commits))
    benchmark = {"name": "b", "mean_ms": 1.0, "std_ms": 0.1, "iterations": 5}
    records = [
        {
            "version": 2,
            "timestamp": (NOON + timedelta(hours=number)).isoformat(),
            "commit": commits[number],
            "benchmarks": [benchmark],
        }
        for number in (0, 5)
    ]
    lines = "".join(f"{json.dumps(record)}\n" for record in [*records, {**records[0], "commit": "abc"}])
    (tmp_path / "corpus" / "x86_64-linux.jsonl").write_text(lines)
    done = call("corpus")
    assert done.exit_code == 0, done.output
    assert "2 runs from 2026-05-01 to 2026-05-01, 6 commits of " in done.output
    assert "1 record left out; `longpole perf import` says why" in done.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--rate", "60"), "'60' is not a valid rate; write it as 60/h, 1/m or 10/d"),
        (("--rate", "0/h"), "is not a valid rate"),
        (("--rate", "-1/h"), "is not a valid rate"),
        (("--rate", "60/h", "--duration", "1w"), "'1w' is not a valid duration; write it as 20s, 10m, 24h or 7d"),
        (("--rate", "60/h", "x"), "use DIR or --rate, not both"),
        (("x", "--results", "y"), "use DIR or --results, not both"),
    ],
)
def test_mistakes_are_told(words: tuple[str, ...], message: str) -> None:
    done = call(*words)
    assert (done.exit_code, message in done.output) == (2, True), done.output


def test_more_commits_than_can_be_simulated_are_refused() -> None:
    error = call("--rate", "9999999/s", "--duration", "1d").exception
    assert isinstance(error, UseError)
    assert str(error) == "--rate: more than 1,000,000 commits in this time; shorten --duration"


def test_no_results(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "commits.tsv").write_text("")
    error = call("empty").exception
    assert isinstance(error, UseError)
    assert error.exit_code == 4
