"""A run of the suite as a result: the time of every unit, and of the suite, is a series.

Only a unit that passed at once was measured. One that failed is a failure, because its time says when it failed; one
that passed when it was tried again has the time of all tries; one that was skipped, cancelled or not run says nothing.
The makespan is that of the report, from the start of the first unit to the end of the last, and it is one only if every
unit passed or was skipped. What was run by another goal, or of which a filter or a shard left something out, is no
`suite` but `suite GOAL FILTER SHARD`: a series of its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from longpole.perf.importers.metrics import facts, failure, known, name_of, named_apart
from longpole.perf.model import Benchmark, Failure, Metric, Result
from longpole.perf.platforms import platform_of
from longpole.rts_tests.contracts.builds import read_builds
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.record_file import read_records
from longpole.rts_tests.contracts.records import Record, RunInfo, read_run_info
from longpole.rts_tests.contracts.status import GREEN, UNFINISHED, Status

SUITE = "suite"
_ALL = ("test",)
_OUTSTANDING = "retest"
"""The goal that runs what failed last: of it the units are measured, but no suite."""
_INTERRUPTED = (130, 143)
"""Exit statuses of builds that SIGINT or SIGTERM ended."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The result of a run, and why it has no makespan; None if it has one."""

    result: Result
    no_makespan: str | None

    @property
    def makespan_s(self) -> float | None:
        """The makespan in seconds."""
        metrics = (each.metrics.get("makespan") for each in self.result.benchmarks)
        return next((metric.mean for metric in metrics if metric is not None), None)


def measured(run: Path, *, platform: str | None, commit: str | None, tool: str) -> Measured:
    """What the run in this folder measured. `commit` is for a run that knows none, `platform` None for its machine.

    Raises `UseError` if nothing was measured and nothing failed, and for a run without a commit.
    """
    info = read_run_info(run)
    records = read_records(run, info)
    failures = (*_failed_builds(run), *_failed_units(records.values()))
    reason = _no_makespan(info, records)
    units = [Benchmark(f"unit {record.id}", _unit(record)) for record in records.values() if _is_measured(record)]
    suite = [] if reason or not units else [Benchmark(_suite_name(info), _suite(records.values()))]
    if not units and not failures:
        raise UseError.at(str(run), "no unit of this run passed or failed", "name another run, or run the suite")
    system, architecture = info.machine.split(" ")[0], info.machine.split(" ")[-1]
    result = Result(
        platform=platform or platform_of(system, architecture),
        commit=_commit(info, run, commit),
        measured_at=datetime.fromisoformat(info.started_at),
        benchmarks=named_apart([*suite, *units]),
        failures=failures,
        tool=tool,
        machine=facts(os=system.lower(), arch=architecture, cores=info.cores, jobs=info.jobs),
    )
    return Measured(result, reason)


def _commit(info: RunInfo, run: Path, given: str | None) -> str:
    """The commit of the run. That of a nightly run has the date beside it, from which its seeds come."""
    known_to_run = (info.commit or "").partition("+")[0]
    if known_to_run and given is not None and given != known_to_run:
        raise UseError.at(str(run), f"is of commit {known_to_run}, not of that of --commit", "leave out --commit")
    if not known_to_run and given is None:
        raise UseError.at(str(run), "the run knows no commit", "give --commit")
    return known_to_run or str(given)


def _is_measured(record: Record) -> bool:
    """Whether the unit passed at once; not what `longpole stress` executed, and no fork that had nothing to do."""
    return record.status is Status.PASSED and record.attempts == 1 and record.execution is None


def _unit(record: Record) -> dict[str, Metric]:
    memory = Metric.of("B", (float(record.max_rss_bytes),)) if record.max_rss_bytes else None
    return known({"time": _seconds(record.wall_s), "cpu": _seconds(record.cpu_s), "memory": memory})


def _suite(records: Iterable[Record]) -> dict[str, Metric]:
    ran = [record for record in records if not record.had_nothing_to_do]
    begun = min(record.started_s for record in ran)
    ended = max(record.started_s + record.wall_s for record in ran)
    peak = max(record.max_rss_bytes for record in ran)
    return known(
        {
            "makespan": _seconds(ended - begun),
            "longest": _seconds(max(record.wall_s for record in ran)),
            "cpu": _seconds(sum(record.cpu_s for record in ran)),
            "memory": Metric.of("B", (float(peak),)) if peak else None,
            "units": Metric.of("1", (float(len(ran)),)),
        }
    )


def _seconds(seconds: float) -> Metric:
    return Metric.of("s", (seconds,))


def _suite_name(info: RunInfo) -> str:
    goals = () if info.goals == _ALL else info.goals
    words = (*goals, *([info.filter] if info.filter else []), *info.select, *([info.shard] if info.shard else []))
    return name_of(" ".join((SUITE, *words)))


def _no_makespan(info: RunInfo, records: Mapping[str, Record]) -> str | None:
    """Why a run has no makespan that can be compared with those of other runs; None if it has one."""
    if _OUTSTANDING in info.goals:
        return "only the units that failed before were run"
    if len({record.host for record in records.values()}) > 1:
        return "units ran on more than one machine"
    without = sum(target not in records for _, target, _ in info.planned)
    if without:
        return f"{without} of {len(info.planned)} units did not run"
    not_green = sum(record.status not in GREEN or record.attempts > 1 for record in records.values())
    return f"{not_green} of {len(records)} units did not pass at once" if not_green else None


def _failed_units(records: Iterable[Record]) -> Iterator[Failure]:
    for record in records:
        if record.status not in GREEN and record.status not in UNFINISHED and record.execution is None:
            what = f"{record.status}: {record.note}" if record.note else str(record.status)
            yield failure(f"unit {record.id}", f"{what}\n{record.reproducer}")


def _failed_builds(run: Path) -> Iterator[Failure]:
    for build in read_builds(run).values():
        if build.exit_code != 0 and build.exit_code not in _INTERRUPTED:
            yield failure(f"build {build.name}", f"exit status {build.exit_code}")
