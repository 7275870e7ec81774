"""The summary of a run: a pure function of what was planned and what was recorded."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from longpole.rts_tests.contracts.builds import Build, build_log_path, read_builds
from longpole.rts_tests.contracts.load import Load, read_load
from longpole.rts_tests.contracts.real_state import RealState, read_real_state
from longpole.rts_tests.contracts.record_file import read_records
from longpole.rts_tests.contracts.records import LogState, Record, RunInfo, log_path, read_run_info
from longpole.rts_tests.contracts.status import GREEN, Status
from longpole.rts_tests.report.cases import again, counts_of
from longpole.rts_tests.report.crowded import crowded_s
from longpole.rts_tests.report.released import builds_by_unit, released_s

NO_LOG = {LogState.EMPTY: "none, it printed nothing", LogState.LOST: "none, it could not be written"}
"""The text that replaces the name of a log that does not exist."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A planned unit and its record. Without a record it counts as a failure, because it did not run to its end."""

    id: str
    target: str
    estimate_s: float
    record: Record | None
    log: str | None
    """The path of its log; None if there is none."""
    flaky_passes: bool = False
    call: str = "make"
    """How a user calls make for a run like this one."""

    @property
    def status(self) -> Status:
        """The record's status, or `not run`."""
        return self.record.status if self.record else Status.NOT_RUN

    @property
    def again(self) -> str:
        """The command that runs the unit again; of a fork, the classes that failed."""
        return again(self.record, self.call) if self.record else f"{self.call} {self.target}"

    @property
    def variant(self) -> str:
        """The name of its variant."""
        return self.id.partition("/")[0]

    @property
    def wall_s(self) -> float:
        """The record's wall time in seconds; 0 without a record."""
        return self.record.wall_s if self.record else 0.0

    @property
    def ran(self) -> bool:
        """Whether a process of the unit was started: not if there was none to start, or nothing for it to do."""
        record = self.record
        if record is None or record.had_nothing_to_do:
            return False
        ended = record.exit_code is not None or record.signal is not None
        return record.status != Status.ERROR or (ended and record.max_rss_bytes > 0)

    @property
    def failed(self) -> bool:
        """Whether it makes the run fail."""
        return self.status not in GREEN and not (self.status == Status.FLAKY and self.flaky_passes)


@dataclass(frozen=True, slots=True)
class Makespan:
    """How long the units took together, and the least possible for units of these durations, in seconds.

    `bound_s` is max(sum of durations / units at once, longest unit), the lower bound of Graham 1969, or that of
    `crowded_s`, which is higher for few units: no order is shorter. Durations are wall times as measured, so what
    exceeds the bound was lost by the schedule, and not to other programs. `places` is how many cores the units could
    use, `at_once` how many of them could run at a time.
    """

    wall_s: float
    cpu_s: float
    units_s: float
    places: int
    at_once: int
    longest: Outcome | None
    longest_s: float
    released_s: float = 0.0
    """The lower bound that follows from units that waited for a build while others ran; 0 if there were none."""
    crowded_s: float = 0.0
    """The lower bound that follows from units that must follow one another, as one of three units does at `-j2`."""

    @property
    def bound_s(self) -> float:
        """The lower bound of the makespan; 0 if nothing ran."""
        return max(self.units_s / self.at_once, self.longest_s, self.released_s, self.crowded_s)

    @property
    def limited_by_longest(self) -> bool:
        """Whether the longest unit sets the bound, rather than the sum."""
        return self.longest_s >= self.bound_s

    @property
    def cpu_bound_s(self) -> float:
        """The lower bound if each unit took its CPU time only, but for the longest: max(CPU / cores, longest unit)."""
        return max(self.cpu_s / self.places, self.longest_s)


_KINDS = {
    Status.SEED_DEPENDENT: "seed-dependent: failed with these seeds, passed with others",
    Status.FLAKY: "flaky: failed, then passed with the same seeds",
    Status.CANCELLED: "interrupted",
    Status.NOT_RUN: "not run",
    Status.SKIPPED: "skipped",
}
_FAILURES = "failures"
_NOT_FAILED = (0, 130, 143)
"""Exit statuses of builds that succeeded, or that SIGINT or SIGTERM ended: then the run was interrupted."""


@dataclass(frozen=True, slots=True)
class Group:
    """Outcomes of one kind, other than a pass, in plan order."""

    title: str
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class FailedBuild:
    """A build that failed, the units that it kept from running, in plan order, the path of its log, and its command."""

    build: Build
    kept: tuple[Outcome, ...]
    log: str
    again: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole run, its outcomes in plan order, and its builds by name."""

    run: Path
    info: RunInfo
    outcomes: tuple[Outcome, ...]
    makespan: Makespan
    load: Load | None = None
    """What the machine's cores did meanwhile; None if it is not known."""
    builds: Mapping[str, Build] = field(default_factory=dict)
    real_state: RealState | None = None
    """What changed in the folders that the suite guards; None if it guards none."""

    @property
    def failed(self) -> bool:
        """Whether the run failed: a unit did, or guarded folders changed where that is a failure."""
        return bool(self.failures) or (self.real_state is not None and self.real_state.failed)

    @property
    def failed_builds(self) -> tuple[FailedBuild, ...]:
        """The builds that failed, in the order of their starts; those that an interruption ended do not count."""
        failed = [build for build in self.builds.values() if build.exit_code not in _NOT_FAILED]
        needs = builds_by_unit(self.run) if failed else {}
        return tuple(
            FailedBuild(
                build,
                tuple(
                    outcome
                    for outcome in self.outcomes
                    if not outcome.record and build.name in needs.get(outcome.id, (outcome.variant,))
                ),
                build_log_path(self.run, build.name),
                f"{self.info.call} build-{build.name}",
            )
            for build in failed
        )

    @property
    def without_build(self) -> frozenset[str]:
        """The ids of the units that a failed build kept from running."""
        return frozenset(outcome.id for failed in self.failed_builds for outcome in failed.kept)

    @property
    def own_failures(self) -> tuple[Outcome, ...]:
        """The failures, without the units that a failed build kept from running."""
        kept = self.without_build
        return tuple(outcome for outcome in self.failures if outcome.id not in kept)

    @property
    def groups(self) -> tuple[Group, ...]:
        """All outcomes other than a pass, grouped by kind, the worst kind first."""
        kinds: dict[str, list[Outcome]] = {title: [] for title in (_FAILURES, *_KINDS.values())}
        for outcome in self.outcomes:
            if outcome.status != Status.PASSED:
                kinds[_KINDS.get(outcome.status, _FAILURES)].append(outcome)
        return tuple(Group(title, tuple(outcomes)) for title, outcomes in kinds.items() if outcomes)

    @property
    def failures(self) -> tuple[Outcome, ...]:
        """Outcomes that make the run fail, by kind, then in plan order."""
        return tuple(outcome for group in self.groups for outcome in group.outcomes if outcome.failed)

    @property
    def counts(self) -> dict[str, int]:
        """Status to number of units, `passed` first, only those that occur."""
        counter = Counter(outcome.status for outcome in self.outcomes)
        return {status: counter[status] for status in Status if counter[status]}

    @property
    def case_counts(self) -> dict[str, int]:
        """Status to number of cases that units told of, `passed` first, only those that occur."""
        return counts_of(outcome.record for outcome in self.outcomes if outcome.record is not None)

    def slowest(self, count: int) -> list[Outcome]:
        """The outcomes with the longest wall times, the longest first, ties by id; forks without a class have none."""
        ran = [outcome for outcome in self.outcomes if outcome.record and not outcome.record.had_nothing_to_do]
        return sorted(ran, key=lambda outcome: (-outcome.wall_s, outcome.id))[:count]


def read_summary(run: Path) -> Summary:
    """The summary of the run in that folder. Raises `UseError` if there is no run that can be read."""
    info = read_run_info(run)
    records, state = read_records(run, info), read_real_state(run)
    return summarize(run, info, records, read_load(run), read_builds(run), real_state=state)


def log_of(run: Path, record: Record | None) -> str | None:
    """The path of a unit's log in a run; None if the run has none."""
    return log_path(run, record.target) if record is not None and record.log is LogState.KEPT else None


def summarize(
    run: Path,
    info: RunInfo,
    records: Mapping[str, Record],
    load: Load | None = None,
    builds: Mapping[str, Build] | None = None,
    *,
    real_state: RealState | None = None,
) -> Summary:
    """The summary from a run's plan, its records by target, and the other files of its folder that are given."""
    outcomes = tuple(
        Outcome(name, target, estimate, record, log_of(run, record), info.flaky == "pass", str(info.call))
        for name, target, estimate, record in ((*row, records.get(row[1])) for row in info.planned)
    )
    ran = [outcome.record for outcome in outcomes if outcome.record is not None and outcome.ran]
    begun = min((record.started_s for record in ran), default=0.0)
    ended = max((record.started_s + record.wall_s for record in ran), default=0.0)
    at_once = info.jobs or max((record.lane + 1 for record in ran), default=1)
    longest = max((outcome for outcome in outcomes if outcome.ran), key=lambda outcome: outcome.wall_s, default=None)
    makespan = Makespan(
        wall_s=ended - begun,
        cpu_s=sum(record.cpu_s for record in ran),
        units_s=sum(record.wall_s for record in ran),
        places=max(1, min(info.cores, info.jobs or info.cores)),
        at_once=at_once,
        longest=longest,
        longest_s=longest.wall_s if longest else 0.0,
        crowded_s=crowded_s((record.wall_s for record in ran), at_once),
        released_s=released_s(ran, builds, builds_by_unit(run), at_once) if builds else 0.0,
    )
    return Summary(run, info, outcomes, makespan, load, builds or {}, real_state)
