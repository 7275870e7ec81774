"""The runs that are kept, for people and programs: `longpole runs`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.harmless import harmless
from longpole.rts_tests.contracts.quantities import count, seconds
from longpole.rts_tests.contracts.record_file import read_records
from longpole.rts_tests.contracts.records import RunInfo, read_run_info
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report.summary import summarize
from longpole.rts_tests.state import retention
from longpole.rts_tests.state.executed import Executed, read_executed
from longpole.rts_tests.state.run_folders import all_run_dirs, find_run

_HEADER = ("run", "when", "units", "makespan", "size", "commit", "outcomes")


@dataclass(frozen=True, slots=True)
class Row:
    """One run; `info` is None if its `run.json` cannot be read, `makespan_s` if there is none yet."""

    name: str
    info: RunInfo | None
    running: bool
    counts: dict[str, int]
    makespan_s: float | None
    bytes: int
    age_s: float
    executed: Executed | None = None

    @property
    def units(self) -> int | None:
        """The number of units that it planned, or of executions that ended."""
        if self.executed is not None:
            return sum(self.executed.counts.values())
        return None if self.info is None else len(self.info.planned)

    @property
    def outcomes(self) -> str:
        """`70 passed, 2 failed`; for a run under way `running: 3 passed, 69 to go`; `stress: 998 passed`."""
        if self.info is None:
            return "run.json cannot be read"
        if self.executed is not None:
            text = ", ".join(f"{number} {status}" for status, number in self.executed.counts.items())
            return f"{self.executed.kind}: {'running' if self.running else text or 'nothing ended'}"
        counts = dict(self.counts)
        if self.running and Status.NOT_RUN in counts:
            counts["to go"] = counts.pop(Status.NOT_RUN)
        text = ", ".join(f"{number} {status}" for status, number in counts.items())
        return f"running: {text}" if self.running else text


def rows(state: Path, now: float) -> list[Row]:
    """Every run that is kept, the newest first."""
    return [row(run, now) for run in reversed(all_run_dirs(state))]


def row(run: Path, now: float) -> Row:
    """One run: from the notes that it wrote when it ended, else from its records."""
    running = retention.is_running(run)
    ending = retention.ending_of(run)
    age_s = now - retention.kept_run(run).started
    try:
        info = read_run_info(run)
    except UseError:
        return Row(run.name, None, running, {}, None, ending.bytes, age_s)
    executed = read_executed(run)
    if executed is not None:
        executions = dict(executed.counts)
        return Row(run.name, info, running, executions, ending.makespan_s or None, ending.bytes, age_s, executed)
    counts, makespan_s = ending.counts, ending.makespan_s
    if counts is None:
        summary = summarize(run, info, read_records(run, info))
        counts, makespan_s = dict(summary.counts), None if running else summary.makespan.wall_s
    return Row(run.name, info, running, counts, makespan_s or None, ending.bytes, age_s)


def as_json(listed: Sequence[Row]) -> list[dict[str, Any]]:
    """One object per run."""
    return [
        {
            "name": row.name,
            "started_at": row.info and row.info.started_at,
            "running": row.running,
            "kind": row.executed.kind if row.executed else "test",
            "units": row.units,
            "outcomes": row.counts,
            "makespan_s": row.makespan_s,
            "commit": row.info and row.info.commit,
            "bytes": row.bytes,
        }
        for row in listed
    ]


def table(listed: Sequence[Row], width: int | None) -> str:
    """One line per run, or several short ones if that is wider than `width` columns; without a run, what to type."""
    if not listed:
        return "no run is kept here; type `make test`"
    cells = [_cells(row) for row in listed]
    lines = _aligned([_HEADER, *cells])
    if width is None or max(map(len, lines)) <= width:
        return "\n".join(lines)
    short = []
    for name, when, _, *facts, outcomes in cells:
        short += [f"{name}  {when}", f"  {outcomes}", "  " + ", ".join(fact for fact in facts if fact != "-")]
    return "\n".join(short)


def _cells(row: Row) -> tuple[str, ...]:
    commit = row.info.commit[:12] if row.info and row.info.commit else "-"
    units = "-" if row.units is None else str(row.units)
    makespan = "-" if row.makespan_s is None else f"{seconds(row.makespan_s)}"
    return (row.name, ago(row.age_s), units, makespan, size_text(row.bytes), commit, row.outcomes)


def _aligned(cells: Sequence[Sequence[str]]) -> list[str]:
    """Lines of columns, two spaces apart; numbers are aligned to the right."""
    widths = [max(len(row[index]) for row in cells) for index in range(len(_HEADER))]
    lines = []
    for cell_row in cells:
        fields = [
            text.rjust(width) if name in ("units", "makespan", "size") else text.ljust(width)
            for name, text, width in zip(_HEADER, cell_row, widths, strict=True)
        ]
        lines.append("  ".join(fields).rstrip())
    return lines


def ago(seconds: float) -> str:
    """`3 h ago`, rounded down; `just now` also if the clock was set back."""
    for name, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length or (length < 86400 and seconds >= length):
            return f"{int(seconds // length)} {name} ago"
    return "just now"


def size_text(number: int) -> str:
    """A number of bytes as text: `1.2 MB`."""
    size = float(number)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


# -- one run ----------------------------------------------------------------------------------------------------------


def head(run: Path, now: float) -> str:
    """One run as text: its goals and settings, its machine, its plan and its outcomes."""
    info = read_run_info(run)
    shown = row(run, now)
    begun = datetime.fromisoformat(info.started_at)
    asked = " ".join(info.goals)
    settings = (
        ("FILTER", info.filter),
        ("SELECT", " ".join(info.select) or None),
        ("SHARD", info.shard),
        ("SEED", info.seed_override),
    )
    asked += "".join(f" {name}={value}" for name, value in settings if value is not None)
    jobs = "-j" if info.jobs is None else f"-j{info.jobs}"
    longest = max(info.planned, key=lambda unit: unit[2], default=None)
    total = sum(unit[2] for unit in info.planned)
    units = count(len(info.planned), "unit")
    planned = [
        ("planned", f"{units}, {seconds(total)} expected in all"),
        ("longest", f"{longest[0]}, {seconds(longest[2])} expected" if longest else "none"),
    ]
    facts = [
        ("run", shown.name),
        ("suite", info.suite),
        ("started", f"{begun:%Y-%m-%d %H:%M:%S} UTC, {ago(shown.age_s)}"),
        ("asked", asked),
        ("commit", info.commit or f"none is known ({info.commit_source})"),
        ("machine", f"{info.host}, {info.machine}"),
        ("jobs", f"{jobs} on {count(info.cores, 'core')}"),
        *(planned if shown.executed is None else [("executed", f"{shown.units} times")]),
        ("plan", info.plan_hash[:12]),
        ("outcomes", shown.outcomes),
        ("makespan", "none yet" if shown.makespan_s is None else f"{seconds(shown.makespan_s)}"),
        ("kept in", f"{run} ({size_text(shown.bytes)})"),
    ]
    return "\n".join(f"{f'{name}:':10} {harmless(text, colour=False)}" for name, text in facts)


# -- removing ---------------------------------------------------------------------------------------------------------


def remove(state: Path, names: Sequence[str], older: str | None, now: float) -> str:
    """Remove the runs called `names`; without names, those older than `older`, such as `7d`; without both, all.

    Returns what was done, one line per run and one for all. Raises `UseError` for an unknown name or an invalid age.
    """
    if names:
        return remove_all(named(state, names))
    return remove_all(older_than(state, -math.inf if older is None else retention.parse_age(older), now))


def named(state: Path, names: Sequence[str]) -> list[Path]:
    """The runs called `names`. Raises `UseError` if one of them cannot be removed; then none is."""
    runs: list[Path] = []
    problems: list[Problem] = []
    for name in names:
        try:
            run = find_run(state, name)
        except UseError as error:
            problems += error.problems
            continue
        if run.absolute().parent.resolve() != (state / "runs").resolve():
            problems.append(Problem(name, None, None, f"is not kept in {state / 'runs'}", "remove the folder yourself"))
        elif retention.is_running(run):
            problems.append(Problem(name, None, None, "this run is under way", "end it first"))
        elif run.name not in [other.name for other in runs]:
            runs.append(run)
    if problems:
        raise UseError(*problems)
    return runs


def older_than(state: Path, age_s: float, now: float) -> list[Path]:
    """Runs older than `age_s` seconds, the oldest first, except runs under way."""
    runs = [run for run in all_run_dirs(state) if not retention.is_running(run)]
    return [run for run in runs if now - retention.kept_run(run).started > age_s]


def remove_all(runs: Sequence[Path]) -> str:
    """Remove runs; return what was done, one line per run and one for all.

    Raises `UseError` if one cannot be removed.
    """
    lines = []
    number = size = 0
    for run in runs:
        run_bytes = retention.ending_of(run).bytes
        try:
            if not retention.remove(run):
                continue  # another process has removed it, or it is under way after all
        except OSError as error:
            what = f"cannot be removed: {error.strerror}"
            raise UseError.at(str(run), what, "make its folder writable") from None
        lines.append(f"removed {run.name}")
        number, size = number + 1, size + run_bytes
    lines.append(f"{count(number, 'run')} removed, {size_text(size)}" if number else "there is no run to remove")
    return "\n".join(lines)
