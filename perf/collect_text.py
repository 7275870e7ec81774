"""What `longpole perf collect` prints: for people, and as JSON."""

from collections.abc import Iterator
from typing import Any

from longpole.perf.branch import Destination
from longpole.perf.collect import Collected, platform_of

_MAX_LINES = 20
"""How many lines of a kind are printed for people."""
_MAX_REFUSED = 100


def lines(collected: Collected, to: Destination, *, dry_run: bool = False) -> Iterator[str]:
    """What was added, by commit; what was missing; how many files were ignored."""
    changed, added = collected.changed, collected.added
    where = f"branch {to.branch} of {to.remote.shown}"
    if not added:
        nothing = "nothing new" if collected.present else "nothing to add"
        yield f"{where}: {nothing}{_there(collected)}"
    else:
        files = f"{len(added)} file{'s' if len(added) > 1 else ''}"
        commits = f" in {changed.commits} commit{'s' if changed.commits > 1 else ''}"
        tried = f", at attempt {changed.attempts}" if changed.attempts > 1 else ""
        done = f"{files} would be added" if dry_run else f"{files} added{commits}{tried}"
        yield f"{where}: {done}{_there(collected)}"
    by_commit: dict[str, list[str]] = {}
    for item in added:
        by_commit.setdefault(item.commit, []).append(platform_of(item))
    rows = [f"  {commit[:12]}  {', '.join(sorted(set(platforms)))}" for commit, platforms in by_commit.items()]
    yield from _first(rows)
    yield from _first(
        [f"no result of {each.commit[:12]} on {each.platform}: recorded as a failure" for each in collected.missing]
    )
    if collected.ignored:
        more = f" and {len(collected.ignored) - 1} more" if len(collected.ignored) > 1 else ""
        yield f"ignored, as they are no results: {collected.ignored[0]}{more}"


def refused(collected: Collected) -> Iterator[str]:
    """A line for each file that was refused, up to a number that a log can hold."""
    for problem in collected.refused[:_MAX_REFUSED]:
        yield f"refused: {problem}"
    if len(collected.refused) > _MAX_REFUSED:
        yield f"refused: {len(collected.refused) - _MAX_REFUSED:,} more, which --json lists"


def as_json(collected: Collected, to: Destination) -> dict[str, Any]:
    """The same for programs; docs/perf-collect.md describes it."""
    return {
        "version": 1,
        "remote": to.remote.shown,
        "branch": to.branch,
        "before": collected.changed.before,
        "after": collected.changed.after,
        "attempts": collected.changed.attempts,
        "added": [item.path for item in collected.added],
        "present": [item.path for item in collected.present],
        "missing": [{"platform": each.platform, "commit": each.commit} for each in collected.missing],
        "refused": [{"place": each.file, "what": each.what, "remedy": each.remedy} for each in collected.refused],
        "ignored": list(collected.ignored),
    }


def _there(collected: Collected) -> str:
    count = len(collected.present)
    return f"; {count} {'were' if count > 1 else 'was'} there already" if count else ""


def _first(rows: list[str]) -> list[str]:
    more = len(rows) - _MAX_LINES
    return rows if more <= 0 else [*rows[:_MAX_LINES], f"  and {more} more"]
