"""The median, by which durations are summed up: `statistics` has it too, and takes longer to import than a plan."""

from collections.abc import Iterable


def median(values: Iterable[float]) -> float:
    """The middle one, or the mean of the two in the middle; raises `IndexError` when there is none."""
    ranked = sorted(values)
    if not ranked:
        raise IndexError("the median of nothing")
    half = len(ranked) // 2
    return ranked[half] if len(ranked) % 2 else (ranked[half - 1] + ranked[half]) / 2
