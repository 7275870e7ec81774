"""Scenarios in tests: parsed from text, with a mark `§` where an error is expected."""

from pathlib import Path

import pytest

from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.scenario.fixtures import Fixtures
from longpole.rts_tests.scenario.model import Repository, Scenario
from longpole.rts_tests.scenario.parse import parse

STEPS = "steps:\n  - {name: s, run: 'true'}\n"
HEAD = "name: x\n" + STEPS


def parsed(text: str, fixtures: str = "no-fixtures", *, strict: bool = True) -> Scenario:
    return parse(text.encode(), "a.yml", Fixtures(fixtures), strict=strict)


def repository(text: str) -> Repository:
    """The only repository of a scenario, described as a flow mapping or an indented block."""
    (found,) = parsed(f"{HEAD}repos:\n  - {text}").repositories
    return found


def problems(text: str, fixtures: str = "no-fixtures", *, strict: bool = True) -> tuple[Problem, ...]:
    with pytest.raises(UseError) as caught:
        parsed(text, fixtures, strict=strict)
    assert caught.value.exit_code == 2
    return caught.value.problems


def one_mistake(text: str, what: str, *, strict: bool = True) -> None:
    """Assert that `text` has one error only, at its mark `§`, in these words."""
    before, mark, after = text.partition("§")
    assert mark, "the text has no mark"
    lines = before.split("\n")
    (problem,) = problems(before + after, strict=strict)
    assert (problem.file, problem.line, problem.column) == ("a.yml", len(lines), len(lines[-1]) + 1), str(problem)
    assert what in str(problem)
    assert problem.remedy


def write_fixture(folder: Path, name: str, text: str) -> None:
    path = folder / "repos" / f"{name}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
