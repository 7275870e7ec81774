"""Which commit of a range brought a change, and which to measure next: a pure function of what was measured so far.

Plain bisection believes every answer, so one noisy run sends it the wrong way for good; measuring every commit many
times is sure but dear. Here each commit of the range has a probability of being the first one after the change, given
all runs so far (Horstein 1963; Waeber, Frazier and Henderson 2013). The next commit to measure is the one that halves
the probability, and a commit that turns out to be doubtful is simply measured again. Values are logarithms, so that a
change is a difference. Runs are taken to be distributed by Student's t around the level before or after, with the noise
between runs of one commit as its scale: a single run far off then counts little. The levels are the medians of the runs
on either side of each possible change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, exp, inf, log, log2, sqrt
from statistics import median

_FREEDOM = 4.0
"""Degrees of freedom of Student's t: of normal values, one of 200 is as far off as one of 30 is here."""
LEAST_OF_ENDS = 3
"""Runs that each end needs at least, before anything between them is measured."""
MOST_OF_ENDS = 40
"""After so many runs of both ends, a change that cannot be told from noise counts as none."""
MOST_REPEATS = 10
_LEAST_PART = 0.5
"""Levels on either side of a commit that are closer than this part of the ends' levels are not believed."""
_CLEAR = 3.0
"""Ends are measured until the change between them is this many standard errors; of fewer in the end, there is none."""


class State(StrEnum):
    """Where a bisection is: runs are to be made, the commit is found, or the ends do not differ."""

    RUN = "run"
    FOUND = "found"
    NO_CHANGE = "no change"


@dataclass(frozen=True, slots=True)
class Range:
    """What is asked: the commits from the last good to the first bad one, both included, oldest first.

    `values` are logarithms of what was measured of each commit. `before` and `after` are those of earlier and of later
    commits at the levels of the ends. `noise` is the standard deviation between runs of one commit. `broken` commits
    cannot be measured. `expected` is the change as a logarithm, None if it is not known beforehand; one smaller than
    `least` is of no interest.
    """

    commits: tuple[str, ...]
    values: Mapping[str, tuple[float, ...]]
    noise: float
    before: tuple[float, ...] = ()
    after: tuple[float, ...] = ()
    broken: frozenset[str] = frozenset()
    expected: float | None = None
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """Runs to make: of which commit, how many."""

    commit: str
    repeats: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known so far.

    One of `suspects` brought the change, with this `probability`; it is one commit if it is found. `steps` are the runs
    to make, in their order; with them about `left` runs are still to be made. `change` is a logarithm, None while one
    of the ends was not measured.
    """

    state: State
    suspects: tuple[str, ...]
    probability: float
    steps: tuple[Step, ...]
    left: int
    change: float | None


def bisect(asked: Range, *, confidence: float = 0.98, parallel: int = 1) -> Answer:
    """Say what the runs so far mean, and propose the next runs: of `parallel` commits, to make at the same time."""
    commits = asked.commits
    change = _change(asked)
    wanted = _of_ends(asked, change)
    steps = tuple(
        Step(commit, wanted - have)
        for commit, have in ((commits[0], len(_good(asked))), (commits[-1], len(_bad(asked))))
        if have < wanted
    )
    if steps:
        left = sum(step.repeats for step in steps) + _guess(len(commits) - 1, _repeats(asked, change))
        return Answer(State.RUN, commits[1:], 1.0, steps, left, change)
    assert change is not None
    if not _differ(asked, change):
        return Answer(State.NO_CHANGE, (), 1.0, (), 0, change)
    chances = probabilities(asked)
    suspects, probability = _suspects(chances, confidence)
    proposed = _proposed(asked, chances, parallel, _repeats(asked, change))
    groups = {_group(asked, index) for index in suspects}
    if len(groups) == 1 or not proposed:
        named = tuple(commits[index] for index in range(1, len(commits)) if _group(asked, index) in groups)
        return Answer(State.FOUND, named, probability, (), 0, change)
    entropy = -sum(chance * log2(chance) for chance in chances if chance > 0)
    left = max(sum(step.repeats for step in proposed), ceil(entropy * _repeats(asked, change)))
    return Answer(State.RUN, tuple(commits[index] for index in suspects), probability, proposed, left, change)


def probabilities(asked: Range) -> list[float]:
    """The probability of each commit to be the first one after the change; of the first commit it is 0.

    Both ends must have been measured.
    """
    rows = [asked.values.get(commit, ()) for commit in asked.commits]
    rows[0], rows[-1] = _good(asked), _bad(asked)
    good, bad = median(rows[0]), median(rows[-1])
    likelihoods = [-inf]
    for cut in range(1, len(rows)):
        first = [value for row in rows[:cut] for value in row]
        second = [value for row in rows[cut:] for value in row]
        levels = median(first), median(second)
        if (levels[1] - levels[0]) / (bad - good or 1.0) < _LEAST_PART:
            levels = good, bad
        likelihoods.append(_log_t(first, levels[0], asked.noise) + _log_t(second, levels[1], asked.noise))
    best = max(likelihoods)
    weights = [exp(each - best) for each in likelihoods]
    return [weight / sum(weights) for weight in weights]


def steady(values: Sequence[float], noise: float, most: int) -> tuple[float, ...]:
    """The first of these values, at most `most`, up to one that is far from their median so far.

    They are those of runs on one side of a range, the nearest first: as far as these are at the level of its end.
    """
    kept: list[float] = []
    for value in values[:most]:
        if kept and abs(value - median(kept)) > _CLEAR * noise:
            break
        kept.append(value)
    return tuple(kept)


def _good(asked: Range) -> tuple[float, ...]:
    return (*asked.before, *asked.values.get(asked.commits[0], ()))


def _bad(asked: Range) -> tuple[float, ...]:
    return (*asked.values.get(asked.commits[-1], ()), *asked.after)


def _change(asked: Range) -> float | None:
    good, bad = _good(asked), _bad(asked)
    return median(bad) - median(good) if good and bad else None


def _size(asked: Range, change: float | None) -> float:
    """The change in units of the noise, as far as it is known; at least a quarter."""
    known = asked.expected if asked.expected is not None else change
    return max(0.25, asked.least / asked.noise, abs(known) / asked.noise) if known is not None else 1.0


def _of_ends(asked: Range, change: float | None) -> int:
    """Runs that each end needs, so that the change is `_CLEAR` standard errors: n = 2 (clear x noise / change)^2."""
    if change is None:
        return LEAST_OF_ENDS
    wanted = min(MOST_OF_ENDS, max(LEAST_OF_ENDS, ceil(2 * (_CLEAR / _size(asked, change)) ** 2)))
    unsettled = not _differ(asked, change) and abs(change) >= asked.least / 2
    return min(MOST_OF_ENDS, 3 * wanted) if unsettled else wanted


def _differ(asked: Range, change: float) -> bool:
    if abs(change) < asked.least:
        return False
    error = asked.noise * sqrt(1 / len(_good(asked)) + 1 / len(_bad(asked)))
    if asked.expected is not None:
        return change / asked.expected >= _LEAST_PART and abs(change) >= error
    return abs(change) >= _CLEAR * error


def _repeats(asked: Range, change: float | None) -> int:
    """Runs of one commit at a time, so that their mean is a standard error from the middle between the two levels."""
    return min(MOST_REPEATS, max(1, ceil((2 / _size(asked, change)) ** 2)))


def _guess(candidates: int, repeats: int) -> int:
    return ceil(log2(max(1, candidates))) * repeats


def _suspects(chances: Sequence[float], confidence: float) -> tuple[list[int], float]:
    """The most probable indexes, of which one is right with this probability at least, and that probability."""
    kept: list[int] = []
    total = 0.0
    for index in sorted(range(len(chances)), key=lambda index: -chances[index]):
        kept.append(index)
        total += chances[index]
        if total >= confidence:
            break
    return sorted(kept), min(1.0, total)


def _group(asked: Range, index: int) -> int:
    """The first commit from `index` on that can be measured: changes up to there cannot be told apart."""
    last = len(asked.commits) - 1
    while index < last and asked.commits[index] in asked.broken:
        index += 1
    return index


def _proposed(asked: Range, chances: Sequence[float], parallel: int, repeats: int) -> tuple[Step, ...]:
    """The commits between the ends at which the probability is cut into equal parts; the middle one first."""
    before, total = [], 0.0
    for chance in chances:
        total += chance
        before.append(total)
    open_ = [index for index in range(1, len(chances) - 1) if asked.commits[index] not in asked.broken]
    if not open_:
        return ()
    cuts = sorted((part / (parallel + 1) for part in range(1, parallel + 1)), key=lambda cut: abs(cut - 0.5))
    chosen: dict[int, None] = {}
    for cut in cuts:
        rest = [index for index in open_ if index not in chosen]
        if rest:
            chosen[min(rest, key=lambda index: (abs(before[index] - cut), index))] = None
    return tuple(Step(asked.commits[index], repeats) for index in chosen)


def _log_t(values: Sequence[float], level: float, scale: float) -> float:
    """The logarithm of Student's t density at these values, without its constant factor."""
    half = -(_FREEDOM + 1) / 2
    return sum(half * log(1 + ((value - level) / scale) ** 2 / _FREEDOM) for value in values)
