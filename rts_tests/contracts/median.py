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


def quantile(values: Iterable[float], share: float) -> float:
    """Return the value that a `share` of `values` does not exceed: 0.5 for the median, 1 for the maximum.

    Between two values it is interpolated (definition 7 of Hyndman and Fan 1996). Raises `IndexError` if there is no
    value.
    """
    return _quantile(sorted(values), share)


def _quantile(ranked: Sequence[float], share: float) -> float:
    place = share * (len(ranked) - 1)
    below = int(place)
    above = min(below + 1, len(ranked) - 1)
    return ranked[below] + (place - below) * (ranked[above] - ranked[below])


def median_and_spread(values: Iterable[float], upper: float) -> tuple[float, float]:
    """Return the median, and how far above it the quantile `upper` is, of which 0.5 is the median.

    Raises `IndexError` if there is no value.
    """
    ranked = sorted(values)
    middle = _middle(ranked)
    return middle, max(0.0, _quantile(ranked, upper) - middle)
