"""The bisection of a noisy change: it finds the commit, with fewer runs than plain bisection, and knows when not to."""

from math import ceil
from random import Random
from statistics import fmean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.perf.compare.bisection import (
    LEAST_OF_ENDS,
    MOST_OF_ENDS,
    Answer,
    Range,
    State,
    bisect,
    probabilities,
    steady,
)

NOISE = 0.02
OUTLIERS = 0.05
"""The part of runs that are six times as far off as the others."""


class Truth:
    """A range of commits of which one brought a change, and runs of them."""

    def __init__(self, random: Random, commits: int, change: float) -> None:
        """`change` is in units of the noise; the first commit after it is drawn."""
        self.random = random
        self.commits = tuple(f"{number:03}" for number in range(commits + 1))
        self.first_bad = random.randrange(1, commits + 1)
        self.change = change * NOISE

    def run(self, index: int) -> float:
        scale = NOISE * (6 if self.random.random() < OUTLIERS else 1)
        return self.random.gauss(self.change if index >= self.first_bad else 0.0, scale)


def bisected(truth: Truth, *, expected: bool = False, parallel: int = 1, most: int = 400) -> tuple[Answer, int]:
    """The last answer, and how many runs were made for it."""
    values: dict[str, tuple[float, ...]] = {}
    runs = 0
    while True:
        asked = Range(truth.commits, values, NOISE, expected=truth.change if expected else None)
        answer = bisect(asked, parallel=parallel)
        if answer.state is not State.RUN or runs > most:
            return answer, runs
        for step in answer.steps:
            made = tuple(truth.run(int(step.commit)) for _ in range(step.repeats))
            values[step.commit] = (*values.get(step.commit, ()), *made)
            runs += step.repeats


def plainly(truth: Truth, repeats: int) -> tuple[bool, int]:
    """Plain bisection with so many runs of each commit: whether it is right, and how many runs it took."""
    low, high, runs = 0, len(truth.commits) - 1, 2 * repeats
    while high - low > 1:
        middle = (low + high) // 2
        runs += repeats
        if median(truth.run(middle) for _ in range(repeats)) > truth.change / 2:
            high = middle
        else:
            low = middle
    return high == truth.first_bad, runs


@pytest.mark.parametrize(("change", "expected"), [(3.0, False), (3.0, True), (6.0, False)])
def test_the_commit_is_found_with_fewer_runs_than_by_plain_bisection(change: float, expected: bool) -> None:
    """In 19 of 20 ranges at least, with outliers; plain bisection needs more runs to be as sure."""
    count = 60
    ours = [
        (truth, bisected(truth, expected=expected)) for truth in (Truth(Random(n), 40, change) for n in range(count))
    ]
    right = [answer.suspects == (truth.commits[truth.first_bad],) for truth, (answer, _) in ours]
    assert sum(right) >= ceil(0.95 * count)
    for repeats in range(1, 12):
        plain = [plainly(Truth(Random(n), 40, change), repeats) for n in range(5 * count)]
        if sum(found for found, _ in plain) >= 0.95 * len(plain):
            break
    assert fmean(runs for _, (_, runs) in ours) < 1.15 * fmean(runs for _, runs in plain)


def test_ends_without_a_difference_are_told() -> None:
    answers = [bisected(Truth(Random(seed), 20, 0.0))[0] for seed in range(20)]
    assert sum(answer.state is State.NO_CHANGE for answer in answers) >= 18


def test_a_change_that_was_expected_and_is_not_there_is_told() -> None:
    truth = Truth(Random(1), 20, 0.0)
    values = {commit: tuple(truth.run(0) for _ in range(15)) for commit in (truth.commits[0], truth.commits[-1])}
    answer = bisect(Range(truth.commits, values, NOISE, expected=0.1))
    assert (answer.state, answer.suspects, answer.steps) == (State.NO_CHANGE, (), ())


def test_the_ends_are_measured_first() -> None:
    answer = bisect(Range(("a", "b", "c"), {"a": (1.0,)}, NOISE))
    assert [(step.commit, step.repeats) for step in answer.steps] == [("a", LEAST_OF_ENDS - 1), ("c", LEAST_OF_ENDS)]
    assert answer.change is None
    assert answer.left >= 5
    small = bisect(Range(("a", "b", "c"), {"a": (1.0,) * 3, "c": (1.001,) * 3}, NOISE))
    assert small.steps[0].repeats <= 3 * MOST_OF_ENDS
    known = Range(("a", "b", "c"), {"a": (1.0,) * 3}, NOISE, after=(1.5,) * 3)
    assert [step.commit for step in bisect(known).steps] == ["b"]


def test_two_commits_need_no_run_between_them() -> None:
    answer = bisect(Range(("a", "b"), {"a": (0.0,) * 3, "b": (0.2,) * 3}, NOISE))
    assert (answer.state, answer.suspects) == (State.FOUND, ("b",))


def test_commits_that_cannot_be_measured_are_not_proposed_and_stay_suspects() -> None:
    commits = tuple("abcdefg")
    ends = {"a": (0.0,) * 3, "g": (0.2,) * 3}
    asked = Range(commits, {**ends, "b": (0.0,), "f": (0.2,)}, NOISE, broken=frozenset("cde"))
    answer = bisect(asked)
    assert (answer.state, answer.suspects) == (State.FOUND, ("c", "d", "e", "f"))
    assert {step.commit for step in bisect(Range(commits, ends, NOISE, broken=frozenset("cde"))).steps} <= set("bf")
    hopeless = bisect(Range(commits, ends, NOISE, broken=frozenset("bcdef")))
    assert (hopeless.state, hopeless.suspects) == (State.FOUND, ("b", "c", "d", "e", "f", "g"))


def test_several_commits_are_measured_at_the_same_time() -> None:
    commits = tuple(f"{number:02}" for number in range(17))
    ends = {commits[0]: (0.0,) * 3, commits[-1]: (0.2,) * 3}
    steps = bisect(Range(commits, ends, NOISE), parallel=3).steps
    assert [step.commit for step in steps] == ["08", "04", "12"]
    assert (
        len(bisect(Range(commits[:3], {commits[0]: (0.0,) * 3, commits[2]: (0.2,) * 3}, NOISE), parallel=9).steps) == 1
    )
    truth = Truth(Random(4), 60, 6.0)
    assert bisected(truth, parallel=4)[0].suspects == (truth.commits[truth.first_bad],)


@given(
    st.lists(st.lists(st.floats(-1, 1), max_size=3).map(tuple), min_size=2, max_size=8),
    st.floats(-1, 1),
    st.floats(-1, 1),
    st.integers(1, 4),
)
def test_an_answer_is_complete_and_depends_on_the_values_only(
    rows: list[tuple[float, ...]], good: float, bad: float, parallel: int
) -> None:
    commits = tuple(map(str, range(len(rows))))
    values = {**dict(zip(commits, rows, strict=True)), commits[0]: (good,) * 3, commits[-1]: (bad,) * 3}
    asked = Range(commits, values, NOISE)
    chances = probabilities(asked)
    assert chances[0] == 0
    assert sum(chances) == pytest.approx(1)
    answer = bisect(asked, parallel=parallel)
    assert answer == bisect(asked, parallel=parallel)
    assert (answer.state is State.RUN) == bool(answer.steps)
    assert set(answer.suspects) <= set(commits[1:])
    assert len({step.commit for step in answer.steps}) == len(answer.steps)
    assert all(step.repeats >= 1 for step in answer.steps)
    assert answer.left >= sum(step.repeats for step in answer.steps)


def test_a_slower_and_a_faster_commit_are_found_alike() -> None:
    commits = tuple("abcde")
    values = {"a": (0.0,) * 3, "b": (0.0,), "c": (0.2,), "d": (0.2,), "e": (0.2,) * 3}
    mirrored = {commit: tuple(-value for value in row) for commit, row in values.items()}
    assert probabilities(Range(commits, values, NOISE)) == pytest.approx(probabilities(Range(commits, mirrored, NOISE)))
    assert bisect(Range(commits, values, NOISE)).suspects == ("c",)


def test_neighbours_count_as_far_as_they_are_at_the_same_level() -> None:
    assert steady([0.0, 0.01, -0.01, 0.3, 0.0], NOISE, 10) == (0.0, 0.01, -0.01)
    assert steady([0.0] * 30, NOISE, 8) == (0.0,) * 8
    assert steady([], NOISE, 8) == ()
