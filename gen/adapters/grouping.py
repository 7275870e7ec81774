"""Small tests share a unit, so that what a unit costs by itself is little beside them. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

OVERHEAD_S = 0.02
"""What a unit costs by itself, with the start of a runner; generously."""
LEAST_S = 50 * OVERHEAD_S
UNKNOWN_S = 0.1
"""What a test is taken to take if nobody knows."""
SHORT_S = 0.01
"""The same of a test that is compiled into a binary with others: most of these are short."""
MAX_PATTERN = 16_000
"""Characters of a regular expression of names: CMake's hold at most 64 KiB when they are compiled, older ones half."""
IN_NO_OTHER = "All tests that are in no other part."
"""The comment of the last part of a test binary."""
ROUNDS = 4
"""Groups that every job gets at least, where the tests are long enough: they level out what is not known."""
MIN_THREADED = 8
"""Tests that a unit has at least that runs several of them at once."""
TAIL = 2
"""A group takes at most the part `1 / (jobs * TAIL)` of what is left, so that the last groups are short.

This is factoring (Hummel, Schonberg and Flynn 1992): the jobs end together, and there are few groups nevertheless."""
MAX_ROUNDS = 32
"""The shortest group takes that part of a job's share, or `least_s` if that is more."""


@dataclass(frozen=True, slots=True)
class Group:
    """Tests of one unit, in their order, and the seconds that they take together."""

    tests: tuple[str, ...]
    seconds: float


def seconds_of(test: str, durations: Mapping[str, float]) -> float:
    """What the test is expected to take."""
    return durations.get(test, UNKNOWN_S)


def weight_of(seconds: float) -> float:
    """The weight in the suite of a unit that takes so long."""
    return round(max(seconds, 0.1), 1)


def pattern_bytes(test: str) -> int:
    """What the name of a test needs in a regular expression, with some room."""
    return len(test.encode()) + 8 * len(re.findall(r"\W", test)) + 8


def threads_for(tests: int, of: int, *, jobs: int) -> int:
    """Threads of a unit whose tests nobody has timed, `tests` of the `of` that there are: its part of the jobs.

    A unit with most of a suite's tests would be the longest by far; one of a few tests is none to worry about.
    """
    return max(1, round(tests * jobs / of)) if tests >= MIN_THREADED else 1


@dataclass(frozen=True, slots=True)
class Split:
    """How a test binary is run: its weight; in which parts, none if as a whole; and then with how many threads."""

    weight: float
    parts: tuple[Group, ...]
    threads: int


def split(tests: Sequence[str], prefix: str, durations: Mapping[str, float], *, jobs: int, of: int) -> Split:
    """How to run a binary with `tests`, of the `of` that the project has.

    Durations are of a test's name behind `prefix`, else of its name alone. A binary is split where some are known.
    """
    found = {test: durations.get(f"{prefix}{test}", durations.get(test)) for test in tests}
    seconds = {test: SHORT_S if known is None else known for test, known in found.items()}
    is_known = any(known is not None for known in found.values())
    parts = groups(tests, seconds, jobs=jobs) if is_known else []
    threads = 1 if is_known else threads_for(len(tests), of, jobs=jobs)
    return Split(weight_of(sum(seconds.values())), tuple(parts) if len(parts) > 1 else (), threads)


def groups(tests: Sequence[str], durations: Mapping[str, float], *, jobs: int, least_s: float = LEAST_S) -> list[Group]:
    """The tests, in their order, in groups of neighbours.

    A group takes at least `least_s`, if the tests do; and about a quarter of a job's share at most, the last ones less,
    so that groups can be spread over the jobs. A test that is longer is a group of its own, one that takes no time is
    not.
    """
    total = sum(seconds_of(test, durations) for test in tests)
    return cut(tests, durations, aim_s=max(least_s, total / (jobs * ROUNDS)), least_s=least_s, jobs=jobs)


def cut(
    tests: Sequence[str],
    durations: Mapping[str, float],
    *,
    aim_s: float,
    least_s: float,
    jobs: int | None = None,
) -> list[Group]:
    """The tests, in their order, in groups of neighbours: of `least_s` if the tests do, and at most about `aim_s`.

    With `jobs` the last groups are shorter, and all of them end together.
    """
    short = [test for test in tests if seconds_of(test, durations) <= aim_s]
    left = sum(seconds_of(test, durations) for test in short)
    shortest = max(least_s, aim_s * ROUNDS / MAX_ROUNDS)
    is_short = frozenset(short)
    found: list[Group] = []
    now: list[str] = []
    seconds = 0.0
    for test in tests:
        takes = seconds_of(test, durations)
        if takes and seconds and seconds >= least_s and seconds + takes > aim_s:
            found.append(Group(tuple(now), seconds))
            left -= sum(seconds_of(each, durations) for each in now if each in is_short)
            if jobs is not None:
                aim_s = max(shortest, min(aim_s, left / (jobs * TAIL)))
            now, seconds = [], 0.0
        now.append(test)
        seconds += takes
    if now and found and seconds < least_s:
        last = found.pop()
        now, seconds = [*last.tests, *now], seconds + last.seconds
    if now:
        found.append(Group(tuple(now), seconds))
    return found
