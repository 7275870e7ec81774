"""What surrounds the measurement: machine, reference workload, sizes, a program's own metrics, the choice, the text."""

import hashlib
import inspect
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from longpole.perf.measure import machine, own_metrics, reference
from longpole.perf.measure.bench import Bench, Benchmark, Command
from longpole.perf.measure.measure import Measured
from longpole.perf.measure.own_metrics import Value
from longpole.perf.measure.select import select
from longpole.perf.measure.size import size_of
from longpole.perf.measure.text import quantity, summary
from longpole.perf.model import Benchmark as Series
from longpole.perf.model import Failure, Metric, Unit
from longpole.rts_tests.contracts.errors import UseError

# -- the machine ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz", "Intel Xeon Platinum 8370C"),
        ("Intel(R) Core(TM) i7-8700 CPU @ 3200 MHz", "Intel Core i7-8700"),
        ("AMD EPYC 7763 64-Core Processor", "AMD EPYC 7763"),
        ("AMD Ryzen 9 5950X 16-Core Processor", "AMD Ryzen 9 5950X"),
        ("Apple M1 Pro", "Apple M1 Pro"),
        ("CPU implementer 0x41 CPU part 0xd0c", "implementer 0x41 part 0xd0c"),
        ("a\x1b[31mb", "a [31mb"),
        ("x" * 300, "x" * 200),
        ("", ""),
    ],
)
def test_a_processor_has_no_clock_frequency(name: str, model: str) -> None:
    assert machine.cpu_model(name) == model


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, ""),
        (-1, ""),
        (8_202_600_448, "8 GiB"),
        (16_777_216_000, "16 GiB"),
        (33_654_022_144, "32 GiB"),
        (512 << 20, "512 MiB"),
        (1, "1 MiB"),
    ],
)
def test_memory_is_rounded_to_a_power_of_two(size: int, text: str) -> None:
    assert machine.memory_size(size) == text


def test_this_machine() -> None:
    described = machine.machine()
    assert described["os"]
    assert int(described["cores"]) >= 1
    assert all(text.isprintable() and 0 < len(text) <= 200 for text in described.values())
    assert described == machine.machine()


# -- the reference workload -------------------------------------------------------------------------------------------


def test_the_reference_workload_does_what_it_always_did() -> None:
    """If this fails, the workload was changed: give the new one a version of its own."""
    source = "".join(inspect.getsource(each) for each in (reference._branches, reference._multiply, reference._move))
    digest = hashlib.sha256((source + inspect.getsource(reference.work)).encode()).hexdigest()
    assert (reference.VERSION, digest[:16]) == (1, "590e33d95fb00457")


def test_the_reference_workload_runs_by_itself_and_checks_its_sum() -> None:
    argv = [sys.executable, "-I", "-S", reference.__file__]
    assert subprocess.run(argv, env={}, check=False).returncode == 0
    assert reference.reference_name() == f"1, cpython {sys.version_info[0]}.{sys.version_info[1]}"


# -- sizes ------------------------------------------------------------------------------------------------------------


def test_the_size_of_a_file_and_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 10)
    (tmp_path / "sub" / "sub").mkdir(parents=True)
    (tmp_path / "sub" / "sub" / "b").write_bytes(b"x" * 5)
    (tmp_path / "sub" / "link").symlink_to(tmp_path / "a")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "sub" / "pipe")
    (tmp_path / "named").symlink_to(tmp_path / "a")
    assert [size_of(str(tmp_path / name)) for name in ("a", "sub", "named")] == [10, 5, 10]
    with pytest.raises(FileNotFoundError):
        size_of(str(tmp_path / "none"))


# -- metrics of a program's own ---------------------------------------------------------------------------------------


def test_numbers_and_values_with_a_unit() -> None:
    parsed = own_metrics.parse(
        b'{"n": 3, "t": {"value": 0.5, "unit": "s"}, "v": {"value": 9, "lower_is_better": false}}\n'
    )
    assert parsed == {"n": Value(3.0), "t": Value(0.5, "s"), "v": Value(9.0, "1", lower_is_better=False)}
    assert own_metrics.parse(b"{}") == {}


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (b"", "standard output is not the JSON of `metrics: stdout`"),
        (b"n: 3", "standard output is not the JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[1]", "metrics on standard output: : Input should be"),
        (b'{"n": NaN}', "NaN is not a number"),
        (b'{"n": 1e999}', "metrics on standard output: n"),
        (b'{"n": "3"}', "metrics on standard output: n"),
        (b'{"n": true}', "metrics on standard output: n"),
        (b'{"n": {"value": 3, "unit": "ms"}}', "metrics on standard output: n"),
        (b'{"n": {"unit": "s"}}', "metrics on standard output: n"),
        (b'{"a\\u001b": 1}', "metrics on standard output: "),
        (b'{"": 1}', "metrics on standard output: "),
        (b'{"time": 1}', "`time` is measured by Longpole"),
        (b'{"a": 1}\xff', "standard output is not the JSON"),
    ],
)
def test_what_is_no_metric_is_refused(output: bytes, message: str) -> None:
    with pytest.raises(ValueError) as error:
        own_metrics.parse(output)
    assert message in str(error.value)


def test_values_of_several_executions() -> None:
    collected = own_metrics.Collected()
    collected.add({"n": Value(3.0), "t": Value(1.0, "s")})
    collected.add({"n": Value(5.0)})
    assert collected.metrics() == {"n": Metric.of("1", (3.0, 5.0)), "t": Metric.of("s", (1.0,))}


# -- the choice -------------------------------------------------------------------------------------------------------

RUN = Command(("x",), "/", {})


def bench(*names: str) -> Bench:
    return Bench(
        tuple(Benchmark(name, RUN, None, None, None, None, 1, 10, 5.0, (), metrics=False) for name in names),
        reference=True,
    )


@pytest.mark.parametrize(
    ("globs", "chosen"),
    [
        ((), "abc"),
        (("a",), "a"),
        (("[bc]",), "bc"),
        (("!b",), "ac"),
        (("*", "!a", "!b"), "c"),
        (("c", "a"), "ac"),
    ],
)
def test_benchmarks_are_chosen_by_globs(globs: tuple[str, ...], chosen: str) -> None:
    made = select(bench("a", "b", "c"), globs, 3)
    assert "".join(each.name for each in made.benchmarks) == chosen
    assert {each.rounds for each in made.benchmarks} == {3}
    assert {each.rounds for each in select(bench("a"), ()).benchmarks} == {10}


def test_a_name_with_brackets_is_chosen_by_itself() -> None:
    assert len(select(bench("gc[3]", "gc3"), ("gc[3]",)).benchmarks) == 2


@pytest.mark.parametrize(
    ("globs", "message"),
    [
        (("prase",), "no benchmark matches 'prase'; did you mean 'parse'?"),
        (("x*",), "the benchmarks are parse, run"),
        (("!*",), "no benchmark matches '!*'; the benchmarks are parse, run"),
    ],
)
def test_nothing_chosen_is_an_error(globs: tuple[str, ...], message: str) -> None:
    with pytest.raises(UseError) as error:
        select(bench("parse", "run"), globs)
    assert message in str(error.value)
    assert error.value.exit_code == 4


# -- text -------------------------------------------------------------------------------------------------------------

AT = datetime(2026, 1, 2, tzinfo=UTC)


def test_the_summary(golden: Callable[[str, str], None]) -> None:
    measured = Measured(
        AT,
        (
            Series(
                "parse",
                {
                    "time": Metric.of("s", (0.0123, 0.0131, 0.0118)),
                    "zeta": Metric.of("1", (7.0,)),
                    "cold": Metric.of("s", (0.02,)),
                    "cpu": Metric.of("s", (0.0,)),
                    "memory": Metric.of("B", (12_582_912.0,)),
                    "size": Metric.of("B", (1_536.0,)),
                    "alpha": Metric.of("1", (-1234.5,)),
                },
            ),
            Series("a benchmark with a name that is long", {"time": Metric.of("s", (75.0, 80.0))}),
            Series("once", {"time": Metric.of("s", (2e-4,))}),
        ),
        (),
        (Failure("bad", "exit status 1, in round 3\nlast \x1b[31mwords\x07"),),
        Metric.of("s", (0.1, 0.2)),
    )
    text = summary(measured)
    golden("perf-run.txt", text + "\n")
    assert all(len(line) <= 60 for line in text.splitlines())
    assert "\x1b" not in text


def test_a_quiet_machine_is_no_remark() -> None:
    one = (Series("a", {"time": Metric.of("s", (1.0,))}),)
    for quiet in (None, Metric.of("s", (0.1,)), Metric.of("s", (0.1, 0.101, 0.099))):
        assert "noisy" not in summary(Measured(AT, one, (), (), quiet))
    noisy = summary(Measured(AT, one, (), (), Metric.of("s", (0.1, 0.13, 0.09))))
    assert "a fixed workload varied by 20 %" in noisy


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        ("s", 0.0, "0 µs"),
        ("s", 1.234e-7, "0.123 µs"),
        ("s", 0.00123, "1.23 ms"),
        ("s", 0.9996, "1,000 ms"),
        ("s", 1234.5, "1,234 s"),
        ("B", 1023.0, "1,023 B"),
        ("B", 1024.0, "1 KiB"),
        ("B", 5e12, "4,657 GiB"),
        ("1", 1e300, "1e+300"),
        ("1", 0.000123456, "0.000123"),
        ("1", -5.0, "-5"),
    ],
)
def test_quantities(unit: Unit, value: float, text: str) -> None:
    assert quantity(Metric.of(unit, (value,))) == text


def test_the_schema_is_json() -> None:
    from longpole.perf.measure.shapes import json_schema

    assert json.loads(json_schema())["title"] == "bench.yaml of longpole perf run"
