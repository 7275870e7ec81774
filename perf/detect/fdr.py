"""Many tests at once: which of them to believe."""

from collections.abc import Sequence


def q_values(p_values: Sequence[float], tests: int) -> list[float]:
    """The least false discovery rate at which each p-value is a discovery, in their order.

    Benjamini and Hochberg 1995, among `tests` tests, of which those without a p-value here found nothing.
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__, reverse=True)
    found = [1.0] * len(p_values)
    least = 1.0
    for rank, position in zip(range(len(p_values), 0, -1), order, strict=True):
        least = min(least, p_values[position] * tests / rank)
        found[position] = least
    return found
