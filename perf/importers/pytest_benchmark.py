"""What pytest-benchmark's `--benchmark-json` writes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from longpole.perf.importers.drafts import Draft, attempt
from longpole.perf.importers.fields import Damaged, as_table, number, numbers, size, table, tables, text, time
from longpole.perf.importers.metrics import facts, known, named_apart, of_mean, of_samples
from longpole.perf.model import Benchmark
from longpole.perf.platforms import platform_of
from longpole.rts_tests.contracts.errors import UseError

_NO_COMMIT = ("unversioned", "unknown")


def is_pytest_benchmark(content: object) -> bool:
    """Whether it is a document of pytest-benchmark."""
    return isinstance(content, dict) and {"machine_info", "benchmarks"} <= content.keys()


def read(content: Any, place: str) -> Iterator[Draft | UseError]:  # noqa: ANN401  any JSON
    """One draft, with all benchmarks."""
    yield attempt(place, lambda: _draft(content, place))


def _draft(content: object, place: str) -> Draft:
    document = as_table(content, "the document")
    machine, commit = table(document, "machine_info"), table(document, "commit_info")
    cpu = machine.get("cpu")
    words = cpu if isinstance(cpu, dict) else {}
    system, architecture, version = text(machine, "system"), text(machine, "machine"), text(document, "version")
    sha = text(commit, "id")
    return Draft(
        place=place,
        benchmarks=named_apart(map(_benchmark, tables(document, "benchmarks"))),
        measured_at=time(document, "datetime"),
        commit=None if sha in _NO_COMMIT else sha,
        platform=platform_of(system, architecture) if system and architecture else None,
        tool=f"pytest-benchmark {version}" if version else "pytest-benchmark",
        machine=facts(
            cpu=words.get("brand_raw") or words.get("brand"),
            python=machine.get("python_version"),
            implementation=machine.get("python_implementation"),
            uncommitted="yes" if commit.get("dirty") is True else None,
        ),
    )


def _benchmark(record: Mapping[str, Any]) -> Benchmark:
    """A round is a sample, of one or more iterations. Raw samples are there with `--benchmark-save-data` only."""
    name, stats = text(record, "fullname") or text(record, "name"), table(record, "stats")
    if name is None:
        raise Damaged("a benchmark has no name")
    mean, rounds = number(stats, "mean"), size(stats, "rounds")
    spread = number(stats, "stddev") if rounds is not None and rounds > 1 else None
    time = of_mean("s", mean, deviation=spread, count=rounds)
    sampled = of_samples("s", numbers(stats, "data"), mean=mean)
    if sampled is not None and time is not None:
        time = replace(time, samples=sampled.samples)
    return Benchmark(name, known({"time": time or sampled}))
