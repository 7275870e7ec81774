"""`perf-detect`: false changes, injected steps that are found, and the time it takes, by three ways of detection.

The history is made up, of shared machines like those of a public CI: moods of runs, models of machine, outliers.
`PERF_RESULTS=DIR` names a folder of result files to measure on instead. Steps of 10 % are injected into one benchmark,
in the middle of runs of one commit; detection sees the runs up to three after the step, and has found it if it reports
an increase within one run of it. False changes are those between runs of one commit, where nothing is injected.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.budgets import DETECT_S
from bench.measure import CannotMeasure, Conditions
from bench.result import Figure, Result
from longpole.perf.detect import segments
from longpole.perf.detect.common_factor import Array
from longpole.perf.detect.detect import FALSE_DISCOVERIES, LEAST_DEVIATIONS
from longpole.perf.detect.fdr import q_values
from longpole.perf.detect.series import adjusted, steps
from longpole.perf.index import Index
from longpole.perf.sources import FolderSource

RUNS, BENCHMARKS, PLATFORMS = 1_000, 16, 3
INJECTIONS, QUICK_INJECTIONS = 200, 16
_STEP = float(np.log(1.1))
_FIRST = 40
"""Runs before an injected step, at least."""
Found = list[tuple[int, int, float]]
"""Column, row and shift of each change."""


def measure(conditions: Conditions) -> Result:
    """Measure each way on each platform, and return what was found. Raises `CannotMeasure`."""
    folder = os.environ.get("PERF_RESULTS")
    platforms = _made_up() if folder is None else _read(Path(folder), conditions.scratch)
    ways: dict[str, Callable[[Array], Found]] = {
        "longpole": _longpole,
        "E-divisive, factor divided out": _e_divisive,
        "E-divisive, common factor left in": lambda logs: _e_divisive(logs, raw=True),
    }
    count = QUICK_INJECTIONS if conditions.quick else INJECTIONS
    figures = []
    _longpole(next(iter(platforms.values()))[0][:50])  # the libraries are loaded
    started = time.perf_counter()
    for logs, _ in platforms.values():
        _longpole(logs)
    figures.append(Figure(_size(platforms), (time.perf_counter() - started,), "s", DETECT_S))
    for platform, (logs, commits) in platforms.items():
        for way, detect in ways.items():
            conditions.say(f"{platform}: {way}")
            boundaries = set((np.flatnonzero(commits[1:] != commits[:-1]) + 1).tolist())
            false = [at for _, at, _ in detect(logs) if not {at - 1, at, at + 1} & boundaries]
            share = 1000 * len(false) / np.count_nonzero(~np.isnan(logs))
            figures.append(Figure(f"{platform}: false changes in 1,000 points, {way}", (share,), ""))
            figures.append(
                Figure(f"{platform}: steps found, {way}", (100 * _power(logs, commits, detect, count),), "%")
            )
    return Result("perf-detect", (), tuple(figures), (), (f"{count} steps of 10 % a platform, 3 runs after each",))


def _longpole(logs: Array) -> Found:
    found = steps(adjusted(logs)[0])
    tests = max(1, int(np.count_nonzero(~np.isnan(logs))) // segments.SHORTEST)
    q_of = q_values([step.p_value for step in found], tests)
    return [
        (step.column, step.at, step.shift)
        for step, q in zip(found, q_of, strict=True)
        if q <= FALSE_DISCOVERIES and abs(step.shift) >= LEAST_DEVIATIONS * step.scale
    ]


def _e_divisive(logs: Array, *, raw: bool = False) -> Found:
    values = logs if raw else adjusted(logs)[0]
    found: Found = []
    for column in range(values.shape[1]):
        rows = np.flatnonzero(~np.isnan(values[:, column]))
        known = values[rows, column]
        for at in segments.by_e_divisive(known):
            shift = float(np.median(known[at : at + 3]) - np.median(known[max(0, at - 3) : at]))
            found.append((column, int(rows[at]), shift))
    return found


def _power(logs: Array, commits: np.ndarray, detect: Callable[[Array], Found], count: int) -> float:
    """The share of injected steps that are found by the three runs after them."""
    random = np.random.default_rng(12)
    places = [at for at in range(_FIRST, len(logs) - 2) if len(set(commits[at - 3 : at + 3])) == 1]
    if not places:
        raise CannotMeasure("no six consecutive runs of one commit in these results")
    hits = 0
    for number in range(count):
        at, column = int(random.choice(places)), number % logs.shape[1]
        seen = logs[: at + 3].copy()
        seen[at:, column] += _STEP
        hits += any(each == column and abs(row - at) <= 1 and shift > 0 for each, row, shift in detect(seen))
    return hits / count


def _made_up() -> dict[str, tuple[Array, np.ndarray]]:
    """Three platforms: noise of 1 and 2 %, models of machine that differ by 20 % for 10 % of the runs, outliers."""
    made = {}
    for number in range(PLATFORMS):
        random = np.random.default_rng(number)
        faster = (random.random(RUNS) < 0.1)[:, None] * -np.abs(random.normal(0.2, 0.05, BENCHMARKS))
        mood = 0.02 * random.standard_normal((RUNS, 1))
        own = 0.01 * (1 + number / 2) * random.standard_normal((RUNS, BENCHMARKS))
        outliers = 0.3 * (random.random((RUNS, BENCHMARKS)) < 0.003)
        levels = np.zeros((RUNS, BENCHMARKS))
        for column in range(BENCHMARKS):
            for at in random.integers(50, RUNS, 2):
                levels[20 * (at // 20) :, column] += random.choice([-0.1, 0.1])
        made[f"linux-{number + 1}"] = (levels + faster + mood + own + outliers, np.arange(RUNS) // 20)
    return made


def _read(folder: Path, scratch: Path) -> dict[str, tuple[Array, np.ndarray]]:
    index = Index.open(FolderSource(str(folder)), scratch / "perf-detect")
    found = {}
    for platform in index.platforms():
        table = index.table(platform, "time")
        means = np.array(table.means, dtype=np.float64)
        found[platform] = (np.log(np.where(means > 0, means, np.nan)), np.array([run.commit for run in table.runs]))
    if not found:
        raise CannotMeasure(f"no result in {folder}")
    return found


def _size(platforms: dict[str, tuple[Array, np.ndarray]]) -> str:
    runs = max(len(logs) for logs, _ in platforms.values())
    benchmarks = max(logs.shape[1] for logs, _ in platforms.values())
    return f"change points of {runs:,} runs, {benchmarks} benchmarks, {len(platforms)} platforms"
