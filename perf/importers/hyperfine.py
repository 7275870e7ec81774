"""What hyperfine's `--export-json` writes. It names no commit, no machine and no time."""

from collections.abc import Iterator, Mapping
from typing import Any

from longpole.perf.importers.drafts import Draft, attempt
from longpole.perf.importers.fields import Damaged, as_table, number, numbers, tables, text
from longpole.perf.importers.metrics import known, named_apart, of_mean, of_samples
from longpole.perf.model import Benchmark
from longpole.rts_tests.contracts.errors import UseError


def is_hyperfine(content: object) -> bool:
    """Whether it is a document of hyperfine."""
    results = content.get("results") if isinstance(content, dict) else None
    return isinstance(results, list) and all(isinstance(each, dict) and "command" in each for each in results)


def read(content: Any, place: str) -> Iterator[Draft | UseError]:  # noqa: ANN401  any JSON
    """One draft, with a benchmark for each command."""
    yield attempt(place, lambda: _draft(content, place))


def _draft(content: object, place: str) -> Draft:
    results = tables(as_table(content, "the document"), "results")
    return Draft(place=place, benchmarks=named_apart(map(_benchmark, results)), tool="hyperfine")


def _benchmark(record: Mapping[str, Any]) -> Benchmark:
    """`user` and `system` are means of CPU seconds; `memory_usage_byte`, of later versions, has a peak for each run."""
    name = text(record, "command")
    if name is None:
        raise Damaged("a result has no command")
    times = numbers(record, "times")
    mean, user, system = number(record, "mean"), number(record, "user"), number(record, "system")
    count = len(times) or None
    spread = number(record, "stddev")
    metrics = {
        "time": of_samples("s", times) or of_mean("s", mean, deviation=spread, count=count),
        "cpu": of_mean("s", None if user is None else user + (system or 0.0), count=count),
        "memory": of_samples("B", numbers(record, "memory_usage_byte")),
    }
    return Benchmark(name, known(metrics))
