"""The common factor of a run: how much slower or faster than usual its machine was, the same for all benchmarks.

Shared machines differ from run to run: another model, a neighbour. Such a mood lasts for one run and moves all
benchmarks, though not all by the same ratio: another model of processor speeds some up more than others. A change of
the code lasts, and most often moves a few. So:

1. The deviation of each benchmark from its level, which is that of its segment as far as its segments are known.
2. The mood of a run, for each benchmark: the median deviation of all others. One that changes does not move it.
3. How a benchmark deviates from that mood is predicted from how the others do, by ridge regression (Hoerl and Kennard
   1970), whose inputs are cut off at a few deviations so that a step in one benchmark moves no other much.

Where a reference workload was measured, its deviation from its own median is the mood of the run instead.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]

WINDOW = 21
"""Runs around a run that its deviation is of. A change that lasts for half of them is not part of the deviation."""
_FEWEST_OTHERS = 4
"""Benchmarks beside one, at least, for a mood: the median of fewer is moved by any one of them."""
_FEWEST_RUNS_PER_WEIGHT = 0.5
_RIDGE, _RIDGE_OF_FEW = 0.02, 1.5
"""The penalty in units of the benchmarks' variance: at least, and times the number of benchmarks over that of runs."""
_CUT = 3.0
"""The largest deviation of a benchmark that is believed to be the machine's, in robust standard deviations."""
_LEAST_DEVIATION = 1e-9


def running_median(values: Array, width: int = WINDOW) -> Array:
    """The median of the `width` rows around each row, column by column; at both ends, of the first and last of them.

    Values that are not known (nan) count for nothing.
    """
    if len(values) <= width:
        return np.repeat(median(values, 0)[None], len(values), axis=0)
    windows = np.lib.stride_tricks.sliding_window_view(values, width, axis=0)
    middle = median(windows, -1)
    before = width // 2
    return np.concatenate((np.repeat(middle[:1], before, 0), middle, np.repeat(middle[-1:], before, 0)))


def without_common_factor(
    logs: Array, reference: Array | None = None, levels: Array | None = None, *, predict: bool = True
) -> Array:
    """`logs`, a row a run and a column a benchmark, without each run's common factor.

    `logs` are natural logarithms, nan where a benchmark was not measured; so is `reference`, a run's mood where a
    reference workload says it. `levels`, of the same shape, are what the runs deviate from; by default the running
    medians. With fewer than five benchmarks, the reference is all that can be divided out.
    """
    known = np.full(len(logs), np.nan) if reference is None else reference
    deviations = logs - (running_median(logs) if levels is None else levels)
    moods = _moods(deviations)
    moods = np.where(np.isnan(known)[:, None], moods, known[:, None])
    rest = deviations - moods
    return logs - moods - _predicted(rest) if predict else logs - moods


def reference_moods(means: Array, kinds: list[str | None]) -> Array:
    """The logarithm of each run's reference workload, over the median of those of its kind; nan where there is none.

    Another kind, such as another version of the interpreter that runs it, takes another time.
    """
    logs = np.log(np.where(means > 0, means, np.nan))
    moods = np.full(len(logs), np.nan)
    for kind in set(kinds):
        rows = np.array([each == kind for each in kinds]) & ~np.isnan(logs)
        if rows.any():
            moods[rows] = logs[rows] - np.median(logs[rows])
    return moods


def robust_deviation(values: Array) -> Array:
    """The standard deviation of each column's middle: 1.4826 times the median absolute value (Hampel 1974)."""
    return 1.4826 * median(np.abs(values), 0)


def median(values: Array, axis: int) -> Array:
    """The median of what is known along an axis; nan where nothing is. `nanmedian` is slow and warns of the latter."""
    ordered = np.sort(values, axis=axis)
    count = np.sum(~np.isnan(values), axis=axis, keepdims=True)
    low = np.take_along_axis(ordered, np.maximum(count - 1, 0) // 2, axis)
    high = np.take_along_axis(ordered, np.minimum(count // 2, values.shape[axis] - 1), axis)
    middle: Array = np.squeeze((low + high) / 2, axis)
    return middle


def _moods(deviations: Array) -> Array:
    """For each benchmark, the median deviation of all others in the same run; 0 where these are too few."""
    benchmarks = deviations.shape[1]
    moods = np.zeros_like(deviations)
    for column in range(benchmarks):
        others = np.delete(deviations, column, axis=1)
        enough = np.sum(~np.isnan(others), axis=1) >= _FEWEST_OTHERS
        moods[enough, column] = median(others[enough], 1)
    return moods


def _predicted(rest: Array) -> Array:
    """What the others' deviations from the mood say of each benchmark's own; 0 where there are too few runs to tell."""
    benchmarks = rest.shape[1]
    known = np.where(np.isnan(rest), 0.0, rest)
    if benchmarks <= _FEWEST_OTHERS or len(rest) < _FEWEST_RUNS_PER_WEIGHT * benchmarks:
        return np.zeros_like(rest)
    scale = np.maximum(robust_deviation(known), _LEAST_DEVIATION)
    cut = np.clip(known / scale, -_CUT, _CUT)
    products = cut.T @ cut / len(cut)
    penalty = _RIDGE + _RIDGE_OF_FEW * benchmarks / len(cut)
    predicted = np.zeros_like(rest)
    for column in range(benchmarks):
        others = np.delete(np.arange(benchmarks), column)
        inner = products[np.ix_(others, others)] + penalty * np.eye(len(others))
        weights = np.linalg.solve(inner, products[others, column])
        predicted[:, column] = scale[column] * (cut[:, others] @ weights)
    return predicted
