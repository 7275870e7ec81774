"""Names of branches, compared with git."""

import subprocess

from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.scenario.names import wrong_branch

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
