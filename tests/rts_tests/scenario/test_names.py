"""Names of branches, repositories and files."""

import pytest

from longpole.rts_tests.scenario.names import tidy, variable, wrong_branch, wrong_path, wrong_repository


@pytest.mark.parametrize(
    "name", ["HEAD", "@", "a.lock/b", "a//b", "a\0b", "a/.b", ".a", "", "-a", "a.", "a/", "é" * 126]
)
def test_branches_that_git_refuses(name: str) -> None:
    assert wrong_branch(name)


@pytest.mark.parametrize("name", ["main", "feature/a-b", "a@b", "HEAD2", "refs/heads/x", "a.b", "é", "a/-b", "{a}"])
def test_branches_that_git_accepts(name: str) -> None:
    assert wrong_branch(name) is None


def test_at_alone_is_refused_as_git_branch_refuses_it() -> None:
    assert wrong_branch("@") == "is `@`"


@pytest.mark.parametrize(("path", "tidied"), [("a", "a"), ("./a", "a"), ("a//b/./c", "a/b/c"), ("a/b", "a/b")])
def test_paths(path: str, tidied: str) -> None:
    assert wrong_path(path) is None
    assert tidy(path) == tidied


@pytest.mark.parametrize(
    "path",
    ["", "/", "/a", "a/", ".", "./.", "..", "a/../b", ".git", "a/.GIT/b", "a\0", "x" * 251, "a/" * 1100 + "a"],
)
def test_paths_that_are_refused(path: str) -> None:
    assert wrong_path(path)


@pytest.mark.parametrize("path", ["..a", "a..", ".gitignore", ".github/x", "a.git", "-a", "a b", "é", "x" * 250])
def test_paths_that_only_look_odd(path: str) -> None:
    assert wrong_path(path) is None


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\0", "a\n", ".git", "\x1b[1m", "x" * 251])
def test_repositories_that_are_refused(name: str) -> None:
    assert wrong_repository(name)


def test_variables_of_repositories() -> None:
    assert [variable(name) for name in ("my-repo", "a_b", "a.b", "X9")] == [
        "REMOTE_MY_REPO",
        "REMOTE_A_B",
        "REMOTE_A.B",
        "REMOTE_X9",
    ]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("ab.", "ends with `.`"), ("ab/", "ends with `/`"), ("-ab", "begins with `-`"), ("a~b", "holds '~'")],
)
def test_what_is_wrong_is_said(name: str, wrong: str) -> None:
    assert wrong_branch(name) == wrong
