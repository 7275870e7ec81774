"""The history of github-action-benchmark: `data.js`, or the same as JSON. Each entry is a result.

An entry has the values of one tool, each with a unit. Of pytest the value is 1 / mean, and the deviation beside it is
of the mean; so both become a time.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from longpole.perf.importers.drafts import Draft, attempt
from longpole.perf.importers.fields import Damaged, as_table, milliseconds, number, table, tables, text, time
from longpole.perf.importers.metrics import Quantity, known, named_apart, of_mean, quantity
from longpole.perf.model import Benchmark, Metric
from longpole.perf.platforms import platform_in
from longpole.rts_tests.contracts.errors import UseError

DEFAULT_SUITE = "Benchmark"
_BIGGER = "customBiggerIsBetter"
_DEVIATION = re.compile(r"^(?:±|\+/-|\+-)\s*([0-9][0-9.,eE+-]*)$")
_STDDEV = re.compile(r"^stddev: ([0-9.eE+-]+)$")
_ROUNDS = re.compile(r"^rounds: ([0-9]{1,15})$", re.MULTILINE)
_FURTHER = re.compile(r"([0-9][0-9.eE+-]*) (\S+)")
_WITH_DEVIATION = ("catch2",)
"""Tools whose range is the standard deviation. Of others it is an interval, or the largest minus the least."""


def is_action(content: object) -> bool:
    """Whether it is such a history."""
    return isinstance(content, dict) and isinstance(content.get("entries"), dict)


def read(content: Any, place: str) -> Iterator[Draft | UseError]:  # noqa: ANN401  any JSON
    """A draft for each entry. The names of suites stand before those of benchmarks, but for the action's default."""
    for suite, entries in content["entries"].items():
        for index, entry in enumerate(entries if isinstance(entries, list) else [entries]):
            there = f"{place}: {suite[:80]}[{index}]"
            yield attempt(there, lambda entry=entry, there=there, suite=suite: _draft(entry, suite, there))  # type: ignore[misc]


def _draft(content: object, suite: str, place: str) -> Draft:
    entry = as_table(content, "the entry")
    commit, tool = table(entry, "commit"), text(entry, "tool")
    before = "" if suite == DEFAULT_SUITE else f"{suite}/"
    found: dict[str, dict[str, Metric]] = {}
    for record in tables(entry, "benches"):
        name = text(record, "name")
        if name is None:
            raise Damaged("a benchmark has no name")
        metrics = _metrics(record, tool or "")
        there = found.setdefault(name, {})
        if there.keys() & metrics.keys():
            raise Damaged(f"benchmark {name[:80]!r} occurs twice")
        there.update(metrics)
    return Draft(
        place=place,
        benchmarks=named_apart(Benchmark(f"{before}{name}", metrics) for name, metrics in found.items()),
        measured_at=milliseconds(entry, "date") or time(commit, "timestamp"),
        commit=text(commit, "id"),
        platform=platform_in(suite),
        tool=f"github-action-benchmark, {tool}" if tool else "github-action-benchmark",
    )


def _metrics(record: Mapping[str, Any], tool: str) -> dict[str, Metric]:
    """The metric of a value. Of older versions, Go's unit has further numbers: `ns/op 128 B/op 2 allocs/op`."""
    value = number(record, "value")
    first, _, rest = (text(record, "unit") or "").partition("\t")
    unit, notes = quantity(first), text(record, "extra") or ""
    spread = text(record, "range") or ""
    if tool == "pytest" and value:
        rounds, deviation = _ROUNDS.search(notes), _STDDEV.match(spread)
        return known({"time": _time(1 / value, deviation and deviation[1], rounds and rounds[1])})
    deviation = _DEVIATION.match(spread) if tool in _WITH_DEVIATION else None
    lower = unit.lower_is_better and tool != _BIGGER
    mean = None if value is None else unit.of(value)
    metrics = {unit.metric: of_mean(unit.unit, mean, deviation=_scaled(deviation, unit), lower_is_better=lower)}
    for number_text, name in _FURTHER.findall(rest):
        other = quantity(name)
        metrics[other.metric] = of_mean(other.unit, other.of(_float(number_text)))
    return known(metrics)


def _time(mean: float, deviation: str | None, rounds: str | None) -> Metric | None:
    count = int(rounds) if rounds else None
    return of_mean("s", mean, deviation=_float(deviation) if deviation and count != 1 else None, count=count)


def _scaled(match: re.Match[str] | None, unit: Quantity) -> float | None:
    return None if match is None else unit.of(_float(match[1].replace(",", "")))


def _float(value: str) -> float:
    try:
        return number({"range": float(value)}, "range") or 0.0
    except ValueError:
        raise Damaged(f"{value[:40]!r} is not a number") from None
