"""What is compared when this project's own tests run as forks."""

import json
from pathlib import Path

from bench.own_suite import SUITE, difference, write_suite
from longpole.gen.suite.read import load_suite


def test_what_differs_is_named_with_both_outcomes() -> None:
    expected = {"a": "passed", "b": "failed", "c": "skipped"}
    assert difference(expected, expected) == []
    assert difference(expected, {"a": "passed", "b": "passed", "d": "passed"}) == [
        "  b: failed -> passed",
        "  c: skipped -> no such test",
        "  d: no such test -> passed",
    ]


def test_the_suite_is_valid_and_so_is_the_one_with_other_arguments(tmp_path: Path) -> None:
    (module,) = load_suite(str(SUITE)).modules
    assert module.forks is not None
    path = tmp_path / "own.yaml"
    write_suite(path, ["tests/gen", "-m", "not {slow}"])
    assert json.loads(path.read_text())["variants"] == {"own": {"args": ["tests/gen", "-m", "not {{slow}}"]}}
    assert [variant.name for variant in load_suite(str(path)).variants] == ["own"]
