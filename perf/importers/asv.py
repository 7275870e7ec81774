"""A result file of asv (airspeed velocity), `results/MACHINE/COMMIT-ENVIRONMENT.json`, of versions 1 and 2.

The unit of a benchmark is in `results/benchmarks.json`, or else follows from its name, as asv has it: `time_`,
`timeraw_`, `mem_`, `peakmem_`, `track_`. A parametrized benchmark is one for each combination of parameters, named as
asv shows it: `suite.time_sum(1, 'a')`. asv keeps apart what different environments measured, and so does the name,
except for an existing environment, whose name is a path. `result` is asv's estimate, the median.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import isnan
from pathlib import Path
from typing import Any

from longpole.perf.importers.documents import Document
from longpole.perf.importers.drafts import Draft, attempt
from longpole.perf.importers.fields import as_number, as_table, from_seconds, milliseconds, table, text
from longpole.perf.importers.metrics import Quantity, facts, failure, known, named_apart, of_mean, of_samples, quantity
from longpole.perf.model import Benchmark, Failure, Metric
from longpole.perf.platforms import platform_of
from longpole.rts_tests.contracts.errors import UseError

NOT_RESULTS = ("benchmarks.json", "machine.json")
_KINDS = {
    "time": Quantity("time", "s"),
    "timeraw": Quantity("time", "s"),
    "mem": Quantity("memory", "B"),
    "peakmem": Quantity("memory", "B"),
}
_EXISTING = "existing"
MAX_COMBINATIONS = 100_000
_V1_COLUMNS = ("result", "params", "started_at", "samples", "stats")


def is_asv(content: object) -> bool:
    """Whether it is a result file of asv."""
    return isinstance(content, dict) and {"commit_hash", "results"} <= content.keys()


def read(content: Any, place: str) -> Iterator[Draft | UseError]:  # noqa: ANN401  any JSON
    """One draft, with all benchmarks that did not fail."""
    yield attempt(place, lambda: _draft(as_table(content, "the document"), place))


def _draft(record: Mapping[str, Any], place: str) -> Draft:
    machine, units = table(record, "params"), _units(Path(place))
    environment = text(record, "env_name") or ""
    after = "" if not environment or environment.startswith(_EXISTING) else f" [{environment}]"
    columns = record.get("result_columns")
    names = columns if isinstance(columns, list) else _V1_COLUMNS
    benchmarks: list[Benchmark] = []
    failures: list[Failure] = []
    started: list[float] = []
    for name, value in table(record, "results").items():
        row, unit = _row(value, names), units.get(name) or _by_name(name)
        if row.get("started_at") is not None:
            started.append(as_number(row["started_at"], "started_at"))
        for case, metric in _cases(name, row, unit):
            if isinstance(metric, Failure):
                failures.append(failure(case + after, None))
            else:
                benchmarks.append(Benchmark(case + after, known({unit.metric: metric})))
    system, architecture = str(machine.get("os") or "").split(" ")[0], text(machine, "arch")
    return Draft(
        place=place,
        benchmarks=named_apart(benchmarks),
        failures=tuple(failures),
        measured_at=from_seconds(min(started) / 1000, "started_at") if started else milliseconds(record, "date"),
        commit=text(record, "commit_hash"),
        platform=platform_of(system, architecture) if system and architecture else None,
        tool="asv",
        machine=facts(cpu=machine.get("cpu"), cores=machine.get("num_cpu"), environment=after.strip(" []")),
    )


def _units(result: Path) -> dict[str, Quantity]:
    """What the benchmarks of `benchmarks.json` in the folder above measure; nothing where there is no such file."""
    path = result.absolute().parent.parent / "benchmarks.json"
    try:
        content = Document(path).whole() if path.is_file() else {}
    except UseError:
        return {}
    records = content if isinstance(content, dict) else {}
    return {name: _quantity(each) for name, each in records.items() if isinstance(each, dict)}


def _quantity(record: Mapping[str, Any]) -> Quantity:
    kind, unit = record.get("type"), record.get("unit")
    by_kind = {"time": "time", "memory": "mem", "peakmemory": "peakmem"}.get(str(kind))
    return _KINDS[by_kind] if by_kind else quantity(unit if isinstance(unit, str) else None)


def _by_name(name: str) -> Quantity:
    """What a benchmark of this name measures: a prefix of the function, or with capitals that of the class."""
    last = name.rpartition(".")[2]
    lower = last.lower()
    prefix = next((each for each in ("timeraw", "peakmem", "time", "mem") if lower.startswith(each)), None)
    return _KINDS[prefix] if prefix else quantity(None)


def _row(value: object, names: Sequence[Any]) -> Mapping[str, Any]:
    """The columns of a benchmark by name. Version 1 has an object, or the result alone."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and names is not _V1_COLUMNS:
        return dict(zip(map(str, names), value, strict=False))
    return {"result": value}


def _cases(name: str, row: Mapping[str, Any], unit: Quantity) -> Iterator[tuple[str, Metric | Failure | None]]:
    """Each combination of parameters by its name, and its metric; a failure where it failed, None where it was skipped.

    asv writes null for a failure, and NaN for what does not apply.
    """
    params = row.get("params")
    axes = [axis if isinstance(axis, list) else [axis] for axis in params] if isinstance(params, list) else []
    results = row.get("result")
    samples = row.get("samples")
    values = results if isinstance(results, list) else [results]
    combinations = itertools.islice(itertools.product(*axes), MAX_COMBINATIONS)
    for index, combination in enumerate(combinations):
        case = f"{name}({', '.join(map(str, combination))})" if combination else name
        value = values[index] if index < len(values) else None if results is None else float("nan")
        raw = samples[index] if isinstance(samples, list) and index < len(samples) else None
        yield case, Failure(case) if value is None else _metric(value, raw, unit)


def _metric(value: object, samples: object, unit: Quantity) -> Metric | None:
    if isinstance(value, float) and isnan(value):
        return None
    mean = unit.of(as_number(value, "a result"))
    values = samples if isinstance(samples, list) else []
    raw = of_samples(unit.unit, [unit.of(as_number(each, "a sample")) for each in values], mean=mean)
    found = raw or of_mean(unit.unit, mean)
    return None if found is None else replace(found, lower_is_better=unit.lower_is_better)
