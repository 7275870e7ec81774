"""Sides of comparisons for tests: runs whose values are drawn from a seeded generator."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random

from longpole.perf.compare.sides import Side
from longpole.perf.model import Benchmark, Failure, Metric, Result

FIRST, SECOND = "a" * 40, "b" * 40
NAMES = tuple(f"bench-{number}" for number in range(16))
START = datetime(2026, 5, 1, tzinfo=UTC)


def run_of(
    levels: Mapping[str, float],
    seed: int,
    *,
    commit: str = FIRST,
    samples: int = 0,
    mood: float = 0.0,
    noise: float = 0.01,
    platform: str = "x86_64-linux",
    reference: bool = False,
    at: int = 0,
    failures: tuple[str, ...] = (),
) -> Result:
    """A run: seconds of each benchmark, times a mood of the run and the noise of each value, both log-normal.

    With `samples`, so many raw samples are kept, which share what is particular to the run; without, only the mean.
    """
    random = Random(seed)
    common = random.lognormvariate(0, mood) if mood else 1.0

    def metric(level: float) -> Metric:
        own = level * common * random.lognormvariate(0, noise)
        if not samples:
            return Metric("s", own, own * 0.001, 10)
        return Metric.of("s", tuple(own * random.lognormvariate(0, noise) for _ in range(samples)))

    return Result(
        platform,
        commit,
        START + timedelta(minutes=at),
        tuple(Benchmark(name, {"time": metric(level)}) for name, level in levels.items()),
        tuple(Failure(name) for name in failures),
        machine={"reference": "1"} if reference else {},
        reference=Metric("s", 0.1 * common) if reference else None,
    )


def side(name: str, *runs: Result) -> Side:
    """A side with these runs."""
    return Side(name, runs)


def levels(**changed: float) -> dict[str, float]:
    """All benchmarks at 10 ms, but those that are given as factors of that, such as `bench_3=1.2`."""
    return {name: 0.01 * changed.get(name.replace("-", "_"), 1.0) for name in NAMES}
