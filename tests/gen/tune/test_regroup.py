"""Groups of tests: what is joined and what is split, from made-up durations."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from longpole.gen.adapters.grouping import LEAST_S, MAX_PATTERN, UNKNOWN_S, pattern_bytes
from longpole.gen.tune.regroup import Tests, bundled, regroup


def after(groups: Sequence[Tests], seconds: Mapping[str, float], limit_s: float, **more: object) -> list[Tests]:
    """The groups after the changes, each where its first one was."""
    changes = regroup(groups, seconds, limit_s=limit_s, **more)  # type: ignore[arg-type]
    gone = {place for change in changes for place in change.old}
    placed = [(place, tests) for place, tests in enumerate(groups) if place not in gone]
    placed += [(change.old[0], tests) for change in changes for tests in change.new]
    return [tests for _, tests in sorted(placed, key=lambda each: each[0])]


def singles(*names: str) -> list[Tests]:
    return [(name,) for name in names]


def test_short_groups_are_joined_until_they_are_worth_a_unit() -> None:
    assert after(singles(*"abcde"), dict.fromkeys("abcde", 0.4), 10.0) == [("a", "b", "c", "d", "e")]
    assert after(singles(*"abcdef"), dict.fromkeys("abcdef", 0.4), 10.0) == [("a", "b", "c"), ("d", "e", "f")]


def test_long_enough_groups_stay() -> None:
    assert regroup([("a", "b"), ("c",)], {"a": 0.6, "b": 0.6, "c": 1.0}, limit_s=5.0) == []


def test_nothing_becomes_longer_than_it_may_be() -> None:
    assert after(singles(*"abcd"), dict.fromkeys("abcd", 0.1), 0.25) == [("a", "b"), ("c", "d")]
    assert regroup(singles("a", "b"), {"a": 0.9, "b": 0.9}, limit_s=1.5) == []


def test_a_short_group_joins_the_shortest_one_with_room() -> None:
    assert after([("a",), ("b",), ("c",)], {"a": 5.0, "b": 0.1, "c": 2.0}, 6.0) == [("a",), ("b", "c")]


def test_a_long_pole_is_split_at_the_borders_of_what_stays_together() -> None:
    seconds = dict.fromkeys("abcdef", 2.0)
    assert after([tuple("abcdef"), ("x",)], {**seconds, "x": 4.0}, 8.0) == [*singles(*"abcdef"), ("x",)]
    found = after([tuple("abcdef")], seconds, 8.0, together=[{"a", "d"}, {"e", "f", "z"}])
    assert found == [("a", "d"), ("b",), ("c",), ("e", "f")]


def test_what_is_not_known_to_be_separable_is_not_split() -> None:
    assert regroup([tuple("abcdef")], dict.fromkeys("abcdef", 2.0), limit_s=3.0, together=None) == []


def test_a_test_of_unknown_duration_counts() -> None:
    assert after(singles(*"abc"), {}, 10.0) == [("a", "b", "c")]
    assert pytest.approx(UNKNOWN_S) == 0.1


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Tests], dict[str, float], float, list[set[str]]]:
    sizes = draw(st.lists(st.integers(1, 6), max_size=12))
    names = [f"t{number}" for number in range(sum(sizes))]
    groups, begin = [], 0
    for size in sizes:
        groups.append(tuple(names[begin : begin + size]))
        begin += size
    seconds = {name: draw(st.floats(0, 5)) for name in names if draw(st.booleans())}
    together = [draw(st.sets(st.sampled_from(group), min_size=1)) for group in groups if draw(st.booleans())]
    return groups, seconds, draw(st.floats(0.01, 30)), together


SUMS = [*singles(*"abcdefg"), ("h1", "h2", "h3"), ("i1", "i2", "i3", "i4"), ("j1", "j2", "j3", "j4", "j5", "j6")]


@given(cases())
@example((SUMS, {}, 2.0, []))
def test_every_test_is_there_once_and_nothing_else_is_to_be_done(
    case: tuple[list[Tests], dict[str, float], float, list[set[str]]],
) -> None:
    groups, seconds, limit_s, together = case
    bundles = [bundle for tests in groups for bundle in bundled(tests, together)]
    limit_s = max([limit_s, *(sum(seconds.get(test, UNKNOWN_S) for test in bundle) for bundle in bundles)])
    found = after(groups, seconds, limit_s, together=together)
    assert sorted(test for tests in found for test in tests) == sorted(test for tests in groups for test in tests)
    assert all(found)
    for bundle in together:
        assert sum(not bundle.isdisjoint(tests) for tests in found) == 1
    unchanged = [tests for tests in found if tests in groups]
    for tests in found:
        took = sum(seconds.get(test, UNKNOWN_S) for test in tests)
        assert tests in unchanged or took <= limit_s + 2 * LEAST_S
    assert regroup(found, seconds, limit_s=limit_s, together=together) == []


def test_a_command_stays_short_enough() -> None:
    names = [f"{number:04}-{'x' * 1000}" for number in range(40)]
    found = after(singles(*names), dict.fromkeys(names, 0.001), 10.0)
    assert len(found) == 3
    assert all(sum(map(pattern_bytes, tests)) <= MAX_PATTERN for tests in found)
