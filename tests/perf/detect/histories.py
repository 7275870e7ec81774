"""Made-up histories: benchmarks on shared machines, whose noise is known."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from longpole.perf.commits import Commit, Commits
from longpole.perf.files import write
from longpole.perf.index import Index
from longpole.perf.model import Benchmark, Metric, Result
from longpole.perf.sources import FolderSource

Array = NDArray[np.float64]
START = datetime(2026, 4, 20, tzinfo=UTC)


def shared_machine(runs: int, benchmarks: int, seed: int = 1, *, noise: float = 0.01) -> Array:
    """Logarithms of times of the same code: moods of runs, of which some are of a faster model; outliers."""
    random = np.random.default_rng(seed)
    mood = 0.02 * random.standard_normal(runs) - 0.2 * (random.random(runs) < 0.1)
    outliers = 0.3 * (random.random((runs, benchmarks)) < 0.003)
    return np.asarray(mood[:, None] + noise * random.standard_normal((runs, benchmarks)) + outliers, dtype=np.float64)


def sha(number: int) -> str:
    return f"{number:040x}"


def commits(count: int) -> Commits:
    return Commits(tuple(Commit(sha(number), START + timedelta(hours=number)) for number in range(count)), "test")


def index_of(
    folder: Path, logs: Array, of_commit: list[int], *, unit: str = "s", reference: Array | None = None
) -> Index:
    """An index of a result for each row; `of_commit` are the numbers of their commits."""
    for row, values in enumerate(np.exp(logs)):
        benchmarks = tuple(
            Benchmark(f"b{column}", {"time": Metric.of(unit, (float(value),))})  # type: ignore[arg-type]
            for column, value in enumerate(values)
        )
        mood = None if reference is None else Metric.of("s", (float(np.exp(reference[row])),))
        at = START + timedelta(hours=row)
        machine = {} if mood is None else {"reference": "1, CPython 3.11"}
        write(
            Result("linux", sha(of_commit[row]), at, benchmarks, machine=machine, reference=mood),
            str(folder / "results"),
        )
    return Index.open(FolderSource(str(folder / "results")), folder / "state")
