"""`adopt`: the projects that are measured, and what a user's folder is measured as."""

import json
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.adopt import FIRST, LATER, measure, subjects
from bench.adopt_projects import LONG, TINY, shares, write_project
from bench.adopt_runners import RUNNERS
from bench.measure import CannotMeasure, Conditions, Rounds
from longpole.adapter_names import NAMES
from longpole.gen.adapters.registry import adapter_named


def _conditions(folder: Path, *folders: Path) -> Conditions:
    return Conditions(folder, None, True, Rounds(1), lambda _: None, folders=folders)


def test_each_test_is_in_one_part_and_the_long_one_is_the_last() -> None:
    for tests in (TINY, LONG):
        parts = shares(tests)
        assert [number for part in parts for number, _ in part] == list(range(len(tests)))
    assert shares(LONG)[-1][-1] == (60, max(LONG))
    assert max(LONG) > sum(LONG) / 4
    assert sum(LONG) / 2 > 20_000


@pytest.mark.parametrize("runner", [name for name in NAMES if name in RUNNERS])
def test_a_project_is_one_of_its_runner(tmp_path: Path, runner: str) -> None:
    write_project(tmp_path, runner, [1, 2, 3])
    assert adapter_named(runner).detect(tmp_path) is not None
    assert all(word in "\n".join(path.read_text() for path in tmp_path.rglob("*.*")) for word in ("000", "002"))


def test_the_projects_are_those_of_each_runner_or_the_users_own(tmp_path: Path) -> None:
    titles = [subject.title for subject in subjects(_conditions(tmp_path))]
    assert titles[:2] == ["cargo, tiny tests", "cargo, a long test"]
    own = tmp_path / "own"
    own.mkdir()
    with pytest.raises(CannotMeasure, match="no tests of a kind that is known"):
        list(subjects(_conditions(tmp_path, own)))
    write_project(own, "go", [1])
    (own / "suite.yaml").write_text("mine")
    (own / ".longpole").mkdir()
    (subject,) = subjects(_conditions(tmp_path, own))
    assert (subject.title, subject.runner) == ("own, go", "go")
    copy = tmp_path / "copy"
    copy.mkdir()
    subject.write(copy)
    assert sorted(path.name for path in copy.iterdir()) == ["go.mod", "part0"]
    assert (own / "suite.yaml").read_text() == "mine"


def test_what_is_neither_a_benchmark_nor_a_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["adopt", str(tmp_path / "missing")])
    assert ended.value.code == 2
    assert "is neither a benchmark nor a folder" in capsys.readouterr().err


def test_a_runner_that_does_not_start_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "cargo"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    write_project(tmp_path / "own", "cargo", [1])
    result = measure(_conditions(tmp_path, tmp_path / "own"))
    assert (result.comparisons, result.left_out) == ((), ("own, cargo: cargo is missing or does not work",))


@pytest.mark.slow
def test_a_users_folder_is_measured_in_copies_with_and_without_history(tmp_path: Path) -> None:
    own = tmp_path / "own"
    write_project(own, "pytest", [1, 2, 3])
    before = sorted(path.name for path in own.rglob("*"))
    report = tmp_path / "report.json"
    assert main(["adopt", str(own), "--quick", "--scratch", str(tmp_path), "--json", str(report)]) == 0
    (result,) = json.loads(report.read_text())["results"]
    assert result["notes"] == ["own, pytest: python: 3 tests, each run once"]
    assert {FIRST, LATER, "pytest"} <= set(result["comparisons"][0]["samples"])
    assert [figure["unit"] for figure in result["figures"]] == ["s", "s"]
    assert sorted(path.name for path in own.rglob("*")) == before
