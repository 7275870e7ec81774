"""`longpole perf list`, as a user types it."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from longpole.perf.files import to_bytes
from longpole.perf.model import Failure
from tests.perf.branches import Repository, files_of, write
from tests.perf.results import COMMIT, RESULT, result
from tests.project import Done, Project

OTHER = COMMIT[::-1]
LATER = RESULT.measured_at + timedelta(hours=1)
FAILED = result(
    commit=OTHER, platform="aarch64-linux", measured_at=LATER, benchmarks=(), failures=(Failure("build", "x"),)
)


@pytest.fixture
def results(project: Project) -> Path:
    return write(project.root / "results", files_of(result(reason="push"), FAILED))


def listed(project: Project, *words: str) -> Done:
    return project.longpole("perf", "list", "--results", "results", *words)


def test_runs_are_listed_the_newest_first(project: Project, results: Path) -> None:
    done = listed(project)
    assert (done.status, done.err) == (0, "")
    assert done.out == (
        "commit        platform       measured (UTC)    benchmarks  reason\n"
        "76543210fedc  aarch64-linux  2026-04-20 21:27      failed\n"
        "0123456789ab  x86-64-linux   2026-04-20 20:27           1  push\n"
        "\n"
        "2 runs, 1 failed\n"
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--platform", "aarch64-*"], [OTHER]),
        (["--platform", "aarch64-*", "--platform", "x86-64-linux"], [OTHER, COMMIT]),
        (["--platform", "none"], []),
        (["--commit", COMMIT[:8].upper()], [COMMIT]),
        (["--failed"], [OTHER]),
        (["-n", "1"], [OTHER]),
    ],
)
def test_only_what_is_asked_for_is_listed(
    project: Project, results: Path, words: list[str], expected: list[str]
) -> None:
    printed = json.loads(listed(project, *words, "--json").out)
    assert [run["commit"] for run in printed["runs"]] == expected
    assert listed(project, *words).out.count("2026-04-20") == len(expected)


def test_json_has_everything(project: Project, results: Path) -> None:
    write(results, {"x.json": b"1", "y.json": to_bytes(RESULT).replace(b'"version":3', b'"version":4')})
    printed = json.loads(listed(project, "-n", "1", "--json").out)
    ((path, _),) = files_of(FAILED).items()
    assert printed == {
        "version": 1,
        "of": 2,
        "runs": [
            {
                "commit": OTHER,
                "platform": "aarch64-linux",
                "measured_at": "2026-04-20T21:27:37Z",
                "benchmarks": 0,
                "failed": True,
                "reason": None,
                "tool": None,
                "machine": {},
                "path": path,
            }
        ],
        "unreadable": [
            {"path": "x.json", "why": "not a JSON object; name a result file", "newer": False},
            {
                "path": "y.json",
                "why": "of version 4; this Longpole reads version 3: install a newer one",
                "newer": True,
            },
        ],
    }


def test_files_that_cannot_be_read_are_named_on_standard_error(project: Project, results: Path) -> None:
    write(results, {f"{number}\x1b[31m.json": b"1" for number in range(7)})
    done = listed(project)
    assert done.status == 0
    assert done.out.endswith("2 runs, 1 failed\n")
    assert "\x1b" not in done.err
    lines = done.err.splitlines()
    assert lines[0].endswith(".json: not a JSON object; name a result file")
    assert lines[5:] == ["2 more files cannot be read; --json names them"]


def test_a_branch_is_listed_from_any_clone(project: Project, tmp_path: Path) -> None:
    repository = Repository(tmp_path / "remote")
    repository.commit(files_of(RESULT))
    repository.git("clone", "-q", "-b", "perf", str(repository.folder), str(tmp_path / "clone"))
    done = project.longpole("perf", "list", "--repo", str(tmp_path / "clone"), "--branch", "perf")
    assert done.out.endswith("\n1 run\n")


def test_the_index_is_kept_in_the_state_directory(project: Project, results: Path) -> None:
    listed(project)
    assert list((project.root / ".longpole" / "perf").glob("index-*.sqlite"))


def test_no_run(project: Project) -> None:
    (project.root / "results").mkdir()
    assert listed(project).out == "0 runs\n"


def test_what_is_no_name_of_a_commit_is_refused(project: Project, results: Path) -> None:
    done = listed(project, "--commit", "HEAD")
    assert done.status == 2
    assert "'HEAD' is not the beginning of a commit's name; see `git rev-parse HEAD`" in done.err
