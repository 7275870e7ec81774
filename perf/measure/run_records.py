"""The run of a suite that a benchmark made: what each unit took in it."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from longpole.perf.from_run import measured
from longpole.perf.importers.metrics import name_of
from longpole.perf.model import Benchmark, Metric
from longpole.rts_tests.contracts.records import read_run_info

_ANY_COMMIT = "0" * 40
"""For a run that knows no commit: which one it was, the result of all benchmarks says."""


def runs_in(state: str) -> frozenset[str]:
    """The names of the runs in a state directory; none if there is no such folder."""
    try:
        return frozenset(os.listdir(os.path.join(state, "runs")))
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()


def benchmarks_of_new_run(state: str, before: frozenset[str]) -> tuple[Benchmark, ...]:
    """What was measured in the newest run that is not one of `before`; see `from_run`.

    Raises `ValueError` if there is none, and `UseError` if it cannot be read.
    """
    new = runs_in(state) - before
    if not new:
        raise ValueError(f"no new run in {state}")
    run = Path(state, "runs", max(new))  # a name begins with the time
    known = read_run_info(run).commit is not None
    made = measured(run, platform="any", commit=None if known else _ANY_COMMIT, tool="")
    return made.result.benchmarks


@dataclass(slots=True)
class Collected:
    """The samples of several runs, by benchmark and metric."""

    metrics: dict[str, dict[str, list[Metric]]] = field(default_factory=dict)

    def add(self, benchmarks: tuple[Benchmark, ...]) -> None:
        """Add what was measured in one run."""
        for benchmark in benchmarks:
            for name, metric in benchmark.metrics.items():
                self.metrics.setdefault(benchmark.name, {}).setdefault(name, []).append(metric)

    def benchmarks(self, name: str) -> tuple[Benchmark, ...]:
        """Benchmarks named `NAME: suite` and `NAME: unit ID`, with a sample for each run that has one."""
        return tuple(
            Benchmark(name_of(f"{name}: {inner}"), {metric: _joined(each) for metric, each in metrics.items()})
            for inner, metrics in self.metrics.items()
        )


def _joined(metrics: list[Metric]) -> Metric:
    """One metric of several runs; the mean of each is a sample."""
    last = metrics[-1]
    return Metric.of(last.unit, tuple(each.mean for each in metrics), lower_is_better=last.lower_is_better)
