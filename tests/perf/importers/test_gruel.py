"""Records of gruel, versions 1 and 2: every field comes over, and most may be missing."""

import gzip
import json
from math import sqrt
from pathlib import Path

import pytest

from longpole.perf.commits import Commit, Commits
from longpole.perf.importers.complete import Completer, from_list
from longpole.perf.importers.gruel import is_gruel
from longpole.perf.model import Metric
from tests.perf.importers.gruel import OLD, RECORD, SHA, benchmark, lines, record
from tests.perf.importers.imported import AT, COMMIT, of_bytes
from tests.perf.ledger.repository import Repository

NAME = "arithmetic_heavy@O3"


def test_every_field_of_a_record_comes_over(tmp_path: Path) -> None:
    result = of_bytes(tmp_path, lines(RECORD)).result
    assert (result.platform, result.commit, result.measured_at) == ("x86-64-linux", SHA, AT)
    assert (result.tool, result.reason) == ("gruel, version 2", "scheduled")
    assert result.machine == {"arch": "x86_64", "os": "linux", "build": "release"}
    (found,) = result.benchmarks
    assert found.name == NAME
    assert found.metrics == {
        "time": Metric("s", 293.355 / 1000, 0.004 * sqrt(5 / 4), 5),
        "mean": Metric("s", 293.355 / 1000, 0.004 * sqrt(5 / 4), 5),
        "memory": Metric("B", 57116262.0, None, 5),
        "size": Metric("B", 155032.0),
        "runtime": Metric("s", 0.017967, 0.0, 5),
        "pass:parse": Metric("s", 0.023774, None, 5),
        "pass:sema": Metric("s", 0.004482, None, 5),
        "source:bytes": Metric("B", 70112.0),
        "source:lines": Metric("1", 2120.0),
        "source:tokens": Metric("1", 25820.0),
    }


def test_hot_and_cold_are_apart_and_the_mean_of_all_is_kept(tmp_path: Path) -> None:
    hot = {"cold_ms": 305.0, "hot_ms": 290.0, "hot_std_ms": 3.0, "hot_iterations": 4}
    found = of_bytes(tmp_path, lines(benchmark(**hot))).benchmark(NAME).metrics
    assert found["time"] == Metric("s", 0.29, 0.003 * sqrt(4 / 3), 4)
    assert found["cold"] == Metric("s", 0.305)
    assert found["mean"].mean == 293.355 / 1000


def test_version_1_has_less(tmp_path: Path) -> None:
    data = json.dumps({**OLD, "commit": COMMIT}, indent=2).encode()
    result = of_bytes(tmp_path, data, "results.json").result
    assert result.platform == "aarch64-macos"
    assert result.commit == COMMIT
    assert result.benchmarks[0].metrics["time"] == Metric("s", 0.0105, 0.0005 * sqrt(5 / 4), 5)


@pytest.mark.parametrize("history", [{"version": 1, "runs": [OLD, RECORD]}, [OLD, RECORD]])
def test_a_history_holds_several_runs(tmp_path: Path, history: object) -> None:
    completer = Completer(resolve=lambda name, _: name.ljust(40, "0"))
    done = of_bytes(tmp_path, json.dumps(history, indent=2).encode(), "history.json", completer)
    assert [each.platform for each in done.results] == ["aarch64-macos", "x86-64-linux"]
    assert done.messages == ()


def test_lines_may_be_packed_and_blank_and_of_both_versions(tmp_path: Path) -> None:
    data = gzip.compress(lines(RECORD) + b"\n" + lines(record(timestamp="2026-04-21T00:00:00Z", version=1)))
    done = of_bytes(tmp_path, data, "x86-64-linux.jsonl.gz")
    assert [each.tool for each in done.results] == ["gruel, version 2", "gruel, version 1"]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"host": {"os": "Darwin", "arch": "arm64"}}, "results.json"),
        ({"host": "arm64-darwin"}, "aarch64-macos.jsonl.gz"),
        ({"host": None}, "history-aarch64-macos.json"),
        ({"host": {}}, "aarch64-macos.jsonl"),
    ],
)
def test_the_platform_is_in_the_record_or_in_the_name(tmp_path: Path, given: dict[str, object], name: str) -> None:
    assert of_bytes(tmp_path, lines(record(**given)), name).result.platform == "aarch64-macos"


def test_the_platform_is_in_the_name_of_the_folder_of_an_artifact(tmp_path: Path) -> None:
    folder = tmp_path / f"benchmark-results-{COMMIT}-x86_64-linux"
    folder.mkdir()
    assert of_bytes(folder, lines(record(host=None)), "results.json").result.platform == "x86_64-linux"


def test_without_a_platform_it_is_asked_for(tmp_path: Path) -> None:
    done = of_bytes(tmp_path, lines(record(host=None)), "results.json")
    assert done.messages == (
        f"{tmp_path}/results.json: does not say on which platform it was measured; give --platform",
    )
    given = of_bytes(tmp_path, lines(RECORD), "results.json", Completer(platform="mine"))
    assert given.result.platform == "mine"


@pytest.mark.parametrize(
    ("content", "is_one"),
    [
        (RECORD, True),
        ({"timestamp": None, "benchmarks": None}, True),
        ({"runs": []}, True),
        ([OLD, 5], True),
        ([5, OLD], False),
        ([], False),
        ({"runs": 5}, False),
        ({"timestamp": "x"}, False),
        ({"benchmarks": []}, False),
        ("timestamp, benchmarks", False),
        (None, False),
    ],
)
def test_what_is_recognised(content: object, is_one: bool) -> None:
    assert is_gruel(content) is is_one


def test_a_record_without_a_version_is_of_version_1(tmp_path: Path) -> None:
    bare = {name: value for name, value in RECORD.items() if name != "version"}
    assert of_bytes(tmp_path, lines(bare)).result.tool == "gruel, version 1"


def test_fields_that_are_missing_are_metrics_that_are_missing(tmp_path: Path) -> None:
    bare = record(
        benchmarks=[{"name": "a", "mean_ms": 1}, {"name": "b"}, {"name": "c", "opt_level": "O0", "mean_ms": 2}]
    )
    result = of_bytes(tmp_path, lines(bare)).result
    assert [each.name for each in result.benchmarks] == ["a", "c@O0"]
    assert result.benchmarks[0].metrics == {"time": Metric("s", 0.001), "mean": Metric("s", 0.001)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 9}, "version 9 is not known"),
        ({"version": 0}, "version 0 is not known"),
        ({"version": True}, "version True is not known"),
        ({"version": "2"}, "version '2' is not known"),
        ({"timestamp": "yesterday"}, "timestamp is not a time: 'yesterday'"),
        ({"timestamp": "0001-01-01T00:00:00+14:00"}, "timestamp is not a time"),
        ({"timestamp": "1234-01-01T00:00:00Z"}, "timestamp is in the year 1234"),
        ({"benchmarks": []}, "neither benchmarks nor failures"),
        ({"benchmarks": {}}, "benchmarks is not a list"),
        ({"benchmarks": [1]}, "benchmarks[0] is not an object"),
        ({"benchmarks": [{"mean_ms": 1}]}, "a benchmark has no name"),
        ({"host": {"arch": "../..", "os": "/etc"}}, "platform: "),
        ({"commit": "unknown", "commit_range": None}, "'unknown' is not the name of a commit; give --commit"),
        ({"commit": None, "commit_range": None}, "names no commit; give --commit"),
        ({"commit_range": []}, "50067ca0 is the beginning of a commit's name only; give --repo, or --commits"),
    ],
)
def test_a_broken_record_is_one_clear_error_and_the_others_are_imported(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    done = of_bytes(tmp_path, lines(record(**changes), RECORD))
    (found,) = done.messages
    assert found.startswith(f"{tmp_path}/x86-64-linux.jsonl:1: ")
    assert message in found
    assert len(done.results) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mean_ms": "1"}, "mean_ms is not a finite number"),
        ({"mean_ms": True}, "mean_ms is not a finite number"),
        ({"mean_ms": 10**400}, "mean_ms is not a finite number"),
        ({"mean_ms": float("nan")}, "mean_ms is not a finite number"),
        ({"std_ms": -1}, "a deviation is negative"),
        ({"iterations": 2.5}, "iterations is not a count"),
        ({"passes": [1]}, "passes is not an object"),
    ],
)
def test_an_impossible_number_is_an_error(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    done = of_bytes(tmp_path, lines(benchmark(**changes), RECORD))
    assert done.messages == (f"{tmp_path}/x86-64-linux.jsonl:1: {message}; correct it, or leave it out",)
    assert len(done.results) == 1


def test_a_short_commit_is_made_whole_by_a_list(tmp_path: Path) -> None:
    listed = Commits((Commit(SHA), Commit(COMMIT)), "the list")
    completer = Completer(resolve=from_list(listed))
    bare = record(commit_range=[])
    assert of_bytes(tmp_path, lines(bare), completer=completer).result.commit == SHA
    done = of_bytes(tmp_path, lines({**bare, "commit": "dddd"}), completer=completer)
    assert done.messages[0].startswith(f"{tmp_path}/x86-64-linux.jsonl:1: no commit 'dddd' in the list; ")


def test_the_range_of_a_record_makes_only_its_own_commit_whole(tmp_path: Path) -> None:
    other = record(commit_range=[COMMIT, SHA, "50067ca0"])
    assert of_bytes(tmp_path, lines(other)).result.commit == SHA


def test_a_commit_that_is_given_is_for_records_without_one(tmp_path: Path) -> None:
    completer = Completer(commit=COMMIT)
    done = of_bytes(tmp_path, lines(record(commit="unknown"), RECORD), completer=completer)
    assert [each.commit for each in done.results] == [COMMIT]
    assert "2: is of commit 50067ca0, not of that of --commit; leave out --commit" in done.messages[0]


def test_repository_is_used(tmp_path: Path) -> None:
    from longpole.perf.importers.complete import from_repository

    repository = Repository(tmp_path / "repo")
    sha = repository.commit("one")
    completer = Completer(resolve=from_repository(str(tmp_path / "repo")))
    bare = record(commit=sha[:9], commit_range=None)
    assert of_bytes(tmp_path, lines(bare), completer=completer).result.commit == sha
    repository.git("branch", "dddddddd")
    for name in ("dddddddd", "eeeeeeee"):
        done = of_bytes(tmp_path, lines({**bare, "commit": name}), completer=completer)
        assert name in done.messages[0]
        assert "--commits" in done.messages[0] or "no commit 'eeeeeeee'" in done.messages[0]
