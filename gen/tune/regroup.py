"""Groups of tests, made anew from what each test took. Pure.

A unit costs something of its own, so groups that take less than 50 times that are joined, as long as they do not become
the longest unit. A group that is longer than each job's share is split, at the borders of what has to stay together.
All other groups stay as they are, so that a proposal that was followed is not followed by another one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from longpole.gen.adapters.grouping import LEAST_S, MAX_PATTERN, ROUNDS, UNKNOWN_S, cut, pattern_bytes

WORTH = 1.01
"""What is that much too long is split; less is not worth a change."""

_EXACT = 1 + 1e-9
"""Sums of the same durations may differ in their last digits."""

Tests = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Regrouped:
    """Groups, by their places among those that were given, and the tests of the groups that take their place."""

    old: tuple[int, ...]
    new: tuple[Tests, ...]


def regroup(
    groups: Sequence[Tests],
    seconds: Mapping[str, float],
    *,
    limit_s: float,
    together: Sequence[Collection[str]] | None = (),
) -> list[Regrouped]:
    """What to change about groups whose tests may share a unit; `seconds` are those of tests that have run.

    No group is to take longer than `limit_s`. `together` are tests that must not be apart; None: it is not known which,
    so nothing is split.
    """
    atoms: list[tuple[int, Tests]] = []
    for place, tests in enumerate(groups):
        is_long = together is not None and _seconds(tests, seconds) > max(limit_s, LEAST_S) * WORTH
        atoms += [(place, part) for part in (_split(tests, seconds, limit_s, together or ()) if is_long else (tests,))]
    changed: list[Regrouped] = []
    for places_ in _joined([tests for _, tests in atoms], seconds, limit_s):
        olds = {atoms[number][0] for number in places_}
        new = tuple(test for number in places_ for test in atoms[number][1])
        if len(olds) == 1 and new == groups[min(olds)]:
            continue
        linked = [each for each in changed if not olds.isdisjoint(each.old)]
        changed = [each for each in changed if each not in linked]
        places = olds.union(*(each.old for each in linked))
        changed.append(Regrouped(tuple(sorted(places)), (*(tests for each in linked for tests in each.new), new)))
    return sorted(changed, key=lambda each: each.old)


def _seconds(tests: Tests, seconds: Mapping[str, float]) -> float:
    return sum(seconds.get(test, UNKNOWN_S) for test in tests)


def bundled(tests: Tests, together: Sequence[Collection[str]]) -> list[Tests]:
    """The tests in bundles that must not be apart, in the order of their first ones."""
    bundles: dict[int, list[str]] = {}
    of_test = {test: number for number, bundle in enumerate(together) for test in bundle}
    for place, test in enumerate(tests):
        bundles.setdefault(of_test.get(test, -1 - place), []).append(test)
    return [tuple(bundle) for bundle in bundles.values()]


def _split(
    tests: Tests, seconds: Mapping[str, float], limit_s: float, together: Sequence[Collection[str]]
) -> tuple[Tests, ...]:
    bundles = {bundle[0]: bundle for bundle in bundled(tests, together)}
    took = {first: _seconds(bundle, seconds) for first, bundle in bundles.items()}
    parts = cut(list(bundles), took, aim_s=max(LEAST_S, limit_s / ROUNDS), least_s=LEAST_S)
    return tuple(tuple(test for first in part.tests for test in bundles[first]) for part in parts)


def _joined(groups: Sequence[Tests], seconds: Mapping[str, float], limit_s: float) -> list[list[int]]:
    """The groups by their places, joined: each short one goes to the first group of short ones in which it has room."""
    took = [_seconds(tests, seconds) for tests in groups]
    sizes = [sum(map(pattern_bytes, tests)) for tests in groups]
    least_s = min(LEAST_S, limit_s)

    def fits(places: Collection[int]) -> bool:
        return (
            sum(took[each] for each in places) <= limit_s * _EXACT
            and sum(sizes[each] for each in places) <= MAX_PATTERN
        )

    def is_short(places: Collection[int]) -> bool:
        return sum(took[each] for each in places) * _EXACT < least_s

    rest = [[place] for place in range(len(groups)) if not is_short([place])]
    short: list[list[int]] = []
    for place in (place for place in range(len(groups)) if is_short([place])):
        room = next((each for each in short if is_short(each) and fits([*each, place])), None)
        if room is None:
            short.append([place])
        else:
            room.append(place)
    for each in [each for each in short if is_short(each)]:
        others = [other for other in (*short, *rest) if other and other is not each and fits([*other, *each])]
        if others:
            shortest = min(others, key=lambda places: sum(took[place] for place in places))
            shortest += each
            each.clear()
    return sorted(sorted(places) for places in (*short, *rest) if places)
