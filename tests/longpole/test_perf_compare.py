"""`longpole perf compare`: files and folders, exit statuses, formats, and what is refused."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from longpole.command_line import cli
from longpole.perf.compare.sides import Side
from longpole.perf.files import place_of, to_bytes
from longpole.perf.model import Skip
from longpole.rts_tests.contracts.errors import UseError
from tests.perf.compare.made_up import SECOND, START, levels, run_of, side


def written(folder: Path, one: Side) -> str:
    for each in one.results:
        data = to_bytes(each)
        path = folder / place_of(each, data)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return str(folder)


def a_file(path: Path, one: Side) -> str:
    path.write_bytes(to_bytes(one.results[0]))
    return str(path)


BEFORE = side("A", *(run_of(levels(), seed, samples=5) for seed in range(6)))
AFTER = side("B", *(run_of(levels(bench_3=1.3), 40 + seed, samples=5, commit=SECOND) for seed in range(6)))


def call(*words: str) -> Result:
    return CliRunner().invoke(cli, ["perf", "compare", *words], catch_exceptions=True)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[str, str]:
    return written(tmp_path / "before", BEFORE), written(tmp_path / "after", AFTER)


def test_a_regression_is_told_and_is_the_exit_status(folders: tuple[str, str]) -> None:
    done = call(*folders)
    assert done.exit_code == 1
    assert "regressions:\n  bench-3, time\n    +2" in done.output
    assert "1 regression, 0 improvements, 15 unchanged" in done.output
    assert "bench-4" not in done.output
    assert "bench-4" in call(*folders, "--all").output


def test_an_improvement_and_no_change_are_no_failure(folders: tuple[str, str]) -> None:
    done = call(*reversed(folders))
    assert (done.exit_code, "improvements:" in done.output) == (0, True)
    assert call(folders[0], folders[0]).exit_code == 0
    assert call(*folders, "--threshold", "40%").exit_code == 0
    assert call(*folders, "--benchmark", "bench-4").exit_code == 0
    assert call(*folders, "--metric", "time", "--benchmark", "bench-3").exit_code == 1


def test_two_files_are_compared_by_their_samples(tmp_path: Path) -> None:
    done = call(a_file(tmp_path / "a.json", BEFORE), a_file(tmp_path / "b.json", AFTER), "--format", "json")
    shown = json.loads(done.output)
    assert {each["basis"] for each in shown["differences"]} == {"samples"}
    assert (shown["version"], shown["regressed"], done.exit_code) == (1, True, 1)


def test_a_skip_in_a_folder_does_not_matter(folders: tuple[str, str]) -> None:
    skip = Skip("x86_64-linux", SECOND, START, "too soon")
    (Path(folders[1]) / "skip.json").write_bytes(to_bytes(skip))
    assert call(*folders).exit_code == 1


def test_markdown_is_for_a_pull_request(folders: tuple[str, str]) -> None:
    done = call(*folders, "--format", "markdown")
    assert done.output.startswith("### Performance: 1 regression")
    assert "<details>" in done.output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such|No such|no file of this name"),
        (b"{}", "not a result file of version 3"),
        (to_bytes(Skip("x", SECOND, START, "why")), "no results here"),
    ],
)
def test_what_is_no_result_is_refused(tmp_path: Path, content: bytes | None, message: str) -> None:
    wrong = tmp_path / "wrong.json"
    if content is not None:
        wrong.write_bytes(content)
        done = call(a_file(tmp_path / "a.json", BEFORE), str(wrong))
        assert isinstance(done.exception, UseError)
        assert message in str(done.exception)


@pytest.mark.parametrize("threshold", ["0", "-1%", "x", "nan", "inf", "20000%"])
def test_a_threshold_is_a_change(folders: tuple[str, str], threshold: str) -> None:
    done = call(*folders, "--threshold", threshold)
    assert done.exit_code == 2
    assert "not a change" in done.output
