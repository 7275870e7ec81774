"""`longpole perf list`: the runs of an index, the newest first, as text and as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from longpole.perf.index import Index, Run, Unreadable
from longpole.perf.text_table import text_table
from longpole.rts_tests.contracts.quantities import count

VERSION = 1
_HEADER = ("commit", "platform", "measured (UTC)", "benchmarks", "reason")
MAX_UNREADABLE = 5


@dataclass(frozen=True, slots=True)
class Listing:
    """The runs that were asked for, the newest first; `of` is how many there are if `limit` left some out."""

    runs: tuple[Run, ...]
    of: int
    unreadable: tuple[Unreadable, ...]


def listing(
    index: Index, platforms: Sequence[str], commits: Sequence[str], *, failed: bool, limit: int | None
) -> Listing:
    """The runs of `platforms` (globs) and of `commits` (beginnings of names), or of any if these are empty."""
    runs = [
        run
        for run in reversed(index.runs())
        if (not platforms or any(fnmatchcase(run.platform, each) for each in platforms))
        and (not commits or run.commit.startswith(tuple(commits)))
        and (run.failed or not failed)
    ]
    return Listing(tuple(runs[:limit]), len(runs), tuple(index.unreadable()))


def as_text(listed: Listing) -> str:
    """A line for each run, how many there are, and how many files could not be read."""
    lines = []
    if listed.runs:
        lines += [text_table([_HEADER, *map(_cells, listed.runs)], "<<<><"), ""]
    failed = sum(run.failed for run in listed.runs)
    of = f" of {listed.of:,}" if listed.of > len(listed.runs) else ""
    lines.append(f"{count(len(listed.runs), 'run')}{of}" + (f", {failed:,} failed" if failed else ""))
    return "\n".join(lines)


def complaints(listed: Listing) -> list[str]:
    """A line for each of the first files that could not be read, and for the others together."""
    lines = [f"{each.path}: {each.why}" for each in listed.unreadable[:MAX_UNREADABLE]]
    more = len(listed.unreadable) - MAX_UNREADABLE
    return [*lines, f"{count(more, 'more file')} cannot be read; --json names them"] if more > 0 else lines


def as_json(listed: Listing) -> dict[str, Any]:
    """The same for programs; docs/perf-collect.md describes it."""
    return {
        "version": VERSION,
        "of": listed.of,
        "runs": [
            {
                "commit": run.commit,
                "platform": run.platform,
                "measured_at": _utc(run.measured_at),
                "benchmarks": run.benchmarks,
                "failed": run.failed,
                "reason": run.reason,
                "tool": run.tool,
                "machine": dict(run.machine),
                "path": run.path,
            }
            for run in listed.runs
        ],
        "unreadable": [{"path": each.path, "why": each.why, "newer": each.newer} for each in listed.unreadable],
    }


def _cells(run: Run) -> tuple[str, ...]:
    benchmarks = "failed" if run.failed else f"{run.benchmarks:,}"
    return run.commit[:12], run.platform, f"{run.measured_at:%Y-%m-%d %H:%M}", benchmarks, run.reason or ""


def _utc(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")
