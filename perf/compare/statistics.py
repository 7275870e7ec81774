"""The tests and intervals of a comparison. numpy and scipy are imported here, when a comparison is made."""

from collections.abc import Sequence
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy import stats

CONFIDENCE = 0.95
MAX_VALUES = 2000
"""More values of a side than these are thinned out for the interval, which is then wider than it needs to be."""
_RESAMPLES = 2000
_MAX_EXACT = 400
"""The greatest product of the numbers of values for which the p-value is exact."""
_SEED = 20260101
"""Equal values have equal intervals, in every report."""


def mann_whitney(before: Sequence[float], after: Sequence[float]) -> float:
    """The two-sided p-value of the Mann-Whitney U test (Mann and Whitney 1947): whether one side is mostly larger.

    Exact for few values without ties, else by the normal approximation with continuity and tie corrections.
    """
    different = len({*before, *after})
    if different == 1:
        return 1.0
    tied = different < len(before) + len(after)
    exact = not tied and len(before) * len(after) <= _MAX_EXACT
    result = stats.mannwhitneyu(before, after, alternative="two-sided", method="exact" if exact else "asymptotic")
    return float(min(1.0, result.pvalue))


def least_p(before: int, after: int) -> float:
    """The least p-value of Mann-Whitney for so many values of each side: all of one are beyond all of the other."""
    return min(1.0, 2 / comb(before + after, before))


def ratio_interval(before: Sequence[float], after: Sequence[float]) -> tuple[float, float]:
    """The interval of the ratio of medians, after over before: percentiles of a bootstrap of both sides (Efron 1979).

    All values must be positive.
    """
    generator = np.random.default_rng(_SEED)
    medians = [_medians(np.asarray(values, dtype=float), generator) for values in (before, after)]
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(medians[1] / medians[0], (tail, 100 - tail))
    return float(low), float(high)


def adjusted(p_values: Sequence[float]) -> list[float]:
    """The q-values of tests that are made together (Benjamini and Hochberg 1995), in the same order."""
    if not p_values:
        return []
    return [float(value) for value in stats.false_discovery_control(p_values)]


def _medians(values: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.float64]:
    if len(values) > MAX_VALUES:
        values = np.quantile(values, np.linspace(0, 1, MAX_VALUES))
    picks = generator.integers(0, len(values), (_RESAMPLES, len(values)))
    return np.median(values[picks], axis=1)
