"""Metrics and benchmarks from what other programs have: samples or a mean, units by their names, names of any kind."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from math import isfinite, sqrt
from statistics import fmean, stdev

from longpole.perf.importers.fields import Damaged
from longpole.perf.model import MAX_TEXT, Benchmark, Failure, Metric, Unit

MAX_SAMPLES = 1000
"""Raw samples kept of a metric. Of more, every second, third, ... is kept; mean, deviation and count are of all."""

_SECONDS = {"ns": 1e9, "us": 1e6, "ms": 1e3, "s": 1.0}
_LONG = {"μs": "us", "µs": "us", "nsec": "ns", "usec": "us", "msec": "ms", "sec": "s"} | {
    f"{word}{plural}": short
    for word, short in {"nanosecond": "ns", "microsecond": "us", "millisecond": "ms", "second": "s"}.items()
    for plural in ("", "s")
}
_BYTES = {"b": 1.0, "byte": 1.0, "bytes": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9} | {
    f"{letter}ib": 2.0 ** (10 * power) for power, letter in enumerate("kmg", 1)
}
_PER_OPERATION = re.compile(r"^(.*?)\s*/\s*(?:op|ops|iter|iteration|call|run|operation)s?$", re.IGNORECASE)
_RATE = re.compile(r"/\s*(?:s|sec|second)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a unit's name means: the name of a metric, and how a number becomes one of `unit`."""

    metric: str
    unit: Unit
    times: float = 1.0
    by: float = 1.0
    lower_is_better: bool = True

    def of(self, value: float) -> float:
        """`value` in `unit`."""
        return value * self.times / self.by


def quantity(unit: str | None) -> Quantity:
    """Seconds and bytes by their usual names, also per operation; a rate, of which more is better; else a number."""
    name = (unit or "").strip()
    per = _PER_OPERATION.match(name)
    bare = (per[1] if per else name).lower()
    bare = _LONG.get(bare, bare)
    if bare in _SECONDS:
        return Quantity("time", "s", by=_SECONDS[bare])
    if bare in _BYTES:
        return Quantity("bytes", "B", times=_BYTES[bare])
    return Quantity(name_of(name) if name else "value", "1", lower_is_better=not _RATE.search(name))


def of_samples(
    unit: Unit, values: Iterable[float], *, mean: float | None = None, lower_is_better: bool = True
) -> Metric | None:
    """The metric of raw samples, None without one. `mean` stands for theirs if the source has a better one."""
    samples = tuple(values)
    if not samples:
        return None
    try:
        found = fmean(samples) if mean is None else mean
        deviation = stdev(samples) if len(samples) > 1 else None
        if not isfinite(found) or (deviation is not None and not isfinite(deviation)):
            raise OverflowError
    except OverflowError:
        raise Damaged("the samples are too large") from None
    kept = samples[:: -(-len(samples) // MAX_SAMPLES)]
    return Metric(unit, found, deviation, len(samples), kept, lower_is_better)


def of_mean(
    unit: Unit,
    mean: float | None,
    *,
    deviation: float | None = None,
    count: int | None = None,
    lower_is_better: bool = True,
) -> Metric | None:
    """The metric of a mean, None without one."""
    if mean is None:
        return None
    if not isfinite(mean) or (deviation is not None and not isfinite(deviation)):
        raise Damaged("a number is too large")
    if deviation is not None and deviation < 0:
        raise Damaged("a deviation is negative")
    return Metric(unit, mean, deviation, count or 1, (), lower_is_better)


def of_population(deviation: float | None, count: int | None) -> float | None:
    """The deviation of samples (n - 1) from that of a population (n); None if it is not known."""
    if deviation is None or count is None or count < 2:
        return None
    return deviation * sqrt(count / (count - 1))


def known(metrics: Mapping[str, Metric | None]) -> dict[str, Metric]:
    """The metrics that there are."""
    return {name: metric for name, metric in metrics.items() if metric is not None}


def name_of(text: str) -> str:
    """`text` as a name: other characters than printable ones are escaped, and the end of a long one is its digest."""
    name = text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
    if len(name) > MAX_TEXT:
        name = f"{name[: MAX_TEXT - 13]}…{sha256(name.encode()).hexdigest()[:12]}"
    return name or "unnamed"


def named_apart(benchmarks: Iterable[Benchmark]) -> tuple[Benchmark, ...]:
    """The benchmarks that have metrics. Of several with one name the second is `NAME (2)`."""
    seen: dict[str, int] = {}
    apart = []
    for each in benchmarks:
        if not each.metrics:
            continue
        name = first = name_of(each.name)
        while name in seen:
            seen[first] += 1
            name = name_of(f"{each.name} ({seen[first]})")
        seen[name] = 1
        apart.append(replace(each, name=name))
    return tuple(apart)


def failure(name: str, message: str | None) -> Failure:
    """A benchmark that failed, and what it said: its end, if that was long."""
    return Failure(name_of(name), (message or "")[-20_000:].encode(errors="replace").decode())


def facts(**values: object) -> dict[str, str]:
    """What is known of a machine, as text."""
    return {name: name_of(str(value)) for name, value in values.items() if value not in (None, "")}
