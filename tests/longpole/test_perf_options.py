"""The options by which readers of results get their source and the commits."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from longpole.commands.perf.options import commits_options, source_options
from longpole.perf.commits import Commits
from longpole.perf.sources import Source
from longpole.rts_tests.contracts.errors import UseError


@click.command()
@source_options
@commits_options
@click.option("--other", default="x")
def probe(source: Source, commits: Commits, other: str) -> None:
    click.echo(f"{source.place} {len(commits.commits)} {other}")


def run(*words: str) -> Result:
    return CliRunner().invoke(probe, words)


@pytest.fixture
def commits(tmp_path: Path) -> str:
    path = tmp_path / "commits.tsv"
    path.write_text("0123456789" * 4 + "\n")
    return str(path)


def test_a_command_gets_a_source_and_the_commits(tmp_path: Path, commits: str) -> None:
    (tmp_path / "r").mkdir()
    done = run("--results", str(tmp_path / "r"), "--commits", commits, "--other", "y")
    assert done.output == f"{tmp_path.resolve()}/r 1 y\n"


def test_a_folder_and_a_branch_exclude_each_other(tmp_path: Path, commits: str) -> None:
    done = run("--results", str(tmp_path), "--branch", "perf", "--commits", commits)
    assert (done.exit_code, "use --results or --branch, not both" in done.output) == (2, True)


def test_a_list_of_commits_and_a_branch_exclude_each_other(tmp_path: Path, commits: str) -> None:
    done = run("--results", str(tmp_path), "--main", "main", "--commits", commits)
    assert (done.exit_code, "use --commits or --main, not both" in done.output) == (2, True)


def test_a_missing_folder_is_an_error_of_use(tmp_path: Path, commits: str) -> None:
    done = run("--results", str(tmp_path / "none"), "--commits", commits)
    assert isinstance(done.exception, UseError)
    assert "no such folder" in str(done.exception)
