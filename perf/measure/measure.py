"""Execute the steps, and keep what each execution took."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from longpole.perf import model
from longpole.perf.measure import own_metrics, reference, run_records
from longpole.perf.measure.bench import Bench, Benchmark, Command
from longpole.perf.measure.launch import Execution, Launcher
from longpole.perf.measure.size import size_of
from longpole.perf.measure.steps import Kind, Step, steps
from longpole.perf.progress import progress
from longpole.rts_tests.contracts.errors import UseError

_REFERENCE_TIMEOUT_S = 600.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured, when it began, and the time of the reference workload in the same rounds, if it was wanted.

    `of_runs` is what was measured in runs of suites that benchmarks made.
    """

    measured_at: datetime
    benchmarks: tuple[model.Benchmark, ...]
    of_runs: tuple[model.Benchmark, ...]
    failures: tuple[model.Failure, ...]
    reference: model.Metric | None


class CannotMeasure(Exception):
    """A step of a benchmark failed; the message says which and how, with the end of what the program said."""


@dataclass(slots=True)
class _Samples:
    """What is known of one benchmark so far; after a failure it is executed no more."""

    benchmark: Benchmark
    is_set_up: bool = False
    failure: model.Failure | None = None
    cold_s: float | None = None
    executions: list[Execution] = field(default_factory=list)
    sizes: list[float] = field(default_factory=list)
    own: own_metrics.Collected = field(default_factory=own_metrics.Collected)
    runs: run_records.Collected = field(default_factory=run_records.Collected)


def measure(bench: Bench, seed: int) -> Measured:
    """Execute all benchmarks in the order that `seed` gives; return what was measured.

    A benchmark that fails is a failure in the result, and the others go on. With a KeyboardInterrupt the program that
    is running is ended, benchmarks that are set up are cleaned up, and it is raised again.
    """
    rounds = {benchmark.name: (benchmark.warmup, benchmark.rounds) for benchmark in bench.benchmarks}
    order = steps(rounds, seed, reference=bench.reference)
    begun = datetime.now(UTC).replace(microsecond=0)
    samples = {benchmark.name: _Samples(benchmark) for benchmark in bench.benchmarks}
    reference_s: list[float] = []
    with Launcher() as launcher:
        try:
            for step in progress(order, "Measuring"):
                if step.name is None:
                    execution = launcher.execute(_REFERENCE, _REFERENCE_TIMEOUT_S)
                    if step.kind is Kind.ROUND and not execution.why:
                        reference_s.append(execution.wall_s)
                else:
                    _execute(samples[step.name], step, launcher)
        except KeyboardInterrupt:
            for each in samples.values():
                _execute(each, Step(Kind.CLEANUP, each.benchmark.name), launcher)
            raise
    good = [each for each in samples.values() if each.failure is None]
    return Measured(
        begun,
        tuple(_benchmark(each) for each in good),
        tuple(benchmark for each in good for benchmark in each.runs.benchmarks(each.benchmark.name)),
        tuple(each.failure for each in samples.values() if each.failure is not None),
        model.Metric.of("s", tuple(reference_s)) if reference_s else None,
    )


_REFERENCE = Command((sys.executable, "-I", "-S", reference.__file__), os.sep, {})


def _execute(samples: _Samples, step: Step, launcher: Launcher) -> None:
    """Execute one step of a benchmark, unless it has failed before; what is set up is cleaned up all the same."""
    benchmark = samples.benchmark
    try:
        if step.kind is Kind.CLEANUP:
            if samples.is_set_up:
                samples.is_set_up = False
                _beside("cleanup", benchmark.cleanup, benchmark, launcher)
        elif samples.failure is not None:
            return
        elif step.kind is Kind.SETUP:
            samples.is_set_up = True
            _beside("setup", benchmark.setup, benchmark, launcher)
        else:
            _sample(samples, step, launcher)
    except CannotMeasure as error:
        samples.failure = samples.failure or model.Failure(benchmark.name, str(error))


def _sample(samples: _Samples, step: Step, launcher: Launcher) -> None:
    benchmark = samples.benchmark
    _beside("prepare", benchmark.prepare, benchmark, launcher)
    runs = frozenset() if benchmark.records is None else run_records.runs_in(benchmark.records)
    execution = launcher.execute(benchmark.run, benchmark.timeout_s, output=benchmark.metrics)
    if execution.why:
        where = f"in {step.kind} {step.number}" if step.kind is not Kind.COLD else f"in its {step.kind}"
        raise CannotMeasure(_message(f"{execution.why}, {where}", execution))
    try:
        size = sum(map(size_of, benchmark.output))
        values = own_metrics.parse(execution.output) if benchmark.metrics else {}
    except OSError as error:
        raise CannotMeasure(f"`output`: {error.filename}: {error.strerror}") from None
    except ValueError as error:
        raise CannotMeasure(str(error)) from None
    of_run = () if benchmark.records is None else _of_run(benchmark.records, runs)
    if step.kind is Kind.COLD:
        samples.cold_s = execution.wall_s
    elif step.kind is Kind.ROUND:
        samples.executions.append(execution)
        samples.own.add(values)
        samples.runs.add(of_run)
        if benchmark.output:
            samples.sizes.append(float(size))
    _beside("conclude", benchmark.conclude, benchmark, launcher)


def _of_run(state: str, before: frozenset[str]) -> tuple[model.Benchmark, ...]:
    try:
        return run_records.benchmarks_of_new_run(state, before)
    except (UseError, ValueError) as error:
        raise CannotMeasure(f"`records`: {error}") from None


def _beside(what: str, command: Command | None, benchmark: Benchmark, launcher: Launcher) -> None:
    """Execute a command that is not measured. Raises `CannotMeasure` if it fails."""
    if command is not None:
        execution = launcher.execute(command, benchmark.timeout_s, measured=False)
        if execution.why:
            raise CannotMeasure(_message(f"`{what}`: {execution.why}", execution))


def _message(why: str, execution: Execution) -> str:
    return f"{why}\n{execution.said}" if execution.said else why


def _benchmark(samples: _Samples) -> model.Benchmark:
    """The metrics of a benchmark that did not fail."""
    executions = samples.executions
    metrics: dict[str, model.Metric] = {
        "time": model.Metric.of("s", tuple(each.wall_s for each in executions)),
        "cpu": model.Metric.of("s", tuple(each.cpu_s for each in executions)),
    }
    if samples.cold_s is not None:
        metrics["cold"] = model.Metric.of("s", (samples.cold_s,))
    memory = tuple(float(each.memory) for each in executions if each.memory is not None)
    if len(memory) == len(executions):
        metrics["memory"] = model.Metric.of("B", memory)
    if samples.sizes:
        metrics["size"] = model.Metric.of("B", tuple(samples.sizes))
    own: Mapping[str, model.Metric] = samples.own.metrics()
    return model.Benchmark(samples.benchmark.name, {**metrics, **own})
