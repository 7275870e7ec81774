"""Parts of test binaries: what is split, and that each test is in one part."""

from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from longpole.gen.adapters.cargo import ADAPTER as CARGO
from longpole.gen.adapters.grouping import LEAST_S
from longpole.gen.adapters.model import Entry
from longpole.gen.tune.groups import WrittenGroup
from longpole.gen.tune.parts import Binary, recut
from longpole.gen.tune.regroup_text import Change


def binary(parts: list[list[str]], seconds: dict[str, float], **keys: object) -> Binary:
    groups = []
    for number, tests in enumerate(parts, 1):
        module = cast("Any", type("Module", (), {"name": f"x.{number}" if len(parts) > 1 else "x"}))
        groups.append(WrittenGroup(module, tuple(tests), {"weight": 1, **keys}, number, number + 1, "  "))
    return Binary("x", CARGO, tuple(groups), seconds)


def changes(parts: list[list[str]], seconds: dict[str, float], limit_s: float, *taken: str) -> list[Change]:
    return list(recut([binary(parts, seconds, labels=["l"])], taken, limit_s))


def runs(entry: Entry, tests: list[str]) -> set[str]:
    """Which of the tests a module of Cargo runs, by its words."""
    args = [word.replace("{{", "{").replace("}}", "}") for word in entry.keys.get("args", [])]
    if "--skip" in args:
        return set(tests) - {word for at, word in enumerate(args) if at % 2}
    return set(args) if args else set(tests)


def test_a_short_binary_stays() -> None:
    assert changes([["a", "b"]], {"a": 1.0, "b": 1.0}, 3.0) == []


def test_a_long_one_is_split_and_keeps_its_keys() -> None:
    (change,) = changes([["a", "b", "c{}"]], {"a": 2.0, "b": 2.0, "c{}": 2.0}, 3.0)
    assert [new.name for new in change.new] == ["x.1", "x.2", "x.3"]
    assert [new.entry.keys["args"] for new in change.new] == [["a"], ["b"], ["--skip", "a", "--skip", "b"]]
    assert all(new.entry.keys["labels"] == ["l"] for new in change.new)


def test_parts_that_are_too_short_are_made_anew() -> None:
    (change,) = changes([["a"], ["b"], ["c"]], {"a": 0.1, "b": 0.1, "c": 0.1}, 3.0)
    assert [(new.name, new.tests) for new in change.new] == [("x", ("a", "b", "c"))]
    assert "args" not in change.new[0].entry.keys


def test_a_name_that_is_taken_is_not_given_again() -> None:
    assert changes([["a", "b"]], {"a": 4.0, "b": 4.0}, 4.0, "x", "x.2") == []


@given(st.lists(st.lists(st.floats(0, 4), min_size=1, max_size=6), min_size=1, max_size=5), st.floats(0.1, 9))
def test_every_test_runs_once_before_and_after(durations: list[list[float]], limit_s: float) -> None:
    parts = [[f"t{number}_{at}" for at in range(len(part))] for number, part in enumerate(durations)]
    tests = [test for part in parts for test in part]
    seconds = dict(zip(tests, (each for part in durations for each in part), strict=True))
    limit_s = max([limit_s, *seconds.values()])
    for change in changes(parts, seconds, limit_s):
        ran = [test for new in change.new for test in runs(new.entry, tests)]
        assert sorted(ran) == sorted(tests)
        assert [new.tests for new in change.new if runs(new.entry, tests) != set(new.tests)] == []
        assert all(new.seconds <= limit_s + 2 * LEAST_S for new in change.new)
        assert changes([list(new.tests) for new in change.new], seconds, limit_s) == []
