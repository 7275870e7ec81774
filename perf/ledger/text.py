"""What `longpole perf ledger` prints: a table of states, the widest gaps, what is elsewhere, the coverage of days."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from longpole.perf.commits import Commits
from longpole.perf.ledger.ledger import Elsewhere, Entry, State, per_day, ranges, widest_gaps
from longpole.perf.text_table import text_table
from longpole.rts_tests.contracts.quantities import count

_GAPS = 5
_ELSEWHERE = 10
_DAYS = 14
"""How many of each are shown; the JSON has all."""


@dataclass(frozen=True, slots=True)
class Account:
    """One platform's ledger: its entries, the oldest first, and what is on other commits than those of the branch."""

    platform: str
    entries: tuple[Entry, ...]
    elsewhere: tuple[Elsewhere, ...]

    @property
    def covered(self) -> int:
        """How many commits are in the range of a measurement."""
        return sum(entry.by is not None for entry in self.entries)


def ledger_text(commits: Commits, accounts: Sequence[Account]) -> str:
    """The whole account as text."""
    blocks = [_heading(commits), _states(accounts), _gaps(accounts), _others(accounts), _days(commits, accounts)]
    return "\n\n".join(block for block in blocks if block)


def unmeasured_text(commits: Commits, accounts: Sequence[Account]) -> str:
    """A line for each platform and commit that is not measured: platform, state, commit, date, subject, and why."""
    rows = [
        (
            account.platform,
            entry.state.value,
            entry.commit[:12],
            f"{commit.committed_at:%Y-%m-%d}" if commit.committed_at else "-",
            _why(entry),
            commit.subject,
        )
        for account in accounts
        for commit, entry in zip(commits.commits, account.entries, strict=True)
        if entry.state is not State.MEASURED
    ]
    return text_table(rows, "<<<<<<")


def ledger_json(commits: Commits, accounts: Sequence[Account]) -> dict[str, Any]:
    """The whole account as JSON. Times are ISO 8601 in UTC."""
    return {
        "source": commits.source,
        "commits": len(commits.commits),
        "platforms": [
            {
                "platform": account.platform,
                "states": _counts(account.entries),
                "covered": account.covered,
                "entries": [_plain(entry) for entry in account.entries],
                "ranges": [_plain(each) for each in ranges(account.entries)],
                "elsewhere": [_plain(each) for each in account.elsewhere],
                "days": [_plain(day) for day in per_day(commits, account.entries)],
            }
            for account in accounts
        ],
    }


def _plain(item: Any) -> dict[str, Any]:  # noqa: ANN401  any of the dataclasses above
    return {name: _value(value) for name, value in asdict(item).items() if name != "platform"}


def _value(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _counts(entries: Iterable[Entry]) -> dict[str, int]:
    """How many entries are in each state, by the order of the states; those in none are not left out."""
    found = Counter(entry.state for entry in entries)
    return {state.value: found[state] for state in State}


def _heading(commits: Commits) -> str:
    dates = [commit.committed_at for commit in commits.commits if commit.committed_at]
    when = f", {min(dates):%Y-%m-%d} to {max(dates):%Y-%m-%d}" if dates else ""
    return f"{count(len(commits.commits), 'commit')} of {commits.source}{when}"


def _states(accounts: Sequence[Account]) -> str:
    rows = [
        (
            account.platform,
            *(f"{number:,}" for number in _counts(account.entries).values()),
            _percent(account.covered, len(account.entries)),
            _newest(account.entries),
        )
        for account in accounts
    ]
    heading = ("platform", *(state.value for state in State), "covered", "newest measured")
    return text_table([heading, *rows], "<" + ">" * (len(State) + 1) + "<")


def _newest(entries: Sequence[Entry]) -> str:
    for behind, entry in enumerate(reversed(entries)):
        if entry.state is State.MEASURED:
            return f"{entry.commit[:12]}, {count(behind, 'commit')} behind" if behind else entry.commit[:12]
    return "none"


def _gaps(accounts: Sequence[Account]) -> str:
    rows = [
        (
            f"  {account.platform}",
            f"{len(gap.commits) - 1:,} unmeasured",
            f"{(gap.before or '')[:12]}..{gap.commit[:12]}",
        )
        for account in accounts
        for gap in widest_gaps(account.entries, _GAPS)
    ]
    return f"widest gaps between measured commits:\n{text_table(rows, '<><')}" if rows else ""


def _others(accounts: Sequence[Account]) -> str:
    rows = [
        (f"  {each.platform}", each.commit[:12], _evidence(each), each.where)
        for account in accounts
        for each in account.elsewhere
    ]
    if not rows:
        return ""
    more = f"\n  and {len(rows) - _ELSEWHERE:,} more" if len(rows) > _ELSEWHERE else ""
    return f"on commits that are not of the branch:\n{text_table(rows[:_ELSEWHERE], '<<<<')}{more}"


def _evidence(each: Elsewhere) -> str:
    parts = ((each.runs, "result"), (each.failures, "failure"), (each.skips, "skip"))
    return ", ".join(count(number, noun) for number, noun in parts if number)


def _days(commits: Commits, accounts: Sequence[Account]) -> str:
    """A line for each of the last days: its commits, and how many each platform has measured, and has in a range."""
    days = [per_day(commits, account.entries) for account in accounts]
    rows = [
        (f"{same[0].day}", f"{same[0].commits:,}", *(f"{day.measured:,} / {day.covered:,}" for day in same))
        for same in list(zip(*days, strict=True))[-_DAYS:]
    ]
    heading = ("day (UTC)", "commits", *(f"{account.platform}: measured / covered" for account in accounts))
    return text_table([heading, *rows], "<" + ">" * (len(accounts) + 1)) if rows else ""


def _why(entry: Entry) -> str:
    depth = f" ({count(entry.queue_depth, 'run')} waiting)" if entry.queue_depth is not None else ""
    by = f"in the range of {entry.by[:12]}" if entry.by else ""
    return "; ".join(part for part in (f"{entry.why}{depth}".strip(), by) if part)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"
