"""What pyperf writes: benchmarks with runs, each a process, that have values. Warm-ups and calibration are none."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from longpole.perf.importers.drafts import Draft, attempt
from longpole.perf.importers.fields import Damaged, as_table, number, numbers, table, tables, text, time
from longpole.perf.importers.metrics import facts, known, named_apart, of_mean, of_samples
from longpole.perf.model import Benchmark, Metric
from longpole.perf.platforms import platform_of
from longpole.rts_tests.contracts.errors import UseError

_UNITS = {"second": "time", "byte": "memory", "integer": "value"}


def is_pyperf(content: object) -> bool:
    """Whether it is a suite of pyperf."""
    benchmarks = content.get("benchmarks") if isinstance(content, dict) else None
    return isinstance(benchmarks, list) and any(isinstance(each, dict) and "runs" in each for each in benchmarks)


def read(content: Any, place: str) -> Iterator[Draft | UseError]:  # noqa: ANN401  any JSON
    """One draft, with all benchmarks."""
    yield attempt(place, lambda: _draft(content, place))


def _draft(content: object, place: str) -> Draft:
    document = as_table(content, "the document")
    common = table(document, "metadata")
    records = tables(document, "benchmarks")
    first = {**common, **(table(records[0], "metadata") if records else {})}
    version = text(first, "perf_version")
    return Draft(
        place=place,
        benchmarks=named_apart(_benchmark(record, common) for record in records),
        measured_at=min(filter(None, map(_date, records)), default=None),
        commit=text(first, "commit_id"),
        platform=_platform(text(first, "platform")),
        tool=f"pyperf {version}" if version else "pyperf",
        machine=facts(
            cpu=first.get("cpu_model_name"),
            python=first.get("python_version"),
            implementation=first.get("python_implementation"),
        ),
    )


def _date(record: Mapping[str, Any]) -> datetime | None:
    """When the first process of a benchmark ended. pyperf writes no time zone."""
    dates = [time(table(run, "metadata"), "date") for run in tables(record, "runs")]
    return min(filter(None, dates), default=time(table(record, "metadata"), "date"))


def _platform(name: str | None) -> str | None:
    """The platform of a name such as `Linux-6.1.0-x86_64-with-glibc2.36` or `macOS-14.5-arm64-arm-64bit`."""
    if name is None:
        return None
    system, *words = name.split("-")
    machine = next((word for word in words if word.lower() in _MACHINES), None)
    return None if machine is None else platform_of(system, machine)


_MACHINES = {"x86_64", "amd64", "aarch64", "arm64", "i686", "armv7l", "riscv64", "ppc64le", "s390x", "loongarch64"}


def _benchmark(record: Mapping[str, Any], common: Mapping[str, Any]) -> Benchmark:
    metadata = {**common, **table(record, "metadata")}
    name, unit = text(metadata, "name"), text(metadata, "unit") or "second"
    if name is None:
        raise Damaged("a benchmark has no name")
    if unit not in _UNITS:
        raise Damaged(f"unit {unit[:40]!r} is not known")
    runs = [run for run in tables(record, "runs") if run.get("values")]
    values = [value for run in runs for value in numbers(run, "values")]
    metric = of_samples({"second": "s", "byte": "B"}.get(unit, "1"), values)  # type: ignore[arg-type]
    memory = None if unit == "byte" else _memory(runs, metadata)
    return Benchmark(name, known({"memory": memory, _UNITS[unit]: metric}))


def _memory(runs: list[Mapping[str, Any]], metadata: Mapping[str, Any]) -> Metric | None:
    """The peak of each process. What is equal in all of them is written once, beside the name."""
    peaks = [number(table(run, "metadata"), "mem_max_rss") for run in runs]
    return of_samples("B", [peak for peak in peaks if peak is not None]) or of_mean(
        "B", number(metadata, "mem_max_rss"), count=len(runs) or None
    )
