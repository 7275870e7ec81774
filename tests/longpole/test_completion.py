"""What is offered for the words of `longpole`, as the scripts of all shells ask for it; see also `tests/shells/`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.completable import completable
from tests.project import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made = completable(tmp_path_factory.mktemp("completion"))
    yield made
    made.end()


def words(line: str) -> list[str]:
    return line.split()


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("longpole stre", ["stress"]),
        ("longpole help shr", ["shrink"]),
        ("longpole stress v/a", ["v/alpha"]),
        ("longpole stress v/b", ["v/beta[0]", "v/beta[1]"]),
        ("longpole list v/a", ["v/alpha"]),
        ("longpole run test-v-b", ["test-v-beta", "test-v-beta-0", "test-v-beta-1"]),
        ("longpole run rete", ["retest"]),
        ("longpole report prev", ["previous"]),
        ("longpole runs remove las", ["last"]),
        ("longpole report --format mark", ["markdown"]),
        ("longpole report --slow", ["--slowest"]),
    ],
)
def test_the_command_itself_offers(project: Project, typed: str, offered: list[str]) -> None:
    """What the scripts of all shells ask; quick, so part of `make check`."""
    environ = {"_LONGPOLE_COMPLETE": "fish_complete", "COMP_WORDS": typed, "COMP_CWORD": words(typed)[-1]}
    done = project.run("longpole", **environ)
    assert [line.partition(",")[2].partition("\t")[0] for line in done.out.splitlines()] == offered


def test_runs_are_offered_by_name(project: Project) -> None:
    environ = {"_LONGPOLE_COMPLETE": "fish_complete", "COMP_WORDS": "longpole report 2", "COMP_CWORD": "2"}
    assert project.run("longpole", **environ).out.split() == [f"plain,{project.last.name}"]


@pytest.mark.parametrize("typed", ["longpole render --suite ", "longpole report -o ", "longpole precompile "])
def test_files_are_left_to_the_shell(project: Project, typed: str) -> None:
    environ = {"_LONGPOLE_COMPLETE": "fish_complete", "COMP_WORDS": typed, "COMP_CWORD": ""}
    assert project.run("longpole", **environ).out.splitlines() == ["file,"]


def test_another_folder_is_that_of_the_option(project: Project, tmp_path: Path) -> None:
    typed = f"longpole -C {project.root} stress v/a"
    environ = {"_LONGPOLE_COMPLETE": "fish_complete", "COMP_WORDS": typed, "COMP_CWORD": "v/a"}
    other = Project(tmp_path / "other", dict(project.environ))
    assert other.run("longpole", **environ).out.split() == ["plain,v/alpha"]


def test_without_a_plan_nothing_is_offered_and_nothing_is_said(tmp_path: Path) -> None:
    other = Project(tmp_path / "empty")
    (other.root / ".longpole").mkdir()
    (other.root / ".longpole" / "plan.json").write_text("[")
    for typed in ("longpole stress v", "longpole run te"):
        environ = {"_LONGPOLE_COMPLETE": "fish_complete", "COMP_WORDS": typed, "COMP_CWORD": words(typed)[-1]}
        done = other.run("longpole", **environ)
        assert (done.status, done.text.strip()) == (0, "")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_scripts_of_zsh_and_fish_are_those_of_click(project: Project, shell: str) -> None:
    """A later click may ask for another script: take it over with `_LONGPOLE_COMPLETE=zsh_source longpole`."""
    theirs = project.run("longpole", _LONGPOLE_COMPLETE=f"{shell}_source").out
    assert project.run("longpole", "completion", shell).out == f"{theirs.rstrip()}\n"
