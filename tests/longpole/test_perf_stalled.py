"""`longpole perf stalled`: exit statuses, text and JSON, with a real repository."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from longpole.command_line import cli
from tests.perf.ledger.repository import FIRST, Repository
from tests.perf.results import result

ARM, X86 = "aarch64-linux", "x86_64-linux"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.setenv("LONGPOLE_STATE", str(tmp_path / "state"))
    repository = Repository(tmp_path / "repository")
    commits = [repository.commit() for _ in range(6)]
    arm, x86 = ((ARM, commits[5]), (X86, commits[2]))
    repository.publish(
        *(result(platform=name, commit=commit, measured_at=FIRST) for name, commit in (arm, x86)),
    )
    return repository


def call(repository: Repository, *words: str) -> Result:
    return CliRunner().invoke(cli, ["perf", "stalled", "--repo", str(repository.folder), *words])


def test_a_platform_without_new_results_is_the_exit_status(repository: Repository) -> None:
    done = call(repository, "--commits", "3")
    assert done.exit_code == 1
    first, second = done.output.splitlines()
    assert first.startswith(f"{ARM}: the last is ")
    assert second.startswith(f"{X86}: stalled: none of the newest 3 commits is measured: the last is ")
    assert call(repository, "--commits", "4").exit_code == 0
    assert call(repository).exit_code == 0
    assert call(repository, "--commits", "3", "--platform", ARM).exit_code == 0


def test_json(repository: Repository) -> None:
    done = call(repository, "--commits", "3", "--json")
    shown = json.loads(done.output)
    assert (shown["version"], shown["stalled"], done.exit_code) == (1, True, 1)
    assert [(each["platform"], each["stalled"], each["behind"]) for each in shown["platforms"]] == [
        (ARM, False, 0),
        (X86, True, 3),
    ]


def test_a_platform_that_never_had_a_result(repository: Repository) -> None:
    done = call(repository, "--commits", "6", "--platform", "riscv64-linux")
    assert (done.exit_code, "none ever was" in done.output) == (1, True)
    assert call(repository, "--commits", "7", "--platform", "riscv64-linux").exit_code == 0


def test_before_the_first_results_nothing_is_known_and_nothing_is_stalled(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "new")
    repository.commit()
    done = call(repository)
    assert (done.exit_code, done.output) == (0, "no results\n")
    assert call(repository, "--commits", "1", "--platform", ARM).exit_code == 1
