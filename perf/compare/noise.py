"""What runs of one commit differ by: the noise of a series, learnt from the commits that were measured more than once.

Two successive runs of one commit are a pair. Their ratio should be 1, so what it is instead is noise: of the machine,
its neighbours, the layout of memory. As in a comparison, the common factor of the two runs is divided out: that of the
reference workload if both have the same one, else that of the other benchmarks.

This is what a comparison of two runs needs to know. `perf.detect.calibrate` asks another question of the same runs: how
small a change of several runs, behind a level that many say, is still found.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longpole.perf.compare.mood import LEAST_OTHERS, MOST_SINGLE
from longpole.perf.index import Table

LEAST_PAIRS = 20
"""Of fewer pairs a quantile says too little."""
RARE = 0.05
"""The part of pairs of runs in which some benchmark differs by more than its threshold; all have an equal share."""
_RARE_MOOD = 0.01
LEAST_THRESHOLD = 0.01
_NORMAL = 1.4826
"""The standard deviation of normal values over their median absolute deviation."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PairNoise:
    """The noise of one series, from so many pairs.

    `deviation` is the standard deviation of one run, of its logarithm. `threshold` is the relative change that hardly a
    pair exceeds, at least 0.01; None of too few pairs.
    """

    pairs: int
    deviation: float
    threshold: float | None


def noise(table: Table, *, divide: bool) -> Mapping[str, PairNoise]:
    """The noise of each benchmark of a table of one metric that has a pair; `divide` divides the common factor out."""
    ratios, common = _ratios(table)
    if divide:
        ratios = ratios - common
    return {
        name: _noise_of(column[np.isfinite(column)], len(table.benchmarks))
        for name, column in zip(table.benchmarks, ratios.T, strict=True)
        if np.isfinite(column).any()
    }


def mood_limit(table: Table) -> float | None:
    """The relative change of all benchmarks in common that one of a hundred pairs exceeds; None of too few pairs."""
    ratios, _ = _ratios(table)
    known = np.isfinite(ratios)
    rows = ratios[known.sum(axis=1) > LEAST_OTHERS]
    if len(rows) < LEAST_PAIRS:
        return None
    return float(np.expm1(np.quantile(np.abs(np.nanmedian(rows, axis=1)), 1 - _RARE_MOOD)))


def _ratios(table: Table) -> tuple[Matrix, Matrix]:
    """The logarithm of the ratio of each pair and benchmark, and that of the common factor to divide it by."""
    runs: dict[str, list[int]] = {}
    for row, run in enumerate(table.runs):
        runs.setdefault(run.commit, []).append(row)
    pairs = [(rows[index], rows[index + 1]) for rows in runs.values() for index in range(len(rows) - 1)]
    if not pairs:
        empty = np.empty((0, len(table.benchmarks)))
        return empty, empty
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log(np.array(table.means, dtype=float))
    logs[~np.isfinite(logs)] = np.nan
    first, second = (np.array(column) for column in zip(*pairs, strict=True))
    ratios = logs[second] - logs[first]
    references = np.array([run.reference_mean or np.nan for run in table.runs], dtype=float)
    kinds = [run.machine.get("reference") for run in table.runs]
    is_same = np.array([kinds[before] == kinds[after] for before, after in pairs])
    own = np.where(is_same, np.log(references[second]) - np.log(references[first]), np.nan)
    return ratios, np.where(np.isfinite(own)[:, None], own[:, None], _common(ratios))


def _common(ratios: Matrix) -> Matrix:
    """For each pair and benchmark: the median of the other benchmarks' log ratios; 0 where there are too few others."""
    known = np.isfinite(ratios)
    many = known.sum(axis=1, keepdims=True) > LEAST_OTHERS
    filled = np.where(many, ratios, 0.0)
    if ratios.shape[1] > MOST_SINGLE:
        return np.broadcast_to(np.nanmedian(filled, axis=1, keepdims=True), ratios.shape)
    if ratios.shape[1] <= LEAST_OTHERS:
        return np.zeros_like(ratios)
    others = [np.nanmedian(np.delete(filled, each, axis=1), axis=1) for each in range(ratios.shape[1])]
    return np.stack(others, axis=1)


def _noise_of(ratios: NDArray[np.float64], benchmarks: int) -> PairNoise:
    deviation = float(_NORMAL * np.median(np.abs(ratios)) / np.sqrt(2))
    threshold = None
    if len(ratios) >= LEAST_PAIRS:
        threshold = max(LEAST_THRESHOLD, float(np.expm1(np.quantile(np.abs(ratios), 1 - RARE / benchmarks))))
    return PairNoise(len(ratios), deviation, threshold)
