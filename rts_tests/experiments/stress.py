"""`longpole stress`: one unit many times, and how often it fails."""

import itertools
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from longpole.rts_tests.contracts.commit import find_commit
from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.plan import Unit
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
"""Standard deviations to both sides of the mean that hold 95 % of a normal distribution."""
TAIL_LINES = 5
TAILS = 3
"""Failing executions of which the end of the log is shown; of the others it is only said where it is."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed; `count` or `for_s` is None."""

    unit: str
    count: int | None
    for_s: float | None
    own_seeds: bool
    jobs: int
    fail_fast: bool


def wilson(failed: int, total: int, z: float = Z95) -> tuple[float, float]:
    """The score interval of a rate of which `failed` of `total` were seen, by default at 95 %.

    Unlike the usual one it is right at 0 and 1 and for few trials. With no trial, anything is possible.
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
    """A rate for people: `12.5 %`, and of small ones two digits that count, `0.038 %`."""
    value = 100 * rate
    digits = 1 if value >= 10 or value == 0 else 1 - math.floor(math.log10(value))
    text = f"{value:.{digits}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


def parse_duration(text: str) -> float:
    """`90s`, `10m` or `1h` in seconds; raises `UseError`."""
    seconds = parse_seconds(text)
    if not seconds:
        remedy = "give a number above 0 and one of s, m, h, d, w, as in --for 10m"
        raise UseError.at("--for", f"{text!r} is not a length of time", remedy)
    return seconds


def stress(asked: Asked, environ: Mapping[str, str] = os.environ) -> int:
    """Do what was asked and print the report; return the exit status of `longpole`. Raises `UseError`."""
    request = Request.from_environ(("stress",), environ)
    plan = current_plan(request)
    unit = find_unit(plan, asked.unit)
    refuse_scattered(plan, [unit], request.seeds)
    commit = find_commit(Path(), request.commit)
    usual = unit_seeds(unit, plan.modules[unit.module], commit.sha, request.seeds)
    if asked.own_seeds and (request.seeds is not None or not usual.values):
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
        asked=_words(asked, unit),
        jobs=asked.jobs,
        fail_fast=asked.fail_fast,
    )
    try:
        seeds = _seeds(unit, usual, commit.sha) if asked.own_seeds else itertools.repeat(usual)
        executions = executions_of(unit, itertools.islice(seeds, asked.count))
        found = experiment.execute(executions, total=asked.count, for_s=asked.for_s)
        counts = found.tally.counts(unit.id)
        lines = [
            *why_cut_short(found.ended),
            *head_lines(unit, usual, asked, counts, found.tally.span_s),
            *_failures(experiment.failures(), experiment.run, counts, own_seeds=asked.own_seeds),
        ]
        experiment.conclude("\n".join(["", *lines]) + "\n")
    finally:
        experiment.close()
    return status_of(found.ended, failed=failed_of(counts) > 0)


def _words(asked: Asked, unit: Unit) -> list[str]:
    limit = f"--for {asked.for_s:g}s" if asked.count is None else f"--count {asked.count}"
    return [unit.id, *limit.split(), *(["--seeds"] if asked.own_seeds else []), *(["-x"] if asked.fail_fast else [])]


def _seeds(unit: Unit, usual: Seeds, sha: str | None) -> Iterator[Seeds]:
    return (execution_seeds(sha, unit.module, number, len(usual.values)) for number in itertools.count(1))


def head_lines(unit: Unit, usual: Seeds, asked: Asked, counts: Mapping[str, int], span_s: float) -> list[str]:
    """What was executed, and how often it failed."""
    failed = failed_of(counts)
    total = failed + counts.get(Status.PASSED, 0)
    times = "1 execution" if total == 1 else f"{total} executions"
    lines = [f"{unit.id}: {times} by -j{asked.jobs} in {span_s:.1f} s", f"seeds: {_seeds_text(usual, asked)}"]
    if not total:
        return [*lines, "rate:  not known, as none came to its end"]
    low, high = wilson(failed, total)
    if failed:
        rate = f"{failed} of {total} failed, {percent(failed / total)}; 95 %: {percent(low)} to {percent(high)}"
    else:
        rate = f"none of {total} failed; 95 %: at most {percent(high)}"
    return [*lines, f"rate:  {rate}", f"       {counts_text(counts)}"]


def _seeds_text(usual: Seeds, asked: Asked) -> str:
    number = len(usual.values)
    if not number:
        return "it takes none"
    if asked.own_seeds:
        return "each with one of its own" if number == 1 else f"each with {number} of its own"
    if number == 1:
        return f"each with {usual.values[0]}"
    return f"each with the same {number}, from {usual.values[0]}"


def _failures(records: Sequence[Record], run: Path, counts: Mapping[str, int], *, own_seeds: bool) -> list[str]:
    """Every failing execution that is kept, and how to repeat it: once for all, where the seeds are those of all."""
    if not records:
        return []
    lines = ["failures:"]
    for index, record in enumerate(records):
        title = f"#{record.execution}"
        if own_seeds and record.seeds is not None:
            title += f", {'seed' if record.seed_count == 1 else 'seeds'} {record.seeds}"
        lines += failure_lines(record, run, title, tail=TAIL_LINES if index < TAILS else 0)
        if own_seeds:
            lines.append(f"    again: {record.reproducer}")
    if len(records) < failed_of(counts):
        lines.append(f"  and {failed_of(counts) - len(records)} more, which were only counted")
    if not own_seeds:
        lines.append(f"again:   {records[0].reproducer}")
    return [*lines, f"kept in: {run}/units"]
