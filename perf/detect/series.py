"""The change points of the series of one metric on one platform: numbers in, positions out."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from longpole.perf.detect import common_factor, segments
from longpole.perf.detect.common_factor import Array, running_median
from longpole.perf.detect.noise import Noise, p_of_shift

_BELIEVABLE = 1e-3
"""The p-value above which a proposed change point is dropped, and its segments are one, before all are tested."""
_PASSES = 2
_NEIGHBOURS = 5
"""Runs whose median says what an outlier is one of: a segment of three is none."""
_CUT = 4.0
"""Standard deviations beyond which an outlier tells the segmentation nothing more."""


class Method(StrEnum):
    """How the series are cut into segments."""

    PELT = "pelt"
    E_DIVISIVE = "e-divisive"


@dataclass(frozen=True, slots=True)
class Step:
    """A change of one column before row `at`: the difference of logarithms, its p-value and the deviation of the noise.

    `start` and `end` are the rows of its two segments.
    """

    column: int
    start: int
    at: int
    end: int
    shift: float
    p_value: float
    scale: float


def adjusted(logs: Array, reference: Array | None = None) -> tuple[Array, Array]:
    """`logs`, a row a run, without the runs' common factor, and that factor.

    What a run deviates from are the levels of each benchmark, which are only known when the factor has been divided
    out; so both are found in turns, at first with one level for each benchmark.
    """
    levels = np.broadcast_to(common_factor.median(logs, 0), logs.shape)
    for _ in range(_PASSES):
        levels = _levels(common_factor.without_common_factor(logs, reference, levels, predict=False))
    return common_factor.without_common_factor(logs, reference, levels), common_factor.median(logs - levels, 1)


def steps(values: Array, method: Method = Method.PELT) -> list[Step]:
    """The believable changes of each column of `values`, logarithms without common factor, nan where not measured."""
    return [step for column in range(values.shape[1]) for step in _steps_of(values[:, column], column, method)]


def _steps_of(values: Array, column: int, method: Method) -> list[Step]:
    rows = np.flatnonzero(~np.isnan(values))
    known = values[rows]
    if len(known) < 2 * segments.SHORTEST:
        return []
    noise = Noise.of(known)
    cut: dict[Method, Callable[[Array], list[int]]] = {
        Method.PELT: segments.by_pelt,
        Method.E_DIVISIVE: segments.by_e_divisive,
    }
    proposed = cut[method](_without_outliers(known, noise))
    return [
        Step(column, int(rows[start]), int(rows[at]), int(rows[end - 1]) + 1, shift, p_value, noise.scale)
        for start, at, end, shift, p_value in _believable(known, noise, proposed)
    ]


def _believable(values: Array, noise: Noise, proposed: list[int]) -> list[tuple[int, int, int, float, float]]:
    """The proposed change points, without the least likely one until all that remain are believable."""
    ends = [0, *proposed, len(values)]
    while True:
        triples = list(zip(ends, ends[1:], ends[2:], strict=False))
        tested = [(*each, *p_of_shift(values, noise, *each)) for each in triples]
        worst = max(range(len(tested)), key=lambda number: tested[number][4], default=None)
        if worst is None or tested[worst][4] < _BELIEVABLE:
            return tested
        del ends[worst + 1]


def _without_outliers(values: Array, noise: Noise) -> Array:
    """The values in standard deviations, those far from their neighbours pulled near."""
    near = running_median(values[:, None], _NEIGHBOURS)[:, 0]
    far = np.clip(values - near, -_CUT * noise.scale, _CUT * noise.scale)
    scaled: Array = (near + far - near[0]) / noise.scale
    return scaled


def _levels(values: Array) -> Array:
    """The median of the segment that each value is in."""
    levels = np.broadcast_to(common_factor.median(values, 0), values.shape).copy()
    for column in range(values.shape[1]):
        found = _steps_of(values[:, column], column, Method.PELT)
        ends = [0, *(step.at for step in found), len(values)] if found else []
        for start, end in pairwise(ends):
            levels[start:end, column] = np.nanmedian(values[start:end, column])
    return levels
