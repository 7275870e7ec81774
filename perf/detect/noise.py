"""How a series varies between runs of the same code, and how likely a shift of several runs is by that alone.

The deviation within a run says nothing of that between runs, so the latter is taken from the runs themselves. It has
long tails (a neighbour on the machine) and modes (models of machine), so no normal distribution is assumed: the chance
that a run lies at least x above the level is counted, and mixed with Student's t as prior where nothing was counted
(the posterior mean of a Dirichlet process, Ferguson 1973). Runs deviate independently of each other, as runs of the
same commit say, so the median of k runs lies that far above with the chance that the majority of them does: a binomial
tail (David and Nagaraja 2003, section 2.1).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from longpole.perf.detect.common_factor import Array, robust_deviation, running_median

_FEW = 5
"""A segment of so few runs is tested by its least shift, too, which tells more where outliers are many."""
_IMPATIENCE = 20.0
"""How much less likely such a segment has to be if other runs followed it: two bad days are a matter of time."""
_DEGREES = 3.0
"""Degrees of freedom of the prior: tails as long as those of shared machines."""
_PRIOR_RUNS = 10.0
"""How many runs the prior counts for."""
LEAST_DEVIATION = 2e-4
"""The least standard deviation, as logarithm, of series that never vary, such as the size of a file."""


@dataclass(frozen=True, eq=False)
class Noise:
    """The deviations of each run of a series from the level around it, as logarithms; nan where it was not measured."""

    deviations: Array

    @classmethod
    def of(cls, values: Array) -> "Noise":
        """The noise of a series: how it deviates from its running median, which follows what lasts."""
        return cls(values - running_median(values[:, None])[:, 0])

    @cached_property
    def scale(self) -> float:
        """The robust standard deviation between runs."""
        known = self.deviations[~np.isnan(self.deviations)]
        return max(float(robust_deviation(known[:, None])[0]), LEAST_DEVIATION) if len(known) else LEAST_DEVIATION

    def chance_of_one(self, size: float, start: int, end: int) -> float:
        """The chance that one run deviates by `size` or more, to its side. The runs from `start` to `end` are left out.

        They are the ones that are tested: they may not vouch for themselves.
        """
        from scipy.special import stdtr

        others = np.concatenate((self.deviations[:start], self.deviations[end:]))
        others = others[~np.isnan(others)]
        beyond = np.count_nonzero(others >= size if size > 0 else others <= size)
        prior = float(stdtr(_DEGREES, -abs(size) / self.scale))
        return float((beyond + _PRIOR_RUNS * prior) / (len(others) + _PRIOR_RUNS))


def p_of_shift(values: Array, noise: Noise, start: int, at: int, end: int) -> tuple[float, float]:
    """The shift at `at` between the segments from `start` and up to `end`, and its p-value, two-sided.

    The shift is the difference of their medians. The longer segment says what the level is; the other's median is
    tested against it, after the level's own standard error has been taken off.
    """
    before, after = values[start:at], values[at:end]
    shift = float(np.median(after) - np.median(before))
    small, (first, last) = (after, (at, end)) if len(after) <= len(before) else (before, (start, at))
    error = 1.2533 * noise.scale / np.sqrt(max(len(before), len(after)))
    margin = max(abs(shift) - error, 0.0)
    if margin == 0:
        return shift, 1.0
    sign = 1.0 if (shift > 0) == (small is after) else -1.0
    chance = _majority(len(small), noise.chance_of_one(sign * margin, first, last))
    if len(small) <= _FEW:
        level = np.median(before if small is after else after)
        nearest = float(np.min(sign * (small - level))) - error
        if nearest > 0:
            chance = 2 * min(chance, noise.chance_of_one(sign * nearest, first, last) ** len(small))
    if len(small) <= _FEW and end < len(values):
        chance *= _IMPATIENCE
    return shift, min(1.0, 2 * chance)


def _majority(runs: int, one: float) -> float:
    """The chance that the median of `runs` values is as far out as each is with the chance `one`."""
    from scipy.special import bdtrc

    return float(bdtrc((runs + 1) // 2 - 1, runs, one))


_TYPICAL_SEGMENT = 30
"""Runs before an injected change, which say the level that it is tested against."""


def p_of_medians(windows: Array, noise: Noise) -> Array:
    """The p-value of each window, a row, of deviations from a level that 30 runs say; as `p_of_shift` at the end.

    Only shifts upwards count; others have 1.
    """
    from scipy.special import bdtrc, stdtr

    runs = windows.shape[1]
    error = 1.2533 * noise.scale / np.sqrt(_TYPICAL_SEGMENT)
    ordered = np.sort(noise.deviations[~np.isnan(noise.deviations)])

    def chance(sizes: Array) -> Array:
        sizes = np.maximum(sizes - error, 0.0)
        beyond = len(ordered) - np.searchsorted(ordered, sizes, "left")
        prior = stdtr(_DEGREES, -sizes / noise.scale)
        found: Array = (beyond + _PRIOR_RUNS * prior) / (len(ordered) + _PRIOR_RUNS)
        return np.where(sizes > 0, found, 1.0)

    p_values: Array = bdtrc((runs + 1) // 2 - 1, runs, chance(np.median(windows, axis=1)))
    if runs <= _FEW:
        p_values = 2 * np.minimum(p_values, chance(np.min(windows, axis=1)) ** runs)
    return np.minimum(2 * p_values, 1.0)
