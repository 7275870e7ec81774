"""The targets that a rendered makefile offers."""

from pathlib import Path

import pytest

from longpole.no_such_target import similar_target
from longpole.targets import targets_of
from tests.completable import completable
from tests.project import REPOSITORY


def test_targets_of_a_rendered_makefile_are_those_that_users_type() -> None:
    rules, units = targets_of((REPOSITORY / "tests" / "golden" / "Makefile").read_text())
    assert {"help", "test", "retest", "build", "list", "report", "clean"} <= set(rules)
    assert not {"start-run", "longpole-asked"} & set(rules)
    assert not any(name.startswith("LONGPOLE") for name in rules)
    assert units and all(unit.startswith("test-") for unit in units)


def test_variables_and_patterns_are_no_targets() -> None:
    text = "A := 1\nB: = 2\nC ::= 3\n.PHONY: x\n%.o: %.c\n$(V): w\none two.x: y\n\tthree: four\n"
    assert targets_of(text) == (["B", "one", "two.x"], [])


def test_targets_are_those_of_the_makefile_that_longpole_calls(tmp_path: Path) -> None:
    project = completable(tmp_path)
    try:
        (project.root / "Makefile").write_text("retired:\n\t@:\n")
        project.longpole("render", "-o", "longpole.mk")
        environ = {"_LONGPOLE_COMPLETE": "fish_complete", "COMP_WORDS": "longpole run ret", "COMP_CWORD": "ret"}
        assert project.run("longpole", **environ).out.split() == ["plain,retest"]
    finally:
        project.end()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("v/m[fork-1]", "test-v-m-fork-1"),
        ("v/m[1]", "test-v-m-1"),
        ("v-m-fork-0", "test-v-m-fork-0"),
        ("test-v-m-frok-1", "test-v-m-fork-1"),
        ("test-v-m-fork-7", "test-v-m-fork-"),
    ],
)
def test_a_fork_by_its_id_or_mistyped(typed: str, meant: str) -> None:
    known = ["test-v-other", "test-v-m", "test-v-m-1", "test-v-m-fork-0", "test-v-m-fork-1"]
    assert (similar_target(typed, known) or "").startswith(meant)
