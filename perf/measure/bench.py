"""What a `bench.yaml` describes: commands to execute, how often, and what is measured of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Command:
    """A program and its arguments, its folder and whole environment, and the exit statuses that are no failure."""

    argv: tuple[str, ...]
    cwd: str
    environ: Mapping[str, str] = field(repr=False)
    statuses: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One benchmark: `run` is what is measured, every other command is not.

    `setup` is executed once before, `cleanup` once after all; `prepare` before and `conclude` after each execution.
    `warmup` and `rounds` are numbers of executions; `timeout_s` is for each command. `output` are paths whose size is
    measured after each execution. With `metrics`, standard output is JSON with the benchmark's own metrics. `records`
    is the state directory of a suite of which each execution makes a run: its records are metrics, too.
    """

    name: str
    run: Command
    setup: Command | None
    prepare: Command | None
    conclude: Command | None
    cleanup: Command | None
    warmup: int
    rounds: int
    timeout_s: float
    output: tuple[str, ...]
    metrics: bool
    records: str | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    """The benchmarks of a file, in its order, and whether the reference workload is executed beside them."""

    benchmarks: tuple[Benchmark, ...]
    reference: bool
