"""The median. `statistics` has one, too, but takes longer to import than a plan takes to read."""

from collections.abc import Iterable


def median(values: Iterable[float]) -> float:
    """Return the middle value, or the mean of the two middle values; raises `IndexError` if there is no value."""
    ranked = sorted(values)
    if not ranked:
        raise IndexError("the median of nothing")
    half = len(ranked) // 2
    return ranked[half] if len(ranked) % 2 else (ranked[half - 1] + ranked[half]) / 2
