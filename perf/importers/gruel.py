"""Records of the compiler gruel's own benchmarks, versions 1 and 2: one a file, one a line, or a list of `runs`.

Version 1 is what its bench.sh writes; version 2 adds why it was measured, and `commit_range`. Fields came and went over
time (memory, size, passes, run time, cold and hot), so each but the name and a time may be missing. `std_ms` is the
deviation of a population, `sqrt(sum / n)`. `hot_ms` is the mean without the first execution, `mean_ms` with it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from longpole.perf.importers.drafts import Draft, attempt
from longpole.perf.importers.fields import Damaged, as_table, number, rows, size, table, tables, text, time
from longpole.perf.importers.metrics import facts, known, name_of, named_apart, of_mean, of_population
from longpole.perf.model import Benchmark, Metric
from longpole.rts_tests.contracts.errors import UseError

NEWEST = 2
_ARCHITECTURES = {"x86_64": "x86-64", "amd64": "x86-64", "arm64": "aarch64"}
_SYSTEMS = {"darwin": "macos"}
"""uname's words to those of gruel's platforms: `x86-64-linux`, `aarch64-macos`."""


def is_gruel(content: object) -> bool:
    """Whether it is a record, or a list of records."""
    if isinstance(content, list):
        return bool(content) and is_gruel(content[0])
    if not isinstance(content, dict):
        return False
    return isinstance(content.get("runs"), list) or {"timestamp", "benchmarks"} <= content.keys()


def read(content: Any, place: str) -> Iterator[Draft | UseError]:  # noqa: ANN401  any JSON
    """A draft for each record."""
    if isinstance(content, dict) and "benchmarks" not in content and isinstance(content.get("runs"), list):
        content = content["runs"]
    if not isinstance(content, list):
        yield attempt(place, lambda: _draft(content, place))
        return
    for index, record in enumerate(content):
        there = f"{place}[{index}]"
        yield attempt(there, lambda record=record, there=there: _draft(record, there))  # type: ignore[misc]


def _draft(content: object, place: str) -> Draft:
    record = as_table(content, "the record")
    version = record.get("version", 1)
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= NEWEST:
        raise Damaged(f"version {version!r} is not known")
    host = record.get("host")
    words = host if isinstance(host, dict) else {}
    return Draft(
        place=place,
        benchmarks=named_apart(map(_benchmark, tables(record, "benchmarks"))),
        measured_at=time(record, "timestamp"),
        commit=text(record, "commit"),
        commits=tuple(each for each in rows(record, "commit_range") if isinstance(each, str)),
        platform=_platform(words),
        tool=f"gruel, version {version}",
        reason=text(record, "benchmark_reason"),
        machine=facts(arch=words.get("arch"), os=words.get("os"), build=text(record, "build_mode")),
    )


def _platform(host: Mapping[str, Any]) -> str | None:
    arch, system = host.get("arch"), host.get("os")
    if not isinstance(arch, str) or not isinstance(system, str) or not arch or not system:
        return None
    return f"{_ARCHITECTURES.get(arch.lower(), arch.lower())}-{_SYSTEMS.get(system.lower(), system.lower())}"


def _benchmark(record: Mapping[str, Any]) -> Benchmark:
    name = text(record, "name")
    if name is None:
        raise Damaged("a benchmark has no name")
    level = text(record, "opt_level")
    if level is not None and not name.endswith(f"@{level}"):
        name = f"{name}@{level}"
    count = size(record, "iterations")
    every = _milliseconds(record, "mean_ms", "std_ms", count)
    hot = _milliseconds(record, "hot_ms", "hot_std_ms", size(record, "hot_iterations"))
    metrics = {
        "time": hot or every,
        "mean": every,
        "cold": _milliseconds(record, "cold_ms", "cold_std_ms", 1),
        "memory": of_mean("B", number(record, "peak_memory_bytes"), count=count),
        "size": of_mean("B", number(record, "binary_size_bytes")),
        "runtime": _milliseconds(record, "runtime_ms", "runtime_std_ms", count),
        **{name_of(f"pass:{each}"): metric for each, metric in _passes(record, count)},
        **{name_of(f"source:{each}"): metric for each, metric in _source(record)},
    }
    return Benchmark(name, known(metrics))


def _milliseconds(record: Mapping[str, Any], mean: str, deviation: str, count: int | None) -> Metric | None:
    found, spread = number(record, mean), of_population(number(record, deviation), count)
    return of_mean(
        "s",
        None if found is None else found / 1000,
        deviation=None if spread is None else spread / 1000,
        count=count,
    )


def _passes(record: Mapping[str, Any], count: int | None) -> Iterator[tuple[str, Metric | None]]:
    """The passes: each has `mean_ms`; a number alone is that."""
    for name, value in table(record, "passes").items():
        fields = value if isinstance(value, dict) else {"mean_ms": value}
        yield name, _milliseconds(fields, "mean_ms", "std_ms", count)


def _source(record: Mapping[str, Any]) -> Iterator[tuple[str, Metric | None]]:
    """What the input was: lines, tokens and bytes."""
    fields = table(record, "source_metrics")
    for name in fields:
        yield name, of_mean("B" if name == "bytes" else "1", number(fields, name))
