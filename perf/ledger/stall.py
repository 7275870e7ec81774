"""Whether measurements still arrive: the newest commits of the main branch that have no result."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from longpole.perf.ledger.ledger import Entry, State
from longpole.rts_tests.contracts.quantities import count


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the measurements of a platform are behind the newest commit.

    `behind` is how many commits are newer than `commit`, the newest measured one, or how many there are if it is None;
    `failures` and `skips` are how many of these failed or were skipped. It is stalled if `behind` is `limit` or more.
    """

    platform: str
    limit: int
    behind: int
    commit: str | None
    measured_at: datetime | None
    failures: int
    skips: int

    @property
    def stalled(self) -> bool:
        """Whether there is no measurement among the newest `limit` commits."""
        return self.behind >= self.limit


def progress_of(platform: str, entries: Sequence[Entry], limit: int) -> Progress:
    """How far a platform is behind. `entries` are those of its ledger, the oldest first."""
    newer: list[Entry] = []
    last: Entry | None = None
    for entry in reversed(entries):
        if entry.state is State.MEASURED:
            last = entry
            break
        newer.append(entry)
    failures, skips = (sum(entry.state is state for entry in newer) for state in (State.FAILED, State.SKIPPED))
    commit, at = (last.commit, last.at) if last else (None, None)
    return Progress(platform, limit, len(newer), commit, at, failures, skips)


def progress_text(each: Progress) -> str:
    """One line: what is stalled, and since when, or how far it is behind."""
    last = f"the last is {each.commit[:12]}, {count(each.behind, 'commit')} ago" if each.commit else "none ever was"
    when = f", measured on {each.measured_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if each.measured_at else ""
    parts = [(each.failures, "failed"), (each.skips, "skipped")]
    of_these = ", ".join(f"{number:,} {what}" for number, what in parts if number)
    if each.stalled:
        several = f"none of the newest {each.limit:,} commits is measured"
        newest = several if each.limit > 1 else "the newest commit is not measured"
        since = f"; of the {each.behind:,} since then {of_these}" if of_these else ""
        return f"{each.platform}: stalled: {newest}: {last}{when}{since}"
    if each.commit is None:
        return f"{each.platform}: not measured yet, {count(each.behind, 'commit')} of {each.limit:,}"
    return f"{each.platform}: {last}{when}"


def progress_json(each: Progress) -> dict[str, Any]:
    """The same as JSON. The time is ISO 8601 in UTC."""
    at = each.measured_at.astimezone(UTC).isoformat() if each.measured_at else None
    return {**asdict(each), "measured_at": at, "stalled": each.stalled}
