"""The proof of a ledger fails for every way in which a ledger can be wrong."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from longpole.perf.ledger.ledger import Entry, Range, State, ledger, ranges
from longpole.perf.ledger.verify import verify
from tests.perf.ledger.made import PLATFORMS, branch, run, sha

PARENTS: Mapping[str, str | None] = {sha(n): sha(n - 1) if n else None for n in range(9, -1, -1)}
RUNS = [run(2), run(5), run(7)]
Entries = tuple[Entry, ...]


def changed(entries: Entries, number: int, **changes: object) -> Entries:
    new = replace(entries[number], **changes)  # type: ignore[arg-type]
    return (*entries[:number], new, *entries[number + 1 :])


@pytest.fixture
def entries() -> Entries:
    return ledger(branch(10), RUNS, [], PLATFORMS[0])


def test_a_right_one_is_proven(entries: Entries) -> None:
    assert verify(entries, ranges(entries), PARENTS, RUNS) == []


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (lambda right: right[1:], f"1 missing from the ledger: {sha(0)[:12]}"),
        (lambda right: (), "10 missing from the ledger: 000000000000, 000000000000, 000000000000, …"),
        (lambda right: (*right, right[-1]), "1 more than once in the ledger"),
        (
            lambda right: changed((*right, right[-1]), 10, commit="f" * 40),
            "1 in the ledger, but none of the branch: ffff",
        ),
        (lambda right: right[::-1], "9 out of order"),
        (lambda right: changed(right, 2, state=State.FAILED), "1 measured, or not, unlike the results"),
        (lambda right: changed(right, 4, state=State.MEASURED, by=sha(4)), "1 measured, or not, unlike the results"),
        (lambda right: changed(right, 4, by=sha(7)), "1 named with the wrong measurement"),
        (lambda right: changed(right, 8, by=sha(7)), "1 named with the wrong measurement"),
        (lambda right: changed(right, 0, by=sha(2)), "1 named with the wrong measurement"),
        (lambda right: changed(right, 5, state=State.UNKNOWN), "in the wrong range, or in none"),
    ],
)
def test_a_wrong_one_is_not(entries: Entries, wrong: Callable[[Entries], Entries], problem: str) -> None:
    found = verify(wrong(entries), ranges(wrong(entries)), PARENTS, RUNS)
    assert any(each.startswith(problem) or problem in each for each in found), found


def named(before: int | None, commit: int, *inside: int) -> Range:
    return Range(PLATFORMS[0], None if before is None else sha(before), sha(commit), tuple(map(sha, inside)))


@pytest.mark.parametrize(
    ("number", "wrong", "problem"),
    [
        (1, named(2, 5, 3, 4, 5, 6), f"1 in two ranges: {sha(6)[:12]}"),
        (1, named(2, 5, 3, 5), "1 in the wrong range, or in none"),
        (0, named(None, 2, 1, 2), "1 in the wrong range, or in none"),
        (2, named(5, 7, 6, 7, 8), "1 in the wrong range, or in none"),
        (2, named(5, 7, 6, 7, 99), "1 in a range, but none of the branch"),
        (1, named(1, 5, 3, 4, 5), f"1 before a range, but not measured before it: {sha(1)[:12]}"),
        (1, named(None, 5, 3, 4, 5), "1 before a range, but not measured before it: (none)"),
    ],
)
def test_wrong_ranges_are_found(entries: Entries, number: int, wrong: Range, problem: str) -> None:
    right = ranges(entries)
    changed_ranges = (*right[:number], wrong, *right[number + 1 :])
    found = verify(entries, changed_ranges, PARENTS, RUNS)
    assert any(each.startswith(problem) for each in found), found


def test_a_range_that_is_left_out_is_found(entries: Entries) -> None:
    found = verify(entries, ranges(entries)[:-1], PARENTS, RUNS)
    assert [each.split(":")[0] for each in found] == ["2 in the wrong range, or in none"]


def test_a_measurement_that_the_ledger_does_not_know(entries: Entries) -> None:
    right = ranges(entries)
    assert verify(entries, right, PARENTS, [*RUNS, run(4)]) != []
    assert verify(entries, right, PARENTS, [*RUNS, run(4, failed=True)]) == []
