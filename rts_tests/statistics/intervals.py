"""How sure a median of few measurements is."""

import random
from collections.abc import Callable, Sequence

from longpole.rts_tests.contracts.median import median, quantile

RESAMPLES = 2000
CONFIDENCE = 0.95

Interval = tuple[float, float]
"""The lower and the upper end."""


def median_interval(values: Sequence[float], chance: random.Random) -> Interval:
    """Return the interval that holds the median of what was measured, with 95 % confidence, by the bootstrap.

    It is the percentile method of Efron 1979: the medians of `RESAMPLES` samples drawn from `values` with replacement,
    without the highest and lowest 2.5 % of them. Raises `IndexError` without a value.
    """
    return _percentiles(lambda: _resampled_median(values, chance))


def ratio_interval(above: Sequence[float], below: Sequence[float], chance: random.Random) -> Interval:
    """Return the interval that holds median(`above`) / median(`below`), as `median_interval`; values are positive."""
    return _percentiles(lambda: _resampled_median(above, chance) / _resampled_median(below, chance))


def _resampled_median(values: Sequence[float], chance: random.Random) -> float:
    return median(chance.choices(values, k=len(values)))


def _percentiles(draw: Callable[[], float]) -> Interval:
    drawn = [draw() for _ in range(RESAMPLES)]
    outside = (1 - CONFIDENCE) / 2
    return quantile(drawn, outside), quantile(drawn, 1 - outside)
