"""The ledger: what is known of every commit of the main branch on a platform, and nothing twice.

Measurements cut the main branch into ranges: that of a measured commit has all commits after the measured one before
it, up to itself. A change that a measurement shows is due to a commit of its range. Commits before the first
measurement are in no range, because there is nothing to compare with; those after the last one are in none yet.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from longpole.perf.commits import Commits
from longpole.perf.model import Skip

if TYPE_CHECKING:
    from longpole.perf.index import Run


class State(StrEnum):
    """What is known of a commit on a platform. Evidence of the commit itself comes before that of a later one."""

    MEASURED = "measured"
    REPRESENTED = "represented"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a commit on a platform.

    `by` is the measured commit whose range has this commit, whatever its state: itself, or a later one; None if there
    is none. `at` is the time of the latest measurement, failure or decision about this commit. `why` explains the
    state where it needs to be; `queue_depth` is that of a skip. `runs` is how many results measured the commit,
    `failures` how many were without any benchmark.
    """

    commit: str
    platform: str
    state: State
    by: str | None = None
    why: str = ""
    queue_depth: int | None = None
    at: datetime | None = None
    runs: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Range:
    """The commits that the measured `commit` stands for: all after `before`, which is measured too, up to itself.

    `before` is None for the first measured commit, which stands for itself.
    """

    platform: str
    before: str | None
    commit: str
    commits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A commit with results or skips that is none of the main branch. `where` says where it is, if that is known."""

    commit: str
    platform: str
    runs: int
    failures: int
    skips: int
    where: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """The commits of a day (UTC) on a platform: how many there are, are measured, and are in a range."""

    day: date
    commits: int
    measured: int
    covered: int


def ledger(commits: Commits, runs: "Iterable[Run]", skips: Iterable[Skip], platform: str) -> tuple[Entry, ...]:
    """What is known of each of the commits on `platform`: one entry for each, the oldest first.

    `runs` and `skips` may be those of other platforms, too, and of commits that are none of `commits`.
    """
    evidence = _evidence(runs, skips, platform)
    measured = [sha for sha, found in evidence.items() if found.ok and sha in commits.positions]
    first = min((commits.positions[sha] for sha in measured), default=None)
    entries: list[Entry] = []
    by: str | None = None
    for position in range(len(commits.commits) - 1, -1, -1):
        sha = commits.commits[position].sha
        found = evidence.get(sha, _NOTHING)
        by = sha if found.ok else by
        if first is not None and position >= first:
            entries.append(found.entry(sha, platform, by, "since the last measurement"))
        else:
            entries.append(
                found.entry(sha, platform, None, "never measured" if by is None else "before the first measurement")
            )
    return tuple(reversed(entries))


def ranges(entries: Iterable[Entry]) -> tuple[Range, ...]:
    """The range of each measured commit, the oldest first. `entries` are those of one platform, in order."""
    found: list[Range] = []
    before: str | None = None
    since: list[str] = []
    for entry in entries:
        since.append(entry.commit)
        if entry.state is State.MEASURED:
            inside = tuple(since) if before else (entry.commit,)
            found.append(Range(entry.platform, before, entry.commit, inside))
            before, since = entry.commit, []
    return tuple(found)


def widest_gaps(entries: Iterable[Entry], number: int) -> tuple[Range, ...]:
    """The ranges with most unmeasured commits, the widest and then the newest first, at most `number` of them."""
    wide = [each for each in reversed(ranges(entries)) if len(each.commits) > 1]
    return tuple(sorted(wide, key=lambda each: -len(each.commits))[:number])


def elsewhere(commits: Commits, runs: "Iterable[Run]", skips: Iterable[Skip], platform: str) -> tuple[Elsewhere, ...]:
    """The commits with a result or a skip on `platform` that are none of `commits`, sorted by name."""
    others = {sha: it for sha, it in _evidence(runs, skips, platform).items() if sha not in commits.positions}
    return tuple(
        Elsewhere(sha, platform, len(it.ok), len(it.failed), len(it.skips)) for sha, it in sorted(others.items())
    )


def per_day(commits: Commits, entries: Sequence[Entry]) -> tuple[Day, ...]:
    """How much of each day's commits is measured and covered, the oldest day first; commits without date are left out.

    `entries` are those of one platform. Days without commits are not listed.
    """
    total: Counter[date] = Counter()
    measured: Counter[date] = Counter()
    covered: Counter[date] = Counter()
    for commit, entry in zip(commits.commits, entries, strict=True):
        if commit.committed_at is not None:
            day = commit.committed_at.astimezone(UTC).date()
            total[day] += 1
            measured[day] += entry.state is State.MEASURED
            covered[day] += entry.by is not None
    return tuple(Day(day, total[day], measured[day], covered[day]) for day in sorted(total))


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What there is about a commit on a platform: results with benchmarks, results without, and skips."""

    ok: "list[Run]" = field(default_factory=list)
    failed: "list[Run]" = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)

    def entry(self, sha: str, platform: str, by: str | None, otherwise: str) -> Entry:
        """The entry of the commit; `otherwise` is why nothing is known of it, if that is so."""
        runs, failures = len(self.ok), len(self.failed)
        if self.ok:
            at = max(run.measured_at for run in self.ok)
            return Entry(sha, platform, State.MEASURED, by, "", None, at, runs, failures)
        if self.failed:
            latest = max(self.failed, key=lambda run: run.measured_at)
            return Entry(sha, platform, State.FAILED, by, latest.reason or "", None, latest.measured_at, 0, failures)
        if self.skips:
            skip = max(self.skips, key=lambda each: each.decided_at)
            return Entry(sha, platform, State.SKIPPED, by, skip.why, skip.queue_depth, skip.decided_at)
        if by is not None:
            return Entry(sha, platform, State.REPRESENTED, by)
        return Entry(sha, platform, State.UNKNOWN, None, otherwise)


_NOTHING = _Evidence()


def _evidence(runs: "Iterable[Run]", skips: Iterable[Skip], platform: str) -> dict[str, _Evidence]:
    found: defaultdict[str, _Evidence] = defaultdict(_Evidence)
    for run in runs:
        if run.platform == platform:
            (found[run.commit].failed if run.failed else found[run.commit].ok).append(run)
    for skip in skips:
        if skip.platform == platform:
            found[skip.commit].skips.append(skip)
    return dict(found)
