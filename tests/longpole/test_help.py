"""`longpole help`, and the manual page."""

import pytest

from tests.project import REPOSITORY, Project

PAGE = REPOSITORY / "longpole" / "longpole.1"


def test_help_is_that_of_the_option(project: Project) -> None:
    project.write({"a": ""})
    assert project.longpole("help").out == project.longpole("--help").out
    assert project.longpole("help", "stress").out == project.longpole("stress", "--help").out
    assert project.longpole("help", "runs", "remove").out == project.longpole("runs", "remove", "--help").out


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["strss"], "No such command 'strss'. Did you mean 'stress'?"),
        (["runs", "xyz"], "No such command 'xyz'."),
        (["stress", "x"], "No such command 'x'."),
    ],
)
def test_help_of_no_command_is_refused(project: Project, names: list[str], message: str) -> None:
    done = project.longpole("help", *names)
    assert (done.status, done.out) == (2, "")
    assert message in done.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["rnu"], "No such command 'rnu'. Did you mean 'run'?"),
        (["raport"], "No such command 'raport'. Did you mean 'report'?"),
        (["runs", "remvoe"], "No such command 'remvoe'. Did you mean 'remove'?"),
        (["frobnicate"], "No such command 'frobnicate'."),
    ],
)
def test_a_mistyped_command_gets_a_suggestion(project: Project, words: list[str], message: str) -> None:
    done = project.longpole(*words)
    assert (done.status, done.out) == (2, "")
    assert f"Error: {message}\n" in done.err


def test_the_manual_page_is_that_of_the_commands(project: Project) -> None:
    done = project.longpole("help", "--man")
    assert done.out == PAGE.read_text(), "longpole help --man >longpole/longpole.1"
