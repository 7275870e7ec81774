"""Units by their names, values of any kind, and names of platforms."""

import os
from datetime import UTC, datetime
from hashlib import sha256
from math import sqrt
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.perf.importers import fields
from longpole.perf.importers.fields import Damaged
from longpole.perf.importers.metrics import (
    MAX_SAMPLES,
    Quantity,
    failure,
    name_of,
    named_apart,
    of_mean,
    of_population,
    of_samples,
    quantity,
)
from longpole.perf.model import MAX_TEXT, Benchmark, Metric
from longpole.perf.platforms import platform_in, platform_of, this_platform


@pytest.mark.parametrize(
    ("unit", "metric", "value"),
    [
        *((unit, "time", 5e-9) for unit in ("ns", "nsec", "nanoseconds", "ns/iter", "ns/op", "ns / op", "NS/OP")),
        *((unit, "time", 5e-6) for unit in ("us", "µs", "μs", "usec", "us/call")),
        *((unit, "time", 5e-3) for unit in ("ms", "msec", "millisecond")),
        *((unit, "time", 5.0) for unit in ("s", "sec", "second", "seconds", "s/run")),
        *((unit, "bytes", 5.0) for unit in ("B", "bytes", "byte", "B/op")),
        ("KB", "bytes", 5e3),
        ("MB", "bytes", 5e6),
        ("GB", "bytes", 5e9),
        ("KiB", "bytes", 5.0 * 1024),
        ("MiB", "bytes", 5.0 * 1024**2),
        ("GiB", "bytes", 5.0 * 1024**3),
        ("", "value", 5.0),
        (None, "value", 5.0),
        ("allocs/op", "allocs/op", 5.0),
        ("things", "things", 5.0),
    ],
)
def test_what_a_unit_means(unit: str | None, metric: str, value: float) -> None:
    found = quantity(unit)
    kind = {"time": "s", "bytes": "B"}.get(metric, "1")
    assert (found.metric, found.unit, found.lower_is_better) == (metric, kind, True)
    assert found.of(5.0) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("unit", ["ops/s", "ops/sec", "iter/sec", "req / second", "MB/s"])
def test_of_a_rate_more_is_better(unit: str) -> None:
    assert quantity(unit) == Quantity(unit, "1", lower_is_better=False)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50))
def test_samples_have_a_mean_and_a_deviation(samples: list[float]) -> None:
    assert of_samples("s", samples) == Metric("s", fmean(samples), stdev(samples), len(samples), tuple(samples))


def test_samples_that_are_few_many_or_none() -> None:
    assert of_samples("B", [2.0], lower_is_better=False) == Metric("B", 2.0, None, 1, (2.0,), lower_is_better=False)
    assert of_samples("s", []) is None
    assert of_samples("s", [1.0, 3.0], mean=7.0) == Metric("s", 7.0, sqrt(2), 2, (1.0, 3.0))
    exact = of_samples("s", map(float, range(MAX_SAMPLES)))
    more = of_samples("s", map(float, range(MAX_SAMPLES + 1)))
    assert exact is not None
    assert more is not None
    assert len(exact.samples) == MAX_SAMPLES
    assert more.samples == tuple(map(float, range(0, MAX_SAMPLES + 1, 2)))
    with pytest.raises(Damaged, match="the samples are too large"):
        of_samples("s", [1e308, 1e308, 1e308])


def test_a_mean_with_what_is_known_of_it() -> None:
    assert of_mean("s", None) is None
    assert of_mean("s", 2.0) == Metric("s", 2.0, None, 1)
    assert of_mean("1", 2.0, deviation=0.0, count=3, lower_is_better=False) == Metric("1", 2.0, 0.0, 3, (), False)
    for wrong in (float("inf"), float("nan")):
        with pytest.raises(Damaged, match="too large"):
            of_mean("s", wrong)
        with pytest.raises(Damaged, match="too large"):
            of_mean("s", 1.0, deviation=wrong)
    with pytest.raises(Damaged, match="negative"):
        of_mean("s", 1.0, deviation=-0.1)


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=20))
def test_the_deviation_of_a_population_becomes_that_of_samples(samples: list[float]) -> None:
    population = sqrt(sum((each - fmean(samples)) ** 2 for each in samples) / len(samples))
    assert of_population(population, len(samples)) == pytest.approx(stdev(samples), rel=1e-6, abs=1e-6)
    assert of_population(1.0, 1) is None
    assert of_population(None, 5) is None
    assert of_population(1.0, None) is None


def test_benchmarks_of_one_name_are_told_apart_and_empty_ones_left_out() -> None:
    metrics = {"time": Metric("s", 1.0)}
    rows = [Benchmark(name, metrics) for name in ("a", "a", "a (2)", "a", "b")]
    assert [each.name for each in named_apart([*rows, Benchmark("c", {})])] == ["a", "a (2)", "a (2) (2)", "a (3)", "b"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a\x1b[31mb\n", "a\\x1b[31mb\\n"),
        ("\u202e\ud800", "\\u202e\\ud800"),
        ("", "unnamed"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 187 + "…" + sha256(b"x" * 201).hexdigest()[:12]),
    ],
)
def test_a_name_of_any_kind_becomes_one_that_can_be_printed(text: str, name: str) -> None:
    assert name_of(text) == name


@given(st.text(max_size=500))
def test_every_name_fits(text: str) -> None:
    name = name_of(text)
    assert name.isprintable()
    assert 0 < len(name) <= MAX_TEXT
    assert name_of(name) == name


def test_a_failure_keeps_the_end_of_a_long_text() -> None:
    assert failure("a\n", None).name == "a\\n"
    assert failure("a", None).message == ""
    assert failure("a", "x" * 20_000 + "y").message == "x" * 19_999 + "y"
    assert failure("a", "\ud800").message == "?"


@pytest.mark.parametrize(
    ("name", "platform"),
    [
        ("x86-64-linux.jsonl.gz", "x86-64-linux"),
        ("history-aarch64-macos.json", "aarch64-macos"),
        ("benchmark-results-0123abc-x86_64-linux", "x86_64-linux"),
        ("x86_64-unknown-linux-gnu.json", "x86_64-unknown-linux-gnu"),
        ("aarch64-apple-darwin.json", "aarch64-apple-darwin"),
        ("arm64_darwin.json", "arm64_darwin"),
        ("riscv64gc-linux-musl.json", "riscv64gc-linux-musl"),
        ("results.json", None),
        ("linux.json", None),
        ("ax86-64-linux.json", None),
        ("x86-64-linuxes.json", None),
        ("x86-64-linux-and-aarch64-linux.json", None),
        ("x86-64-linux/x86-64-linux", "x86-64-linux"),
    ],
)
def test_the_platform_in_a_name(name: str, platform: str | None) -> None:
    assert platform_in(name) == platform


def test_the_platform_of_what_uname_says() -> None:
    assert platform_of("Linux", "x86_64") == "x86_64-linux"
    assert platform_of("Darwin", "arm64") == "aarch64-darwin"
    assert platform_of("macOS", "ARM64") == "aarch64-darwin"
    assert platform_of("Windows", "AMD64") == "x86_64-windows"
    assert this_platform() == platform_of(os.uname().sysname, os.uname().machine)


NOW = datetime(2026, 4, 20, 20, 27, 37, tzinfo=UTC)


def test_values_that_are_there_or_not() -> None:
    record = {"n": 3, "f": 0.5, "t": "text", "e": "", "l": [1, 2.5], "o": {"a": 1}, "z": 0, "os": [{"a": 1}]}
    assert (fields.number(record, "n"), fields.number(record, "none")) == (3.0, None)
    assert (fields.size(record, "n"), fields.size(record, "z"), fields.size(record, "none")) == (3, None, None)
    assert fields.size({"x": 2**62}, "x") == 2**62
    assert (fields.text(record, "t"), fields.text(record, "e"), fields.text(record, "none")) == ("text", None, None)
    assert (fields.numbers(record, "l"), fields.numbers(record, "none")) == ((1.0, 2.5), ())
    assert (fields.table(record, "o"), fields.table(record, "none")) == ({"a": 1}, {})
    assert (fields.rows(record, "l"), fields.rows(record, "none")) == ([1, 2.5], [])
    assert fields.tables(record, "os") == [{"a": 1}]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2026-04-20T20:27:37Z", 0),
        ("2026-04-20T22:27:37+02:00", 0),
        ("2026-04-20 20:27:37", 0),
        ("2026-04-20T20:27:37.25", 0.25),
    ],
)
def test_times_are_in_utc(value: str, seconds: float) -> None:
    found = fields.time({"at": value}, "at")
    assert found is not None
    assert (found - NOW).total_seconds() == seconds
    assert found.tzinfo is UTC
    assert fields.time({}, "at") is None


def test_times_in_milliseconds() -> None:
    assert fields.milliseconds({"at": NOW.timestamp() * 1000}, "at") == NOW
    assert fields.milliseconds({}, "at") is None
    for wrong in (1e30, -1e15, 9e15):
        with pytest.raises(Damaged, match=r"^at is "):
            fields.milliseconds({"at": wrong}, "at")


@pytest.mark.parametrize(
    ("read", "value", "message"),
    [
        (fields.number, "1", "x is not a finite number"),
        (fields.size, -1, "x is not a count"),
        (fields.size, 1.5, "x is not a count"),
        (fields.size, 2**63, "x is not a count"),
        (fields.size, 1e19, "x is not a count"),
        (fields.text, 5, "x is not a text"),
        (fields.table, [], "x is not an object"),
        (fields.rows, {}, "x is not a list"),
        (fields.tables, [{}, 1], r"x\[1\] is not an object"),
        (fields.numbers, [1, None], "x is not a finite number"),
        (fields.time, "1969-12-31T23:59:59Z", "x is in the year 1969"),
        (fields.time, "2201-01-01", "x is in the year 2201"),
        (fields.time, "9999-12-31T23:59:59-01:00", "x is not a time: '9999-12-31T23:59:59-01:00'"),
    ],
)
def test_other_values_are_errors_that_name_them(read: object, value: object, message: str) -> None:
    with pytest.raises(Damaged, match=f"^{message}$"):
        read({"x": value}, "x")  # type: ignore[operator]
