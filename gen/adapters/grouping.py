"""Small tests share a unit, so that what a unit costs by itself is little beside them. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

OVERHEAD_S = 0.02
"""What a unit costs by itself, with the start of a runner; generously."""
LEAST_S = 50 * OVERHEAD_S
UNKNOWN_S = 0.1
"""What a test is taken to take if nobody knows."""
MAX_PATTERN = 16_000
"""Characters of a regular expression of names: CMake's hold at most 64 KiB when they are compiled, older ones half."""
ROUNDS = 4
"""Groups that every job gets at least, where the tests are long enough: they level out what is not known."""


@dataclass(frozen=True, slots=True)
class Group:
    """Tests of one unit, in their order, and the seconds that they take together."""

    tests: tuple[str, ...]
    seconds: float


def seconds_of(test: str, durations: Mapping[str, float]) -> float:
    """What the test is expected to take."""
    return durations.get(test, UNKNOWN_S)


def pattern_bytes(test: str) -> int:
    """What the name of a test needs in a regular expression, with some room."""
    return len(test.encode()) + 8 * len(re.findall(r"\W", test)) + 8


def groups(tests: Sequence[str], durations: Mapping[str, float], *, jobs: int, least_s: float = LEAST_S) -> list[Group]:
    """The tests, in their order, in groups of neighbours.

    A group takes at least `least_s`, if the tests do; and about a quarter of a job's share at most, so that groups can
    be spread over the jobs. A test that is longer is a group of its own.
    """
    total = sum(seconds_of(test, durations) for test in tests)
    return cut(tests, durations, aim_s=max(least_s, total / (jobs * ROUNDS)), least_s=least_s)


def cut(tests: Sequence[str], durations: Mapping[str, float], *, aim_s: float, least_s: float) -> list[Group]:
    """The tests, in their order, in groups of neighbours: of `least_s` if the tests do, and at most about `aim_s`."""
    found: list[Group] = []
    now: list[str] = []
    seconds = 0.0
    for test in tests:
        takes = seconds_of(test, durations)
        if now and seconds >= least_s and seconds + takes > aim_s:
            found.append(Group(tuple(now), seconds))
            now, seconds = [], 0.0
        now.append(test)
        seconds += takes
    if now and found and seconds < least_s:
        last = found.pop()
        now, seconds = [*last.tests, *now], seconds + last.seconds
    if now:
        found.append(Group(tuple(now), seconds))
    return found
