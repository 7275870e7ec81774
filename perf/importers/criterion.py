"""What Criterion (Rust) leaves below `target/criterion`, and the messages of cargo-criterion.

`NAME/new/` has `estimates.json`, `sample.json` with the raw samples, and `benchmark.json` with the name. A document is
the files of all benchmarks of one folder, as one result. A message of `cargo criterion --message-format=json` is a
line of JSON; those with `"reason": "benchmark-complete"` are benchmarks, and a file of them is one result, too.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from longpole.perf.importers.documents import Document
from longpole.perf.importers.drafts import Draft, attempt
from longpole.perf.importers.fields import Damaged, as_table, number, numbers, table, text
from longpole.perf.importers.metrics import known, named_apart, of_mean, of_samples, quantity
from longpole.perf.model import Benchmark, Metric
from longpole.rts_tests.contracts.errors import UseError

ESTIMATES = "estimates.json"
NOT_NEW = ("base", "change", "report")
"""Folders beside `new`: earlier results, and what is derived from both."""


def is_message(content: object) -> bool:
    """Whether it is a message of cargo-criterion."""
    return isinstance(content, dict) and isinstance(content.get("reason"), str) and not content.keys() >= {"results"}


def is_estimates(content: object) -> bool:
    """Whether it is an `estimates.json`."""
    mean = content.get("mean", content.get("Mean")) if isinstance(content, dict) else None
    return isinstance(mean, dict) and "point_estimate" in mean


def read_messages(messages: Sequence[Any], place: str) -> Iterator[Draft | UseError]:
    """One draft, with a benchmark for each message about one."""
    yield attempt(place, lambda: _of_messages(messages, place))


def _of_messages(messages: Sequence[Any], place: str) -> Draft:
    complete = [
        as_table(each, "a message") for each in messages if is_message(each) and each["reason"] == "benchmark-complete"
    ]
    return Draft(place=place, benchmarks=named_apart(map(_of_message, complete)), tool="cargo-criterion")


def _of_message(message: Mapping[str, Any]) -> Benchmark:
    name, unit = text(message, "id"), quantity(text(message, "unit") or "ns")
    if name is None:
        raise Damaged("a message has no id")
    samples = _samples(numbers(message, "measured_values"), numbers(message, "iteration_count"))
    mean = number(table(message, "mean") or table(message, "typical"), "estimate")
    metric = of_samples(unit.unit, [unit.of(value) for value in samples]) or of_mean(
        unit.unit, None if mean is None else unit.of(mean)
    )
    return Benchmark(name, known({unit.metric: metric}))


def read_folders(documents: Sequence[Document], place: str) -> Iterator[Draft | UseError]:
    """One draft of the `estimates.json` that `documents` are, and of the files beside them; errors of single ones."""
    benchmarks = []
    for document in documents:
        try:
            benchmarks.append(_of_folder(document))
        except UseError as error:
            yield error
        except Damaged as error:
            yield UseError.at(document.place, str(error), "correct it, or leave it out")
    if benchmarks:
        yield Draft(place=place, benchmarks=named_apart(benchmarks), tool="Criterion")


def _of_folder(document: Document) -> Benchmark:
    folder = document.path.parent
    estimates = as_table(document.whole(), "the document")
    sample, named = (_beside(document, name) for name in ("sample.json", "benchmark.json"))
    name = text(named, "full_id") or text(named, "title") or (folder.parent if folder.name == "new" else folder).name
    metric: Metric | None = of_samples(
        "s", [value / 1e9 for value in _samples(numbers(sample, "times"), numbers(sample, "iters"))]
    )
    if metric is None:
        mean, deviation = (_estimate(estimates, each) for each in ("mean", "std_dev"))
        metric = of_mean("s", mean, deviation=deviation)
    if metric is None:
        raise Damaged("has no mean")
    return Benchmark(name, {"time": metric})


def _beside(document: Document, name: str) -> Mapping[str, Any]:
    path = document.path.parent / name
    return as_table(Document(path).whole(), name) if path.is_file() else {}


def _estimate(estimates: Mapping[str, Any], name: str) -> float | None:
    """An estimate in seconds; Criterion writes nanoseconds, and before version 0.3 other names."""
    value = number(table(estimates, name) or table(estimates, _OLD[name]), "point_estimate")
    return None if value is None else value / 1e9


_OLD = {"mean": "Mean", "std_dev": "StdDev"}


def _samples(totals: Sequence[float], iterations: Sequence[float]) -> list[float]:
    """The time of an iteration in each sample."""
    if len(totals) != len(iterations) or not all(iterations):
        raise Damaged("has not one count of iterations for each sample")
    return [total / count for total, count in zip(totals, iterations, strict=True)]
