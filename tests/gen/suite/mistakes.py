"""Suites with one mistake, its place marked, for the tests of error messages."""

import pytest

from longpole.gen.suite.read import suite_from_bytes
from longpole.rts_tests.contracts.errors import Problem, UseError

HEAD = "version: 1\nname: x\n"


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(UseError) as caught:
        suite_from_bytes(text.encode(), "suite.yaml")
    assert caught.value.exit_code == 2
    return caught.value.problems


def only(text: str) -> Problem:
    found = problems(text)
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]


def place(text: str) -> tuple[str, int, int]:
    """The text without its mark `§`, and the line and column of the mark."""
    before, _, after = text.partition("§")
    assert after, "the text has no mark"
    lines = before.split("\n")
    return before + after, len(lines), len(lines[-1]) + 1


def one_mistake(text: str, what: str, remedy: str) -> None:
    """Assert that `text` has one mistake only, at its mark `§`, told in these words."""
    text, line, column = place(text)
    problem = only(text)
    assert (problem.file, problem.line, problem.column) == ("suite.yaml", line, column), str(problem)
    assert what in problem.what
    assert remedy in problem.remedy
    assert problem.remedy
    assert str(problem).startswith(f"suite.yaml:{line}:{column}: ")
