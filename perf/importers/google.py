"""What Google Benchmark writes with `--benchmark_format=json`: repetitions are samples; else aggregates are read."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from longpole.perf.importers.drafts import Draft, attempt
from longpole.perf.importers.fields import Damaged, as_table, number, size, table, tables, text, time
from longpole.perf.importers.metrics import Quantity, facts, failure, known, name_of, named_apart, of_mean, of_samples
from longpole.perf.importers.metrics import quantity as unit_of
from longpole.perf.model import Benchmark, Failure, Metric
from longpole.rts_tests.contracts.errors import UseError

_TIMES = {"real_time": "time", "cpu_time": "cpu"}
_NOT_COUNTERS = {
    *_TIMES,
    "family_index",
    "per_family_instance_index",
    "repetitions",
    "repetition_index",
    "threads",
    "iterations",
    "cpu_coefficient",
    "real_coefficient",
    "rms",
}
_OLD_DATE = re.compile(r"^(\d{4})/(\d\d)/(\d\d)-")
_AGGREGATES = ("mean", "stddev")


def is_google(content: object) -> bool:
    """Whether it is a document of Google Benchmark."""
    return isinstance(content, dict) and {"context", "benchmarks"} <= content.keys()


def read(content: Any, place: str) -> Iterator[Draft | UseError]:  # noqa: ANN401  any JSON
    """One draft. `--benchmark_context=commit=SHA` names the commit, and `platform=NAME` the platform."""
    yield attempt(place, lambda: _draft(content, place))


def _draft(content: object, place: str) -> Draft:
    document = as_table(content, "the document")
    context = table(document, "context")
    measured: dict[str, list[Mapping[str, Any]]] = {}
    failures: dict[str, Failure] = {}
    for record in tables(document, "benchmarks"):
        name = text(record, "run_name") or text(record, "name")
        if name is None:
            raise Damaged("a benchmark has no name")
        if record.get("error_occurred") is True:
            failures[name] = failure(name, text(record, "error_message"))
        elif record.get("skipped") is not True:
            measured.setdefault(name, []).append(record)
    return Draft(
        place=place,
        benchmarks=named_apart(Benchmark(name, _metrics(records)) for name, records in measured.items()),
        failures=tuple(failures.values()),
        measured_at=_date(context),
        commit=text(context, "commit") or text(context, "git_commit"),
        platform=text(context, "platform"),
        tool="Google Benchmark",
        machine=facts(cpus=context.get("num_cpus"), library=context.get("library_build_type")),
    )


def _date(context: Mapping[str, Any]) -> datetime | None:
    """The date; before version 1.5 it was `2017/05/10-01:02:03` and had no time zone."""
    value = text(context, "date")
    return time({"context.date": _OLD_DATE.sub(r"\1-\2-\3T", value or "")}, "context.date")


def _metrics(records: list[Mapping[str, Any]]) -> dict[str, Metric]:
    """The metrics of the repetitions of one benchmark, or of its aggregates if there are only these."""
    runs = [record for record in records if record.get("run_type", "iteration") == "iteration"]
    first = (runs or records)[0]
    times = unit_of(text(first, "time_unit") or "ns")
    counters = [
        name
        for name, value in first.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and name not in _NOT_COUNTERS
    ]
    quantities = {name: (metric, times) for name, metric in _TIMES.items()} | {
        name: (_counter(name), Quantity(name, "1", lower_is_better=not name.endswith("_per_second")))
        for name in counters
    }
    read = _of_runs if runs else _of_aggregates
    return known({metric: read(runs or records, name, unit) for name, (metric, unit) in quantities.items()})


def _counter(name: str) -> str:
    """The metric of a counter, which may have the name of a time."""
    return name_of(f"counter:{name}" if name in _TIMES.values() else name)


def _of_runs(records: list[Mapping[str, Any]], name: str, unit: Quantity) -> Metric | None:
    values = [number(record, name) for record in records]
    samples = [unit.of(value) for value in values if value is not None]
    return of_samples(unit.unit, samples, lower_is_better=unit.lower_is_better)


def _of_aggregates(records: list[Mapping[str, Any]], name: str, unit: Quantity) -> Metric | None:
    by_name = {str(record.get("aggregate_name")): record for record in records}
    mean, deviation = (number(by_name.get(each, {}), name) for each in _AGGREGATES)
    return of_mean(
        unit.unit,
        None if mean is None else unit.of(mean),
        deviation=None if deviation is None else unit.of(deviation),
        count=size(by_name.get("mean", {}), "repetitions"),
        lower_is_better=unit.lower_is_better,
    )
