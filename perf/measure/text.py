"""What was measured as text for a terminal, readable at 60 columns."""

from collections.abc import Sequence
from math import floor, log10

from longpole.perf.measure.measure import Measured
from longpole.perf.model import Benchmark, Metric
from longpole.rts_tests.contracts.harmless import harmless
from longpole.rts_tests.contracts.quantities import count

NOISY = 0.1
"""Spread of the reference workload, deviation over mean, above which the machine is called noisy."""
_SCALES = {
    "s": ((1.0, "s", 1.0), (1e-3, "ms", 1e-3), (0.0, "µs", 1e-6)),
    "B": ((2.0**30, "GiB", 2.0**30), (2.0**20, "MiB", 2.0**20), (2.0**10, "KiB", 2.0**10), (0.0, "B", 1.0)),
    "1": ((0.0, "", 1.0),),
}
_MAX_NAME = 20
_HUGE = 1e12
_MAKESPAN = "makespan"
_FIRST = ("time", "cold", "cpu", "memory", "size")


def summary(measured: Measured) -> str:
    """A line for each benchmark: name, mean and deviation, least and most; then its other metrics, and all failures."""
    width = max((min(_MAX_NAME, len(each.name)) for each in measured.benchmarks), default=0)
    lines = [line for each in measured.benchmarks for line in _lines(each, width, "time")]
    suites = [each for each in measured.of_runs if _MAKESPAN in each.metrics]
    lines += [line for each in suites for line in _lines(each, width, _MAKESPAN)]
    for failure in measured.failures:
        first, *said = failure.message.split("\n")
        lines += [f"FAIL {failure.name}: {harmless(first, colour=False)}"]
        lines += [f"  | {harmless(line, colour=False)}" for line in said]
    if units := len(measured.of_runs) - len(suites):
        lines.append(f"{count(units, 'unit')} of runs {'is' if units == 1 else 'are'} not shown, but in the result.")
    return "\n".join([*lines, *_warnings(measured)])


def _lines(benchmark: Benchmark, width: int, main: str) -> list[str]:
    """The line of a benchmark's `main` metric and those of its others."""
    name = benchmark.name
    lead = [f"{name:{width}}"] if len(name) <= width else [name, " " * width]
    lead[-1] += "  " + _spread(benchmark.metrics[main])
    others = sorted(
        (each for each in benchmark.metrics if each != main),
        key=lambda each: (_FIRST.index(each) if each in _FIRST else len(_FIRST), each),
    )
    return [*lead, *_wrapped([f"{each} {quantity(benchmark.metrics[each])}" for each in others])]


def _wrapped(parts: Sequence[str], width: int = 60) -> list[str]:
    """The parts with spaces between, as many in a line as there is room for, indented."""
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + 3 + len(part) <= width:
            lines[-1] += f"   {part}"
        else:
            lines.append(f"  {part}")
    return lines


def _spread(metric: Metric) -> str:
    """Mean ± deviation, then least … most, all in one unit and with as many decimals as the mean."""
    size, unit = _scale(metric.mean, metric.unit)
    decimals = max(1, _decimals(metric.mean / size))
    mean = f"{metric.mean / size:6.{decimals}f}"
    if metric.deviation is None:
        return f"{mean} {unit}"
    deviation, low, high = (
        f"{value / size:.{decimals}f}" for value in (metric.deviation, min(metric.samples), max(metric.samples))
    )
    return f"{mean} ± {deviation:>5} {unit:3}  {low:>6} … {high}"


def quantity(metric: Metric) -> str:
    """The mean of a metric with its unit: `12.3 ms`, `1.25 MiB`, `7`."""
    size, unit = _scale(metric.mean, metric.unit)
    value = metric.mean / size
    if abs(value) >= _HUGE:
        return f"{value:.3g} {unit}".rstrip()
    digits = 0 if value == int(value) else _decimals(value)
    return f"{value:,.{digits}f} {unit}".rstrip()


def _scale(value: float, unit: str) -> tuple[float, str]:
    """The size of the unit in which `value` is readable, and its name."""
    return next((size, name) for least, name, size in _SCALES[unit] if abs(value) >= least)


def _decimals(value: float) -> int:
    """How many decimals show three digits of a number, and all that are before its point; at most 6."""
    return min(6, max(0, 2 - floor(log10(abs(value))))) if value else 0


def _warnings(measured: Measured) -> list[str]:
    """What makes the figures doubtful."""
    reference = measured.reference
    if reference is None or reference.deviation is None or reference.deviation <= NOISY * reference.mean:
        return []
    percent = round(100 * reference.deviation / reference.mean)
    return [
        "",
        f"The machine was noisy: a fixed workload varied by {percent} %.",
        "Close other programs, or measure more rounds.",
    ]
