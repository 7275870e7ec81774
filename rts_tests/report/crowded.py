"""A lower bound of the makespan for few units: some of them must follow one another."""

from collections.abc import Iterable
from itertools import accumulate


def crowded_s(durations_s: Iterable[float], at_once: int) -> float:
    """Seconds before which no order of these units ends, because of k * at_once + 1 units one place has k + 1.

    For each k, these are the k * at_once + 1 longest units, and the k + 1 shortest of them count: the bound L2 of
    Dell'Amico and Martello 1995, for identical parallel machines. 0 if there are no more units than places.
    """
    longest_first = sorted(durations_s, reverse=True)
    until = [0.0, *accumulate(longest_first)]
    ends = range(at_once, len(longest_first), at_once)
    return max((until[end + 1] - until[end - k] for k, end in enumerate(ends, start=1)), default=0.0)
