"""Where a series may have changed: its segmentation, by penalised least squares or by the energy of its two sides.

Both return the first index of each segment but the first. What they propose is tested by `noise`.
"""

import numpy as np

from longpole.perf.detect.common_factor import Array

SHORTEST = 3
"""Runs of a segment, at least: with fewer, one bad run is a change."""
_PENALTY = 3.0
"""The penalty of a change point, times log(n): 2 is what BIC asks for (Yao 1988); more, as the noise has long tails."""
_LARGEST_ALPHA = 0.001


def by_pelt(values: Array) -> list[int]:
    """The change points of least squared error with a penalty for each, exactly.

    `values` are in standard deviations, and without nan. PELT (Killick, Fearnhead and Eckley 2012); this is the Potts
    model, as `ruptures` solves it.
    """
    if len(values) < 2 * SHORTEST:
        return []
    from ruptures import KernelCPD

    found = KernelCPD(kernel="linear", min_size=SHORTEST).fit(values[:, None])
    return [int(each) for each in found.predict(pen=2 * _PENALTY * np.log(len(values)))[:-1]]


def by_e_divisive(values: Array) -> list[int]:
    """The change points that divide the series best, one after another, as long as Student's t-test believes them.

    E-divisive (Matteson and James 2014) finds the place where the energy distance of the two sides is largest; the
    t-test in place of their permutations is that of Fleming et al. 2023 ("Hunter"), which resolves small p-values.
    """
    found: list[int] = []
    open_ends = [(0, len(values))]
    while open_ends:
        start, end = open_ends.pop()
        at = _largest_energy(values[start:end])
        if at is not None and _t_test(values[start : start + at], values[start + at : end]) < _LARGEST_ALPHA:
            found.append(start + at)
            open_ends += [(start, start + at), (start + at, end)]
    return sorted(found)


def _largest_energy(values: Array) -> int | None:
    """The index that divides the values into two of the largest energy distance, times n m / (n + m)."""
    size = len(values)
    if size < 2 * SHORTEST:
        return None
    distances = np.abs(values[:, None] - values[None, :])
    sums = np.zeros((size + 1, size + 1))
    sums[1:, 1:] = distances.cumsum(0).cumsum(1)
    at = np.arange(SHORTEST, size - SHORTEST + 1)
    within_left = sums[at, at]
    within_right = sums[size, size] - sums[at, size] - sums[size, at] + sums[at, at]
    between = sums[at, size] - sums[at, at]
    left, right = at.astype(float), (size - at).astype(float)
    energy = 2 * between / (left * right) - within_left / (left * (left - 1)) - within_right / (right * (right - 1))
    return int(at[np.argmax(energy * left * right / size)])


def _t_test(before: Array, after: Array) -> float:
    """The p-value of Student's t-test, two-sided, with one variance; 0 for two different constants."""
    from scipy.special import stdtr

    n, m = len(before), len(after)
    variance = (np.sum((before - before.mean()) ** 2) + np.sum((after - after.mean()) ** 2)) / (n + m - 2)
    difference = abs(float(after.mean() - before.mean()))
    if variance == 0:
        return float(difference == 0)
    return float(2 * stdtr(n + m - 2, -difference / np.sqrt(variance * (1 / n + 1 / m))))
