"""`longpole perf detect`, as it is typed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from longpole.command_line import cli
from longpole.rts_tests.contracts.errors import UseError
from tests.perf.detect.histories import index_of, sha, shared_machine


def _command(tmp_path: Path, *words: str) -> tuple[int, str, str]:
    results = str(tmp_path / "results")
    environ = {"LONGPOLE_STATE": str(tmp_path / "state")}
    words = ("perf", "detect", "--results", results, *words)
    run = CliRunner().invoke(cli, words, env=environ, catch_exceptions=False)
    return run.exit_code, run.stdout, run.stderr


def test_the_command_reads_a_folder_and_a_list_of_commits(tmp_path: Path) -> None:
    logs = shared_machine(40, 8)
    logs[30:, 2] += 0.2
    index_of(tmp_path, logs, list(range(40)))
    (tmp_path / "commits.tsv").write_text("".join(f"{sha(number)}\n" for number in range(40)))
    status, out, _ = _command(tmp_path, "--commits", str(tmp_path / "commits.tsv"), "--json")
    assert status == 0
    assert [each["commit_after"] for each in json.loads(out)["change_points"]] == [sha(30)]
    status, out, err = _command(tmp_path, "--repo", str(tmp_path))
    assert status == 0 and "worse " in out and "order of time" in err


def test_commits_of_another_project_are_an_error(tmp_path: Path) -> None:
    index_of(tmp_path, shared_machine(8, 4), list(range(8)))
    (tmp_path / "commits.tsv").write_text("f" * 40 + "\n")
    with pytest.raises(UseError, match="no result is of one of its commits"):
        _command(tmp_path, "--commits", str(tmp_path / "commits.tsv"))
