"""Median and quantile. `statistics` has them, too, but takes longer to import than a plan takes to read."""

from collections.abc import Iterable, Sequence


def median(values: Iterable[float]) -> float:
    """Return the middle value, or the mean of the two middle values; raises `IndexError` if there is no value."""
    return _middle(sorted(values))


def _middle(ranked: Sequence[float]) -> float:
    if not ranked:
        raise IndexError("the median of nothing")
    half = len(ranked) // 2
    return ranked[half] if len(ranked) % 2 else (ranked[half - 1] + ranked[half]) / 2


def median_and_spread(values: Iterable[float], upper: float) -> tuple[float, float]:
    """Return the median, and how far above it the quantile `upper` is, of which 0.5 is the median.

    Between two values the quantile is interpolated (definition 7 of Hyndman and Fan 1996). Raises `IndexError` if there
    is no value.
    """
    ranked = sorted(values)
    middle = _middle(ranked)
    place = upper * (len(ranked) - 1)
    below = int(place)
    above = min(below + 1, len(ranked) - 1)
    quantile = ranked[below] + (place - below) * (ranked[above] - ranked[below])
    return middle, max(0.0, quantile - middle)
