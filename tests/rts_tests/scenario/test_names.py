"""Names of branches, repositories and files."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.scenario.names import tidy, variable, wrong_branch, wrong_path, wrong_repository

PARTS = [
    "a",
    "b",
    ".",
    "..",
    "/",
    "-",
    "@",
    "{",
    "@{",
    ".lock",
    "~",
    "^",
    ":",
    "?",
    "*",
    "[",
    "\\",
    " ",
    "\x7f",
    "\t",
    "é",
]


def _git_accepts(name: str) -> bool:
    """What git says about a ref, and what `git branch` refuses besides."""
    checked = subprocess.run(["git", "check-ref-format", f"refs/heads/{name}"], check=False)
    return checked.returncode == 0 and not name.startswith("-") and name not in ("HEAD", "@")


@given(st.lists(st.sampled_from(PARTS), max_size=4).map("".join))
def test_names_of_branches_are_those_that_git_accepts(name: str) -> None:
    assert (wrong_branch(name) is None) == _git_accepts(name)


@pytest.mark.parametrize("name", ["HEAD", "@", "a.lock/b", "a//b", "a\0b", "a/.b", ".a", "", "-a", "a.", "a/"])
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


@pytest.mark.parametrize("path", ["", "/", "/a", "a/", ".", "./.", "..", "a/../b", ".git", "a/.GIT/b", "a\0"])
def test_paths_that_are_refused(path: str) -> None:
    assert wrong_path(path)


@pytest.mark.parametrize("path", ["..a", "a..", ".gitignore", ".github/x", "a.git", "-a", "a b", "é"])
def test_paths_that_only_look_odd(path: str) -> None:
    assert wrong_path(path) is None


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\0", "a\n", ".git", "\x1b[1m"])
def test_repositories_that_are_refused(name: str) -> None:
    assert wrong_repository(name)


def test_variables_of_repositories() -> None:
    assert [variable(name) for name in ("my-repo", "a_b", "a.b", "X9")] == [
        "REMOTE_MY_REPO",
        "REMOTE_A_B",
        "REMOTE_A.B",
        "REMOTE_X9",
    ]
