"""`longpole stress`: run one unit many times, and report how often it fails."""

import itertools
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from longpole.rts_tests.contracts.commit import find_commit
from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.harmless import harmless
from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.contracts.quantities import count, seconds
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.seeds import Seeds, execution_seeds, unit_seeds
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.experiments.experiment import (
    Experiment,
    counts_text,
    current_plan,
    failed_of,
    failure_lines,
    find_unit,
    status_of,
    why_cut_short,
)
from longpole.rts_tests.run.request import Request
from longpole.rts_tests.state.retention import parse_seconds
from longpole.rts_tests.supervise.executions import executions_of
from longpole.rts_tests.unit.command import refuse_scattered

Z95 = 1.959963984540054
"""95 % of a normal distribution lie within this many standard deviations of the mean."""
TAIL_LINES = 5
MAX_TAILS = 3
"""Failing executions whose end of the log is shown; for the others, only the log's name is."""


@dataclass(frozen=True, slots=True)
class StressOptions:
    """The options of the command; either `count` or `for_s` (seconds) is None."""

    unit: str
    count: int | None
    for_s: float | None
    own_seeds: bool
    jobs: int
    fail_fast: bool


def wilson(failed: int, total: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval (Wilson 1927) for a rate, if `failed` of `total` trials failed; by default at 95 %.

    Unlike the normal approximation, it is also valid for rates near 0 and 1 and for few trials. Without trials it is
    0 to 1.
    """
    if not total:
        return 0.0, 1.0
    rate, weight = failed / total, z * z / total
    middle = (rate + weight / 2) / (1 + weight)
    reach = z / (1 + weight) * math.sqrt(rate * (1 - rate) / total + weight / total / 4)
    low = 0.0 if failed == 0 else max(0.0, middle - reach)
    high = 1.0 if failed == total else min(1.0, middle + reach)
    return low, high


def percent(rate: float) -> str:
    """A rate as text: `12.5 %`; small rates with two significant digits, `0.038 %`."""
    value = 100 * rate
    digits = 1 if value >= 10 or value == 0 else 1 - math.floor(math.log10(value))
    text = f"{value:.{digits}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


def parse_duration(text: str) -> float:
    """A duration such as `90s`, `10m` or `1h`, in seconds. Raises `UseError`."""
    seconds = parse_seconds(text)
    if not seconds:
        remedy = "give a number above 0 and one of s, m, h, d, w, as in --for 10m"
        raise UseError.at("--for", f"{text!r} is not a valid duration", remedy)
    return seconds


def stress(options: StressOptions, environ: Mapping[str, str] = os.environ) -> int:
    """Execute the unit and print the report; return the exit status of `longpole`. Raises `UseError`."""
    request = Request.from_environ(("stress",), environ)
    plan = current_plan(request)
    unit = find_unit(plan, options.unit)
    refuse_scattered(plan, [unit], request.seeds)
    commit = find_commit(Path(), request.commit)
    usual = unit_seeds(unit, plan.modules[unit.module], commit.sha, request.seeds)
    if options.own_seeds and (request.seeds is not None or not usual.values):
        what = "SEED gives each execution its seeds" if usual.values else f"{unit.id} takes no seeds"
        raise UseError(
            Problem("--seeds", None, None, what, "leave out one of the two" if usual.values else "leave it out")
        )
    experiment = Experiment(
        "stress",
        plan,
        [unit],
        commit,
        request,
        asked=_words(options, unit),
        jobs=options.jobs,
        fail_fast=options.fail_fast,
    )
    try:
        seeds = _seeds(unit, usual, commit.sha) if options.own_seeds else itertools.repeat(usual)
        executions = executions_of(unit, itertools.islice(seeds, options.count))
        result = experiment.execute(executions, total=options.count, for_s=options.for_s)
        counts = result.tally.counts(unit.id)
        lines = [
            *why_cut_short(experiment.run, result.ended),
            *head_lines(unit, usual, options, counts, result.tally.span_s),
            *_failures(experiment.failures(), experiment.run, counts, own_seeds=options.own_seeds),
        ]
        changed = experiment.conclude("\n".join(["", *lines]) + "\n")
    finally:
        experiment.close()
    return status_of(result.ended, failed=failed_of(counts) > 0 or changed)


def _words(options: StressOptions, unit: Unit) -> list[str]:
    limit = f"--for {options.for_s:g}s" if options.count is None else f"--count {options.count}"
    return [
        unit.id,
        *limit.split(),
        *(["--seeds"] if options.own_seeds else []),
        *(["-x"] if options.fail_fast else []),
    ]


def _seeds(unit: Unit, usual: Seeds, sha: str | None) -> Iterator[Seeds]:
    return (execution_seeds(sha, unit.module, number, len(usual.values)) for number in itertools.count(1))


def head_lines(unit: Unit, usual: Seeds, options: StressOptions, counts: Mapping[str, int], span_s: float) -> list[str]:
    """The first lines of the report: what was executed, and how often it failed."""
    failed = failed_of(counts)
    total, skipped = failed + counts.get(Status.PASSED, 0), counts.get(Status.SKIPPED, 0)
    times = count(total + skipped, "execution")
    lines = [f"{unit.id}: {times} by -j{options.jobs} in {seconds(span_s)}", f"seeds: {_seeds_text(usual, options)}"]
    if not total:
        why = "every execution was skipped" if skipped else "no execution finished"
        return [*lines, f"rate:  unknown, because {why}"]
    low, high = wilson(failed, total)
    if failed:
        rate = f"{failed} of {total} failed, {percent(failed / total)}; 95 %: {percent(low)} to {percent(high)}"
    else:
        rate = f"none of {total} failed; 95 %: at most {percent(high)}"
    return [*lines, f"rate:  {rate}", f"       {counts_text(counts)}"]


def _seeds_text(usual: Seeds, options: StressOptions) -> str:
    number = len(usual.values)
    if not number:
        return "it takes none"
    if options.own_seeds:
        return "each with one of its own" if number == 1 else f"each with {number} of its own"
    if number == 1:
        return f"each with {usual.values[0]}"
    return f"each with the same {number}, from {usual.values[0]}"


def _failures(records: Sequence[Record], run: Path, counts: Mapping[str, int], *, own_seeds: bool) -> list[str]:
    """The failing executions that are kept, and how to repeat them; one command if all had the same seeds."""
    if not records:
        return []
    lines = ["failures:"]
    for index, record in enumerate(records):
        title = f"#{record.execution}"
        if own_seeds and record.seeds is not None:
            title += f", {'seed' if record.seed_count == 1 else 'seeds'} {record.seeds}"
        lines += failure_lines(record, run, title, tail=TAIL_LINES if index < MAX_TAILS else 0)
        if own_seeds:
            lines.append(f"    again: {harmless(record.reproducer, colour=False)}")
    if len(records) < failed_of(counts):
        lines.append(f"  and {failed_of(counts) - len(records)} more, which were only counted")
    if not own_seeds:
        lines.append(f"again:   {harmless(records[0].reproducer, colour=False)}")
    return [*lines, f"kept in: {run}/units"]
