"""`perf-index`: the index of 10,000 results on a branch: made, brought up to date, asked; and the branch compacted."""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bench import budgets
from bench.measure import Conditions
from bench.result import Figure, Result
from longpole.perf import model
from longpole.perf.branch import Patience, destination
from longpole.perf.branch_source import BranchSource
from longpole.perf.compact import compact
from longpole.perf.files import place_of, to_bytes
from longpole.perf.index import Index

RESULTS = 10_000
QUICK = 300
NEW = 3
PLATFORMS = ("aarch64-linux", "x86-64-linux", "x86-64-darwin")
BENCHMARKS = tuple(
    f"{name}@{level}" for name in ("small", "deep", "wide", "structs") for level in ("O0", "O1", "O2", "O3")
)
PASSES = ("lex", "parse", "resolve", "check", "lower", "optimise", "allocate", "emit", "link")
METRICS = ("time", "cold", "memory", "size", "runtime", "mean", *(f"pass:{name}" for name in PASSES))
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
QUESTIONS: tuple[tuple[str, Callable[[Index], object]], ...] = (
    ("all runs", lambda index: index.runs()),
    ("a series", lambda index: index.points(PLATFORMS[0], BENCHMARKS[0], "time")),
    ("a metric of a platform", lambda index: index.table(PLATFORMS[0], "time")),
    ("names", lambda index: (index.platforms(), index.benchmarks(), index.metrics(PLATFORMS[0], BENCHMARKS[0]))),
    ("counts, skips, failures", lambda index: (index.summary(), index.skips(), index.failures(), index.unreadable())),
)


def result(number: int, chance: random.Random) -> model.Result:
    """A result of 16 benchmarks with 15 metrics each: means with their deviations, no samples."""
    speed = chance.lognormvariate(0, 0.05)
    benchmarks = []
    for place, name in enumerate(BENCHMARKS, 1):
        metrics = {
            metric: model.Metric(
                "s", round(place * speed * chance.lognormvariate(-3, 0.02), 6), round(place * 0.001, 6), 5
            )
            for metric in METRICS
        }
        metrics["memory"] = model.Metric("B", float(place * 10_000_000 + chance.randrange(100_000)), None, 5)
        metrics["size"] = model.Metric("B", float(place * 100_000))
        benchmarks.append(model.Benchmark(name, metrics))
    commit = f"{chance.getrandbits(160):040x}"
    at = FIRST + timedelta(minutes=20 * number)
    return model.Result(PLATFORMS[number % len(PLATFORMS)], commit, at, tuple(benchmarks), reason="push")


def stream(first: int, count: int, chance: random.Random) -> Iterator[bytes]:
    """What `git fast-import` makes a commit of for every three results."""
    for number in range(first, first + count):
        if number % NEW == 0:
            yield b"commit refs/heads/perf\ncommitter bench <bench@localhost> %d +0000\ndata 0\n" % (10**9 + number)
            yield b"from refs/heads/perf^0\n" if number == first and first else b""
        item = result(number, chance)
        data = to_bytes(item)
        yield b"M 100644 inline %b\ndata %d\n%b\n" % (place_of(item, data).encode(), len(data), data)


def write(repository: Path, first: int, count: int, chance: random.Random) -> None:
    """Add results to the branch `perf`, without a checkout."""
    argv = ["git", "-C", os.fspath(repository), "fast-import", "--quiet"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE) as running:
        assert running.stdin is not None
        running.stdin.writelines(stream(first, count, chance))
    assert running.returncode == 0


def measure(conditions: Conditions) -> Result:
    """Measure and return what was found."""
    count, rounds = (QUICK if conditions.quick else RESULTS), conditions.rounds.most
    repository, state = conditions.scratch / "repository", conditions.scratch / "state" / "perf"
    subprocess.run(["git", "init", "-q", "--bare", repository], check=True)
    chance = random.Random(1)  # noqa: S311  data for a measurement
    conditions.say(f"writing {count} results")
    count -= count % NEW
    first = count
    write(repository, 0, count, chance)
    made, updated, command = list[float](), list[float](), list[float]()
    asked: dict[str, list[float]] = {name: [] for name, _ in QUESTIONS}
    for number in range(rounds):
        conditions.say(f"round {number + 1} of {rounds}")
        shutil.rmtree(state, ignore_errors=True)
        made.append(seconds(partial(opened, repository, state)))
        for times, update in ((updated, opened), (command, by_command)):
            write(repository, count, NEW, chance)
            count += NEW
            times.append(1000 * seconds(partial(update, repository, state)))
        for name, question in QUESTIONS:
            index = opened(repository, state)
            asked[name].append(1000 * seconds(partial(question, index)))
    size = sum(path.stat().st_size for path in state.rglob("*.sqlite")) / 1e6
    conditions.say("compacting")
    packed = seconds(partial(pack, repository))
    shutil.rmtree(state)
    from_packs = seconds(partial(opened, repository, state))
    budget = None if conditions.quick else budgets.INDEX_S
    figures = (
        Figure(f"{first:,} results indexed", tuple(made), "s", budget),
        Figure(f"{NEW} new results, brought up to date", tuple(updated), "ms", budgets.INDEX_UPDATE_MS),
        Figure(f"{NEW} new results, `longpole perf list -n 1`", tuple(command), "ms"),
        *(Figure(f"asked for {name}", tuple(times), "ms", budgets.INDEX_VIEW_MS) for name, times in asked.items()),
        Figure(f"{count:,} results packed and pushed", (packed,), "s"),
        Figure("indexed from packs", (from_packs,), "s", budget),
        Figure("size of the index", (size,), "MB"),
    )
    return Result("perf-index", (), figures)


def opened(repository: Path, state: Path) -> Index:
    """The index, brought up to date."""
    return Index.open(BranchSource(repository, "perf"), state)


def pack(repository: Path) -> None:
    """Compact all of the branch."""
    compact(destination(os.fspath(repository), os.fspath(repository), "perf", None, Patience()), "9999-12")


def by_command(repository: Path, state: Path) -> None:
    """The same by a command of its own."""
    words = ["perf", "list", "-n", "1", "--repo", os.fspath(repository)]
    environ = {**os.environ, "LONGPOLE_STATE": os.fspath(state.parent)}
    subprocess.run([sys.executable, "-m", "longpole", *words], env=environ, check=True, stdout=subprocess.DEVNULL)


def seconds(call: Callable[[], object]) -> float:
    """How long a call takes."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun
